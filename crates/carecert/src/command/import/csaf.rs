//! `carecert import csaf FILE|FOLDER…`: advisories, each checked by what lies beside it.
//!
//! A file that is named has to be an advisory. A folder is a provider's as a rule, and holds its feeds
//! and lists too: those are passed over.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use anyhow::Context;
use broadcast::{
    source::{Beside, Demand, Keys, Source},
    threat::intake::{self, csaf},
};
use formats::Refusal;
use indicatif::{ProgressBar, ProgressStyle};
use platform::{
    Actor, App,
    import::{ImportRemark, Report},
};

/// The largest file of a checksum or a signature that is read, in bytes: more is none.
const LARGEST_BESIDE: u64 = 128 * 1024;

/// Takes in every file, and every advisory of every folder.
pub(super) async fn take_in(app: &App, paths: &[PathBuf], keys: Option<&Path>) -> anyhow::Result<Report> {
    let keys = keys.map(read_keys).transpose()?.unwrap_or_default();
    let mut all = Vec::new();
    for path in paths {
        let found = if path.is_dir() { walk(path) } else { Ok(vec![path.clone()]) };
        all.push((path, found.with_context(|| path.display().to_string())?));
    }
    let bar = bar(all.iter().map(|(_, found)| found.len() as u64).sum());
    let mut sum = Report::of(Source::Csaf.code());
    for (path, found) in all {
        let mut passed_over = 0;
        for file in &found {
            let (name, folder) = (file.display().to_string(), path.is_dir());
            let bytes = read(file, intake::LARGEST + 1).with_context(|| name.clone())?;
            if folder && !csaf::may_be_advisory(&bytes) {
                passed_over += 1;
            } else {
                let beside = beside(file).with_context(|| name.clone())?;
                let report = csaf::take_in(app, &Actor::Job("import"), &name, bytes, beside, &keys).await;
                sum.add(report.with_context(|| name.clone())?);
            }
            bar.inc(1);
        }
        let folder = path.display().to_string();
        if passed_over == found.len() {
            sum.refuse(&folder, Refusal::at(1, "There is no advisory in this folder."));
        } else if passed_over > 0 {
            let reason = format!("JSON files that are no advisories, and were passed over: {passed_over}.");
            sum.remark(ImportRemark { file: folder, line: None, path: None, reason });
        }
    }
    bar.finish_and_clear();
    Ok(sum)
}

/// The JSON files of a folder and of those within it, in the order of their names.
fn walk(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.path();
        // A link to a folder could lead in a circle.
        if entry.file_type()?.is_dir() {
            files.extend(walk(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "json") && path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The checksums and the signature that lie beside a file.
fn beside(file: &Path) -> io::Result<Beside> {
    let ending = |ending: &str| {
        let mut name = OsString::from(file);
        name.push(ending);
        match read(Path::new(&name), LARGEST_BESIDE) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    };
    let checksums = [ending(".sha512")?, ending(".sha256")?].into_iter().flatten().collect();
    Ok(Beside { checksums, signature: ending(".asc")? })
}

fn read_keys(path: &Path) -> anyhow::Result<Keys> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).with_context(|| name.clone())?;
    let keys = Keys::parse(&bytes).map_err(anyhow::Error::msg).context(name)?;
    Ok(keys.demanding(Demand::AsGiven))
}

/// A bar of files on standard error; silent where nobody watches.
fn bar(files: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} files {eta} left");
    ProgressBar::new(files).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

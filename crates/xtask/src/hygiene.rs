//! What no tracked file may be or say: too large, too long, or bound to one machine.
//!
//! Data that others wrote lies in `data/` and `vendor/` and may be as large as it is.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::report::{Outcome, Tests};

/// What a tracked file may weigh: a clone stays quick, and a dump is never added by mistake.
const MOST_BYTES: u64 = 1024 * 1024;

/// What a Rust file may hold; most stay far below.
const MOST_LINES: usize = 600;

/// Texts that tie a file to one machine or to one mirror of the package registries. Each is written
/// in two halves, so that this file does not hold them.
const TELL_TALES: [(&str, &str); 6] = [
    ("/home", "/"),
    ("/work", "/"),
    ("static.crates", ".io"),
    ("index.crates", ".io"),
    ("registry.npmjs", ".org"),
    ("files.pythonhosted", ".org"),
];

/// Looks at every tracked file and prints what is wrong with it.
pub fn check(root: &Path) -> anyhow::Result<Outcome> {
    let mut green = true;
    for path in tracked(root)? {
        for fault in faults(root, &path)? {
            println!("{}: {fault}", path.display());
            green = false;
        }
    }
    Ok(Outcome { green, tests: Tests::default() })
}

fn tracked(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z"])
        .output()
        .context("Cannot run git, which knows the tracked files.")?;
    anyhow::ensure!(output.status.success(), "git does not know this folder.");
    let list = String::from_utf8(output.stdout).context("A file's name is not UTF-8.")?;
    Ok(list.split_terminator('\0').map(PathBuf::from).collect())
}

fn faults(root: &Path, path: &Path) -> anyhow::Result<Vec<String>> {
    let file = root.join(path);
    // Tracked but not there: deleted and not yet committed, or a link that leads nowhere.
    if !file.is_file() || path.starts_with("data") || path.starts_with("vendor") {
        return Ok(Vec::new());
    }
    let bytes = std::fs::read(&file).with_context(|| format!("Cannot read {}.", path.display()))?;
    let mut faults = Vec::new();
    if bytes.len() as u64 > MOST_BYTES {
        faults.push(format!("{} bytes; {MOST_BYTES} is the most outside data/", bytes.len()));
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Ok(faults);
    };
    let lines = text.lines().count();
    if path.extension().is_some_and(|extension| extension == "rs") && lines > MOST_LINES {
        faults.push(format!("{lines} lines; {MOST_LINES} is the most for a Rust file"));
    }
    if path != Path::new("Cargo.lock") {
        faults.extend(tell_tales(text));
    }
    Ok(faults)
}

/// The tell-tale texts in `text`. A path counts only at its beginning: `src/work/` is innocent.
fn tell_tales(text: &str) -> impl Iterator<Item = String> + '_ {
    TELL_TALES.iter().map(|(first, second)| format!("{first}{second}")).filter_map(|tale| {
        let at = text.match_indices(&tale).map(|(at, _)| at).find(|&at| {
            let before = text[..at].chars().next_back();
            !tale.starts_with('/') || before.is_none_or(|c| !c.is_alphanumeric() && !"_-./}".contains(c))
        })?;
        let line = text[..at].lines().count().max(1);
        Some(format!("line {line} holds {tale:?}, which is of one machine only"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_machine_is_told_from_a_folder_of_ours() {
        let told = |text: &str| tell_tales(text).count();
        assert_eq!(told(&["see /ho", "me/ann/notes"].concat()), 1);
        assert_eq!(told("crates/platform/src/work/mod.rs"), 0);
        assert_eq!(told(&["https://registry.npm", "js.org/x"].concat()), 1);
    }
}

//! `carecert import KIND FILE…`: takes files in, with a progress bar for people and one JSON object
//! for machines.

mod csaf;

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, ensure};
use broadcast::{source::Source, threat};
use clap::{Args, ValueEnum};
use formats::ods::Format;
use indicatif::{ProgressBar, ProgressStyle};
use platform::{Actor, App, bounce, import::Report, organisation::import};
use react::{playbook, supplier};

use super::{Place, open, settings};

/// What to take in.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What the files hold.
    kind: Kind,
    /// The files; for csaf folders too.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Prints one JSON object instead of sentences.
    #[arg(long)]
    json: bool,
    /// How organisations are laid out, where that should not be found out from the file.
    #[arg(long, value_enum)]
    format: Option<Layout>,
    /// OpenPGP public keys of those whose signatures over advisories count.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// What can be taken in.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// NHS ODS files, or a plain CSV with a header.
    Organisations,
    /// Who answers for whom: a CSV with answering, organisation, from, until, note.
    Answers,
    /// Contacts: a CSV with organisation, role, kind, name, email, telephone.
    Contacts,
    /// CISA's catalogue of known exploited vulnerabilities, JSON.
    Kev,
    /// CVE records, JSON: one, or one a line, gzip or plain.
    Cve,
    /// FIRST's exploit prediction scores, CSV, gzip or plain.
    Epss,
    /// CSAF 2.0 advisories, JSON, with the checksums and signatures beside them.
    Csaf,
    /// STIX bundles, 2.1 or 2.0, JSON, gzip or plain.
    Stix,
    /// A news feed: RSS, Atom or JSON Feed, gzip or plain.
    News,
    /// Mail that came back: one mail a file, or /dev/stdin.
    Bounces,
    /// CACAO 2.0 playbooks, JSON: one a file.
    Playbooks,
    /// What organisations use: a CSV with organisation, supplier, system, clinical, downtime.
    Suppliers,
}

/// The layouts of organisations.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Layout {
    /// The ODS files, without a header.
    Ods,
    /// A CSV with a header.
    Csv,
}

/// Takes the files in; exit code 3 where something was refused.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let advisories = matches!(arguments.kind, Kind::Csaf);
    ensure!(advisories || arguments.keys.is_none(), "--keys is for csaf alone: nothing else is signed.");
    let app = open(settings(&arguments.place)?).await?;
    let sum = if advisories {
        csaf::take_in(&app, &arguments.files, arguments.keys.as_deref()).await?
    } else {
        each(&app, &arguments).await?
    };
    if arguments.json {
        say!("{}", serde_json::to_string(&sum)?);
    } else {
        tell(&sum);
    }
    Ok(if sum.refused > 0 { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

/// Takes in file after file, and sums what became of them.
async fn each(app: &App, arguments: &Arguments) -> anyhow::Result<Report> {
    let mut sum: Option<Report> = None;
    for file in &arguments.files {
        let report = one(app, arguments, file).await.with_context(|| file.display().to_string())?;
        match &mut sum {
            Some(sum) => sum.add(report),
            None => sum = Some(report),
        }
    }
    sum.context("name at least one file")
}

async fn one(app: &App, arguments: &Arguments, path: &Path) -> anyhow::Result<Report> {
    let file = File::open(path)?;
    let bar = bar(file.metadata()?.len());
    let moved = bar.clone();
    let on_progress = move |bytes| moved.set_position(bytes);
    let (actor, name) = (Actor::Job("import"), path.display().to_string());
    let report = match arguments.kind {
        Kind::Organisations => {
            let format = match arguments.format {
                None => Format::Detect,
                Some(Layout::Ods) => Format::Ods,
                Some(Layout::Csv) => Format::Csv,
            };
            import::organisations(app, &actor, file, &name, format, &on_progress).await?
        }
        Kind::Answers => import::answers(app, &actor, file, &name, &on_progress).await?,
        Kind::Contacts => import::contacts(app, &actor, file, &name, &on_progress).await?,
        Kind::Kev => threat::intake::take_in(app, &actor, Source::Kev, file, &name, on_progress).await?,
        Kind::Cve => threat::intake::take_in(app, &actor, Source::Cve, file, &name, on_progress).await?,
        Kind::Epss => threat::intake::take_in(app, &actor, Source::Epss, file, &name, on_progress).await?,
        Kind::Csaf => threat::intake::take_in(app, &actor, Source::Csaf, file, &name, on_progress).await?,
        Kind::Stix => threat::intake::take_in(app, &actor, Source::Stix, file, &name, on_progress).await?,
        Kind::Bounces => bounce::import(app, &actor, file, &name).await?,
        Kind::Playbooks => playbook::import::take_in(app, &actor, file, &name).await?,
        Kind::Suppliers => supplier::import::take_in(app, &actor, file, &name, &on_progress).await?,
        Kind::News => threat::intake::take_in(app, &actor, Source::News, file, &name, on_progress).await?,
    };
    bar.finish_and_clear();
    Ok(report)
}

/// A bar on standard error; silent where nobody watches.
fn bar(bytes: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta} left");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Remarks that are said at the terminal; `--json` has more.
const REMARKS: usize = 50;

/// What is counted of a kind: what became of what was read, and what was refused where that is counted
/// otherwise.
fn units(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "organisations" => ("Organisations", ""),
        "contacts" => ("Contacts", ""),
        "kev" | "news" => ("Entries", ""),
        "cve" => ("Records", ""),
        "epss" => ("Scores", ""),
        // A document of several vulnerabilities is taken in, or refused, as a whole.
        "csaf" => ("Vulnerabilities", "Documents"),
        "stix" => ("Objects", ""),
        "bounces" => ("Mails", ""),
        "playbooks" => ("Playbooks", ""),
        _ => ("Rows", ""),
    }
}

/// The counts of a report in a line, each with what it counts.
fn counted(report: &Report) -> String {
    let Report { new, changed, same, refused, passed_over, .. } = report;
    let (of, of_refused) = units(report.kind);
    let passed_over = if *passed_over > 0 { format!(", {passed_over} passed over") } else { String::new() };
    let and = if of_refused.is_empty() { ", ".to_owned() } else { format!(". {of_refused}: ") };
    let remarked = match report.remarked {
        0 => String::new(),
        1 => ". 1 remark".to_owned(),
        many => format!(". {many} remarks"),
    };
    format!(
        "{of}: {new} new, {changed} changed, {same} the same{passed_over}{and}{refused} refused{remarked}"
    )
}

fn tell(report: &Report) {
    say!("{}", counted(report));
    for refusal in &report.refusals {
        // Of a table it is a column, of a document the place in it, as in a remark.
        let place = refusal.column.as_ref().map(|place| format!(", {place}")).unwrap_or_default();
        say!("{}, line {}{place}: {}", refusal.file, refusal.line, refusal.reason);
    }
    if report.refused > report.refusals.len() as u64 {
        say!("and {} more", report.refused - report.refusals.len() as u64);
    }
    let remarks = &report.remarks[..report.remarks.len().min(REMARKS)];
    for remark in remarks {
        let line = remark.line.map(|line| format!(", line {line}")).unwrap_or_default();
        let path = remark.path.as_ref().map(|path| format!(", {path}")).unwrap_or_default();
        say!("Remark: {}{line}{path}: {}", remark.file, remark.reason);
    }
    if report.remarked > remarks.len() as u64 {
        say!("and {} more remarks", report.remarked - remarks.len() as u64);
    }
}

#[cfg(test)]
mod tests {
    use formats::Refusal;
    use platform::import::Taken;

    use super::*;

    #[test]
    fn what_is_counted_is_named() {
        let mut records = Report::of("cve");
        records.count(Taken::New);
        records.count(Taken::PassedOver);
        assert_eq!(counted(&records), "Records: 1 new, 0 changed, 0 the same, 1 passed over, 0 refused");
        let mut advisories = Report::of("csaf");
        advisories.count(Taken::New);
        advisories.count(Taken::New);
        advisories.refuse_whole("a.json", [Refusal::at(1, "Bad."), Refusal::at(2, "Worse.")]);
        let told = "Vulnerabilities: 2 new, 0 changed, 0 the same. Documents: 1 refused";
        assert_eq!(counted(&advisories), told);
    }
}

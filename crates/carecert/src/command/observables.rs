//! `carecert observables FILE…`: what stands in texts that a machine can look for elsewhere. Files are read in
//! pieces, so that a log of any size passes in little memory; NHS numbers are found and never printed.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::Args;
use formats::{
    Indicator, Observable, ObservableKind,
    observable::{Nesting, read},
};
use serde::Serialize;

/// What to look through.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The files: text, mail, logs, in whatever encoding; `-` is standard input.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Prints one JSON object a line instead of a table, with values as machines compare them: live.
    #[arg(long)]
    json: bool,
    /// Tells of a link the link alone, of a mail address the address, and nothing that stands within them.
    #[arg(long)]
    outermost: bool,
}

/// A line of JSON; of several files it tells which.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(flatten)]
    observable: &'a Observable,
}

/// What was met that somebody must be told of.
#[derive(Default)]
struct Met {
    /// NHS numbers.
    numbers: u64,
    /// Files that could not be read.
    refused: u64,
}

/// Runs it; exit code 3 where some of several files could not be read, 1 where none could.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut met = Met::default();
    for path in &arguments.files {
        match one(arguments, path, &mut out, &mut met) {
            Ok(()) => {}
            Err(error) if is_closed(&error) => return Ok(ExitCode::SUCCESS),
            Err(error) if arguments.files.len() == 1 => return Err(error),
            Err(error) => {
                eprintln!("{error:#}");
                met.refused += 1;
            }
        }
    }
    out.flush()
        .or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })?;
    if met.numbers > 0 {
        eprintln!(
            "{} NHS numbers were found. They are not shown; take care where the text itself goes.",
            met.numbers
        );
    }
    Ok(match met.refused {
        0 => ExitCode::SUCCESS,
        all if all == arguments.files.len() as u64 => ExitCode::FAILURE,
        _ => ExitCode::from(3),
    })
}

fn one(arguments: &Arguments, path: &Path, out: &mut impl Write, met: &mut Met) -> anyhow::Result<()> {
    let name = path.display().to_string();
    let reader: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path).with_context(|| format!("{name} cannot be read"))?)
    };
    let nesting = if arguments.outermost { Nesting::Outermost } else { Nesting::Every };
    let several = arguments.files.len() > 1;
    if !arguments.json && several {
        writeln!(out, "{name}")?;
    }
    for observable in read(reader, nesting) {
        let observable = observable.with_context(|| format!("{name} cannot be read"))?;
        met.numbers += u64::from(observable.kind == ObservableKind::NhsNumber);
        if arguments.json {
            let file = several.then_some(name.as_str());
            serde_json::to_writer(&mut *out, &Line { file, observable: &observable })?;
            writeln!(out)?;
        } else {
            writeln!(out, "{}", row(&observable))?;
        }
    }
    Ok(())
}

/// A row for a person: where, what, and the value so that nobody clicks on it by mistake.
fn row(found: &Observable) -> String {
    let shown = match found.kind {
        ObservableKind::Ipv4
        | ObservableKind::Ipv6
        | ObservableKind::Domain
        | ObservableKind::Url
        | ObservableKind::Email
        | ObservableKind::Onion => {
            found.value.parse::<Indicator>().map_or_else(|_| found.original.clone(), |value| value.defanged())
        }
        _ => found.value.clone(),
    };
    // A path in quotes may hold what moves the cursor.
    let shown: String = shown.chars().map(|sign| if sign.is_control() { '\u{fffd}' } else { sign }).collect();
    let warning = found.warning.map(|list| format!("  ({list})")).unwrap_or_default();
    format!("{:>10}  {:<15}  {shown}{warning}", found.start, found.kind.label())
}

/// Whether whoever reads what we print has read enough.
fn is_closed(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<io::Error>().map(io::Error::kind);
    let json = error.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
    io.or(json) == Some(io::ErrorKind::BrokenPipe)
}

//! The steps of `cargo xtask test`, in the order in which a mistake is cheapest to find.
//!
//! A failed step does not stop the later ones, so that one run shows all that is wrong.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context as _;
use clap::ValueEnum;

use crate::report::{Outcome, Report, Tests};
use crate::{api, hygiene, install, postgres};

/// Tells the tests which Python has TheHive's client.
const THEHIVE4PY: &str = "CARECERT_TEST_THEHIVE4PY";

/// Journeys that look at pages alone, which takes them minutes.
const OF_PAGES: [&str; 3] =
    ["browser_every_page", "browser_an_offline_report_is_sealed", "browser_pictures_of_the_demonstration"];

/// One thing that must be green.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// The code is formatted.
    Fmt,
    /// No large, long or tell-tale files.
    Hygiene,
    /// No lint of clippy.
    Clippy,
    /// The documentation builds without a warning.
    Doc,
    /// Licences, banned crates and sources of the dependencies.
    Deny,
    /// Every test with the embedded engine, those in the browser too.
    Sqlite,
    /// The tests that touch a database, on a throw-away PostgreSQL.
    Postgres,
    /// The API against its own description, by schemathesis.
    Api,
    /// The examples in the documentation.
    Doctest,
}

impl Step {
    /// What the step is called on the command line and in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Hygiene => "hygiene",
            Self::Clippy => "clippy",
            Self::Doc => "doc",
            Self::Deny => "deny",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Api => "api",
            Self::Doctest => "doctest",
        }
    }

    fn run(self, root: &Path) -> anyhow::Result<Outcome> {
        match self {
            Self::Fmt => check(cargo(root).args(["fmt", "--check"])),
            Self::Hygiene => hygiene::check(root),
            Self::Clippy => {
                let lints = ["--workspace", "--all-targets", "--", "-D", "warnings"];
                check(cargo(root).arg("clippy").args(lints))
            }
            Self::Doc => {
                check(cargo(root).env("RUSTDOCFLAGS", "-Dwarnings").args(["doc", "--workspace", "--no-deps"]))
            }
            Self::Deny => check(Command::new(install::cargo_deny(root)?).current_dir(root).args([
                "check",
                "--hide-inclusion-graph",
                "bans",
                "licenses",
                "sources",
            ])),
            Self::Sqlite => test(
                cargo(root)
                    .env("CARECERT_TEST_ENGINE", "sqlite")
                    .env(THEHIVE4PY, install::thehive4py(root)?)
                    .args(["test", "--workspace", "--no-fail-fast"])
                    .args(["--lib", "--bins", "--tests"]),
            ),
            Self::Postgres => on_postgres(root),
            Self::Api => api(root),
            Self::Doctest => test(cargo(root).args(["test", "--workspace", "--no-fail-fast", "--doc"])),
        }
    }
}

/// Runs the chosen steps, or all when none is chosen, and ends with a table and one line of figures.
pub fn run(root: &Path, only: &[Step]) -> anyhow::Result<ExitCode> {
    let chosen: Vec<Step> = Step::value_variants()
        .iter()
        .copied()
        .filter(|step| only.is_empty() || only.contains(step))
        .collect();
    let names: Vec<&str> = chosen.iter().map(|step| step.name()).collect();
    println!("Steps: {}.", names.join(", "));
    install::what_is_missing(&chosen)?;

    let mut report = Report::begin();
    for step in chosen {
        report.step(step.name(), || step.run(root));
    }
    Ok(report.end())
}

/// The tests that touch a database, once more, on a server that lives as long as this step.
///
/// In the browser too, what people do there; but not what looks at pages alone, which the engine cannot change.
fn on_postgres(root: &Path) -> anyhow::Result<Outcome> {
    let server = postgres::Server::start()?;
    let mut command = cargo(root);
    command.env(THEHIVE4PY, install::thehive4py(root)?);
    command.env("CARECERT_TEST_ENGINE", "postgres").env("CARECERT_TEST_POSTGRES", server.url()).args([
        "test",
        // Those of crates without a database too: chosen without them the others were built anew, which takes longer.
        "--workspace",
        "--no-fail-fast",
        "--lib",
        "--bins",
        "--tests",
        "--",
    ]);
    command.args(OF_PAGES.iter().flat_map(|journey| ["--skip", journey]));
    test(&mut command)
}

/// Builds the program and lets schemathesis loose on it.
fn api(root: &Path) -> anyhow::Result<Outcome> {
    let schemathesis = install::schemathesis(root)?;
    // As the tests are built, so that nothing is built twice; the program is among it.
    let tests = ["test", "--workspace", "--no-run", "--lib", "--bins", "--tests"];
    let built = check(cargo(root).args(tests))?;
    if !built.green {
        return Ok(built);
    }
    let server = api::Server::start(root)?;
    let asking = api::Asker::ALL.map(|asker| server.ask(&schemathesis, asker));
    let mut green = true;
    for (asker, asking) in api::Asker::ALL.into_iter().zip(asking) {
        let found = asking?.wait().context("Cannot wait for schemathesis.")?;
        let said =
            fs::read_to_string(server.said_to(asker)).context("Cannot read what schemathesis said.")?;
        println!("With a key of the {}:\n{said}", asker.name());
        green &= found.success();
    }
    if !green {
        println!("What the server said stands in {}.", server.log().display());
    }
    Ok(Outcome { green, tests: Tests::default() })
}

/// The cargo that runs us, so that a chosen toolchain stays chosen.
fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root).stdin(Stdio::null());
    command
}

fn check(command: &mut Command) -> anyhow::Result<Outcome> {
    let status = command.status().with_context(|| format!("Cannot run {command:?}."))?;
    Ok(Outcome { green: status.success(), tests: Tests::default() })
}

/// Runs a `cargo test`, shows what it says and adds up its `test result:` lines.
fn test(command: &mut Command) -> anyhow::Result<Outcome> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("Cannot run {command:?}."))?;
    let mut tests = Tests::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line.context("Cannot read what cargo says.")?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            tests.add_line(&line);
        }
    }
    let status = child.wait().context("Cannot wait for cargo.")?;
    Ok(Outcome { green: status.success() && tests.failed == 0, tests })
}

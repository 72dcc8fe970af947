//! The project's habits, one command each: `cargo xtask test` runs everything that must be green.
//!
//! It exists so that a developer and the build machine do the same thing. It must never change a
//! file that git tracks, and it leaves nothing running behind it.

#![expect(clippy::print_stdout, reason = "a command line tool speaks on its standard output")]

mod api;
mod bench;
mod fuzz;
mod hygiene;
mod install;
mod pictures;
mod postgres;
mod report;
mod steps;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;

/// The project's habits, one command each.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Habit {
    /// Checks the code and runs every test on SQLite and on PostgreSQL; installs what is missing.
    Test {
        /// Runs this step alone; may be given several times.
        #[arg(long, value_enum)]
        only: Vec<steps::Step>,
    },
    /// Measures what a nation costs, on both engines, in release.
    Bench {
        /// The parts; all where none is named.
        parts: Vec<String>,
    },
    /// Feeds every reader of outside bytes with damaged documents; needs the nightly toolchain.
    Fuzz {
        /// How long in all, in seconds: shared among the targets.
        #[arg(long, default_value_t = 3600)]
        seconds: u64,
        /// The targets; all where none is named.
        targets: Vec<String>,
    },
    /// Writes the pictures of the README anew, from a demonstration in a real browser.
    Pictures,
}

fn main() -> anyhow::Result<ExitCode> {
    match Habit::parse() {
        Habit::Test { only } => steps::run(&workspace()?, &only),
        Habit::Bench { parts } => bench::run(&workspace()?, &parts).map(|()| ExitCode::SUCCESS),
        Habit::Fuzz { seconds, targets } => {
            fuzz::run(&workspace()?, seconds, &targets).map(|()| ExitCode::SUCCESS)
        }
        Habit::Pictures => pictures::write(&workspace()?).map(|()| ExitCode::SUCCESS),
    }
}

/// The folder of the workspace: two above this crate's, which cargo names when it runs us.
fn workspace() -> anyhow::Result<PathBuf> {
    let own =
        std::env::var_os("CARGO_MANIFEST_DIR").context("Run this through cargo: `cargo xtask test`.")?;
    PathBuf::from(own)
        .ancestors()
        .nth(2)
        .map(PathBuf::from)
        .context("The folder of this crate has no workspace above it.")
}

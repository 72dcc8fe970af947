//! `carecert audit verify`: proves the log, or names what is wrong with it.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use data_encoding::HEXLOWER_PERMISSIVE;
use platform::{env::Env, log};

use super::{Place, existing, settings};

/// What to do with the log.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Recomputes the log's tree and compares it with every seal.
    Verify {
        #[command(flatten)]
        place: Place,
        /// A head that was kept elsewhere, such as the one mailed to the auditors.
        #[arg(long, value_name = "HEX")]
        head: Option<String>,
    },
}

/// Runs it; exit code 1 where something is wrong.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Verb::Verify { place, head } = arguments.verb;
    let head = head.map(|head| parse_head(&head)).transpose()?;
    let db = existing(&settings(&place)?).await?;
    let report = log::verify(&mut db.read_long().await?, Env::machine().now(), head).await?;
    say!("Sealed entries: {}", report.size);
    say!("Head: {}", HEXLOWER_PERMISSIVE.encode(&report.head));
    if report.unsealed > 0 {
        say!(
            "{} entries have waited for the sealer for more than a minute. Is `serve` or `work` running?",
            report.unsealed
        );
    }
    match report.finding {
        None if report.size == 0 => {
            say!("The log holds no entries that are sealed.");
            Ok(ExitCode::SUCCESS)
        }
        None => {
            say!("The log is whole.");
            Ok(ExitCode::SUCCESS)
        }
        Some(finding) => {
            say!("The log is NOT as it was sealed. {finding}");
            Ok(ExitCode::FAILURE)
        }
    }
}

fn parse_head(text: &str) -> anyhow::Result<log::Hash> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
    bytes.and_then(|bytes| bytes.try_into().ok()).context("--head takes the 64 hexadecimal digits of a head")
}

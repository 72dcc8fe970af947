//! `carecert audit verify`: proves the log, or names what is wrong with it; of a case, that each of its entries is in
//! the log. `carecert audit verify-proof` does so for a file, without a log at hand.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use data_encoding::HEXLOWER_PERMISSIVE;
use db::Snapshot;
use platform::{
    env::Env,
    log::{self, Hash},
};
use react::{
    evidence::log_proof::LogProof,
    incident::{self, Receipt},
};
use uuid::Uuid;

use super::{Place, existing, settings};

/// The largest file with a proof: ten thousand entries with their hashes.
const LARGEST: u64 = 64 * 1024 * 1024;

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
        /// The number of an incident: each entry about it is proven to be in the log.
        #[arg(long, value_name = "I-XXXX-XXXX")]
        case: Option<String>,
    },
    /// Checks a file with proofs that this service, or another one, gave out; needs no database.
    VerifyProof {
        /// The file.
        file: PathBuf,
        /// A head that was kept elsewhere, such as the one of a situation report.
        #[arg(long, value_name = "HEX")]
        head: Option<String>,
    },
}

/// Runs it; exit code 1 where something is wrong.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let (place, head, case) = match arguments.verb {
        Verb::Verify { place, head, case } => (place, head, case),
        Verb::VerifyProof { file, head } => return verify_proof(&file, head.as_deref()),
    };
    let head = head.map(|head| parse_head(&head)).transpose()?;
    let db = existing(&settings(&place)?).await?;
    let mut snapshot = db.read_long().await?;
    let report = log::verify(&mut snapshot, Env::machine().now(), head).await?;
    say!("Sealed entries: {}", report.size);
    say!("Head: {}", HEXLOWER_PERMISSIVE.encode(&report.head));
    if report.unsealed > 0 {
        say!(
            "{} entries have waited for the sealer for more than a minute. Is `serve` or `work` running?",
            report.unsealed
        );
    }
    match report.finding {
        None if report.size == 0 => say!("The log holds no entries that are sealed."),
        None => say!("The log is whole."),
        Some(finding) => {
            say!("The log is NOT as it was sealed. {finding}");
            return Ok(ExitCode::FAILURE);
        }
    }
    if let Some((size, at)) = report.kept {
        say!(
            "The head that you gave was that of the first {size} entries, which stand as they were; they were sealed at {at}."
        );
    }
    match case {
        Some(case) => verify_case(&mut snapshot, &case).await,
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Prints each entry about a case, and proves that it is in the log.
async fn verify_case(snapshot: &mut Snapshot, case: &str) -> anyhow::Result<ExitCode> {
    let receipt: Receipt =
        case.parse().ok().context("--case takes the number of an incident, like I-7K3Q-X2MB")?;
    let found = incident::store::called(snapshot, &receipt).await?;
    let id = found.with_context(|| format!("There is no incident {receipt}"))?;
    let head = log::head(snapshot).await?;
    let (mut proven, mut after) = (0_u64, Uuid::nil());
    loop {
        let entries = log::prove(snapshot, &head, id.0, after).await?;
        let Some(last) = entries.last() else { break };
        after = last.fields.id.parse().context("an entry has no id")?;
        for entry in &entries {
            let is_in = log::includes(&entry.fields.leaf(), entry.number, &entry.path, head.size, &head.root);
            if !is_in {
                say!("Entry {} is NOT proven to be in the log.", entry.number);
                return Ok(ExitCode::FAILURE);
            }
            let at: i64 = entry.fields.at.parse().context("an entry has no time")?;
            let at = jiff::Timestamp::from_microsecond(at).context("an entry has no time")?;
            say!("{}\t{at}\t{}\t{}", entry.number, entry.fields.verb, entry.fields.id);
        }
        proven += entries.len() as u64;
    }
    say!("{receipt}: {proven} entries, each proven to be in the log under this head.");
    Ok(ExitCode::SUCCESS)
}

/// Checks a file by itself, and against a head that was kept.
fn verify_proof(file: &Path, head: Option<&str>) -> anyhow::Result<ExitCode> {
    let head = head.map(parse_head).transpose()?;
    let called = file.display();
    let size = fs::metadata(file).with_context(|| format!("{called} cannot be read"))?.len();
    ensure!(size <= LARGEST, "{called} is larger than a proof is");
    let text = fs::read(file).with_context(|| format!("{called} cannot be read"))?;
    let proof: LogProof = serde_json::from_slice(&text).with_context(|| format!("{called} is no proof"))?;
    if let Err(wrong) = proof.check() {
        say!("NOT proven. {wrong}");
        return Ok(ExitCode::FAILURE);
    }
    say!(
        "{}: {} entries, each proven to be in a log of {} entries.",
        proof.incident,
        proof.entries.len(),
        proof.size
    );
    say!("Head: {}", proof.head);
    match head {
        None => say!("Compare this head with one that you hold from elsewhere, or give that with --head."),
        Some(head) if proof.agrees_with(&head) => say!("The head that you gave is of the same log."),
        Some(_) => {
            say!(
                "The head that you gave is NOT in this file. Download the proof again, and give that head there."
            );
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn parse_head(text: &str) -> anyhow::Result<Hash> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
    bytes.and_then(|bytes| bytes.try_into().ok()).context("--head takes the 64 hexadecimal digits of a head")
}

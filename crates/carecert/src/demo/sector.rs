//! The demonstration's sector: real trusts and practices, one made-up ICB, made-up mailboxes.

use std::fmt::Write;

use anyhow::ensure;
use broadcast::{source::Source, threat};
use db::{params, sql};
use formats::ods::Format;
use platform::{Actor, App, import::Report, organisation::import};

/// NHS ODS, 2021; see `data/broadcast/ods/README.md`.
const TRUSTS: &[u8] = include_bytes!("../../../../data/broadcast/ods/etr.csv");
/// NHS ODS, 2023.
const PRACTICES: &[u8] = include_bytes!("../../../../data/broadcast/ods/epraccur.csv");
/// CISA, August 2025; see `data/broadcast/kev/README.md`.
const KEV: &[u8] = include_bytes!("../../../../data/broadcast/kev/known_exploited_vulnerabilities.json");
/// CVE records with CISA's assessments; see `data/broadcast/vulnrichment/README.md`.
const RECORDS: &[u8] = include_bytes!("../../../../data/broadcast/vulnrichment/sample.jsonl");
/// FIRST's predictions for what CISA lists; see `data/broadcast/epss/README.md`.
const EPSS: &[u8] = include_bytes!("../../../../data/broadcast/epss/epss_kev_nvd.csv");

/// The made-up integrated care board.
pub const ICB: &str = "QDEMO";
/// The practices that it answers for: those of this commissioner, Derby and Derbyshire, 115 of them.
const COMMISSIONER: &str = "15M";
/// Where they lie: the Midlands.
const REGION: &str = "Y60";

const JOB: Actor = Actor::Job("demo");

/// Takes in the files and makes up what they lack.
pub async fn make(app: &App) -> anyhow::Result<()> {
    let no_bar = |_| {};
    for (file, name) in [(TRUSTS, "etr.csv"), (PRACTICES, "epraccur.csv")] {
        whole(&import::organisations(app, &JOB, file, name, Format::Detect, &no_bar).await?)?;
    }
    let icb = format!(
        "code,name,type,region,address,telephone\n\
         {ICB},Demonstration Integrated Care Board (made up),icb,{REGION},\"1 Example Street, Derby\",01632 960 115\n"
    );
    whole(&import::organisations(app, &JOB, text(icb), "icb.csv", Format::Detect, &no_bar).await?)?;
    whole(&import::answers(app, &JOB, text(answers(app).await?), "answers.csv", &no_bar).await?)?;
    whole(&import::contacts(app, &JOB, text(contacts(app).await?), "contacts.csv", &no_bar).await?)?;
    for (source, file, name) in [
        (Source::Kev, KEV, "known_exploited_vulnerabilities.json"),
        (Source::Cve, RECORDS, "sample.jsonl"),
        (Source::Epss, EPSS, "epss_kev_nvd.csv"),
    ] {
        whole(&threat::intake::take_in(app, &JOB, source, file, name, no_bar).await?)?;
    }
    Ok(())
}

fn text(text: String) -> std::io::Cursor<String> {
    std::io::Cursor::new(text)
}

fn whole(report: &Report) -> anyhow::Result<()> {
    ensure!(
        report.refused == 0,
        "{} rows of {} were refused: {:?}",
        report.refused,
        report.kind,
        report.refusals.first()
    );
    Ok(())
}

/// Who answers for whom.
async fn answers(app: &App) -> anyhow::Result<String> {
    let statement = sql!(
        "SELECT code FROM organisation WHERE parent_code = ?1 AND status = 'open' AND kind = 'gp_practice' ORDER BY code"
    );
    let practices: Vec<(String,)> = app.db.read_long().await?.all(statement, params![COMMISSIONER]).await?;
    let mut rows = "answering,organisation,from,until,note\n".to_owned();
    for (practice,) in practices {
        writeln!(rows, "{ICB},{practice},2026-01-01,,Made up for the demonstration")?;
    }
    Ok(rows)
}

/// A mailbox for each trust and practice but every 40th, where nobody can be reached; for each
/// trust also a deputy and an executive.
async fn contacts(app: &App) -> anyhow::Result<String> {
    let statement = sql!(
        "SELECT code, kind FROM organisation
         WHERE status = 'open' AND kind IN ('trust', 'gp_practice', 'icb') ORDER BY kind, code"
    );
    let organisations: Vec<(String, String)> = app.db.read_long().await?.all(statement, params![]).await?;
    let mut rows = "organisation,role,kind,name,email,telephone,verified\n".to_owned();
    for (place, (code, kind)) in organisations.iter().enumerate() {
        if place % 40 == 39 {
            continue;
        }
        let host = format!("{}.example", code.to_lowercase());
        let telephone = format!("01632 960{:03}", place % 1000);
        let mut row = |role, of, name, local| {
            writeln!(rows, "{code},{role},{of},{name},{local}@{host},{telephone},2026-01-05")
        };
        if kind == "gp_practice" {
            row("shared_mailbox", "shared_mailbox", "Practice mailbox", "practice")?;
        } else {
            row("security_lead", "person", "Security lead", "security")?;
            row("shared_mailbox", "shared_mailbox", "IT service desk", "it")?;
            row("deputy", "person", "Deputy security lead", "deputy")?;
            row("executive", "person", "SIRO", "siro")?;
            // Of Ofcom's numbers for drama, which nobody has.
            writeln!(rows, "{code},on_call,on_call_mobile,IT on call,,07700 900{:03},", place % 1000)?;
        }
    }
    Ok(rows)
}

//! The demonstration's sector: real trusts and practices, made-up bodies above them, made-up mailboxes.

use std::fmt::Write;

use anyhow::{Context, ensure};
use broadcast::{source::Source, threat};
use db::{params, sql};
use formats::ods::Format;
use platform::{
    Actor, App,
    import::Report,
    organisation::{OrganisationId, import},
};

use super::story::CVE;

/// NHS ODS, 2021; see `data/broadcast/ods/README.md`.
const TRUSTS: &[u8] = include_bytes!("../../../../data/broadcast/ods/etr.csv");
/// NHS ODS, 2023.
const PRACTICES: &[u8] = include_bytes!("../../../../data/broadcast/ods/epraccur.csv");
/// CISA, August 2025; see `data/broadcast/kev/README.md`.
pub(super) const KEV: &[u8] =
    include_bytes!("../../../../data/broadcast/kev/known_exploited_vulnerabilities.json");
/// CVE records with CISA's assessments; see `data/broadcast/vulnrichment/README.md`.
const RECORDS: &[u8] = include_bytes!("../../../../data/broadcast/vulnrichment/sample.jsonl");
/// FIRST's predictions for what CISA lists; see `data/broadcast/epss/README.md`.
const EPSS: &[u8] = include_bytes!("../../../../data/broadcast/epss/epss_kev_nvd.csv");

/// The made-up integrated care board.
pub const ICB: &str = "QDEMO";
/// The practices that it answers for: the first of this commissioner's, Devon, which has 127.
const COMMISSIONER: &str = "15N";
/// How many.
const PRACTICES_OF_ICB: usize = 120;
/// One of them, whose manager a visitor can be: the board's answer of the story is for it too.
pub const PRACTICE: &str = "L83004";
/// Where they lie: the South West.
const REGION: &str = "Y58";

/// Trusts of whom nobody can be reached by mail.
pub const UNREACHABLE: [&str; 6] = ["RA3", "RD1", "RVN", "RFF", "RLN", "RX3"];
/// The trust that has one person for all its computers, and one mailbox.
pub const LONE: &str = "R1J";

const JOB: Actor = Actor::Job("demo");

/// Takes in the files and makes up what they lack.
pub async fn make(app: &App) -> anyhow::Result<()> {
    let no_bar = |_| {};
    for (file, name) in [(TRUSTS, "etr.csv"), (PRACTICES, "epraccur.csv")] {
        whole(&import::organisations(app, &JOB, file, name, Format::Detect, &no_bar).await?)?;
    }
    let bodies = format!(
        "code,name,type,region,address,telephone\n\
         {ICB},Demonstration Integrated Care Board (made up),icb,{REGION},\"1 Example Street, Exeter\",01632 960 115\n\
         QR1,Demonstration South West Region (made up),region,{REGION},\"2 Example Street, Taunton\",01632 960 116\n\
         QR2,Demonstration North East and Yorkshire Region (made up),region,Y63,\"3 Example Street, Leeds\",01632 960 117\n"
    );
    whole(&import::organisations(app, &JOB, text(bodies), "bodies.csv", Format::Detect, &no_bar).await?)?;
    whole(&import::answers(app, &JOB, text(answers(app).await?), "answers.csv", &no_bar).await?)?;
    whole(&import::contacts(app, &JOB, text(contacts(app).await?), "contacts.csv", &no_bar).await?)?;
    let catalogue = text(catalogue_before_the_story()?);
    let name = "known_exploited_vulnerabilities.json";
    whole(&threat::intake::take_in(app, &JOB, Source::Kev, catalogue, name, no_bar).await?)?;
    for (source, file, name) in
        [(Source::Cve, RECORDS, "sample.jsonl"), (Source::Epss, EPSS, "epss_kev_nvd.csv")]
    {
        whole(&threat::intake::take_in(app, &JOB, source, file, name, no_bar).await?)?;
    }
    Ok(())
}

/// CISA's catalogue without the entry that the story's first night brings.
fn catalogue_before_the_story() -> anyhow::Result<String> {
    let mut catalogue: serde_json::Value = serde_json::from_slice(KEV)?;
    let entries = catalogue["vulnerabilities"].as_array_mut().context("a list of vulnerabilities")?;
    entries.retain(|entry| entry["cveID"] != CVE);
    catalogue["count"] = entries.len().into();
    Ok(catalogue.to_string())
}

/// The practices that the board answers for, with their codes.
pub(super) async fn practices(app: &App) -> anyhow::Result<Vec<(OrganisationId, String)>> {
    let statement = sql!(
        "SELECT id, code FROM organisation
         WHERE parent_code = ?1 AND status = 'open' AND kind = 'gp_practice' ORDER BY code"
    );
    let mut practices = app.db.read_long().await?.all(statement, params![COMMISSIONER]).await?;
    practices.truncate(PRACTICES_OF_ICB);
    Ok(practices)
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
    let mut rows = "answering,organisation,from,until,note\n".to_owned();
    for (_, practice) in practices(app).await? {
        writeln!(rows, "{ICB},{practice},2026-01-01,,Made up for the demonstration")?;
    }
    Ok(rows)
}

/// A mailbox for each trust and practice, for trusts also a deputy and an executive. Some trusts have
/// no more than a telephone, one has nothing but its mailbox, and of every 40th practice nothing is known.
async fn contacts(app: &App) -> anyhow::Result<String> {
    let statement = sql!(
        "SELECT code, kind FROM organisation
         WHERE status = 'open' AND kind IN ('trust', 'gp_practice', 'icb', 'region') ORDER BY kind, code"
    );
    let organisations: Vec<(String, String)> = app.db.read_long().await?.all(statement, params![]).await?;
    let mut rows = "organisation,role,kind,name,email,telephone,verified\n".to_owned();
    for (place, (code, kind)) in organisations.iter().enumerate() {
        if kind == "gp_practice" && place % 40 == 39 {
            continue;
        }
        let host = format!("{}.example", code.to_lowercase());
        let telephone = format!("01632 960{:03}", place % 1000);
        let mut row = |role: &str, of: &str, name: &str, local: &str| {
            writeln!(rows, "{code},{role},{of},{name},{local}@{host},{telephone},2026-01-05")
        };
        if UNREACHABLE.contains(&code.as_str()) {
            writeln!(rows, "{code},on_call,on_call_mobile,On-call engineer,,{telephone},2026-01-05")?;
        } else if code == LONE {
            row("shared_mailbox", "shared_mailbox", "IT", "it")?;
        } else if kind == "gp_practice" {
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

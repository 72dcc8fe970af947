//! Day 1, from 02:10: two sources name one vulnerability; an analyst writes, the duty manager approves
//! from their telephone, and an alert goes to trusts, and to practices through their board.

use anyhow::{Context, ensure};
use broadcast::{
    advisory::{self, Link, Platform, Severity, Step, StepKind, VersionId, Wording},
    alert::AlertId,
    audience::{self, Choices, Mode, Part},
    source::{Beside, Keys, Source},
    threat::{self, ThreatId, intake::csaf},
};
use formats::{CveId, Tlp};
use platform::Actor;

use super::{Moment, Story};
use crate::demo::sector;

/// The weakness in Microsoft's HTTP.sys by which scanners can be taken over, too.
pub const CVE: &str = "CVE-2015-1635";
/// Where the alert goes: the South West, and the North East and Yorkshire.
pub const REGIONS: [&str; 2] = ["Y58", "Y63"];

/// CISA, 2017; see `data/broadcast/csaf-story/README.md`.
const ADVISORY: &[u8] = include_bytes!("../../../../../data/broadcast/csaf-story/icsma-17-215-02.json");

pub(super) async fn play(story: &Story<'_>) -> anyhow::Result<AlertId> {
    story.until(story.at(1, 2, 10)?).await?;
    let threat = merge(story).await?;
    story.note(Moment::Merged, &format!("/threats/{threat}")).await?;
    story.until(story.at(1, 2, 25)?).await?;
    judge(story, threat).await?;
    story.until(story.at(1, 2, 50)?).await?;
    let version = write(story, threat).await?;
    story.note(Moment::Previewed, &format!("/audiences/{version}")).await?;
    story.minutes(3).await?;
    let number = submit(story, version).await?;
    story.note(Moment::Drafted, &format!("/advisories/{number}")).await?;
    story.minutes(8).await?;
    let alert = story.release(version).await?;
    story.note(Moment::Published, &format!("/alerts/{alert}")).await?;
    story.minutes(2).await?;
    Ok(alert)
}

/// The catalogue lists the vulnerability, and an advisory says that scanners have it.
async fn merge(story: &Story<'_>) -> anyhow::Result<ThreatId> {
    let job = Actor::Job("demo");
    let catalogue = "known_exploited_vulnerabilities.json";
    let kev = threat::intake::take_in(story.app, &job, Source::Kev, sector::KEV, catalogue, |_| {}).await?;
    ensure!((kev.new, kev.refused) == (1, 0), "the catalogue of the night lists one more: {kev:?}");
    let name = "icsma-17-215-02.json";
    let bytes = ADVISORY.to_vec();
    let taken = csaf::take_in(story.app, &job, name, bytes, Beside::default(), &Keys::default()).await?;
    ensure!(taken.refused == 0, "the advisory was refused: {taken:?}");
    let cve: CveId = CVE.parse()?;
    let threat = threat::store::threat_of(&mut story.app.read().await?, cve).await?;
    threat.context("the catalogue has the vulnerability")
}

/// The analyst claims the threat, and tells colleagues what both sources say together.
async fn judge(story: &Story<'_>, threat: ThreatId) -> anyhow::Result<()> {
    let analyst = &story.people.analyst;
    let mut tx = story.app.write().await?;
    let seen = threat::store::threat(&mut tx, threat).await?.context("a threat")?;
    threat::actions::claim(&mut tx, analyst, threat, seen.version).await?;
    let text = "Exploited, and in scanners for which there is no update yet. Trusts have to know tonight.";
    threat::actions::comment(&mut tx, analyst, threat, text).await?;
    tx.commit().await?;
    Ok(())
}

/// The analyst writes an advisory out of the threat, and chooses whom it concerns.
async fn write(story: &Story<'_>, threat: ThreatId) -> anyhow::Result<VersionId> {
    let analyst = &story.people.analyst;
    let mut tx = story.app.write().await?;
    let seen = threat::store::threat(&mut tx, threat).await?.context("a threat")?;
    let begun = threat::actions::start_advisory(&mut tx, analyst, threat, seen.version).await?;
    let draft = advisory::store::version(&mut tx, begun.version).await?.context("a draft")?;
    let worded = worded(draft.wording);
    advisory::actions::edit(&mut tx, analyst, draft.id, draft.edition, &worded).await?;
    let edited = advisory::store::version(&mut tx, draft.id).await?.context("a draft")?;
    let practices = story.people.practices.iter().map(|(_, code)| code.clone()).collect();
    let choices = Choices {
        mode: Some(Mode::MustRespond),
        parts: vec![
            (Part::Kind, vec!["trust".to_owned()]),
            (Part::Region, REGIONS.map(str::to_owned).to_vec()),
            (Part::Organisation, practices),
        ],
    };
    audience::actions::choose(&mut tx, analyst, edited.id, edited.edition, &choices).await?;
    tx.commit().await?;
    Ok(draft.id)
}

/// Those who approve are rung, since it is High.
async fn submit(story: &Story<'_>, version: VersionId) -> anyhow::Result<advisory::AdvisoryNumber> {
    let mut tx = story.app.write().await?;
    let chosen = advisory::store::version(&mut tx, version).await?.context("a draft")?;
    advisory::actions::submit(&mut tx, &story.people.analyst, version, chosen.edition).await?;
    tx.commit().await?;
    Ok(chosen.number)
}

/// What the analyst makes of what the sources say.
fn worded(started: Wording) -> Wording {
    let step = |kind, text: &str, link: Option<&str>| Step {
        kind,
        text: text.to_owned(),
        link: link.map(str::to_owned),
    };
    let platform =
        |name: &str, version: &str| Platform { name: name.to_owned(), versions: vec![version.to_owned()] };
    let bulletin = "https://learn.microsoft.com/security-updates/securitybulletins/2015/ms15-034";
    let scanners = "https://www.cisa.gov/news-events/ics-medical-advisories/icsma-17-215-02";
    let mut wording = started;
    wording.title = "Windows web servers and PET/CT scanners can be taken over (HTTP.sys)".into();
    wording.severity = Severity::High;
    wording.tlp = Tlp::Green;
    let content = &mut wording.content;
    // The analyst decided both above.
    content.proposed.clear();
    content.summary = "Attackers take over Windows computers that answer on TCP port 80 or 443, by one \
                       crafted request and without a password. PET/CT and SPECT scanners that run on Windows 7 \
                       have the same weakness."
        .into();
    content.details = "The weakness is in HTTP.sys, by which Windows answers web requests. It is being \
                       exploited.\n\n**Patient care is at risk** where a scanner can be reached from the \
                       hospital's network: it can be stopped, and what is on it can be read. For scanners the \
                       maker's mitigation holds until there is an update."
        .into();
    content.platforms = vec![
        platform("Microsoft Windows 7", "without MS15-034"),
        platform("Microsoft Windows Server 2008 R2", "without MS15-034"),
        platform("Siemens PET/CT and SPECT systems", "all that run on Windows 7"),
    ];
    content.steps = vec![
        step(
            StepKind::Patch,
            "Install MS15-034 on every Windows server, those reached from outside first.",
            Some(bulletin),
        ),
        step(
            StepKind::Action,
            "Put scanners that cannot be updated into a network of their own, and let only their workplaces reach them.",
            Some(scanners),
        ),
        step(
            StepKind::Guidance,
            "Ask the scanner's maker for an update before you change anything on it.",
            None,
        ),
        step(
            StepKind::Aware,
            "If a server is affected, unplug its network cable. Do not switch it off.",
            None,
        ),
    ];
    content.source =
        Some(Link { name: "Microsoft Security Bulletin MS15-034".to_owned(), url: bulletin.to_owned() });
    wording
}

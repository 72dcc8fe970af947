//! Day 4: three trusts of one region report what they saw, an analyst makes it one group of criminals,
//! and the trusts of that region are warned without anybody being named.

use anyhow::Context;
use broadcast::{
    activity::{self, Area, Basis, Confidence, Decided, Facts, House},
    advisory::{self, Severity},
    audience::{self, Choices, Mode, Part},
    sighting::{self, Harm, Report, Seen, Telling},
    threat::{self, Kind, Said, ThreatId},
};
use formats::{Tlp, indicator::parse_lines};
use platform::uk;

use super::{Moment, Story};

/// Who saw it, all in the North East and Yorkshire.
const SAW: [&str; 3] = ["RAE", "RCB", "RCD"];
const REGION: &str = "Y63";

pub(super) async fn play(story: &Story<'_>) -> anyhow::Result<()> {
    let threat = know(story).await?;
    for (place, code) in (0..).zip(SAW) {
        story.until(story.at(4, 9 + place, 10)?).await?;
        report(story, code, threat).await?;
    }
    story.until(story.at(4, 13, 0)?).await?;
    let version = warn(story, threat).await?;
    story.minutes(30).await?;
    story.release(version).await?;
    story.note(Moment::Warned, &format!("/threats/areas/{REGION}")).await?;
    story.minutes(2).await
}

/// The analyst enters the group by hand.
async fn know(story: &Story<'_>) -> anyhow::Result<ThreatId> {
    let today = uk::day(story.app.env.now());
    let said = Said {
        summary:
            "Writes to staff in the name of the service desk, and asks them to sign in on a page of its own."
                .to_owned(),
        aliases: vec!["Desk Heron".to_owned()],
        ..Said::new(Kind::ThreatActor, "Grey Heron (made up)", today)
    };
    let mut tx = story.app.write().await?;
    let threat = threat::actions::write_by_hand(&mut tx, &story.people.analyst, &said).await?;
    tx.commit().await?;
    Ok(threat)
}

/// A trust reports a mail, and the analyst says of whom it is.
async fn report(story: &Story<'_>, code: &str, threat: ThreatId) -> anyhow::Result<()> {
    let report = Report {
        form: None,
        seen: Seen::Email,
        seen_on: uk::day(story.app.env.now()),
        harm: Harm::No,
        words: "A mail in the name of our service desk asked staff to sign in again.".to_owned(),
        place: "Outpatients".to_owned(),
        called: String::new(),
        indicators: parse_lines("sign-in.servicedesk.example").indicators,
        telling: Telling::WithoutName,
        tlp: Tlp::Green,
    };
    let mut tx = story.app.write().await?;
    let taken = sighting::actions::report(&mut tx, &story.people.trust(code)?.actor, code, &report).await?;
    let analyst = &story.people.analyst;
    let seen = sighting::store::sighting(&mut tx, taken.id).await?.context("a sighting")?;
    sighting::actions::link(&mut tx, analyst, taken.id, seen.version, threat).await?;
    tx.commit().await?;
    Ok(())
}

/// The analyst notes where the group is active, and warns the trusts there.
async fn warn(story: &Story<'_>, threat: ThreatId) -> anyhow::Result<advisory::VersionId> {
    let (app, analyst) = (story.app, &story.people.analyst);
    let area = Area::of(REGION).context("a region")?;
    let facts = Facts {
        kinds: Vec::new(),
        from: uk::day(app.env.now()),
        until: None,
        basis: Basis::Sightings,
        confidence: Confidence::High,
        note: "Three trusts within a morning.".to_owned(),
    };
    let house = House {
        name: app.settings.cert.name.clone(),
        url: app.settings.public_url.clone(),
        report: app.link("/sightings/new"),
    };
    let decided = Decided { severity: Severity::Medium, tlp: Tlp::Green, mode: Mode::ForInformation };
    let mut tx = app.write().await?;
    activity::actions::enter(&mut tx, analyst, threat, area, &facts).await?;
    let seen = threat::store::threat(&mut tx, threat).await?.context("a threat")?;
    let begun =
        activity::actions::warn(&mut tx, analyst, &house, threat, seen.version, area, decided).await?;
    let draft = advisory::store::version(&mut tx, begun.version).await?.context("a draft")?;
    let trusts = Choices { mode: None, parts: vec![(Part::Kind, vec!["trust".to_owned()])] };
    audience::actions::choose(&mut tx, analyst, draft.id, draft.edition, &trusts).await?;
    let chosen = advisory::store::version(&mut tx, draft.id).await?.context("a draft")?;
    advisory::actions::submit(&mut tx, analyst, chosen.id, chosen.edition).await?;
    tx.commit().await?;
    Ok(draft.id)
}

//! Today: an alert in force, with clocks that run, and one trust that has not answered: the visitor's.

use anyhow::Context;
use broadcast::{
    advisory::{self, Severity, Update},
    alert::{self, AlertId},
    audience::{self, Choices, Mode, Part},
    handover,
    saved_filter::{self, actions::Audience},
    threat,
};
use formats::{CveId, Tlp};
use jiff::{SignedDuration, Timestamp};
use platform::uk;

use super::{Moment, REGIONS, Story, moment};

/// `CitrixBleed`, in a gateway that many hospitals have.
const CVE: &str = "CVE-2023-4966";

pub(super) async fn play(story: &Story<'_>, first: AlertId, present: Timestamp) -> anyhow::Result<()> {
    let ago = |hours| present - SignedDuration::from_hours(hours);
    story.until(ago(15)).await?;
    let version = write(story).await?;
    story.until(ago(14)).await?;
    let alert = story.release(version).await?;
    story.note(Moment::Yours, &format!("/alerts/{alert}")).await?;
    story.minutes(2).await?;
    // Every fourth trust has answered since.
    for (place, trust) in (0..).zip(story.people.trusts.iter().step_by(4)) {
        story.until(ago(13) + SignedDuration::from_mins(place * 40)).await?;
        story.acknowledge(&trust.actor, alert).await?;
    }
    begin_update(story, first).await?;
    leave_notes(story, alert).await?;
    story.until(present).await
}

/// An advisory that everybody may read.
async fn write(story: &Story<'_>) -> anyhow::Result<advisory::VersionId> {
    let analyst = &story.people.analyst;
    let cve: CveId = CVE.parse()?;
    let mut tx = story.app.write().await?;
    let threat = threat::store::threat_of(&mut tx, cve).await?.context("the catalogue has it")?;
    let seen = threat::store::threat(&mut tx, threat).await?.context("a threat")?;
    let begun = threat::actions::start_advisory(&mut tx, analyst, threat, seen.version).await?;
    let draft = advisory::store::version(&mut tx, begun.version).await?.context("a draft")?;
    let mut wording = draft.wording;
    (wording.severity, wording.tlp) = (Severity::High, Tlp::Clear);
    wording.content.proposed.clear();
    advisory::actions::edit(&mut tx, analyst, draft.id, draft.edition, &wording).await?;
    let edited = advisory::store::version(&mut tx, draft.id).await?.context("a draft")?;
    let choices = Choices {
        mode: Some(Mode::MustRespond),
        parts: vec![
            (Part::Kind, vec!["trust".to_owned()]),
            (Part::Region, REGIONS.map(str::to_owned).to_vec()),
        ],
    };
    audience::actions::choose(&mut tx, analyst, edited.id, edited.edition, &choices).await?;
    let chosen = advisory::store::version(&mut tx, draft.id).await?.context("a draft")?;
    advisory::actions::submit(&mut tx, analyst, chosen.id, chosen.edition).await?;
    tx.commit().await?;
    Ok(draft.id)
}

/// An update of the first alert is being written, so that its preview can be seen as it was.
async fn begin_update(story: &Story<'_>, first: AlertId) -> anyhow::Result<()> {
    let analyst = &story.people.analyst;
    let mut tx = story.app.write().await?;
    let number = alert::store::alert(&mut tx, first).await?.context("the first alert")?.number;
    let version = advisory::actions::start_update(&mut tx, analyst, number).await?;
    let draft = advisory::store::version(&mut tx, version).await?.context("a draft")?;
    let mut wording = draft.wording;
    wording.content.updates.push(Update {
        date: uk::day(tx.now),
        title: "The maker has an update".to_owned(),
        text: "Siemens offers an update for scanners that run on Windows 7. Ask for it.".to_owned(),
    });
    advisory::actions::edit(&mut tx, analyst, version, draft.edition, &wording).await?;
    moment::seen_at(&mut tx, Moment::Previewed, &format!("/audiences/{version}")).await?;
    tx.commit().await?;
    Ok(())
}

/// What the shift leaves for the next: a filter of the list of threats, and a note.
async fn leave_notes(story: &Story<'_>, alert: AlertId) -> anyhow::Result<()> {
    let analyst = &story.people.analyst;
    let mut tx = story.app.write().await?;
    let filter = "status=new&exploited=yes&medical=yes";
    saved_filter::actions::save(&mut tx, analyst, "Exploited, in medical devices", filter, Audience::Shared)
        .await?;
    let alert = alert::store::alert(&mut tx, alert).await?.context("an alert")?;
    let number = alert.number;
    let due = uk::day(alert.acknowledge_by.context("a deadline")?).strftime("%A");
    let note = format!(
        "{number} is in force; its acknowledgements are due on {due}. Leeds has not answered yet: ring them \
         if nothing has come by the evening.\n\nThe first alert of this month is closed at every organisation; \
         its report has what we learned."
    );
    handover::actions::write(&mut tx, &story.people.duty_manager, None, &note).await?;
    tx.commit().await?;
    Ok(())
}

//! TLP in mails that gather what others tell at once, the daily digest and the weekly bulletin: details up to
//! GREEN, above it the number and the link, at RED nothing.

use broadcast::{
    advisory::{Severity, Wording},
    alert::AlertId,
    audience::{Choices, Mode, Part},
};
use carecert::SERVICES;
use formats::Tlp;
use jiff::{SignedDuration, civil::Weekday};
use platform::{access::Role, message::Letter, settings::Weekly};
use testkit::world::World;

use crate::{
    alert_keeps_its_marking::{MARKER, holds},
    issuing::{Desk, contact},
    people_are_told_as_they_chose as chosen,
};

/// The mailbox of an organisation that an alert concerns, and that of one which it does not.
const OWN: &str = "lena.raa@example.org";
const OTHER: &str = "lena.qaa@example.org";

/// An alert for trusts alone, and what its two mailboxes are told within a day, by the beginning of the
/// subject.
async fn gathered(
    world: &World,
    tlp: Tlp,
    mut wording: Wording,
    subject: &str,
) -> (AlertId, [Vec<Letter>; 2]) {
    for (code, kind, mailbox) in [("RAA", "trust", OWN), ("QAA", "icb", OTHER)] {
        let organisation = world.organisation(code, "Trust", kind).await;
        contact(world, organisation, "security_lead", mailbox).await;
        let lead = world.person(&format!("Lena {code}"), Role::Lead, Some(organisation)).await;
        let lead = world.signed_in(lead).await;
        let form = chosen::form(&[("medium-mail", "digest"), ("bulletin", "yes")]);
        lead.post("/account/notifications", &form).await;
    }
    let desk = Desk::open(world).await;
    wording.tlp = tlp;
    wording.severity = Severity::Medium;
    let parts = vec![(Part::Kind, vec!["trust".to_owned()])];
    let alert = desk.delivered(&wording, &Choices { mode: Some(Mode::MustRespond), parts }).await;
    broadcast::bulletin::keep_up(&world.app).await.unwrap();
    world.pass(SignedDuration::from_hours(25)).await;
    let told = |address: &str| {
        let mails = world.post.to(address).into_iter().map(|mail| mail.letter);
        mails.filter(|letter| letter.subject.starts_with(subject)).collect()
    };
    (alert, [told(OWN), told(OTHER)])
}

/// What a letter may say of the one alert of which it tells; where only number and link travel, `before` and
/// `after` stand around them.
fn may_travel(tlp: Tlp, letter: &Letter, alert: AlertId, before: &str, after: &str) -> Result<(), String> {
    let whole = format!("{}\n{}", letter.subject, letter.text);
    let low = whole.to_lowercase();
    if low.contains(&format!("{}.example", MARKER.to_lowercase())) || low.contains("hxxp") {
        return Err(format!("an indicator at {tlp}: {whole}"));
    }
    if whole.contains(MARKER) != tlp.allows_details_by_mail() || !whole.contains("CC-0001") {
        return Err(format!("{tlp}: {whole}"));
    }
    let bare = format!("{before}\n\n[CC-0001]\nhttp://carecert.test/alerts/{alert}\n\n{after}");
    if !tlp.allows_details_by_mail() && (!whole.contains(&bare) || whole.contains("Medium")) {
        return Err(format!("more than number and link at {tlp}: {whole}"));
    }
    Ok(())
}

async fn bulletin(tlp: Tlp, wording: Wording) -> Result<(), String> {
    let world = World::with(SERVICES, |settings| {
        settings.bulletin = Some(Weekly { day: Weekday::Tuesday, hour: 9 });
    })
    .await;
    let (alert, [own, other]) = gathered(&world, tlp, wording, "Weekly").await;
    if own.len() != usize::from(tlp != Tlp::Red) || other.len() != usize::from(tlp == Tlp::Clear) {
        return Err(format!("{} and {} bulletins at {tlp}", own.len(), other.len()));
    }
    own.iter()
        .chain(&other)
        .try_for_each(|letter| may_travel(tlp, letter, alert, "For your organisation", "Times are"))
}

async fn digest(tlp: Tlp, wording: Wording) -> Result<(), String> {
    let world = World::new(SERVICES).await;
    let (alert, [own, other]) = gathered(&world, tlp, wording, "Daily digest").await;
    if own.len() != usize::from(tlp != Tlp::Red) || !other.is_empty() {
        return Err(format!("{} and {} digests at {tlp}", own.len(), other.len()));
    }
    own.iter().try_for_each(|letter| may_travel(tlp, letter, alert, "since the last.", "Times are"))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bulletin_says_more_than_the_marking_allows() {
    holds(4, bulletin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_digest_says_more_than_the_marking_allows() {
    holds(4, digest).await;
}

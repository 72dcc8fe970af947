//! What tests about the case of an incident begin with: one that is in hand, with something of everything in it,
//! through the real actions.

use db::macro_support::Uuid;
use jiff::SignedDuration;
use platform::{Actor, access::Role, organisation::OrganisationId};
use react::{
    case::{
        Zone, decision, guest, handover, message, note,
        situation::{self, Issuing, Outlook, Words},
        task::{self, Owner},
        timeline,
    },
    follow_up::{self, FollowUpId},
    incident::IncidentId,
    lesson::{self, Learned, LessonId},
    pace,
};
use testkit::world::World;

use crate::{furnished_incidents::reported, issuing::actor, walk::Names};

/// An entry as somebody types it.
pub(crate) fn entry(world: &World, text: &str) -> timeline::Typed {
    timeline::Typed { form: world.app.env.id(), happened_at: world.now(), text: text.to_owned() }
}

/// A task of nobody yet.
pub(crate) fn wanted(title: &str) -> task::Wanted {
    task::Wanted { title: title.to_owned(), text: title.to_owned(), owner: Owner::Nobody, due_at: None }
}

/// A decision, just now.
pub(crate) fn decided(world: &World, text: &str) -> decision::Decided {
    decision::Decided {
        form: world.app.env.id(),
        decided: text.to_owned(),
        decider: "Pat".to_owned(),
        role: "SIRO".to_owned(),
        why: text.to_owned(),
        options: text.to_owned(),
        decided_at: world.now(),
        review_at: None,
    }
}

/// A situation report behind the one of this number.
pub(crate) fn issuing(world: &World, after: i64, text: &str) -> Issuing {
    let words = Words { summary: text.to_owned(), ..Words::default() };
    Issuing { form: world.app.env.id(), after, outlook: Outlook::Stable, words }
}

/// A lesson, each part of which says this.
pub(crate) fn learned(world: &World, text: &str) -> Learned {
    let said = || text.to_owned();
    Learned { form: world.app.env.id(), title: said(), happened: said(), helped: said(), hindered: said() }
}

/// An action that follows from a lesson, due in so many days.
pub(crate) fn follows(world: &World, title: &str, owner: follow_up::Owner, days: i64) -> follow_up::Wanted {
    let due_at = world.now() + SignedDuration::from_hours(24 * days);
    follow_up::Wanted { title: title.to_owned(), text: title.to_owned(), owner, due_at }
}

/// What stands in one zone of a case after [`fill`].
#[derive(Clone, Debug)]
pub(crate) struct Filled {
    pub entry: timeline::EntryId,
    pub task: task::TaskId,
    pub note: note::NoteId,
    pub message: message::MessageId,
    pub decision: decision::DecisionId,
    pub shift: handover::ShiftId,
    pub handover: handover::HandoverId,
    pub lesson: LessonId,
    pub follow_up: FollowUpId,
}

/// Writes one of everything into a zone, each with this word in it.
#[expect(clippy::similar_names, reason = "a world, and a word in it")]
pub(crate) async fn fill(world: &World, by: &Actor, incident: IncidentId, zone: Zone, word: &str) -> Filled {
    let me = by.person().expect("a person").id;
    let id = || world.app.env.id::<Uuid>();
    let mut tx = world.app.write().await.unwrap();
    let entry = timeline::add(&mut tx, by, incident, zone, &entry(world, word)).await.unwrap();
    let task = task::actions::add(&mut tx, by, incident, (zone, id()), &wanted(word)).await.unwrap();
    let note = note::actions::begin(&mut tx, by, incident, (zone, id()), (word, word)).await.unwrap();
    let message = message::actions::send(&mut tx, by, incident, (zone, id()), (word, None)).await.unwrap();
    let decision =
        decision::actions::decide(&mut tx, by, incident, zone, &decided(world, word)).await.unwrap();
    let wanted = handover::Wanted {
        form: id(),
        duty: handover::Duty::Loggist,
        person: me,
        from_at: None,
        until_at: None,
    };
    let shift = handover::actions::begin(&mut tx, by, incident, zone, &wanted).await.unwrap();
    let handing = (incident, zone, id());
    let handover = handover::actions::hand_over(&mut tx, by, handing, None, (word, None)).await.unwrap();
    let lesson = lesson::actions::write(&mut tx, by, incident, zone, &learned(world, word)).await.unwrap();
    let wanted = follows(world, word, follow_up::Owner::Person(me), 30);
    let follow_up = follow_up::actions::add(&mut tx, by, (incident, lesson), id(), &wanted).await.unwrap();
    tx.commit().await.unwrap();
    world.app.env.advance(SignedDuration::from_millis(1));
    Filled { entry, task, note, message, decision, shift, handover, lesson, follow_up }
}

/// Lets an organisation in to a zone.
pub(crate) async fn let_in(
    world: &World,
    by: &Actor,
    incident: IncidentId,
    code: &str,
    zone: Zone,
) -> guest::GuestId {
    let mut tx = world.app.write().await.unwrap();
    let id = guest::let_in(&mut tx, by, incident, code, zone, "They run the server").await.unwrap();
    tx.commit().await.unwrap();
    world.app.env.advance(SignedDuration::from_millis(1));
    id
}

/// What the samples of cases speak of.
pub(crate) async fn furnish(world: &World, organisation: OrganisationId, names: &mut Names) {
    let responder = actor(world, "Cases Responder", Role::Responder, Some(organisation)).await;
    let analyst = actor(world, "Cases Analyst", Role::Analyst, None).await;
    for (code, name) in [("8JA01", "Walking Supplies"), ("8JA02", "Walking Repairs")] {
        world.organisation(code, name, "supplier").await;
    }
    let incident: IncidentId = names["incident"].parse().expect("an incident");
    let filled = fill(world, &responder, incident, Zone::Shared, "Wallaby").await;
    let guest = let_in(world, &analyst, incident, "8JA02", Zone::Shared).await;
    let mut tx = world.app.write().await.unwrap();
    let report = issuing(world, 0, "Wallaby");
    situation::actions::issue(&mut tx, &analyst, incident, &report).await.unwrap();
    let form = world.app.env.id::<Uuid>();
    let replaced = learned(world, "Wallaby");
    let to_replace =
        lesson::actions::write(&mut tx, &responder, incident, Zone::Shared, &replaced).await.unwrap();
    let wait = pace::actions::wait(&mut tx, &analyst, incident, form, "The list of servers").await.unwrap();
    tx.commit().await.unwrap();
    // Something to see on the page of an organisation that was let in to somebody else's.
    let other = world.organisation("RWX", "Other Walking NHS Trust", "trust").await;
    let reporter = actor(world, "Cases Reporter", Role::Responder, Some(other)).await;
    let others = reported(world, &reporter, "RWX").await;
    let_in(world, &analyst, others.incident, "RWA", Zone::Shared).await;
    names.extend([
        ("case_entry", filled.entry.to_string()),
        ("case_guest", guest.to_string()),
        ("case_guest_code", "8JA01".to_owned()),
        ("case_task", filled.task.to_string()),
        ("case_note", filled.note.to_string()),
        ("case_message", filled.message.to_string()),
        ("case_decision", filled.decision.to_string()),
        ("case_shift", filled.shift.to_string()),
        ("case_handover", filled.handover.to_string()),
        ("lesson", filled.lesson.to_string()),
        ("lesson_to_replace", to_replace.to_string()),
        ("follow_up", filled.follow_up.to_string()),
        ("pace_wait", wait.to_string()),
    ]);
}

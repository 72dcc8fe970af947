//! One function for each verb: pages, the API and tests all call these.
//!
//! The log and the events of a run hold no words: what people wrote stands with the task, and in the timeline.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use formats::cacao::{
    Playbook,
    run::{Answer, Event, Refused, State},
};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId},
};
use uuid::Uuid;

use super::{
    Act, Happened, Kind, LONGEST, MOST_RUNS, RunId, Standing, TaskId, TaskState, Words, clocks,
    moving::{Moving, Told},
    store::{self, Beginning, Run, Settled, Task},
};
use crate::{
    case::{CaseError, Party, Sight, Zone, Zones, sight, writer},
    incident::IncidentId,
    playbook::{self, PlaybookId, built_ins, shelf::Shelf},
};

pub(super) type Result<T> = std::result::Result<T, CaseError>;

const TO_START: &str = "start a playbook in this case";
const TO_FOLLOW: &str = "follow a playbook in this case";

impl From<Refused> for CaseError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotOpen | Refused::Begun | Refused::Over => Self::Overtaken,
            other => Self::Refused(other.to_string()),
        }
    }
}

/// The program's own playbooks, by what names their version: those that are checked already.
static OURS: LazyLock<HashMap<[u8; 32], &'static Playbook>> = LazyLock::new(|| {
    built_ins().iter().map(|ours| (playbook::hash(&ours.playbook), &*ours.playbook)).collect()
});

/// The playbook that a run is held to.
pub async fn playbook_of(snapshot: &mut db::Snapshot, run: &Run) -> Result<Cow<'static, Playbook>> {
    if let Some(ours) = OURS.get(run.hash.as_slice()) {
        return Ok(Cow::Borrowed(*ours));
    }
    let document = store::document(snapshot, &run.hash).await?.ok_or(CaseError::NotFound)?;
    // It could be read when the run began; what an older program took, this one may not.
    Playbook::read(&document).map(Cow::Owned).map_err(|findings| {
        tracing::error!(run = %run.id, finding = ?findings.first(), "the playbook of a run cannot be read");
        CaseError::Refused("This playbook can no longer be read. Start the run again.".to_owned())
    })
}

/// The zones in which somebody of this sight may start a run.
pub fn zones_to_start(sight: &Sight) -> Vec<Zone> {
    let own: &[Zone] = match sight.party {
        Party::Organisation => &[Zone::Shared, Zone::Own],
        Party::Cert => &[Zone::Shared, Zone::Cert],
        Party::Guest => &[],
    };
    own.iter().copied().filter(|zone| sight.writes.contains(*zone)).collect()
}

/// Begins to follow a playbook, which its address names so, in this zone. The same form makes one run; where the zone
/// follows it already, that is the run: two sides that begin at the same moment work on one list.
pub async fn start(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    (named, zone): (&str, Zone),
    form: Uuid,
) -> Result<RunId> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    sight.write(zone, TO_START)?;
    let by = person(actor, TO_START)?;
    if !zones_to_start(&sight).contains(&zone) {
        return Err(Forbidden(TO_START).into());
    }
    if let Some(run) = store::started_with(tx, incident, form).await? {
        return Ok(run);
    }
    if let Some(run) = store::followed(tx, incident, (named, zone)).await? {
        return Ok(run);
    }
    if store::count(tx, incident, zone).await? >= MOST_RUNS {
        return Err(CaseError::Refused(format!(
            "This case has {MOST_RUNS} runs already, which is the most."
        )));
    }
    let (playbook, document) = found(tx, actor, named, zone).await?;
    let hash = playbook::hash(&playbook);
    store::keep(tx, &hash, &document).await?;
    let beginning = Beginning { zone, playbook: named, name: &playbook.name, hash: &hash, by, form };
    let run = match store::insert(tx, &sight, &beginning).await {
        Err(db::DbError::Constraint(_)) => return Err(CaseError::Twice),
        other => other?,
    };
    let (state, effects) = State::default().apply(&playbook, Event::Begin)?;
    let told = Told { kind: Happened::Begun, step: "", visit: None, detail: "", form: None };
    let text = format!("Began to follow the playbook “{}”.", run.name);
    let mut moving = Moving { tx, actor, sight: &sight, playbook: &playbook, run: &run, by };
    moving.go_on(&state, &effects, &told, "").await?;
    moving.write_down(run.id.0, &text).await?;
    moving.write_log("run.started", None).await?;
    moving.close_with_the_last(&effects).await?;
    Ok(run.id)
}

/// Says what becomes of a task that was seen in this version. The same form counts once. A machine takes nothing on: it says
/// what it has done.
pub async fn act(
    tx: &mut Tx,
    actor: &Actor,
    (incident, run, task): (IncidentId, RunId, TaskId),
    (version, form): (i64, Uuid),
    act: &Act,
    words: &Words<'_>,
) -> Result<()> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    let run = store::run(tx, incident, sight.reads, run).await?.ok_or(CaseError::NotFound)?;
    sight.write(run.zone, TO_FOLLOW)?;
    let by = if *act == Act::Take { person(actor, TO_FOLLOW)? } else { writer(actor, TO_FOLLOW)? };
    let task = store::task(tx, run.id, task).await?.ok_or(CaseError::NotFound)?;
    if store::happened(tx, run.id, form).await? {
        return Ok(());
    }
    if task.version != version || run.standing != Standing::Running {
        return Err(CaseError::Overtaken);
    }
    let playbook = playbook_of(tx, &run).await?;
    let mut moving = Moving { tx, actor, sight: &sight, playbook: &playbook, run: &run, by };
    if *act == Act::Take {
        return moving.take(&task, form).await;
    }
    check(words)?;
    let decided = Decided::of(&task, act)?;
    let early = is_early(&task, act, now);
    if early && words.reason.trim().is_empty() && words.evidence.trim().is_empty() {
        return Err(CaseError::Refused(
            "The playbook says to wait before this. If you begin early, say why in a few words.".into(),
        ));
    }
    if decided.needs_reason && words.reason.trim().is_empty() {
        return Err(CaseError::Refused(
            "Say why, in a few words: whoever reads this later needs to know.".into(),
        ));
    }
    let (state, effects) = state_of(&run)?.apply(&playbook, decided.event.clone())?;
    let answer = if let Act::Answer(answer) = act { answer.code() } else { "" };
    let settled = Settled {
        state: decided.state,
        answer,
        words: *words,
        closed: decided.state != TaskState::Waiting,
        by,
        through: sight.through,
    };
    if !store::settle(moving.tx, &task, &settled).await? {
        return Err(CaseError::Overtaken);
    }
    let told = Told {
        kind: decided.kind,
        step: &task.step,
        visit: Some(task.visit),
        detail: answer,
        form: Some(form),
    };
    if early {
        moving.note_early(&task).await?;
    }
    moving.go_on(&state, &effects, &told, "").await?;
    clocks::stop(moving.tx, &sight.incident, task.id).await?;
    let mut text = said_of(&playbook, &task, act, words);
    if early {
        text = format!("Begun before the time that the playbook says. {text}");
    }
    moving.write_down(task.id.0, &text).await?;
    moving.write_log("run.moved", Some((task.id, decided.kind))).await?;
    moving.close_with_the_last(&effects).await
}

/// Stops a run, with a reason; what is open in it is asked no more.
pub async fn stop(
    tx: &mut Tx,
    actor: &Actor,
    (incident, run): (IncidentId, RunId),
    form: Uuid,
    reason: &str,
) -> Result<()> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    let run = store::run(tx, incident, sight.reads, run).await?.ok_or(CaseError::NotFound)?;
    sight.write(run.zone, TO_FOLLOW)?;
    let by = person(actor, TO_FOLLOW)?;
    if store::happened(tx, run.id, form).await? {
        return Ok(());
    }
    if run.standing != Standing::Running {
        return Err(CaseError::Overtaken);
    }
    let reason = reason.trim();
    check(&Words { reason, ..Words::default() })?;
    if reason.is_empty() {
        return Err(CaseError::Refused("Say why it is stopped.".into()));
    }
    let playbook = playbook_of(tx, &run).await?;
    let moving = Moving { tx, actor, sight: &sight, playbook: &playbook, run: &run, by };
    moving.stop(Some(form), reason).await
}

/// Stops what is followed in the parts of a case that the CERT reads, whose incident is over: for this reason, which
/// both sides may read. The organisation's own runs are its own, and go on.
///
/// One whose playbook can no longer be read stays as it is: it must not keep anybody from closing an incident.
pub(crate) async fn stop_all(tx: &mut Tx, actor: &Actor, incident: IncidentId, reason: &str) -> Result<()> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    let by = sight::writer(actor, TO_FOLLOW)?;
    for run in store::running(tx, incident, Zones::of(&[Zone::Shared, Zone::Cert])).await? {
        let (Ok(playbook), Ok(_)) = (playbook_of(tx, &run).await, state_of(&run)) else { continue };
        let moving = Moving { tx: &mut *tx, actor, sight: &sight, playbook: &playbook, run: &run, by };
        moving.stop(None, reason).await?;
    }
    Ok(())
}

fn person(actor: &Actor, to_do: &'static str) -> Result<PersonId> {
    Ok(actor.person().ok_or(Forbidden(to_do))?.id)
}

pub(super) fn state_of(run: &Run) -> Result<State> {
    serde_json::from_str(&run.state).map_err(|error| {
        tracing::error!(run = %run.id, %error, "the state of a run cannot be read");
        CaseError::Refused(
            "Where this run stands can no longer be read. Start the playbook again.".to_owned(),
        )
    })
}

fn check(words: &Words<'_>) -> Result<()> {
    let longest = [words.evidence, words.undo, words.reason].map(|each| each.trim().chars().count());
    if longest.into_iter().any(|length| length > LONGEST) {
        return Err(CaseError::Refused(format!("Write {LONGEST} characters or fewer at once.")));
    }
    Ok(())
}

/// The playbook of this name, which `actor` reads, and whoever reads this zone too: what the CERT alone may read
/// does not come to the organisation by way of a run.
async fn found(tx: &mut Tx, actor: &Actor, named: &str, zone: Zone) -> Result<(Playbook, Vec<u8>)> {
    let none = || CaseError::Refused("Choose a playbook".to_owned());
    if let Some(ours) = Shelf::read(tx).await?.called(named) {
        return Ok((Playbook::clone(&ours.playbook), ours.playbook.text.clone().into_bytes()));
    }
    let id: PlaybookId = named.parse().map_err(|()| none())?;
    let kept = playbook::store::playbook(tx, actor, id).await?.ok_or_else(none)?;
    if kept.state == playbook::State::Withdrawn {
        return Err(CaseError::Refused("This playbook was withdrawn. Choose another one.".to_owned()));
    }
    if zone != Zone::Cert && !matches!(kept.tlp.as_deref(), Some("clear" | "green")) {
        let sentence = "This playbook is marked for the CERT alone. Follow it where only the CERT reads.";
        return Err(CaseError::Refused(sentence.to_owned()));
    }
    let playbook = Playbook::read(&kept.document).map_err(|_| {
        CaseError::Refused("This playbook can no longer be read. Import it again.".to_owned())
    })?;
    Ok((playbook, kept.document))
}

/// What an act is to the machine.
struct Decided {
    event: Event,
    state: TaskState,
    kind: Happened,
    needs_reason: bool,
}

impl Decided {
    fn of(task: &Task, act: &Act) -> Result<Self> {
        let visit = u64::try_from(task.visit).map_err(|_| CaseError::NotFound)?;
        let is = |event, state, kind, needs_reason| Ok(Self { event, state, kind, needs_reason });
        match (task.kind, act) {
            (Kind::Task, Act::Done) => is(Event::Done(visit), TaskState::Done, Happened::Done, false),
            (Kind::Task, Act::Cannot) => is(Event::Cannot(visit), TaskState::Cannot, Happened::Cannot, true),
            (Kind::Task, Act::Skip) => is(Event::Skipped(visit), TaskState::Skipped, Happened::Skipped, true),
            (Kind::Fact, Act::Done) => is(Event::Found(visit), TaskState::Done, Happened::Found, false),
            (Kind::Fact, Act::Cannot) => is(Event::Found(visit), TaskState::Cannot, Happened::Cannot, true),
            (Kind::Fact, Act::Skip) => is(Event::Found(visit), TaskState::Skipped, Happened::Skipped, true),
            (Kind::Question, Act::Answer(answer)) => {
                let state = if *answer == Answer::NotYet { TaskState::Waiting } else { TaskState::Answered };
                is(Event::Answered(visit, answer.clone()), state, Happened::Answered, false)
            }
            _ => Err(CaseError::Overtaken),
        }
    }
}

/// Whether somebody does it before the time that the playbook says. Who leaves it out, or cannot do it, begins
/// nothing.
fn is_early(task: &Task, act: &Act, now: Timestamp) -> bool {
    let begins =
        matches!(act, Act::Done | Act::Answer(Answer::Yes | Answer::No | Answer::Case(_) | Answer::Neither));
    begins && task.begins_at.is_some_and(|begins_at| now < begins_at)
}

/// What a step is called, as people read it.
pub(super) fn called(playbook: &Playbook, step: &str) -> String {
    let found = playbook.steps.get(step);
    found.map_or_else(|| "A step".to_owned(), |step| crate::playbook::reading::line(playbook, step).what)
}

/// What is written in the timeline.
fn said_of(playbook: &Playbook, task: &Task, act: &Act, words: &Words<'_>) -> String {
    let what = called(playbook, &task.step);
    let begins = match (task.kind, act) {
        (Kind::Fact, Act::Done) => format!("Found out: “{what}”."),
        (Kind::Fact, _) => format!("Could not be found out: “{what}”."),
        (_, Act::Cannot) => format!("Cannot be done: “{what}”."),
        (_, Act::Skip) => format!("Left out: “{what}”."),
        (_, Act::Answer(Answer::NotYet)) => format!("“{what}” Nobody knows yet, and it is being found out."),
        (_, Act::Answer(answer)) => format!("“{what}” Answered: {}.", answer_in_words(answer.code())),
        _ => format!("Done: “{what}”."),
    };
    let words = [words.evidence, words.reason].map(str::trim);
    words.into_iter().filter(|each| !each.is_empty()).fold(begins, |text, each| format!("{text} {each}"))
}

/// An answer as people say it.
pub(super) fn answer_in_words(code: &str) -> &str {
    match code {
        "yes" => "yes",
        "no" => "no",
        "neither" | "default" => "none of these",
        "not_yet" => "don’t know yet",
        case => case,
    }
}

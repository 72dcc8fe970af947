//! One function for each verb; pages, other nouns and tests all call these.
//!
//! The log is told what was answered, set and said, never a reason in words: these are forgotten after a while, the
//! log is not.

use db::DbError;
use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId, Role},
    log::{self, Entry},
};
use serde_json::{Map, Value as Json, json};

use super::{
    Answer, Because, Facts, Outlook, Priority, Question, Source, decide, from_report, ncsc,
    paging::{self, Occasion},
    rsit,
    store::{self, Assigned, Triage},
};
use crate::{
    case::{
        CaseError, Party, Sight, Zone, Zones,
        timeline::{self, Entering, Kind},
    },
    incident::{self, IncidentId},
    report,
};

type Result<T> = std::result::Result<T, CaseError>;

const TO_ANSWER: &str = "answer this question about an incident";
const TO_DECIDE: &str = "decide on the priority, kind and outlook of incidents";

/// Decides, from what was reported alone, how urgent a new incident is, and rings for it where it is urgent.
pub(crate) async fn begin(tx: &mut Tx, incident: IncidentId, report: &report::Facts) -> Result<Priority> {
    let answers = from_report::suggested(report);
    let facts =
        answers.iter().fold(Facts::UNKNOWN, |facts, &(question, answer)| facts.with(question, answer));
    let verdict = decide(&facts);
    let category = category(tx, incident, &facts).await?;
    store::begin(tx, incident, &verdict, category).await?;
    let from = store::From { source: Source::Report, person: None, through: None };
    for each in answers {
        store::answer(tx, incident, each, from).await?;
    }
    let text = format!("{}, from what was reported", verdict.in_words());
    let entering = Entering::now(tx, Zone::Shared, Kind::Triage, incident.0, &text);
    timeline::enter_by_itself(tx, incident, &entering).await?;
    paging::follow(tx, incident, Occasion::Reported).await?;
    Ok(verdict.priority)
}

/// Whether who comes as this may answer a question: the organisation what only it knows, the CERT every one.
pub const fn may_answer(party: Party, question: Question) -> bool {
    match party {
        Party::Cert => true,
        Party::Organisation => matches!(
            question,
            Question::Harm | Question::Diverted | Question::NoDowntime | Question::Degraded
        ),
        Party::Guest => false,
    }
}

/// Takes what somebody knows of an incident: its priority is decided anew, and people are rung where that asks for
/// it. Says the priority that holds where anything of it was new; what is known already changes nothing.
pub async fn tell(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    answers: &[(Question, Answer)],
) -> Result<Option<Priority>> {
    told(tx, actor, sight, None, answers).await
}

/// The same from a page, where nobody has changed anything since it was opened.
pub async fn answer(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    version: i64,
    answers: &[(Question, Answer)],
) -> Result<Option<Priority>> {
    told(tx, actor, sight, Some(version), answers).await
}

async fn told(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    version: Option<i64>,
    answers: &[(Question, Answer)],
) -> Result<Option<Priority>> {
    sight.write(Zone::Shared, TO_ANSWER)?;
    if answers.iter().any(|(question, _)| !may_answer(sight.party, *question)) {
        return Err(Forbidden(TO_ANSWER).into());
    }
    let incident = sight.incident.id;
    let triage = opened(tx, incident).await?;
    let mut facts = store::facts(&store::answers(tx, incident).await?);
    let mut changed: Vec<_> =
        answers.iter().copied().filter(|&(question, answer)| facts.of(question) != answer).collect();
    changed.sort_by_key(|(question, _)| *question as usize);
    if changed.is_empty() {
        return Ok(None);
    }
    if version.is_some_and(|version| version != triage.version) {
        return Err(CaseError::Overtaken);
    }
    let source = if sight.party == Party::Cert { Source::Cert } else { Source::Organisation };
    let from = store::From { source, person: actor.person().map(|person| person.id), through: sight.through };
    let (mut said, mut payload) = (Vec::new(), Map::new());
    for &(question, answer) in &changed {
        store::answer(tx, incident, (question, answer), from).await?;
        facts = facts.with(question, answer);
        said.push(format!("{} {}.", question.label(), answer.label()));
        payload.insert(question.code().to_owned(), answer.code().into());
    }
    let text = said.join(" ");
    settle(tx, actor, sight, &triage, &facts, (&text, json!({ "answers": payload }))).await.map(Some)
}

/// Decides anew after something was said, with what is told of it in the timeline and the log.
async fn settle(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    triage: &Triage,
    facts: &Facts,
    (text, mut payload): (&str, Json),
) -> Result<Priority> {
    let incident = sight.incident.id;
    let verdict = decide(facts);
    let category = category(tx, incident, facts).await?;
    if !store::recomputed(tx, incident, triage.version, (verdict.priority, category)).await? {
        return Err(CaseError::Overtaken);
    }
    let holds = triage.set_to.unwrap_or(verdict.priority);
    store::place(tx, incident, holds, &Because::of(&verdict, triage.set_to.is_some())).await?;
    let follows = match triage.set_to {
        Some(set) => {
            format!("It stays {}, as a person set it; the answers give {}", set.label(), verdict.in_words())
        }
        None if verdict.priority == triage.computed => format!("It stays {}", verdict.in_words()),
        None => format!("It was {}, and is {}", triage.computed.label(), verdict.in_words()),
    };
    enter(tx, actor, sight, &format!("{text} {follows}.")).await?;
    payload["computed"] = verdict.priority.code().into();
    payload["priority"] = holds.code().into();
    write_log(tx, actor, sight, "incident.triaged", payload).await?;
    paging::follow(tx, incident, Occasion::Later).await?;
    Ok(holds)
}

/// Takes it as known that an incident has spread beyond one organisation, since others say so themselves; `text` tells
/// how. Of one that was joined it is known of the other one. What was answered before is not asked for.
pub(crate) async fn spread(tx: &mut Tx, incident: IncidentId, text: &str) -> Result<()> {
    let read = incident::store::incident(tx, incident).await?.ok_or(CaseError::NotFound)?;
    let read = match read.joined_into {
        Some(into) => incident::store::incident(tx, into).await?.ok_or(CaseError::NotFound)?,
        None => read,
    };
    let entering = Entering::now(tx, Zone::Cert, Kind::Triage, read.id.0, text);
    timeline::enter_by_itself(tx, read.id, &entering).await?;
    let zones = Zones::of(&[Zone::Shared, Zone::Cert]);
    let sight = Sight {
        incident: read,
        party: Party::Cert,
        reads: zones,
        writes: zones,
        would_write: zones,
        through: None,
    };
    tell(tx, &Actor::Job("outage"), &sight, &[(Question::Spread, Answer::Yes)]).await.map(drop)
}

/// Gives an incident what was known of another one that turned out to be the same.
pub(crate) async fn joined(tx: &mut Tx, actor: &Actor, from: IncidentId, into: IncidentId) -> Result<()> {
    let now = tx.now;
    let sight = crate::case::sight(tx, actor, now, into).await?;
    let triage = opened(tx, into).await?;
    let before = store::facts(&store::answers(tx, into).await?);
    store::take_answers(tx, from, into).await?;
    let facts = store::facts(&store::answers(tx, into).await?);
    paging::follow(tx, from, Occasion::Later).await?;
    if facts == before {
        return Ok(paging::follow(tx, into, Occasion::Later).await?);
    }
    let payload = json!({ "from": from });
    let text = "What was known of an incident that was joined to this one counts here.";
    settle(tx, actor, &sight, &triage, &facts, (text, payload)).await?;
    Ok(())
}

/// Computes the category anew, now that it is known whose incident it is.
pub(crate) async fn placed(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    let facts = store::facts(&store::answers(tx, incident).await?);
    let category = category(tx, incident, &facts).await?;
    Ok(store::recategorised(tx, incident, category).await?)
}

/// Sets the priority in place of what is computed, with a reason: the organisation reads it.
pub async fn set_priority(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    version: i64,
    to: Priority,
    why: &str,
) -> Result<()> {
    let by = decider(actor, sight)?;
    let why = why.trim();
    if why.is_empty() {
        return Err(CaseError::Refused(
            "Say why: the organisation reads it, and so does the next shift.".into(),
        ));
    }
    let triage = opened(tx, sight.incident.id).await?;
    if triage.set_to == Some(to) && triage.set_why == why {
        return Ok(());
    }
    let text =
        format!("Priority set to {}, where the answers give {}: {why}", to.label(), triage.computed.label());
    override_with(tx, actor, sight, &triage, version, Some((to, why, by))).await?;
    enter(tx, actor, sight, &text).await?;
    let payload = json!({ "priority": to.code(), "computed": triage.computed.code() });
    write_log(tx, actor, sight, "incident.priority_set", payload).await?;
    Ok(paging::follow(tx, sight.incident.id, Occasion::Later).await?)
}

/// Withdraws what a person set: what is computed holds again.
pub async fn withdraw_priority(tx: &mut Tx, actor: &Actor, sight: &Sight, version: i64) -> Result<()> {
    decider(actor, sight)?;
    let triage = opened(tx, sight.incident.id).await?;
    let Some(before) = triage.set_to else { return Ok(()) };
    override_with(tx, actor, sight, &triage, version, None).await?;
    let computed = triage.computed;
    let text =
        format!("Priority {} withdrawn; {} holds, as the answers give it.", before.label(), computed.label());
    enter(tx, actor, sight, &text).await?;
    let payload = json!({ "priority": computed.code(), "before": before.code() });
    write_log(tx, actor, sight, "incident.priority_withdrawn", payload).await?;
    Ok(paging::follow(tx, sight.incident.id, Occasion::Later).await?)
}

async fn override_with(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    triage: &Triage,
    version: i64,
    to: Option<(Priority, &str, PersonId)>,
) -> Result<()> {
    decider(actor, sight)?;
    let incident = sight.incident.id;
    if triage.version != version || !store::set(tx, incident, version, to).await? {
        return Err(CaseError::Overtaken);
    }
    let verdict = decide(&store::facts(&store::answers(tx, incident).await?));
    let holds = to.map_or(verdict.priority, |(priority, ..)| priority);
    Ok(store::place(tx, incident, holds, &Because::of(&verdict, to.is_some())).await?)
}

/// Says what kind of incident it is, by the taxonomy; without it none is closed.
pub async fn classify(tx: &mut Tx, actor: &Actor, sight: &Sight, kind: &str) -> Result<()> {
    let by = decider(actor, sight)?;
    let incident = sight.incident.id;
    let Some((_, named)) = rsit::named(kind) else {
        return Err(CaseError::Refused("Select what kind of incident it is.".into()));
    };
    let triage = opened(tx, incident).await?;
    if triage.kind.as_deref() == Some(kind) {
        return Ok(());
    }
    if !store::classify(tx, incident, triage.version, (kind, by)).await? {
        return Err(CaseError::Overtaken);
    }
    enter(tx, actor, sight, &format!("Kind of incident: {}.", rsit::called(&named.code))).await?;
    write_log(tx, actor, sight, "incident.classified", json!({ "kind": kind })).await
}

/// Proposes a category of the NCSC in place of the computed one, or withdraws that.
pub async fn propose(tx: &mut Tx, actor: &Actor, sight: &Sight, category: Option<i64>) -> Result<()> {
    let by = decider(actor, sight)?;
    let incident = sight.incident.id;
    in_range(category)?;
    let triage = opened(tx, incident).await?;
    if triage.ncsc_proposed == category {
        return Ok(());
    }
    if !store::propose(tx, incident, triage.version, (category, by)).await? {
        return Err(CaseError::Overtaken);
    }
    let proposed = ncsc::called(category.unwrap_or(triage.ncsc_computed));
    enter(tx, actor, sight, &format!("Category proposed to the NCSC: {proposed}.")).await?;
    write_log(tx, actor, sight, "incident.category_proposed", json!({ "category": category })).await
}

/// Keeps the category that the NCSC assigned. What we propose stays beside it.
pub async fn assign(tx: &mut Tx, actor: &Actor, sight: &Sight, assigned: &Assigned) -> Result<()> {
    let by = decider(actor, sight)?;
    let incident = sight.incident.id;
    in_range(Some(assigned.category))?;
    if assigned.on > tx.now {
        return Err(CaseError::Refused("The day on which it was assigned cannot be in the future.".into()));
    }
    let triage = opened(tx, incident).await?;
    let before = (triage.ncsc_assigned, triage.ncsc_assigned_on, triage.ncsc_reference.as_str());
    if before == (Some(assigned.category), Some(assigned.on), assigned.reference.as_str()) {
        return Ok(());
    }
    if !store::assign(tx, incident, triage.version, (assigned, by)).await? {
        return Err(CaseError::Overtaken);
    }
    enter(tx, actor, sight, &format!("The NCSC assigned category {}.", ncsc::called(assigned.category)))
        .await?;
    write_log(tx, actor, sight, "incident.category_assigned", json!({ "category": assigned.category })).await
}

fn in_range(category: Option<i64>) -> Result<()> {
    if category.is_none_or(|category| (1..=6).contains(&category)) {
        Ok(())
    } else {
        Err(CaseError::Refused("Select a category from 1 to 6.".into()))
    }
}

/// Says whether it gets better. What was judged before stays.
pub async fn judge(tx: &mut Tx, actor: &Actor, sight: &Sight, outlook: Outlook) -> Result<()> {
    let by = decider(actor, sight)?;
    let incident = sight.incident.id;
    let before = store::outlooks(tx, incident).await?;
    if before.first().is_some_and(|judged| judged.outlook == outlook) {
        return Ok(());
    }
    store::judge(tx, incident, outlook, by).await?;
    enter(tx, actor, sight, &format!("Outlook: {}.", outlook.label().to_lowercase())).await?;
    write_log(tx, actor, sight, "incident.outlook_judged", json!({ "outlook": outlook.code() })).await
}

/// Keeps the outlook that a situation report tells: whoever issues it, the CERT or the organisation, judges.
pub(crate) async fn reported(
    tx: &mut Tx,
    incident: IncidentId,
    outlook: Outlook,
    by: PersonId,
) -> std::result::Result<(), DbError> {
    let before = store::outlooks(tx, incident).await?;
    if before.first().is_none_or(|judged| judged.outlook != outlook) {
        store::judge(tx, incident, outlook, by).await?;
    }
    Ok(())
}

/// The person at the CERT who decides.
fn decider(actor: &Actor, sight: &Sight) -> Result<PersonId> {
    sight.write(Zone::Shared, TO_DECIDE)?;
    let person = actor
        .person()
        .filter(|_| sight.party == Party::Cert && actor.is_any(&[Role::Analyst, Role::DutyManager]));
    Ok(person.ok_or(Forbidden(TO_DECIDE))?.id)
}

/// What was decided about an incident; what was reported before there was a priority begins now, with nothing known.
async fn opened(tx: &mut Tx, incident: IncidentId) -> Result<Triage> {
    if let Some(found) = store::triage(tx, incident).await? {
        return Ok(found);
    }
    let category = category(tx, incident, &Facts::UNKNOWN).await?;
    match store::begin(tx, incident, &decide(&Facts::UNKNOWN), category).await {
        Err(DbError::Constraint(_)) => return Err(CaseError::Overtaken),
        other => other?,
    }
    store::triage(tx, incident).await?.ok_or(CaseError::NotFound)
}

async fn category(tx: &mut Tx, incident: IncidentId, facts: &Facts) -> std::result::Result<i64, DbError> {
    let kind = store::kind_of_organisation(tx, incident).await?;
    Ok(ncsc::computed(facts, kind.and_then(|kind| kind.parse().ok())))
}

async fn enter(tx: &mut Tx, actor: &Actor, sight: &Sight, text: &str) -> Result<()> {
    let entering = Entering::now(tx, Zone::Shared, Kind::Triage, sight.incident.id.0, text);
    timeline::enter(tx, actor, sight, &entering).await?;
    Ok(())
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    verb: &'static str,
    payload: Json,
) -> Result<()> {
    let mut entry = Entry::new(verb).about(sight.incident.id.0);
    if let Some(organisation) = sight.incident.organisation_id {
        entry = entry.organisation(organisation);
    }
    log::write(tx, actor, entry.with(payload)).await?;
    Ok(())
}

//! `POST /api/v1/query`: a pipeline of stages, read into a plan of known parts, and the plan run as one bounded
//! statement over what the caller sees.
//!
//! A stage, property or operator that is not covered is refused by its name. What a key may not see is not there: each
//! list begins with it (see [`Noun`](super::noun::Noun)).

pub(super) mod field;
mod filter;

use axum::{extract::State, response::IntoResponse};
use db::{Direction, Filter, Snapshot};
use platform::{
    App,
    web::{Error, Json as Body},
};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use self::filter::Reader;
use super::{
    Caller, alert, case, entry,
    noun::{Bound, Noun},
    observable, task,
};
use crate::case::timeline::EntryId;

/// The most stages of one query.
const MOST_STAGES: usize = 20;
/// The most rows of one page, and of a query without one.
pub(super) const MOST_ROWS: i64 = 500;
/// The furthest place that a page may end at.
const FURTHEST: i64 = 100_000;

/// A query as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    query: Vec<Map<String, Json>>,
    #[serde(default, rename = "excludeFields")]
    exclude_fields: Vec<String>,
}

/// A query as it is run.
#[derive(Debug)]
struct Plan {
    noun: &'static Noun,
    bound: Bound,
    filters: Vec<Filter>,
    order: Vec<(&'static str, Direction)>,
    page: Option<(i64, i64)>,
    count: bool,
}

/// How far a pipeline has come: what may still follow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Come {
    From,
    Filtered,
    Sorted,
    Paged,
    Counted,
}

/// `POST /api/v1/query`
pub(super) async fn run(
    State(app): State<App>,
    caller: Caller,
    Body(query): Body<Query>,
) -> Result<impl IntoResponse, Error> {
    let mut snapshot = app.db.read_long().await?;
    let plan = read(&mut snapshot, &query.query).await?;
    if plan.count {
        let selection = plan.noun.select(&caller.actor, app.env.now(), &plan.bound);
        let selection = selection.filtered(&Filter::All(plan.filters)).counted();
        let counted: Vec<(i64,)> = snapshot.list(selection).await?;
        return Ok(axum::Json(Json::from(counted.first().map_or(0, |(count,)| *count))));
    }
    let (from, most) = plan.page.unwrap_or((0, MOST_ROWS));
    let mut order = plan.order;
    order.push((plan.noun.key, Direction::Descending));
    let selection = plan.noun.select(&caller.actor, app.env.now(), &plan.bound);
    let selection = selection.filtered(&Filter::All(plan.filters)).page(&order, from, most);
    let mut rows = (plan.noun.read)(&mut snapshot, &app, selection).await?;
    for row in rows.iter_mut().filter_map(Json::as_object_mut) {
        row.retain(|name, _| !query.exclude_fields.iter().any(|excluded| excluded == name));
    }
    Ok(axum::Json(Json::from(rows)))
}

/// The plan of these stages.
async fn read(snapshot: &mut Snapshot, stages: &[Map<String, Json>]) -> Result<Plan, Error> {
    let (Some((first, rest)), true) = (stages.split_first(), stages.len() <= MOST_STAGES) else {
        return Err(Error::Invalid(format!("query: Send a list of 1 to {MOST_STAGES} stages.")));
    };
    let (mut noun, mut bound) = source(snapshot, first).await?;
    let mut rest = rest;
    // What leads from one thing to others of it comes before anything else.
    while let Some((stage, after)) = rest.split_first() {
        let Some(next) = led(noun, &bound, stage)? else { break };
        ((noun, bound), rest) = (next, after);
    }
    let mut plan = Plan { noun, bound, filters: Vec::new(), order: Vec::new(), page: None, count: false };
    let mut reader = Reader { fields: noun.fields, count: 0 };
    let mut come = Come::From;
    for stage in rest {
        let name = name_of(stage)?;
        let next = match name {
            "filter" => Come::Filtered,
            "sort" => Come::Sorted,
            "page" => Come::Paged,
            "count" => Come::Counted,
            _ => return Err(Error::Invalid(format!("query: The stage “{name}” is not covered here."))),
        };
        // Filters may follow one another, and nothing else may come twice; what is counted is no page.
        let follows = if next == Come::Filtered { come <= next } else { come < next };
        if !follows || (next == Come::Counted && come == Come::Paged) {
            let order = "filters, then one sort, then one page, or count";
            return Err(Error::Invalid(format!("query: “{name}” cannot stand there. First come {order}.")));
        }
        come = next;
        let mut body = stage.clone();
        body.remove("_name");
        match next {
            Come::Filtered => plan.filters.push(reader.read(&body)?),
            Come::Sorted => plan.order = sorted(noun, &body)?,
            Come::Paged => plan.page = Some(paged(&body)?),
            Come::Counted => {
                nothing_else(name, &body)?;
                plan.count = true;
            }
            Come::From => {}
        }
    }
    Ok(plan)
}

fn name_of(stage: &Map<String, Json>) -> Result<&str, Error> {
    let name = stage.get("_name").and_then(Json::as_str);
    name.ok_or_else(|| Error::Invalid("query: Each stage has a _name.".to_owned()))
}

fn nothing_else(name: &str, body: &Map<String, Json>) -> Result<(), Error> {
    match body.keys().find(|key| *key != "_name" && *key != "idOrName") {
        Some(key) => Err(Error::Invalid(format!("query, {name}: “{key}” is not covered."))),
        None => Ok(()),
    }
}

/// What a query begins with.
async fn source(snapshot: &mut Snapshot, stage: &Map<String, Json>) -> Result<(&'static Noun, Bound), Error> {
    let name = name_of(stage)?;
    nothing_else(name, stage)?;
    let nouns: [(&str, &str, &'static Noun); 5] = [
        ("listCase", "getCase", &case::NOUN),
        ("listTask", "getTask", &task::NOUN),
        ("listLog", "getLog", &entry::LOGS),
        ("listObservable", "getObservable", &observable::NOUN),
        ("listAlert", "getAlert", &alert::NOUN),
    ];
    let known = nouns.iter().find(|(list, get, _)| [*list, *get].contains(&name));
    let &(list, get, noun) = known.ok_or_else(|| {
        let known: Vec<_> = nouns.iter().flat_map(|(list, get, _)| [*list, *get]).collect();
        Error::Invalid(format!("query: The stage “{name}” is not covered. These are: {}.", known.join(", ")))
    })?;
    if name == list {
        return match stage.get("idOrName") {
            Some(_) => Err(Error::Invalid(format!("query, {list}: “idOrName” is not covered."))),
            None => Ok((noun, Bound::All)),
        };
    }
    let missing = || Error::Invalid(format!("query, {get}: idOrName is missing, or is no text."));
    let called = match stage.get("idOrName").ok_or_else(missing)? {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        _ => return Err(missing()),
    };
    let id = match (get, called.parse().ok()) {
        ("getCase", _) => case::called(snapshot, &called).await?.map(|id| id.0),
        ("getLog", Some(id)) => Some(entry::api::latest(snapshot, EntryId(id)).await?.0),
        (_, id) => id,
    };
    // There is nothing by the nil id.
    Ok((noun, Bound::One(id.unwrap_or(Uuid::nil()))))
}

/// To what a stage leads from one thing, where it leads anywhere.
fn led(
    noun: &'static Noun,
    bound: &Bound,
    stage: &Map<String, Json>,
) -> Result<Option<(&'static Noun, Bound)>, Error> {
    let Bound::One(id) = *bound else { return Ok(None) };
    let name = name_of(stage)?;
    let next = match (noun.name, name) {
        ("Case", "tasks") => (&task::NOUN, Bound::OfCase(id)),
        ("Case", "observables") => (&observable::NOUN, Bound::OfCase(id)),
        ("Case", "alerts") => (&alert::NOUN, Bound::OfCase(id)),
        ("Task", "logs") => (&entry::LOGS, Bound::OfTask(id)),
        _ => return Ok(None),
    };
    nothing_else(name, stage)?;
    Ok(Some(next))
}

/// By what a list is ordered.
fn sorted(noun: &Noun, body: &Map<String, Json>) -> Result<Vec<(&'static str, Direction)>, Error> {
    let wrong = || {
        let sentence = "query, sort: Send _fields as a list of objects such as {\"_createdAt\": \"desc\"}.";
        Error::Invalid(sentence.to_owned())
    };
    let fields = body.get("_fields").and_then(Json::as_array).filter(|_| body.len() == 1);
    let fields = fields.filter(|fields| (1..=5).contains(&fields.len())).ok_or_else(wrong)?;
    let one = |field: &Json| {
        let object = field.as_object().filter(|object| object.len() == 1).ok_or_else(wrong)?;
        let (name, direction) = object.iter().next().ok_or_else(wrong)?;
        let direction = match direction.as_str() {
            Some("asc") => Direction::Ascending,
            Some("desc") => Direction::Descending,
            _ => return Err(wrong()),
        };
        let known: Vec<_> = noun.fields.iter().filter(|field| field.orders()).collect();
        let found = known.iter().find(|field| field.name == name).map(|field| (field.column, direction));
        found.ok_or_else(|| {
            let names: Vec<_> = known.iter().map(|field| field.name).collect();
            Error::Invalid(format!("query, sort: “{name}” is not covered. These are: {}.", names.join(", ")))
        })
    };
    fields.iter().map(one).collect()
}

/// From which place on, and how many rows.
fn paged(body: &Map<String, Json>) -> Result<(i64, i64), Error> {
    if let Some(key) = body.keys().find(|key| !["from", "to", "extraData"].contains(&key.as_str())) {
        return Err(Error::Invalid(format!("query, page: “{key}” is not covered.")));
    }
    let extra = body.get("extraData").is_some_and(|extra| extra.as_array().is_none_or(|all| !all.is_empty()));
    if extra {
        return Err(Error::Invalid("query, page: “extraData” is not covered: leave it empty.".to_owned()));
    }
    let end = |key: &str| body.get(key).and_then(Json::as_i64).filter(|at| (0..=FURTHEST).contains(at));
    match (end("from"), end("to")) {
        (Some(from), Some(to)) if from <= to && to - from <= MOST_ROWS => Ok((from, to - from)),
        _ => Err(Error::Invalid(format!(
            "query, page: Send from and to, {MOST_ROWS} rows apart at most and {FURTHEST} at the furthest."
        ))),
    }
}

//! The CERT's list of incidents, with those that nobody has vouched for apart; and an organisation's own.

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::{
    access::Role,
    message::{self, Down},
    web::{
        Error, Visit,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    access::{HANDLE_INCIDENTS, KEEP_CODES},
    case::guest::{self, LetIn},
    incident::{
        IncidentId, Standing, State as Where,
        list::{self, Filter},
        store::{self, Incident},
    },
    triage::{
        Priority,
        paging::bound::{self, Held},
    },
};

/// The list's address: what was asked for, kept from page to page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    /// `apart` for those that nobody has vouched for.
    list: String,
    /// A state, or any.
    state: String,
    /// How far they are believed, or any.
    standing: String,
    /// How urgent, or any.
    priority: String,
    /// A number, or words of an organisation's name or code.
    q: String,
    /// `priority` for the most urgent first; else the newest.
    #[serde(skip_serializing_if = "String::is_empty")]
    sort: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    after: String,
}

#[expect(clippy::struct_excessive_bools, reason = "each says whether a part of the page is there")]
#[derive(Template)]
#[template(path = "incident/list.html")]
struct ListPage {
    shell: Shell,
    problems: Problems,
    page: Page<Incident>,
    apart: bool,
    /// How many wait to be taken on, in the list and apart.
    waiting: (String, String),
    states: Vec<Choice>,
    standings: Vec<Choice>,
    priorities: Vec<Choice>,
    /// What was looked for.
    q: String,
    /// What it is narrowed to; empty where everything is shown.
    narrowed: String,
    next: String,
    by_urgency: bool,
    /// Where the same is in either order.
    newest_first: String,
    urgent_first: String,
    may_handle: bool,
    keeps_codes: bool,
    /// Urgent ones for which nobody is rung yet.
    held: Vec<Held>,
    /// What takes no messages at the moment.
    down: Vec<Down>,
}

impl ListPage {
    const fn caption(&self) -> &'static str {
        if self.by_urgency { "The most urgent first" } else { "The newest first" }
    }

    /// What a column that sorts says of itself: the one of priority, or that of when it was reported.
    const fn order(&self, of_priority: bool) -> &'static str {
        match (self.by_urgency, of_priority) {
            (true, true) => "ascending",
            (false, false) => "descending",
            _ => "",
        }
    }
}

#[derive(Template)]
#[template(path = "incident/own.html")]
struct OwnPage {
    shell: Shell,
    page: Page<Incident>,
    next: String,
    /// The cases of others to which they were let in.
    let_in: Vec<LetIn>,
    may_report: bool,
    keeps_codes: bool,
}

/// `GET /incidents`
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let after: Option<IncidentId> = cursor::read(&asked.after);
    if !visit.actor.at_cert() {
        return own(visit, after).await;
    }
    let apart = asked.list == "apart";
    let state: Option<Where> = asked.state.parse().ok();
    let standing: Option<Standing> = asked.standing.parse().ok();
    let priority: Option<Priority> = asked.priority.parse().ok();
    let mut snapshot = visit.app.read().await?;
    // Whoever types a number wants that one, in whichever list it is.
    if let Ok(number) = asked.q.parse()
        && let Some(id) = store::called(&mut snapshot, &number).await?
    {
        return Ok(Redirect::to(&format!("/incidents/{id}")).into_response());
    }
    let filter = Filter { apart, state, standing, priority, search: asked.q.clone() };
    let by_urgency = asked.sort == "priority";
    let page = if by_urgency {
        let after = cursor::read(&asked.after);
        let after = after.map(|(priority, id): (String, IncidentId)| (priority.parse().ok(), id));
        let rows = list::list_by_urgency(&mut snapshot, &filter, after).await?;
        Page::of(rows, |row| (row.priority.map_or("", Priority::code), row.id))
    } else {
        Page::of(list::list(&mut snapshot, &filter, after).await?, |row| row.id)
    };
    let waiting = (store::waiting(&mut snapshot, false).await?, store::waiting(&mut snapshot, true).await?);
    let held = bound::held(&mut snapshot).await?;
    let down = message::all_down(&mut snapshot).await?;
    drop(snapshot);
    let address = |after: &str, sort: &str| {
        let asked = Asked { after: after.to_owned(), sort: sort.to_owned(), ..asked.clone() };
        Some(format!("/incidents?{}", serde_html_form::to_string(asked).ok()?))
    };
    let next = page.next.as_ref().and_then(|after| address(after, &asked.sort));
    let [newest_first, urgent_first] = ["", "priority"].map(|sort| address("", sort).unwrap_or_default());
    let chosen = |choices: Vec<Choice>, typed: &str| -> Vec<Choice> {
        let any = std::iter::once(Choice::new("any", "Any"));
        any.chain(choices).map(|choice| choice.chosen_in(&[typed])).collect()
    };
    let states = Where::ALL.iter().map(|each| Choice::new(each.code(), each.label())).collect();
    let standings = Standing::ALL.iter().filter(|each| each.is_apart() == apart);
    let standings = standings.map(|each| Choice::new(each.code(), each.label())).collect();
    let labelled = |each: &Priority| Choice::new(each.code(), format!("{}: {}", each.label(), each.means()));
    let priorities = Priority::ALL.iter().map(labelled).collect();
    let up_to = |count: i64| if count < 1_000 { count.to_string() } else { "1,000 or more".to_owned() };
    let narrowed = [state.map(Where::label), priority.map(Priority::label), standing.map(Standing::label)];
    let page = ListPage {
        problems: Problems::none(),
        page,
        apart,
        waiting: (up_to(waiting.0), up_to(waiting.1)),
        states: chosen(states, &asked.state),
        standings: chosen(standings, &asked.standing),
        priorities: chosen(priorities, &asked.priority),
        narrowed: narrowed.into_iter().flatten().collect::<Vec<_>>().join("; "),
        q: asked.q,
        next: next.unwrap_or_default(),
        by_urgency,
        newest_first,
        urgent_first,
        may_handle: visit.actor.is_any(HANDLE_INCIDENTS),
        keeps_codes: visit.actor.is_any(KEEP_CODES),
        held,
        down,
        shell: visit.shell,
    };
    Ok(render(StatusCode::OK, &page))
}

async fn own(visit: Visit, after: Option<IncidentId>) -> Result<Response, Error> {
    let after = after.unwrap_or(IncidentId(Uuid::max()));
    let mut snapshot = visit.app.db.read_long().await?;
    let rows = store::all_own(&mut snapshot, &visit.actor, visit.shell.now, after).await?;
    let let_in = guest::let_in_to(&mut snapshot, &visit.actor, visit.shell.now).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    let next = page.next_of("/incidents");
    let (may_report, keeps_codes) = (visit.actor.is_any(Role::ANSWERING), visit.actor.is_any(KEEP_CODES));
    Ok(render(StatusCode::OK, &OwnPage { shell: visit.shell, page, next, let_in, may_report, keeps_codes }))
}

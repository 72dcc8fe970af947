//! The list of threats, best first, with its filters.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use formats::epss::Fraction;
use http::StatusCode;
use platform::{
    Actor, App,
    web::{
        Error,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    access::WRITE_ADVISORIES,
    feed::{self, Feed},
    threat::{
        Kind, Status,
        list::{self, Cursor, Filter, Kinds, Listed},
        percent,
    },
    triage::{self, Decision},
};

/// The list's address: what was asked for, kept from page to page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    /// A status; `any`, or new ones where it is absent.
    status: Option<String>,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    decision: String,
    #[serde(default)]
    exploited: String,
    #[serde(default)]
    ransomware: String,
    #[serde(default)]
    medical: String,
    #[serde(default)]
    mine: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl Asked {
    /// New ones, unless asked otherwise; who looks for one by name wants it whatever became of it.
    fn status(&self) -> &str {
        let usual = if self.q.trim().is_empty() { Status::New.code() } else { "any" };
        self.status.as_deref().unwrap_or(usual)
    }

    /// Techniques and groups are left out, unless somebody asks for a kind, or by name.
    fn kinds(&self) -> Kinds {
        match self.kind.parse() {
            Ok(kind) => Kinds::One(kind),
            Err(_) if self.q.trim().is_empty() => Kinds::ToJudge,
            Err(_) => Kinds::Every,
        }
    }

    fn filter(&self, actor: &Actor) -> Filter {
        Filter {
            status: self.status().parse().ok(),
            kinds: self.kinds(),
            decision: self.decision.parse().ok(),
            exploited: self.exploited == YES,
            ransomware: self.ransomware == YES,
            medical: self.medical == YES,
            claimed_by: actor.person().filter(|_| self.mine == YES).map(|person| person.id),
            search: self.q.clone(),
        }
    }
}

const YES: &str = "yes";

#[derive(Template)]
#[template(path = "threat/list.html")]
struct ListPage {
    shell: Shell,
    problems: Problems,
    page: Page<Listed>,
    asked: Asked,
    statuses: Vec<Choice>,
    kinds: Vec<Choice>,
    decisions: Vec<Choice>,
    /// How many rose in the last day, where any did.
    rose: Option<String>,
    next: String,
    may_write: bool,
    /// Feeds of which people know that something is wrong.
    alarmed: Vec<Feed>,
}

/// `GET /threats`
pub(super) async fn list(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let after = asked.after.as_deref().and_then(cursor::read::<Cursor>);
    // A search may look at many words: it does not hold up pages that only follow an index.
    let mut snapshot = if asked.q.trim().is_empty() { app.read().await? } else { app.db.read_long().await? };
    let rows = list::list(&mut snapshot, &asked.filter(&actor), after).await?;
    let alarmed = feed::store::alarmed(&mut snapshot).await?;
    let rose = triage::store::how_many_rose(&mut snapshot, shell.now - triage::DAY).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| (row.rank, row.dated.clone(), row.id));
    let next = page.next.as_ref().and_then(|after| {
        let asked = Asked { after: Some(after.clone()), ..asked.clone() };
        Some(format!("/threats?{}", serde_html_form::to_string(asked).ok()?))
    });
    let mut statuses: Vec<_> =
        Status::ALL.iter().map(|each| Choice::new(each.code(), each.label())).collect();
    statuses.push(Choice::new("any", "Any status"));
    let mut kinds = vec![Choice::new("", "Every kind")];
    kinds.extend(Kind::ALL.iter().map(|each| Choice::new(each.code(), each.label())));
    let mut decisions = vec![Choice::new("", "Any decision")];
    decisions.extend(Decision::ALL.iter().map(|each| Choice::new(each.code(), each.label())));
    let page = ListPage {
        decisions: decisions.into_iter().map(|choice| choice.chosen_in(&[&asked.decision])).collect(),
        rose: triage::rose(rose),
        problems: Problems::none(),
        statuses: statuses.into_iter().map(|choice| choice.chosen_in(&[asked.status()])).collect(),
        kinds: kinds.into_iter().map(|choice| choice.chosen_in(&[&asked.kind])).collect(),
        next: next.unwrap_or_default(),
        may_write: actor.is_any(WRITE_ADVISORIES),
        alarmed,
        page,
        asked,
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}

impl ListPage {
    fn only(&self, name: &'static str, label: &'static str) -> Vec<Choice> {
        let typed = match name {
            "exploited" => &self.asked.exploited,
            "ransomware" => &self.asked.ransomware,
            "medical" => &self.asked.medical,
            _ => &self.asked.mine,
        };
        vec![Choice::new(YES, label).chosen_in(&[typed])]
    }
}

impl Listed {
    /// What is decided about it.
    fn decision(&self) -> Option<Decision> {
        Decision::of_rank(self.rank)
    }

    /// The headline's score, such as 9.8.
    fn score(&self) -> String {
        self.score.map(|tenths| format!("{}.{}", tenths / 10, tenths % 10)).unwrap_or_default()
    }

    /// How likely it is to be exploited.
    fn epss(&self) -> String {
        self.epss.and_then(Fraction::from_billionths).map(percent).unwrap_or_default()
    }
}

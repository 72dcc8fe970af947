//! The list of threats, best first, with its filters.

use askama::Template;
use axum::{extract::Query, response::Response};
use formats::{
    epss::Fraction,
    markdown::{SafeHtml, to_html},
};
use http::StatusCode;
use platform::{
    Actor,
    web::{
        Error, Visit,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    access::WRITE_ADVISORIES,
    feed::{self, Feed},
    handover::{self, store::Note},
    question,
    saved_filter::{self, store::SavedFilter},
    threat::{
        Kind, Status,
        list::{self, Cursor, Filter, Kinds, Listed},
        percent,
        together::Verb,
    },
    triage::{self, Decision},
};

use super::together::POINT;

/// The list's address: what was asked for, kept from page to page and in saved filters.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Asked {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    q: String,
    /// A status; `any`, or new ones where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    decision: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    exploited: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    ransomware: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    medical: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    mine: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// Letters of a search that are kept with a filter.
const SOUGHT: usize = 200;

impl Asked {
    /// New ones, unless asked otherwise; who looks for one by name wants it whatever became of it.
    fn status(&self) -> &str {
        let usual = if self.q.trim().is_empty() { Status::New.code() } else { "any" };
        self.status.as_deref().unwrap_or(usual)
    }

    fn kinds(&self) -> Kinds {
        Kinds::asked(self.kind.parse().ok(), &self.q)
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

    /// What it shows, where that is something else than all new ones.
    fn narrowed(&self) -> Option<String> {
        (self.query() != Self::default().query()).then(|| self.words())
    }

    /// It as an address, from the first page on, with nothing but what is a filter.
    pub(crate) fn query(&self) -> String {
        let yes = |typed: &String| if typed == YES { YES.to_owned() } else { String::new() };
        let known = |typed: &String, is: bool| if is { typed.clone() } else { String::new() };
        let asked = Self {
            q: self.q.trim().chars().take(SOUGHT).collect(),
            status: Some(self.status())
                .filter(|status| *status == "any" || status.parse::<Status>().is_ok())
                .map(str::to_owned),
            kind: known(&self.kind, self.kind.parse::<Kind>().is_ok()),
            decision: known(&self.decision, self.decision.parse::<Decision>().is_ok()),
            exploited: yes(&self.exploited),
            ransomware: yes(&self.ransomware),
            medical: yes(&self.medical),
            mine: yes(&self.mine),
            after: None,
        };
        serde_html_form::to_string(asked).unwrap_or_default()
    }

    /// What it shows, such as "Act, new, only what is known to be exploited".
    pub(crate) fn words(&self) -> String {
        let only = |typed: &String, words: &str| (typed == YES).then(|| words.to_owned());
        let status = self.status().parse::<Status>();
        let parts = [
            self.decision.parse::<Decision>().ok().map(|decision| format!("decision {}", decision.label())),
            Some(status.map_or("any status".to_owned(), |status| format!("status {}", status.label()))),
            self.kind.parse::<Kind>().ok().map(|kind| format!("kind {}", kind.label())),
            only(&self.exploited, "known to be exploited"),
            only(&self.ransomware, "used by ransomware"),
            only(&self.medical, "about medical devices"),
            only(&self.mine, "claimed by whoever looks"),
            Some(self.q.trim()).filter(|sought| !sought.is_empty()).map(|sought| format!("with “{sought}”")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

const YES: &str = "yes";

/// What was done to several of them just now.
#[derive(Debug, Deserialize)]
pub(super) struct Done {
    done: Option<String>,
    #[serde(default)]
    moved: usize,
}

impl Done {
    /// In words, such as "Claimed 3 threats."; nothing where nothing was done.
    fn words(&self) -> Option<String> {
        let done = self.done.as_deref()?;
        let threats = if self.moved == 1 { "threat" } else { "threats" };
        if done == POINT {
            return Some(format!("Set the decision point of {} {threats}.", self.moved));
        }
        let verb: Verb = done.parse().ok()?;
        Some(format!("{} {} {threats}.", verb.done(), self.moved))
    }
}

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
    /// This person's saved filters, and the filter of this page as an address.
    saved: Vec<SavedFilter>,
    query: String,
    /// The last hand-over note, and its text.
    note: Option<(Note, SafeHtml)>,
    may_write: bool,
    /// How many questions of organisations wait for an answer.
    questions: i64,
    /// Feeds of which people know that something is wrong.
    alarmed: Vec<Feed>,
    /// What was done to several of them just now.
    done: Option<String>,
}

/// `GET /threats`
pub(super) async fn list(
    visit: Visit,
    Query(asked): Query<Asked>,
    Query(done): Query<Done>,
) -> Result<Response, Error> {
    let after = asked.after.as_deref().and_then(cursor::read::<Cursor>);
    // A search may look at many words: it does not hold up pages that only follow an index.
    let mut snapshot =
        if asked.q.trim().is_empty() { visit.app.read().await? } else { visit.app.db.read_long().await? };
    let rows = list::list(&mut snapshot, &asked.filter(&visit.actor), after).await?;
    let alarmed = feed::store::alarmed(&mut snapshot).await?;
    let rose = triage::store::how_many_rose(&mut snapshot, visit.shell.now - triage::DAY).await?;
    let saved = match visit.actor.person() {
        Some(person) => saved_filter::store::own(&mut snapshot, person.id).await?,
        None => Vec::new(),
    };
    let note = handover::store::last(&mut snapshot).await?;
    let questions = question::store::waiting(&mut snapshot).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| (row.rank, row.dated.clone(), row.id));
    let next = page.next_asking("/threats", |after| Asked { after: Some(after), ..asked.clone() });
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
        saved,
        query: asked.query(),
        note: note.map(|note| (note.clone(), to_html(&note.beginning()))),
        problems: Problems::none(),
        statuses: statuses.into_iter().map(|choice| choice.chosen_in(&[asked.status()])).collect(),
        kinds: kinds.into_iter().map(|choice| choice.chosen_in(&[&asked.kind])).collect(),
        next,
        may_write: visit.actor.is_any(WRITE_ADVISORIES),
        questions,
        alarmed,
        done: done.words(),
        page,
        asked,
        shell: visit.shell,
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

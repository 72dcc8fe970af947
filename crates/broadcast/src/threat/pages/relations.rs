//! What a threat has to do with others, both ways and in words: a part of its page, and a page of its
//! own where that is much.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use db::{DbError, Snapshot};
use formats::stix::Content;
use http::StatusCode;
use platform::{
    App,
    web::{
        Error,
        cursor::{self, PAGE, Page},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use crate::threat::{
    ThreatId,
    intake::stix,
    relation::{Way, words},
    store::{
        self, objects,
        relations::{self, Cursor, Helps, Other},
    },
};

/// Letters of a course of action that a page shows.
const LONGEST: usize = 500;

/// What a threat has to do with others, as far as it fits its page.
#[derive(Debug)]
pub(crate) struct Relations {
    pub groups: Vec<Group>,
    /// Ways that have more than the page shows, each with the address of all and what it is called.
    pub more: Vec<(String, &'static str)>,
    /// How many lead to something unknown, in words; empty for none.
    pub unresolved: String,
    pub helps: Vec<Help>,
}

/// Others to which a threat stands alike.
#[derive(Debug)]
pub(crate) struct Group {
    /// How, with a capital letter.
    pub how: String,
    pub rows: Vec<Row>,
}

/// Another object.
#[derive(Debug)]
pub(crate) struct Row {
    pub called: String,
    /// Its page: that of the threat where it is one, or its own.
    pub href: String,
    pub kind: String,
    /// What is to be done, of a course of action.
    pub text: String,
}

/// What helps against what an actor uses.
#[derive(Debug)]
pub(crate) struct Help {
    pub object: String,
    pub called: String,
    pub against: String,
    pub text: String,
}

impl Relations {
    pub(crate) async fn of(snapshot: &mut Snapshot, threat: ThreatId) -> Result<Self, DbError> {
        let (mut groups, mut more) = (Vec::new(), Vec::new());
        let ways = [(Way::Out, "Everything that this leads to"), (Way::In, "Everything that leads here")];
        for (way, label) in ways {
            let mut others = relations::relations(snapshot, threat, way, None).await?;
            if others.len() > PAGE {
                others.truncate(PAGE);
                more.push((format!("/threats/{threat}/relations?way={}", code(way)), label));
            }
            groups.extend(grouped(snapshot, others, way).await?);
        }
        let helps = helping(snapshot, threat).await?;
        Ok(Self {
            groups,
            more,
            unresolved: match relations::unresolved(snapshot, threat).await? {
                0 => String::new(),
                1 => "One more relation leads to something that no document has brought yet.".to_owned(),
                1001.. => {
                    "More than 1,000 relations lead to something that no document has brought yet.".to_owned()
                }
                some => format!("{some} more relations lead to something that no document has brought yet."),
            },
            helps,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.unresolved.is_empty()
    }
}

/// What helps against the techniques that a threat uses, the most first.
pub(crate) async fn helping(snapshot: &mut Snapshot, threat: ThreatId) -> Result<Vec<Help>, DbError> {
    let helps = relations::helps(snapshot, threat).await?;
    let ids: Vec<String> = helps.iter().map(|help| help.object.clone()).collect();
    let texts = texts(snapshot, ids).await?;
    let help = |help: Helps| Help {
        called: called(&help.number, &help.called, &help.object),
        against: match help.against {
            1 => "one of the techniques".to_owned(),
            many => format!("{many} of the techniques"),
        },
        text: texts.get(&help.object).cloned().unwrap_or_default(),
        object: help.object,
    };
    Ok(helps.into_iter().map(help).collect())
}

/// The others, put together by how the threat stands to them.
pub(super) async fn grouped(
    snapshot: &mut Snapshot,
    others: Vec<Other>,
    way: Way,
) -> Result<Vec<Group>, DbError> {
    let courses = others.iter().filter(|other| other.kind == "course-of-action");
    let texts = texts(snapshot, courses.map(|other| other.object.clone()).collect()).await?;
    let mut groups: Vec<Group> = Vec::new();
    for other in others {
        let how = words(&other.how, way);
        let mut letters = how.chars();
        let how: String =
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
        let row = Row {
            called: called(&other.number, &other.called, &other.object),
            href: other.threat.map_or_else(
                || format!("/threats/objects/{}", other.object),
                |threat| format!("/threats/{threat}"),
            ),
            kind: kind(&other.kind),
            text: texts.get(&other.object).cloned().unwrap_or_default(),
        };
        match groups.last_mut().filter(|group| group.how == how) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { how, rows: vec![row] }),
        }
    }
    for group in &mut groups {
        group.rows.sort_by(|a, b| (&a.kind, &a.called).cmp(&(&b.kind, &b.called)));
    }
    Ok(groups)
}

pub(crate) fn called(number: &str, name: &str, object: &str) -> String {
    let name = if name.is_empty() { object } else { name };
    if number.is_empty() { name.to_owned() } else { format!("{number} {name}") }
}

/// The type of an object in words.
pub(super) fn kind(kind: &str) -> String {
    kind.trim_start_matches("x-mitre-").replace(['-', '_'], " ")
}

/// What these courses of action say is to be done.
async fn texts(snapshot: &mut Snapshot, courses: Vec<String>) -> Result<HashMap<String, String>, DbError> {
    let kept = objects::short(snapshot, &courses).await?;
    let text = |verbatim: String| {
        let object = stix::again(&verbatim)?;
        let Content::CourseOfAction(course) = &object.content else { return None };
        let text = stix::plain(course.description.as_deref().unwrap_or_default(), LONGEST);
        Some((object.id.to_string(), text))
    };
    Ok(kept.into_iter().filter_map(text).collect())
}

pub(super) const fn code(way: Way) -> &'static str {
    match way {
        Way::Out => "out",
        Way::In => "in",
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    way: String,
    #[serde(default)]
    pub after: String,
}

impl Asked {
    pub fn way(&self) -> Way {
        if self.way == code(Way::In) { Way::In } else { Way::Out }
    }
}

#[derive(Template)]
#[template(path = "threat/relations.html")]
struct RelationsPage {
    shell: Shell,
    threat: ThreatId,
    title: String,
    groups: Vec<Group>,
    next: String,
}

/// `GET /threats/{id}/relations?way=in`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let id = super::threat_id(&id)?;
    let way = asked.way();
    let mut snapshot = app.db.read_long().await?;
    let threat = store::threat(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let after = cursor::read::<Cursor>(&asked.after);
    let others = relations::relations(&mut snapshot, id, way, after.as_ref()).await?;
    let page = Page::of(others, |other| (other.how.clone(), other.object.clone()));
    let next = page.next.map(|after| format!("/threats/{id}/relations?way={}&after={after}", code(way)));
    let groups = grouped(&mut snapshot, page.rows, way).await?;
    let (threat, title, next) = (id, threat.title, next.unwrap_or_default());
    Ok(render(StatusCode::OK, &RelationsPage { shell, threat, title, groups, next }))
}

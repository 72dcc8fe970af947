//! STIX objects, whether they are threats or not: those that a document brought, and one with all that it has to do with.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use formats::{
    Tlp,
    stix::{KNOWN_TYPES, StixId},
};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    App,
    web::{
        Error,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::{
    VERBATIM,
    relations::{self, Group, called, code, kind},
};
use crate::{
    source::{self, DocumentId},
    threat::{
        intake::stix,
        relation::Way,
        store::{
            objects::{self, Object},
            relations::{Cursor, of_object},
        },
    },
};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    document: DocumentId,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "threat/objects.html")]
struct ObjectsPage {
    shell: Shell,
    problems: Problems,
    document: DocumentId,
    /// What the document is called.
    name: String,
    kinds: Vec<Choice>,
    rows: Vec<Object>,
    next: String,
}

/// `GET /threats/objects?document={id}&kind=tool`
pub(super) async fn list(
    State(app): State<App>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let document = source::store::document(&mut snapshot, asked.document).await?.ok_or(Error::NotFound)?;
    let sought = KNOWN_TYPES.iter().find(|known| **known == asked.kind);
    // An identifier begins with its type and two hyphens, and no letter of one comes after a tilde.
    let (from, until) = sought
        .map_or_else(|| (String::new(), "~".to_owned()), |kind| (format!("{kind}--"), format!("{kind}--~")));
    let after = cursor::read::<String>(&asked.after).unwrap_or(from);
    let rows = objects::of_document(&mut snapshot, document.id, (&after, &until)).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| row.object.clone());
    let chosen = sought.copied().unwrap_or_default();
    let next = page
        .next
        .map(|after| format!("/threats/objects?document={}&kind={chosen}&after={after}", document.id));
    let known = KNOWN_TYPES.iter().filter(|known| !matches!(**known, "bundle" | "relationship"));
    let known = known.map(|known| Choice::new(*known, kind(known)));
    let kinds = std::iter::once(Choice::new("", "Every type")).chain(known);
    let page = ObjectsPage {
        problems: Problems::none(),
        document: document.id,
        name: document.called().to_owned(),
        kinds: kinds.map(|choice| choice.chosen_in(&[chosen])).collect(),
        rows: page.rows,
        next: next.unwrap_or_default(),
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}

impl Object {
    fn called(&self) -> String {
        called(&self.number, &self.name, &self.object)
    }

    fn address(&self) -> String {
        format!("/threats/objects/{}", self.object)
    }

    /// Its type in words.
    fn kind_in_words(&self) -> String {
        kind(&self.kind)
    }
}

#[derive(Template)]
#[template(path = "threat/object.html")]
struct ObjectPage {
    shell: Shell,
    object: Object,
    /// The document that brought it, as it is called.
    document: String,
    /// How far it may travel, as far as it tells.
    marking: Option<Tlp>,
    verbatim: String,
    /// Whether it is longer than what is shown.
    is_cut: bool,
    older: Vec<Timestamp>,
    groups: Vec<Group>,
    way: Way,
    next: String,
}

/// `GET /threats/objects/{object}?way=in`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<String>,
    Query(asked): Query<relations::Asked>,
) -> Result<Response, Error> {
    let id: StixId = id.parse().map_err(|_| Error::NotFound)?;
    let id = id.to_string();
    let mut snapshot = app.db.read_long().await?;
    let object = objects::object(&mut snapshot, &id).await?.ok_or(Error::NotFound)?;
    let document =
        source::store::document(&mut snapshot, object.document_id).await?.ok_or(Error::NotFound)?;
    let longest = i64::try_from(VERBATIM).unwrap_or(i64::MAX);
    let (mut verbatim, older) = objects::words(&mut snapshot, &id, longest + 1).await?;
    let end = verbatim.char_indices().nth(VERBATIM).map(|(end, _)| end);
    if let Some(end) = end {
        verbatim.truncate(end);
    }
    let marking = stix::markings(&mut snapshot, std::slice::from_ref(&id)).await?.remove(&id).flatten();
    let (way, after) = (asked.way(), cursor::read::<Cursor>(&asked.after));
    let others = of_object(&mut snapshot, &id, way, after.as_ref()).await?;
    let page = Page::of(others, |other| (other.how.clone(), other.object.clone()));
    let next = page.next.map(|after| format!("/threats/objects/{id}?way={}&after={after}", code(way)));
    let page = ObjectPage {
        groups: relations::grouped(&mut snapshot, page.rows, way).await?,
        document: document.called().to_owned(),
        is_cut: end.is_some(),
        marking,
        next: next.unwrap_or_default(),
        shell,
        object,
        verbatim,
        older,
        way,
    };
    Ok(render(StatusCode::OK, &page))
}

impl ObjectPage {
    /// The other way, as an address and what it is called.
    fn other_way(&self) -> (String, &'static str) {
        let (way, label) = match self.way {
            Way::Out => (Way::In, "What leads here"),
            Way::In => (Way::Out, "What this leads to"),
        };
        (format!("{}?way={}", self.object.address(), code(way)), label)
    }
}

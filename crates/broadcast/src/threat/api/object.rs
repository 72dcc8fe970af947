//! One object of a STIX bundle in its own words, with what it has to do with others.

use axum::extract::{Path, Query, State};
use formats::{Tlp, stix::StixId};
use platform::{
    App,
    web::{
        Error,
        cursor::{self, Page},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::threat::{
    intake::stix,
    relation::Way,
    store::{
        objects,
        relations::{Cursor, Other, of_object},
    },
};

/// Which way relations lead, seen from the object.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Leading {
    /// From it to others.
    Out,
    /// From others to it.
    In,
}

/// Which relations, and where the list goes on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Wanted {
    /// Which way they lead; from the object to others where this is absent
    #[param(inline)]
    way: Option<Leading>,
    /// The `next` of the page before
    after: Option<String>,
}

/// An object of a STIX bundle, in its newest version.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CertObject {
    /// Its STIX identifier.
    #[schema(example = "course-of-action--70b3d5f6-374b-4488-8688-729b6eedac5b")]
    id: String,
    /// Where people read it.
    link: String,
    /// When this version was made; observables have no versions.
    modified: Option<String>,
    /// The id of the threat that it is; absent where it is none.
    threat: Option<String>,
    /// What it says; absent where it is TLP:RED, which is for people alone, or longer than 64 kB: the document has it.
    said: Option<CertObjectSaid>,
}

/// What an object says, and what is said of it.
#[derive(Debug, Serialize, ToSchema)]
struct CertObjectSaid {
    /// The object as its document has it, in JSON.
    verbatim: String,
    /// Up to 50 relations the way that was asked for, but for those with what is not told itself.
    relations: Vec<CertRelation>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// That an object has to do with another.
#[derive(Debug, Serialize, ToSchema)]
struct CertRelation {
    /// What its source calls the relation.
    #[schema(example = "mitigates")]
    relation: String,
    /// The identifier of the other object.
    object: String,
    /// Its name; empty where it has none.
    name: String,
    /// The number under which ATT&CK knows it; empty where it does not.
    #[schema(example = "T0859")]
    number: String,
    /// The id of the threat that it is; absent where it is none.
    threat: Option<String>,
}

impl From<Other> for CertRelation {
    fn from(other: Other) -> Self {
        Self {
            relation: other.how,
            object: other.object,
            name: other.called,
            number: other.number,
            threat: other.threat.map(|threat| threat.to_string()),
        }
    }
}

/// One object of a STIX bundle, whether it is a threat or not.
#[utoipa::path(
    get, path = "/api/v1/cert/objects/{object}", tag = "cert: threats", operation_id = "cert_show_object",
    params(("object" = String, Path, description = "Its STIX identifier"), Wanted),
    responses((status = 200, description = "The object", body = CertObject),
              (status = 404, description = "There is no such object"))
)]
pub(super) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<axum::Json<CertObject>, Error> {
    let id: StixId = id.parse().map_err(|_| Error::NotFound)?;
    let ids = [id.to_string()];
    let after: Option<Cursor> = cursor::given(wanted.after.as_deref())?;
    let way = match wanted.way {
        Some(Leading::In) => Way::In,
        Some(Leading::Out) | None => Way::Out,
    };
    let mut snapshot = app.db.read_long().await?;
    let object = objects::object(&mut snapshot, &ids[0]).await?.ok_or(Error::NotFound)?;
    // What is too long to be held has no marking here, and is not told.
    let told = |marking: Option<&Option<Tlp>>| marking.is_some_and(|marking| *marking != Some(Tlp::Red));
    let mut said = None;
    if told(stix::markings(&mut snapshot, &ids).await?.get(&ids[0])) {
        let verbatim = objects::short(&mut snapshot, &ids).await?.pop().ok_or(Error::NotFound)?;
        let others = of_object(&mut snapshot, &ids[0], way, after.as_ref()).await?;
        let page = Page::of(others, |other| (other.how.clone(), other.object.clone()));
        let others: Vec<String> = page.rows.iter().map(|other| other.object.clone()).collect();
        let marked = stix::markings(&mut snapshot, &others).await?;
        let others = page.rows.into_iter().filter(|other| told(marked.get(&other.object)));
        let relations = others.map(CertRelation::from).collect();
        said = Some(CertObjectSaid { verbatim, relations, next: page.next });
    }
    Ok(axum::Json(CertObject {
        link: app.link(&format!("/threats/objects/{}", object.object)),
        id: object.object,
        modified: object.modified.map(|at| at.to_string()),
        threat: object.threat.map(|threat| threat.to_string()),
        said,
    }))
}

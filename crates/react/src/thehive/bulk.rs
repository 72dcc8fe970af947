//! A change of one thing, or the same of several at once: all of them are changed, or none is.

use axum::extract::{Path, State};
use http::StatusCode;
use platform::{
    App, Tx,
    web::{Error, Json as Body},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::{Map, Value as Json};

use super::Caller;

/// The most things that one call changes.
const MOST: usize = 100;

/// What a client changes of a thing of one kind.
pub(super) trait Change: DeserializeOwned + Send + Sync {
    /// Changes the one that `id` names, where it is the caller's to change.
    fn change(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        id: &str,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// `PATCH /api/v1/THING/{id}`
pub(super) async fn update<U: Change>(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(change): Body<U>,
) -> Result<StatusCode, Error> {
    let mut tx = app.write().await?;
    change.change(&mut tx, &caller, &id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PATCH /api/v1/THING/_bulk`
pub(super) async fn update_all<U: Change>(
    State(app): State<App>,
    caller: Caller,
    Body(bulk): Body<Bulk<U>>,
) -> Result<StatusCode, Error> {
    let mut tx = app.write().await?;
    for id in bulk.ids()? {
        bulk.update.change(&mut tx, &caller, id).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is changed, and of what.
#[derive(Debug)]
pub(super) struct Bulk<U> {
    ids: Vec<String>,
    update: U,
}

impl<U> Bulk<U> {
    /// What is changed, each once.
    fn ids(&self) -> Result<Vec<&str>, Error> {
        each_once("ids", &self.ids)
    }
}

/// By hand, since serde's `flatten` would drop what the change has no field for: nothing is dropped here.
impl<'de, U: DeserializeOwned> Deserialize<'de> for Bulk<U> {
    fn deserialize<D: Deserializer<'de>>(body: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(body)?;
        let ids = fields.remove("ids").ok_or_else(|| D::Error::missing_field("ids"))?;
        let ids = Vec::deserialize(ids).map_err(|error| D::Error::custom(format!("ids: {error}")))?;
        let update = U::deserialize(Json::Object(fields)).map_err(D::Error::custom)?;
        Ok(Self { ids, update })
    }
}

/// What a list names, each once; in one order for everybody, so that no two calls wait for each other.
pub(super) fn each_once<'a>(field: &str, ids: &'a [String]) -> Result<Vec<&'a str>, Error> {
    if !(1..=MOST).contains(&ids.len()) {
        return Err(Error::Invalid(format!("{field}: Name 1 to {MOST}.")));
    }
    let mut ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Change {
        title: Option<String>,
    }

    #[test]
    fn what_a_change_has_no_field_for_is_refused_by_its_name() {
        let read =
            |body: Json| serde_json::from_value::<Bulk<Change>>(body).map_err(|error| error.to_string());
        let bulk = read(serde_json::json!({"ids": ["b", "a", "b"], "title": "c"})).unwrap();
        assert_eq!((bulk.ids().unwrap(), bulk.update.title.as_deref()), (vec!["a", "b"], Some("c")));
        for (body, word) in [
            (serde_json::json!({"ids": ["a"], "flag": true}), "flag"),
            (serde_json::json!({"title": "c"}), "ids"),
            (serde_json::json!({"ids": [7]}), "ids"),
        ] {
            assert!(read(body.clone()).unwrap_err().contains(word), "{body}");
        }
        let ids = |count| (0..count).map(|place: usize| place.to_string()).collect::<Vec<_>>();
        assert!(each_once("ids", &ids(MOST)).is_ok());
        assert!(each_once("ids", &ids(MOST + 1)).is_err() && each_once("ids", &[]).is_err());
    }
}

//! What somebody is about to say about an alert: kept page by page in the database, so that it is
//! still there after a new sign-in, and gone once it is said.

use db::{DbError, Snapshot};
use platform::{Actor, Tx};
use uuid::Uuid;

use super::{AlertId, Said, store::choices};

/// A draft, empty where nothing was kept yet.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// `all`, `all_but` or `only`.
    pub chosen: String,
    /// The words so far.
    pub said: Said,
    /// When it was changed, in microseconds: what a page showed is sent only while this is as it was.
    pub changed_at: i64,
}

fn holder(actor: &Actor) -> Uuid {
    actor.holder().unwrap_or(Uuid::nil())
}

/// The actor's draft.
pub(super) async fn find(snapshot: &mut Snapshot, actor: &Actor, alert: AlertId) -> Result<Draft, DbError> {
    let kept = choices::draft(snapshot, holder(actor), alert).await?;
    Ok(match kept {
        // Words that an older version wrote and this one cannot read are asked again.
        Some((chosen, said, changed_at)) => {
            Draft { chosen, said: serde_json::from_str(&said).unwrap_or_default(), changed_at }
        }
        None => Draft { chosen: "all".to_owned(), said: Said::default(), changed_at: 0 },
    })
}

/// Changes the words of the actor's draft.
pub(super) async fn change(
    tx: &mut Tx,
    actor: &Actor,
    alert: AlertId,
    change: impl FnOnce(&mut Said) + Send,
) -> Result<(), DbError> {
    let mut draft = find(tx, actor, alert).await?;
    change(&mut draft.said);
    choices::keep_said(tx, holder(actor), alert, &draft.said).await
}

/// Forgets the actor's draft: it was said.
pub(super) async fn forget(tx: &mut Tx, actor: &Actor, alert: AlertId) -> Result<(), DbError> {
    choices::forget(tx, holder(actor), alert).await
}

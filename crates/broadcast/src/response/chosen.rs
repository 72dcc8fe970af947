//! For which of those that somebody answers for something is said.

use db::DbError;
use platform::{Actor, Tx, organisation::OrganisationId};
use uuid::Uuid;

use super::{AlertId, EventId, store::choices};

/// Which of the organisations that the actor answers for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// All of them.
    All,
    /// All but these.
    AllBut(Vec<OrganisationId>),
    /// Only these.
    Only(Vec<OrganisationId>),
    /// Those that the actor has ticked on the choosing page; all, where nothing was ticked.
    Kept,
}

/// A choice as statements join it.
pub(super) struct List {
    pub mode: String,
    pub id: Uuid,
}

impl Chosen {
    /// Writes the choice down where statements can join it.
    pub(super) async fn list(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        alert: AlertId,
        event: EventId,
    ) -> Result<List, DbError> {
        let of = |mode: &str, id| List { mode: mode.to_owned(), id };
        Ok(match self {
            Self::All => of("all", event.0),
            Self::AllBut(organisations) => {
                choices::add(tx, event.0, alert, organisations).await?;
                of("all_but", event.0)
            }
            Self::Only(organisations) => {
                choices::add(tx, event.0, alert, organisations).await?;
                of("only", event.0)
            }
            Self::Kept => {
                let holder = actor.holder().unwrap_or(Uuid::nil());
                let kept = choices::draft(tx, holder, alert).await?;
                of(kept.as_ref().map_or("all", |(mode, ..)| mode), holder)
            }
        })
    }

    /// Whether the list lives only while the event is said.
    pub(super) const fn passing(&self) -> bool {
        matches!(self, Self::AllBut(_) | Self::Only(_))
    }
}

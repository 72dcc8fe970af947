//! Deadlines: one row for each, with the moment at which something is due next.
//!
//! A clock climbs a ladder: its kind says what each rung does (a reminder, a deputy, the breach)
//! and when the next one is. One job sweeps all that are due; there is no job for each reminder.
//! A deadline keeps its instant, its zone and the version of the policy that set it.

mod store;
mod sweep;
mod watch;

use std::{future::Future, pin::Pin};

use db::DbError;
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Tx, organisation::OrganisationId};
pub use store::{Running, of_organisation, running, start, stop};
pub use sweep::sweep;
pub use watch::{Jump, Watch, jumps};

/// For whom a clock runs that is the CERT's own, and no organisation's.
pub const OF_THE_CERT: OrganisationId = OrganisationId(Uuid::nil());

/// A clock whose next rung is reached.
#[derive(Clone, Debug)]
pub struct Due {
    /// What it is about, such as an alert.
    pub about: Uuid,
    /// Whom it runs for.
    pub organisation: OrganisationId,
    /// Which of the clocks about this: `acknowledge`, `update`, `remediate`.
    pub name: String,
    /// When it began.
    pub started_at: Timestamp,
    /// The deadline.
    pub due_at: Timestamp,
    /// The rung that is reached, counted from 0.
    pub rung: i64,
}

/// What follows for a clock when a rung was dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next rung, at this moment.
    At(Timestamp),
    /// No further rung: the clock stands at its last.
    Last,
}

/// The future of a [`Kind`]'s `ring`.
pub type Ringing<'a> = Pin<Box<dyn Future<Output = Result<Vec<Next>, DbError>> + Send + 'a>>;

/// What the rungs of a clock are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// A moment: it stays where it is, whatever this machine's clock is set to.
    ToAMoment,
    /// The rung before, some minutes at a time: whoever waits for the next one does not wait for longer because the
    /// clock was set back.
    FromTheLast,
}

/// A row of a service's table of clocks.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name in the table.
    pub name: &'static str,
    /// What its rungs are counted from.
    pub counts: Counts,
    /// Does what the rungs ask, for all of a batch in one transaction; answers in the same order.
    pub ring: for<'a> fn(&'a mut Tx, &'a [Due]) -> Ringing<'a>,
}

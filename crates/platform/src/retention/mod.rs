//! Forgetting what is no longer needed, as the policy in `content/policies/retention.toml` says.
//!
//! Each service names what it forgets in its rows of [`Rule`]; how long each is kept stands in the
//! policy alone. What is evidence (the log, responses) is not in here; a person is erased on request.

mod rules;

use std::{collections::BTreeMap, future::Future, pin::Pin};

use db::{DbError, Statement, params};
use jiff::{SignedDuration, Timestamp};

use crate::{App, Tx};
pub(crate) use rules::RULES;

/// How long each kind of row is kept, in days, by the name of its [`Rule`].
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Policy(BTreeMap<String, u32>);

impl Policy {
    /// The policy that is shipped.
    pub fn shipped() -> Self {
        toml::from_str(include_str!("../../../../content/policies/retention.toml"))
            .expect("a test reads the shipped policy")
    }

    /// What it names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// The future of a [`Rule`]'s `forget`.
pub type Forgetting<'a> = Pin<Box<dyn Future<Output = Result<u64, DbError>> + Send + 'a>>;

/// A kind of row that is forgotten.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name in the policy.
    pub name: &'static str,
    /// Forgets what has been over since before this moment, [`BATCH`] rows or fewer; says how many.
    pub forget: for<'a> fn(&'a mut Tx, Timestamp) -> Forgetting<'a>,
}

/// Rows that one transaction forgets: others write in between.
pub const BATCH: i64 = 1000;

/// Forgets rows by one statement: `?1` is the moment, `?2` how many at most.
pub fn rows<'a>(tx: &'a mut Tx, statement: &'static Statement, before: Timestamp) -> Forgetting<'a> {
    Box::pin(async move { tx.run(statement, params![before, BATCH]).await })
}

/// Forgets what is over its time; says how many rows. Called once an hour; twice does no harm.
pub async fn sweep(app: &App, policy: &Policy) -> Result<u64, DbError> {
    let mut forgotten = 0;
    for rule in app.services.iter().flat_map(|service| service.retention) {
        let Some(days) = policy.0.get(rule.name) else {
            tracing::error!(rule = rule.name, "the retention policy does not say how long it is kept");
            continue;
        };
        loop {
            let mut tx = app.write().await?;
            let before = tx.now - SignedDuration::from_hours(24 * i64::from(*days));
            let batch = (rule.forget)(&mut tx, before).await?;
            tx.commit().await?;
            forgotten += batch;
            if batch == 0 {
                break;
            }
        }
    }
    Ok(forgotten)
}

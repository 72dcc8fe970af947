//! At how many organisations nobody can be reached, by region: counted by a job, and read by the sector's page.
//!
//! It looks at every organisation, so that no request may do it; what it found says when that was.

use db::{DbError, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};
use platform::{
    App, Tx,
    job::{self, Failure, Job, Lane, When},
    organisation::store::{self as organisations, Reach},
    web::{
        chart::{Bars, Part, Row, Shade},
        show,
    },
};
use serde::{Deserialize, Serialize};

use super::pages;

/// Counted again so often: whoever mends a contact sees it move.
const EVERY: SignedDuration = SignedDuration::from_mins(15);

const PARTS: [Part; 2] = [
    Part { name: "Nobody can be reached", shade: Shade::Full },
    Part { name: "Can be reached", shade: Shade::Hollow },
];

/// Counts where nobody can be reached, and queues the next count.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct CountReach {}

/// Queues the count where none is queued: asked at the start and hourly.
pub async fn keep_up(app: &App) -> Result<(), DbError> {
    let mut tx = app.write().await?;
    let now = tx.now;
    queue(&mut tx, now).await?;
    tx.commit().await
}

/// One count for each quarter of an hour, whoever queues it.
async fn queue(tx: &mut Tx, at: Timestamp) -> Result<(), DbError> {
    let key = format!("{}:{}", CountReach::NAME, at.as_second().div_euclid(EVERY.as_secs()));
    job::enqueue(tx, &CountReach {}, When { not_before: Some(at), key: Some(key) }).await
}

impl Job for CountReach {
    const NAME: &'static str = "sector.count_reach";
    const LANE: Lane = Lane::Bulk;

    async fn run(self, app: App) -> Result<(), Failure> {
        let counted = organisations::reach(&mut app.db.read_long().await?, app.env.now()).await?;
        let mut tx = app.write().await?;
        keep(&mut tx, &counted).await?;
        let next = tx.now + EVERY;
        queue(&mut tx, next).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Keeps what was counted in place of what was counted before.
async fn keep(tx: &mut Tx, counted: &[Reach]) -> Result<(), DbError> {
    tx.run_later(sql!("DELETE FROM sector_reach"), params![]).await?;
    let statement = sql!(
        "INSERT INTO sector_reach (region, organisations, unreachable, counted_at) VALUES (?1, ?2, ?3, ?4)"
    );
    let now = tx.now;
    // As many as there are regions.
    for Reach { region, organisations, unreachable } in counted {
        tx.run_later(statement, params![region.as_str(), *organisations, *unreachable, now]).await?;
    }
    Ok(())
}

db::record! {
    /// What was last counted of a region.
    pub(super) struct Kept {
        region: String,
        organisations: i64,
        unreachable: i64,
        counted_at: Timestamp,
    }
}

/// What was last counted, by the regions' codes; nothing before the first count.
pub(super) async fn kept(snapshot: &mut Snapshot) -> Result<Vec<Kept>, DbError> {
    let statement =
        sql!("SELECT region, organisations, unreachable, counted_at FROM sector_reach ORDER BY region");
    snapshot.all(statement, params![]).await
}

/// A row of the table beside the picture.
pub(super) struct Line {
    pub name: String,
    /// The list of them.
    pub href: String,
    pub organisations: String,
    pub unreachable: String,
    pub reachable: String,
}

/// Where nobody can be reached, as the sector's page shows it.
pub(super) struct Picture {
    pub counted_at: Timestamp,
    pub unreachable: i64,
    pub organisations: i64,
    pub lines: Vec<Line>,
    pub drawn: Bars,
}

impl Picture {
    /// `None` before the first count, and where there is no organisation.
    pub(super) fn of(mut kept: Vec<Kept>) -> Option<Self> {
        let counted_at = kept.iter().map(|row| row.counted_at).max()?;
        // Where help is needed most stands first.
        kept.sort_by(|one, other| {
            other.unreachable.cmp(&one.unreachable).then_with(|| one.name().cmp(&other.name()))
        });
        let bar = |row: &Kept| Row {
            name: row.name(),
            href: row.href(),
            counts: vec![row.unreachable, row.organisations - row.unreachable],
            words: format!("{} of {}", show::count(row.unreachable), show::count(row.organisations)),
        };
        Some(Self {
            counted_at,
            unreachable: kept.iter().map(|row| row.unreachable).sum(),
            organisations: kept.iter().map(|row| row.organisations).sum(),
            lines: kept.iter().map(Kept::line).collect(),
            drawn: Bars::new("Nobody can be reached, by region", &PARTS, kept.iter().map(bar).collect()),
        })
    }
}

impl Kept {
    fn name(&self) -> String {
        pages::region(&self.region)
    }

    /// The list of those where nobody can be reached; those without a region have none of their own.
    fn href(&self) -> String {
        if self.region.is_empty() || self.unreachable == 0 {
            String::new()
        } else {
            format!("/organisations/unreachable?region={}", self.region)
        }
    }

    fn line(&self) -> Line {
        Line {
            name: self.name(),
            href: self.href(),
            organisations: show::count(self.organisations),
            unreachable: show::count(self.unreachable),
            reachable: show::count(self.organisations - self.unreachable),
        }
    }
}

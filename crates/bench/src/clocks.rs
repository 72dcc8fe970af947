//! The sweep of the clocks of a nation with fifty alerts open at once.

use broadcast::alert::AlertId;
use db::{params, sql};
use jiff::SignedDuration;
use platform::{App, clock};

use crate::{
    nation::ORGANISATIONS,
    table::{Table, now, shown},
};

const OPEN: usize = 50;

/// Measures it: three million clocks run and none has rung yet; then those of `alert`, which went to
/// everybody, ring all at the same moment.
pub async fn measure(app: &App, alert: AlertId, table: &mut Table) -> anyhow::Result<()> {
    let mut running = 0;
    for _ in 0..OPEN {
        let mut tx = app.write().await?;
        let (about, now): (db::macro_support::Uuid, _) = (tx.id(), tx.now);
        let statement = sql!(
            "INSERT INTO clock (about_id, organisation_id, name, kind, started_at, due_at, zone, policy, rung, next_due_at)
             SELECT ?1, id, 'acknowledge', 'response', ?2, ?3, 'Europe/London', '{}', 0, ?3 FROM organisation"
        );
        running += tx.run(statement, params![about, now, now + SignedDuration::from_hours(48)]).await?;
        tx.commit().await?;
    }
    anyhow::ensure!(usize::try_from(running)? >= OPEN * ORGANISATIONS, "only {running} clocks run");
    let begun = now();
    clock::sweep(app).await?;
    table.row(&format!("a sweep of {running} clocks, none due"), shown(begun.elapsed()), "1 s");

    let mut tx = app.write().await?;
    let now_due = sql!("UPDATE clock SET next_due_at = ?2 WHERE about_id = ?1 AND next_due_at IS NOT NULL");
    let now = tx.now;
    let due = tx.run(now_due, params![alert, now]).await?;
    tx.commit().await?;
    let begun = crate::table::now();
    let rung = clock::sweep(app).await?;
    anyhow::ensure!(u64::try_from(rung)? >= due, "only {rung} of {due} clocks rang");
    let what = format!("the same when {due} ring at once, and what they say is queued");
    table.row(&what, shown(begun.elapsed()), "none set");
    Ok(())
}

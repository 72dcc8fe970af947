//! Whatever is said in whatever order, the counters say what the rows say, and nobody moves another
//! organisation's response.

use broadcast::{
    alert::AlertId,
    response::{self, Applies, Chosen, Decision, Outcome, Said},
    sector::Recount,
};
use db::{params, sql};
use platform::{access::Role, job::Job};
use testkit::world::{Client, World};

use crate::sector_in_hand::{actor, alert, answers_for, organisations, stages, world};

/// One of twenty, at random.
fn any(tx: &platform::Tx) -> usize {
    usize::try_from(tx.below(20)).expect("below 20")
}

/// A step, so many whole hours, and how many took them.
type Took = (String, i64, i64);

/// How long organisations took, by the rows and by the counts.
async fn times(world: &World, alert: AlertId) -> (Vec<Took>, Vec<Took>) {
    let mut snapshot = world.app.read().await.unwrap();
    let rows = sql!(
        "SELECT step, hours, count(*) FROM (
             SELECT 'acknowledged' AS step, (r.acknowledged_at - a.issued_at) / 3600000000 AS hours
             FROM response r JOIN alert a ON a.id = r.alert_id WHERE a.id = ?1 AND r.acknowledged_at IS NOT NULL
             UNION ALL
             SELECT 'closed', (r.closed_at - a.issued_at) / 3600000000
             FROM response r JOIN alert a ON a.id = r.alert_id WHERE a.id = ?1 AND r.stage = 'closed'
         ) timed GROUP BY step, hours ORDER BY step, hours"
    );
    let rows = snapshot.all(rows, params![alert]).await.unwrap();
    let counts = sql!(
        "SELECT step, hours, CAST(sum(count) AS BIGINT) FROM response_time_by_kind WHERE alert_id = ?1
         GROUP BY step, hours HAVING sum(count) <> 0 ORDER BY step, hours"
    );
    (rows, snapshot.all(counts, params![alert]).await.unwrap())
}

/// Whether counting again says that a counter is wrong.
async fn found_drift(world: &World, auditor: &Client<'_>, alert: AlertId) -> bool {
    Recount { alert }.run(world.app.clone()).await.unwrap();
    world.work().await;
    auditor.get("/log?about=CC-0001").await.body.contains("Found counters that were wrong")
}

#[tokio::test]
async fn counters_equal_rows_after_random_sequences() {
    let world = world().await;
    let practices = organisations(&world, "A", "gp_practice", 20).await;
    let board = organisations(&world, "Q", "icb", 1).await[0];
    answers_for(&world, board, &practices[..15]).await;
    let alert = alert(&world, 1, "high", "green", &practices).await;
    let ray = actor(&world, "Ray Board", Role::Lead, board).await;
    let eve = actor(&world, "Eve Board", Role::Executive, board).await;
    for step in 0..120 {
        world.app.env.advance(jiff::SignedDuration::from_mins(17));
        let mut tx = world.app.write().await.unwrap();
        let some = vec![practices[any(&tx)], practices[any(&tx)]];
        let chosen = match tx.below(3) {
            0 => Chosen::AllBut(some),
            _ => Chosen::Only(some),
        };
        let reason = Some("Because".to_owned());
        let said = |applies, outcome| Said { applies, outcome, reason: reason.clone(), ..Said::default() };
        // What the stage refuses is refused whole; what was said stays.
        let outcome = match tx.below(8) {
            0 | 1 => response::acknowledge(&mut tx, &ray, alert, &chosen).await,
            2 => response::answer(&mut tx, &ray, alert, &chosen, &said(Some(Applies::No), None)).await,
            3 => {
                response::answer(&mut tx, &ray, alert, &chosen, &said(None, Some(Outcome::Remediated))).await
            }
            4 => {
                response::answer(&mut tx, &ray, alert, &chosen, &said(None, Some(Outcome::RiskAccepted)))
                    .await
            }
            5 => response::correct(&mut tx, &ray, alert, &chosen, "Wrong").await,
            6 => response::answer(&mut tx, &ray, alert, &chosen, &said(Some(Applies::Yes), None)).await,
            _ => response::decide(&mut tx, &eve, alert, &Decision::SendBack("No".to_owned()), step % 3).await,
        };
        if outcome.is_ok() {
            tx.commit().await.unwrap();
        }
    }
    let (rows, counts) = stages(&world, alert).await;
    assert_eq!(rows, counts);
    assert!(rows.len() >= 3, "the sequence went somewhere: {rows:?}");
    let (rows, counts) = times(&world, alert).await;
    assert_eq!(rows, counts);
    for step in ["acknowledged", "closed"] {
        assert!(rows.iter().any(|(of, ..)| of == step), "the sequence went somewhere: {rows:?}");
    }
    // The job that counts again finds nothing, and then what was put wrong.
    let auditor = world.signed_in(world.person("Ada Auditor", Role::Auditor, None).await).await;
    assert!(!found_drift(&world, &auditor, alert).await);
    let mut tx = world.app.write().await.unwrap();
    let wrong =
        sql!("UPDATE response_time_by_kind SET count = count + 1 WHERE step = 'closed' AND count > 0");
    assert!(tx.run(wrong, params![]).await.unwrap() > 0);
    tx.commit().await.unwrap();
    assert!(found_drift(&world, &auditor, alert).await);
    let (rows, _) = stages(&world, alert).await;
    let untouched = rows.iter().find(|(stage, _)| stage == "unacknowledged").map_or(0, |(_, count)| *count);
    assert!(untouched >= 5, "the five that the board does not answer for: {rows:?}");
}

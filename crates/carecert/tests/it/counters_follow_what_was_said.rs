//! Whatever is said in whatever order, the counters say what the rows say, and nobody moves another
//! organisation's response.

use broadcast::response::{self, Applies, Chosen, Decision, Outcome, Said};
use platform::access::Role;

use crate::sector_in_hand::{actor, alert, answers_for, organisations, stages, world};

/// One of twenty, at random.
fn any(tx: &platform::Tx) -> usize {
    usize::try_from(tx.below(20)).expect("below 20")
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
            6 => response::answer(&mut tx, &ray, alert, &chosen, &Said::default()).await,
            _ => response::decide(&mut tx, &eve, alert, &Decision::SendBack("No".to_owned()), step % 3).await,
        };
        if outcome.is_ok() {
            tx.commit().await.unwrap();
        }
    }
    let (rows, counts) = stages(&world, alert).await;
    assert_eq!(rows, counts);
    assert!(rows.len() >= 3, "the sequence went somewhere: {rows:?}");
    let untouched = rows.iter().find(|(stage, _)| stage == "unacknowledged").map_or(0, |(_, count)| *count);
    assert!(untouched >= 5, "the five that the board does not answer for: {rows:?}");
}

//! Correlations on the first page of those who decide about them.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor,
    waiting::{Part, Urgency, Waiting, counted},
};

use crate::access::HANDLE_INCIDENTS;

/// This noun's part of what waits.
pub const WAITING: Part = Part { read: |snapshot, actor, now| Box::pin(read(snapshot, actor, now)) };

async fn read(snapshot: &mut Snapshot, actor: &Actor, _: Timestamp) -> Result<Vec<Waiting>, DbError> {
    if actor.is_any(HANDLE_INCIDENTS) { waiting(snapshot).await } else { Ok(Vec::new()) }
}

/// Those that nobody has decided about, counted up to 1,000. Index: `correlation_state`.
pub(crate) async fn waiting(snapshot: &mut Snapshot) -> Result<Vec<Waiting>, DbError> {
    let statement = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (SELECT id FROM correlation WHERE state = 'found' LIMIT 1000) waiting"
    );
    let (count,) = snapshot.one::<(i64,)>(statement, params![]).await?;
    let (one, many) = ("correlation is to be looked at", "correlations are to be looked at");
    let line = Waiting {
        hint: "The same traces at several organisations".to_owned(),
        ..Waiting::new(Urgency::Soon, counted(count, one, many), "/correlations")
    };
    Ok(if count > 0 { vec![line] } else { Vec::new() })
}

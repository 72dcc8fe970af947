//! Which rungs a clock climbs, as the policy that its alert was issued under says.

use jiff::Timestamp;

use super::AlertHead;
use crate::policy::{Ladder, Policy};

/// The ladder of the clock called `name`; `None` where the policy asks nothing.
pub(super) fn of(alert: &AlertHead, name: &str) -> Option<&'static Ladder> {
    Policy::by_id(&alert.policy)?.asks(alert.severity.code())?.ladder(name)
}

/// The first rung that lies ahead of `now`, for a clock started now: what is past is not rung again.
pub(super) fn ahead(ladder: &Ladder, now: Timestamp, due: Timestamp) -> (i64, Option<Timestamp>) {
    let mut place = 0;
    while let Some((_, moment)) = ladder.rung(place, now, due) {
        if moment > now {
            return (place, Some(moment));
        }
        place += 1;
    }
    (place, None)
}

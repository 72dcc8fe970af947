//! When a feed is asked again.
//!
//! A feed that fails is asked again soon, then ever more seldom, at most as often as one that works; a
//! server that says how long to wait is believed, within a day. Pauses vary a little, so that feeds
//! that were added together do not all ask together for ever.

use jiff::SignedDuration;

/// The first pause after a failure.
const SOON: SignedDuration = SignedDuration::from_mins(5);
/// The longest wait that a server can ask for.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// The pause after an asking that worked.
pub(super) fn after_success(every: SignedDuration, jitter: impl FnOnce(u64) -> u64) -> SignedDuration {
    varied(every, jitter)
}

/// The pause after so many failures in succession, from 1, of a feed that is asked so often.
pub(super) fn after_failure(
    every: SignedDuration,
    failures: i64,
    retry_after: Option<SignedDuration>,
    jitter: impl FnOnce(u64) -> u64,
) -> SignedDuration {
    let doublings = u32::try_from((failures - 1).clamp(0, 12)).unwrap_or_default();
    let own = varied((SOON * 2_i32.pow(doublings)).min(every), jitter);
    retry_after.map_or(own, |told| own.max(told.min(LONGEST)))
}

/// A pause, and up to a tenth of it more.
fn varied(pause: SignedDuration, jitter: impl FnOnce(u64) -> u64) -> SignedDuration {
    let tenth = pause.as_secs().unsigned_abs() / 10;
    pause + SignedDuration::from_secs(i64::try_from(jitter(tenth + 1)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn mins(pause: SignedDuration) -> i64 {
        pause.as_mins()
    }

    #[test]
    fn pauses_grow_up_to_the_usual_one() {
        let pauses: Vec<i64> = (1..8).map(|n| mins(after_failure(HOUR, n, None, |_| 0))).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 60, 60, 60]);
        // However long it goes on.
        assert_eq!(mins(after_failure(HOUR * 24 * 7, i64::MAX, None, |_| 0)), 7 * 24 * 60);
        let quarter = SignedDuration::from_mins(15);
        assert_eq!(mins(after_failure(quarter, 9, None, |_| 0)), 15);
    }

    #[test]
    fn a_server_is_believed_within_a_day() {
        let told = |seconds| Some(SignedDuration::from_secs(seconds));
        assert_eq!(mins(after_failure(HOUR, 1, told(7200), |_| 0)), 120);
        // Never sooner than without it, never later than a day.
        assert_eq!(mins(after_failure(HOUR, 1, told(0), |_| 0)), 5);
        assert_eq!(after_failure(HOUR, 1, told(10_000_000), |_| 0), LONGEST);
    }

    #[test]
    fn pauses_vary_by_a_tenth() {
        assert_eq!(after_success(HOUR, |bound| bound - 1), HOUR + SignedDuration::from_mins(6));
        assert_eq!(after_success(HOUR, |_| 0), HOUR);
    }
}

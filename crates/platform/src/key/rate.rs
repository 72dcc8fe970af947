//! How often a key may call: 10 calls a second, and 100 at once after a pause.
//!
//! The generic cell rate algorithm: one moment for each key, up to which its rate is used up. Kept in
//! memory, in each process: a write for each call would cost more than the call, and what is to be
//! bounded is a process's load. A crate for it (governor) would bring a clock of its own, where ours
//! is injected.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use crate::access::KeyId;

/// One call.
const CALL: SignedDuration = SignedDuration::from_millis(100);
/// The calls that may come at once.
const AT_ONCE: i32 = 100;

/// What each key has used of its rate.
#[derive(Debug, Default)]
pub struct Rates(Mutex<HashMap<KeyId, Timestamp>>);

impl Rates {
    /// Takes one call from the key's rate, or says in how many seconds it may call again.
    pub fn take(&self, key: KeyId, now: Timestamp) -> Result<(), u64> {
        // The map is whole whatever its last user did.
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() > 10_000 {
            used.retain(|_, until| *until > now);
        }
        let until = used.entry(key).or_insert(now);
        // No key is used up for longer than that: the clock was set back.
        if until.duration_since(now) > CALL * AT_ONCE {
            *until = now;
        }
        let next = (*until).max(now) + CALL;
        let beyond = next.duration_since(now) - CALL * AT_ONCE;
        if beyond > SignedDuration::ZERO {
            return Err(beyond.as_secs().unsigned_abs() + 1);
        }
        *until = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_at_once_then_ten_a_second() {
        let (rates, key) = (Rates::default(), KeyId(uuid::Uuid::nil()));
        let now = Timestamp::UNIX_EPOCH;
        assert!((0..100).all(|_| rates.take(key, now).is_ok()));
        assert_eq!(rates.take(key, now), Err(1));
        let later = now + SignedDuration::from_secs(1);
        assert!((0..10).all(|_| rates.take(key, later).is_ok()));
        assert_eq!(rates.take(key, later), Err(1));
        assert!(rates.take(KeyId(uuid::Uuid::max()), now).is_ok());
        let set_back = later - SignedDuration::from_hours(1);
        assert!(rates.take(key, set_back).is_ok(), "a clock that is set back locks nobody out");
    }
}

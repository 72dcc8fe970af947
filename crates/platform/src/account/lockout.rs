//! What slows an attacker who tries passwords, and cannot lock out the one whose password it is.
//!
//! A count of failures for each address alone would let anybody lock out anybody by failing in their
//! name. So attempts are counted by what was tried *from where*, and a browser in which the person
//! has signed in before is counted by itself (after OWASP's "device cookies"):
//!
//! | counter            | who is counted          | free | then each try waits   |
//! |--------------------|-------------------------|------|-----------------------|
//! | device and address | known browsers          | 5    | 5 s, doubling to 5 min |
//! | network and address| others, from a /24, /64 | 5    | 5 s, doubling to 15 min |
//! | network            | others, any address     | 100  | 1 s, doubling to 1 min |
//! | address            | others, from anywhere   | 50   | 1 s, doubling to 5 s  |
//! | report code        | codes, from a /24, /64  | 10   | 5 s, doubling to 15 min |
//! | all report codes   | codes, from anywhere    | 300  | 1 s, doubling to 2 s  |
//! | sealed report      | files, from a /24, /64  | 20   | 5 s, doubling to 5 min |
//!
//! A known browser is asked for its own counter alone: whatever others do, its owner gets in. Who
//! is attacked from everywhere at once while using a new browser waits at most five seconds for a
//! turn, and using a link from their own mailbox makes the new browser known. A hospital's thousands
//! behind one address share a network's counter, hence its hundred.
//!
//! An attempt is counted *before* its password is compared and taken back when it was right:
//! otherwise a thousand sent at once would all be compared before the first is counted. An attempt
//! while one has to wait is refused without being counted, so that hammering prolongs nothing.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::{AccountError, Visitor, store};
use crate::{Tx, access::PersonId};

/// How often one may fail, and how long one then waits.
#[derive(Debug)]
struct Limit {
    /// What is counted: part of the key, so that counters do not meet.
    name: &'static str,
    /// Failures without a pause.
    free: i64,
    /// The first pause, in seconds; each further one is twice as long.
    first: i64,
    /// The longest pause, in seconds.
    most: i64,
    /// After so many hours without a failure, all is forgotten.
    forgotten: i64,
    /// What a success takes back.
    success: Success,
}

/// What a success says about the failures before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Success {
    /// They were the same person's slips.
    ForgivesAll,
    /// Nothing: an attacker with one account of their own could otherwise start anew at will. Only
    /// the attempt itself is taken back.
    ForgivesItself,
}

const DEVICE: Limit =
    Limit { name: "device", free: 5, first: 5, most: 300, forgotten: 24, success: Success::ForgivesAll };
const PAIR: Limit =
    Limit { name: "pair", free: 5, first: 5, most: 900, forgotten: 24, success: Success::ForgivesAll };
const NETWORK: Limit =
    Limit { name: "network", free: 100, first: 1, most: 60, forgotten: 1, success: Success::ForgivesItself };
const ADDRESS: Limit =
    Limit { name: "address", free: 50, first: 1, most: 5, forgotten: 24, success: Success::ForgivesItself };
/// Codes are short, and who tries them has the password: a million codes, three of which stand at a
/// time, at one a minute is a chance of one in two hundred for each day.
const CODE: Limit =
    Limit { name: "code", free: 10, first: 5, most: 60, forgotten: 24, success: Success::ForgivesItself };
/// Links that are asked for: each is a mail in somebody's mailbox.
const LINK: Limit =
    Limit { name: "link", free: 3, first: 300, most: 3600, forgotten: 24, success: Success::ForgivesItself };
const LINK_NETWORK: Limit = Limit {
    name: "link network",
    free: 20,
    first: 60,
    most: 3600,
    forgotten: 24,
    success: Success::ForgivesItself,
};
/// Codes by which an organisation reports without signing in. Who holds a sheet mistypes a few.
const REPORT: Limit = Limit {
    name: "report code",
    free: 10,
    first: 5,
    most: 900,
    forgotten: 24,
    success: Success::ForgivesItself,
};
/// The same from everywhere together. A code cannot be guessed, and a right one never waits: this bounds what is
/// kept of wrong ones.
const REPORTS: Limit = Limit {
    name: "all report codes",
    free: 300,
    first: 1,
    most: 2,
    forgotten: 1,
    success: Success::ForgivesItself,
};

/// Files of the offline form: each is opened, and makes a report. One site sends one, and tries a few times.
const SEALED: Limit = Limit {
    name: "sealed report",
    free: 20,
    first: 5,
    most: 300,
    forgotten: 1,
    success: Success::ForgivesItself,
};

/// One count of failures.
#[derive(Debug)]
pub struct Counter {
    key: [u8; 32],
    limit: &'static Limit,
}

impl Counter {
    fn new(limit: &'static Limit, parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in [limit.name].iter().chain(parts) {
            hash.update(part);
            hash.update([0]);
        }
        Self { key: hash.finalize().into(), limit }
    }
}

/// What an attempt with a password counts for. `known` is the device's token where the person has
/// signed in with it before.
pub(super) fn password(address: &str, visitor: &Visitor, known: Option<&str>) -> Vec<Counter> {
    match known {
        Some(device) => vec![Counter::new(&DEVICE, &["password", device, address])],
        None => vec![
            Counter::new(&PAIR, &["password", &visitor.network, address]),
            Counter::new(&NETWORK, &[&visitor.network]),
            Counter::new(&ADDRESS, &[address]),
        ],
    }
}

/// What an attempt with a code counts for: a password was right before it.
pub(super) fn code(person: PersonId, visitor: &Visitor, known: Option<&str>) -> Vec<Counter> {
    let person = person.to_string();
    match known {
        Some(device) => vec![Counter::new(&DEVICE, &["code", device, &person])],
        None => {
            vec![Counter::new(&PAIR, &["code", &visitor.network, &person]), Counter::new(&CODE, &[&person])]
        }
    }
}

/// What asking for a link counts for. Nobody is locked out by it: the links that were asked for
/// are in the mailbox.
pub(super) fn link(address: &str, visitor: &Visitor) -> Vec<Counter> {
    vec![Counter::new(&LINK, &[address]), Counter::new(&LINK_NETWORK, &[&visitor.network])]
}

/// What an attempt with a code for a report counts for.
pub fn report_code(visitor: &Visitor) -> Vec<Counter> {
    vec![Counter::new(&REPORT, &[&visitor.network]), Counter::new(&REPORTS, &[])]
}

/// What sending a file of the offline form counts for, whether it is right or not.
pub fn sealed_report(visitor: &Visitor) -> Vec<Counter> {
    vec![Counter::new(&SEALED, &[&visitor.network])]
}

/// Counts an attempt, or says how many seconds to wait before the next.
///
/// On a refusal `tx` must be dropped, so that none of the counters moves.
pub async fn enter(tx: &mut Tx, mut counters: Vec<Counter>) -> Result<(), AccountError> {
    // In the order of their keys, so that two attempts never wait for each other.
    counters.sort_unstable_by_key(|counter| counter.key);
    for Counter { key, limit } in counters {
        let forgotten_before = tx.now - SignedDuration::from_hours(limit.forgotten);
        match store::failure::count(tx, key, forgotten_before).await? {
            store::failure::Counted::Waits(free_at) => {
                return Err(AccountError::Wait(seconds(tx.now, free_at)));
            }
            store::failure::Counted::Failures(failures) => {
                let free_at = tx.now + limit.pause(failures);
                store::failure::free_at(tx, key, free_at).await?;
            }
        }
    }
    Ok(())
}

/// Takes back what a right attempt was counted for.
pub async fn forgive(tx: &mut Tx, mut counters: Vec<Counter>) -> Result<(), AccountError> {
    counters.sort_unstable_by_key(|counter| counter.key);
    for Counter { key, limit } in counters {
        match limit.success {
            Success::ForgivesAll => store::failure::forget(tx, key).await?,
            Success::ForgivesItself => store::failure::take_back(tx, key).await?,
        }
    }
    Ok(())
}

impl Limit {
    /// How long the next attempt waits after so many failures.
    fn pause(&self, failures: i64) -> SignedDuration {
        let beyond = failures - self.free;
        if beyond < 0 {
            return SignedDuration::ZERO;
        }
        let doubled = self.first.saturating_mul(1 << beyond.min(32));
        SignedDuration::from_secs(doubled.min(self.most))
    }
}

fn seconds(now: Timestamp, free_at: Timestamp) -> u64 {
    // Rounded up, so that who waits as told gets in.
    free_at.duration_since(now).as_secs().unsigned_abs() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let pauses: Vec<_> = [1, 4, 5, 6, 7, 12, 13, 1000].map(|n| PAIR.pause(n).as_secs()).into();
        assert_eq!(pauses, [0, 0, 5, 10, 20, 640, 900, 900]);
        assert_eq!(ADDRESS.pause(10_000).as_secs(), 5);
    }

    #[test]
    fn an_address_alone_never_waits_long() {
        // The counter that an attacker can drive in somebody else's name from anywhere.
        assert!([&ADDRESS, &NETWORK, &REPORTS].iter().all(|limit| limit.most <= 60));
        const { assert!(ADDRESS.most <= 5) };
    }
}

//! Time and randomness, injected: the one place that asks the machine for either.
//!
//! With a [`Env::manual`] clock a 14-day deadline is tested in a millisecond, and a failure replays
//! from its seed.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::Uuid;

/// The bits of an id below its microsecond.
const WITHIN: u32 = 66;

/// Where time and randomness come from; cheap to clone, clones share both.
#[derive(Clone, Debug)]
pub struct Env {
    clock: Clock,
    random: Arc<Mutex<Random>>,
}

/// Where randomness comes from, and the id that was made of it last.
#[derive(Debug)]
struct Random {
    generator: StdRng,
    last: u128,
}

impl Random {
    const fn of(generator: StdRng) -> Self {
        Self { generator, last: 0 }
    }
}

#[derive(Clone, Debug)]
enum Clock {
    /// With a moment from which time is counted that nobody sets.
    Machine(Instant),
    /// Microseconds, moved by [`Env::advance`]: what the clock on the wall says, and how far it was set by
    /// [`Env::set_by`] without that time had passed.
    Manual(Arc<AtomicI64>, Arc<AtomicI64>),
}

impl Env {
    /// The machine's clock and its secure randomness.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn machine() -> Self {
        let random = Random::of(rand::make_rng());
        Self { clock: Clock::Machine(Instant::now()), random: Arc::new(Mutex::new(random)) }
    }

    /// A clock that stands until it is moved, and randomness that repeats with its seed.
    pub fn manual(start: Timestamp, seed: u64) -> Self {
        let random = Random::of(StdRng::seed_from_u64(seed));
        let clock = Clock::Manual(Arc::new(AtomicI64::new(start.as_microsecond())), Arc::default());
        Self { clock, random: Arc::new(Mutex::new(random)) }
    }

    /// This moment, to the microsecond, as tables hold it.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn now(&self) -> Timestamp {
        let micros = match &self.clock {
            Clock::Machine(_) => Timestamp::now().as_microsecond(),
            Clock::Manual(micros, _) => micros.load(Ordering::SeqCst),
        };
        Timestamp::from_microsecond(micros).expect("a clock stays within the years that jiff knows")
    }

    /// Moves a manual clock on; a machine's clock moves by itself.
    pub fn advance(&self, by: SignedDuration) {
        if let Clock::Manual(micros, _) = &self.clock {
            micros.fetch_add(whole(by), Ordering::SeqCst);
        }
    }

    /// Sets a manual clock on, or back where `by` is negative, as an operator or a time server does: no time passes.
    pub fn set_by(&self, by: SignedDuration) {
        if let Clock::Manual(micros, set) = &self.clock {
            micros.fetch_add(whole(by), Ordering::SeqCst);
            set.fetch_add(whole(by), Ordering::SeqCst);
        }
    }

    /// How long it has really been since some moment, whatever the clock on the wall was set to.
    pub fn elapsed(&self) -> SignedDuration {
        match &self.clock {
            Clock::Machine(begun) => SignedDuration::try_from(begun.elapsed()).unwrap_or(SignedDuration::MAX),
            Clock::Manual(micros, set) => {
                SignedDuration::from_micros(micros.load(Ordering::SeqCst) - set.load(Ordering::SeqCst))
            }
        }
    }

    /// A new id: a `UUIDv7` whose sub-millisecond bits hold the microseconds, so that ids of one process sort as they
    /// were made. One of the same microsecond is the last one and a random step more (RFC 9562, section 6.2, method
    /// 2): a clock that stands still, as the demonstration's does, makes a log in its order too.
    pub fn id<T: From<Uuid>>(&self) -> T {
        let micros = self.now().as_microsecond().unsigned_abs();
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = [0; 10];
        random.generator.fill_bytes(&mut bytes);
        // 12 bits after the version: 0–999 µs, scaled into the upper ones.
        let fraction = u16::try_from(micros % 1000).expect("below 1000") << 2;
        bytes[0] = (fraction >> 8).to_be_bytes()[1];
        bytes[1] = (fraction & 0xFC).to_be_bytes()[1] | (bytes[1] & 0x03);
        let mut made = uuid::Builder::from_unix_timestamp_millis(micros / 1000, &bytes).into_uuid().as_u128();
        if made >> WITHIN == random.last >> WITHIN && made <= random.last {
            let [.., a, b, c, d] = bytes;
            made = random.last + 1 + u128::from(u32::from_be_bytes([a, b, c, d]));
        }
        random.last = made;
        Uuid::from_u128(made).into()
    }

    /// Random bytes, for tokens and salts.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        // A generator is whole whatever its last user did.
        self.random.lock().unwrap_or_else(PoisonError::into_inner).generator.fill_bytes(&mut bytes);
        bytes
    }

    /// A random number below `bound`, for jitter.
    pub fn below(&self, bound: u64) -> u64 {
        u64::from_le_bytes(self.bytes()) % bound.max(1)
    }
}

fn whole(by: SignedDuration) -> i64 {
    i64::try_from(by.as_micros()).expect("less than 292,000 years")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_as_they_were_made() {
        let env = Env::manual(Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_700_000_000), 1);
        let mut last: Uuid = env.id();
        for turn in 0..5_000 {
            // Several in the same microsecond.
            env.advance(SignedDuration::from_micros(i64::from(turn % 5 == 0)));
            let next: Uuid = env.id();
            assert!(
                next > last && next.get_version_num() == 7 && next.get_variant() == uuid::Variant::RFC4122
            );
            last = next;
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let make = || Env::manual(Timestamp::UNIX_EPOCH, 7).id::<Uuid>();
        assert_eq!(make(), make());
    }
}

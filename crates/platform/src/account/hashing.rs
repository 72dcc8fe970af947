//! Argon2id, off the threads that answer requests, a bounded number at a time.
//!
//! Each strong hash takes 19 MiB (OWASP's advice), so that a morning's rush could otherwise take all
//! memory. An address that nobody has costs as much as one that somebody has, so that the time of
//! the answer does not tell which exist.

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::PasswordHash,
};
use tokio::sync::Semaphore;

use super::password::Password;
use crate::{App, settings::Hashing};

/// Hashes at the same time: 76 MiB.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// The outcome of comparing a password with a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// It is another one, or there is none.
    Wrong,
    /// It is this one. A new hash, where the kept one was made with other costs than today's.
    Right(Option<String>),
}

/// The hash to keep of a password.
pub async fn hash(app: &App, password: Password) -> String {
    let (salt, hasher) = (app.env.bytes::<16>(), hasher(app.settings.hashing));
    bounded(move || make(&hasher, &password, &salt)).await
}

/// Compares a password with what is kept; takes the same time where nothing is.
pub async fn compare(app: &App, password: Password, kept: Option<String>) -> Compared {
    let (salt, hasher) = (app.env.bytes::<16>(), hasher(app.settings.hashing));
    bounded(move || {
        let Some(kept) = kept.as_deref().and_then(|kept| PasswordHash::new(kept).ok()) else {
            make(&hasher, &password, &salt);
            return Compared::Wrong;
        };
        if hasher.verify_password(password.bytes(), &kept).is_err() {
            return Compared::Wrong;
        }
        let same_cost = Params::try_from(&kept).is_ok_and(|costs| cost(&costs) == cost(hasher.params()));
        Compared::Right((!same_cost).then(|| make(&hasher, &password, &salt)))
    })
    .await
}

/// Argon2id at this cost.
pub(super) fn hasher(cost: Hashing) -> Argon2<'static> {
    let params = match cost {
        Hashing::Strong => Params::new(19 * 1024, 2, 1, None),
        Hashing::Cheap => Params::new(Params::MIN_M_COST, 1, 1, None),
    };
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.expect("both are within Argon2's bounds"))
}

fn cost(params: &Params) -> (u32, u32, u32) {
    (params.m_cost(), params.t_cost(), params.p_cost())
}

pub(super) fn make(hasher: &Argon2<'_>, password: &Password, salt: &[u8]) -> String {
    let hash = hasher.hash_password_with_salt(password.bytes(), salt);
    hash.expect("a salt of 16 bytes and at most 1 kB of password are within Argon2's bounds").to_string()
}

/// Runs `work` on a blocking thread. Its permit goes along: whoever hangs up meanwhile does not
/// make room for another hash before this one has ended.
async fn bounded<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let permit = AT_ONCE.acquire().await.expect("it is never closed");
    tracing::debug!("a password is hashed");
    let work = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    });
    work.await.expect("hashing does not panic, and the program does not stop its threads")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strong_cost_is_owasps() {
        let hash = Password::typed("purple tractor sings").hashed(Hashing::Strong, [7; 16]);
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }
}

//! What tests stand on: databases of either engine, futures cut at every await, real browsers.
//!
//! `CARECERT_TEST_ENGINE` (`sqlite`, the default, or `postgres`) chooses the engine for a whole
//! run; `cargo xtask test` runs the suite once with each.

#![expect(
    clippy::disallowed_methods,
    reason = "the servers, browsers and databases of tests, on this machine"
)]

pub mod browser;
pub mod cut;
pub mod database;
pub mod line;
pub mod servers;
pub mod smtp;
pub mod world;

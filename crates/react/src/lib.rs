//! React: help within seconds when an attack happens.
//!
//! An organisation reports what it sees, by any way that still works, and is told at once what to do first;
//! the CERT and the organisation then work on one case, with its clocks, its impact on care and its evidence.

pub mod access;
mod bare;
pub mod code;
pub mod incident;
pub mod playbook;
pub mod report;

use db::Migration;
use platform::Service;

/// The tables of this crate.
pub const MIGRATIONS: &[Migration] = &[
    Migration { set: "react", number: 1, text: include_str!("../migrations/0001_codes.sql") },
    Migration { set: "react", number: 2, text: include_str!("../migrations/0002_incidents.sql") },
    Migration { set: "react", number: 3, text: include_str!("../migrations/0003_call_backs.sql") },
    Migration { set: "react", number: 20, text: include_str!("../migrations/0020_playbooks.sql") },
];

/// This service's rows of every table.
pub const SERVICE: Service = Service {
    name: "react",
    migrations: MIGRATIONS,
    routes: playbook::routes,
    navigation: playbook::navigation,
    jobs: &[],
    messages: &[incident::messages::REPORTED],
    clocks: &[],
    log: platform::log::Part { words: &playbook::WORDS, kinds: &[playbook::KIND], finders: &[], concerning: &[] },
    webhooks: &[],
    retention: &[],
    panels: &[],
};

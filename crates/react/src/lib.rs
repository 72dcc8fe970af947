//! React: help within seconds when an attack happens.
//!
//! An organisation reports what it sees, by any way that still works, and is told at once what to do first;
//! the CERT and the organisation then work on one case, with its clocks, its impact on care and its evidence.

pub mod access;
mod bare;
pub mod code;
pub mod incident;
pub mod mail;
pub mod offline;
pub mod report;

use db::Migration;
use platform::Service;

/// The tables of this crate.
pub const MIGRATIONS: &[Migration] = &[
    Migration { set: "react", number: 1, text: include_str!("../migrations/0001_codes.sql") },
    Migration { set: "react", number: 2, text: include_str!("../migrations/0002_incidents.sql") },
    Migration { set: "react", number: 3, text: include_str!("../migrations/0003_call_backs.sql") },
    Migration { set: "react", number: 10, text: include_str!("../migrations/0010_offline_key.sql") },
    Migration { set: "react", number: 11, text: include_str!("../migrations/0011_report_mails.sql") },
];

/// This service's rows of every table.
pub const SERVICE: Service = Service {
    name: "react",
    migrations: MIGRATIONS,
    routes: || [mail::routes(), offline::routes()].into_iter().flatten().collect(),
    navigation: |_| Vec::new(),
    jobs: &[],
    messages: &[incident::messages::REPORTED, mail::ANSWER],
    clocks: &[],
    log: platform::log::Part::NONE,
    webhooks: &[],
    retention: &[mail::store::FORGOTTEN],
    panels: &[],
};

//! React: help within seconds when an attack happens.
//!
//! An organisation reports what it sees, by any way that still works, and is told at once what to do first;
//! the CERT and the organisation then work on one case, with its clocks, its impact on care and its evidence.

pub mod access;
mod bare;
pub mod case;
pub mod code;
pub mod evidence;
pub mod incident;
mod log;
pub mod mail;
pub mod offline;
pub mod playbook;
pub mod report;

use db::Migration;
use platform::{Service, job, web::Route};

/// The tables of this crate.
pub const MIGRATIONS: &[Migration] = &[
    Migration { set: "react", number: 1, text: include_str!("../migrations/0001_codes.sql") },
    Migration { set: "react", number: 2, text: include_str!("../migrations/0002_incidents.sql") },
    Migration { set: "react", number: 3, text: include_str!("../migrations/0003_call_backs.sql") },
    Migration { set: "react", number: 10, text: include_str!("../migrations/0010_offline_key.sql") },
    Migration { set: "react", number: 11, text: include_str!("../migrations/0011_report_mails.sql") },
    Migration { set: "react", number: 20, text: include_str!("../migrations/0020_playbooks.sql") },
    Migration { set: "react", number: 30, text: include_str!("../migrations/0030_cases.sql") },
    Migration { set: "react", number: 70, text: include_str!("../migrations/0070_evidence.sql") },
    Migration { set: "react", number: 71, text: include_str!("../migrations/0071_time_stamps.sql") },
];

/// This service's rows of every table.
pub const SERVICE: Service = Service {
    name: "react",
    migrations: MIGRATIONS,
    routes,
    navigation: access::navigation,
    jobs: &[job::Kind::of::<evidence::stamps::AskFor>()],
    messages: &[incident::messages::REPORTED, incident::messages::ADDED, mail::ANSWER],
    clocks: &[],
    log: log::PART,
    webhooks: &[],
    retention: &[
        evidence::forget::OF_CLOSED,
        evidence::forget::WITHDRAWN,
        incident::store::CALL_NOTES,
        incident::store::FORGOTTEN,
        mail::store::FORGOTTEN,
        report::store::DRAFTS,
        report::store::HOLDERS,
    ],
    panels: &[incident::PANEL],
};

/// The routes of all nouns.
fn routes() -> Vec<Route> {
    let all = [
        code::routes(),
        evidence::routes(),
        incident::routes(),
        mail::routes(),
        offline::routes(),
        playbook::routes(),
        report::routes(),
    ];
    all.into_iter().flatten().collect()
}

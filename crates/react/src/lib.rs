//! React: help within seconds when an attack happens.
//!
//! An organisation reports what it sees, by any way that still works, and is told at once what to do first;
//! the CERT and the organisation then work on one case, with its clocks, its impact on care and its evidence.

pub mod access;
pub mod account;
pub mod aid;
mod bare;
pub mod case;
pub mod code;
pub mod correlation;
pub mod evidence;
pub mod follow_up;
pub mod impact;
pub mod incident;
pub mod lesson;
mod log;
pub mod mail;
mod notify;
pub mod observable;
pub mod offline;
pub mod outage;
pub mod pace;
pub mod playbook;
pub mod regime;
pub mod report;
pub mod run;
mod shift;
pub mod similar;
mod stands;
pub mod supplier;
pub mod thehive;
pub mod triage;
mod when;

use db::Migration;
use platform::{Service, job, web::Route};

/// The tables of this crate.
pub const MIGRATIONS: &[Migration] = &[
    Migration { set: "react", number: 1, text: include_str!("../migrations/0001_codes.sql") },
    Migration { set: "react", number: 2, text: include_str!("../migrations/0002_incidents.sql") },
    Migration { set: "react", number: 3, text: include_str!("../migrations/0003_call_backs.sql") },
    Migration { set: "react", number: 4, text: include_str!("../migrations/0004_report_receipts.sql") },
    Migration { set: "react", number: 5, text: include_str!("../migrations/0005_additions_of_reports.sql") },
    Migration { set: "react", number: 10, text: include_str!("../migrations/0010_offline_key.sql") },
    Migration { set: "react", number: 11, text: include_str!("../migrations/0011_report_mails.sql") },
    Migration { set: "react", number: 20, text: include_str!("../migrations/0020_playbooks.sql") },
    Migration { set: "react", number: 30, text: include_str!("../migrations/0030_cases.sql") },
    Migration { set: "react", number: 31, text: include_str!("../migrations/0031_case_timeline.sql") },
    Migration { set: "react", number: 32, text: include_str!("../migrations/0032_case_tasks.sql") },
    Migration { set: "react", number: 33, text: include_str!("../migrations/0033_case_notes.sql") },
    Migration { set: "react", number: 34, text: include_str!("../migrations/0034_case_decisions.sql") },
    Migration { set: "react", number: 35, text: include_str!("../migrations/0035_case_situations.sql") },
    Migration { set: "react", number: 36, text: include_str!("../migrations/0036_case_messages.sql") },
    Migration { set: "react", number: 37, text: include_str!("../migrations/0037_case_people.sql") },
    Migration { set: "react", number: 40, text: include_str!("../migrations/0040_triage.sql") },
    Migration { set: "react", number: 41, text: include_str!("../migrations/0041_paging.sql") },
    Migration { set: "react", number: 80, text: include_str!("../migrations/0080_observables.sql") },
    Migration { set: "react", number: 109, text: include_str!("../migrations/0109_paging_bounds.sql") },
    Migration { set: "react", number: 103, text: include_str!("../migrations/0103_incidents_sought.sql") },
    Migration { set: "react", number: 60, text: include_str!("../migrations/0060_clocks.sql") },
    Migration { set: "react", number: 61, text: include_str!("../migrations/0061_impact.sql") },
    Migration { set: "react", number: 50, text: include_str!("../migrations/0050_runs.sql") },
    Migration { set: "react", number: 70, text: include_str!("../migrations/0070_evidence.sql") },
    Migration { set: "react", number: 97, text: include_str!("../migrations/0097_case_numbers.sql") },
    Migration { set: "react", number: 71, text: include_str!("../migrations/0071_time_stamps.sql") },
    Migration { set: "react", number: 90, text: include_str!("../migrations/0090_lessons.sql") },
    Migration { set: "react", number: 91, text: include_str!("../migrations/0091_pace.sql") },
    Migration { set: "react", number: 92, text: include_str!("../migrations/0092_by_priority.sql") },
    Migration { set: "react", number: 93, text: include_str!("../migrations/0093_suppliers.sql") },
    Migration { set: "react", number: 94, text: include_str!("../migrations/0094_outages.sql") },
    Migration { set: "react", number: 95, text: include_str!("../migrations/0095_aid.sql") },
    Migration { set: "react", number: 100, text: include_str!("../migrations/0100_thehive.sql") },
    Migration { set: "react", number: 101, text: include_str!("../migrations/0101_thehive_alerts.sql") },
    Migration { set: "react", number: 106, text: include_str!("../migrations/0106_playbook_drafts.sql") },
    Migration { set: "react", number: 107, text: include_str!("../migrations/0107_playbook_reviews.sql") },
    Migration { set: "react", number: 108, text: include_str!("../migrations/0108_run_delays.sql") },
    Migration { set: "react", number: 110, text: include_str!("../migrations/0110_incidents_in_hand.sql") },
    Migration {
        set: "react",
        number: 111,
        text: include_str!("../migrations/0111_suppliers_by_either_name.sql"),
    },
    Migration { set: "react", number: 112, text: include_str!("../migrations/0112_live_key.sql") },
    Migration { set: "react", number: 120, text: include_str!("../migrations/0120_outage_reminders.sql") },
    Migration { set: "react", number: 121, text: include_str!("../migrations/0121_similar_incidents.sql") },
    Migration {
        set: "react",
        number: 130,
        text: include_str!("../migrations/0130_paging_bounds_by_urgency.sql"),
    },
];

/// This service's rows of every table.
pub const SERVICE: Service = Service {
    name: "react",
    migrations: MIGRATIONS,
    routes,
    navigation: access::navigation,
    jobs: &[
        job::Kind::of::<evidence::stamps::AskFor>(),
        job::Kind::of::<outage::Tell>(),
        job::Kind::of::<aid::Tell>(),
    ],
    messages: &[
        incident::messages::REPORTED,
        incident::messages::ADDED,
        mail::ANSWER,
        correlation::FOUND,
        triage::paging::messages::MAIL,
        triage::paging::messages::TEXT,
        regime::REMINDER,
        case::MESSAGE,
        case::SITUATION_DUE,
        case::TASK_DUE,
        case::ACTION_DUE,
        run::messages::DUE,
        run::messages::LATE,
        outage::messages::DECLARED,
        outage::messages::UPDATED,
        outage::messages::REMINDER,
        outage::messages::RESTORED,
        outage::texts::TEXT,
        outage::texts::OVER,
        outage::messages::WITHDRAWN,
        aid::messages::ASKED,
        aid::messages::NEWS,
        run::messages::BEGINS,
    ],
    clocks: &[
        triage::paging::CLOCK,
        triage::paging::HELD,
        regime::KIND,
        case::situation::clocks::KIND,
        case::task::clocks::KIND,
        follow_up::clocks::KIND,
        run::clocks::KIND,
        run::clocks::BEGINS,
        outage::reminders::KIND,
    ],
    log: log::PART,
    webhooks: &[],
    retention: &[
        correlation::store::FORGOTTEN,
        evidence::forget::OF_CLOSED,
        evidence::forget::WITHDRAWN,
        incident::store::CALL_NOTES,
        incident::store::FORGOTTEN,
        mail::store::FORGOTTEN,
        observable::store::FORGOTTEN,
        playbook::draft::store::FORGOTTEN,
        playbook::review::store::FORGOTTEN,
        report::store::DRAFTS,
        report::store::HOLDERS,
        triage::store::FORGOTTEN,
        regime::store::AWARENESS,
        regime::store::STEPS,
        regime::store::FACTS,
        impact::store::NOTES,
        run::store::FORGOTTEN,
        outage::store::FORGOTTEN,
        aid::store::FORGOTTEN,
        aid::store::STANDING,
        thehive::alert::store::FORGOTTEN,
    ],
    panels: &[incident::PANEL, outage::panel::PANEL],
    waiting: &[
        incident::WAITING,
        case::task::WAITING,
        follow_up::WAITING,
        outage::WAITING,
        correlation::WAITING,
    ],
    shift: &[shift::INCIDENTS, shift::OUTAGES],
};

/// The routes of all nouns.
fn routes() -> Vec<Route> {
    let all = [
        account::routes(),
        case::routes(),
        code::routes(),
        correlation::routes(),
        evidence::routes(),
        follow_up::routes(),
        incident::routes(),
        lesson::routes(),
        mail::routes(),
        observable::routes(),
        offline::routes(),
        pace::routes(),
        playbook::routes(),
        report::routes(),
        triage::routes(),
        regime::routes(),
        impact::routes(),
        run::routes(),
        similar::routes(),
        supplier::routes(),
        outage::routes(),
        aid::routes(),
        thehive::routes(),
    ];
    all.into_iter().flatten().collect()
}

//! Broadcast: know the threats first, warn exactly the organisations concerned, and know of each,
//! against the clock, where it stands.
//!
//! A threat is taken in from a source, an analyst turns it into an advisory, a second person
//! approves it, an alert goes to its audience, and each organisation answers.

pub mod access;
pub mod activity;
pub mod advisory;
pub mod alert;
pub mod audience;
mod bare;
pub mod bulletin;
mod csv;
pub mod faq;
pub mod feed;
pub mod handover;
mod log;
pub mod notification;
pub mod policy;
pub mod question;
pub mod response;
pub mod saved_filter;
pub mod sector;
mod shift;
pub mod sighting;
pub mod source;
pub mod threat;
pub mod triage;
mod waiting;
mod webhook;

use db::Migration;
use platform::{Service, job, web::Route};

/// The tables of this crate.
pub const MIGRATIONS: &[Migration] = &[
    Migration { set: "broadcast", number: 1, text: include_str!("../migrations/0001_threats.sql") },
    Migration { set: "broadcast", number: 2, text: include_str!("../migrations/0002_advisories.sql") },
    Migration { set: "broadcast", number: 3, text: include_str!("../migrations/0003_alerts.sql") },
    Migration { set: "broadcast", number: 4, text: include_str!("../migrations/0004_intake.sql") },
    Migration { set: "broadcast", number: 6, text: include_str!("../migrations/0006_documents.sql") },
    Migration { set: "broadcast", number: 7, text: include_str!("../migrations/0007_objects.sql") },
    Migration { set: "broadcast", number: 8, text: include_str!("../migrations/0008_feeds.sql") },
    Migration { set: "broadcast", number: 9, text: include_str!("../migrations/0009_activity.sql") },
    Migration { set: "broadcast", number: 10, text: include_str!("../migrations/0010_feeds_resumed.sql") },
    Migration { set: "broadcast", number: 11, text: include_str!("../migrations/0011_triage.sql") },
    Migration { set: "broadcast", number: 12, text: include_str!("../migrations/0012_shifts.sql") },
    Migration { set: "broadcast", number: 13, text: include_str!("../migrations/0013_syndication.sql") },
    Migration { set: "broadcast", number: 14, text: include_str!("../migrations/0014_sector.sql") },
    Migration {
        set: "broadcast",
        number: 16,
        text: include_str!("../migrations/0016_advisory_comments.sql"),
    },
    Migration { set: "broadcast", number: 17, text: include_str!("../migrations/0017_threats_sought.sql") },
    Migration { set: "broadcast", number: 18, text: include_str!("../migrations/0018_texts.sql") },
    Migration { set: "broadcast", number: 21, text: include_str!("../migrations/0021_questions.sql") },
    Migration { set: "broadcast", number: 22, text: include_str!("../migrations/0022_threats_searched.sql") },
    Migration { set: "broadcast", number: 23, text: include_str!("../migrations/0023_on_call.sql") },
    Migration { set: "broadcast", number: 24, text: include_str!("../migrations/0024_objects_lean.sql") },
    Migration { set: "broadcast", number: 25, text: include_str!("../migrations/0025_threats_fetched.sql") },
    Migration { set: "broadcast", number: 26, text: include_str!("../migrations/0026_sector_reach.sql") },
    Migration { set: "broadcast", number: 35, text: include_str!("../migrations/0035_unreached.sql") },
    Migration {
        set: "broadcast",
        number: 32,
        text: include_str!("../migrations/0032_statements_of_a_document.sql"),
    },
    Migration {
        set: "broadcast",
        number: 30,
        text: include_str!("../migrations/0030_threats_drawn_anew.sql"),
    },
];

/// This service's rows of every table.
pub const SERVICE: Service = Service {
    name: "broadcast",
    migrations: MIGRATIONS,
    routes,
    navigation: access::navigation,
    jobs: &[
        job::Kind::of::<advisory::rota::CallApprover>(),
        job::Kind::of::<alert::FanOut>(),
        job::Kind::of::<alert::TellWithdrawn>(),
        job::Kind::of::<bulletin::Issue>(),
        job::Kind::of::<feed::Follow>(),
        job::Kind::of::<sector::CountReach>(),
        job::Kind::of::<sector::Recount>(),
        job::Kind::of::<triage::jobs::Rejudge>(),
    ],
    messages: &[
        advisory::rota::messages::MAIL,
        advisory::rota::messages::TEXT,
        advisory::sent_back::MESSAGE,
        alert::messages::ALERT,
        alert::messages::WITHDRAWN,
        alert::text::TEXT,
        alert::text::WITHDRAWN,
        bulletin::MESSAGE,
        feed::MESSAGE,
        notification::DIGEST,
        question::ANSWERED,
        response::MESSAGES[0],
        response::MESSAGES[1],
        response::MESSAGES[2],
        response::MESSAGES[3],
        response::MESSAGES[4],
        sector::regional::MESSAGE,
    ],
    clocks: &[response::CLOCK],
    log: log::PART,
    webhooks: webhook::EVENTS,
    retention: &[
        feed::RUNS,
        handover::FORGOTTEN,
        question::FORGOTTEN,
        response::DRAFTS,
        sector::NOTES,
        sighting::FORGOTTEN,
        triage::CHANGES,
        triage::WITHDRAWN,
    ],
    panels: &[response::PANEL],
    waiting: &[waiting::AT_THE_CERT, response::WAITING],
    shift: &[shift::ALERTS, shift::ADVISORIES, shift::TOLD],
};

/// The routes of all nouns.
fn routes() -> Vec<Route> {
    let all = [
        activity::routes(),
        advisory::routes(),
        alert::routes(),
        audience::routes(),
        faq::routes(),
        feed::routes(),
        handover::routes(),
        notification::routes(),
        policy::routes(),
        question::routes(),
        response::routes(),
        saved_filter::routes(),
        sector::routes(),
        sighting::routes(),
        source::pages::routes(),
        threat::routes(),
        triage::routes(),
    ];
    all.into_iter().flatten().collect()
}

//! What every service stands on: organisations, people, access, the sealed log, jobs, messages,
//! clocks, blobs and the web.
//!
//! It knows no service; each hands it one [`Service`] and the program composes them.

pub mod access;
pub mod account;
pub mod app;
pub mod blob;
pub mod bounce;
pub mod clock;
pub mod env;
pub mod fold;
pub mod import;
pub mod job;
pub mod key;
pub mod log;
pub mod maildir;
pub mod message;
pub mod metrics;
pub mod net;
pub mod notification;
pub mod organisation;
pub mod receipt;
pub mod retention;
pub mod rota;
pub mod settings;
pub mod stop;
mod tx;
pub mod uk;
pub mod vocabulary;
pub mod waiting;
pub mod web;
pub mod webhook;
pub mod work;

pub use access::Actor;
pub use app::{App, Service};
pub use tx::Tx;

use db::Migration;

/// The tables of this crate.
pub const MIGRATIONS: &[Migration] = &[
    Migration { set: "platform", number: 1, text: include_str!("../migrations/0001_log.sql") },
    Migration { set: "platform", number: 2, text: include_str!("../migrations/0002_work.sql") },
    Migration { set: "platform", number: 3, text: include_str!("../migrations/0003_organisations.sql") },
    Migration { set: "platform", number: 4, text: include_str!("../migrations/0004_accounts.sql") },
    Migration { set: "platform", number: 5, text: include_str!("../migrations/0005_webhooks.sql") },
    Migration { set: "platform", number: 6, text: include_str!("../migrations/0006_texts.sql") },
    Migration { set: "platform", number: 8, text: include_str!("../migrations/0008_notifications.sql") },
    Migration { set: "platform", number: 9, text: include_str!("../migrations/0009_bounces.sql") },
    Migration { set: "platform", number: 10, text: include_str!("../migrations/0010_keys_of_the_cert.sql") },
    Migration { set: "platform", number: 11, text: include_str!("../migrations/0011_telephones.sql") },
    Migration { set: "platform", number: 12, text: include_str!("../migrations/0012_on_call.sql") },
    Migration { set: "platform", number: 13, text: include_str!("../migrations/0013_loose_blobs.sql") },
    Migration { set: "platform", number: 14, text: include_str!("../migrations/0014_log_blocks.sql") },
    Migration { set: "platform", number: 17, text: include_str!("../migrations/0017_carriers.sql") },
    Migration { set: "platform", number: 18, text: include_str!("../migrations/0018_clock_jumps.sql") },
    Migration { set: "platform", number: 19, text: include_str!("../migrations/0019_texted.sql") },
    Migration { set: "platform", number: 20, text: include_str!("../migrations/0020_mailing_key.sql") },
    Migration { set: "platform", number: 22, text: include_str!("../migrations/0022_log_verifications.sql") },
    Migration { set: "platform", number: 23, text: include_str!("../migrations/0023_webhook_queue.sql") },
    Migration {
        set: "platform",
        number: 15,
        text: include_str!("../migrations/0015_organisations_sought.sql"),
    },
];

const MESSAGES: [message::Kind; 8] = {
    let [invitation, role_given, forgotten, factor_reset] = account::MESSAGES;
    [
        invitation,
        role_given,
        forgotten,
        factor_reset,
        log::MAIL,
        organisation::contact::VERIFY,
        bounce::MESSAGE,
        webhook::MESSAGE,
    ]
};

/// The platform's own rows of every table.
pub const SERVICE: Service = Service {
    name: "platform",
    migrations: MIGRATIONS,
    routes: || {
        let tables = [
            account::routes(),
            job::pages::routes(),
            key::routes(),
            log::pages::routes(),
            log::verification::routes(),
            message::routes(),
            notification::mailing::routes(),
            organisation::routes(),
            web::routes(),
            webhook::routes(),
        ];
        tables.into_iter().flatten().collect()
    },
    navigation: |actor| {
        let menus = [
            organisation::navigation(actor),
            account::navigation(actor),
            webhook::navigation(actor),
            access::navigation(actor),
        ];
        menus.concat()
    },
    jobs: &[
        job::Kind::of::<webhook::Happened>(),
        job::Kind::of::<blob::LetGo>(),
        job::Kind::of::<log::Verify>(),
    ],
    messages: &MESSAGES,
    clocks: &[],
    log: log::PART,
    webhooks: &[webhook::TEST],
    retention: retention::RULES,
    panels: &[],
    waiting: &[message::WAITING, log::WAITING],
    shift: &[message::SHIFT],
};

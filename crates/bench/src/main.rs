//! What a nation costs, measured: `cargo xtask bench` runs this once for each engine, in release,
//! each figure beside its limit in the same run.
//!
//! These are figures, not tests: a machine that is busy gives worse ones, and nothing fails.

mod clocks;
mod correlation;
mod evidence;
mod incidents;
mod intake;
mod mail;
mod nation;
mod observables;
mod pages;
mod process;
mod publish;
mod search;
mod stix;
mod table;
mod viewers;
mod watchers;
mod webhooks;

use std::sync::Arc;

use db::Db;
use platform::{
    App,
    app::Parts,
    blob::Blobs,
    env::Env,
    message::{Mail, Post, Sending},
    net,
    settings::{Cert, Evidence, Hashing, Network, Regulators, Reports, Settings},
    stop::Stop,
    web::Live,
};

use crate::table::Table;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Takes every mail and does nothing with it: what is measured is our side.
#[derive(Debug)]
struct Nowhere;

impl Post for Nowhere {
    fn send<'a>(&'a self, _: &'a Mail) -> Sending<'a> {
        Box::pin(async { Ok(()) })
    }
}

/// What is measured, one after the other; `nation` is all that is asked of a whole nation's tables.
const PARTS: [&str; 12] = [
    "intake",
    "nation",
    "search",
    "stix",
    "webhooks",
    "incidents",
    "correlation",
    "observables",
    "viewers",
    "watchers",
    "process",
    "evidence",
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let named: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = named.iter().find(|name| !PARTS.contains(&name.as_str())) {
        anyhow::bail!("\"{unknown}\" is not measured. There are: {}.", PARTS.join(", "));
    }
    let is_wanted = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    let folder = tempfile::tempdir()?;
    let address = match std::env::var("CARECERT_BENCH_DATABASE") {
        Ok(address) => address,
        Err(_) => format!("sqlite:{}", folder.path().join("bench.db").display()),
    };
    let app = open(&address).await?;
    let mut table = Table::new(if address.starts_with("sqlite:") { "SQLite" } else { "PostgreSQL" });
    if is_wanted("intake") {
        intake::measure(&app, &mut table).await?;
    }
    if is_wanted("nation") {
        nation::fill(&app).await?;
        let alert = publish::measure(&app, &mut table).await?;
        nation::answer_for_years(&app).await?;
        pages::measure(&app, alert, &mut table).await?;
        publish::measure_update(&app, alert, &mut table).await?;
        mail::measure(&app, &mut table).await?;
        clocks::measure(&app, alert, &mut table).await?;
    }
    if is_wanted("search") {
        search::measure(&app, &mut table).await?;
    }
    if is_wanted("stix") {
        stix::measure(&app, &mut table).await?;
    }
    if is_wanted("webhooks") {
        webhooks::measure(&app, &mut table).await?;
    }
    if is_wanted("incidents") {
        incidents::measure(&app, &mut table).await?;
    }
    if is_wanted("correlation") {
        correlation::measure(&app, &mut table).await?;
    }
    // The program as a process is measured once.
    if address.starts_with("sqlite:") {
        if is_wanted("observables") {
            observables::measure(&mut table)?;
        }
        if is_wanted("viewers") {
            viewers::measure(&mut table).await?;
        }
        if is_wanted("watchers") {
            watchers::measure(&mut table).await?;
        }
        if is_wanted("process") {
            process::measure(&mut table).await?;
        }
        if is_wanted("evidence") {
            evidence::measure(&mut table).await?;
        }
    }
    table.print();
    Ok(())
}

async fn open(address: &str) -> anyhow::Result<App> {
    let db = Db::open(address, db::Options::default()).await?;
    let sets: Vec<_> = carecert::SERVICES.iter().map(|service| service.migrations).collect();
    db.migrate(&sets).await?;
    let settings = Settings {
        data_dir: std::env::temp_dir(),
        database_url: address.to_owned(),
        bind: ([127, 0, 0, 1], 0).into(),
        public_url: "http://carecert.bench".to_owned(),
        cert: Cert {
            name: "Bench CSOC".to_owned(),
            telephone: "0300 303 5222".to_owned(),
            mail_from: "bench@cert.example".to_owned(),
            bounces_to: None,
            data_controller: "nobody".to_owned(),
            privacy_email: "bench@cert.example".to_owned(),
        },
        smtp: None,
        bounces: None,
        reports: Reports::default(),
        sms: None,
        bulletin: None,
        response_policies: None,
        demonstration: false,
        single_person_release: false,
        hashing: Hashing::Cheap,
        trusted_proxies: Vec::new(),
        network: Network::default(),
        regulators: Regulators::default(),
        evidence: Evidence::default(),
    };
    let net = net::Client::new(&settings.network).map_err(anyhow::Error::msg)?;
    Ok(App::new(Parts {
        db,
        env: Env::machine(),
        settings,
        blobs: Blobs::Database,
        post: Arc::new(Nowhere),
        texts: Arc::new(Nowhere),
        net: Arc::new(net),
        services: carecert::SERVICES,
        stop: Stop::default(),
        live: Live::default(),
    }))
}

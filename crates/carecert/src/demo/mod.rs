//! The demonstration: a sector from real, historic files with made-up people, three weeks of its life;
//! made by the program's own actions, served by the program itself.

pub(crate) mod home;
mod mail;
mod moment;
mod pages;
mod people;
mod sector;
mod story;

use std::{fs::File, path::Path, sync::Arc};

use anyhow::{Context, ensure};
use db::{Db, DbError, Migration, Options, params, sql};
use platform::{
    Actor, App, Service,
    access::Rule,
    env::Env,
    settings::Settings,
    uk,
    web::{Route, shell::NavItem},
};

use crate::command::Caught;
pub use mail::CaughtMail;
pub use moment::{Moment, Played, moments};
pub use people::{KEY_OF_CERT, KEY_OF_TRUST, SignIn, key_token, part, sign_ins};

/// The demonstration's own tables.
const MIGRATIONS: &[Migration] = &[
    Migration { set: "demo", number: 1, text: include_str!("../../migrations/0001_demo.sql") },
    Migration { set: "demo", number: 2, text: include_str!("../../migrations/0002_demo_moments.sql") },
    Migration { set: "demo", number: 3, text: include_str!("../../migrations/0003_demo_keys.sql") },
];

/// The demonstration's own pages: the caught mail, and who a visitor can be.
pub static SERVICE: Service = Service {
    name: "demo",
    migrations: MIGRATIONS,
    routes: || {
        vec![
            Route::get("/demonstration", Rule::Anyone, pages::sign_ins),
            Route::get("/demonstration/story", Rule::Anyone, home::story),
            Route::post("/demonstration/be", Rule::Anyone, pages::be).form("who=responder&to=/alerts"),
            Route::get("/demonstration/mail", Rule::Anyone, mail::list),
            Route::get("/demonstration/mail/{id}", Rule::Anyone, mail::show)
                .sample("/demonstration/mail/{caught_mail}"),
        ]
    },
    navigation,
    jobs: &[],
    messages: &[],
    clocks: &[],
    log: platform::log::Part::NONE,
    webhooks: &[],
    retention: &[],
    panels: &[],
    waiting: &[],
    shift: &[],
};

/// The services of a demonstration.
pub static SERVICES: &[&Service] =
    &[&SERVICE, &platform::SERVICE, &react::SERVICE, &broadcast::SERVICE, &crate::pages::SERVICE];

fn navigation(_: &Actor) -> Vec<NavItem> {
    vec![
        NavItem::new("The story", "/demonstration/story"),
        NavItem::new("Who you can be", "/demonstration"),
        NavItem::new("Mail and texts", "/demonstration/mail"),
    ]
}

/// The program over the demonstration in `settings.data_dir`, or in the PostgreSQL database that
/// `settings.database_url` names; it is made at the first start and kept at every other one. `tell` hears how
/// its making goes on.
pub async fn open(mut settings: Settings, tell: &(dyn Fn(&str) + Sync)) -> anyhow::Result<App> {
    crate::command::make_folder(&settings.data_dir)?;
    if settings.database_url.starts_with("postgres") {
        on_a_server(&settings, tell).await?;
    } else {
        let file = settings.data_dir.join("carecert.db");
        settings.database_url = address(&file);
        in_a_file(&settings, &file, tell).await?;
    }
    compose(settings, Env::machine(), Options::default()).await
}

async fn in_a_file(settings: &Settings, file: &Path, tell: &(dyn Fn(&str) + Sync)) -> anyhow::Result<()> {
    if file.exists() {
        let db = Db::open(&settings.database_url, Options::default()).await?;
        ensure!(
            is_one(&db).await?,
            "{} is not a demonstration's, and would become one. Name another folder with --dir.",
            file.display()
        );
        db.close().await;
        return Ok(());
    }
    // Made beside its place and moved there when it is whole.
    let unfinished = file.with_extension("unfinished");
    for leftover in ["", "-wal", "-shm"] {
        // Left by a start that was interrupted; usually there is none.
        let _ = std::fs::remove_file(format!("{}{leftover}", unfinished.display()));
    }
    make(Settings { database_url: address(&unfinished), ..settings.clone() }, tell).await?;
    File::open(&unfinished)?.sync_all()?;
    std::fs::rename(&unfinished, file)?;
    Ok(())
}

async fn on_a_server(settings: &Settings, tell: &(dyn Fn(&str) + Sync)) -> anyhow::Result<()> {
    let db = Db::open(&settings.database_url, Options::default()).await?;
    if db.is_empty().await? {
        db.close().await;
        return make(settings.clone(), tell).await;
    }
    ensure!(
        is_one(&db).await?,
        "The database that database.url (DATABASE_URL) names is not a demonstration's, and would become one. \
         Name one that is empty."
    );
    let played = moments(&mut db.read().await?).await?;
    ensure!(
        played.len() == Moment::ALL.len(),
        "The making of the demonstration in this database was interrupted. Drop the database, create it anew, \
         and start again."
    );
    db.close().await;
    Ok(())
}

/// Whether a database is a demonstration's: it alone has the tables of one.
pub async fn is_one(db: &Db) -> Result<bool, DbError> {
    if db.is_empty().await? {
        return Ok(false);
    }
    let statement = sql!("SELECT count(*) FROM migration WHERE set_name = 'demo'");
    let (tables,): (i64,) = db.read().await?.one(statement, params![]).await?;
    Ok(tables > 0)
}

fn address(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

/// Makes the demonstration in a database that is empty.
async fn make(settings: Settings, tell: &(dyn Fn(&str) + Sync)) -> anyhow::Result<()> {
    let present = Env::machine().now();
    let first = story::first_day(present);
    let env = Env::manual(uk::begins(first).context("a day within the calendar")?, seed());
    // Nothing of an interrupted making is kept, so nothing waits for the disk but the whole.
    let app = compose(settings, env, Options { durable: false, ..Options::default() }).await?;
    tell("The sector: organisations, mailboxes, threats");
    sector::make(&app).await.context("the organisations")?;
    let people = people::make(&app).await.context("the people")?;
    story::play(&app, &people, first, present, tell).await.context("the story")?;
    app.db.clone().close().await;
    Ok(())
}

/// Secrets of the demonstration differ from machine to machine.
fn seed() -> u64 {
    Env::machine().below(u64::MAX)
}

/// The days of the files that the demonstration is made from, for whoever asks how old they are.
pub const HISTORIC: &str = "organisations of 2021 and 2023, threats of August 2025";

async fn compose(settings: Settings, env: Env, options: Options) -> anyhow::Result<App> {
    let db = Db::open(&settings.database_url, options).await?;
    let post = Arc::new(CaughtMail { db: db.clone(), env: env.clone() });
    crate::command::compose(settings, db, env, Caught::Everything(post), SERVICES).await
}

//! Every statement of the program is prepared on this engine: a text that only the other one
//! understands never reaches a user. And none of them makes SQLite index a table for itself.

use carecert::demo::SERVICES;
use db::{Db, Engine, Listing, Options, Statement};
use testkit::world::World;

#[tokio::test]
async fn every_statement_can_be_prepared() {
    let world = World::new(SERVICES).await;
    let mut refused = Vec::new();
    for (place, text) in texts(world.app.db.engine()) {
        let mut snapshot = world.app.read().await.expect("a read begins");
        if let Err(error) = snapshot.check(&text).await {
            refused.push(format!("{place}: {error}\n{text}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

/// What costs as much as there is, though it was to cost as much as is asked for: an index that
/// SQLite makes for itself, each time anew, since a join begins at the wrong end; and the whole
/// audience of an alert, read for what concerns the organisations of one reader. PostgreSQL plans by
/// how full its tables are, which says nothing here.
#[tokio::test]
async fn no_statement_reads_far_more_than_it_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let address = format!("sqlite:{}", folder.path().join("plans.db").display());
    let db = Db::open(&address, Options::default()).await.expect("a database opens");
    let sets: Vec<_> = SERVICES.iter().map(|service| service.migrations).collect();
    db.migrate(&sets).await.expect("the migrations apply");
    let mut snapshot = db.read().await.expect("a read begins");
    let mut wrong = Vec::new();
    for (place, text) in texts(Engine::Sqlite) {
        let readers_own = text.starts_with(platform::scope!());
        for step in snapshot.plan(&text).expect("a plan") {
            // What somebody answers for is worked out for each statement: there is no table to index.
            let own_index = step.contains("AUTOMATIC") && !step.contains("SEARCH ranked ");
            let audience = ["INDEX response_alert (alert_id=?)", "INDEX clock_response_late (about_id=?)"];
            if own_index || (readers_own && audience.iter().any(|index| step.ends_with(index))) {
                wrong.push(format!("{place}: {step}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is sought by a word that few have is fetched by that word and by what holds all that is compared, whatever
/// else is asked for: SQLite would rather walk the whole list by any other condition.
#[tokio::test]
async fn what_is_sought_by_a_rare_word_is_fetched_by_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let address = format!("sqlite:{}", folder.path().join("plans.db").display());
    let db = Db::open(&address, Options::default()).await.expect("a database opens");
    let sets: Vec<_> = SERVICES.iter().map(|service| service.migrations).collect();
    db.migrate(&sets).await.expect("the migrations apply");
    let mut snapshot = db.read().await.expect("a read begins");
    let (mut looked, mut wrong) = (0, Vec::new());
    for (place, text) in texts(Engine::Sqlite) {
        let threats = text.contains("t.id IN (SELECT w.threat_id") && !text.contains("t.claimed_by =");
        let incidents = text.contains("n.organisation_id IN (SELECT w.organisation_id");
        let wanted = match (threats, incidents) {
            (true, _) => "COVERING INDEX threat_sought (id=?",
            (_, true) => "INDEX incident_organisation (organisation_id=?",
            _ => continue,
        };
        looked += 1;
        let steps = snapshot.plan(&text).expect("a plan");
        if !steps.iter().any(|step| step.contains(wanted)) {
            wrong.push(format!("{place}: {steps:#?}\n{text}"));
        }
    }
    assert!(looked > 100 && wrong.is_empty(), "{} of {looked}: {}", wrong.len(), wrong.join("\n"));
}

/// Every text and where it stands, but for those of tests, which are about tables of their own.
fn texts(engine: Engine) -> Vec<(String, String)> {
    let place = |(file, line): (&str, u32)| format!("{file}:{line}");
    let statements = Statement::all()
        .filter(|statement| !statement.place.0.contains("/tests/"))
        .map(|statement| (place(statement.place), statement.text(engine).to_owned()));
    let listings = Listing::all().flat_map(|listing| {
        listing.combinations(engine).into_iter().map(move |text| (place(listing.place), text))
    });
    let texts: Vec<_> = statements.chain(listings).collect();
    assert!(texts.len() > 30, "only {} statements are registered", texts.len());
    texts
}

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

/// SQLite indexes for itself, each time anew, what a join cannot find by an index of ours: the join
/// begins at the wrong end, or an index is missing. PostgreSQL plans by how full its tables are,
/// which says nothing here.
#[tokio::test]
async fn no_statement_makes_an_index_for_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let address = format!("sqlite:{}", folder.path().join("plans.db").display());
    let db = Db::open(&address, Options::default()).await.expect("a database opens");
    let sets: Vec<_> = SERVICES.iter().map(|service| service.migrations).collect();
    db.migrate(&sets).await.expect("the migrations apply");
    let mut snapshot = db.read().await.expect("a read begins");
    let mut wrong = Vec::new();
    for (place, text) in texts(Engine::Sqlite) {
        let plan = snapshot.plan(&text).expect("a plan");
        // What somebody answers for is worked out for each statement: there is no table to index.
        let own = plan.iter().filter(|step| step.contains("AUTOMATIC") && !step.contains("SEARCH ranked "));
        wrong.extend(own.map(|step| format!("{place}: {step}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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

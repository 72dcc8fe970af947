//! Every statement of the program is prepared on this engine: a text that only the other one
//! understands never reaches a user.

use carecert::demo::SERVICES;
use db::{Listing, Statement};
use testkit::world::World;

#[tokio::test]
async fn every_statement_can_be_prepared() {
    let world = World::new(SERVICES).await;
    let mut refused = Vec::new();
    let mut prepared = 0;
    for statement in Statement::all() {
        // The tests' own statements are about tables of their own.
        if statement.place.0.contains("/tests/") {
            continue;
        }
        let mut snapshot = world.app.read().await.expect("a read begins");
        let engine = snapshot.engine();
        prepared += 1;
        if let Err(error) = snapshot.check(statement.text(engine)).await {
            refused.push(format!("{}:{}: {error}", statement.place.0, statement.place.1));
        }
    }
    for listing in Listing::all() {
        let engine = world.app.db.engine();
        for text in listing.combinations(engine) {
            let mut snapshot = world.app.read().await.expect("a read begins");
            prepared += 1;
            if let Err(error) = snapshot.check(&text).await {
                refused.push(format!("{}:{}: {error}\n{text}", listing.place.0, listing.place.1));
            }
        }
    }
    assert!(prepared > 30, "only {prepared} statements are registered");
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

//! The promises of a transaction on either engine: whole or not at all, wherever it is cut.

use db::{Db, DbError, Migration, Tx, params, sql};
use testkit::{
    cut::{self, Cut},
    database,
};

const TABLES: &[Migration] = &[Migration {
    set: "test",
    number: 1,
    text: "CREATE TABLE purse (name {text} PRIMARY KEY, coins {int} NOT NULL CHECK (coins >= 0)) {strict};
           INSERT INTO purse (name, coins) VALUES ('ann', 100), ('ben', 0)",
}];

async fn purses() -> database::Database {
    database::migrated(&[TABLES]).await
}

async fn coins(db: &Db, name: &str) -> i64 {
    let mut snapshot = db.read().await.expect("a read begins");
    let (coins,) =
        snapshot.one(sql!("SELECT coins FROM purse WHERE name = ?1"), params![name]).await.expect("a purse");
    coins
}

async fn give(db: &Db, coins: i64) -> Result<(), DbError> {
    let mut tx = db.write().await?;
    tx.run(sql!("UPDATE purse SET coins = coins - ?1 WHERE name = 'ann'"), params![coins]).await?;
    put_off(&mut tx, "ben", coins).await?;
    tx.commit().await
}

/// Adds coins without asking what became of it.
async fn put_off(tx: &mut Tx, name: &str, coins: i64) -> Result<(), DbError> {
    tx.run_later(sql!("UPDATE purse SET coins = coins + ?2 WHERE name = ?1"), params![name, coins]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_dropped_at_any_await_is_whole_or_undone() {
    let database = purses().await;
    let mut given = 0;
    for polls in 1.. {
        let end = cut::after(polls, give(&database.db, 1)).await;
        // A write that begins now waits for the rollback, or for the commit that was under way: on
        // PostgreSQL at the row, for a plain reading would not wait and see what was before.
        let mut tx = database.db.write().await.expect("the database still accepts writes");
        let ann = sql!("SELECT coins FROM purse WHERE name = 'ann' /*postgres FOR UPDATE */");
        let (ann,): (i64,) = tx.one(ann, params![]).await.expect("ann");
        let (ben,): (i64,) =
            tx.one(sql!("SELECT coins FROM purse WHERE name = 'ben'"), params![]).await.expect("ben");
        drop(tx);
        assert_eq!(ann + ben, 100, "cut after {polls} polls");
        assert!(ben == given || ben == given + 1, "cut after {polls} polls: {ben} after {given}");
        given = ben;
        if end == Cut::Finished {
            assert!(polls > 1, "a commit waits for the disk or the server");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_dropped_at_any_await_gives_its_connection_back() {
    let database = purses().await;
    for polls in 1.. {
        let read = async {
            let mut snapshot = database.db.read_long().await.expect("a read begins");
            snapshot
                .all::<(String,)>(sql!("SELECT name FROM purse ORDER BY name"), params![])
                .await
                .expect("names")
        };
        if cut::after(polls, read).await == Cut::Finished {
            break;
        }
    }
    // More than the pool holds: a lost connection would leave the last ones waiting.
    for _ in 0..20 {
        assert_eq!(coins(&database.db, "ann").await, 100);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_committed_is_seen_by_nobody() {
    let database = purses().await;
    let mut tx = database.db.write().await.expect("a write begins");
    tx.run(sql!("UPDATE purse SET coins = 7 WHERE name = 'ann'"), params![]).await.expect("an update");
    assert_eq!(coins(&database.db, "ann").await, 100);
    tx.commit().await.expect("a commit");
    assert_eq!(coins(&database.db, "ann").await, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_does_not_move() {
    let database = purses().await;
    let mut snapshot = database.db.read().await.expect("a read begins");
    let statement = sql!("SELECT coins FROM purse WHERE name = 'ben'");
    assert_eq!(snapshot.one::<(i64,)>(statement, params![]).await.expect("ben"), (0,));
    give(&database.db, 40).await.expect("given");
    assert_eq!(snapshot.one::<(i64,)>(statement, params![]).await.expect("ben"), (0,));
    drop(snapshot);
    assert_eq!(coins(&database.db, "ben").await, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_error_nothing_more_is_done() {
    let database = purses().await;
    let mut tx = database.db.write().await.expect("a write begins");
    tx.run(sql!("UPDATE purse SET coins = 1 WHERE name = 'ben'"), params![]).await.expect("an update");
    let refused = tx.run(sql!("UPDATE purse SET coins = -1 WHERE name = 'ann'"), params![]).await;
    assert!(matches!(refused, Err(DbError::Constraint(_))), "{refused:?}");
    let after = tx.run(sql!("UPDATE purse SET coins = 2 WHERE name = 'ben'"), params![]).await;
    assert!(matches!(after, Err(DbError::Broken)), "{after:?}");
    assert!(matches!(tx.commit().await, Err(DbError::Broken)));
    assert_eq!(coins(&database.db, "ben").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_off_is_seen_by_the_next_question_and_kept_by_the_commit() {
    let database = purses().await;
    let mut tx = database.db.write().await.expect("a write begins");
    // More than travel together.
    for _ in 0..600 {
        put_off(&mut tx, "ben", 1).await.expect("put off");
    }
    let statement = sql!("SELECT coins FROM purse WHERE name = 'ben'");
    assert_eq!(tx.one::<(i64,)>(statement, params![]).await.expect("ben"), (600,));
    put_off(&mut tx, "ben", 1).await.expect("put off");
    tx.commit().await.expect("a commit");
    assert_eq!(coins(&database.db, "ben").await, 601);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_was_put_off_one_failure_undoes_everything() {
    let database = purses().await;
    let failing = async {
        let mut tx = database.db.write().await?;
        put_off(&mut tx, "ben", 1).await?;
        put_off(&mut tx, "ann", -101).await?;
        put_off(&mut tx, "ben", 1).await?;
        tx.commit().await
    };
    assert!(matches!(failing.await, Err(DbError::Constraint(_))));
    assert_eq!((coins(&database.db, "ann").await, coins(&database.db, "ben").await), (100, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_writers_with_the_same_version_one_loses() {
    let database = purses().await;
    let race = || async {
        let mut tx = database.db.write().await?;
        let statement =
            sql!("UPDATE purse SET coins = 99 WHERE name = 'ann' AND coins = 100 RETURNING coins");
        let won = tx.maybe::<(i64,)>(statement, params![]).await?.is_some();
        tx.commit().await?;
        Ok::<_, DbError>(won)
    };
    let (first, second) = tokio::join!(race(), race());
    assert_eq!([first, second].map(Result::unwrap).iter().filter(|won| **won).count(), 1);
}

#[tokio::test]
async fn migrating_again_changes_nothing_and_a_changed_migration_is_refused() {
    let database = purses().await;
    database.db.migrate(&[TABLES]).await.expect("already applied");
    assert_eq!(coins(&database.db, "ann").await, 100);
    let changed: &[Migration] = &[Migration { set: "test", number: 1, text: "SELECT 1" }];
    let refused = database.db.migrate(&[changed]).await.expect_err("a changed migration");
    assert!(refused.to_string().contains("Migration test/0001"), "{refused}");
}

#[tokio::test]
async fn a_failing_migration_leaves_nothing_behind() {
    let database = database::empty().await;
    let broken: &[Migration] = &[
        Migration { set: "test", number: 1, text: "CREATE TABLE half (id {id} PRIMARY KEY) {strict}" },
        Migration { set: "test", number: 2, text: "CREATE TABLE oops (" },
    ];
    database.db.migrate(&[broken]).await.expect_err("a broken migration");
    database.db.migrate(&[&broken[..1]]).await.expect("the first was undone with the second");
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went() {
    const KINDS: &[Migration] = &[Migration {
        set: "kinds",
        number: 1,
        text: "CREATE TABLE kinds (id {id} PRIMARY KEY, n {int}, at {time}, yes {bool}, words {text}, doc {json}, raw {bytes}) {strict}",
    }];
    let database = database::migrated(&[KINDS]).await;
    let id: db::macro_support::Uuid = "0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b".parse().expect("an id");
    let at: jiff::Timestamp = "2017-05-12T13:24:00.123456Z".parse().expect("an instant");
    let mut tx = database.db.write().await.expect("a write begins");
    let insert =
        sql!("INSERT INTO kinds (id, n, at, yes, words, doc, raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    tx.run(insert, params![id, i64::MAX, at, true, "Ysbyty Gwynedd – é", "{\"a\": 1}", vec![0_u8, 255]])
        .await
        .expect("stored");
    let row: db::Row =
        tx.one(sql!("SELECT * FROM kinds WHERE id = ?1 AND yes = TRUE"), params![id]).await.expect("found");
    assert_eq!(row.get::<i64>("n").expect("n"), i64::MAX);
    assert_eq!(row.get::<jiff::Timestamp>("at").expect("at"), at);
    assert!(row.get::<bool>("yes").expect("yes"));
    assert_eq!(row.get::<String>("words").expect("words"), "Ysbyty Gwynedd – é");
    assert_eq!(row.get::<String>("doc").expect("doc"), "{\"a\": 1}");
    assert_eq!(row.get::<Vec<u8>>("raw").expect("raw"), [0, 255]);
    let wrong = row.get::<i64>("words").expect_err("text is no number");
    assert_eq!(wrong.to_string(), "Column words: expected a number, found text");
}

//! There is no room left for the database: a report that cannot be kept is refused by the page that keeps what was typed,
//! nothing of it is half there, and it is taken once there is room again.
//!
//! SQLite is told that its file may not grow. PostgreSQL says by itself that a disk is full, in words of a class of their
//! own (53100): a trigger says so in its place, at the end of what a report writes.

use carecert::SERVICES;
use db::{DbError, Engine, params, sql};
use platform::{Tx, access::Role, log, work};
use testkit::world::World;

use crate::the_database_goes_for_a_minute::{fields, says_so};

async fn number(world: &World, statement: &'static db::Statement) -> i64 {
    world.app.read().await.unwrap().one::<(i64,)>(statement, params![]).await.unwrap().0
}

/// How many pages the file may have, as SQLite answers.
async fn most_pages(world: &World, statement: &'static db::Statement) {
    let mut tx = world.app.write().await.unwrap();
    assert!(tx.one::<(i64,)>(statement, params![]).await.unwrap().0 > 0);
    tx.commit().await.unwrap();
}

async fn run(tx: &mut Tx, statement: &'static db::Statement) {
    tx.run(statement, params![]).await.unwrap();
}

/// Lets nothing more in.
async fn full(world: &World) {
    if world.app.db.engine() == Engine::Postgres {
        let mut tx = world.app.write().await.unwrap();
        run(
            &mut tx,
            sql!(
                "CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS
                 'BEGIN RAISE EXCEPTION ''No space left on device'' USING ERRCODE = ''53100''; END'"
            ),
        )
        .await;
        run(
            &mut tx,
            sql!("CREATE TRIGGER disk_is_full BEFORE INSERT ON log_entry EXECUTE FUNCTION disk_is_full()"),
        )
        .await;
        tx.commit().await.unwrap();
        return;
    }
    let mut tx = world.app.write().await.unwrap();
    run(&mut tx, sql!("CREATE TABLE filler (bytes BLOB NOT NULL)")).await;
    tx.commit().await.unwrap();
    // No fewer than it has now.
    most_pages(world, sql!("PRAGMA max_page_count = 1")).await;
    loop {
        let mut tx = world.app.write().await.unwrap();
        let filled = tx.run(sql!("INSERT INTO filler (bytes) VALUES (zeroblob(3000))"), params![]).await;
        match filled {
            Ok(_) => tx.commit().await.unwrap(),
            Err(error) => {
                assert!(matches!(error, DbError::Away(_)), "{error}");
                break;
            }
        }
    }
}

/// Makes room again.
async fn roomy(world: &World) {
    if world.app.db.engine() == Engine::Postgres {
        let mut tx = world.app.write().await.unwrap();
        run(&mut tx, sql!("DROP TRIGGER disk_is_full ON log_entry")).await;
        tx.commit().await.unwrap();
    } else {
        most_pages(world, sql!("PRAGMA max_page_count = 1073741823")).await;
    }
}

#[tokio::test]
async fn a_report_that_finds_no_room_stands_in_the_page_and_is_taken_once_there_is_some() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = world.person("Rae Responder", Role::Responder, Some(trust)).await;
    let rae = world.signed_in(rae).await;
    rae.get("/report/new").await;
    let kept = async || {
        let tables = [
            sql!("SELECT count(*) FROM report"),
            sql!("SELECT count(*) FROM incident"),
            sql!("SELECT count(*) FROM triage"),
            sql!("SELECT count(*) FROM case_entry"),
            sql!("SELECT count(*) FROM message"),
            sql!("SELECT count(*) FROM log_entry"),
        ];
        let mut counts = Vec::new();
        for statement in tables {
            counts.push(number(&world, statement).await);
        }
        counts
    };
    full(&world).await;
    let before = kept().await;
    // More than one page holds, so that it needs new ones.
    let long = "Ŵombat ".repeat(250);
    let typed = [
        ("form", "0193f000-0000-7000-8000-0000000000bb"),
        ("organisation", "RWA"),
        ("seen", "files_locked"),
        ("since", "unknown"),
        ("care", long.trim()),
        ("more", long.trim()),
        ("go", "send"),
    ];
    for _ in 0..2 {
        let refused = rae.post("/report/new", &typed).await;
        says_so(&refused);
        let again = fields(&refused.body, "/report/new");
        let again: Vec<_> = again.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(again, typed, "all of it, as it was typed");
        assert_eq!(kept().await, before, "nothing of it is half there");
    }
    // What is there is read, and the ways to report are told.
    for path in ["/incidents", "/report", "/report/offline", "/healthz"] {
        assert_eq!(rae.get(path).await.status, 200, "{path}");
    }

    roomy(&world).await;
    for _ in 0..2 {
        let sent = rae.post("/report/new", &typed).await;
        assert!(sent.status == 200 && sent.body.contains("The number is I-"), "{}", sent.body);
    }
    assert_eq!(&kept().await[..2], [1, 1], "once");
    work::all_due(&world.app).await.expect("and everything goes on");
    let now = world.now();
    let report = log::verify(&mut world.app.read().await.unwrap(), now, None).await.unwrap();
    assert!(report.finding.is_none(), "{report:?}");
    if world.app.db.engine() == Engine::Sqlite {
        let mut snapshot = world.app.read().await.unwrap();
        let whole: (String,) = snapshot.one(sql!("PRAGMA integrity_check"), params![]).await.unwrap();
        assert_eq!(whole.0, "ok");
    }
}

//! The real files go in whole, an import again changes only what changed, and bad rows stay out.

use std::fs::File;

use carecert::SERVICES;
use db::{params, sql};
use formats::{Column, ods::Format};
use jiff::SignedDuration;
use platform::{
    Actor,
    access::Role,
    import::Report,
    organisation::{
        Field, import,
        store::{self, Search},
    },
};
use testkit::world::World;

const HERE: Actor = Actor::Job("import");

/// The real files, in the order in which they are imported.
const FILES: [&str; 2] = ["etr.csv", "epraccur.csv"];

async fn import_real_files(world: &World) -> Report {
    let mut sum = Report::of("organisations");
    for name in FILES {
        let path = format!("{}/../../data/broadcast/ods/{name}", env!("CARGO_MANIFEST_DIR"));
        let file = File::open(path).expect("the file is shipped");
        let report = import::organisations(&world.app, &HERE, file, name, Format::Detect, &|_| {});
        sum.add(report.await.expect("an import"));
    }
    sum
}

async fn import_text(world: &World, text: &'static str) -> Report {
    let input = text.as_bytes();
    import::organisations(&world.app, &HERE, input, "plain.csv", Format::Detect, &|_| {})
        .await
        .expect("an import")
}

async fn count(world: &World, statement: &'static db::Statement) -> i64 {
    let (count,): (i64,) =
        world.app.db.read_long().await.expect("a read").one(statement, params![]).await.expect("a count");
    count
}

const fn figures(report: &Report) -> [u64; 4] {
    [report.new, report.changed, report.same, report.refused]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_files_go_in_whole_and_again_change_nothing() {
    let world = World::new(SERVICES).await;
    assert_eq!(figures(&import_real_files(&world).await), [14_544, 0, 0, 0]);
    assert_eq!(figures(&import_real_files(&world).await), [0, 0, 14_544, 0]);

    let closed = sql!("SELECT count(*) FROM organisation WHERE status = 'closed'");
    assert_eq!(count(&world, closed).await, 2_429);
    let practices = sql!("SELECT count(*) FROM organisation WHERE kind = 'gp_practice' AND status = 'open'");
    assert_eq!(count(&world, practices).await, 6_872);
    let old_regions = sql!("SELECT count(*) FROM organisation WHERE region IN ('Y54', 'Y55', 'Y57')");
    assert_eq!(count(&world, old_regions).await, 0);
    let history = sql!("SELECT count(*) FROM organisation_fact WHERE field = 'region'");
    assert_eq!(count(&world, history).await, 1_758);
    let entries = sql!("SELECT count(*) FROM log_entry WHERE verb = 'organisation.imported'");
    assert_eq!(count(&world, entries).await, 4);

    let mut snapshot = world.app.db.read_long().await.expect("a read");
    let bay = store::find_by_code(&mut snapshot, "RTX").await.expect("a read").expect("it is in the file");
    assert_eq!(bay.name, "University Hospitals of Morecambe Bay NHS Foundation Trust");
    assert_eq!((bay.region_label(), bay.kind_label()), ("North West", "NHS trust"));
    let was = store::history(&mut snapshot, bay.id).await.expect("a read");
    assert_eq!((was[0].field, was[0].shown().as_str()), (Field::Region, "North of England"));
    assert_eq!(was[0].until_at.to_string(), "2019-03-31T23:00:00Z");

    for (q, expected) in [
        ("leeds teach", vec!["RR8"]),
        ("RR8", vec!["RR8"]),
        ("densham", vec!["A81001"]),
        ("ts181hu", vec!["A81001", "A81025", "A81632", "Y03282", "Y04079"]),
        ("TS18 1HU dovecot", vec!["A81025"]),
        ("st peters hospitals", vec!["RTK"]),
        ("nothing like this", vec![]),
    ] {
        let search = Search { q: q.to_owned(), ..Search::default() };
        let found = store::search(&mut snapshot, &search).await.expect("a search");
        let codes: Vec<_> = found.iter().map(|row| row.code.as_str()).collect();
        assert_eq!(codes, expected, "{q}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_keeps_its_history() {
    let world = World::new(SERVICES).await;
    let before = "code,name,type,region,parent,status,icb,postcode\n\
                  A81001,The Densham Surgery,gp_practice,Y63,00K,active,QHM,TS18 1HU\n\
                  A81002,Queens Park Medical Centre,gp_practice,Y63,00K,active,QHM,TS18 2AW\n";
    let after = "code,name,type,region,parent,status,icb,postcode\n\
                 A81001,Densham and Dovecot,gp_practice,Y62,00M,closed,,TS18 1HU\n\
                 A81002,Queens Park Medical Centre,gp_practice,Y63,00K,active,QHM,TS18 2AW\n";
    assert_eq!(figures(&import_text(&world, before).await), [2, 0, 0, 0]);
    world.app.env.advance(SignedDuration::from_hours(24));
    let moved = world.now();
    assert_eq!(figures(&import_text(&world, after).await), [0, 1, 1, 0]);
    world.app.env.advance(SignedDuration::from_hours(24));
    assert_eq!(figures(&import_text(&world, before).await), [0, 1, 1, 0]);

    let mut snapshot = world.app.read().await.expect("a read");
    let practice = store::find_by_code(&mut snapshot, "A81001").await.expect("a read").expect("a practice");
    let history = store::history(&mut snapshot, practice.id).await.expect("a read");
    let mut told: Vec<_> =
        history.iter().map(|fact| (fact.field.label(), fact.shown(), fact.from_at, fact.until_at)).collect();
    told.sort_by_key(|(_, _, _, until)| *until);
    assert_eq!(told.len(), 10);
    assert!(told[..5].iter().all(|(_, _, from, until)| from.is_none() && *until == moved));
    assert!(told[5..].iter().all(|(_, _, from, until)| *from == Some(moved) && *until == world.now()));
    for (field, was) in [
        ("Name", "The Densham Surgery"),
        ("Name", "Densham and Dovecot"),
        ("Region", "North East and Yorkshire"),
        ("Belonged to", "00M"),
        ("Integrated care board", "QHM"),
        ("Integrated care board", "None"),
        ("Status", "Closed"),
    ] {
        assert!(told.iter().any(|fact| fact.0 == field && fact.1 == was), "{field}: {was}");
    }
    let old_name = Search { q: "dovecot".to_owned(), ..Search::default() };
    assert!(store::search(&mut snapshot, &old_name).await.expect("a search").is_empty());

    let analyst = world.person("Ann Analyst", Role::Analyst, None).await;
    let page = world.signed_in(analyst).await.get(&format!("/organisations/{}", practice.id)).await;
    assert!(page.body.contains("Densham and Dovecot"), "the page tells the history");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_row_is_refused_with_its_place_and_the_rest_goes_in() {
    let world = World::new(SERVICES).await;
    let report = import_text(
        &world,
        "code,name,type,opened\n\
         A81001,The Densham Surgery,gp_practice,1974-04-01\n\
         A81002,Queens Park,gp_practice,yesterday\n\
         A!,Nowhere,gp_practice,\n\
         A81001,Twice,gp_practice,\n\
         A81003,Somewhere,starship,\n\
         \"A81004,never closed,gp_practice,\n\
         A81005,Springwood Surgery,gp_practice,\n\
         A81006,Spring\0wood,gp_practice,\n",
    )
    .await;
    assert_eq!(figures(&report), [2, 0, 0, 6]);
    let places: Vec<_> = report.refusals.iter().map(|each| (each.line, each.column.clone())).collect();
    let named = |name: &str| Some(Column::Name(name.to_owned()));
    let expected = [
        (3, named("opened")),
        (4, named("code")),
        (5, None),
        (6, named("type")),
        (7, None),
        (9, Some(Column::Number(2))),
    ];
    assert_eq!(places, expected);
    assert_eq!(report.refusals[2].reason, "The code A81001 stands on line 2 already.");
    assert_eq!(report.refusals[0].file, "plain.csv");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_administrator_imports() {
    let world = World::new(SERVICES).await;
    let nobody = import::organisations(&world.app, &Actor::Anyone, "".as_bytes(), "x", Format::Csv, &|_| {});
    assert!(nobody.await.is_err());
}

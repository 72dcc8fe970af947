//! A supplier is down: the CERT sees whom it concerns before anybody is told, each says for itself how it stands, and
//! nobody learns who else is concerned.

use std::fmt::Write as _;

use carecert::SERVICES;
use db::{params, sql};
use platform::{Actor, access::Role, organisation::OrganisationId, work};
use react::{
    outage::{
        OutageError, OutageId, Patients, Said, Stands, State,
        actions::{self, Whose},
        store,
    },
    report::actions::Sent,
    supplier,
    triage::{Answer, Question},
};
use testkit::world::World;

use crate::{
    furnished_aid::{declared, down, used, uses},
    furnished_incidents::{reported, unknown},
    issuing::{actor, answers_for, contact},
};

const SUPPLIER: &str = "Aspen Records Ltd";

fn affected(note: &str) -> Said {
    Said {
        stands: Stands::Affected,
        downtime: react::impact::Downtime::Working,
        patients: Patients::Yes,
        note: note.to_owned(),
    }
}

async fn answered(
    world: &World,
    by: &Actor,
    id: OutageId,
    whose: Whose,
    said: &Said,
) -> Result<u64, OutageError> {
    let mut tx = world.app.write().await.unwrap();
    let done = actions::answer(&mut tx, by, id, whose, said).await?;
    tx.commit().await.unwrap();
    Ok(done)
}

/// Two trusts and a practice that use the same supplier, one that does not, and an incident of the first.
struct Sector {
    world: World,
    trusts: [OrganisationId; 2],
    practice: OrganisationId,
    rae: Actor,
    bea: Actor,
    ana: Actor,
    sent: Sent,
}

async fn sector() -> Sector {
    let world = World::new(SERVICES).await;
    let trusts = [
        world.organisation("RWA", "Walking NHS Trust", "trust").await,
        world.organisation("RBB", "Other NHS Trust", "trust").await,
    ];
    let practice = world.organisation("A81001", "The Quokka Surgery", "gp_practice").await;
    world.organisation("RCC", "Elsewhere NHS Trust", "trust").await;
    for (at, mail) in [(trusts[0], "lead@walking.example"), (trusts[1], "lead@other.example")] {
        contact(&world, at, "security_lead", mail).await;
    }
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trusts[0])).await;
    let bea = actor(&world, "Bea Other", Role::Responder, Some(trusts[1])).await;
    let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    used(&world, &rae, "RWA", &uses(SUPPLIER, "Patient records")).await;
    used(&world, &bea, "rbb", &uses("ASPEN records, ltd.", "Radiology")).await;
    used(&world, &ana, "A81001", &uses(SUPPLIER, "Patient records")).await;
    let sent = reported(&world, &rae, "RWA").await;
    Sector { world, trusts, practice, rae, bea, ana, sent }
}

#[tokio::test]
async fn whom_it_concerns_is_seen_before_anybody_is_told() {
    let Sector { world, trusts, sent, .. } = sector().await;
    let dee = world.signed_in(world.person("Dee Duty", Role::DutyManager, None).await).await;
    let page = format!("/incidents/{}/outage", sent.incident);
    let before = dee.get(&format!("{page}?supplier=aspen+records+ltd&system=")).await;
    assert_eq!(before.status, 200, "{}", before.body);
    for shown in ["NHS trust", "GP practice", "The Quokka Surgery", "Declare it"] {
        assert!(before.body.contains(shown), "{shown}: {}", before.body);
    }
    assert!(!before.body.contains("Elsewhere NHS Trust"));
    let one = dee.get(&format!("{page}?supplier=aspen+records+ltd&system=radiology")).await.body;
    assert!(!one.contains("GP practice") && one.contains("whom it concerns"), "{one}");
    let none = dee.get(&format!("{page}?supplier=Nobody+Knows")).await;
    assert!(none.status == 200 || none.status == 422, "{}", none.body);
    assert!(none.body.contains("No supplier is known"), "{}", none.body);
    world.work().await;
    let mails = |address: &str| world.post.to(address).len();
    assert_eq!((mails("lead@walking.example"), mails("lead@other.example")), (0, 0), "looking tells nobody");

    // What is missing is said beside its field, and what was typed stays.
    let fields =
        [("supplier", SUPPLIER), ("system", ""), ("told", ""), ("hours", "90"), ("since-time", "9:00")];
    let refused = dee.post(&page, &fields).await;
    assert_eq!(refused.status, 422);
    for field in ["#since", "#told", "#hours"] {
        assert!(refused.body.contains(field), "{field}: {}", refused.body);
    }
    assert!(refused.body.contains("value=\"90\""));

    let fields = [
        ("told", "Records cannot be opened."),
        ("hours", "4"),
        ("since-day", "1"),
        ("since-month", "6"),
        ("since-year", "2026"),
        ("since-time", "8:30"),
    ];
    let done = dee.submit(&format!("{page}?supplier=aspen+records+ltd&system="), &fields).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let outage = done.location().unwrap().to_owned();
    world.work().await;
    for address in ["lead@walking.example", "lead@other.example"] {
        let told = world.post.to(address);
        let mails: Vec<_> = told.iter().filter(|mail| mail.letter.text.contains(&outage)).collect();
        assert_eq!(mails.len(), 1, "{address}: {told:?}");
        for word in ["Aspen", "Records", "Walking", "cannot be opened"] {
            assert!(!mails[0].letter.text.contains(word), "{}", mails[0].letter.text);
        }
    }
    let again = dee
        .post(
            &page,
            &[
                ("supplier", SUPPLIER),
                ("told", "Again"),
                ("hours", "4"),
                fields[2],
                fields[3],
                fields[4],
                fields[5],
            ],
        )
        .await;
    assert!(again.status == 422 && again.body.contains("declared already"), "{}", again.body);
    let rows: Vec<(i64,)> = world
        .app
        .read()
        .await
        .unwrap()
        .all(sql!("SELECT count(*) FROM outage_reply"), params![])
        .await
        .unwrap();
    assert_eq!((rows[0].0, trusts.len()), (3, 2));
}

#[tokio::test]
async fn each_answers_for_itself_and_reads_nothing_of_the_others() {
    let Sector { world, trusts, practice, rae, bea, ana, sent } = sector().await;
    let board = world.organisation("QWA", "Walking ICB", "icb").await;
    answers_for(&world, board, practice).await;
    let ivy = actor(&world, "Ivy Board", Role::Responder, Some(board)).await;
    let (id, concerned) =
        declared(&world, &ana, sent.incident, &down(&world, SUPPLIER, "Records cannot be opened.")).await;
    assert_eq!(concerned, 3);
    let path = format!("/outages/{id}");
    answered(&world, &bea, id, Whose::One(trusts[1], 1), &affected("Numbat")).await.unwrap();

    let lee = world.signed_in(world.person("Lee Lead", Role::Lead, Some(trusts[0])).await).await;
    let own = lee.get(&path).await;
    assert_eq!(own.status, 200);
    for shown in ["Records cannot be opened.", "Walking NHS Trust", "First steps", "Aspen Records Ltd"] {
        assert!(own.body.contains(shown), "{shown}: {}", own.body);
    }
    for hidden in ["Other NHS Trust", "Numbat", "Quokka", "RBB"] {
        assert!(!own.body.contains(hidden), "{hidden}: {}", own.body);
    }
    // Of the incident on which it was declared those who use the supplier learn nothing.
    let bob = world.signed_in(world.person("Bob Other", Role::Viewer, Some(trusts[1])).await).await;
    let theirs = bob.get(&path).await.body;
    assert!(theirs.contains("Numbat") && !theirs.contains("Walking"), "{theirs}");
    assert!(
        !theirs.contains(sent.receipt.code()) && !theirs.contains(&sent.incident.to_string()),
        "{theirs}"
    );
    assert_eq!(bob.get(&format!("/incidents/{}", sent.incident)).await.status, 404);
    let mut snapshot = world.app.read().await.unwrap();
    let stranger = platform::organisation::store::id_of(&mut snapshot, "RCC").await.unwrap();
    drop(snapshot);
    let cat = world.signed_in(world.person("Cat Stranger", Role::Lead, stranger).await).await;
    assert_eq!(cat.get(&path).await.status, 404);
    assert!(!cat.get("/outages").await.body.contains("U-"));
    for to in ["answer", "incident"] {
        let form = [("organisation", trusts[0].to_string()), ("version", "1".to_owned())];
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let fields =
            [&form[..], &[("stands", "affected"), ("downtime", "working"), ("patients", "no")]].concat();
        assert_eq!(cat.post(&format!("{path}/{to}"), &fields).await.status, 404, "{to}");
    }
    // Who does not use it is no more than a stranger to the lists of what others use.
    assert!(!cat.get("/suppliers").await.body.contains("Aspen"));
    assert!(lee.get("/suppliers").await.body.contains("Aspen"));

    // What lacks is said beside its field; an answer over what somebody else answered is not kept.
    let form = format!("{path}/answer?organisation={}", trusts[0]);
    let refused = lee.submit(&form, &[("note", "Wombat")]).await;
    assert!(refused.status == 422 && refused.body.contains("#stands"), "{}", refused.body);
    assert!(refused.body.contains("#downtime") && refused.body.contains("Wombat"));
    let reply = |version: i64| Whose::One(trusts[0], version);
    answered(&world, &rae, id, reply(2), &affected("Wombat")).await.unwrap();
    let late = answered(&world, &rae, id, reply(2), &affected("Bilby")).await;
    assert!(matches!(late, Err(OutageError::Overtaken)), "{late:?}");

    // Whoever answers for others answers for all of them at once, and for nobody else.
    let not_affected = Said { stands: Stands::NotAffected, ..affected("") };
    assert_eq!(answered(&world, &ivy, id, Whose::AllWaiting, &not_affected).await.unwrap(), 1);
    let nobody = answered(&world, &ivy, id, Whose::AllWaiting, &not_affected).await;
    assert!(matches!(nobody, Err(OutageError::NotFound)), "{nobody:?}");

    let aud = world.signed_in(world.person("Aud Itor", Role::Auditor, None).await).await;
    let all = aud.get(&path).await.body;
    for shown in ["Numbat", "Wombat", "The Quokka Surgery", "3, 3 of them in time"] {
        assert!(all.contains(shown), "{shown}: {all}");
    }
    let some = aud.get(&format!("{path}?stands=not_affected")).await.body;
    assert!(some.contains("Quokka") && !some.contains("Numbat"), "{some}");
}

#[tokio::test]
async fn two_that_are_affected_are_a_spread_and_one_that_says_it_twice_is_not() {
    let Sector { world, trusts, rae, bea, ana, sent, .. } = sector().await;
    let (id, _) = declared(&world, &ana, sent.incident, &down(&world, SUPPLIER, "Down.")).await;
    let spread = async || {
        let mut snapshot = world.app.read().await.unwrap();
        let answers = react::triage::store::answers(&mut snapshot, sent.incident).await.unwrap();
        react::triage::store::facts(&answers).of(Question::Spread)
    };
    answered(&world, &rae, id, Whose::One(trusts[0], 2), &affected("")).await.unwrap();
    answered(&world, &rae, id, Whose::One(trusts[0], 3), &affected("Still")).await.unwrap();
    assert_ne!(spread().await, Answer::Yes);
    answered(&world, &bea, id, Whose::One(trusts[1], 1), &affected("")).await.unwrap();
    assert_eq!(spread().await, Answer::Yes);
    let mut snapshot = world.app.read().await.unwrap();
    let outage = store::outage(&mut snapshot, id).await.unwrap().unwrap();
    assert!(outage.spread_at.is_some());
}

#[tokio::test]
async fn who_is_hit_badly_opens_an_incident_of_its_own_in_one_press() {
    let Sector { world, trusts, bea, ana, sent, .. } = sector().await;
    let (id, _) = declared(&world, &ana, sent.incident, &down(&world, SUPPLIER, "Down.")).await;
    let open = async || {
        let mut tx = world.app.write().await.unwrap();
        let opened = actions::open_incident(&mut tx, &bea, id, trusts[1]).await.unwrap();
        tx.commit().await.unwrap();
        opened
    };
    let opened = open().await;
    assert_eq!(open().await, opened, "once");
    assert_ne!(opened, sent.incident);
    let bob = world.signed_in(world.person("Bob Other", Role::Lead, Some(trusts[1])).await).await;
    let page = bob.get(&format!("/outages/{id}")).await.body;
    assert!(page.contains(&opened.to_string()) && page.contains("Affected"), "{page}");
    let incident = bob.get(&format!("/incidents/{opened}")).await.body;
    assert!(incident.contains("Opened from the outage U-"), "{incident}");
    let lee = world.signed_in(world.person("Lee Lead", Role::Lead, Some(trusts[0])).await).await;
    assert!(!lee.get(&format!("/outages/{id}")).await.body.contains(&opened.to_string()));
    assert_eq!(lee.get(&format!("/incidents/{opened}")).await.status, 404);
    // Whoever reported the supplier's incident has one already.
    assert!(lee.get(&format!("/outages/{id}")).await.body.contains(sent.receipt.code()));
    let dee = world.signed_in(world.person("Dee Duty", Role::DutyManager, None).await).await;
    assert!(dee.get(&format!("/outages/{id}")).await.body.contains(&opened.to_string()));
}

#[tokio::test]
async fn what_is_new_and_that_it_is_over_is_told_once_and_a_false_alarm_is_taken_back() {
    let Sector { world, trusts, rae, ana, sent, .. } = sector().await;
    let (id, _) = declared(&world, &ana, sent.incident, &down(&world, SUPPLIER, "Down.")).await;
    world.work().await;
    let told = || {
        let mails = world.post.to("lead@other.example");
        mails.iter().filter(|mail| mail.letter.text.contains("/outages/")).count()
    };
    assert_eq!(told(), 1);
    let form = world.app.env.id();
    for _ in 0..2 {
        let mut tx = world.app.write().await.unwrap();
        actions::update(&mut tx, &ana, id, (form, "Back by noon.")).await.unwrap();
        tx.commit().await.unwrap();
        world.work().await;
    }
    assert_eq!(told(), 2, "the same form is one update");
    let bob = world.signed_in(world.person("Bob Other", Role::Lead, Some(trusts[1])).await).await;
    assert!(bob.get(&format!("/outages/{id}")).await.body.contains("Back by noon."));
    // An organisation ends nothing.
    assert_eq!(bob.post(&format!("/outages/{id}/restore"), &[("version", "1")]).await.status, 403);
    let mut tx = world.app.write().await.unwrap();
    actions::end(&mut tx, &ana, id, 1, State::Restored).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    assert_eq!(told(), 3);
    let mut tx = world.app.write().await.unwrap();
    let over = actions::update(&mut tx, &ana, id, (world.app.env.id(), "More")).await;
    assert!(matches!(over, Err(OutageError::Over)), "{over:?}");
    drop(tx);
    let recovered = Said { stands: Stands::Recovered, ..affected("") };
    answered(&world, &rae, id, Whose::One(trusts[0], 2), &recovered).await.unwrap();

    // Declared in error, before anybody was written to: they are told that it was none, and answer no more.
    let (wrong, _) = declared(&world, &ana, sent.incident, &down(&world, SUPPLIER, "Down again.")).await;
    let mut tx = world.app.write().await.unwrap();
    actions::end(&mut tx, &ana, wrong, 1, State::Withdrawn).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    assert_eq!(told(), 4, "one mail that it was none, and none that it is down");
    let refused = answered(&world, &rae, wrong, Whose::One(trusts[0], 2), &affected("")).await;
    assert!(matches!(refused, Err(OutageError::Over)), "{refused:?}");
}

#[tokio::test]
async fn nobody_is_told_of_what_nobody_vouches_for() {
    let Sector { world, trusts, ana, .. } = sector().await;
    let apart = unknown(&world, Some(trusts[0]), "Walking").await;
    let mut tx = world.app.write().await.unwrap();
    let refused = actions::declare(&mut tx, &ana, apart.incident, &down(&world, SUPPLIER, "Down.")).await;
    assert!(matches!(refused, Err(OutageError::Refused(_))), "{refused:?}");
    drop(tx);
    let sent = {
        let rae = actor(&world, "Ray Responder", Role::Responder, Some(trusts[0])).await;
        reported(&world, &rae, "RWA").await
    };
    let mut tx = world.app.write().await.unwrap();
    let nobody = actions::declare(&mut tx, &ana, sent.incident, &down(&world, "Yew Systems", "Down.")).await;
    assert!(matches!(nobody, Err(OutageError::Nobody)), "{nobody:?}");
}

#[tokio::test]
async fn who_says_later_that_it_uses_it_is_told_and_two_names_become_one_supplier() {
    let Sector { world, bea, ana, sent, .. } = sector().await;
    let (id, _) = declared(&world, &ana, sent.incident, &down(&world, SUPPLIER, "Down.")).await;
    let concerned = async || {
        let mut snapshot = world.app.read().await.unwrap();
        store::replies(&mut snapshot, id, &store::Which::default()).await.unwrap().len()
    };
    used(&world, &ana, "RCC", &uses("Aspen Records Ltd", "Rota")).await;
    assert_eq!(concerned().await, 4);
    world.organisation("RDD", "Fourth NHS Trust", "trust").await;
    used(&world, &ana, "RDD", &uses("Aspen Cloud", "Records")).await;
    assert_eq!(concerned().await, 4);
    used(&world, &bea, "RBB", &uses("Aspen Cloud", "Radiology")).await;
    let duty = world.signed_in(world.person("Dee Duty", Role::DutyManager, None).await).await;
    let list = duty.get("/suppliers?q=aspen+cl").await.body;
    assert!(list.contains("Aspen Cloud") && !list.contains("Aspen Records"), "{list}");
    let cloud = list.split("/suppliers/0").nth(1).unwrap().split('"').next().unwrap();
    let cloud = format!("/suppliers/0{cloud}");
    let same = duty.post(&format!("{cloud}/join"), &[("version", "1"), ("into", "Aspen Cloud")]).await;
    assert!(same.status == 422 && same.body.contains("#into"), "{}", same.body);
    let joined =
        duty.post(&format!("{cloud}/join"), &[("version", "1"), ("into", "aspen records ltd")]).await;
    assert_eq!(joined.status, 303, "{}", joined.body);
    assert_eq!(concerned().await, 5, "those that use it by the other name are concerned too");
    let show = duty.get(joined.location().unwrap()).await.body;
    assert!(show.contains("Fourth NHS Trust"), "{show}");
    assert_eq!(show.matches(">Radiology<").count(), 1, "what was named of both is named once: {show}");
    // The old name means the same from now on.
    used(&world, &ana, "RDD", &uses("Aspen Cloud", "Theatres")).await;
    assert!(duty.get(joined.location().unwrap()).await.body.contains("Theatres"));
}

#[tokio::test]
async fn a_list_is_taken_in_row_by_row_and_each_says_what_is_its_own() {
    let Sector { world, trusts, .. } = sector().await;
    let list = "supplier,organisation,system,clinical,downtime\n\
                Yew Systems,RWA,Theatres,yes,Paper\n\
                Yew Systems,RBB,Theatres,yes,\n\
                Yew Systems,RWA,Rota,perhaps,\n\
                ,RWA,Rota,no,\n\
                Aspen Records Ltd,RWA,patient RECORDS,no,Paper forms\n";
    let lee = world.signed_in(world.person("Lee Lead", Role::Lead, Some(trusts[0])).await).await;
    let taken = lee.upload("/suppliers/import", list).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert!(taken.body.contains("1 new, 1 changed, 0 the same, 3 refused"), "{}", taken.body);
    for line in [">3<", ">4<", ">5<"] {
        assert!(taken.body.contains(line), "{line}: {}", taken.body);
    }
    let report = supplier::import::take_in(
        &world.app,
        &Actor::Job("import"),
        std::io::Cursor::new(list.to_owned()),
        "list.csv",
        &|_| {},
    );
    let report = report.await.unwrap();
    assert_eq!((report.new, report.changed, report.same, report.refused), (1, 0, 2, 2));
    assert_eq!(report.refusals[0].line, 4);
    let empty = lee.upload("/suppliers/import", "").await;
    assert!(empty.status == 422 && empty.body.contains("#file"));
    // What others use is not changed by whoever knows its id.
    let mut snapshot = world.app.read().await.unwrap();
    let aspen = supplier_of(&mut snapshot).await;
    let all = supplier::store::of_supplier(
        &mut snapshot,
        aspen,
        (OrganisationId(db::macro_support::Uuid::nil()), supplier::UseId(db::macro_support::Uuid::nil())),
    )
    .await
    .unwrap();
    drop(snapshot);
    let theirs = all.iter().find(|each| each.code == "RBB").unwrap();
    assert_eq!(lee.get(&format!("/suppliers/uses/{}", theirs.id)).await.status, 404);
    let changed = [("version", "1"), ("supplier", "X"), ("system", "Y"), ("clinical", "no")];
    assert_eq!(lee.post(&format!("/suppliers/uses/{}", theirs.id), &changed).await.status, 404);
    assert_eq!(
        lee.post(&format!("/suppliers/uses/{}/end", theirs.id), &[("version", "1")]).await.status,
        404
    );
}

async fn supplier_of(snapshot: &mut db::Snapshot) -> supplier::SupplierId {
    let found: (supplier::SupplierId,) = snapshot
        .one(sql!("SELECT id FROM supplier WHERE name = 'Aspen Records Ltd'"), params![])
        .await
        .unwrap();
    found.0
}

/// As many statements for a nation's practices as for a few: nothing is done for each of them.
#[tokio::test]
async fn it_costs_the_same_for_many_as_for_few() {
    let mut costs = Vec::new();
    for many in [2, 60] {
        let Sector { world, ana, sent, .. } = sector().await;
        let mut list = "organisation,supplier,system\n".to_owned();
        for place in 0..many {
            let code = format!("B{place:05}");
            world.organisation(&code, "Surgery", "gp_practice").await;
            writeln!(list, "{code},{SUPPLIER},Records").unwrap();
        }
        let job = Actor::Job("import");
        let read = std::io::Cursor::new(list);
        supplier::import::take_in(&world.app, &job, read, "list", &|_| {}).await.unwrap();
        let dee = world.signed_in(world.person("Dee Duty", Role::DutyManager, None).await).await;
        let what = down(&world, SUPPLIER, "Down.");
        let before = world.app.db.statements();
        let (id, concerned) = declared(&world, &ana, sent.incident, &what).await;
        let declaring = world.app.db.statements() - before;
        assert_eq!(concerned, 3 + many);
        work::all_due(&world.app).await.unwrap();
        let mut pages = Vec::new();
        for path in [format!("/outages/{id}"), "/outages".to_owned(), "/suppliers".to_owned()] {
            let before = world.app.db.statements();
            assert_eq!(dee.get(&path).await.status, 200);
            pages.push(world.app.db.statements() - before);
        }
        costs.push((declaring, pages));
    }
    assert_eq!(costs[0], costs[1]);
}

//! Each threat has a decision made of points that say who tells them and why; an analyst sets a point; and
//! whatever changes a decision sorts the list anew and says so.

use broadcast::{
    source::Source,
    threat::{
        Device, Said, ThreatId, intake,
        list::{self, Filter},
    },
    triage::{Decision, jobs},
};
use carecert::SERVICES;
use db::{params, sql};
use formats::ssvc::Point;
use jiff::SignedDuration;
use platform::{Actor, access::Role};
use testkit::world::World;

use crate::{
    furnished::{at_cert, said, threat},
    furnished_triage::{now, scored, set, severe},
};

async fn listed(world: &World, filter: Filter) -> Vec<(String, Option<Decision>)> {
    let rows = list::list(&mut world.app.read().await.unwrap(), &filter, None).await.unwrap();
    rows.into_iter().map(|row| (row.title, Decision::of_rank(row.rank))).collect()
}

async fn decision(world: &World, id: ThreatId) -> Option<Decision> {
    let rows = list::list(&mut world.app.read().await.unwrap(), &Filter::default(), None).await.unwrap();
    rows.into_iter().find(|row| row.id == id).and_then(|row| Decision::of_rank(row.rank))
}

async fn predicted(world: &World, date: &str, cve: &str, score: &str) {
    let text = format!(
        "#model_version:v2025.03.14,score_date:{date}T00:00:00+0000\ncve,epss,percentile\n{cve},{score},0.5"
    );
    let input = std::io::Cursor::new(text.into_bytes());
    let taken = intake::take_in(&world.app, &Actor::Job("test"), Source::Epss, input, "epss.csv", |_| {});
    assert_eq!(taken.await.unwrap().refused, 0);
}

#[tokio::test]
async fn the_most_urgent_decision_comes_first_and_the_unknown_is_never_harmless() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let near = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N";
    let exploited = |said: Said| Said { known_exploited: true, ..said };
    let device = Device {
        vendor: "Acme".to_owned(),
        model: "Pump".to_owned(),
        clinical_use: String::new(),
        because: "The sector is health.".to_owned(),
    };
    for said in [
        exploited(scored(said("Harmless enough", &["CVE-2026-0001"]), near)),
        said("Nothing told", &["CVE-2026-0002"]),
        exploited(severe("Worm", "CVE-2026-0003")),
        exploited(scored(Said { device: Some(device), ..said("Device", &["CVE-2026-0004"]) }, near)),
        Said { product: "Vue PACS".to_owned(), ..said("Pictures", &["CVE-2026-0005"]) },
    ] {
        threat(&world, &analyst, &said).await;
    }
    let decided = |title: &str, decision| (title.to_owned(), Some(decision));
    let all = listed(&world, Filter::default()).await;
    assert_eq!(all[0], decided("Worm", Decision::Act));
    assert_eq!(all[1], decided("Device", Decision::Attend));
    assert!(all[2..4].iter().all(|(_, each)| *each == Some(Decision::Undecided)), "{all:?}");
    assert_eq!(all[4], decided("Harmless enough", Decision::Track));
    let only = |decision| Filter { decision: Some(decision), ..Filter::default() };
    assert_eq!(listed(&world, only(Decision::Attend)).await, [decided("Device", Decision::Attend)]);
    assert_eq!(listed(&world, only(Decision::TrackStar)).await, []);

    let client = world.signed_in(ann).await;
    let page = client.get("/threats?decision=undecided").await.body;
    assert!(page.contains("Nothing told") && page.contains("Not yet decided") && !page.contains(">Worm<"));
    let id =
        list::list(&mut world.app.read().await.unwrap(), &only(Decision::Attend), None).await.unwrap()[0].id;
    let page = client.get(&format!("/threats/{id}")).await.body;
    for told in [
        "It is known to be exploited.",
        "Written here by hand",
        "says that an attacker must be near",
        "Triage policy 2",
        "It is a medical device, by what sources call it",
        "Irreversible",
        "SSVCv2/E:A/A:N/T:P/P:E/B:I/M:H/D:A/",
    ] {
        assert!(page.contains(told), "{told}");
    }
}

#[tokio::test]
async fn an_analyst_sets_a_point_with_a_reason_and_withdraws_it() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let id = threat(&world, &analyst, &severe("Worm", "CVE-2026-0003")).await;
    assert_eq!(decision(&world, id).await, Some(Decision::Undecided));
    let client = world.signed_in(ann).await;
    let address = format!("/threats/{id}/triage/exploitation");
    let form = client.get(&address).await.body;
    assert!(form.contains("Is it being exploited?") && form.contains("Unknown"));
    let without = [("version", "1"), ("value", "active"), ("reason", " ")];
    let again = client.post(&address, &without).await;
    assert!(again.status == 422 && again.body.contains("Enter why"));
    assert!(again.body.contains("value=\"active\" checked"), "what was chosen is kept");
    let nothing = client.post(&address, &[("version", "1"), ("value", "maybe"), ("reason", "<b>x")]).await;
    assert!(nothing.status == 422 && nothing.body.contains("Select what it is"));
    assert!(nothing.body.contains("&#60;b&#62;x"), "what was typed is kept");

    let right = [("version", "1"), ("value", "active"), ("reason", "Seen at two trusts")];
    let done = client.post(&address, &right).await;
    assert_eq!(done.location(), Some(format!("/threats/{id}#triage").as_str()));
    assert_eq!(decision(&world, id).await, Some(Decision::Act));
    assert_eq!(client.post(&address, &right).await.status, 409, "of two who decide, one is told");
    let page = client.get(&format!("/threats/{id}")).await.body;
    assert!(page.contains("Seen at two trusts") && page.contains("Ann Alyst"));
    assert!(page.contains("up, from Not yet decided (CVSS 9.8) to Act (exploited, CVSS 9.8)"), "{page}");
    let head = client.get("/threats").await.body;
    assert!(head.contains("1 threat rose in this list"));
    let risen = client.get("/threats/risen").await.body;
    assert!(risen.contains(">Worm</a>") && risen.contains("An analyst"));

    // It holds, whatever a source says next.
    predicted(&world, "2026-06-02", "CVE-2026-0003", "0.2").await;
    threat(&world, &analyst, &said("Worm again", &["CVE-2026-0003"])).await;
    assert_eq!(decision(&world, id).await, Some(Decision::Act));

    let version = now(&world, id).await.version.to_string();
    let withdrawn = client.post(&format!("{address}/withdraw"), &[("version", &version)]).await;
    assert_eq!(withdrawn.status, 303);
    // Likely to be exploited, which counts as a proof of concept.
    assert_eq!(decision(&world, id).await, Some(Decision::TrackStar));
    let page = client.get(&format!("/threats/{id}")).await.body;
    assert!(page.contains("What was set before") && page.contains("a probability of 20.0\u{a0}%"));
    let version = now(&world, id).await.version.to_string();
    let twice = client.post(&format!("{address}/withdraw"), &[("version", &version)]).await;
    assert_eq!(twice.status, 409);
    assert_eq!(client.get(&format!("/threats/{id}/triage/odd")).await.status, 404);
}

#[tokio::test]
async fn a_score_that_changes_sorts_anew_wakes_what_was_dismissed_and_is_told_for_a_day() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let worm = Said { product: "Vue PACS".to_owned(), ..severe("Worm", "CVE-2026-0003") };
    let id = threat(&world, &analyst, &worm).await;
    set(&world, &analyst, id, Point::Exploitation, "none").await;
    // No automation, and nothing exploited: to be watched.
    set(&world, &analyst, id, Point::Automatable, "no").await;
    assert_eq!(decision(&world, id).await, Some(Decision::TrackStar));
    let client = world.signed_in(ann).await;
    let version = now(&world, id).await.version.to_string();
    let dismissed = [("version", version.as_str()), ("text", "Unused")];
    assert_eq!(client.post(&format!("/threats/{id}/dismiss"), &dismissed).await.status, 303);
    world.pass(SignedDuration::from_hours(30)).await;
    let page = client.get("/threats").await.body;
    assert!(!page.contains("rose in this list"), "that was a day ago, and down");

    set(&world, &analyst, id, Point::Exploitation, "active").await;
    assert_eq!(decision(&world, id).await, Some(Decision::Act));
    assert_eq!(now(&world, id).await.status.code(), "new", "it has to be judged again");
    assert!(client.get("/threats").await.body.contains("1 threat rose in this list"));
    world.pass(SignedDuration::from_hours(25)).await;
    assert!(!client.get("/threats").await.body.contains("rose in this list"));
    assert!(client.get("/threats/risen?days=3").await.body.contains(">Worm</a>"));

    // After a year it is forgotten that it moved.
    world.pass(SignedDuration::from_hours(24 * 366)).await;
    let policy = platform::retention::Policy::shipped();
    platform::retention::sweep(&world.app, &policy).await.unwrap();
    let mut snapshot = world.app.read().await.unwrap();
    let left: (i64,) = snapshot.one(sql!("SELECT count(*) FROM threat_change"), params![]).await.unwrap();
    assert_eq!(left.0, 0);
}

#[tokio::test]
async fn what_was_there_before_triage_is_judged_by_a_job_that_wakes_nobody() {
    let world = World::new(SERVICES).await;
    let (_, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let worm = Said { known_exploited: true, ..severe("Worm", "CVE-2026-0003") };
    let id = threat(&world, &analyst, &worm).await;
    threat(&world, &analyst, &said("Nothing told", &["CVE-2026-0002"])).await;
    let mut tx = world.app.write().await.unwrap();
    // As the migration leaves them.
    let before = sql!("UPDATE threat SET points = NULL, policy = 0, rank = 30000000, status = 'dismissed'");
    tx.run(before, params![]).await.unwrap();
    tx.commit().await.unwrap();
    jobs::keep_up(&world.app).await.unwrap();
    jobs::keep_up(&world.app).await.unwrap();
    world.work().await;
    assert_eq!(decision(&world, id).await, Some(Decision::Act));
    assert_eq!(now(&world, id).await.status.code(), "dismissed");
    let mut snapshot = world.app.read().await.unwrap();
    let count = sql!("SELECT (SELECT count(*) FROM threat_change), (SELECT count(*) FROM job)");
    assert_eq!(snapshot.one::<(i64, i64)>(count, params![]).await.unwrap(), (0, 0));
}

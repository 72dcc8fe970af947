//! What nobody tells of a threat does not push it down: what is Attend at the least stands with Attend, and of what
//! is exploited the safer answers are assumed, said to be assumptions, and overridden by whoever knows.

use broadcast::{
    threat::{
        Assessed, Device, Said, ThreatId,
        list::{self, Filter},
    },
    triage::Decision,
};
use carecert::SERVICES;
use db::{params, sql};
use formats::ssvc::{Automatable, Point};
use platform::access::Role;
use testkit::world::World;

use crate::{
    furnished::{at_cert, said, threat},
    furnished_triage::{now, scored, set, severe},
};

async fn decision(world: &World, id: ThreatId) -> Option<Decision> {
    Decision::of_rank(now(world, id).await.rank)
}

fn device(said: Said) -> Said {
    let device = Device {
        vendor: "Baxter".to_owned(),
        model: "Connex".to_owned(),
        clinical_use: String::new(),
        because: "It speaks of patients.".to_owned(),
    };
    Said { device: Some(device), ..said }
}

#[tokio::test]
async fn what_is_attend_at_the_least_is_listed_counted_and_drafted_as_that() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    // Nobody tells whether the device is exploited; the player of 2011 is, and decided.
    let scanner = threat(&world, &analyst, &device(severe("Scanner", "CVE-2024-6795"))).await;
    let no_account = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H";
    let player = Said { known_exploited: true, ..scored(said("Player", &["CVE-2011-0609"]), no_account) };
    let player = threat(&world, &analyst, &player).await;
    assert_eq!(decision(&world, scanner).await, Some(Decision::AttendOrAct));
    assert_eq!(decision(&world, player).await, Some(Decision::Attend));
    let attend = Filter { decision: Some(Decision::Attend), ..Filter::default() };
    let rows = list::list(&mut world.app.read().await.unwrap(), &attend, None).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [scanner, player]);

    let client = world.signed_in(ann).await;
    let page = client.get("/threats?decision=attend").await.body;
    assert!(page.contains(">Scanner</a>") && page.contains("Attend or Act") && page.contains(">Player</a>"));
    let page = client.get("/threats?decision=attend_or_act").await.body;
    assert!(page.contains(">Scanner</a>") && !page.contains(">Player</a>"));
    let home = client.get("/").await.body;
    assert!(home.contains("Attend: 2 new threats") && home.contains("1 of them may be Act."), "{home}");
    let page = client.get(&format!("/threats/{scanner}")).await.body;
    assert!(page.contains("It lies between Attend and Act, by what is unknown below."), "{page}");
    let note = client.get("/threats/handover/write").await.body;
    assert!(note.contains("To attend to, claimed by nobody: 2 threats."), "{note}");
    assert!(note.contains("): Attend or Act"), "{note}");

    let key = world.cert_key("threats:read").await;
    let machine = world.machine(&key);
    let told = async |id| {
        let answer = machine.get(&format!("/api/v1/cert/threats/{id}")).await;
        let told: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        (told["decision"].clone(), told["said"]["ssvc"]["between"].clone())
    };
    assert_eq!(told(scanner).await, ("attend_or_act".into(), "Attend and Act".into()));
    assert_eq!(told(player).await, ("attend".into(), serde_json::Value::Null), "it is decided");

    // What is not decided is proposed as no less than Medium.
    let unknown = threat(&world, &analyst, &said("Nothing told", &["CVE-2026-0002"])).await;
    assert_eq!(decision(&world, unknown).await, Some(Decision::Undecided));
    for id in [scanner, unknown] {
        let version = now(&world, id).await.version.to_string();
        let advised = client.post(&format!("/threats/{id}/advise"), &[("version", &version)]).await;
        assert_eq!(advised.status, 303);
    }
    let statement = sql!("SELECT severity FROM advisory_version");
    let severities: Vec<(String,)> = world.app.read().await.unwrap().all(statement, params![]).await.unwrap();
    assert_eq!(severities, [("medium".to_owned(),), ("medium".to_owned(),)]);
}

#[tokio::test]
async fn of_what_is_exploited_the_safer_answer_is_assumed_until_somebody_tells() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let listed = Said { known_exploited: true, ..said("Listed", &["CVE-2019-0001"]) };
    let exploited = threat(&world, &analyst, &listed).await;
    let locker = Said { ransomware: true, ..Said { title: "Locked".to_owned(), ..listed.clone() } };
    let locker = Said { cves: vec!["CVE-2021-44228".parse().unwrap()], ..locker };
    let ransomware = threat(&world, &analyst, &locker).await;
    assert_eq!(decision(&world, exploited).await, Some(Decision::AttendOrAct));
    assert_eq!(decision(&world, ransomware).await, Some(Decision::Act));
    let client = world.signed_in(ann).await;
    let page = client.get(&format!("/threats/{exploited}")).await.body;
    assert!(page.contains("Triage policy 2, a default") && page.contains("the safer answer is assumed"));
    let page = client.get(&format!("/threats/{ransomware}")).await.body;
    assert!(page.contains("Ransomware uses it, so that the worst is assumed"), "{page}");
    // Of what nobody knows to be exploited nothing is assumed.
    let quiet = threat(&world, &analyst, &said("Quiet", &["CVE-2026-0002"])).await;
    assert!(!client.get(&format!("/threats/{quiet}")).await.body.contains("a default"));

    // An assessment goes before what is assumed, and an analyst before both.
    let assessed = Assessed {
        exploitation: None,
        automatable: Some(Automatable::No),
        technical_impact: None,
        by: "CISA".to_owned(),
        on: None,
    };
    threat(&world, &analyst, &Said { assessed: Some(assessed), ..listed.clone() }).await;
    assert_eq!(decision(&world, exploited).await, Some(Decision::Undecided));
    let home = client.get("/").await.body;
    assert!(home.contains("Exploited, not yet decided: 1 new threat"), "{home}");
    assert!(home.contains("/threats?decision=undecided&#38;exploited=yes"), "{home}");
    let list = client.get("/threats?decision=undecided&exploited=yes").await.body;
    assert!(list.contains(">Listed</a>") && !list.contains(">Quiet</a>"), "{list}");
    set(&world, &analyst, exploited, Point::TechnicalImpact, "total").await;
    assert_eq!(decision(&world, exploited).await, Some(Decision::Attend));
    assert!(!client.get("/").await.body.contains("Exploited, not yet decided"));
}

#[tokio::test]
async fn what_an_analyst_knows_to_be_exploited_is_found_as_that() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let worm = threat(&world, &analyst, &severe("Worm", "CVE-2026-0003")).await;
    let client = world.signed_in(ann).await;
    let found = async || client.get("/threats?exploited=yes").await.body.contains(">Worm</a>");
    assert!(!found().await);
    set(&world, &analyst, worm, Point::Exploitation, "active").await;
    assert!(found().await && now(&world, worm).await.known_exploited);
    // Whatever a source says next.
    threat(&world, &analyst, &said("Worm again", &["CVE-2026-0003"])).await;
    assert!(now(&world, worm).await.known_exploited);
    set(&world, &analyst, worm, Point::Exploitation, "poc").await;
    assert!(!now(&world, worm).await.known_exploited);
}

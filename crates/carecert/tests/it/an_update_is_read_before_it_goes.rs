//! Whoever decides on an update reads what it changes and how many are told; one that changes nothing
//! goes nowhere, and no page on the way leads to a dead end.

use broadcast::alert;
use carecert::SERVICES;
use jiff::SignedDuration;
use platform::{Actor, access::PersonId};
use testkit::world::World;

use crate::issuing::{Desk, contact, everybody, wording};

const ADVISORY: &str = "/advisories/CC-0001";

fn id(actor: &Actor) -> PersonId {
    actor.person().expect("a person").id
}

#[tokio::test]
async fn an_update_says_what_it_changes_and_one_without_a_change_is_not_submitted() {
    let world = World::new(SERVICES).await;
    let leeds = world.organisation("RR8", "Leeds Teaching Hospitals", "trust").await;
    contact(&world, leeds, "security_lead", "lead@leeds.example").await;
    world.organisation("RAA", "Silent Trust", "trust").await;
    let desk = Desk::open(&world).await;
    desk.delivered(&wording("Any"), &everybody()).await;
    let ana = world.signed_in(id(&desk.analyst)).await;
    let dee = world.signed_in(id(&desk.duty)).await;

    // Nothing is being written: the address of an edit leads back to the advisory.
    for path in ["edit", "edit/about", "edit/check"] {
        assert_eq!(ana.get(&format!("{ADVISORY}/{path}")).await.location(), Some(ADVISORY), "{path}");
    }
    let page = dee.get(ADVISORY).await.body;
    let group = page.split("<form class=\"nhsuk-button-group\"").nth(1).expect("a group of buttons");
    let group = group.split("</form>").next().unwrap();
    assert!(group.contains("Start an update") && group.contains("Withdraw"), "{group}");

    assert_eq!(ana.post(&format!("{ADVISORY}/update"), &[]).await.status, 303);
    let tasks = ana.get(&format!("{ADVISORY}/edit")).await.body;
    assert!(
        tasks.contains("Still to be added before it can be submitted: a change from the version that stands"),
        "{tasks}"
    );
    let check = ana.get(&format!("{ADVISORY}/edit/check")).await.body;
    assert!(check.contains("Nothing differs from version 1") && !check.contains("Submit for approval"));
    let refused = ana.post(&format!("{ADVISORY}/submit"), &[("edition", "1")]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("Add a change from the version that stands"), "{}", refused.body);

    // To tell somebody else is a change; so is another word.
    let mut snapshot = world.app.read().await.unwrap();
    let open = broadcast::advisory::store::open_version(&mut snapshot, "CC-0001".parse().unwrap()).await;
    let version = open.unwrap().expect("an update").id;
    drop(snapshot);
    let left_out = [("edition", "1"), ("exclude_organisation", "RR8")];
    assert_eq!(ana.post(&format!("/audiences/{version}/exclusions"), &left_out).await.status, 303);
    let check = ana.get(&format!("{ADVISORY}/edit/check")).await.body;
    assert!(check.contains("Submit for approval") && check.contains("Leeds Teaching Hospitals (RR8)"));
    let told = [("edition", "2"), ("exclude_organisation", "")];
    assert_eq!(ana.post(&format!("/audiences/{version}/exclusions"), &told).await.status, 303);
    let about = [
        ("edition", "3"),
        ("title", "Any"),
        ("summary", "Attackers use it now."),
        ("severity", "medium"),
        ("do", "save"),
    ];
    assert_eq!(ana.post(&format!("{ADVISORY}/edit/about"), &about).await.status, 303);
    let details = [("edition", "4"), ("details", "It can be used without signing in.\n\nAlso from afar.")];
    assert_eq!(ana.post(&format!("{ADVISORY}/edit/details"), &details).await.status, 303);
    assert_eq!(ana.post(&format!("{ADVISORY}/submit"), &[("edition", "5")]).await.status, 303);

    let approval = dee.get(&format!("/approvals/{version}")).await.body;
    assert!(approval.contains("2 organisations, 1 email, 1 cannot be reached"), "{approval}");
    let publish = format!("/audiences/{version}/publish");
    let approved = dee.post(&format!("/approvals/{version}/approve"), &[("edition", "6")]).await;
    assert_eq!(approved.location(), Some(format!("{ADVISORY}/versions/2").as_str()));
    let next = dee.get(approved.location().unwrap()).await.body;
    assert!(next.contains("You approved it. Nothing has gone out yet.") && next.contains(&publish), "{next}");
    let seen = ana.get(approved.location().unwrap()).await.body;
    assert!(!seen.contains("You approved it") && !seen.contains(&publish));

    for page in [approval, dee.get(&publish).await.body] {
        let changes = page.split("What changed since version 1").nth(1).expect("what changed");
        for said in ["Was</strong> High", "Now</strong> Medium", "Added</strong> Also from afar."] {
            assert!(changes.contains(said), "{said}: {changes}");
        }
        assert!(!changes.contains("Taken out"), "a line that stands is no change: {changes}");
    }
}

#[tokio::test]
async fn the_minute_of_calling_back_leads_nowhere_that_is_not_there_yet() {
    let world = World::new(SERVICES).await;
    world.organisation("RAA", "Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let version = desk.approved(&wording("Any"), &everybody()).await;
    let dee = world.signed_in(id(&desk.duty)).await;
    let issued = desk.publish(version, alert::Answers::Anew).await;
    let (page, sector) = (format!("/alerts/{issued}"), format!("/sector/{issued}"));
    assert_eq!(dee.get(&sector).await.status, 404);
    for path in [page.as_str(), ADVISORY] {
        assert!(!dee.get(path).await.body.contains(&sector), "{path}");
    }
    world.pass(SignedDuration::from_secs(61)).await;
    assert_eq!(dee.get(&sector).await.status, 200);
    for path in [page.as_str(), ADVISORY] {
        assert!(dee.get(path).await.body.contains(&sector), "{path}");
    }
}

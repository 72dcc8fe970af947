//! The auditor finds the log of an alert by its number, of an organisation by its code, of a person by
//! their address, and comes to it from the alert's own pages.

use broadcast::alert::Answers;
use carecert::SERVICES;
use http::StatusCode;
use platform::access::Role;
use testkit::world::World;

use crate::issuing::{Desk, contact, everybody, wording};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_searched_by_the_names_people_use() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@walking.example").await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("First"), &everybody()).await;
    let other = desk.approved(&wording("Second"), &everybody()).await;
    desk.publish(other, Answers::Anew).await;
    let responder = world.person("Rhys Responder", Role::Responder, Some(trust)).await;
    let responder = world.signed_in(responder).await;
    let said = responder.post(&format!("/alerts/{alert}/respond/acknowledge"), &[]).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.body);

    let auditor = world.signed_in(world.person("Agnes Auditor", Role::Auditor, None).await).await;
    let found = auditor.get("/log?about=cc-0001").await.body;
    for verb in [
        "advisory.created",
        "audience.chosen",
        "advisory.approved",
        "alert.published",
        "response.acknowledged",
    ] {
        assert!(found.contains(verb), "{verb}: {found}");
    }
    assert_eq!(found.matches("alert.published").count(), 1, "the other alert is not among them: {found}");
    let (created, published) = (found.find("advisory.created"), found.find("alert.published"));
    assert!(published < created, "the newest comes first");

    let page = auditor.get(&format!("/alerts/{alert}")).await.body;
    assert!(page.contains("/log?about=CC-0001") && page.contains(&format!("/sector/{alert}")), "{page}");
    assert!(auditor.get("/advisories/CC-0001").await.body.contains("/log?about=CC-0001"));
    let analyst = world.signed_in(world.person("Second Lyst", Role::Analyst, None).await).await;
    let page = analyst.get(&format!("/alerts/{alert}")).await.body;
    assert!(!page.contains("/log?about") && page.contains(&format!("/sector/{alert}")));
    assert!(!responder.get(&format!("/alerts/{alert}")).await.body.contains("/sector/"));

    for unknown in ["CC-0404", "ZZZ", "nobody@example.org"] {
        let answer = auditor.get(&format!("/log?about={unknown}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{unknown}");
        assert!(answer.body.contains("Nothing is known by this"));
    }
    let by_id = auditor.get(&format!("/log?about={alert}")).await.body;
    assert!(by_id.contains("alert.published") && !by_id.contains("advisory.created"));
    let admin = world.signed_in(world.person("Ada Admin", Role::Admin, None).await).await;
    let invited = [
        ("organisation", trust.to_string()),
        ("name", "Gwen Pryce".to_owned()),
        ("email", "gwen@example.org".to_owned()),
        ("role", "viewer".to_owned()),
    ];
    let invited = invited.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(admin.post("/people/invite", &invited).await.status, StatusCode::SEE_OTHER);
    let person = auditor.get("/log?about=gwen@example.org").await.body;
    assert!(person.contains("account.invited") && !person.contains("alert.published"), "{person}");
    assert_eq!(auditor.get("/log?about=rwa").await.status, StatusCode::OK);
}

//! An auditor has the log verified from a page, against a head that they kept: what is whole is called so, and what
//! was changed is named.

use carecert::SERVICES;
use db::{params, sql};
use jiff::SignedDuration;
use platform::access::Role;
use testkit::world::World;

const PAGE: &str = "/log/verify";

#[tokio::test]
async fn a_page_says_whether_the_log_is_whole_and_whose_head_was_kept() {
    let world = World::new(SERVICES).await;
    let agnes = world.signed_in(world.person("Agnes Auditor", Role::Auditor, None).await).await;
    let home = agnes.get("/").await.body;
    assert!(home.contains("it was never verified from here") && home.contains(PAGE), "{home}");
    world.work().await;

    assert_eq!(agnes.post(PAGE, &[("head", "")]).await.location(), Some(PAGE));
    let page = agnes.get(PAGE).await.body;
    assert!(page.contains("Being verified") && page.contains("Agnes Auditor"), "{page}");
    world.pass(SignedDuration::from_mins(1)).await;
    let page = agnes.get(PAGE).await.body;
    assert!(page.contains("Whole") && !page.contains("Being verified"), "{page}");
    // By now the log holds that somebody asked.
    agnes.post(PAGE, &[("head", "")]).await;
    world.pass(SignedDuration::from_mins(1)).await;
    let page = agnes.get(PAGE).await.body;
    let head =
        page.split("carecert-lines\">").nth(1).and_then(|rest| rest.get(..64)).expect("a head").to_owned();
    assert!(!agnes.get("/").await.body.contains("Verify the log"), "not every day");

    // Entries later, the head that was kept is still one of this log's.
    world.person("Bea", Role::Analyst, None).await;
    world.work().await;
    agnes.post(PAGE, &[("head", &head.to_uppercase())]).await;
    world.pass(SignedDuration::from_mins(1)).await;
    let page = agnes.get(PAGE).await.body;
    assert!(page.contains("sealed on 1 June 2026") && page.contains("they stand as they were"), "{page}");
    for wrong in ["9f2c", &"g".repeat(64)] {
        let refused = agnes.post(PAGE, &[("head", wrong)]).await;
        assert_eq!(refused.status.as_u16(), 422);
        assert!(
            refused.body.contains("A head has 64 digits") && refused.body.contains(wrong),
            "{}",
            refused.body
        );
    }
    agnes.post(PAGE, &[("head", &"7".repeat(64))]).await;
    world.pass(SignedDuration::from_mins(1)).await;
    let page = agnes.get(PAGE).await.body;
    assert!(
        page.contains("Not as it was sealed") && page.contains("not one that this log has ever had"),
        "{page}"
    );

    // Somebody changes an entry in the database itself.
    let mut tx = world.app.write().await.unwrap();
    tx.run(sql!("UPDATE log_entry SET actor_id = NULL WHERE verb = 'log.verification_asked'"), params![])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    agnes.post(PAGE, &[("head", "")]).await;
    world.pass(SignedDuration::from_mins(1)).await;
    let page = agnes.get(PAGE).await.body;
    assert!(page.contains("do not give the root that was sealed"), "{page}");

    world.pass(SignedDuration::from_hours(24 * 7)).await;
    let agnes = world.signed_in(world.person("Ada Auditor", Role::Auditor, None).await).await;
    assert!(agnes.get("/").await.body.contains("it was not verified for a week"));
    let log = agnes.get("/log").await.body;
    assert!(log.contains("Had the log verified") && log.contains("Verified the log"), "{log}");
}

//! The shortest way from an actor's page to a warning that waits for approval, and from a phone to the
//! CERT: each counted and walked in a real browser.

use broadcast::threat::Kind;
use carecert::SERVICES;
use platform::access::Role;
use testkit::{
    browser::{Browser, Size},
    world::World,
};

use crate::{
    furnished_sightings::{enter, threat},
    issuing::Desk,
};

/// A browser of this size in which the holder of the cookie is signed in, at `page`.
async fn at(origin: &str, size: Size, cookie: &str, page: &str) -> anyhow::Result<Browser> {
    let browser = Browser::open(size).await?;
    browser.goto(&format!("{origin}/about/cookies")).await?;
    browser.hold_cookie(cookie).await?;
    browser.goto(&format!("{origin}{page}")).await?;
    Ok(browser)
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_three_clicks_lead_from_a_page_to_review() -> anyhow::Result<()> {
    let world = World::new(SERVICES).await;
    world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let tiger = threat(&world, &desk.analyst, Kind::ThreatActor, "Paper Tiger Group").await;
    enter(&world, &desk.analyst, tiger, "Y61").await;
    let analyst = world.person("Second Analyst", Role::Analyst, None).await;
    let cookie = world.signed_in(analyst).await.cookie.expect("a session");
    let origin = world.listen().await;
    for page in [format!("/threats/{tiger}"), "/threats/areas/Y61".to_owned()] {
        let browser = at(&origin, Size::Phone, &cookie, &page).await?;
        browser.follow("Warn the East of England").await?;
        browser.press("Start the draft").await?;
        browser.press("Submit for approval").await?;
        let text = browser.text().await?;
        assert!(text.contains("In review") && text.contains("a warning to the East of England"), "{text}");
        browser.close().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_sighting_is_reported_from_a_phone() -> anyhow::Result<()> {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let responder = world.person("Rae Responder", Role::Responder, Some(trust)).await;
    let cookie = world.signed_in(responder).await.cookie.expect("a session");
    let origin = world.listen().await;
    let phone = at(&origin, Size::Phone, &cookie, "/sightings").await?;
    phone.follow("Report a sighting").await?;
    assert!(phone.text().await?.contains("0300 303 5222"));
    phone.choose("A false invoice, or changed bank details").await?;
    phone.fill("Traces of it", "pay.evil.example").await?;
    phone.choose("Yes, without our name").await?;
    phone.press("Continue").await?;
    let text = phone.text().await?;
    assert!(text.contains("There is a problem") && text.contains("Select whether it did harm"), "{text}");
    phone.assert_accessible().await?;
    phone.choose("We do not know yet").await?;
    phone.press("Continue").await?;
    assert!(phone.heading().await?.contains("Check your answers"));
    phone.assert_accessible().await?;
    phone.assert_no_sideways_scroll().await?;
    phone.press("Change your answers").await?;
    phone.press("Continue").await?;
    phone.press("Send").await?;
    let text = phone.text().await?;
    assert!(text.contains("We have your report: its number is S-"), "{text}");
    assert!(text.contains("pay[.]evil[.]example"), "{text}");
    phone.assert_accessible().await?;
    phone.close().await
}

//! From a sheet of paper to the first steps, on a phone and without scripts: each page of the way is accessible and
//! small, and none scrolls sideways.

use carecert::SERVICES;
use platform::access::Role;
use testkit::{
    browser::{Browser, Size},
    world::World,
};

use crate::{furnished_incidents::sheet, issuing::actor};

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_code_leads_to_what_to_do_now() -> anyhow::Result<()> {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lee = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let (_, codes) = sheet(&world, &lee, trust, 5).await;
    let origin = world.listen().await;
    let phone = Browser::open(Size::Phone).await?;
    phone.disable_scripts().await?;
    phone.goto(&format!("{origin}/sign-in")).await?;
    phone.follow("Report an incident").await?;
    assert!(phone.text().await?.contains("0300 303 5222"));
    phone.follow("Report with a code").await?;
    phone.fill("The next code on your sheet", &codes[0].to_string()).await?;
    phone.press("Continue").await?;
    assert!(phone.heading().await?.contains("Report an incident"));
    phone.choose("Files are locked, or a ransom is demanded").await?;
    phone.choose("I do not know").await?;
    phone.choose("Emergency care").await?;
    phone.press("Save, and send later").await?;
    assert!(phone.text().await?.contains("Saved. You can go on here for 24 hours"));
    phone.press("Send it now").await?;
    let text = phone.text().await?;
    assert!(text.contains("The number is I-") && text.contains("Do not switch it off"), "{text}");
    phone.follow("See what you reported, and add to it").await?;
    phone.fill("Add to it", "The laboratory too").await?;
    phone.press("Add").await?;
    assert!(phone.text().await?.contains("The laboratory too"));
    phone.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_pages_that_answer_a_form_can_be_used_by_everybody() -> anyhow::Result<()> {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lead = world.person("Lee Leader", Role::Lead, Some(trust)).await;
    let cookie = world.signed_in(lead).await.cookie.expect("a session");
    let origin = world.listen().await;
    let browser = Browser::open(Size::Phone).await?;
    browser.goto(&format!("{origin}/about/cookies")).await?;
    browser.hold_cookie(&cookie).await?;
    browser.goto(&format!("{origin}/codes")).await?;
    browser.press("Make a sheet").await?;
    browser.assert_accessible().await?;
    browser.assert_no_sideways_scroll().await?;
    let code: String = browser.ask("return document.querySelector('td strong').innerText").await?;
    browser.goto(&format!("{origin}/report/code")).await?;
    browser.fill("The next code on your sheet", "2222").await?;
    browser.press("Continue").await?;
    assert!(browser.text().await?.contains("does not work"));
    browser.assert_accessible().await?;
    browser.fill("The next code on your sheet", &code).await?;
    browser.press("Continue").await?;
    browser.assert_accessible().await?;
    browser.assert_usable_by_keyboard().await?;
    browser.press("Send it now").await?;
    assert!(browser.text().await?.contains("There is a problem"));
    browser.assert_accessible().await?;
    browser.choose("Data was taken, is offered elsewhere, or is gone").await?;
    browser.press("Send it now").await?;
    browser.assert_accessible().await?;
    browser.assert_no_sideways_scroll().await?;
    browser.follow("See what you reported, and add to it").await?;
    browser.assert_accessible().await?;
    browser.assert_no_sideways_scroll().await?;
    browser.close().await
}

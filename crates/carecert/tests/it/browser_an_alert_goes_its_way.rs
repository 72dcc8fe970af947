//! The main job in a real browser, from a hostile feed to an answered alert: read at a desk,
//! approved and published on a phone, answered on a phone.

use broadcast::{
    advisory,
    response::{self, Chosen},
    source::Source,
    threat,
};
use carecert::SERVICES;
use jiff::SignedDuration;
use platform::{Actor, access::Role, log, web::live};
use testkit::{
    browser::{Browser, Size},
    world::World,
};

use crate::issuing::{Desk, actor, contact, everybody, wording};

/// An entry whose every text tries to run something.
const HOSTILE: &str = r#"{"title":"t","catalogVersion":"1","dateReleased":"2026-06-01T00:00:00Z","count":1,
"vulnerabilities":[{"cveID":"CVE-2026-0001",
"vendorProject":"<img src=x onerror=\"document.title='run'\">","product":"<script>document.title='run'</script>",
"vulnerabilityName":"<svg onload=\"document.title='run'\">Bad</svg>","dateAdded":"2026-06-01",
"shortDescription":"[a](javascript:document.title='run') <iframe src=\"javascript:parent.document.title='run'\">",
"requiredAction":"<a href=\"javascript:document.title='run'\">click</a> ![x](https://tracker.example/x.png)",
"dueDate":"2026-06-20","knownRansomwareCampaignUse":"Known","notes":"\"><script>document.title='run'</script>",
"cwes":[]}]}"#;

/// A browser of this size in which somebody of this role is signed in.
async fn browser(origin: &str, size: Size, cookie: &str) -> Browser {
    let browser = Browser::open(size).await.expect("a browser");
    browser.goto(&format!("{origin}/about/cookies")).await.expect("a page");
    browser.hold_cookie(cookie).await.expect("a cookie");
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_hostile_html_in_a_feed_does_not_run() -> anyhow::Result<()> {
    let world = World::new(SERVICES).await;
    let file = std::io::Cursor::new(HOSTILE);
    let report =
        threat::intake::take_in(&world.app, &Actor::Job("test"), Source::Kev, file, "hostile.json", |_| {})
            .await?;
    assert_eq!((report.new, report.refused), (1, 0));
    let origin = world.listen().await;
    let analyst = world.person("Ana Lyst", Role::Analyst, None).await;
    let cookie = world.signed_in(analyst).await.cookie.expect("a session");
    let desk = browser(&origin, Size::Desktop, &cookie).await;
    desk.goto(&format!("{origin}/threats")).await?;
    desk.follow("<svg onload").await?;
    assert!(desk.heading().await?.contains("<svg onload"), "it is shown as the text that it is");
    assert_ne!(desk.title().await?, "run");
    desk.press("Start an advisory").await?;
    let path = desk.url().await?.path().to_owned();
    assert!(path.starts_with("/advisories/"), "{path}");
    for page in [path.clone(), format!("{path}/check")] {
        desk.goto(&format!("{origin}{page}")).await?;
        assert_ne!(desk.title().await?, "run");
        desk.assert_no_foreign_requests(&origin).await?;
        let errors = desk.console_errors().await?;
        assert!(errors.is_empty(), "{errors:?}");
    }
    desk.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_an_alert_is_approved_published_and_answered_on_phones() -> anyhow::Result<()> {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    contact(&world, trust, "security_lead", "security@walking.example").await;
    let version = Desk::open(&world).await.draft(&wording("Update the scanners"), &everybody()).await;
    let analyst = world.person("Second Analyst", Role::Analyst, None).await;
    let manager = world.person("Mo Manager", Role::DutyManager, None).await;
    let responder = world.person("Ray Responder", Role::Responder, Some(trust)).await;
    let number = {
        let mut snapshot = world.app.read().await?;
        advisory::store::version(&mut snapshot, version).await?.expect("a version").number
    };
    let origin = world.listen().await;

    let cookie = world.signed_in(analyst).await.cookie.expect("a session");
    let desk = browser(&origin, Size::Desktop, &cookie).await;
    desk.goto(&format!("{origin}/advisories/{number}/edit/check")).await?;
    desk.press("Submit").await?;
    desk.close().await?;

    let cookie = world.signed_in(manager).await.cookie.expect("a session");
    let phone = browser(&origin, Size::Phone, &cookie).await;
    phone.goto(&format!("{origin}/approvals/{version}")).await?;
    assert!(phone.text().await?.contains("Update the scanners"));
    phone.assert_no_sideways_scroll().await?;
    phone.press("Approve").await?;
    phone.goto(&format!("{origin}/audiences/{version}/publish")).await?;
    phone.press("Publish").await?;
    phone.close().await?;

    assert!(world.post.to("security@walking.example").is_empty(), "for a minute it can be called back");
    world.pass(SignedDuration::from_secs(61)).await;
    let mail = world.post.to("security@walking.example").pop().expect("a mail");
    assert!(mail.letter.subject.contains(&number.to_string()), "{}", mail.letter.subject);

    let cookie = world.signed_in(responder).await.cookie.expect("a session");
    let phone = browser(&origin, Size::Phone, &cookie).await;
    phone.goto(&format!("{origin}/alerts")).await?;
    phone.follow(&number.to_string()).await?;
    phone.press("Acknowledge").await?;
    phone.follow("Alert applicability").await?;
    phone.choose("Yes").await?;
    phone.press("Save and continue").await?;
    phone.follow("Check your answers and send them").await?;
    phone.press("Send").await?;
    phone.goto(&format!("{origin}/alerts")).await?;
    let text = phone.text().await?;
    assert!(text.contains("In progress"), "{text}");
    phone.assert_no_foreign_requests(&origin).await?;
    phone.close().await
}

/// Promises what the page says once a part of it was swapped.
const SWAPPED: &str = "return new Promise(done => new MutationObserver(() => \
                       done(document.querySelector('main').innerText)) \
                       .observe(document.querySelector('main'), { childList: true, subtree: true }));";

#[tokio::test(flavor = "multi_thread")]
async fn browser_the_sectors_page_moves_by_itself() -> anyhow::Result<()> {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let alert = Desk::open(&world).await.delivered(&wording("Update the scanners"), &everybody()).await;
    let ray = actor(&world, "Ray Responder", Role::Responder, Some(trust)).await;
    let manager = world.person("Mo Manager", Role::DutyManager, None).await;
    let origin = world.listen().await;
    let cookie = world.signed_in(manager).await.cookie.expect("a session");
    let desk = browser(&origin, Size::Desktop, &cookie).await;
    desk.goto(&format!("{origin}/sector/{alert}")).await?;
    assert!(!desk.text().await?.contains("In progress: 1"));
    // Nothing is told until the page listens.
    let mut newest = None;
    for _ in 0..100_000 {
        newest = live::tell(&world.app, None).await?;
        if newest.is_some() {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert!(newest.is_some(), "the page does not listen");
    let answered = async {
        let mut tx = world.app.write().await?;
        response::acknowledge(&mut tx, &ray, alert, &Chosen::All).await?;
        tx.commit().await?;
        log::seal(&world.app).await?;
        live::tell(&world.app, newest).await?;
        anyhow::Ok(())
    };
    let (swapped, answered) = tokio::join!(desk.ask::<String>(SWAPPED), answered);
    answered?;
    let swapped = swapped?;
    assert!(swapped.contains("In progress\t1"), "{swapped}");
    desk.close().await
}

//! From the invitation to being signed in, a lost phone, and the sessions that one sees and ends.

use carecert::SERVICES;
use http::StatusCode;
use jiff::SignedDuration;
use platform::{access::Role, account::Secret};
use testkit::world::{Answer, Client, PASSWORD, World};

/// The address that stands in the last mail to somebody.
fn link_for(world: &World, address: &str) -> String {
    let mail = world.post.to(address).pop().expect("a mail");
    let at = mail.letter.text.find("/join/").expect("a link");
    mail.letter.text[at..].split_whitespace().next().expect("a link").to_owned()
}

/// The key that the page for setting up an app writes out.
fn secret_on(page: &Answer) -> Secret {
    let at = page.body.find("<code").expect("a key");
    let key = page.body[at..].split(['>', '<']).nth(2).expect("a key").replace('-', "");
    let bytes = data_encoding::BASE32_NOPAD.decode(key.as_bytes()).expect("Base32");
    Secret::from_bytes(&bytes).expect("20 bytes")
}

/// The recovery codes on the page that shows them.
fn codes_on(page: &Answer) -> Vec<String> {
    let codes = page.body.split("<li><code>").skip(1).filter_map(|rest| rest.split('<').next());
    codes.map(str::to_owned).collect()
}

async fn post(client: &mut Client<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let answer = client.post(path, fields).await;
    client.keep(&answer);
    answer
}

/// A responder who was invited and has joined, with their browser, app and recovery codes.
async fn joined(world: &World) -> (Client<'_>, Secret, Vec<String>) {
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lead = world.person("Lead", Role::Lead, Some(trust)).await;
    let lead = world.signed_in(lead).await;
    let trust = trust.to_string();
    let form = [
        ("organisation", trust.as_str()),
        ("name", "Siân Okonkwo"),
        ("email", "Sian@walking.nhs.uk"),
        ("role", "responder"),
    ];
    let invited = lead.post("/people/invite", &form).await;
    assert_eq!(invited.status, StatusCode::SEE_OTHER, "{}", invited.body);
    let back = lead.get(invited.location().expect("the people")).await.body;
    assert!(back.contains("Invitation sent to sian@walking.nhs.uk."), "{back}");
    world.work().await;

    let link = link_for(world, "sian@walking.nhs.uk");
    let mut browser = world.visitor().with("user-agent", "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0");
    // A mail scanner opens the link, twice; nothing is used up.
    for _ in 0..2 {
        let page = world.visitor().get(&link).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.headers.get("set-cookie").is_none());
        assert!(page.body.contains("<strong>Responder</strong> at Walking NHS Trust"), "{}", page.body);
    }
    let started = post(&mut browser, &link, &[]).await;
    assert_eq!(started.location(), Some("/choose-password"));
    assert_eq!(world.visitor().post(&link, &[]).await.status, StatusCode::NOT_FOUND, "used up");
    // Half joined, one is nobody yet.
    assert_eq!(browser.get("/account").await.location(), Some("/choose-password"));

    let weak = post(
        &mut browser,
        "/choose-password",
        &[("name", "Siân Okonkwo"), ("password", "okonkwo at walking")],
    )
    .await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.body.contains("must not contain"), "{}", weak.body);
    let chosen =
        post(&mut browser, "/choose-password", &[("name", "Siân Okonkwo"), ("password", PASSWORD)]).await;
    assert_eq!(chosen.location(), Some("/account/second-factor"), "{}", chosen.body);

    let page = browser.get("/account/second-factor").await;
    let secret = secret_on(&page);
    let picture = browser.get("/account/second-factor/qr.svg").await;
    assert!(picture.body.contains("<svg") && picture.headers["content-type"] == "image/svg+xml");
    let wrong = post(&mut browser, "/account/second-factor", &[("code", "000000")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let before = browser.clone();
    let confirmed =
        post(&mut browser, "/account/second-factor", &[("code", &secret.code(world.now()))]).await;
    let codes = codes_on(&confirmed);
    assert_eq!((confirmed.status, codes.len()), (StatusCode::OK, 10), "{}", confirmed.body);
    // The token is a new one: whoever planted the old one has nothing.
    assert_eq!(before.get("/account").await.location(), Some("/sign-in?back=%2Faccount"));
    let account = browser.get("/account").await.body;
    assert!(account.contains("Siân Okonkwo") && !account.contains("/accept"), "joining accepts: {account}");
    assert!(lead.get("/people").await.body.contains("Siân Okonkwo</a>"));
    (browser, secret, codes)
}

#[tokio::test]
async fn an_invited_person_joins_loses_the_phone_and_ends_a_session() {
    let world = World::new(SERVICES).await;
    let (first, secret, codes) = joined(&world).await;

    // The code that confirmed the app does not sign anybody in.
    let mut second = world.visitor().with("user-agent", "Mozilla/5.0 (iPhone) Safari/604.1");
    let form = [("email", "SIAN@walking.nhs.uk"), ("password", PASSWORD), ("back", "/account/sessions")];
    let asked = post(&mut second, "/sign-in", &form).await;
    assert_eq!(asked.location(), Some("/sign-in/code?back=%2Faccount%2Fsessions"), "{}", asked.body);
    let code = secret.code(world.now());
    let again = post(&mut second, "/sign-in/code", &[("code", &code)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);

    // The phone is lost: a recovery code, which works once.
    let fields = [("recovery_code", codes[0].as_str()), ("back", "/account/sessions")];
    let signed_in = post(&mut second, "/sign-in/code", &fields).await;
    assert_eq!(signed_in.location(), Some("/account/sessions"), "{}", signed_in.body);
    let mut third = world.visitor();
    post(&mut third, "/sign-in", &form).await;
    let used = post(&mut third, "/sign-in/code", &fields).await;
    assert_eq!(used.status, StatusCode::UNPROCESSABLE_ENTITY);

    // A used code does not set up the next phone, another does.
    let new_app = "/account/second-factor/new";
    let refused = post(&mut second, new_app, &[("code", &codes[0])]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let offered = post(&mut second, new_app, &[("code", &codes[1])]).await;
    assert_eq!(offered.location(), Some("/account/second-factor"), "{}", offered.body);
    let next = secret_on(&second.get("/account/second-factor").await);
    assert_ne!(next, secret);

    // Both browsers are listed; the first is ended from the second.
    let sessions = second.get("/account/sessions").await;
    assert!(sessions.body.contains("Firefox on Windows") && sessions.body.contains("Safari on an iPhone"));
    let at = sessions.body.find("/account/sessions/0").expect("a session to end");
    let end = sessions.body[at..].split('"').next().expect("its address").to_owned();
    assert_eq!(first.get("/account").await.status, StatusCode::OK);
    second.post(&end, &[]).await;
    assert_eq!(first.get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(second.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn sessions_end_when_idle_when_old_and_on_signing_out() {
    let world = World::new(SERVICES).await;
    let (mut browser, secret, _) = joined(&world).await;
    for _ in 0..3 {
        world.app.env.advance(SignedDuration::from_hours(11));
        assert_eq!(browser.get("/account").await.status, StatusCode::OK, "used within 12 hours");
    }
    world.app.env.advance(SignedDuration::from_hours(13));
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER, "idle");

    let form = [("email", "sian@walking.nhs.uk"), ("password", PASSWORD), ("back", "https://evil.example/")];
    post(&mut browser, "/sign-in", &form).await;
    let code = [("code", secret.code(world.now())), ("back", "//evil.example".to_owned())];
    let code: Vec<_> = code.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(post(&mut browser, "/sign-in/code", &code).await.location(), Some("/"));
    assert_eq!(post(&mut browser, "/sign-out", &[]).await.location(), Some("/sign-out"));
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_learner_needs_no_second_factor_but_may_have_one() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    world.person("Dilys Learner", Role::Learner, Some(trust)).await;
    let mut browser = world.visitor();
    let form = [("email", "dilys.learner@example.org"), ("password", PASSWORD), ("back", "/account")];
    assert_eq!(post(&mut browser, "/sign-in", &form).await.location(), Some("/account"));
    assert!(browser.get("/account").await.body.contains("Not set up"));
    let offered = post(&mut browser, "/account/second-factor/new", &[("password", PASSWORD)]).await;
    assert_eq!(offered.status, StatusCode::SEE_OTHER, "{}", offered.body);
    let secret = secret_on(&browser.get("/account/second-factor").await);
    let set = post(&mut browser, "/account/second-factor", &[("code", &secret.code(world.now()))]).await;
    assert_eq!(codes_on(&set).len(), 10);
    assert_eq!(
        post(&mut world.visitor(), "/sign-in", &form).await.location(),
        Some("/sign-in/code?back=%2Faccount")
    );
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_and_the_second_factor_stays() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let person = world.person("Owen Bell", Role::Viewer, Some(trust)).await;
    let elsewhere = world.signed_in(person).await;

    let known = world.visitor().post("/forgotten-password", &[("email", "owen.bell@example.org")]).await;
    let unknown =
        world.visitor().post("/forgotten-password", &[("email", "nobody.at.all@example.org")]).await;
    assert_eq!(known.status, unknown.status);
    assert_eq!(
        known.body.replace("owen.bell@example.org", ""),
        unknown.body.replace("nobody.at.all@example.org", "")
    );
    world.work().await;
    assert!(world.post.to("nobody.at.all@example.org").is_empty());

    let mut browser = world.visitor();
    let link = link_for(&world, "owen.bell@example.org");
    post(&mut browser, &link, &[]).await;
    let form = [("name", "Owen Bell"), ("password", "purple tractor sings")];
    let chosen = post(&mut browser, "/choose-password", &form).await;
    assert_eq!(chosen.location(), Some("/sign-in/code"), "the second factor is asked for");
    assert_eq!(elsewhere.get("/account").await.status, StatusCode::SEE_OTHER, "signed out elsewhere");
    let code = world.code();
    assert_eq!(post(&mut browser, "/sign-in/code", &[("code", &code)]).await.location(), Some("/"));
    let old = [("email", "owen.bell@example.org"), ("password", PASSWORD)];
    assert_eq!(world.visitor().post("/sign-in", &old).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

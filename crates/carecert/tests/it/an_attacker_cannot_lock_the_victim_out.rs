//! Somebody tries passwords in somebody else's name: they are slowed down, and the owner gets in.

use carecert::SERVICES;
use http::StatusCode;
use jiff::SignedDuration;
use platform::access::Role;
use testkit::world::{Client, PASSWORD, World};

const EMAIL: &str = "owen.bell@example.org";

async fn world() -> World {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    world.person("Owen Bell", Role::Responder, Some(trust)).await;
    world
}

async fn try_password(client: &Client<'_>, password: &str) -> http::Response<()> {
    let answer = client.post("/sign-in", &[("email", EMAIL), ("password", password)]).await;
    let mut response = http::Response::new(());
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

#[tokio::test]
async fn guessing_from_one_network_soon_has_to_wait_even_with_the_right_password() {
    let world = world().await;
    let attacker = world.visitor().with("x-forwarded-for", "203.0.113.7");
    for _ in 0..5 {
        assert_eq!(
            try_password(&attacker, "wrong horse battery").await.status(),
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    let slowed = try_password(&attacker, PASSWORD).await;
    assert_eq!(slowed.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: i64 = slowed.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
    // Another address of the same network is the same attacker.
    let neighbour = world.visitor().with("x-forwarded-for", "203.0.113.99");
    assert_eq!(try_password(&neighbour, PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS);
    // Hammering prolongs nothing; who waits as told may try again.
    world.app.env.advance(SignedDuration::from_secs(wait));
    assert_eq!(try_password(&attacker, PASSWORD).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_owner_gets_in_while_an_attacker_hammers_from_everywhere() {
    let world = world().await;
    // The owner's own browser, in which they have signed in before.
    let mut known = world.visitor().with("x-forwarded-for", "198.51.100.5");
    let answer = known.post("/sign-in", &[("email", EMAIL), ("password", PASSWORD)]).await;
    known.keep(&answer);
    let code = world.code();
    let answer = known.post("/sign-in/code", &[("code", &code)]).await;
    known.keep(&answer);
    assert_eq!(answer.location(), Some("/"), "{}", answer.body);

    // A botnet, and the owner's own network too.
    for network in 0..120 {
        let bot = world.visitor().with("x-forwarded-for", &format!("203.0.{network}.7"));
        try_password(&bot, "wrong horse battery").await;
    }
    let inside = world.visitor().with("x-forwarded-for", "198.51.100.66");
    for _ in 0..10 {
        try_password(&inside, "wrong horse battery").await;
    }
    assert_eq!(try_password(&inside, PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS);
    // The browser that is known gets in at once.
    assert_eq!(try_password(&known, PASSWORD).await.status(), StatusCode::SEE_OTHER);
    // A new one, from a quiet network, waits for seconds at most, although all of them are counted.
    let new = world.visitor().with("x-forwarded-for", "192.0.2.1");
    let slowed = try_password(&new, PASSWORD).await;
    assert_eq!(slowed.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: i64 = slowed.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!(wait <= 6, "{wait}");
    world.app.env.advance(SignedDuration::from_secs(wait));
    assert_eq!(try_password(&new, PASSWORD).await.status(), StatusCode::SEE_OTHER);
    // A known browser is bounded by itself: it may have been stolen.
    for _ in 0..5 {
        try_password(&known, "wrong horse battery").await;
    }
    assert_eq!(try_password(&known, PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn codes_cannot_be_guessed_by_whoever_has_the_password() {
    let world = world().await;
    let mut attacker = world.visitor().with("x-forwarded-for", "203.0.113.7");
    let answer = attacker.post("/sign-in", &[("email", EMAIL), ("password", PASSWORD)]).await;
    attacker.keep(&answer);
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.push(attacker.post("/sign-in/code", &[("code", "000000")]).await.status);
    }
    assert_eq!(statuses[4], StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(statuses[5..], [StatusCode::TOO_MANY_REQUESTS; 2]);
}

#[tokio::test]
async fn links_for_forgotten_passwords_are_not_sent_without_end() {
    let world = world().await;
    let mut statuses = Vec::new();
    for network in 0..6 {
        let bot = world.visitor().with("x-forwarded-for", &format!("203.0.{network}.7"));
        statuses.push(bot.post("/forgotten-password", &[("email", EMAIL)]).await.status);
    }
    world.work().await;
    assert_eq!(statuses[3..], [StatusCode::TOO_MANY_REQUESTS; 3]);
    assert_eq!(world.post.to(EMAIL).len(), 3);
}

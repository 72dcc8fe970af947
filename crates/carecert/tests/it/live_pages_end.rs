//! Pages that move by themselves: what they hear, until when, and how many of them a person has.

use axum::body::{Body, BodyDataStream};
use carecert::SERVICES;
use futures::StreamExt;
use http::{Request, Response, StatusCode, header};
use jiff::SignedDuration;
use platform::{
    Actor,
    access::Role,
    log,
    web::{self, live},
};
use testkit::world::{Client, World};
use tower::ServiceExt;

async fn open(world: &World, client: &Client<'_>) -> Response<Body> {
    let cookie = client.cookie.clone().expect("a session");
    let request =
        Request::get("/live").header(header::COOKIE, cookie).body(Body::empty()).expect("a request");
    web::router(&world.app).oneshot(request).await.expect("an answer")
}

/// Something happens, and the pages are told.
async fn happens(world: &World) {
    let newest = live::tell(&world.app, None).await.expect("the log can be read");
    let mut tx = world.app.write().await.expect("a write begins");
    log::write(&mut tx, &Actor::Job("test"), log::Entry::new("test.happened")).await.expect("an entry");
    tx.commit().await.expect("a commit");
    log::seal(&world.app).await.expect("sealed");
    live::tell(&world.app, newest).await.expect("the log can be read");
}

async fn heard(stream: &mut BodyDataStream) -> Option<String> {
    let part = stream.next().await?.expect("a part");
    Some(String::from_utf8_lossy(&part).into_owned())
}

#[tokio::test]
async fn a_stream_ends_so_that_the_session_is_asked_for_again() {
    let world = World::new(SERVICES).await;
    let person = world.person("Ann", Role::Auditor, None).await;
    let ann = world.signed_in(person).await;
    let mut stream = open(&world, &ann).await.into_body().into_data_stream();
    happens(&world).await;
    assert_eq!(heard(&mut stream).await.as_deref(), Some("event: changed\ndata: now\n\n"));
    world.app.env.advance(SignedDuration::from_mins(16));
    happens(&world).await;
    assert_eq!(heard(&mut stream).await, None);
}

#[tokio::test]
async fn nobody_holds_more_streams_than_they_have_pages() {
    let world = World::new(SERVICES).await;
    let person = world.person("Lee Learner", Role::Learner, None).await;
    let lee = world.signed_in(person).await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        let stream = open(&world, &lee).await;
        assert_eq!(stream.status(), StatusCode::OK);
        streams.push(stream);
    }
    let refused = open(&world, &lee).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key(header::RETRY_AFTER));
    let other = world.person("Ann", Role::Auditor, None).await;
    let ann = world.signed_in(other).await;
    assert_eq!(open(&world, &ann).await.status(), StatusCode::OK, "others are not shut out");
    streams.pop();
    assert_eq!(open(&world, &lee).await.status(), StatusCode::OK);
}

//! What stands before every handler: other sites' posts, headers, error pages, problems for machines.

use axum::body::Body;
use carecert::SERVICES;
use http::{Request, StatusCode, header};
use platform::{access::Role, web};
use testkit::world::World;
use tower::ServiceExt;

/// The status of a POST of an administrator's browser that carries these headers.
async fn post_with(world: &World, headers: &[(&str, &str)]) -> StatusCode {
    let person = world.person("Ada Admin", Role::Admin, None).await;
    let client = world.signed_in(person).await;
    let path = format!("/jobs/{}/retry", world.dead_job().await);
    let mut request = Request::post(path).header(header::COOKIE, client.cookie.expect("a session"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let response = web::router(&world.app).oneshot(request).await.expect("an answer");
    response.status()
}

#[tokio::test]
async fn a_post_that_another_site_asked_for_is_refused() {
    let refused: [&[(&str, &str)]; 7] = [
        &[],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://evil.example"), ("host", "carecert.test")],
        &[("origin", "null"), ("host", "carecert.test")],
    ];
    for headers in refused {
        let world = World::new(SERVICES).await;
        assert_eq!(post_with(&world, headers).await, StatusCode::FORBIDDEN, "{headers:?}");
    }
    let admitted: [&[(&str, &str)]; 2] = [
        &[("sec-fetch-site", "same-origin")],
        &[("origin", "https://carecert.test"), ("host", "carecert.test")],
    ];
    for headers in admitted {
        let world = World::new(SERVICES).await;
        assert_eq!(post_with(&world, headers).await, StatusCode::SEE_OTHER, "{headers:?}");
    }
}

#[tokio::test]
async fn every_answer_carries_its_protections_and_its_id() {
    let world = World::new(SERVICES).await;
    for path in ["/about/cookies", "/no-such-page", "/jobs"] {
        let answer = world.visitor().get(path).await;
        let header =
            |name| answer.headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
        let csp = header("content-security-policy").expect("a policy");
        assert!(csp.starts_with("default-src 'none'") && !csp.contains("unsafe"), "{csp}");
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        assert_eq!(header("cache-control"), Some("no-store"));
        assert!(header("x-request-id").is_some_and(|id| id.len() == 36));
    }
}

#[tokio::test]
async fn an_error_is_a_page_for_people_and_a_problem_for_machines() {
    let world = World::new(SERVICES).await;
    let page = world.visitor().get("/no-such-page").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let id = page.headers["x-request-id"].to_str().expect("an id");
    assert!(
        page.body.contains("Page not found") && page.body.contains(id) && page.body.contains("0300 303 5222")
    );

    let problem = world.visitor().get("/api/v1/no-such-thing").await;
    assert_eq!(problem.headers[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(problem.json()["status"], 404);
}

#[tokio::test]
async fn what_no_text_holds_is_the_senders_fault() {
    let world = World::new(SERVICES).await;
    let fields = [("email", "nobody\0@example.org"), ("password", "x")];
    assert_eq!(world.visitor().post("/sign-in", &fields).await.status, StatusCode::BAD_REQUEST);
    let ann = world.signed_in(world.person("Ann", Role::Analyst, None).await).await;
    for path in ["/organisations?kind=%00", "/advisories/%00"] {
        assert_eq!(ann.get(path).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test]
async fn a_visitor_is_sent_to_sign_in_and_back_again() {
    let world = World::new(SERVICES).await;
    let answer = world.visitor().get("/log?about=CC-0001").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), Some("/sign-in?back=%2Flog%3Fabout%3DCC-0001"));
}

#[tokio::test]
async fn health_needs_no_database_and_readiness_does() {
    let world = World::new(SERVICES).await;
    assert_eq!(world.visitor().get("/readyz").await.status, StatusCode::OK);
    world.app.db.clone().close().await;
    assert_eq!(world.visitor().get("/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_is_signed_in_stays_so_on_a_page_that_is_not_theirs() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let person = world.person("Rae Responder", Role::Responder, Some(trust)).await;
    let rae = world.signed_in(person).await;
    for (path, status, says) in [
        ("/jobs", 403, "Your role does not include this page."),
        ("/no-such-page", 404, "Page not found"),
        ("/organisations/019e8232-6000-7003-ab0a-cac257cb1f19", 404, "Page not found"),
    ] {
        let page = rae.get(path).await;
        assert_eq!(page.status.as_u16(), status, "{path}");
        assert!(page.body.contains(says), "{path}: {}", page.body);
        assert!(
            page.body.contains("Rae Responder") && page.body.contains("Sign out"),
            "{path}: {}",
            page.body
        );
        assert!(page.body.contains("href=\"/alerts\""), "the menu leads on: {path}: {}", page.body);
        assert!(!page.body.contains("href=\"/sign-in"), "{path}: {}", page.body);
    }
    let visitor = world.visitor().get("/no-such-page").await;
    assert!(visitor.status.as_u16() == 404 && visitor.body.contains("href=\"/sign-in"), "{}", visitor.body);
}

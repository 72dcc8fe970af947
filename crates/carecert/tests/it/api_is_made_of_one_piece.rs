//! The JSON API as a machine meets it: described whole, one way of naming, paging, refusing, and of
//! saying what is held already.

use std::collections::BTreeSet;

use broadcast::response::{self, Chosen, Said};
use carecert::SERVICES;
use http::{Method, StatusCode, header};
use platform::{
    access::{Role, Rule},
    key::Scope,
    web::Route,
};
use serde_json::{Value, json};
use testkit::world::{Answer, World};

use crate::sector_in_hand::{actor, alert, key, organisations, world};

fn api_rows() -> Vec<Route> {
    let routes = SERVICES.iter().flat_map(|service| (service.routes)());
    routes.filter(|route| route.path.starts_with("/api/v1/")).collect()
}

#[tokio::test]
async fn every_row_of_the_api_is_described_and_nothing_else() {
    let world = World::new(SERVICES).await;
    let document = world.visitor().get("/api/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(|verb| (path.clone(), verb.clone())))
        .collect();
    let rows: BTreeSet<_> = api_rows()
        .iter()
        .map(|route| (route.path.to_owned(), route.method.as_str().to_lowercase()))
        .collect();
    assert_eq!(described, rows);
    for route in api_rows() {
        let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        let scope = match (route.rule, route.path.starts_with("/api/v1/cert/")) {
            (Rule::Scope(scope), false) | (Rule::CertScope(scope), true) => scope,
            (rule, _) => panic!("{} is under {rule:?}", route.path),
        };
        assert!(scope.parse::<Scope>().is_ok(), "{}: nobody can give a key with {scope}", route.path);
        assert_eq!(operation["security"], json!([{ "key": [scope] }]), "{}", route.path);
        for status in ["401", "403", "429"] {
            let problem = &operation["responses"][status]["content"]["application/problem+json"]["schema"];
            assert_eq!(problem["$ref"], "#/components/schemas/Problem", "{} {status}", route.path);
        }
    }
    // Links name operations too.
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let ids: Vec<_> = operations.map(|operation| operation["operationId"].to_string()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{ids:?}");
    assert!(document["components"]["securitySchemes"]["key"].is_object());
    // Every name that a body may hold is written the same way.
    for (schema, described) in document["components"]["schemas"].as_object().unwrap() {
        for name in described["properties"].as_object().into_iter().flat_map(serde_json::Map::keys) {
            let plain = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            assert!(plain, "{schema}.{name}");
        }
    }
}

fn tag(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.headers[header::ETAG].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_a_machine_holds_is_not_sent_again_until_it_changes() {
    let world = world().await;
    let surgeries = organisations(&world, "A", "gp_practice", 1).await;
    let asked = alert(&world, 7, "high", "green", &surgeries).await;
    let token = key(&world, surgeries[0], "alerts:read organisations:read responses:write").await;
    for path in
        ["/api/v1/alerts/CC-0007", "/api/v1/organisations/A0000", "/api/v1/alerts/CC-0007/responses/A0000"]
    {
        let first = world.machine(&token).get(path).await;
        let again = world.machine(&token).with("if-none-match", &tag(&first)).get(path).await;
        assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
        assert_eq!(tag(&first), again.headers[header::ETAG].to_str().unwrap());
    }
    let path = "/api/v1/alerts/CC-0007/responses/a0000";
    let before = tag(&world.machine(&token).get(path).await);
    let responder = actor(&world, "Rhys Responder", Role::Responder, surgeries[0]).await;
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &responder, asked, &Chosen::All).await.unwrap();
    tx.commit().await.unwrap();
    let after = world.machine(&token).with("if-none-match", &before).get(path).await;
    assert_ne!(tag(&after), before);
    assert_eq!(after.json()["stage"], "in_progress");
}

#[tokio::test]
async fn an_answer_for_one_is_given_only_to_what_was_read() {
    let world = world().await;
    let surgeries = organisations(&world, "A", "gp_practice", 2).await;
    let asked = alert(&world, 7, "high", "green", &surgeries).await;
    let token = key(&world, surgeries[0], "alerts:read responses:write").await;
    let path = "/api/v1/alerts/CC-0007/responses/A0000";
    let machine = world.machine(&token);
    machine.post_json("/api/v1/alerts/CC-0007/acknowledge", &json!({ "organisations": "all" })).await;
    let seen = tag(&machine.get(path).await);

    let responder = actor(&world, "Rhys Responder", Role::Responder, surgeries[0]).await;
    let mut tx = world.app.write().await.unwrap();
    let said = Said { done: Some("Half of them".to_owned()), ..Said::default() };
    response::answer(&mut tx, &responder, asked, &Chosen::All, &said).await.unwrap();
    tx.commit().await.unwrap();

    let stale = world.machine(&token).with("if-match", &seen);
    let refused = stale.post_json(path, &json!({ "done": "All" })).await;
    assert_eq!(refused.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(refused.json()["status"], 412);
    let read = machine.get(path).await;
    assert_eq!(read.json()["done"], "Half of them");
    let fresh = world.machine(&token).with("if-match", &tag(&read));
    let said = fresh.post_json(path, &json!({ "done": "All", "applies": "yes" })).await;
    assert_eq!((said.status, &said.json()["done"]), (StatusCode::OK, &json!("All")));
    assert_eq!(tag(&said), tag(&machine.get(path).await));

    for (body, status) in [
        (json!({}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "dome": "x" }), StatusCode::BAD_REQUEST),
        (json!({ "done": "\u{0}" }), StatusCode::BAD_REQUEST),
        // No engine keeps this one as a text of its own.
        (json!({ "applies": "yes", "next_update_reason": "\u{0}" }), StatusCode::BAD_REQUEST),
        (json!({ "done": "\\u0000" }), StatusCode::OK),
        (json!({ "applies": "no" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "planned_on": "2020-01-01" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "outcome": "remediated" }), StatusCode::OK),
        (json!({ "outcome": "remediated" }), StatusCode::CONFLICT),
    ] {
        let answer = machine.post_json(path, &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
    }
    let foreign = "/api/v1/alerts/CC-0007/responses/A0001";
    assert_eq!(machine.get(foreign).await.status, StatusCode::NOT_FOUND);
    assert_eq!(machine.post_json(foreign, &json!({ "done": "x" })).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn lists_go_on_where_they_stopped_and_every_refusal_is_a_problem() {
    let world = world().await;
    let board = organisations(&world, "Q", "icb", 1).await[0];
    let surgeries = organisations(&world, "A", "gp_practice", 60).await;
    crate::sector_in_hand::answers_for(&world, board, &surgeries).await;
    alert(&world, 7, "high", "green", &surgeries).await;
    let token = key(&world, board, "alerts:read organisations:read").await;
    let machine = world.machine(&token);
    for (path, list, total) in [
        ("/api/v1/organisations", "organisations", 61),
        ("/api/v1/alerts/CC-0007/responses", "responses", 60),
    ] {
        let first = machine.get(path).await.json();
        let next = first["next"].as_str().expect("a next page");
        assert!(!next.contains("A00"), "a cursor is opaque: {next}");
        let second = machine.get(&format!("{path}?after={next}")).await.json();
        let read = first[list].as_array().unwrap().len() + second[list].as_array().unwrap().len();
        assert_eq!((read, &second["next"]), (total, &Value::Null), "{path}");
        let (unread, never_given) = (StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY);
        for (broken, status) in
            [("A0001", never_given), ("%00", unread), ("eyJ9", never_given), ("a&after=b", unread)]
        {
            let refused = machine.get(&format!("{path}?after={broken}")).await;
            assert_eq!(refused.status, status, "{path} {broken}");
            assert_eq!(refused.headers[header::CONTENT_TYPE], "application/problem+json", "{broken}");
        }
    }
    for path in ["/api/v1/organisations/%00", "/api/v1/organisations/%ff"] {
        let refused = machine.get(path).await;
        assert_eq!((refused.status, refused.json()["status"].as_u64()), (StatusCode::BAD_REQUEST, Some(400)));
    }
    let wrong = machine.send(Method::DELETE, "/api/v1/alerts", "", String::new()).await;
    assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(wrong.headers[header::ALLOW], "GET,HEAD");
    assert_eq!(wrong.json()["status"], 405);
}

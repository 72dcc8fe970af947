//! Keys of the CERT's own: who gives and ends them, what they open, and that no organisation's key opens it
//! too.

use broadcast::threat::{Kind, Said};
use carecert::SERVICES;
use formats::Tlp;
use http::{Method, StatusCode};
use jiff::SignedDuration;
use platform::{
    access::{Role, Rule},
    key::Scope,
    web::{Body, Route},
};
use serde_json::{Value, json};
use testkit::world::{Answer, Client, World};

use crate::{
    furnished::{self, at_cert, complete, said, threat},
    sector_in_hand::{alert, organisations},
    walk::{self, Names, filled},
};

/// Every scope that any key can have, which a key never has.
fn everything() -> String {
    let all = Scope::OF_ORGANISATIONS.iter().chain(Scope::OF_CERT);
    all.map(|scope| scope.code()).collect::<Vec<_>>().join(" ")
}

async fn ask(client: &Client<'_>, route: &Route, names: &Names) -> Answer {
    let path = filled(route.sample, names);
    let (kind, body) = match route.body {
        Body::Json(json) => ("application/json", filled(json, names)),
        Body::Document(document) => ("application/octet-stream", document.to_owned()),
        Body::Form(_) | Body::File(_) | Body::Parts(_) | Body::Empty => ("", String::new()),
    };
    client.send(route.method.clone(), &path, kind, body).await
}

#[tokio::test]
async fn no_key_of_an_organisation_opens_what_is_the_certs_nor_the_other_way_round() {
    let world = World::new(carecert::demo::SERVICES).await;
    let furnished = walk::furnish(&world).await;
    let organisation = world.key(furnished.organisation, &everything()).await;
    let cert = world.cert_key(&everything()).await;
    let (mut of_organisations, mut of_cert) = (0, 0);
    for route in SERVICES.iter().flat_map(|service| (service.routes)()) {
        let (refused, count) = match route.rule {
            Rule::Scope(_) => (&cert, &mut of_organisations),
            Rule::CertScope(_) => (&organisation, &mut of_cert),
            _ => continue,
        };
        *count += 1;
        let answer = ask(&world.machine(refused), &route, &furnished.names).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {}", route.method, route.path);
        assert!(answer.body.contains("for keys of"), "{}", answer.body);
        let answer = ask(&world.visitor(), &route, &furnished.names).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {}", route.method, route.path);
        // One that has every scope but the one that is needed.
        let (Rule::Scope(needed) | Rule::CertScope(needed)) = route.rule else { continue };
        let others = everything().split(' ').filter(|scope| *scope != needed).collect::<Vec<_>>().join(" ");
        let token = match route.rule {
            Rule::Scope(_) => world.key(furnished.organisation, &others).await,
            _ => world.cert_key(&others).await,
        };
        let answer = ask(&world.machine(&token), &route, &furnished.names).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {}", route.method, route.path);
    }
    assert!(of_organisations >= 11 && of_cert >= 16, "{of_organisations}, {of_cert}");
    // Nor does either open a page of people.
    for token in [&organisation, &cert] {
        let answer = world.machine(token).get("/threats").await;
        assert_eq!(answer.location(), Some("/sign-in?back=%2Fthreats"));
    }
}

#[tokio::test]
async fn an_administrator_alone_gives_and_ends_them() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let form = [("name", "Duty room"), ("scopes", "threats:read"), ("days", "90")];
    let everybody =
        [(Role::Lead, Some(trust)), (Role::DutyManager, None), (Role::Analyst, None), (Role::Auditor, None)];
    for (role, at) in everybody {
        let person = world.person(role.label(), role, at).await;
        let refused = world.signed_in(person).await.post("/keys/new", &form).await;
        // A lead's form without an organisation is about their own, of which this is no scope.
        let right = [StatusCode::FORBIDDEN, StatusCode::UNPROCESSABLE_ENTITY].contains(&refused.status);
        assert!(right && !refused.body.contains(">cc_"), "{role}: {}", refused.status);
    }
    let admin = world.person("Admin", Role::Admin, None).await;
    let admin = world.signed_in(admin).await;
    let page = admin.get("/keys/new").await.body;
    assert!(page.contains("threats:read") && !page.contains("responses:write"), "{page}");
    let trust = trust.to_string();
    for (more, status) in [
        ([("days", "366"), ("scopes", "sector:read")], StatusCode::UNPROCESSABLE_ENTITY),
        ([("days", "90"), ("scopes", "responses:write")], StatusCode::UNPROCESSABLE_ENTITY),
        ([("days", "90"), ("stands_for", trust.as_str())], StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let fields: Vec<_> = [form[0], form[1]].into_iter().chain(more).collect();
        assert_eq!(admin.post("/keys/new", &fields).await.status, status, "{more:?}");
    }
    // Nor does an organisation's key get what is the CERT's.
    let fields =
        [("organisation", trust.as_str()), ("stands_for", trust.as_str()), form[0], form[1], form[2]];
    assert_eq!(admin.post("/keys/new", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let given = admin.post("/keys/new", &form).await;
    let at = given.body.find(">cc_").expect("the key is shown") + 1;
    let token = given.body[at..].split('<').next().expect("a key").to_owned();
    let list = admin.get("/keys").await.body;
    assert!(list.contains("Duty room") && !list.contains(&token), "shown once");
    let auditor = world.person("Reader", Role::Auditor, None).await;
    let auditor = world.signed_in(auditor).await;
    let read = auditor.get("/keys").await.body;
    assert!(read.contains("Duty room") && !read.contains("/revoke"), "{read}");
    let log = auditor.get("/log").await.body;
    assert!(log.contains("Duty room"), "who gave which key is in the log");

    let machine = world.machine(&token);
    assert_eq!(machine.get("/api/v1/cert/threats").await.status, StatusCode::OK);
    assert_eq!(machine.get("/api/v1/cert/feeds").await.status, StatusCode::FORBIDDEN);
    let at = list.find("/keys/0").expect("a key to revoke");
    admin.post(list[at..].split('"').next().expect("its address"), &[]).await;
    assert_eq!(machine.get("/api/v1/cert/threats").await.status, StatusCode::UNAUTHORIZED);

    let given = admin.post("/keys/new", &form).await;
    let at = given.body.find(">cc_").expect("the key is shown") + 1;
    let machine = world.machine(given.body[at..].split('<').next().expect("a key"));
    world.app.env.advance(SignedDuration::from_hours(24 * 90));
    assert_eq!(machine.get("/api/v1/cert/threats").await.status, StatusCode::UNAUTHORIZED, "over");
}

/// The one row of a list.
fn only<'a>(answer: &'a Value, list: &str) -> &'a Value {
    let rows = answer[list].as_array().expect("a list");
    assert_eq!(rows.len(), 1, "{answer}");
    &rows[0]
}

#[tokio::test]
async fn threats_are_read_with_the_filters_of_the_page_and_added_by_hand() {
    let world = World::new(SERVICES).await;
    let (_, analyst) = at_cert(&world, "Ann Analyst", Role::Analyst).await;
    let token = world.cert_key("threats:read threats:write").await;
    let machine = world.machine(&token);
    let body =
        json!({ "kind": "malware", "title": "Loader", "summary": "It loads.", "known_exploited": true });
    let added = machine.post_json("/api/v1/cert/threats", &body).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.body);
    let id = added.json()["id"].as_str().expect("an id").to_owned();
    threat(&world, &analyst, &said("Ordinary", &["CVE-2020-1234"])).await;
    let technique = Said::new(Kind::AttackPattern, "Phishing", "2026-06-01".parse().expect("a day"));
    threat(&world, &analyst, &technique).await;

    for (query, titles) in [
        ("", vec!["Loader", "Ordinary"]),
        ("?exploited=true", vec!["Loader"]),
        ("?kind=attack_pattern", vec!["Phishing"]),
        ("?q=phish", vec!["Phishing"]),
        ("?q=CVE-2020-1234&status=new", vec!["Ordinary"]),
        ("?status=dismissed", vec![]),
        ("?ransomware=true", vec![]),
        ("?medical=true", vec![]),
    ] {
        let list = machine.get(&format!("/api/v1/cert/threats{query}")).await.json();
        let told: Vec<_> =
            list["threats"].as_array().expect("a list").iter().map(|row| &row["said"]["title"]).collect();
        assert_eq!(told, titles, "{query}");
    }
    let long = "x".repeat(201);
    for (query, status) in [
        ("?status=old", StatusCode::BAD_REQUEST),
        ("?exploited=perhaps", StatusCode::BAD_REQUEST),
        ("?after=x", StatusCode::UNPROCESSABLE_ENTITY),
        (&format!("?q={long}"), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        assert_eq!(machine.get(&format!("/api/v1/cert/threats{query}")).await.status, status, "{query}");
    }

    let one = machine.get(&format!("/api/v1/cert/threats/{id}")).await.json();
    assert_eq!((&one["kind"], &one["status"]), (&json!("malware"), &json!("new")));
    let statement = only(&one["said"], "statements");
    assert_eq!((&statement["source"], &statement["title"]), (&json!("hand"), &json!("Loader")));
    assert_eq!(one["said"]["ssvc"]["points"].as_array().expect("points").len(), 3, "it is malware");
    let page = world.person("Reader", Role::Analyst, None).await;
    let page = world.signed_in(page).await.get(&format!("/threats/{id}")).await;
    assert!(page.body.contains("Loader"), "people see it too");

    for (body, status) in [
        (json!({ "kind": "malware", "title": "", "summary": "x" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "kind": "bug", "title": "x", "summary": "x" }), StatusCode::BAD_REQUEST),
        (
            json!({ "kind": "fraud", "title": "x", "summary": "x", "cves": ["x"] }),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            json!({ "kind": "fraud", "title": "x", "summary": "x", "link": "x" }),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (json!({ "kind": "fraud", "title": "x", "summary": "x", "claimed": true }), StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(machine.post_json("/api/v1/cert/threats", &body).await.status, status, "{body}");
    }
    let missing = "/api/v1/cert/threats/0197290b-7000-7000-8000-000000000001";
    assert_eq!(machine.get(missing).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_for_people_alone_is_told_to_no_machine() {
    let world = World::new(SERVICES).await;
    let (_, analyst) = at_cert(&world, "Ann Analyst", Role::Analyst).await;
    let surgeries = organisations(&world, "A", "gp_practice", 1).await;
    let red = Said { marking: Some(Tlp::Red), ..said("Paper Tiger", &[]) };
    let id = threat(&world, &analyst, &red).await;
    let asked = alert(&world, 7, "high", "red", &surgeries).await;
    let mut wording = complete("Paper Tiger", broadcast::advisory::Severity::High);
    wording.tlp = Tlp::Red;
    let (number, _) = furnished::draft(&world, &analyst, &wording).await;
    let token = world.cert_key(&everything()).await;
    let machine = world.machine(&token);
    for (path, told) in [
        ("/api/v1/cert/threats".to_owned(), 1),
        (format!("/api/v1/cert/threats/{id}"), 1),
        // Not even that a word finds it.
        ("/api/v1/cert/threats?q=tiger".to_owned(), 0),
        ("/api/v1/cert/advisories".to_owned(), 1),
        (format!("/api/v1/cert/advisories/{number}"), 1),
        ("/api/v1/cert/alerts".to_owned(), 1),
        (format!("/api/v1/cert/alerts/{asked}"), 1),
        (format!("/api/v1/cert/alerts/{asked}/responses"), 1),
    ] {
        let answer = machine.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let silent = ["Paper Tiger", "Something is wrong", "A worm spreads", "Patch the file server"]
            .iter()
            .all(|words| !answer.body.contains(words));
        assert!(silent, "{path}: {}", answer.body);
        let rows =
            answer.json().as_object().expect("an object").values().find_map(Value::as_array).map(Vec::len);
        assert!(rows.is_none_or(|rows| rows >= told), "that there is one is told: {path} {}", answer.body);
    }
}

async fn send(client: Client<'_>, path: &str, body: String) -> Answer {
    client.send(Method::POST, path, "application/octet-stream", body).await
}

#[tokio::test]
async fn documents_are_handed_in_once_and_accounted_for() {
    let world = World::new(SERVICES).await;
    let token = world.cert_key("intake:write threats:read").await;
    let kev = include_str!("../../../../data/broadcast/kev/known_exploited_vulnerabilities.json");
    let one = serde_json::from_str::<Value>(kev).expect("JSON")["vulnerabilities"][0].clone();
    let name = one["vulnerabilityName"].as_str().expect("a name").to_owned();
    let mut broken = one.clone();
    broken["cveID"] = json!("nothing");
    let document = json!({
        "title": "KEV", "catalogVersion": "2026.06.01", "dateReleased": "2026-06-01T00:00:00Z", "count": 2,
        "vulnerabilities": [one, broken],
    })
    .to_string();
    let path = "/api/v1/cert/intake/kev?name=kev.json";
    let named = || world.machine(&token).with("idempotency-key", "today");
    let first = send(named(), path, document.clone()).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let report = first.json();
    assert_eq!((&report["new"], &report["refused"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(report["refusals"].as_array().map(Vec::len), Some(1));
    let again = send(named(), path, document.clone()).await;
    assert_eq!((again.json(), again.headers["idempotency-replayed"].as_bytes()), (report, &b"true"[..]));
    let anew = send(world.machine(&token), path, document).await.json();
    assert_eq!((&anew["new"], &anew["same"]), (&json!(0), &json!(1)), "{anew}");
    let list = world.machine(&token).get("/api/v1/cert/threats").await.json();
    assert_eq!(only(&list, "threats")["said"]["title"], json!(name));

    // What the command takes is taken here too, and no more than a request may hold.
    let csaf = include_str!("../../../../data/broadcast/csaf-it/va-24-201-01.json").to_owned();
    let advisory = send(world.machine(&token), "/api/v1/cert/intake/csaf", csaf).await;
    assert_eq!(
        (advisory.status, &advisory.json()["refused"]),
        (StatusCode::OK, &json!(0)),
        "{}",
        advisory.body
    );
    let large = " ".repeat(2 * 1024 * 1024);
    for (path, body, status) in [
        ("/api/v1/cert/intake/news", large, StatusCode::OK),
        ("/api/v1/cert/intake/stix", "}".to_owned(), StatusCode::OK),
        ("/api/v1/cert/intake/kev", " ".repeat(16 * 1024 * 1024 + 1), StatusCode::PAYLOAD_TOO_LARGE),
        ("/api/v1/cert/intake/kev", String::new(), StatusCode::BAD_REQUEST),
        ("/api/v1/cert/intake/hand", String::new(), StatusCode::NOT_FOUND),
        ("/api/v1/cert/intake/rumours", String::new(), StatusCode::NOT_FOUND),
        ("/api/v1/cert/intake/kev?name=a%0Ab", "{}".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = send(world.machine(&token), path, body).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }
    // Elsewhere no more is read than before.
    let token = world.cert_key("threats:write").await;
    let body = format!("{{\"title\": \"{}\"}}", " ".repeat(1024 * 1024));
    let large =
        world.machine(&token).send(Method::POST, "/api/v1/cert/threats", "application/json", body).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn drafts_are_read_by_keys_that_may() {
    let world = World::new(carecert::demo::SERVICES).await;
    let furnished = walk::furnish(&world).await;
    let (draft, published) = (&furnished.names["draft"], &furnished.names["advisory"]);
    let (published_only, all) =
        (world.cert_key("advisories:read").await, world.cert_key("advisories:read drafts:read").await);
    let (published_only, all) = (world.machine(&published_only), world.machine(&all));
    let numbers = |answer: Answer| -> Vec<String> {
        let list = answer.json();
        let rows = list["versions"].as_array().expect("a list");
        rows.iter().map(|row| row["number"].as_str().expect("a number").to_owned()).collect()
    };
    let read = numbers(published_only.get("/api/v1/cert/advisories").await);
    assert!(read.contains(published) && !read.contains(draft), "{read:?}");
    assert!(numbers(all.get("/api/v1/cert/advisories?state=draft").await).contains(draft));
    let refused = published_only.get("/api/v1/cert/advisories?state=draft").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let one = format!("/api/v1/cert/advisories/{draft}");
    assert_eq!(published_only.get(&one).await.status, StatusCode::NOT_FOUND);
    let version = all.get(&one).await.json()["versions"][0].clone();
    assert_eq!((&version["state"], &version["said"]["title"]), (&json!("draft"), &json!("Walk")));
    let indicators = version["said"]["content"]["indicators"].to_string();
    assert!(indicators.contains("hxxp://evil[.]example"), "{indicators}");
    let one = published_only.get(&format!("/api/v1/cert/advisories/{published}")).await.json();
    assert_eq!(
        (&one["versions"][0]["state"], &one["versions"][0]["tlp"]),
        (&json!("published"), &json!("amber"))
    );
}

#[tokio::test]
async fn the_sector_is_read_in_figures_and_page_by_page() {
    let world = World::new(SERVICES).await;
    let surgeries = organisations(&world, "A", "gp_practice", 60).await;
    let asked = alert(&world, 7, "high", "green", &surgeries).await;
    let token = world.key(surgeries[0], "responses:write").await;
    let body = json!({ "organisations": "all" });
    world.machine(&token).post_json("/api/v1/alerts/CC-0007/acknowledge", &body).await;
    let token = world.cert_key("sector:read").await;
    let machine = world.machine(&token);
    let list = machine.get("/api/v1/cert/alerts").await.json();
    let row = only(&list, "alerts");
    assert_eq!((&row["number"], &row["figures"]["required"]), (&json!("CC-0007"), &json!(60)));
    assert_eq!(row["figures"]["not_answered"], json!(59));
    let path = format!("/api/v1/cert/alerts/{asked}");
    let one = machine.get(&path).await;
    let told = one.json();
    assert_eq!(told["figures"]["answered"], json!(1), "{told}");
    assert_eq!(only(&told, "over_time")["acknowledged"], json!(1));
    assert_eq!(told["regions"].as_array().map(Vec::len), Some(2));
    assert_eq!(only(&told, "kinds")["figures"]["required"], json!(60));
    assert_eq!((&told["times"]["acknowledged"], &told["times"]["closed_hours"]), (&json!(1), &Value::Null));
    let tag = one.headers["etag"].to_str().expect("a tag").to_owned();
    let held = world.machine(&token).with("if-none-match", &tag).get(&path).await;
    assert_eq!(held.status, StatusCode::NOT_MODIFIED);

    let first = machine.get(&format!("{path}/responses")).await.json();
    let next = first["next"].as_str().expect("a next page");
    let second = machine.get(&format!("{path}/responses?after={next}")).await.json();
    let count = |page: &Value| page["responses"].as_array().map(Vec::len);
    assert_eq!((count(&first), count(&second), &second["next"]), (Some(50), Some(10), &Value::Null));
    assert_eq!(
        (&first["responses"][0]["stage"], &first["responses"][0]["late"]),
        (&json!("in_progress"), &json!(false))
    );
    let missing = machine.get("/api/v1/cert/alerts/0197290b-7000-7000-8000-000000000001/responses").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn feeds_webhooks_areas_and_sightings_are_read() {
    let world = World::new(carecert::demo::SERVICES).await;
    let furnished = walk::furnish(&world).await;
    let names = &furnished.names;
    let token = world.cert_key(&everything()).await;
    let machine = world.machine(&token);
    let feed = machine.get(&format!("/api/v1/cert/feeds/{}", names["feed"])).await.json();
    assert_eq!(
        (&feed["feed"]["source"], &feed["feed"]["url"]),
        (&json!("news"), &json!("https://feeds.example/rss"))
    );
    let webhook = machine.get(&format!("/api/v1/cert/webhooks/{}", names["cert_webhook"])).await.json();
    assert_eq!(webhook["webhook"]["server"], json!("desk.example"));
    assert!(!webhook.to_string().contains("furnished"), "the address is a secret: {webhook}");
    assert_eq!(only(&webhook, "deliveries")["state"], json!("delivered"));
    let foreign = machine.get(&format!("/api/v1/cert/webhooks/{}", names["webhook"])).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND, "an organisation's own");
    let areas = machine.get("/api/v1/cert/areas").await.json();
    let row = |code: &str| {
        let rows = areas["areas"].as_array().expect("areas");
        rows.iter().find(|row| row["area"] == code).unwrap_or_else(|| panic!("{areas}")).clone()
    };
    assert!(row("everywhere")["name"].is_string());
    assert!(row("Y56")["active"].as_i64() > Some(0), "{areas}");
    let active = machine.get("/api/v1/cert/areas/Y56/threats").await.json();
    assert!(active["threats"].as_array().is_some_and(|rows| !rows.is_empty()), "{active}");
    assert_eq!(machine.get("/api/v1/cert/areas/Y99/threats").await.status, StatusCode::NOT_FOUND);
    let sightings = machine.get("/api/v1/cert/sightings").await.json();
    assert!(sightings["sightings"][0]["receipt"].is_string(), "{sightings}");
    let none = machine.get(&format!("/api/v1/cert/sightings?threat={}", names["threat"])).await.json();
    assert_eq!(none["sightings"], json!([]));
}

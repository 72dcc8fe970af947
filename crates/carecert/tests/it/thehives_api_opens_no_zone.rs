//! TheHive's API as a machine meets it that is not meant to see something, or that sends what nobody should: zones, guests,
//! scopes, and hostile pipelines.

use carecert::SERVICES;
use http::{Method, StatusCode};
use jiff::SignedDuration;
use platform::{access::Role, retention};
use react::{case::Zone, incident::IncidentId};
use serde_json::{Value, json};
use testkit::world::{Answer, Client, World};

use crate::{
    furnished_cases::{fill, let_in},
    furnished_incidents::{classified, observed, reported, standing, unknown},
    furnished_thehive::{CERT, CERT_SCOPES, OWN, OWN_SCOPES, alert, id, made, taken_on},
    issuing::actor,
};

async fn query(client: &Client<'_>, base: &str, stages: &Value) -> Answer {
    client.post_json(&format!("{base}/query"), &json!({ "query": stages })).await
}

async fn rows(client: &Client<'_>, base: &str, stages: &Value) -> Vec<Value> {
    let answer = query(client, base, stages).await;
    assert_eq!(answer.status, StatusCode::OK, "{stages}: {}", answer.body);
    answer.json().as_array().expect("a list").clone()
}

async fn patch(client: &Client<'_>, path: &str, body: &Value) -> Answer {
    client.send(Method::PATCH, path, "application/json", body.to_string()).await
}

/// Every list there is, each with its count.
const LISTS: [&str; 5] = ["listCase", "listTask", "listLog", "listObservable", "listAlert"];

#[tokio::test]
async fn a_key_reads_the_zones_of_its_side_and_a_guests_the_one_to_which_it_was_let_in() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let supplier = world.organisation("8JA01", "Walking Supplies", "supplier").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let ana = actor(&world, "Ana Analyst", Role::Analyst, None).await;
    let sent = reported(&world, &rae, "RWA").await;
    let case = sent.incident;
    fill(&world, &rae, case, Zone::Own, "Numbat").await;
    fill(&world, &rae, case, Zone::Shared, "Bilby").await;
    fill(&world, &ana, case, Zone::Cert, "Potoroo").await;
    for (by, zone, name) in
        [(&rae, Zone::Own, "numbat"), (&rae, Zone::Shared, "bilby"), (&ana, Zone::Cert, "potoroo")]
    {
        observed(&world, by, case, zone, &format!("http://evil-{name}.net/x")).await;
    }
    let_in(&world, &ana, case, "8JA01", Zone::Shared).await;
    // What systems call it, guests do not read either.
    let system = world.machine(&world.key(trust, OWN_SCOPES).await);
    let named = json!({"title": "The Quokka ward", "description": "Quokka", "tags": ["quokka"]});
    assert_eq!(patch(&system, &format!("{OWN}/case/{case}"), &named).await.status, 204);
    let mut everybody = Vec::new();
    for (organisation, reads) in
        [(trust, vec!["numbat", "bilby"]), (supplier, vec!["bilby"]), (other, Vec::new())]
    {
        everybody.push((world.machine(&world.key(organisation, OWN_SCOPES).await), OWN, reads));
    }
    everybody.push((world.machine(&world.cert_key(CERT_SCOPES).await), CERT, vec!["bilby", "potoroo"]));
    for (client, base, reads) in everybody {
        let mut said = String::new();
        for list in LISTS {
            let listed = rows(&client, base, &json!([{"_name": list}])).await;
            let counted = query(&client, base, &json!([{"_name": list}, {"_name": "count"}])).await.json();
            assert_eq!(counted, json!(listed.len()), "{list}");
            said += &json!(listed).to_string();
        }
        for stage in ["tasks", "observables", "alerts"] {
            let of_case =
                json!([{"_name": "getCase", "idOrName": sent.receipt.to_string()}, {"_name": stage}]);
            said += &query(&client, base, &of_case).await.body;
        }
        for path in ["", "/timeline"] {
            said += &client.get(&format!("{base}/case/{case}{path}")).await.body;
        }
        let said = said.to_lowercase();
        for word in ["numbat", "bilby", "potoroo"] {
            assert_eq!(said.contains(word), reads.contains(&word), "{base} {reads:?} {word}: {said}");
        }
        // The report's own words are not for guests, and no field names a person.
        assert_eq!(said.contains("quokka"), reads.len() == 2, "{reads:?}: {said}");
        assert!(!said.contains("wombat") || reads.len() == 2, "{reads:?}: {said}");
        for name in ["rae responder", "ana analyst"] {
            assert!(!said.contains(&format!(":\"{name}\"")), "{name}: {said}");
        }
        let status = client.get(&format!("{base}/case/{case}")).await.status;
        assert_eq!(status == StatusCode::OK, !reads.is_empty(), "{base} {reads:?}");
        if status == StatusCode::OK {
            let told = client.get(&format!("{base}/case/{case}")).await.json();
            assert_eq!(told["_updatedAt"].is_null(), reads.len() == 1, "nor when it was named: {told}");
        }
        let shares = client.get(&format!("{base}/case/{case}/shares")).await.status;
        assert_eq!(shares == StatusCode::OK, reads.len() == 2, "guests learn of none: {reads:?}");
    }
}

#[tokio::test]
async fn what_another_side_wrote_is_changed_by_no_key() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let supplier = world.organisation("8JA01", "Walking Supplies", "supplier").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let ana = actor(&world, "Ana Analyst", Role::Analyst, None).await;
    let sent = reported(&world, &rae, "RWA").await;
    let case = sent.incident;
    let own = fill(&world, &rae, case, Zone::Own, "Numbat").await;
    let shared = fill(&world, &rae, case, Zone::Shared, "Bilby").await;
    let cert = world.machine(&world.cert_key(CERT_SCOPES).await);
    let trusts = world.machine(&world.key(trust, OWN_SCOPES).await);
    let reader = world.machine(&world.key(trust, "cases:read").await);
    let guest = world.machine(&world.key(supplier, OWN_SCOPES).await);
    let done = json!({"status": "Completed"});
    let task = |base: &str, id: &dyn std::fmt::Display| format!("{base}/task/{id}");
    assert_eq!(patch(&cert, &task(CERT, &own.task), &done).await.status, 404);
    assert_eq!(patch(&guest, &task(OWN, &shared.task), &done).await.status, 404, "before it is let in");
    // Not together with one that it may change either: then neither is changed.
    let both = json!({"ids": [own.task.to_string(), shared.task.to_string()], "status": "Completed"});
    assert_eq!(patch(&cert, &format!("{CERT}/task/_bulk"), &both).await.status, 404);
    assert_ne!(cert.get(&task(CERT, &shared.task)).await.json()["status"], "Completed");
    assert_eq!(patch(&reader, &task(OWN, &own.task), &done).await.status, 403);
    let entry = json!({"title": "Mine"});
    assert_eq!(patch(&cert, &format!("{CERT}/customEvent/{}", own.entry), &entry).await.status, 404);
    let logs = json!([{"_name": "getTask", "idOrName": own.task}, {"_name": "logs"}]);
    assert_eq!(rows(&cert, CERT, &logs).await.len(), 0);
    assert!(!rows(&trusts, OWN, &logs).await.is_empty());

    // Nobody writes into a zone that is not theirs, whatever they name; without a name it is their own side's.
    let event = json!({"date": world.now().as_millisecond(), "title": "Wombat"});
    let events = |base: &str| format!("{base}/case/{case}/customEvent");
    for (client, base, zone, status) in [
        (&trusts, OWN, "cert", 404),
        (&cert, CERT, "own", 404),
        (&trusts, OWN, "everybody", 400),
        (&trusts, OWN, "shared", 201),
        (&cert, CERT, "shared", 201),
    ] {
        let answer = client.clone().with("x-zone", zone).post_json(&events(base), &event).await;
        assert_eq!(answer.status, status, "{base} {zone}: {}", answer.body);
    }
    assert_eq!(made(&trusts, &events(OWN), &event).await["zone"], "own");
    assert_eq!(made(&cert, &events(CERT), &event).await["zone"], "cert");
    let guest_of = let_in(&world, &ana, case, "8JA01", Zone::Shared).await;
    assert_eq!(made(&guest, &events(OWN), &event).await["zone"], "shared");
    assert_eq!(patch(&guest, &format!("{OWN}/case/{case}"), &json!({"title": "Ours"})).await.status, 403);
    let share = json!({"shares": [{"organisation": "RWA"}]});
    let sharing = format!("{OWN}/case/{case}/shares");
    assert_eq!(guest.post_json(&sharing, &share).await.status, 403, "a guest lets nobody in");
    let end = format!("{OWN}/case/share/{guest_of}");
    assert_eq!(guest.send(Method::DELETE, &end, "", String::new()).await.status, 403);
    assert_eq!(reader.send(Method::DELETE, &end, "", String::new()).await.status, 403, "it may only read");
    assert_eq!(trusts.send(Method::DELETE, &end, "", String::new()).await.status, 204);
    assert_eq!(guest.get(&format!("{OWN}/case/{case}")).await.status, 404, "it was let out");
}

#[tokio::test]
async fn a_machine_ends_nothing_that_nobody_took_on() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let ana = actor(&world, "Ana Analyst", Role::Analyst, None).await;
    let case = reported(&world, &rae, "RWA").await.incident;
    let other = reported(&world, &rae, "RWA").await.incident;
    let cert = world.machine(&world.cert_key(CERT_SCOPES).await);
    let writer = world.machine(&world.cert_key("cases:read cases:write").await);
    let own = world.machine(&world.key(trust, OWN_SCOPES).await);
    let close = json!({"status": "FalsePositive", "summary": "A drill", "impactStatus": "NoImpact"});
    let path = format!("{CERT}/case/{case}");
    let merge = format!("{CERT}/case/_merge/{case},{other}");
    for (client, base, status, said) in [
        (&cert, CERT, 409, "Nobody at the CERT has taken this incident on"),
        (&writer, CERT, 403, "close incidents"),
        (&own, OWN, 403, "close incidents"),
    ] {
        let answer = patch(client, &format!("{base}/case/{case}"), &close).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.body.contains(said), "{}", answer.body);
    }
    assert_eq!(cert.post_json(&merge, &json!({})).await.status, 409);
    assert_eq!(writer.post_json(&merge, &json!({})).await.status, 403);
    taken_on(&world, &ana, case).await;
    taken_on(&world, &ana, other).await;
    let answer = patch(&cert, &path, &close).await;
    assert!(answer.status == 409 && answer.body.contains("what kind of incident"), "{}", answer.body);
    // What was refused left nothing behind.
    assert_eq!(cert.get(&path).await.json()["status"], "InProgress");
    assert!(cert.get(&path).await.json().get("impactStatus").is_none());
    classified(&world, &ana, case).await;
    for (body, said) in [
        (json!({"status": "FalsePositive"}), "summary"),
        (json!({"summary": "A drill"}), "summary and impactStatus"),
        (json!({"status": "Duplicated", "summary": "a"}), "merged"),
        (json!({"status": "Closed", "summary": "a"}), "status"),
        (json!({"status": "Other", "summary": "a", "impactStatus": "Some"}), "impactStatus"),
        (json!({"severity": 1}), "severity"),
        (json!({"_createdAt": 1}), "_createdAt"),
        (json!({"tlp": 9}), "tlp"),
        (json!({"title": ""}), "title"),
        (json!({"title": "a\nb"}), "title"),
        (json!({"tags": ["a\nb"]}), "tags"),
    ] {
        let answer = patch(&cert, &path, &body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
        assert!(answer.json()["message"].as_str().unwrap().contains(said), "{body}: {}", answer.body);
    }
    assert_eq!(patch(&cert, &path, &close).await.status, 204);
    let closed = standing(&world, case).await;
    assert_eq!((closed.reason.as_str(), closed.state.code()), ("A drill", "closed"));
    assert_eq!(cert.get(&path).await.json()["status"], "FalsePositive");
}

#[tokio::test]
async fn hostile_pipelines_are_refused_with_what_is_wrong_with_them() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let key = world.key(trust, "cases:read").await;
    let client = world.machine(&key);
    let filter = |filter: Value| {
        let mut stage = filter;
        stage["_name"] = "filter".into();
        json!([{"_name": "listCase"}, stage])
    };
    let nested = (0..60).fold(json!({"_any": ""}), |inner, _| json!({ "_not": inner }));
    let list = json!({"_name": "listCase"});
    for (stages, said) in [
        (json!([]), "1 to 20 stages"),
        (json!(vec![list.clone(); 21]), "1 to 20 stages"),
        (json!([{}]), "_name"),
        (json!([{"_name": 7}]), "_name"),
        (json!([{"_name": "listUser"}]), "listUser"),
        (json!([{"_name": "listCase", "idOrName": "1"}]), "idOrName"),
        (json!([{"_name": "getCase"}]), "idOrName"),
        (json!([{"_name": "getCase", "idOrName": {"$gt": ""}}]), "idOrName"),
        (json!([list, {"_name": "tasks"}]), "tasks"),
        (json!([list, {"_name": "page", "from": 0, "to": 501}]), "500"),
        (json!([list, {"_name": "page", "from": 10, "to": 1}]), "500"),
        (json!([list, {"_name": "page", "from": -1, "to": 1}]), "500"),
        (json!([list, {"_name": "page", "from": 0, "to": u64::MAX}]), "500"),
        (json!([list, {"_name": "page", "from": 0, "to": 1, "extraData": ["taskStats"]}]), "extraData"),
        (json!([list, {"_name": "count"}, {"_name": "count"}]), "cannot stand there"),
        (json!([list, {"_name": "page", "from": 0, "to": 1}, {"_name": "count"}]), "cannot stand there"),
        (json!([list, {"_name": "sort", "_fields": [{"title": "asc"}]}]), "title"),
        (json!([list, {"_name": "sort", "_fields": [{"_createdAt": "asc; DROP TABLE incident"}]}]), "sort"),
        (json!([list, {"_name": "sort", "_fields": "x"}]), "sort"),
        (filter(json!({"_eq": {"_field": "i.apart = FALSE OR 1", "_value": 1}})), "not covered"),
        (filter(json!({"_like": {"_field": "title", "_value": "a*b*c"}})), "star"),
        (filter(json!({"_in": {"_field": "_id", "_values": vec!["x"; 101]}})), "100"),
        (filter(json!({"_and": vec![json!({"_any": ""}); 500]})), "100 conditions"),
        (filter(json!({"_eq": {"_field": "number", "_value": -1}})), "number"),
        (filter(json!({"_gt": {"_field": "_createdAt", "_value": i64::MAX}})), "_createdAt"),
        (filter(json!({"_eq": {"_field": "title", "_value": ["a"]}})), "title"),
        (filter(nested), "10 deep"),
    ] {
        let answer = query(&client, OWN, &stages).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{stages}: {}", answer.body);
        let answer = answer.json();
        assert_eq!(answer["type"], "BadRequest");
        assert!(answer["message"].as_str().unwrap().contains(said), "{stages}: {answer}");
    }
    // What is too deep to be read at all, what is no JSON, and what is not sent as such.
    let deep = format!("{{\"query\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let client = world.machine(&world.key(trust, "cases:read").await);
    for (kind, body, status) in [
        ("application/json", deep, 400),
        ("application/json", "{".to_owned(), 400),
        ("application/json", r#"{"query": [], "range": "all"}"#.to_owned(), 400),
        ("text/plain", "{}".to_owned(), 415),
    ] {
        let answer = client.send(Method::POST, &format!("{OWN}/query"), kind, body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.json()["message"].is_string());
    }
    // Everything that can be asked is asked, and answered by this engine.
    for text in ["%", "_", "'; DROP TABLE incident; --", "\\", "é", "$1"] {
        for operator in ["_eq", "_ne", "_like", "_match", "_startsWith", "_endsWith"] {
            let stages = filter(json!({ operator: {"_field": "title", "_value": text} }));
            assert_eq!(rows(&client, OWN, &stages).await.len(), 0, "{operator} {text}");
        }
    }
}

#[tokio::test]
async fn every_property_can_be_asked_about_on_this_engine() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let values = [json!("x"), json!(1), json!(true)];
    let operators = [
        "_eq",
        "_ne",
        "_lt",
        "_lte",
        "_gt",
        "_gte",
        "_startsWith",
        "_endsWith",
        "_contains",
        "_like",
        "_match",
    ];
    let mut answered = 0;
    for list in LISTS {
        // What there is to ask stands in the refusal of what there is not.
        let own = world.machine(&world.key(trust, "cases:read").await);
        let asked = json!([{"_name": list}, {"_name": "filter", "_has": "?"}]);
        let refused = query(&own, OWN, &asked).await.json();
        let message = refused["message"].as_str().unwrap().trim_end_matches('.').to_owned();
        let fields: Vec<_> = message.split_once("These are: ").expect("a list").1.split(", ").collect();
        assert!(fields.len() >= 5, "{list}: {message}");
        for field in &fields {
            // A key may call a hundred times at once.
            let own = world.machine(&world.key(trust, "cases:read").await);
            let cert = world.machine(&world.cert_key("cases:read").await);
            for (client, base) in [(&own, OWN), (&cert, CERT)] {
                let mut filters = vec![json!({ "_has": field })];
                for value in &values {
                    // The same texts stand behind both lists: one of them is asked everything.
                    let asked = if base == OWN { operators.as_slice() } else { &operators[..1] };
                    filters.extend(
                        asked.iter().map(|operator| json!({ *operator: {"_field": field, "_value": value} })),
                    );
                    filters.push(json!({"_in": {"_field": field, "_values": [value, value]}}));
                    filters.push(json!({"_between": {"_field": field, "_from": value, "_to": value}}));
                }
                for filter in filters {
                    let mut stage = filter.clone();
                    stage["_name"] = "filter".into();
                    let answer = query(client, base, &json!([{"_name": list}, stage])).await;
                    let right = [StatusCode::OK, StatusCode::BAD_REQUEST].contains(&answer.status);
                    assert!(right, "{list} {filter}: {} {}", answer.status, answer.body);
                    answered += usize::from(answer.status == StatusCode::OK);
                }
            }
        }
        let sortable: Vec<_> =
            ["_id", "_createdAt"].into_iter().filter(|name| fields.contains(name)).collect();
        for field in sortable {
            let sort = json!([{"_name": list}, {"_name": "sort", "_fields": [{ field: "asc" }]}]);
            assert_eq!(query(&own, OWN, &sort).await.status, 200, "{list} {field}");
        }
    }
    assert!(answered > 500, "{answered}");
}

#[tokio::test]
async fn an_alert_is_its_own_sides_and_makes_no_incident_until_it_is_imported() {
    let world = World::new(SERVICES).await;
    let board = world.organisation("QHM", "Care Board", "icb").await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    crate::issuing::answers_for(&world, board, trust).await;
    let own = world.machine(&world.key(trust, OWN_SCOPES).await);
    let stranger = world.machine(&world.key(other, OWN_SCOPES).await);
    let answering = world.machine(&world.key(board, OWN_SCOPES).await);
    let cert = world.machine(&world.cert_key(CERT_SCOPES).await);
    let raised = made(&own, &format!("{OWN}/alert"), &alert("1")).await;
    let path = |base: &str| format!("{base}/alert/{}", id(&raised));
    assert_eq!(stranger.get(&path(OWN)).await.status, 404);
    assert_eq!(cert.get(&path(CERT)).await.status, 404);
    assert_eq!(answering.get(&path(OWN)).await.status, 200);
    assert_eq!(patch(&stranger, &path(OWN), &json!({"status": "Ignored"})).await.status, 404);
    assert_eq!(stranger.post_json(&format!("{}/case", path(OWN)), &json!({})).await.status, 404);
    // People of its own side read it on a page, and nobody else's.
    for (name, role, at, reads) in [
        ("Tom Trust", Role::Viewer, Some(trust), true),
        ("Bo Board", Role::Viewer, Some(board), true),
        ("Otto Other", Role::Viewer, Some(other), false),
        ("Ana Analyst", Role::Analyst, None, false),
    ] {
        let person = world.person(name, role, at).await;
        let page = world.signed_in(person).await.get("/incidents/alerts").await;
        assert_eq!(page.status, 200);
        assert_eq!(page.body.contains("Wombat"), reads, "{role} {at:?}: {}", page.body);
    }
    // It rings nobody, and is in no list of incidents.
    world.work().await;
    assert!(world.post.mails().is_empty());
    assert_eq!(rows(&own, OWN, &json!([{"_name": "listCase"}])).await.len(), 0);
    // The board raises one for the trust, and one of its own.
    let for_trust = answering.clone().with("x-organisation", "rwa");
    made(&for_trust, &format!("{OWN}/alert"), &alert("2")).await;
    made(&answering, &format!("{OWN}/alert"), &alert("2")).await;
    assert_eq!(rows(&own, OWN, &json!([{"_name": "listAlert"}])).await.len(), 2);
    assert_eq!(rows(&answering, OWN, &json!([{"_name": "listAlert"}])).await.len(), 3);
    let elsewhere = answering.clone().with("x-organisation", "RBB");
    let refused = elsewhere.post_json(&format!("{OWN}/alert"), &alert("3")).await;
    assert!(refused.status == 422 && refused.body.contains("RBB"), "{}", refused.body);

    let case = made(&own, &format!("{}/case", path(OWN)), &json!({"tags": ["system_down"]})).await;
    let incident: IncidentId = id(&case).parse().expect("an incident");
    assert_eq!(standing(&world, incident).await.seen.as_deref(), Some("system_down"));
    assert_eq!(cert.get(&format!("{CERT}/case/{incident}")).await.json()["title"], "Wombat");
    assert_eq!(own.post_json(&format!("{}/case", path(OWN)), &json!({})).await.status, 422);
    assert_eq!(patch(&own, &path(OWN), &json!({"status": "New"})).await.status, 422);
    // After its time it is gone; the case is not.
    world.app.env.advance(SignedDuration::from_hours(24 * 366));
    let own = world.machine(&world.key(trust, OWN_SCOPES).await);
    assert_eq!(rows(&own, OWN, &json!([{"_name": "listAlert"}])).await.len(), 2);
    retention::sweep(&world.app, &retention::Policy::shipped()).await.unwrap();
    assert_eq!(rows(&own, OWN, &json!([{"_name": "listAlert"}])).await.len(), 0);
    assert_eq!(rows(&own, OWN, &json!([{"_name": "listCase"}])).await.len(), 1);
}

#[tokio::test]
async fn a_report_that_nobody_vouched_for_is_in_no_list() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let apart = unknown(&world, Some(trust), "Walking").await;
    let own = world.machine(&world.key(trust, OWN_SCOPES).await);
    let cert = world.machine(&world.cert_key(CERT_SCOPES).await);
    for (client, base) in [(&own, OWN), (&cert, CERT)] {
        for list in LISTS {
            assert_eq!(rows(client, base, &json!([{"_name": list}])).await.len(), 0, "{base} {list}");
        }
    }
    assert_eq!(own.get(&format!("{OWN}/case/{}", apart.receipt)).await.status, 404);
    assert_eq!(own.get(&format!("{OWN}/case/{}/timeline", apart.receipt)).await.status, 404);
    // The CERT opens it by its number, as people there do on their page of it.
    assert_eq!(cert.get(&format!("{CERT}/case/{}", apart.receipt)).await.status, 200);
}

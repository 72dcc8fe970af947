//! A playbook is followed in a case: by the organisation and the CERT together, or by each for itself. What is done
//! is written down; what nobody knows is found out; a clock reminds and fails nothing; nothing is ever executed.

use boon::{Compiler, Draft, Schemas};
use jiff::SignedDuration;
use platform::{access::Role, retention};
use react::{
    case::{Zone, guest},
    run::{RunId, store},
};
use serde_json::{Value, json};
use testkit::world::Client;

use crate::{
    furnished_incidents::{classified, reported, sheet, unknown},
    furnished_playbooks::{id, playbook},
    furnished_runs::{Case, kept, open, started},
    issuing::actor,
};

#[tokio::test]
async fn the_first_steps_stand_on_the_answer_and_the_playbook_is_one_press_away() {
    let case = Case::new().await;
    let rae = case.client(&case.rae).await;
    let typed = [("organisation", "RWA"), ("seen", "files_locked"), ("since", "unknown"), ("go", "send")];
    let sent = rae.post("/report/new", &typed).await.body;
    let (clinician, cable) = (sent.find("see to the patient first"), sent.find("Pull out the network cable"));
    assert!(clinician.is_some() && clinician < cable, "the patient first: {sent}");
    assert!(sent.contains("/runs\">Follow the playbook") && sent.len() < 100_000, "{}", sent.len());
    let (_, codes) = sheet(&case.world, &case.ana, case.trust, 1).await;
    drop(codes);

    let list = rae.get(&format!("/incidents/{}/runs", case.incident)).await.body;
    assert!(list.contains("No playbook is followed here yet"), "{list}");
    let ransomware = list.find("value=\"ransomware\" checked").expect("what fits is chosen");
    assert!(
        ransomware < list.find("value=\"not-known\"").unwrap() && list.contains("Fits what was reported")
    );
    assert!(list.contains("value=\"own\"") && !list.contains("value=\"cert\""), "{list}");
    let asked = [("playbook", "ransomware"), ("zone", "shared")];
    let path = format!("/incidents/{}/runs", case.incident);
    let begun = rae.submit(&path, &asked).await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    let page = rae.get(begun.location().unwrap()).await.body;
    let (now, first, later) = (
        page.find("What to do now").unwrap(),
        page.find("Take the machine off the network").unwrap(),
        page.find("Ring IT on call, then the CERT").unwrap(),
    );
    assert!(now < first && first < later && page.contains("What may come"), "{page}");
    assert!(page.contains("Do not switch it off") && page.contains("2 minutes left"), "{page}");
    assert!(page.len() < 100_000, "{}", page.len());
    for wrong in [
        vec![("zone", "shared")],
        vec![("playbook", "ransomware")],
        vec![("playbook", "zebra"), ("zone", "shared")],
    ] {
        assert_eq!(rae.post(&path, &wrong).await.status, 422, "{wrong:?}");
    }
    assert_eq!(rae.post(&path, &[("playbook", "ransomware"), ("zone", "cert")]).await.status, 404);
}

#[tokio::test]
async fn both_sides_follow_it_and_everything_is_written_down() {
    let case = Case::new().await;
    let (rae, ana) = (case.client(&case.rae).await, case.client(&case.ana).await);
    let run = started(&case.world, &case.rae, case.incident, "ransomware", Zone::Shared).await;
    assert_eq!(case.press(&rae, run, 1, "take", &[]).await, 303);
    assert!(ana.get(&case.path(run)).await.body.contains("Taken by Rae Responder."));
    let done = [("evidence", "Both wombats are unplugged"), ("undo", "Plug them in")];
    assert_eq!(case.press(&rae, run, 1, "done", &done).await, 303);

    // Leaving out needs a reason; what was typed stays.
    let path = case.path(run);
    let task = open(&case.world, run).await.remove(0);
    let act = format!("{path}/tasks/{}", task.id);
    let wrong = ana.post(&act, &[("go", "skip"), ("version", "1"), ("evidence", "A quokka")]).await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.body.contains("A quokka</textarea>") && wrong.body.contains("href=\"#reason-2\""),
        "{}",
        wrong.body
    );
    assert_eq!(ana.post(&act, &[("go", "yes"), ("version", "1")]).await.status, 422, "it is no question");
    assert_eq!(ana.post(&act, &[("go", "dance"), ("version", "1")]).await.status, 422);
    let long = "x".repeat(2_001);
    assert_eq!(ana.post(&act, &[("go", "done"), ("version", "1"), ("evidence", &long)]).await.status, 422);
    assert_eq!(case.press(&ana, run, 2, "skip", &[("reason", "They rang us")]).await, 303);
    assert_eq!(case.press(&rae, run, 3, "cannot", &[("reason", "Nobody is here")]).await, 303);

    // Two things at the same time; what comes after them waits for both.
    let both = open(&case.world, run).await;
    assert_eq!(both.iter().map(|task| task.visit).collect::<Vec<_>>(), [4, 5]);
    let page = rae.get(&path).await.body;
    assert!(page.contains("In branch 1 of 2.") && page.contains("In branch 2 of 2."), "{page}");
    assert_eq!(case.press(&rae, run, 5, "done", &[]).await, 303);
    assert_eq!(open(&case.world, run).await.len(), 1);
    assert_eq!(case.press(&ana, run, 4, "done", &[]).await, 303);
    assert_eq!(open(&case.world, run).await.len(), 3, "the three branches of the first hour");
    let page = ana.get(&path).await.body;
    assert!(
        page.contains("Both wombats are unplugged")
            && page.contains("Because: <span class=\"carecert-lines\">They rang us")
    );
    assert!(page.contains("To undo it: <span class=\"carecert-lines\">Plug them in"), "{page}");

    // The same form counts once, and a task that somebody else dealt with is theirs.
    let task = open(&case.world, run).await.remove(0);
    let act = format!("{path}/tasks/{}", task.id);
    let form = "018f0000-0000-7000-8000-000000000001";
    let fields = [("go", "done"), ("version", "1"), ("form", form)];
    assert_eq!(rae.post(&act, &fields).await.status, 303);
    assert_eq!(rae.post(&act, &fields).await.status, 303);
    let late = ana.post(&act, &[("go", "done"), ("version", "1")]).await;
    assert!(late.status == 422 && late.body.contains("Somebody changed this"), "{}", late.body);

    let told = case.told(&[Zone::Shared]).await;
    for entry in [
        "Began to follow the playbook “Ransomware: files are locked”.",
        "Done: “Take the machine off the network, and leave it on”. Both wombats are unplugged",
        "Left out: “Ring IT on call, then the CERT”. They rang us",
        "Cannot be done: “Tell those beside you to stop and look”. Nobody is here",
    ] {
        assert!(told.iter().any(|text| text == entry), "{entry}: {told:#?}");
    }
    let mut snapshot = case.world.app.read().await.unwrap();
    let events = store::events(&mut snapshot, run, 0).await.unwrap();
    drop(snapshot);
    let numbers: Vec<_> = events.iter().map(|event| event.number).collect();
    assert_eq!(numbers, (1..=i64::try_from(events.len()).unwrap()).collect::<Vec<_>>(), "without a gap");
    let kinds: Vec<_> = events.iter().map(|event| event.kind.code()).collect();
    assert_eq!(&kinds[..5], ["begun", "opened", "taken", "done", "opened"]);
    assert!(kinds.contains(&"forked") && kinds.contains(&"joined"));

    // What was left out nobody tried: in the form that machines read, only what could not be done has failed.
    let statuses = rae.get(&format!("{path}/status")).await.json();
    let of = |words: &str| {
        let all = statuses.as_array().unwrap().iter();
        all.filter(|status| status["status_text"].as_str().unwrap().contains(words)).count()
    };
    assert_eq!(
        (of("Ring IT on call"), of("Left out"), of("Tell those beside you")),
        (0, 0, 1),
        "{statuses:#}"
    );
    let failed = statuses.as_array().unwrap().iter().filter(|status| status["status"] == "failed").count();
    assert_eq!(failed, 1, "{statuses:#}");

    // Stopped with a reason; nothing is asked any more.
    assert_eq!(rae.post(&format!("{path}/stop"), &[("reason", " ")]).await.status, 422);
    assert_eq!(rae.post(&format!("{path}/stop"), &[("reason", "A false alarm")]).await.status, 303);
    let page = rae.get(&path).await.body;
    assert!(page.contains("A false alarm") && page.contains("Nothing is to be done here any more"), "{page}");
    assert!(!page.contains("name=\"go\"") && open(&case.world, run).await.is_empty());
    let stopped = rae.get(&format!("{path}/status")).await.json();
    assert!(!stopped.to_string().contains("await_user_input"), "{stopped:#}");
    assert_eq!(stopped.as_array().unwrap().iter().filter(|status| status["status"] == "failed").count(), 1);

    // After the years of the incident's own words, nothing that people wrote is left.
    let path = format!("/incidents/{}/close", case.incident);
    classified(&case.world, &case.ana, case.incident).await;
    assert_eq!(ana.post(&path, &[("version", "1"), ("reason", "Over")]).await.status, 303);
    case.world.app.env.advance(SignedDuration::from_hours(24 * 2191));
    retention::sweep(&case.world.app, &retention::Policy::shipped()).await.unwrap();
    let mut snapshot = case.world.app.read().await.unwrap();
    let tasks = store::all(&mut snapshot, run).await.unwrap();
    assert!(
        tasks.len() > 5
            && tasks
                .iter()
                .all(|task| task.evidence.is_empty() && task.reason.is_empty() && task.undo.is_empty())
    );
}

/// A playbook that asks, and then has one thing done in either case.
fn asking() -> Value {
    let mut document = playbook(200, "Asking", Some("TLP:GREEN"));
    document["playbook_variables"] = json!({
        "__open__": {"type": "string", "description": "Is the door open?", "constant": false},
        "__year__": {"type": "integer", "value": "2026"},
    });
    let steps = document["workflow"].as_object_mut().unwrap();
    steps[&id("start", 1)]["on_completion"] = json!(id("if-condition", 11));
    steps.insert(
        id("if-condition", 11),
        json!({"type": "if-condition", "name": "Which year is it?", "condition": "__year__:value > 2000",
            "on_true": id("while-condition", 12), "on_completion": id("action", 2)}),
    );
    steps.insert(
        id("while-condition", 12),
        json!({"type": "while-condition", "name": "Is the door open?", "condition": "__open__:value = 'yes'",
            "on_true": id("action", 13), "on_completion": id("end", 14)}),
    );
    let agent = id("individual", 8);
    steps.insert(
        id("action", 13),
        json!({"type": "action", "name": "Push it", "agent": agent, "commands": [{"type": "manual", "command": "Push."}],
            "on_success": id("end", 15), "on_failure": id("action", 16)}),
    );
    steps.insert(
        id("action", 16),
        json!({"type": "action", "name": "Call the porter", "agent": agent, "commands": [{"type": "manual", "command": "Call."}],
            "on_completion": id("end", 15)}),
    );
    steps.insert(id("end", 14), json!({"type": "end"}));
    steps.insert(id("end", 15), json!({"type": "end"}));
    document
}

#[tokio::test]
async fn what_nobody_knows_is_found_out_and_asked_again() {
    let case = Case::new().await;
    let rae = case.client(&case.rae).await;
    let named = kept(&case, &asking()).await;
    let run = started(&case.world, &case.rae, case.incident, &named, Zone::Own).await;
    let page = rae.get(&case.path(run)).await.body;
    assert!(page.contains("Is the door open?") && page.contains("Round 1 of 100 at most."), "{page}");
    assert!(!page.contains("name=\"go\" value=\"done\""), "a question is answered, not done");
    assert_eq!(case.press(&rae, run, 1, "not_yet", &[]).await, 303);
    let both = open(&case.world, run).await;
    let stand: Vec<_> = both.iter().map(|task| (task.visit, task.kind.code(), task.state.code())).collect();
    assert_eq!(stand, [(1, "question", "waiting"), (2, "fact", "open")]);
    assert!(both[1].due_at.is_some(), "finding out has a clock");
    let page = rae.get(&case.path(run)).await.body;
    assert!(page.contains("Find out: ") && page.contains("The question is asked again then"), "{page}");
    assert_eq!(case.press(&rae, run, 1, "yes", &[]).await, 422, "first the fact");
    assert_eq!(case.press(&rae, run, 2, "done", &[("evidence", "I looked: it is")]).await, 303);
    assert!(rae.get(&case.path(run)).await.body.contains("I looked: it is"));
    assert_eq!(case.press(&rae, run, 1, "yes", &[("evidence", "Seen")]).await, 303);
    assert!(rae.get(&case.path(run)).await.body.contains("In round 1."));
    assert_eq!(case.press(&rae, run, 3, "cannot", &[("reason", "Too heavy")]).await, 303);
    let page = rae.get(&case.path(run)).await.body;
    assert!(page.contains("Call the porter"), "on_failure: {page}");
    assert_eq!(case.press(&rae, run, 4, "done", &[]).await, 303);
    let page = rae.get(&case.path(run)).await.body;
    assert!(page.contains("Round 2 of 100 at most."), "{page}");
    assert_eq!(case.press(&rae, run, 5, "no", &[]).await, 303);
    let page = rae.get(&case.path(run)).await.body;
    assert!(
        page.contains("nothing is executed here") && page.contains("bash: shut -h &#60;now&#62;"),
        "{page}"
    );
    assert_eq!(case.press(&rae, run, 6, "done", &[]).await, 303);
    let page = rae.get(&case.path(run)).await.body;
    assert!(page.contains("Followed to its end") && !page.contains("What to do now"), "{page}");
    let told = case.told(&[Zone::Own]).await;
    for entry in [
        "“Is the door open?” Nobody knows yet, and it is being found out.",
        "Found out: “Is the door open?”. I looked: it is",
        "“Is the door open?” Answered: yes. Seen",
        "The playbook “Asking” was followed to its end.",
    ] {
        assert!(told.iter().any(|text| text == entry), "{entry}: {told:#?}");
    }
    let elsewhere = case.told(&[Zone::Shared, Zone::Cert]).await;
    assert!(
        !elsewhere.iter().any(|text| text.contains("door") || text.contains("playbook")),
        "{elsewhere:#?}"
    );
    in_the_form_of_workflow_status(&case, &rae, run, 6).await;
}

/// The schema of workflow status. `integer` is a type, not a schema, and CACAO's data types are named as they were in
/// a draft: both are given what they mean.
fn schema() -> (Schemas, boon::SchemaIndex) {
    let read = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V7);
    let types = "https://raw.githubusercontent.com/cyentific-rni/cacao-json-schemas/cacao-v2.0-csd01/schemas/data-types";
    for (name, text) in [
        (
            "identifier",
            include_str!("../../../../data/react/cacao-json-schemas/schemas/data-types/identifier.json"),
        ),
        (
            "timestamp",
            include_str!("../../../../data/react/cacao-json-schemas/schemas/data-types/timestamp.json"),
        ),
    ] {
        let mut schema = read(text);
        schema.as_object_mut().unwrap().remove("$id");
        compiler.add_resource(&format!("{types}/{name}.json"), schema).unwrap();
    }
    let whole = read(include_str!("../../../../data/react/cacao-workflow-status/execution-status.json"));
    let id = whole["$id"].as_str().unwrap().to_owned();
    let integer = id.replace("execution-status.json", "integer");
    compiler.add_resource(&integer, json!({"type": "integer"})).unwrap();
    compiler.add_resource(&id, whole).unwrap();
    let mut schemas = Schemas::new();
    let index = compiler.compile(&id, &mut schemas).unwrap();
    (schemas, index)
}

async fn in_the_form_of_workflow_status(case: &Case, client: &Client<'_>, run: RunId, count: usize) {
    let answer = client.get(&format!("{}/status", case.path(run))).await;
    assert_eq!(answer.status, 200);
    let all = answer.json();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), count);
    let (schemas, index) = schema();
    for status in all {
        schemas.validate(status, index).unwrap_or_else(|error| panic!("{error}\n{status:#}"));
        assert_eq!(status["automated_execution"], false);
        assert!(status["workflow_id"].as_str().unwrap().starts_with("playbook--"));
    }
    let statuses: Vec<_> = all.iter().map(|status| status["status"].as_str().unwrap()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == "failed").count(), 1, "{statuses:?}");
    let failed = all.iter().find(|status| status["status"] == "failed").unwrap();
    assert!(failed["notes"] == "Too heavy" && failed["duration"].is_i64(), "{failed:#}");
    let mut wrong = all[0].clone();
    wrong["status"] = json!("dancing");
    assert!(schemas.validate(&wrong, index).is_err(), "the schema sees what is wrong");
}

#[tokio::test]
async fn what_is_one_sides_own_does_not_exist_for_the_other() {
    let case = Case::new().await;
    let supplier = case.world.organisation("YSU", "Supplier", "supplier").await;
    let own = started(&case.world, &case.rae, case.incident, "ransomware", Zone::Own).await;
    let shared = started(&case.world, &case.rae, case.incident, "phishing", Zone::Shared).await;
    let certs = started(&case.world, &case.ana, case.incident, "insider", Zone::Cert).await;
    let lea = actor(&case.world, "Lea Der", Role::Lead, Some(case.trust)).await;
    let mut tx = case.world.app.write().await.unwrap();
    guest::let_in(&mut tx, &lea, case.incident, "YSU", Zone::Shared, "They run it").await.unwrap();
    tx.commit().await.unwrap();
    let sam = case.somebody("Sam Supplier", Role::Responder, Some(supplier)).await;
    let elsewhere = case.world.organisation("RXX", "Elsewhere", "trust").await;
    let eve = case.somebody("Eve Elsewhere", Role::Responder, Some(elsewhere)).await;
    let aud = case.somebody("Aud Itor", Role::Auditor, None).await;
    let vic = case.somebody("Vic Viewer", Role::Viewer, Some(case.trust)).await;
    let (rae, ana) = (case.client(&case.rae).await, case.client(&case.ana).await);
    let readers: [(&str, &Client<'_>, [bool; 3], bool); 6] = [
        ("responder", &rae, [true, true, false], true),
        ("viewer", &vic, [true, true, false], false),
        ("analyst", &ana, [false, true, true], true),
        ("auditor", &aud, [false, true, true], false),
        ("guest", &sam, [false, true, false], true),
        ("elsewhere", &eve, [false, false, false], true),
    ];
    let list = format!("/incidents/{}/runs", case.incident);
    for (who, client, reads, writes) in readers {
        let listed = client.get(&list).await;
        assert_eq!(listed.status.as_u16(), if reads.contains(&true) { 200 } else { 404 }, "{who}");
        for (run, reads) in [own, shared, certs].into_iter().zip(reads) {
            assert_eq!(listed.body.contains(&run.to_string()), reads, "{who} {run}");
            let task = open(&case.world, run).await.remove(0);
            let path = case.path(run);
            for page in [path.clone(), format!("{path}/status")] {
                assert_eq!(
                    client.get(&page).await.status.as_u16(),
                    if reads { 200 } else { 404 },
                    "{who} {page}"
                );
            }
            let expected = match (reads, writes) {
                (true, true) => 303,
                (false, true) => 404,
                (_, false) => 403,
            };
            let version = task.version.to_string();
            let fields = [("go", "take"), ("version", version.as_str())];
            let taken = client.post(&format!("{path}/tasks/{}", task.id), &fields).await;
            assert_eq!(taken.status.as_u16(), expected, "{who} {run} takes");
            if !reads {
                let stopped = client.post(&format!("{path}/stop"), &[("reason", "No")]).await;
                assert_eq!(stopped.status.as_u16(), expected, "{who} {run} stops");
            }
        }
    }
    // A task is not reached by way of another run, nor a run by way of another incident.
    let task = open(&case.world, own).await.remove(0);
    let by_way = format!("{}/tasks/{}", case.path(shared), task.id);
    assert_eq!(ana.post(&by_way, &[("go", "take"), ("version", "1")]).await.status, 404);
    let other = reported(&case.world, &case.rae, "RWA").await;
    assert_eq!(rae.get(&format!("/incidents/{}/runs/{own}", other.incident)).await.status, 404);
    // Who starts what, where: a guest nothing, each side in what it writes.
    let begin = |zone: &'static str| [("playbook", "malware"), ("zone", zone)];
    let cases = [
        (&sam, "shared", 403),
        (&ana, "own", 404),
        (&rae, "cert", 404),
        (&vic, "own", 403),
        (&eve, "shared", 404),
    ];
    for (client, zone, status) in cases {
        assert_eq!(client.post(&list, &begin(zone)).await.status.as_u16(), status, "{zone}");
    }
    assert!(!sam.get(&list).await.body.contains("Begin with a playbook"));
    // The CERT follows one in an incident that its organisation does not see.
    let apart = unknown(&case.world, None, "Somewhere").await;
    let run = started(&case.world, &case.ana, apart.incident, "not-known", Zone::Shared).await;
    assert_eq!(rae.get(&format!("/incidents/{}/runs/{run}", apart.incident)).await.status, 404);
    case.world.pass(SignedDuration::from_hours(3)).await;
    assert_eq!(ana.get(&format!("/incidents/{}/runs/{run}", apart.incident)).await.status, 200);
}

//! Systems write with people in one case: notes that are put together, the board of impact, what was decided and sent to
//! regulators, and the steps of a playbook. Nothing is overwritten, people read which machine it was, and what stands in
//! another zone does not exist for a key.

use carecert::SERVICES;
use jiff::SignedDuration;
use platform::{Actor, access::Role, organisation::OrganisationId};
use react::{
    case::{Zone, note::merge::THEIRS},
    incident::IncidentId,
    regime::Trigger,
    triage::Priority,
};
use serde_json::{Value, json};
use testkit::world::{Answer, Client, World};

use crate::{
    furnished_cases::{fill, let_in},
    furnished_clocks::{aware, clocks},
    furnished_incidents::{reported, standing},
    furnished_runs::started,
    issuing::actor,
};

/// A case at a trust, with somebody on each side, and a system of each with a key that reads and writes.
struct Case {
    world: World,
    trust: OrganisationId,
    incident: IncidentId,
    own: String,
    cert: String,
    rae: Actor,
    ana: Actor,
    tokens: [String; 2],
}

impl Case {
    async fn new() -> Self {
        let world = World::new(SERVICES).await;
        let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
        let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
        let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
        let sent = reported(&world, &rae, "RWA").await;
        let both = "cases:read cases:write";
        let tokens = [world.key(trust, both).await, world.cert_key(both).await];
        let own = format!("/api/v1/incidents/{}", sent.receipt);
        let cert = format!("/api/v1/cert/incidents/{}", sent.receipt);
        Self { world, trust, incident: sent.incident, own, cert, rae, ana, tokens }
    }

    /// A system of the organisation.
    fn machine(&self) -> Client<'_> {
        self.world.machine(&self.tokens[0])
    }

    /// One of the CERT's.
    fn of_cert(&self) -> Client<'_> {
        self.world.machine(&self.tokens[1])
    }

    /// A system of somebody who was let in to the shared zone.
    async fn guest(&self) -> Client<'_> {
        let supplier = self.world.organisation("8JA02", "Supplies", "supplier").await;
        let_in(&self.world, &self.ana, self.incident, "8JA02", Zone::Shared).await;
        self.world.machine(&self.world.key(supplier, "cases:read cases:write").await)
    }

    /// A page of the case, as somebody of the organisation reads it.
    async fn page(&self, path: &str) -> String {
        let client = self.world.signed_in(self.rae.person().unwrap().id).await;
        client.get(&format!("/incidents/{}/{path}", self.incident)).await.body
    }

    fn pass(&self) {
        self.world.app.env.advance(SignedDuration::from_secs(1));
    }

    /// A moment so many hours ago.
    fn ago(&self, hours: i64) -> String {
        (self.world.now() - SignedDuration::from_hours(hours)).to_string()
    }
}

fn id_of(made: &Answer) -> String {
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_note_that_two_systems_save_has_what_both_wrote() {
    let case = Case::new().await;
    let (machine, other) = (case.machine(), case.of_cert());
    let begun = json!({"zone": "shared", "title": "Backups", "text": "one\ntwo\nthree"});
    let id = id_of(&machine.post_json(&format!("{}/notes", case.own), &begun).await);
    let (own, cert) = (format!("{}/notes/{id}", case.own), format!("{}/notes/{id}", case.cert));
    let read = other.get(&cert).await.json();
    assert_eq!(
        (&read["version"], &read["text"], &read["title"]),
        (&json!(1), &json!("one\ntwo\nthree"), &json!("Backups"))
    );
    let save = |version: i64, text: &str| json!({"version": version, "text": text});
    case.pass();
    let first = machine.post_json(&own, &save(1, "ONE\ntwo\nthree")).await;
    assert_eq!((first.status.as_u16(), &first.json()["version"]), (200, &json!(2)), "{}", first.body);
    // The other one read what stood before, and changed another line.
    case.pass();
    let second = other.post_json(&cert, &save(1, "one\ntwo\nTHREE")).await.json();
    assert_eq!((&second["version"], &second["text"]), (&json!(3), &json!("ONE\ntwo\nTHREE")));
    // Where it is the same line nothing is saved, and both are in the answer.
    case.pass();
    let clash = machine.post_json(&own, &save(2, "ONE\ntwo\ndrei")).await;
    assert_eq!(clash.status, 409);
    assert_eq!(clash.headers["content-type"], "application/problem+json");
    let told = clash.json();
    let text = told["text"].as_str().unwrap();
    assert!(text.contains("THREE") && text.contains("drei") && text.contains(THEIRS), "{told}");
    assert_eq!((&told["version"], &told["status"]), (&json!(3), &json!(409)));
    assert_eq!(machine.get(&own).await.json()["text"], "ONE\ntwo\nTHREE");
    assert_eq!(machine.post_json(&own, &save(3, text)).await.status, 422, "the marks are to be taken out");
    assert_eq!(machine.post_json(&own, &save(3, "ONE\ntwo\nTHREE or drei")).await.status, 200);
    assert_eq!(machine.post_json(&own, &save(9, "x")).await.status, 409, "there is no such version");
    // People read which systems wrote it, and the CERT's as the CERT.
    let page = case.page(&format!("notes/{id}")).await;
    assert!(page.contains("test, Walking NHS Trust") && page.contains("Test CSOC"), "{page}");
    assert!(!page.contains("has left"), "{page}");
    for (body, status) in [
        (json!({"zone": "shared", "title": " ", "text": "x"}), 422),
        (json!({"zone": "shared", "title": "x", "text": "x".repeat(20_001)}), 422),
        (json!({"zone": "cert", "title": "x", "text": "x"}), 404),
        (json!({"zone": "own", "title": "x", "text": "x", "form": "x"}), 400),
    ] {
        assert_eq!(machine.post_json(&format!("{}/notes", case.own), &body).await.status, status, "{body}");
    }
}

#[tokio::test]
async fn a_system_keeps_the_board_of_impact_and_says_no_more_than_it_knows() {
    let case = Case::new().await;
    let (machine, base) = (case.machine(), format!("{}/impact", case.own));
    let stopped = json!({"name": "Pharmacy", "systems": "Prescribing", "state": "stopped", "downtime": "not_working",
                         "diverted_to": "The Wombat Hospital", "harm": "possible", "harm_note": "One dose was late"});
    let id = id_of(&machine.post_json(&base, &stopped).await);
    // It counts for the priority as on the page: a service has stopped that no procedure carries.
    assert_eq!(standing(&case.world, case.incident).await.priority, Some(Priority::P1));
    let path = format!("{base}/{id}");
    case.pass();
    let change = machine.post_json(&path, &json!({"version": 1, "downtime": "working"})).await;
    assert_eq!(change.status, 204, "{}", change.body);
    assert_eq!(machine.post_json(&path, &json!({"version": 1, "state": "normal"})).await.status, 409);
    let board = machine.get(&base).await.json();
    let service = &board["services"][0];
    for (name, value) in [
        ("state", json!("stopped")),
        ("downtime", json!("working")),
        ("diverted_to", json!("The Wombat Hospital")),
        ("harm", json!("possible")),
        ("version", json!(2)),
    ] {
        assert_eq!(service[name], value, "{name}: {board}");
    }
    assert!(service["diverted_since"].is_string() && !board.to_string().contains("dose"), "{board}");
    let page = case.page("impact").await;
    assert!(page.contains("One dose was late") && page.contains("test, Walking NHS Trust"), "{page}");
    // Who is diverted no more has no moment since when.
    case.pass();
    let over = json!({"version": 2, "state": "normal", "diverted_to": "", "harm": "none"});
    assert_eq!(machine.post_json(&path, &over).await.status, 204);
    let service = machine.get(&base).await.json()["services"][0].clone();
    assert_eq!((&service["diverted_to"], &service["diverted_since"]), (&json!(""), &Value::Null));

    let count = format!("{}/postponed", case.own);
    let earlier = json!({"counted_at": case.ago(2), "appointments": 10, "procedures": 0});
    for body in [&earlier, &json!({"appointments": 40, "procedures": 2.0})] {
        assert_eq!(machine.post_json(&count, body).await.status, 204, "{body}");
        case.pass();
    }
    let counts = machine.get(&base).await.json()["postponed"].clone();
    let counts: Vec<_> = counts.as_array().unwrap().iter().map(|each| each["appointments"].clone()).collect();
    assert_eq!(counts, [json!(10), json!(40)], "in the order of their moments");
    for (path, body) in [
        (&base, json!({"name": "", "state": "normal", "downtime": "working"})),
        (&base, json!({"name": "x", "state": "slow", "downtime": "working"})),
        (&base, json!({"name": "x", "state": "normal"})),
        (
            &base,
            json!({"name": "x", "state": "normal", "downtime": "none", "diverted_to": "y",
                       "diverted_since": "2999-01-01T00:00:00Z"}),
        ),
        (&path, json!({"version": 3, "harm_note": "x".repeat(1_001)})),
        (&path, json!({"state": "normal"})),
        (&count, json!({"appointments": -1, "procedures": 0})),
        (&count, json!({"appointments": 1, "procedures": 0, "counted_at": "2999-01-01T00:00:00Z"})),
        (&count, json!({"appointments": 1.5, "procedures": 0})),
    ] {
        let refused = machine.post_json(path, &body).await.status.as_u16();
        assert!([400, 422].contains(&refused), "{body}: {refused}");
    }
    // Who was let in reads the board, and writes nothing on it.
    let guest = case.guest().await;
    assert_eq!(guest.get(&base).await.status, 200);
    assert_eq!(guest.post_json(&base, &stopped).await.status, 403);
    assert_eq!(guest.post_json(&path, &json!({"version": 3, "state": "stopped"})).await.status, 403);
}

#[tokio::test]
async fn a_system_writes_down_what_people_decided_and_sent_to_regulators() {
    let case = Case::new().await;
    let (machine, own) = (case.machine(), &case.own);
    let known = |trigger: &str, hours: i64| {
        json!({"zone": "shared", "trigger": trigger, "aware_at": case.ago(hours),
               "decided_by": "Eve Executive, SIRO", "why": "A wombat rang"})
    };
    let path = format!("{own}/awareness");
    let first = id_of(&machine.post_json(&path, &known("personal_data_breach", 2)).await);
    case.pass();
    id_of(&machine.post_json(&path, &known("significant_incident", 100)).await);
    case.pass();
    id_of(&machine.post_json(&path, &known("high_risk_to_people", 1)).await);
    let listed = machine.get(&path).await.json()["awareness"].clone();
    assert_eq!((&listed[0]["id"], &listed[0]["decided_by"]), (&json!(first), &json!("Eve Executive, SIRO")));
    assert_eq!(
        (&listed[0]["side"], &listed[0]["through"]),
        (&json!("organisation"), &json!("Walking NHS Trust"))
    );

    let running = machine.get(&format!("{own}/clocks")).await.json()["clocks"].clone();
    let clock = |duty: &str| {
        let found = running.as_array().unwrap().iter().find(|clock| clock["duty"] == duty).expect("a clock");
        format!("{own}/clocks/{}", found["id"].as_str().unwrap())
    };
    let (met, late, excused) = (clock("commissioner"), clock("notification"), clock("people"));
    let shown = machine.get(&met).await.json();
    let facts = shown["facts"].as_array().unwrap();
    assert!(facts.iter().any(|fact| fact["known"] == true), "{shown}");
    assert!(facts.iter().any(|fact| fact["known"] == false && fact["required"] == true), "{shown}");
    // What is missing is told, and not whom to ring.
    assert!(!shown.to_string().contains("Pat Porter") && !shown.to_string().contains("01632"), "{shown}");

    let sent = |version: i64, late: &str| {
        json!({"version": version, "sent_at": case.ago(1), "sent_by": "Lee Leader", "reference": "IC-4711",
               "text": "A wombat took the quokka’s records.", "late_because": late})
    };
    assert_eq!(machine.post_json(&format!("{met}/sent"), &sent(1, "")).await.status, 204);
    assert_eq!(machine.post_json(&format!("{met}/sent"), &sent(1, "")).await.status, 409, "it has moved");
    let unexplained = machine.post_json(&format!("{late}/sent"), &sent(1, "")).await;
    assert!(unexplained.status == 422 && unexplained.body.contains("Say why"), "{}", unexplained.body);
    assert_eq!(
        machine.post_json(&format!("{late}/sent"), &sent(1, "The network was down")).await.status,
        204
    );
    let reason = json!({"version": 1, "decided_by": "Eve Executive", "reason": "It was encrypted"});
    assert_eq!(machine.post_json(&format!("{excused}/not-required"), &reason).await.status, 204);
    assert_eq!(
        machine
            .post_json(
                &format!("{met}/not-required"),
                &json!({"version": 2, "decided_by": "Eve",
               "reason": "x"})
            )
            .await
            .status,
        422,
        "it was reported"
    );
    for (clock, state) in [(&met, "met"), (&late, "late"), (&excused, "not_required")] {
        assert_eq!(machine.get(clock).await.json()["state"], state);
    }
    let step = machine.get(&met).await.json()["steps"][0].clone();
    assert_eq!(
        (&step["step"], &step["reference"], &step["by"]),
        (&json!("reported"), &json!("IC-4711"), &json!("Lee Leader"))
    );
    assert!(step["text"].as_str().unwrap().contains("quokka"));
    let page = case.page("clocks").await;
    assert!(page.contains("test, Walking NHS Trust") && !page.contains("has left"), "{page}");
    // Who was let in is told that it was sent and not what, and decides nothing.
    let guest = case.guest().await;
    let theirs = guest.get(&met).await.json();
    assert_eq!((&theirs["facts"], &theirs["steps"][0]["text"]), (&json!([]), &json!("")));
    assert_eq!(guest.post_json(&path, &known("significant_incident", 1)).await.status, 403);
    assert_eq!(guest.post_json(&format!("{met}/sent"), &sent(2, "")).await.status, 403);
    // These are the organisation's: the CERT writes them down where both read, and nowhere else.
    let of_cert = case.of_cert();
    for (zone, status) in [("shared", 201), ("own", 404), ("cert", 422)] {
        let body = json!({"zone": zone, "trigger": "significant_incident", "aware_at": case.ago(1), "decided_by": "Eve",
                          "why": "x"});
        let answer = of_cert.post_json(&format!("{}/awareness", case.cert), &body).await;
        assert_eq!(answer.status, status, "{zone}: {}", answer.body);
    }
    for body in [
        json!({"zone": "shared", "trigger": "significant_incident", "aware_at": "2999-01-01T00:00:00Z",
               "decided_by": "Eve", "why": "x"}),
        json!({"zone": "shared", "trigger": "a feeling", "aware_at": case.ago(1), "decided_by": "Eve", "why": "x"}),
        json!({"zone": "shared", "trigger": "significant_incident", "aware_at": case.ago(1), "decided_by": "",
               "why": "x"}),
        json!({"zone": "shared", "trigger": "significant_incident", "decided_by": "Eve", "why": "x"}),
    ] {
        let refused = machine.post_json(&path, &body).await.status.as_u16();
        assert!([400, 422].contains(&refused), "{body}: {refused}");
    }
}

/// What is open in a run.
async fn open(client: &Client<'_>, run: &str) -> Vec<Value> {
    let answer = client.get(run).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["tasks"].as_array().unwrap().clone()
}

/// Says what becomes of what is open.
async fn act(client: &Client<'_>, run: &str, task: &Value, act: &str, more: &[(&str, &str)]) -> Answer {
    let mut body = json!({"act": act, "version": task["version"]});
    for (name, words) in more {
        body[name] = json!(words);
    }
    client.post_json(&format!("{run}/tasks/{}", task["id"].as_str().unwrap()), &body).await
}

fn may(task: &Value, act: &str) -> bool {
    task["acts"].as_array().unwrap().iter().any(|each| each == act)
}

#[tokio::test]
async fn a_system_says_which_steps_of_a_playbook_are_done() {
    let case = Case::new().await;
    let run = started(&case.world, &case.rae, case.incident, "ransomware", Zone::Shared).await;
    let machine = case.machine();
    let listed = machine.get(&format!("{}/runs", case.own)).await.json();
    assert_eq!(
        (&listed["runs"][0]["id"], &listed["runs"][0]["standing"]),
        (&json!(run.to_string()), &json!("running"))
    );
    let run = format!("{}/runs/{run}", case.own);
    let first = open(&machine, &run).await.remove(0);
    assert!(may(&first, "done") && first["what"].as_str().unwrap().contains("network"), "{first}");
    // To take something on, to start and to stop are people's.
    assert_eq!(act(&machine, &run, &first, "take", &[]).await.status, 422);
    assert_eq!(act(&machine, &run, &first, "zebra", &[]).await.status, 422);
    assert_eq!(act(&machine, &run, &first, "skip", &[]).await.status, 422, "leaving out needs a reason");
    assert_eq!(act(&machine, &run, &first, "yes", &[]).await.status, 409, "it is no question");
    let done = act(&machine, &run, &first, "done", &[("evidence", "The switch says that it is off")]).await;
    assert_eq!(done.status, 204, "{}", done.body);
    assert_eq!(act(&machine, &run, &first, "done", &[]).await.status, 409, "it is closed");
    let mut reason = Some("cannot");
    let question = loop {
        case.pass();
        let tasks = open(&machine, &run).await;
        if let Some(question) = tasks.iter().find(|task| task["kind"] == "question") {
            break question.clone();
        }
        let word = reason.take().unwrap_or("done");
        let why = [("reason", "The system does not answer"), ("evidence", "Seen")];
        assert_eq!(act(&machine, &run, &tasks[0], word, &why).await.status, 204, "{}", tasks[0]);
    };
    assert!(may(&question, "yes") && may(&question, "not_yet"), "{question}");
    // Nobody knows yet: it is found out, and asked again.
    assert_eq!(act(&machine, &run, &question, "not_yet", &[]).await.status, 204);
    case.pass();
    let tasks = open(&machine, &run).await;
    let waits = tasks.iter().find(|task| task["id"] == question["id"]).expect("it waits");
    assert_eq!(waits["acts"], json!([]));
    let fact = tasks.iter().find(|task| task["kind"] == "fact").expect("somebody finds it out").clone();
    assert_eq!(act(&machine, &run, &fact, "done", &[("evidence", "The log says so")]).await.status, 204);
    case.pass();
    let tasks = open(&machine, &run).await;
    let again = tasks.iter().find(|task| task["id"] == question["id"]).expect("it is asked again");
    let why = [("evidence", "The log says so"), ("reason", "The log says so")];
    assert_eq!(act(&machine, &run, again, "yes", &why).await.status, 204, "{again}");
    // It stands in the page, in the timeline and in the file, and people read which machine it was.
    let page = case.page(&format!("runs/{}", run.rsplit('/').next().unwrap())).await;
    assert!(
        page.contains("The switch says that it is off") && page.contains("test, Walking NHS Trust"),
        "{page}"
    );
    assert!(!page.contains("has left"), "{page}");
    let timeline = machine.get(&format!("{}/timeline", case.own)).await.body;
    assert!(
        timeline.contains("The switch says that it is off")
            && timeline.contains("The system does not answer")
    );
    let status = machine.get(&format!("{run}/status")).await.json();
    assert!(
        status.as_array().unwrap().iter().any(|each| each["status"] == "successfully_completed"),
        "{status}"
    );
}

#[tokio::test]
async fn a_single_thing_of_another_zone_does_not_exist_for_a_key() {
    let case = Case::new().await;
    let mut things: Vec<(Zone, String, Value)> = Vec::new();
    for (by, zone, word) in [
        (&case.rae, Zone::Own, "numbat"),
        (&case.rae, Zone::Shared, "wallaby"),
        (&case.ana, Zone::Cert, "zebrafish"),
    ] {
        let note = fill(&case.world, by, case.incident, zone, word).await.note;
        things.push((zone, format!("notes/{note}"), json!({"version": 1, "text": "x"})));
        case.pass();
        let run = started(&case.world, by, case.incident, "phishing", zone).await;
        let task = crate::furnished_runs::open(&case.world, run).await[0].clone();
        things.push((zone, format!("runs/{run}"), json!(null)));
        things.push((zone, format!("runs/{run}/status"), json!(null)));
        let acted = json!({"act": "done", "version": task.version, "evidence": "x"});
        things.push((zone, format!("runs/{run}/tasks/{}", task.id), acted));
        case.pass();
    }
    let at = case.world.now() - SignedDuration::from_hours(1);
    for zone in [Zone::Own, Zone::Shared] {
        aware(&case.world, &case.rae, case.incident, (zone, Trigger::HighRiskToPeople), at).await.unwrap();
    }
    for clock in clocks(&case.world, case.incident).await {
        things.push((clock.zone, format!("clocks/{}", clock.id), json!(null)));
        let told = json!({"version": 1, "decided_by": "Eve", "reason": "x"});
        things.push((clock.zone, format!("clocks/{}/not-required", clock.id), told));
    }
    let strange = case.world.organisation("RXX", "Strange NHS Trust", "trust").await;
    let stranger = case.world.machine(&case.world.key(strange, "cases:read cases:write").await);
    let reads = case.world.machine(&case.world.key(case.trust, "cases:read").await);
    let guest = case.guest().await;
    for (who, client, base, zones) in [
        ("another organisation", stranger, &case.own, &[][..]),
        ("who was let in", guest, &case.own, &[Zone::Shared][..]),
        ("the CERT", case.of_cert(), &case.cert, &[Zone::Shared, Zone::Cert][..]),
        ("the organisation", case.machine(), &case.own, &[Zone::Own, Zone::Shared][..]),
    ] {
        for (zone, path, body) in &things {
            let (path, theirs) = (format!("{base}/{path}"), zones.contains(zone));
            if body.is_null() || path.contains("/notes/") {
                let status = client.get(&path).await.status;
                assert_eq!(status, if theirs { 200 } else { 404 }, "{who} reads {path} in {zone:?}");
            }
            if !body.is_null() && !theirs {
                assert_eq!(
                    client.post_json(&path, body).await.status,
                    404,
                    "{who} writes {path} in {zone:?}"
                );
            }
        }
        for (list, words) in
            [("notes", "numbat wallaby zebrafish"), ("runs", "own shared cert"), ("clocks", "own shared")]
        {
            let answer = client.get(&format!("{base}/{list}")).await;
            assert_eq!(answer.status, if zones.is_empty() { 404 } else { 200 }, "{who} {list}");
            for (word, zone) in words.split(' ').zip([Zone::Own, Zone::Shared, Zone::Cert]) {
                let told = answer.body.contains(&format!("\"{word}\""));
                assert_eq!(told, zones.contains(&zone), "{who} {list} {word}: {}", answer.body);
            }
        }
    }
    // A key that may only read changes nothing.
    for (zone, path, body) in things.iter().filter(|(_, _, body)| !body.is_null()) {
        let status = reads.post_json(&format!("{}/{path}", case.own), body).await.status;
        assert_eq!(status, 403, "{path} in {zone:?}");
    }
    // What is written so is taken from whoever may: or the refusals above would prove nothing.
    for (zone, path, body) in things.iter().filter(|(zone, _, body)| !body.is_null() && *zone == Zone::Shared)
    {
        let answer = case.machine().post_json(&format!("{}/{path}", case.own), body).await;
        assert!(answer.status.is_success(), "{path} in {zone:?}: {}", answer.body);
        case.pass();
    }
}

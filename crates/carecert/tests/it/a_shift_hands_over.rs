//! What a shift does with the list of threats: keeps its filters, moves several at once, and tells the next
//! shift where things stand.

use broadcast::{
    advisory,
    threat::{Said, ThreatId},
};
use carecert::SERVICES;
use jiff::SignedDuration;
use platform::access::Role;
use testkit::world::World;

use crate::{
    furnished::{at_cert, complete, draft, edition, said, threat},
    furnished_incidents::reported,
    furnished_questions::asked,
    furnished_triage::{now, severe},
    issuing::{Desk, actor, everybody, wording},
};

#[tokio::test]
async fn a_filter_is_saved_shared_renamed_and_deleted() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let (dee, _) = at_cert(&world, "Dee Manager", Role::DutyManager).await;
    let (audrey, _) = at_cert(&world, "Audrey", Role::Auditor).await;
    let (ann, dee, audrey) =
        (world.signed_in(ann).await, world.signed_in(dee).await, world.signed_in(audrey).await);
    let form = ann.get("/threats/filters/new?decision=act&q=pump&after=abc").await.body;
    assert!(form.contains("decision Act, status") || form.contains("decision Act, any status"), "{form}");
    assert!(form.contains("value=\"q=pump&#38;status=any&#38;decision=act\""), "{form}");
    let save = async |name: &str, audience: &str, query: &str| {
        let typed = [("name", name), ("audience", audience), ("query", query)];
        ann.post("/threats/filters/new", &typed).await
    };
    let again = save(" ", "", "decision=act").await;
    assert!(again.status == 422 && again.body.contains("Enter a name") && again.body.contains("Select who"));
    assert!(again.body.contains("decision Act"), "the filter is kept");
    // Of what is sent nothing but a filter is kept.
    let saved = save("Pumps", "own", "decision=act&q=pump&after=x&next=https://evil.example&kind=odd").await;
    assert_eq!(saved.location(), Some("/threats?q=pump&status=any&decision=act"));
    assert!(save("Pumps", "own", "decision=act").await.body.contains("of this name already"));
    assert_eq!(save("Mine", "shared", "mine=yes").await.status, 303);
    assert!(ann.get("/threats").await.body.contains(">Pumps</a>"));

    // Whose own it is sees it alone.
    let theirs = dee.get("/threats/filters").await.body;
    assert!(theirs.contains(">Mine</a>") && !theirs.contains("Pumps") && theirs.contains("Ann Alyst"));
    assert!(audrey.get("/threats/filters").await.body.contains("claimed by whoever looks"));
    let list = ann.get("/threats/filters").await.body;
    let id = |name: &str| {
        let row = list.split("<tr").find(|row| row.contains(&format!(">{name}</a>"))).expect("its row");
        row.split("/threats/filters/").nth(1).expect("its link").split('"').next().expect("its id").to_owned()
    };
    let (own, shared) =
        (format!("/threats/filters/{}", id("Pumps")), format!("/threats/filters/{}", id("Mine")));
    assert_eq!(dee.get(&own).await.status, 404);
    assert_eq!(dee.post(&own, &[("version", "1"), ("name", "X"), ("audience", "own")]).await.status, 404);
    assert_eq!(dee.post(&format!("{own}/delete"), &[("version", "1")]).await.status, 404);
    // What is shared belongs to the team, and stays with it.
    let hidden = dee.post(&shared, &[("version", "1"), ("name", "Hers"), ("audience", "own")]).await;
    assert_eq!(hidden.status, 403);
    let renamed = [("version", "1"), ("name", "My claims"), ("audience", "shared")];
    assert_eq!(dee.post(&shared, &renamed).await.status, 303);
    assert_eq!(dee.post(&shared, &renamed).await.status, 409, "the version has moved on");
    let taken = ann.post(&shared, &[("version", "2"), ("name", "Pumps"), ("audience", "own")]).await;
    assert!(taken.status == 422 && taken.body.contains("of this name already"));
    assert_eq!(audrey.post(&format!("{shared}/delete"), &[("version", "2")]).await.status, 403);
    assert_eq!(ann.post(&format!("{shared}/delete"), &[("version", "2")]).await.status, 303);
    assert!(!ann.get("/threats/filters").await.body.contains("My claims"));
    for number in 1..50 {
        assert_eq!(save(&format!("Filter {number}"), "own", "").await.status, 303);
    }
    assert!(save("One more", "own", "").await.body.contains("Delete one that you no longer need"));
}

/// How a form names a threat as it was shown.
async fn shown(world: &World, id: ThreatId) -> String {
    format!("{id}:{}", now(world, id).await.version)
}

#[tokio::test]
async fn several_threats_are_moved_together_or_not_at_all() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let (audrey, _) = at_cert(&world, "Audrey", Role::Auditor).await;
    let mut ids = Vec::new();
    for title in ["One", "Two", "<b>Three</b>"] {
        ids.push(threat(&world, &analyst, &said(title, &[])).await);
    }
    let client = world.signed_in(ann).await;
    let statuses = async || {
        let mut statuses = Vec::new();
        for id in &ids {
            statuses.push(now(&world, *id).await.status.code());
        }
        statuses
    };
    let list = client.get("/threats").await.body;
    assert!(list.contains("Go on with those chosen") && list.contains(&format!("value=\"{}\"", ids[0])));
    let auditors = world.signed_in(audrey).await.get("/threats").await.body;
    assert!(!auditors.contains("Go on with those chosen"));
    let check = client.get(&format!("/threats/together?id={}&id={}", ids[0], ids[2])).await.body;
    assert!(check.contains(">One</a>") && check.contains("&#60;b&#62;Three") && !check.contains(">Two</a>"));
    assert!(check.contains("Claim them") && !check.contains("Release them"), "nobody has claimed one");
    assert!(client.get("/threats/together").await.body.contains("None is chosen"));
    let many = format!("id={}&", ids[0]).repeat(51);
    assert_eq!(client.get(&format!("/threats/together?{many}")).await.status, 400);

    let of = [shown(&world, ids[0]).await, shown(&world, ids[1]).await, shown(&world, ids[2]).await];
    let send = async |of: &[String], verb: &str, reason: &str| {
        let mut typed: Vec<_> = of.iter().map(|of| ("of", of.as_str())).collect();
        typed.extend([("verb", verb), ("reason", reason)]);
        client.post("/threats/together", &typed).await
    };
    let unexplained = send(&of, "dismiss", " ").await;
    assert!(unexplained.status == 422 && unexplained.body.contains("Enter why they do not concern"));
    assert_eq!(send(&of, "", "").await.status, 422);
    let claimed = send(&of[..2], "claim", "").await;
    let page = client.get(claimed.location().expect("the list")).await.body;
    assert!(page.contains("Claimed 2 threats.") && page.contains(">One</a>"), "{page}");
    assert!(page.contains("Shown: status Claimed, claimed by whoever looks."), "{page}");
    assert_eq!(statuses().await, ["claimed", "claimed", "new"]);
    // Two have moved on since, and the third cannot be released: all are told, and nothing is half done.
    let stale = send(&of, "dismiss", "Unused here").await;
    assert!(stale.status == 422 && stale.body.contains("One: Somebody changed this threat"));
    assert!(stale.body.contains("Unused here"), "what was typed is kept");
    assert_eq!(statuses().await, ["claimed", "claimed", "new"]);
    let of = [shown(&world, ids[0]).await, shown(&world, ids[1]).await, shown(&world, ids[2]).await];
    let refused = send(&of, "release", "").await;
    assert!(
        refused.body.contains("&#60;b&#62;Three&#60;/b&#62;: This threat stands at “New”"),
        "{}",
        refused.body
    );
    assert_eq!(statuses().await, ["claimed", "claimed", "new"]);
    assert_eq!(send(&of[..1], "release", "").await.status, 303);
    let dismissed = send(&of[1..], "dismiss", "Unused here").await;
    let page = client.get(dismissed.location().expect("the list")).await.body;
    assert!(page.contains("Dismissed 2 threats.") && !page.contains("Shown: "), "{page}");
    assert_eq!(statuses().await, ["new", "dismissed", "dismissed"]);
    let page = client.get(&format!("/threats/{}", ids[2])).await.body;
    assert!(page.contains("Dismissed: Unused here"));
    assert_eq!(send(&["odd".to_owned()], "claim", "").await.status, 400);
}

#[tokio::test]
async fn a_decision_point_is_set_of_several_together_or_of_none() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let one = threat(&world, &analyst, &severe("One", "CVE-2026-0001")).await;
    let two = threat(&world, &analyst, &severe("Two", "CVE-2026-0002")).await;
    let fraud = Said { kind: broadcast::threat::Kind::Fraud, ..said("Invoice", &[]) };
    let fraud = threat(&world, &analyst, &fraud).await;
    let client = world.signed_in(ann).await;
    let of = [shown(&world, one).await, shown(&world, two).await, shown(&world, fraud).await];
    let send = async |of: &[String], set: &str, why: &str| {
        let mut typed: Vec<_> = of.iter().map(|of| ("of", of.as_str())).collect();
        typed.extend([("set", set), ("why", why)]);
        client.post("/threats/together/point", &typed).await
    };
    let check = client.get(&format!("/threats/together?id={one}&id={two}")).await.body;
    assert!(check.contains("Exploitation: Active") && check.contains("Set it of all of them"), "{check}");
    let again = send(&of[..2], "exploitation:odd", "Seen <b>twice</b>").await;
    assert!(again.status == 422 && again.body.contains("Select a decision point and what it is"));
    assert!(again.body.contains("Seen &#60;b&#62;twice"), "what was typed is kept");
    assert!(
        send(&of[..2], "exploitation:active", " ").await.body.contains("Enter why it is so of all of them")
    );
    // Nobody automates a fraud.
    let refused = send(&of, "automatable:yes", "A worm").await;
    assert!(refused.status == 422 && refused.body.contains("Invoice: There is nothing to decide about this"));
    let page = client.get(&format!("/threats/{one}")).await.body;
    assert!(!page.contains("A worm"), "nothing is half done");
    let set = send(&of[..2], "exploitation:active", "Seen at two trusts").await;
    let list = client.get(set.location().expect("the list")).await.body;
    assert!(list.contains("Set the decision point of 2 threats."), "{list}");
    for id in [one, two] {
        assert!(now(&world, id).await.known_exploited);
        assert!(client.get(&format!("/threats/{id}")).await.body.contains("Seen at two trusts"));
    }
    assert!(send(&of[..1], "exploitation:none", "No").await.body.contains("Somebody changed this threat"));
}

#[tokio::test]
async fn the_next_shift_reads_what_the_last_one_wrote() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let (dee, _) = at_cert(&world, "Dee Manager", Role::DutyManager).await;
    let worm = Said { known_exploited: true, ..severe("Worm [x](https://evil.example)", "CVE-2026-0003") };
    threat(&world, &analyst, &worm).await;
    let claimed = threat(&world, &analyst, &said("Claimed one", &[])).await;
    let (ann, dee) = (world.signed_in(ann).await, world.signed_in(dee).await);
    ann.post(&format!("/threats/{claimed}/claim"), &[("version", "1")]).await;
    let (number, version) =
        draft(&world, &analyst, &complete("In review", broadcast::advisory::Severity::High)).await;
    let mut tx = world.app.write().await.unwrap();
    broadcast::advisory::actions::submit(&mut tx, &analyst, version, 1).await.unwrap();
    tx.commit().await.unwrap();

    assert!(ann.get("/threats/handover").await.body.contains("Nobody has handed over yet"));
    let form = ann.get("/threats/handover/write").await.body;
    for fact in
        ["Worm \\[x\\]", &format!("/threats/{claimed}): Ann Alyst, Not yet decided"), &number.to_string()]
    {
        assert!(form.contains(fact), "{fact}: {form}");
    }
    let empty = ann.post("/threats/handover/write", &[("after", ""), ("text", " ")]).await;
    assert!(empty.status == 422 && empty.body.contains("Enter what the next shift must know"));
    let note = "## Watch the worm\n\nRing **the pump maker**. <script>x()</script>";
    let done = ann.post("/threats/handover/write", &[("after", ""), ("text", note)]).await;
    assert_eq!(done.location(), Some("/threats/handover"));
    let page = dee.get("/threats/handover").await.body;
    assert!(page.contains("<strong>the pump maker</strong>") && page.contains("Ann Alyst"));
    assert!(!page.contains("<script>x()"));
    assert!(dee.get("/threats").await.body.contains("Hand-over note of Ann Alyst"));

    // Somebody who began before has not read it: theirs is kept, and the note is shown.
    world.pass(SignedDuration::from_hours(8)).await;
    let late = dee.post("/threats/handover/write", &[("after", ""), ("text", "All quiet")]).await;
    assert!(late.status == 422 && late.body.contains("Somebody handed over after you began"));
    assert!(late.body.contains("All quiet") && late.body.contains("<strong>the pump maker</strong>"));
    let after = late.body.split("name=\"after\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let done = dee.post("/threats/handover/write", &[("after", after), ("text", "All quiet")]).await;
    assert_eq!(done.status, 303);
    let page = ann.get("/threats/handover").await.body;
    assert!(page.contains("All quiet") && page.contains("Earlier notes, the newest first"));
    let earlier = ann.get(&format!("/threats/handover/{after}")).await.body;
    assert!(earlier.contains("the pump maker") && earlier.contains("This is an earlier one"));
}

#[tokio::test]
async fn a_note_begins_with_what_wants_somebody_and_names_few_threats() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking [NHS] Trust", "trust").await;
    let desk = Desk::open(&world).await;
    for number in 1..=7 {
        let worm = Said {
            known_exploited: true,
            ..severe(&format!("Worm {number}"), &format!("CVE-2026-000{number}"))
        };
        threat(&world, &desk.analyst, &worm).await;
    }
    let client = world.signed_in(desk.duty.person().unwrap().id).await;
    let begin = async || {
        let form = client.get("/threats/handover/write").await.body;
        let note = form.split("<textarea").nth(1).and_then(|rest| rest.split("</textarea>").next());
        note.expect("a note").replace("&#38;", "&")
    };
    let quiet = begin().await;
    let nothing = "Nothing waits of: mail and texts, incidents, supplier outages, alerts, advisories, \
                   questions and sightings.";
    assert!(quiet.contains(nothing), "{quiet}");
    assert_eq!(quiet.matches("[Worm ").count(), 5, "{quiet}");
    let more = "- [and 2 more](http://carecert.test/threats?decision=act)";
    assert!(quiet.contains("claimed by nobody: 7 threats.") && quiet.contains(more), "{quiet}");
    assert!(quiet.contains("no threat rose"), "{quiet}");

    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let alert = desk.delivered(&wording("Update the scanners"), &everybody()).await;
    asked(&world, &rae, alert, "RWA", "Which version?").await;
    world.pass(SignedDuration::from_hours(72)).await;
    let (_, version) = draft(&world, &desk.analyst, &complete("Came back", advisory::Severity::Medium)).await;
    let first = edition(&world, version).await;
    let mut tx = world.app.write().await.unwrap();
    advisory::actions::submit(&mut tx, &desk.analyst, version, first).await.unwrap();
    advisory::actions::send_back(&mut tx, &desk.duty, version, first + 1, "Shorter").await.unwrap();
    tx.commit().await.unwrap();
    let (taken, waits) = (reported(&world, &rae, "RWA").await, reported(&world, &rae, "RWA").await);
    let mut tx = world.app.write().await.unwrap();
    react::incident::actions::take_on(&mut tx, &desk.analyst, taken.incident, 1).await.unwrap();
    tx.commit().await.unwrap();
    draft(&world, &desk.analyst, &complete("Half written", advisory::Severity::Low)).await;

    let note = begin().await;
    for told in [
        &format!("[{} P", taken.receipt),
        ": Walking \\[NHS\\] Trust](http://carecert.test/incidents/",
        "): Ana Lyst has it, since 4 June 2026",
        "1 incident is to be taken on](",
        "- **Now:** [1 organisation is to be rung](",
        "deadline has passed](",
        "[1 alert is in force](http://carecert.test/sector)",
        "[Sent back to its authors: Came back](http://carecert.test/advisories/CC-0002): CC-0002, Medium, begun by Ana Lyst",
        "[1 advisory is being written](http://carecert.test/advisories?state=draft)",
        "[1 question of an organisation is to be answered](http://carecert.test/questions): the first since 1 June 2026",
        "Nothing waits of: mail and texts, supplier outages.",
    ] {
        assert!(note.contains(told), "{told}: {note}");
    }
    assert!(!note.contains(&waits.receipt.to_string()), "one of those that are counted: {note}");
    let headings: Vec<_> = note.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert!(headings.starts_with(&["What the next shift must know"]), "{headings:?}");
    assert_eq!(headings.last(), Some(&"Threats"), "{headings:?}");
    let place = |heading: &str| headings.iter().position(|each| *each == heading).expect(heading);
    // What wants somebody now stands before what can wait.
    assert!(place("Alerts") < place("Questions and sightings"), "{headings:?}");
    assert!(place("Incidents") < place("Advisories"), "{headings:?}");
}

//! A playbook is written and changed at the CERT, in pages: by several people, published by somebody who wrote
//! nothing in it; what the pages have no words for stays, and what was reviewed holds for the words that were read.

use formats::cacao::{
    Playbook,
    edit::{self, At, Kind, Way},
};
use http::StatusCode;
use platform::access::Role;
use react::{
    case::Zone,
    playbook::{self, built_in, draft::DraftId, draft::fields::StepFields},
    run::store as runs,
};
use serde_json::{Value, json};
use testkit::world::{Answer, Client};

use crate::{
    furnished_incidents::reported,
    furnished_playbooks::{
        Desk, begun, changing, document, draft, filled, first_step, id, imported, playbook as numbats,
        submit, written,
    },
    furnished_runs::started,
    issuing::actor,
};

/// What a browser sends of the form of a step as it stands, with this in the place of these fields.
async fn save_step(
    desk: &Desk,
    client: &Client<'_>,
    (draft, step): (DraftId, &str),
    seen: Option<&str>,
    changed: &[(&str, &str)],
) -> Answer {
    let stands = StepFields::of(&document(&desk.world, draft).await, step).expect("the step");
    let seen = seen.map_or_else(|| stands.seen(), str::to_owned);
    let mut fields: Vec<(&str, &str)> = vec![("seen", &seen)];
    for (name, value) in [
        ("name", &stands.name),
        ("why", &stands.why),
        ("how", &stands.how),
        ("owner", &stands.owner),
        ("cautions", &stands.cautions),
        ("undo", &stands.undo),
        ("phase", &stands.phase),
        ("hospital", &stands.hospital),
        ("within", &stands.within),
        ("wait", &stands.wait),
        ("leads", &stands.leads),
        ("cy_what", &stands.cy_what),
        ("cy_why", &stands.cy_why),
        ("cy_how", &stands.cy_how),
        ("cy_owner", &stands.cy_owner),
        ("cy_cautions", &stands.cy_cautions),
        ("cy_undo", &stands.cy_undo),
    ] {
        let typed = changed.iter().find(|(changed, _)| *changed == name);
        fields.push(typed.copied().unwrap_or((name, value)));
    }
    client.post(&format!("/playbooks/drafts/{draft}/steps/{step}"), &fields).await
}

/// The draft that a page leads to.
fn draft_of(answer: &Answer) -> DraftId {
    let place = answer.location().unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body));
    let rest = place.strip_prefix("/playbooks/drafts/").expect("a draft");
    rest.split(['/', '#']).next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_playbook_is_written_step_by_step_and_published_by_a_second_person() {
    let desk = Desk::new().await;
    let trust = desk.world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = desk.world.signed_in(desk.world.person("Rae", Role::Responder, Some(trust)).await).await;
    let (ann, dan) = (desk.client(&desk.ann).await, desk.client(&desk.dan).await);
    assert_eq!(ann.post("/playbooks/drafts", &[("name", " ")]).await.status, 422);
    let id = draft_of(&ann.post("/playbooks/drafts", &[("name", "Wombats in the cellar")]).await);
    let page = format!("/playbooks/drafts/{id}");
    let shown = ann.get(&page).await.body;
    for told in
        ["It cannot be published yet", "A manual command says nothing", "Say why", "class=\"carecert-flow\""]
    {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert_eq!(ann.post(&format!("{page}/submit"), &[("edition", "1")]).await.status, 422, "it is not whole");

    let first = first_step(&document(&desk.world, id).await);
    let wrong = save_step(&desk, &ann, (id, &first), None, &[("within", "soon"), ("owner", "")]).await;
    assert!(
        wrong.status == 422 && wrong.body.contains("Enter whole minutes") && wrong.body.contains("#owner")
    );
    let said = [
        ("name", "Close the cellar"),
        ("why", "They come by it."),
        ("how", "Go down.\r\n\r\nTurn <the> key."),
        ("owner", "The porter"),
        ("cautions", "If a patient is in the cellar, see to them first."),
        ("phase", "first-ten-minutes"),
        ("hospital", "yes"),
        ("within", "5"),
    ];
    assert_eq!(save_step(&desk, &ann, (id, &first), None, &said).await.status, 303);
    // A question behind it, with a step where the answer is yes, and one before all others.
    let add = format!("{page}/add");
    let asked = ann.get(&format!("{add}?after={first}")).await.body;
    assert!(asked.contains("It comes after “Close the cellar”."), "{asked}");
    assert_eq!(ann.post(&add, &[("after", &first), ("name", "Do they dig?")]).await.status, 422, "no kind");
    let question = [("after", first.as_str()), ("kind", "question"), ("name", "Do they dig?")];
    let question = ann.post(&add, &question).await.location().unwrap().rsplit('/').next().unwrap().to_owned();
    let within =
        [("within", question.as_str()), ("way", "yes"), ("kind", "action"), ("name", "Fill the hole")];
    let hole = ann.post(&add, &within).await.location().unwrap().rsplit('/').next().unwrap().to_owned();
    let how = [("how", "Use sand."), ("why", "They dig on.")];
    assert_eq!(save_step(&desk, &ann, (id, &hole), None, &how).await.status, 303);
    let shown = ann.get(&page).await.body;
    let places = ["Close the cellar", "Do they dig?", "If yes", "Fill the hole"].map(|told| shown.find(told));
    assert!(places.is_sorted() && places[0].is_some(), "{places:?}");
    assert!(shown.contains("It can be followed to its end") && shown.contains("within 5 minutes"), "{shown}");
    // Moved up, the question is first; taken out, what lies in its branch goes with it.
    assert_eq!(ann.post(&format!("{page}/steps/{question}/move"), &[("go", "up")]).await.status, 303);
    assert_eq!(first_step(&document(&desk.world, id).await), question);
    let again = ann.post(&format!("{page}/steps/{question}/move"), &[("go", "up")]).await;
    assert!(again.status == 422 && again.body.contains("It is the first of its branch already."));
    let gone = ann.get(&format!("{page}/steps/{question}/remove")).await.body;
    assert!(gone.contains("<li>Fill the hole</li>"), "{gone}");
    assert_eq!(ann.post(&format!("{page}/steps/{question}/remove"), &[]).await.status, 303);
    let only = ann.post(&format!("{page}/steps/{first}/remove"), &[]).await;
    assert!(only.status == 422 && only.body.contains("at least one step"), "{}", only.body);

    let about = [("name", "Wombats below"), ("labels", "wombat"), ("use_when", "They dig"), ("tlp", "green")];
    let seen = playbook::draft::about::AboutFields::of(&document(&desk.world, id).await).seen();
    let about: Vec<_> = about.into_iter().chain([("seen", seen.as_str())]).collect();
    assert_eq!(ann.post(&format!("{page}/about"), &about).await.status, 303);
    let edition = draft(&desk.world, id).await.edition.to_string();
    assert_eq!(ann.post(&format!("{page}/submit"), &[("edition", &edition)]).await.status, 303);
    let edition = draft(&desk.world, id).await.edition.to_string();
    let of = [("edition", edition.as_str())];
    // Neither whoever wrote it, nor a duty manager who did.
    assert_eq!(ann.post(&format!("{page}/publish"), &of).await.status, 403);
    let back = [("edition", edition.as_str()), ("reason", "Where is the key?")];
    assert_eq!(dan.post(&format!("{page}/send-back"), &back).await.status, 303);
    assert!(ann.get(&page).await.body.contains("Where is the key?"));
    let key = [("how", "Go down.\nTake the key from the hook.\nTurn it.")];
    assert_eq!(save_step(&desk, &dan, (id, &first), None, &key).await.status, 303);
    submit(&desk.world, &desk.ann, id).await;
    let edition = draft(&desk.world, id).await.edition.to_string();
    let of = [("edition", edition.as_str())];
    assert_eq!(dan.post(&format!("{page}/publish"), &of).await.status, 403, "he wrote in it himself");
    let eve = desk.world.signed_in(desk.world.person("Eve", Role::DutyManager, None).await).await;
    assert_eq!(
        eve.post(&format!("{page}/publish"), &[("edition", "1")]).await.status,
        409,
        "of another edition"
    );
    let done = eve.post(&format!("{page}/publish"), &of).await;
    let read = rae.get(done.location().expect("its page")).await.body;
    for told in ["Wombats below", "Take the key from the hook.", "The porter", "Not clinically reviewed"] {
        assert!(read.contains(told), "{told}: {read}");
    }
    assert_eq!(save_step(&desk, &ann, (id, &first), None, &key).await.status, 409, "it is no draft any more");
    assert!(!ann.get("/playbooks/drafts").await.body.contains("Wombats"));
    assert_eq!(rae.get("/playbooks/drafts").await.status, 403);
    let log = desk.world.signed_in(desk.world.person("Audrey", Role::Auditor, None).await).await;
    let log = log.get("/log").await.body;
    for told in
        ["Published a playbook", "Wrote in the draft of a playbook", "Sent the draft of a playbook back"]
    {
        assert!(log.contains(told), "{told}: {log}");
    }
}

#[tokio::test]
async fn what_the_pages_have_no_words_for_stays_as_it_was() {
    let desk = Desk::new().await;
    let ann = desk.client(&desk.ann).await;
    let mut sent = numbats(700, "Numbats", Some("TLP:GREEN"));
    let step = id("action", 2);
    let other = id("extension-definition", 5);
    sent["extension_definitions"] = json!({&other: {"type": "extension-definition", "name": "Theirs",
        "created_by": id("identity", 7), "schema": "there", "version": "1"}});
    sent["workflow"][&step]["step_extensions"] = json!({&other: {"deep": [1, {"er": null}]}});
    sent["workflow"][&step]["timeout"] = json!(90_500);
    assert_eq!(imported(&desk.world, &sent.to_string()).await.new, 1);
    let page = ann.get("/playbooks?q=numbats").await.body;
    let page =
        format!("/playbooks/{}", page.split("/playbooks/0").nth(1).unwrap().split('"').next().unwrap());
    let page = page.replace("/playbooks/", "/playbooks/0");
    // Others made it: it is copied, and the copy says of what.
    assert_eq!(ann.post(&format!("{page}/change"), &[]).await.status, 422);
    let copy = draft_of(&ann.post(&format!("{page}/copy"), &[]).await);
    let before = document(&desk.world, copy).await;
    assert_eq!(before["derived_from"], json!([id("playbook", 700)]));
    assert_ne!(before["id"], sent["id"]);
    let typed = [("how", "Lock it.\nTurn the key."), ("cautions", "Mind the cat.")];
    assert_eq!(save_step(&desk, &ann, (copy, &step), None, &typed).await.status, 303);
    let after = document(&desk.world, copy).await;
    let commands = json!([
        {"type": "manual", "command": "Lock it."}, {"type": "manual", "command": "Turn the key."},
        {"type": "bash", "command": "shut -h <now>"},
    ]);
    assert_eq!(after["workflow"][&step]["commands"], commands);
    let ours = playbook::guidance::EXTENSION;
    assert_eq!(after["workflow"][&step]["step_extensions"][ours], json!({"cautions": ["Mind the cat."]}));
    let mut expected = before.clone();
    expected["workflow"][&step]["commands"] = commands;
    expected["workflow"][&step]["step_extensions"][ours] = json!({"cautions": ["Mind the cat."]});
    expected["extension_definitions"][ours] = after["extension_definitions"][ours].clone();
    assert_eq!(after, expected, "and nothing else was touched");
    // Taken out again, our extension leaves nothing behind but its definition.
    assert_eq!(save_step(&desk, &ann, (copy, &step), None, &[("cautions", "")]).await.status, 303);
    let said = document(&desk.world, copy).await["workflow"][&step]["step_extensions"].clone();
    assert_eq!(said, json!({&other: {"deep": [1, {"er": null}]}}));
    let file = ann.get(&format!("/playbooks/drafts/{copy}/file")).await;
    Playbook::read(file.body.as_bytes()).expect("it is CACAO at any time");
}

#[tokio::test]
async fn the_second_of_two_writers_sees_both_texts_and_nothing_is_overwritten() {
    let desk = Desk::new().await;
    let (ann, ben) = (desk.client(&desk.ann).await, desk.client(&desk.ben).await);
    let draft_id = begun(&desk.world, &desk.ann, "Quolls").await;
    let first = first_step(&document(&desk.world, draft_id).await);
    let second = written(&desk.world, &desk.ann, draft_id, |document, new_id| {
        filled(document, &first, new_id)?;
        Ok(edit::add(document, &At::After(first.clone()), (Kind::Action, "Ring"), new_id)?)
    });
    let second = second.await;
    let seen = |document: &Value, step: &str| StepFields::of(document, step).unwrap().seen();
    let stands = document(&desk.world, draft_id).await;
    let (of_first, of_second) = (seen(&stands, &first), seen(&stands, &second));
    let by_ann = [("why", "Of Ann.")];
    assert_eq!(save_step(&desk, &ann, (draft_id, &first), Some(&of_first), &by_ann).await.status, 303);
    // Another step is nobody else's business.
    let other = [("why", "Of Ben.")];
    assert_eq!(save_step(&desk, &ben, (draft_id, &second), Some(&of_second), &other).await.status, 303);
    // The same step is.
    let by_ben = [("why", "Of <Ben>."), ("undo", "Open it.")];
    let both = save_step(&desk, &ben, (draft_id, &first), Some(&of_first), &by_ben).await;
    assert_eq!(both.status, StatusCode::CONFLICT);
    for told in ["Not saved yet", "Of Ann.", "Of &#60;Ben&#62;.</textarea>", "What you typed", "Open it."] {
        assert!(both.body.contains(told), "{told}: {}", both.body);
    }
    let stands = document(&desk.world, draft_id).await;
    assert_eq!(stands["workflow"][&first]["description"], "Of Ann.");
    let now = seen(&stands, &first);
    assert!(both.body.contains(&format!("name=\"seen\" value=\"{now}\"")), "from there it can be saved");
    assert_eq!(save_step(&desk, &ben, (draft_id, &first), Some(&now), &by_ben).await.status, 303);
    assert_eq!(document(&desk.world, draft_id).await["workflow"][&first]["description"], "Of <Ben>.");
    // A draft of the same playbook is one draft.
    let one = changing(&desk.world, &desk.ann, "phishing").await;
    assert_eq!(changing(&desk.world, &desk.ben, "phishing").await, one);
}

#[tokio::test]
async fn what_the_cert_publishes_stands_in_front_of_ours_until_it_is_taken_back() {
    let desk = Desk::new().await;
    let trust = desk.world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let responder = actor(&desk.world, "Rae Responder", Role::Responder, Some(trust)).await;
    let incident = reported(&desk.world, &responder, "RWA").await.incident;
    let old = started(&desk.world, &responder, incident, "ransomware", Zone::Shared).await;
    let draft_id = changing(&desk.world, &desk.ann, "ransomware").await;
    let first = first_step(&document(&desk.world, draft_id).await);
    let rename = async |name: &str, tlp: &str| {
        written(&desk.world, &desk.ann, draft_id, |document, new_id| {
            let about = playbook::draft::about::AboutFields::of(document);
            let about = playbook::draft::about::AboutFields { tlp: tlp.to_owned(), ..about };
            about.write(document, "2026-06-01T08:00:00.000Z", new_id);
            let fields = StepFields::of(document, &first).unwrap();
            StepFields { name: name.to_owned(), ..fields }.write(document, &first, new_id)
        })
        .await;
    };
    rename("Pull the plug of the numbat", "amber").await;
    submit(&desk.world, &desk.ann, draft_id).await;
    let (ann, dan) = (desk.client(&desk.ann).await, desk.client(&desk.dan).await);
    let edition = draft(&desk.world, draft_id).await.edition.to_string();
    let publish = format!("/playbooks/drafts/{draft_id}/publish");
    let refused = dan.post(&publish, &[("edition", &edition)]).await;
    assert!(refused.status == 422 && refused.body.contains("Mark it TLP:CLEAR"), "{}", refused.body);
    rename("Pull the plug of the numbat", "clear").await;
    let id = desk.published(draft_id).await;

    let anyone = desk.world.visitor();
    let page = anyone.get("/playbooks/ransomware").await.body;
    assert!(page.contains("Pull the plug of the numbat") && page.contains("Changed by the CERT"), "{page}");
    let ours = anyone.get("/playbooks/ransomware?original=true").await.body;
    assert!(!ours.contains("Pull the plug of the numbat") && ours.contains("has changed it"), "{ours}");
    let file = anyone.get("/playbooks/ransomware/file").await.body;
    let published = Playbook::read(file.as_bytes()).unwrap();
    let original = &built_in("ransomware").unwrap().playbook;
    assert!(published.id == original.id && published.modified > original.modified);
    let theirs = anyone.get("/playbooks/ransomware/file?original=true").await.body;
    assert_eq!(theirs, original.text);
    // Whoever reports is told the same.
    let rae = desk.client(&responder).await;
    let typed = [("organisation", "RWA"), ("seen", "files_locked"), ("since", "unknown"), ("go", "send")];
    assert!(rae.post("/report/new", &typed).await.body.contains("Pull the plug of the numbat"));

    // What is followed stays as it was; what begins now is the new one.
    let new = started(&desk.world, &responder, incident, "ransomware", Zone::Own).await;
    let path = |run| format!("/incidents/{incident}/runs/{run}");
    assert!(!rae.get(&path(old)).await.body.contains("Pull the plug of the numbat"));
    assert!(rae.get(&path(new)).await.body.contains("Pull the plug of the numbat"));
    let zones = react::case::Zones::of(&[Zone::Own]);
    let mut snapshot = desk.world.app.read().await.unwrap();
    let held = runs::run(&mut snapshot, incident, zones, new).await.unwrap().unwrap().hash;
    drop(snapshot);
    assert_eq!(held, playbook::hash(&published));

    // Changed once more, it is a later version of the same; then taken back.
    let again = changing(&desk.world, &desk.ann, "ransomware").await;
    written(&desk.world, &desk.ann, again, |document, new_id| {
        let fields = StepFields::of(document, &first).unwrap();
        StepFields { name: "Unplug the numbat".to_owned(), ..fields }.write(document, &first, new_id)
    })
    .await;
    assert_eq!(desk.published(again).await, id);
    assert!(anyone.get("/playbooks/ransomware").await.body.contains("Unplug the numbat"));
    let shelf = desk.shelf().await;
    assert!(shelf.called("ransomware").unwrap().playbook.modified > published.modified);
    let withdraw = [("version", "2"), ("reason", "A numbat has no plug")];
    assert_eq!(ann.post(&format!("/playbooks/{id}/withdraw"), &withdraw).await.status, 303);
    let page = anyone.get("/playbooks/ransomware").await.body;
    assert!(!page.contains("numbat") && page.contains(&original.name), "{page}");
    assert!(rae.get(&path(new)).await.body.contains("Pull the plug of the numbat"), "what is followed stays");
}

#[tokio::test]
async fn questions_choices_and_branches_are_written_without_a_line_of_json() {
    let desk = Desk::new().await;
    let ann = desk.client(&desk.ann).await;
    let draft_id = begun(&desk.world, &desk.ann, "Bettongs").await;
    let first = first_step(&document(&desk.world, draft_id).await);
    written(&desk.world, &desk.ann, draft_id, |document, new_id| filled(document, &first, new_id)).await;
    let page = format!("/playbooks/drafts/{draft_id}");
    let add = async |kind: &str, name: &str| {
        let typed = [("after", first.as_str()), ("kind", kind), ("name", name)];
        let answer = ann.post(&format!("{page}/add"), &typed).await;
        answer.location().expect("a step").rsplit('/').next().unwrap().to_owned()
    };
    let choice = add("choice", "Which door?").await;
    assert!(ann.get(&page).await.body.contains("It has no cases"), "nothing can be chosen yet");
    let branch = format!("{page}/steps/{choice}/branch");
    assert_eq!(ann.post(&branch, &[("answer", " ")]).await.status, 422);
    for answer in ["The front one", "The back one", "No door"] {
        assert_eq!(ann.post(&branch, &[("answer", answer)]).await.status, 303);
    }
    assert_eq!(ann.post(&branch, &[("answer", "No door")]).await.status, 422, "it is there already");
    assert_eq!(ann.post(&branch, &[("remove", "case:No door")]).await.status, 303);
    let within = [
        ("within", choice.as_str()),
        ("way", "case:The back one"),
        ("kind", "playbook"),
        ("name", "Go on there"),
    ];
    let leads = ann.post(&format!("{page}/add"), &within).await;
    assert_eq!(leads.status, 303, "{}", leads.body);
    for kind in ["repeat", "parallel", "question"] {
        add(kind, kind).await;
    }
    let stands = document(&desk.world, draft_id).await;
    let step = &stands["workflow"][&choice];
    let mut ways: Vec<_> = edit::ways(step).into_iter().map(|(way, _)| way).collect();
    ways.sort_by_key(|way| format!("{way:?}"));
    assert_eq!(ways, [Way::Case("The back one".to_owned()), Way::Case("The front one".to_owned())]);
    let shown = ann.get(&page).await.body;
    assert!(shown.contains("If The back one") && shown.contains("Go on there"), "{shown}");
    let (playbook, findings) = Playbook::examine(&stands.to_string());
    let playbook = playbook.expect("it can be read");
    assert!(findings.is_empty(), "{findings:?}");
    assert!(playbook.variables.values().any(|variable| variable.description == "Which door?"));
    let wrong = ann.post(&format!("{page}/submit"), &[("edition", "99")]).await;
    assert_eq!(wrong.status, 409);
}

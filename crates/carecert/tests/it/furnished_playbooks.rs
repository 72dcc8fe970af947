//! What tests about playbooks begin with: a small one, and the same kept by the CERT.

use carecert::SERVICES;
use formats::cacao::edit::{self, At, Kind, NewId};
use platform::{Actor, access::Role, import::Report};
use react::playbook::{
    self, built_in,
    draft::{
        DraftError, DraftId,
        about::AboutFields,
        actions,
        fields::StepFields,
        publish,
        store::{self, Draft},
    },
    hash, import, review,
    shelf::Shelf,
};
use serde_json::{Value, json};
use testkit::world::{Client, World};

use crate::{issuing::actor, walk::Names};

/// The CERT: two who write, two who publish.
pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) ann: Actor,
    pub(crate) ben: Actor,
    pub(crate) dan: Actor,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let world = World::new(SERVICES).await;
        let ann = actor(&world, "Ann Alyst", Role::Analyst, None).await;
        let ben = actor(&world, "Ben Alyst", Role::Analyst, None).await;
        let dan = actor(&world, "Dan Manager", Role::DutyManager, None).await;
        Self { world, ann, ben, dan }
    }

    pub(crate) async fn client(&self, actor: &Actor) -> Client<'_> {
        self.world.signed_in(actor.person().unwrap().id).await
    }

    /// Publishes a draft that `ann` submits.
    pub(crate) async fn published(&self, draft_id: DraftId) -> playbook::PlaybookId {
        submit(&self.world, &self.ann, draft_id).await;
        let edition = draft(&self.world, draft_id).await.edition;
        let mut tx = self.world.app.write().await.unwrap();
        let id = publish::publish(&mut tx, &self.dan, draft_id, edition).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub(crate) async fn shelf(&self) -> Shelf {
        Shelf::read(&mut self.world.app.read().await.unwrap()).await.unwrap()
    }
}

/// The id of something of this type and number.
pub(crate) fn id(kind: &str, number: u32) -> String {
    format!("{kind}--00000000-0000-4000-8000-{number:012x}")
}

/// A playbook of this number and name, with one step for people and one for a machine, marked so.
pub(crate) fn playbook(number: u32, name: &str, tlp: Option<&str>) -> Value {
    let (agent, marking) = (id("individual", 8), id("marking-tlp", 9));
    let when = "2026-11-01T00:00:00.000Z";
    let mut document = json!({
        "type": "playbook", "spec_version": "cacao-2.0", "id": id("playbook", number), "name": name,
        "description": "Numbats at the door.", "created_by": id("identity", 7), "created": when, "modified": when,
        "workflow_start": id("start", 1),
        "workflow": {
            id("start", 1): {"type": "start", "on_completion": id("action", 2)},
            id("action", 2): {"type": "action", "name": "Close the door", "description": "They come in by it.",
                "commands": [{"type": "manual", "command": "Turn the key."}, {"type": "bash", "command": "shut -h <now>"}],
                "agent": agent, "on_completion": id("end", 3)},
            id("end", 3): {"type": "end"},
        },
        "agent_definitions": {agent: {"type": "individual", "name": "The porter"}},
        "x_kept": {"by": ["us"]},
    });
    if let Some(tlp) = tlp {
        document["markings"] = json!([marking]);
        document["data_marking_definitions"] = json!({marking.clone(): {"type": "marking-tlp", "id": marking,
            "created_by": id("identity", 7), "created": when, "tlpv2_level": tlp}});
    }
    document
}

/// Imports it, as the command does.
pub(crate) async fn imported(world: &World, document: &str) -> Report {
    let taken = import::take_in(&world.app, &Actor::Job("import"), document.as_bytes(), "numbats.json").await;
    taken.expect("an import")
}

/// What the samples of playbooks speak of.
pub(crate) async fn furnish(world: &World, names: &mut Names) {
    let report = imported(world, &playbook(100, "Numbats", Some("TLP:GREEN")).to_string()).await;
    assert_eq!((report.new, report.refused), (1, 0), "{report:?}");
    let mut snapshot = world.app.read().await.expect("a read");
    let actor = Actor::Job("walk");
    let all = react::playbook::store::list(&mut snapshot, &actor, "", None).await.expect("a list");
    names.insert("imported_playbook", all[0].id.to_string());
    let sent = playbook(101, "Quokkas", None).to_string();
    let document = sent.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
    names.insert("playbook_document", document);
    names.insert("playbook_file", sent);
    furnish_drafts(world, names).await;
}

/// A draft in which something can be done to every part, and one that waits for a second person.
async fn furnish_drafts(world: &World, names: &mut Names) {
    let ann = actor(world, "Drafts Analyst", Role::Analyst, None).await;
    let dan = actor(world, "Reviews Manager", Role::DutyManager, None).await;
    let id = begun(world, &ann, "Bilbies in the cellar").await;
    let step = first_step(&document(world, id).await);
    let choice = written(world, &ann, id, |document, new_id| {
        filled(document, &step, new_id)?;
        let after = At::After(step.clone());
        let choice = edit::add(document, &after, (Kind::Choice, "Which way?"), new_id)?;
        edit::add_branch(document, &choice, "Left", new_id)?;
        Ok(choice)
    });
    let choice = choice.await;
    let submitted = begun(world, &ann, "Bettongs in the cellar").await;
    let first = first_step(&document(world, submitted).await);
    written(world, &ann, submitted, |document, new_id| filled(document, &first, new_id)).await;
    submit(world, &ann, submitted).await;
    let standing = document(world, id).await;
    for (name, value) in [
        ("playbook_draft", id.to_string()),
        ("playbook_draft_edition", draft(world, id).await.edition.to_string()),
        ("playbook_draft_seen", AboutFields::of(&standing).seen()),
        ("playbook_draft_step_seen", StepFields::of(&standing, &step).expect("the step").seen()),
        ("playbook_draft_step", step),
        ("playbook_draft_choice", choice),
        ("submitted_draft_edition", draft(world, submitted).await.edition.to_string()),
        ("submitted_draft", submitted.to_string()),
    ] {
        names.insert(name, value);
    }
    let ransomware = &built_in("ransomware").expect("one of ours").playbook;
    names.insert("ransomware_hash", data_encoding::HEXLOWER.encode(&hash(ransomware)));
    let phishing = &built_in("phishing").expect("one of ours").playbook;
    let mut tx = world.app.write().await.expect("a write");
    let (who, day) = (("Dr Quoll", "Consultant"), "2026-06-01".parse().expect("a day"));
    let entered = review::actions::enter(&mut tx, &dan, phishing, review::Kind::Clinical, who, day);
    entered.await.expect("a review");
    tx.commit().await.expect("a commit");
}

/// Begins a new playbook.
pub(crate) async fn begun(world: &World, by: &Actor, name: &str) -> DraftId {
    let mut tx = world.app.write().await.expect("a write");
    let id = actions::begin(&mut tx, by, &world.app.settings.cert.name, name).await.expect("a draft");
    tx.commit().await.expect("a commit");
    id
}

/// Begins to change the playbook of this name.
pub(crate) async fn changing(world: &World, by: &Actor, named: &str) -> DraftId {
    let mut tx = world.app.write().await.expect("a write");
    let id = actions::change(&mut tx, by, &world.app.settings.cert.name, named).await.expect("a draft");
    tx.commit().await.expect("a commit");
    id
}

/// Writes in a draft.
pub(crate) async fn written<T>(
    world: &World,
    by: &Actor,
    id: DraftId,
    make: impl FnOnce(&mut Value, &mut NewId<'_>) -> Result<T, DraftError>,
) -> T {
    let mut tx = world.app.write().await.expect("a write");
    let done = actions::save(&mut tx, by, id, make).await.expect("it is saved");
    tx.commit().await.expect("a commit");
    done
}

/// Says in a step all that has to be said.
pub(crate) fn filled(document: &mut Value, step: &str, new_id: &mut NewId<'_>) -> Result<(), DraftError> {
    let fields = StepFields::of(document, step).expect("the step");
    let fields = StepFields {
        name: "Close the door".to_owned(),
        why: "They come in by it.".to_owned(),
        how: "Turn the key.".to_owned(),
        phase: "first-ten-minutes".to_owned(),
        ..fields
    };
    fields.write(document, step, new_id)
}

/// Hands a draft to a second person.
pub(crate) async fn submit(world: &World, by: &Actor, id: DraftId) {
    let edition = draft(world, id).await.edition;
    let mut tx = world.app.write().await.expect("a write");
    actions::submit(&mut tx, by, id, edition).await.expect("it is submitted");
    tx.commit().await.expect("a commit");
}

/// A draft as it stands.
pub(crate) async fn draft(world: &World, id: DraftId) -> Draft {
    let mut snapshot = world.app.read().await.expect("a read");
    store::draft(&mut snapshot, id).await.expect("a draft").expect("it is there")
}

/// The document of a draft.
pub(crate) async fn document(world: &World, id: DraftId) -> Value {
    actions::read(&draft(world, id).await).expect("a document")
}

/// The first step for people of a document.
pub(crate) fn first_step(document: &Value) -> String {
    let start = document["workflow_start"].as_str().expect("a start");
    document["workflow"][start]["on_completion"].as_str().expect("a first step").to_owned()
}

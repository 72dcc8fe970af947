//! An incident has a priority in the second in which it is reported, with its reasons; what is learned decides anew.
//! Whoever is not of the case learns nothing of it, and an organisation answers only what it knows.

use carecert::SERVICES;
use db::{params, sql};
use jiff::SignedDuration;
use platform::{
    access::{PersonId, Role},
    organisation::OrganisationId,
    retention,
};
use react::{
    case::{self, CaseError, Zone, guest},
    incident::IncidentId,
    report::{Care, Facts, Seen, Way, actions::Sender},
    triage::{
        Answer, Priority, Question,
        actions::{self, tell},
        store,
    },
};
use testkit::world::World;

use crate::{
    furnished_incidents::{classified, facts, reported, standing, triage_version, unknown},
    issuing::actor,
};

/// A trust with a responder, an incident of which it reported locked files, and an analyst.
struct Desk {
    world: World,
    trust: OrganisationId,
    responder: platform::Actor,
    analyst: platform::Actor,
    incident: IncidentId,
}

impl Desk {
    async fn open() -> Self {
        let world = World::new(SERVICES).await;
        let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
        let responder = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
        let analyst = actor(&world, "Ana Lyst", Role::Analyst, None).await;
        let incident = reported(&world, &responder, "RWA").await.incident;
        Self { world, trust, responder, analyst, incident }
    }

    fn page(&self) -> String {
        format!("/incidents/{}/triage", self.incident)
    }

    async fn version(&self) -> String {
        triage_version(&self.world, self.incident).await.to_string()
    }

    async fn say(&self, by: &platform::Actor, answers: &[(Question, Answer)]) -> Result<(), CaseError> {
        let mut tx = self.world.app.write().await.unwrap();
        let now = tx.now;
        let sight = case::sight(&mut tx, by, now, self.incident).await?;
        tell(&mut tx, by, &sight, answers).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What the timeline tells of the priority, in the order in which it was written.
    async fn told(&self) -> Vec<String> {
        let statement = sql!("SELECT zone, text FROM case_entry WHERE kind = 'triage' ORDER BY id");
        let mut snapshot = self.world.app.read().await.unwrap();
        let rows: Vec<(String, String)> = snapshot.all(statement, params![]).await.unwrap();
        assert!(rows.iter().all(|(zone, text)| zone == "shared" || text.contains("call for")), "{rows:?}");
        rows.into_iter().map(|(_, text)| text).collect()
    }
}

fn id_of(actor: &platform::Actor) -> PersonId {
    actor.person().unwrap().id
}

#[tokio::test]
async fn a_new_incident_has_a_priority_at_once_and_the_list_is_read_by_it() {
    let desk = Desk::open().await;
    let world = &desk.world;
    let mut tx = world.app.write().await.unwrap();
    let form: db::macro_support::Uuid = tx.id();
    let said = Facts { seen: vec![Seen::SystemDown], affected: vec![Care::Emergency], ..facts() };
    let sender = Sender::Known { organisation: desk.trust, through: desk.trust };
    let urgent = react::report::actions::take(&mut tx, &desk.responder, form, Way::Session, sender, &said)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(standing(world, desk.incident).await.priority, Some(Priority::P2));
    assert_eq!(standing(world, urgent.incident).await.priority, Some(Priority::P1));
    let (ana, rae) =
        (world.signed_in(id_of(&desk.analyst)).await, world.signed_in(id_of(&desk.responder)).await);
    let list = ana.get("/incidents").await.body;
    for words in ["P1", "A clinical service is degraded; what is not known counts one up", "P2"] {
        assert!(list.contains(words), "{words}: {list}");
    }
    let only = ana.get("/incidents?priority=p1").await.body;
    let other = standing(world, desk.incident).await.receipt;
    assert!(only.contains(urgent.receipt.code()) && !only.contains(other.code()), "{only}");
    assert!(ana.get("/incidents?priority=p4").await.body.contains("None is like this."));
    assert!(rae.get("/incidents").await.body.contains(">P1</strong>"));
    let page = ana.get(&format!("/incidents/{}/triage", urgent.incident)).await.body;
    let why = "P1 because a clinical service is degraded (P2), and what is not known counts one up.";
    assert!(
        page.contains(why) && page.contains("From the report") && page.contains("Are backups hit?"),
        "{page}"
    );
    assert!(
        ana.get(&format!("/incidents/{}", urgent.incident))
            .await
            .body
            .contains("A clinical service is degraded")
    );
    // The rule is there for everybody to read.
    let rule = world.visitor().get("/about/priority").await.body;
    for question in Question::ALL {
        assert!(rule.contains(question.is_so()), "{question}");
    }
}

#[tokio::test]
async fn what_is_learned_decides_anew_and_the_timeline_says_so() {
    let desk = Desk::open().await;
    let rae = desk.world.signed_in(id_of(&desk.responder)).await;
    let answers = format!("{}/answers", desk.page());
    let (version, yes) = (desk.version().await, ("diverted", "yes"));
    assert_eq!(rae.post(&answers, &[("version", &version), yes]).await.status, 303);
    assert_eq!(standing(&desk.world, desk.incident).await.priority, Some(Priority::P1));
    let told = desk.told().await;
    let expected = "Is emergency or critical care diverted? Yes. It was P2, and is P1 because emergency or critical care is diverted.";
    assert_eq!(told.last().unwrap(), expected);
    // Sent twice, it is said once; what somebody else answered meanwhile is not written over.
    assert_eq!(rae.post(&answers, &[("version", &version), yes]).await.status, 303);
    assert_eq!(desk.told().await.len(), told.len());
    let late = rae.post(&answers, &[("version", &version), ("harm", "yes"), ("diverted", "no")]).await;
    assert!(
        late.status == 422 && late.body.contains("Somebody changed this after you opened it"),
        "{}",
        late.body
    );
    assert!(late.body.contains("value=\"no\" checked"), "what was typed is kept");
    // Whoever knows better answers over it.
    let all: Vec<_> = Question::ALL.iter().map(|each| (*each, Answer::No)).collect();
    desk.say(&desk.analyst, &all).await.unwrap();
    assert_eq!(standing(&desk.world, desk.incident).await.priority, Some(Priority::P4));
    desk.say(&desk.analyst, &[(Question::BackupsHit, Answer::Yes)]).await.unwrap();
    let page = rae.get(&desk.page()).await.body;
    assert!(page.contains("P1 because backups are hit.") && !page.contains("Ana Lyst"), "{page}");
    // The log has the answers, and no words.
    let statement = sql!("SELECT payload FROM log_entry WHERE verb = 'incident.triaged' ORDER BY id");
    let log: Vec<(String,)> = desk.world.app.read().await.unwrap().all(statement, params![]).await.unwrap();
    assert!(
        log.len() == 3
            && log.iter().any(|(told,)| told.contains("\"diverted\":\"yes\"") && told.contains("\"p1\"")),
        "{log:?}"
    );
}

#[tokio::test]
async fn an_organisation_answers_what_it_knows_and_nobody_else_learns_of_it() {
    let desk = Desk::open().await;
    let world = &desk.world;
    let (page, answers) = (desk.page(), format!("{}/answers", desk.page()));
    let rae = world.signed_in(id_of(&desk.responder)).await;
    let body = rae.get(&page).await.body;
    assert!(
        body.contains("name=\"harm\"") && !body.contains("name=\"spread\"") && !body.contains("name=\"why\"")
    );
    let version = desk.version().await;
    assert_eq!(rae.post(&answers, &[("version", &version), ("spread", "no")]).await.status, 403);
    for verb in ["priority", "priority/withdraw", "outlook", "proposed", "assigned", "kind"] {
        assert_eq!(rae.post(&format!("{page}/{verb}"), &[("version", &version)]).await.status, 403, "{verb}");
    }
    let vera = world.signed_in(world.person("Vera Viewer", Role::Viewer, Some(desk.trust)).await).await;
    let read = vera.get(&page).await;
    assert!(read.status == 200 && !read.body.contains("action=\"/incidents/"), "{}", read.body);
    assert_eq!(vera.post(&answers, &[("version", &version), ("harm", "yes")]).await.status, 403);
    // Another organisation: nothing. Let in to the CERT's zone: nothing. To what is shared: to read.
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    let olu = world.signed_in(world.person("Olu Other", Role::Lead, Some(other)).await).await;
    let let_in = async |zone: Zone| {
        let mut tx = world.app.write().await.unwrap();
        guest::let_in(&mut tx, &desk.analyst, desk.incident, "RBB", zone, "They supply it").await.unwrap();
        tx.commit().await.unwrap();
    };
    let refused = async || {
        assert_eq!(olu.get(&page).await.status, 404);
        assert_eq!(olu.post(&answers, &[("version", &version), ("harm", "yes")]).await.status, 404);
    };
    refused().await;
    let_in(Zone::Cert).await;
    refused().await;
    let_in(Zone::Shared).await;
    let read = olu.get(&page).await;
    assert!(
        read.status == 200 && read.body.contains("P2") && !read.body.contains("action=\"/incidents/"),
        "{}",
        read.body
    );
    assert_eq!(olu.post(&answers, &[("version", &version), ("harm", "yes")]).await.status, 403);
    // What nobody has vouched for is the CERT's alone, its priority too.
    let apart = unknown(world, Some(desk.trust), "Walking").await;
    assert_eq!(rae.get(&format!("/incidents/{}/triage", apart.incident)).await.status, 404);
    assert_eq!(desk.version().await, version);
}

#[tokio::test]
async fn a_person_sets_another_priority_with_a_reason_and_withdraws_it() {
    let desk = Desk::open().await;
    let ana = desk.world.signed_in(id_of(&desk.analyst)).await;
    let rae = desk.world.signed_in(id_of(&desk.responder)).await;
    let set = format!("{}/priority", desk.page());
    let version = desk.version().await;
    let without = ana.post(&set, &[("version", &version), ("priority", "p4"), ("why", " ")]).await;
    assert!(without.status == 422 && without.body.contains("Enter why it is set"), "{}", without.body);
    let typed = [("version", version.as_str()), ("priority", "p4"), ("why", "It was an exercise of numbats")];
    assert_eq!(ana.post(&set, &typed).await.status, 303);
    assert_eq!(ana.post(&set, &typed).await.status, 303, "sent twice, it is once");
    assert_eq!(standing(&desk.world, desk.incident).await.priority, Some(Priority::P4));
    let read = rae.get(&desk.page()).await.body;
    assert!(read.contains("P4, as a person set it") && read.contains("exercise of numbats"), "{read}");
    assert!(!read.contains("Ana Lyst"));
    assert!(ana.get("/incidents?priority=p4").await.body.contains("Set by a person, with a reason"));
    // It holds whatever is learned, and what the answers give stands beside it.
    desk.say(&desk.responder, &[(Question::Harm, Answer::Yes)]).await.unwrap();
    assert_eq!(standing(&desk.world, desk.incident).await.priority, Some(Priority::P4));
    assert!(rae.get(&desk.page()).await.body.contains("The answers give P1 because a patient is harmed"));
    let version = desk.version().await;
    assert_eq!(ana.post(&format!("{set}/withdraw"), &[("version", "1")]).await.status, 422);
    assert_eq!(ana.post(&format!("{set}/withdraw"), &[("version", &version)]).await.status, 303);
    assert_eq!(standing(&desk.world, desk.incident).await.priority, Some(Priority::P1));
    // The words go in time; that it was set is in the log, without them.
    let version = desk.version().await;
    assert_eq!(
        ana.post(&set, &[("version", &version), ("priority", "p1"), ("why", "A wombat")]).await.status,
        303
    );
    let statement = sql!("SELECT coalesce(payload, '') FROM log_entry WHERE about_kind = 'incident'");
    let log: Vec<(String,)> = desk.world.app.read().await.unwrap().all(statement, params![]).await.unwrap();
    assert!(!log.iter().any(|(text,)| text.contains("numbats") || text.contains("wombat")));
    desk.world.app.env.advance(SignedDuration::from_hours(24 * 2_191));
    retention::sweep(&desk.world.app, &retention::Policy::shipped()).await.unwrap();
    let mut snapshot = desk.world.app.read().await.unwrap();
    let left = store::triage(&mut snapshot, desk.incident).await.unwrap().unwrap();
    assert_eq!((left.set_why.as_str(), left.set_to), ("", Some(Priority::P1)));
}

#[tokio::test]
async fn the_kind_is_chosen_from_what_is_likely_or_class_by_class() {
    let desk = Desk::open().await;
    let ana = desk.world.signed_in(id_of(&desk.analyst)).await;
    let kind = format!("{}/kind", desk.page());
    let likely = ana.get(&kind).await.body;
    for words in [
        "Likely, by what was reported",
        "ransomware encrypting data",
        "Abusive Content",
        "Denial of Service; Distributed",
    ] {
        assert!(likely.contains(words) || words.starts_with("Denial"), "{words}: {likely}");
    }
    assert!(!likely.contains("value=\"fraud:phishing\""));
    assert!(ana.get(&format!("{kind}?class=fraud")).await.body.contains("value=\"fraud:phishing\""));
    let nothing = ana.post(&kind, &[("class", "fraud")]).await;
    assert!(nothing.status == 422 && nothing.body.contains("value=\"fraud:phishing\""), "{}", nothing.body);
    assert_eq!(ana.post(&kind, &[("kind", "fraud:aliens")]).await.status, 422);
    assert_eq!(ana.post(&kind, &[("kind", "fraud:phishing")]).await.status, 303);
    assert!(ana.get(&desk.page()).await.body.contains("Fraud: Phishing"));
    assert!(desk.told().await.iter().any(|text| text == "Kind of incident: Fraud: Phishing."));
}

#[tokio::test]
async fn what_the_ncsc_assigns_and_what_we_propose_stand_apart() {
    let desk = Desk::open().await;
    let ana = desk.world.signed_in(id_of(&desk.analyst)).await;
    let page = desk.page();
    let read = async || {
        let mut snapshot = desk.world.app.read().await.unwrap();
        let triage = store::triage(&mut snapshot, desk.incident).await.unwrap().unwrap();
        (triage.ncsc_computed, triage.ncsc_proposed, triage.ncsc_assigned)
    };
    // Something got in at a trust: a considerable risk to a large organisation.
    assert_eq!(read().await, (4, None, None));
    let assigned = [
        ("assigned", "2"),
        ("on-day", "1"),
        ("on-month", "1"),
        ("on-year", "2026"),
        ("reference", "NCSC-77"),
    ];
    assert_eq!(ana.post(&format!("{page}/assigned"), &assigned).await.status, 303);
    assert_eq!(read().await, (4, None, Some(2)));
    assert_eq!(ana.post(&format!("{page}/proposed"), &[("proposed", "5")]).await.status, 303);
    desk.say(&desk.analyst, &[(Question::Diverted, Answer::Yes)]).await.unwrap();
    assert_eq!(read().await, (3, Some(5), Some(2)));
    let body = ana.get(&page).await.body;
    for words in
        ["5, Moderate incident (Ana Lyst", "computed: 3", "2, Highly significant incident", "NCSC-77"]
    {
        assert!(body.contains(words), "{words}: {body}");
    }
    assert_eq!(ana.post(&format!("{page}/proposed"), &[("proposed", "")]).await.status, 303);
    assert_eq!(read().await, (3, None, Some(2)));
    for wrong in [
        &assigned[1..],
        &assigned[..1],
        &[("assigned", "9"), ("on-day", "1"), ("on-month", "1"), ("on-year", "2026")],
    ] {
        assert_eq!(ana.post(&format!("{page}/assigned"), wrong).await.status, 422, "{wrong:?}");
    }
    let future = [("assigned", "2"), ("on-day", "1"), ("on-month", "1"), ("on-year", "2096")];
    assert!(ana.post(&format!("{page}/assigned"), &future).await.body.contains("cannot be in the future"));
    // The outlook has its history.
    for outlook in ["worsening", "worsening", "improving"] {
        assert_eq!(ana.post(&format!("{page}/outlook"), &[("outlook", outlook)]).await.status, 303);
        desk.world.app.env.advance(SignedDuration::from_secs(1));
    }
    let mut snapshot = desk.world.app.read().await.unwrap();
    let outlooks = store::outlooks(&mut snapshot, desk.incident).await.unwrap();
    let codes: Vec<_> = outlooks.iter().map(|judged| judged.outlook.code()).collect();
    assert_eq!(codes, ["improving", "worsening"]);
}

#[tokio::test]
async fn what_was_known_of_a_joined_incident_counts_where_it_was_joined_to() {
    let desk = Desk::open().await;
    let world = &desk.world;
    let again = reported(world, &desk.responder, "RWA").await;
    let first = standing(world, desk.incident).await.receipt;
    let mut tx = world.app.write().await.unwrap();
    let now = tx.now;
    let sight = case::sight(&mut tx, &desk.analyst, now, again.incident).await.unwrap();
    tell(&mut tx, &desk.analyst, &sight, &[(Question::BackupsHit, Answer::Yes)]).await.unwrap();
    // It needs no kind: the one that it is a part of has one.
    react::incident::actions::join(&mut tx, &desk.analyst, again.incident, 1, &first).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(standing(world, desk.incident).await.priority, Some(Priority::P1));
    // In the case of the joined one nothing is written any more.
    let mut tx = world.app.write().await.unwrap();
    let sight = case::sight(&mut tx, &desk.analyst, now, again.incident).await.unwrap();
    let refused = tell(&mut tx, &desk.analyst, &sight, &[(Question::Harm, Answer::Yes)]).await;
    assert!(matches!(refused, Err(CaseError::Joined)));
    drop(tx);
    classified(world, &desk.analyst, desk.incident).await;
    let mut tx = world.app.write().await.unwrap();
    let version = standing(world, desk.incident).await.version;
    react::incident::actions::close(&mut tx, &desk.analyst, desk.incident, version, "Over").await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn two_answer_at_the_same_moment_and_nothing_is_lost_in_silence() {
    let desk = Desk::open().await;
    let version = desk.version().await.parse().unwrap();
    let world = &desk.world;
    let one = async |answer: (Question, Answer)| {
        let mut tx = world.app.write().await.unwrap();
        let now = tx.now;
        let sight = case::sight(&mut tx, &desk.analyst, now, desk.incident).await.unwrap();
        let done = actions::answer(&mut tx, &desk.analyst, &sight, version, &[answer]).await;
        if done.is_ok() {
            tx.commit().await.map_err(CaseError::from).map(|()| true)
        } else {
            done.map(|_| true)
        }
    };
    let (first, second) =
        tokio::join!(one((Question::Harm, Answer::Yes)), one((Question::Spread, Answer::Yes)));
    let won = [&first, &second].into_iter().filter(|done| done.is_ok()).count();
    assert_eq!(won, 1, "{first:?} {second:?}");
}

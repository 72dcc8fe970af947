//! How journeys come to an alert: a desk of two people at the CERT, organisations with contacts, a
//! version that is written, addressed, approved and published, all through the real actions.

use std::collections::HashMap;

use broadcast::{
    advisory::{
        self, AdvisoryNumber, Content, Link, Severity, Step, StepKind, ThreatType, VersionId, Wording,
    },
    alert::{self, AlertId, Answers},
    audience::{self, Choices, Mode, Part},
};
use db::{macro_support::Uuid, params, sql};
use jiff::SignedDuration;
use platform::{
    Actor,
    access::{Person, Role},
    organisation::OrganisationId,
};
use testkit::world::World;

/// Two people at the CERT.
pub(crate) struct Desk<'a> {
    pub world: &'a World,
    pub analyst: Actor,
    pub duty: Actor,
}

/// Who acts, as the guard would have found out.
pub(crate) async fn actor(world: &World, name: &str, role: Role, at: Option<OrganisationId>) -> Actor {
    let id = world.person(name, role, at).await;
    Actor::Person(Person { id, name: name.to_owned(), session: Uuid::nil(), roles: vec![(at, role)] })
}

/// A High advisory at TLP:GREEN that can be submitted.
pub(crate) fn wording(title: &str) -> Wording {
    let mut wording = Wording::titled(title);
    wording.severity = Severity::High;
    wording.tlp = formats::Tlp::Green;
    wording.content = Content {
        summary: "Attackers use it now.".to_owned(),
        threat_type: Some(ThreatType::Vulnerability),
        details: "It can be used without signing in.".to_owned(),
        steps: vec![Step { kind: StepKind::Patch, text: "Install the update.".to_owned(), link: None }],
        source: Some(Link { name: "Vendor".to_owned(), url: "https://vendor.example/advisory".to_owned() }),
        ..Content::default()
    };
    wording
}

/// Everybody must respond.
pub(crate) fn everybody() -> Choices {
    Choices { mode: Some(Mode::MustRespond), parts: vec![(Part::Kind, vec![audience::EVERY.to_owned()])] }
}

impl<'a> Desk<'a> {
    pub(crate) async fn open(world: &'a World) -> Self {
        let analyst = actor(world, "Ana Lyst", Role::Analyst, None).await;
        let duty = actor(world, "Dee Manager", Role::DutyManager, None).await;
        Self { world, analyst, duty }
    }

    pub(crate) async fn edition(&self, version: VersionId) -> i64 {
        let mut snapshot = self.world.app.read().await.unwrap();
        advisory::store::version(&mut snapshot, version).await.unwrap().expect("a version").edition
    }

    pub(crate) async fn draft(&self, wording: &Wording, choices: &Choices) -> VersionId {
        let mut tx = self.world.app.write().await.unwrap();
        let made = advisory::actions::create(&mut tx, &self.analyst, wording, None).await.unwrap();
        audience::actions::choose(&mut tx, &self.analyst, made.version, 1, choices).await.unwrap();
        tx.commit().await.unwrap();
        made.version
    }

    /// The next version of what stands under a number, with a word of its own.
    pub(crate) async fn update(&self, number: AdvisoryNumber) -> VersionId {
        let mut tx = self.world.app.write().await.unwrap();
        let id = advisory::actions::start_update(&mut tx, &self.analyst, number).await.unwrap();
        let version = advisory::store::version(&mut tx, id).await.unwrap().expect("a version");
        let mut wording = version.wording;
        wording.content.details.push_str("\n\nMore is known.");
        advisory::actions::edit(&mut tx, &self.analyst, id, version.edition, &wording).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub(crate) async fn approve(&self, version: VersionId) {
        let mut tx = self.world.app.write().await.unwrap();
        let edition = advisory::store::version(&mut tx, version).await.unwrap().unwrap().edition;
        advisory::actions::submit(&mut tx, &self.analyst, version, edition).await.unwrap();
        advisory::actions::approve(&mut tx, &self.duty, version, edition + 1).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn approved(&self, wording: &Wording, choices: &Choices) -> VersionId {
        let version = self.draft(wording, choices).await;
        self.approve(version).await;
        version
    }

    pub(crate) async fn publish(&self, version: VersionId, answers: Answers) -> AlertId {
        let mut tx = self.world.app.write().await.unwrap();
        let published = alert::actions::publish(&mut tx, &self.duty, version, answers).await.unwrap();
        tx.commit().await.unwrap();
        published.alert
    }

    /// A published alert whose mails have left.
    pub(crate) async fn delivered(&self, wording: &Wording, choices: &Choices) -> AlertId {
        let version = self.approved(wording, choices).await;
        let alert = self.publish(version, Answers::Anew).await;
        self.world.pass(SignedDuration::from_secs(61)).await;
        alert
    }
}

/// A contact whose address is confirmed.
pub(crate) async fn contact(world: &World, at: OrganisationId, role: &str, email: &str) -> Uuid {
    let mut tx = world.app.write().await.unwrap();
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO contact (id, organisation_id, role, kind, name, email, verified_at, from_at, version)
         VALUES (?1, ?2, ?3, 'person', ?4, ?4, ?5, ?5, 1)"
    );
    tx.run(statement, params![id, at, role, email, now]).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// `answering` answers for `organisation`.
pub(crate) async fn answers_for(world: &World, answering: OrganisationId, organisation: OrganisationId) {
    let mut tx = world.app.write().await.unwrap();
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO answers_for (id, answering_id, organisation_id, from_at, note) VALUES (?1, ?2, ?3, ?4, '')"
    );
    tx.run(statement, params![id, answering, organisation, now]).await.unwrap();
    tx.commit().await.unwrap();
}

/// What the samples of audiences and alerts speak of, besides the alert that is out.
pub(crate) async fn names(world: &World) -> HashMap<&'static str, String> {
    let desk = Desk::open(world).await;
    let draft = desk.draft(&wording("Drafted"), &everybody()).await;
    let approved = desk.approved(&wording("Approved"), &everybody()).await;
    let issued = desk.approved(&wording("Issued"), &everybody()).await;
    let alert = desk.delivered(&wording("Delivered"), &everybody()).await;
    let issued = desk.publish(issued, Answers::Anew).await;
    let mut snapshot = world.app.read().await.unwrap();
    let number = alert::store::alert(&mut snapshot, alert).await.unwrap().expect("an alert").number;
    drop(snapshot);
    HashMap::from([
        ("version", draft.to_string()),
        ("edition", desk.edition(draft).await.to_string()),
        ("approved", approved.to_string()),
        ("approved_edition", desk.edition(approved).await.to_string()),
        ("issued", issued.to_string()),
        ("alert", alert.to_string()),
        ("alert_number", number.to_string()),
    ])
}

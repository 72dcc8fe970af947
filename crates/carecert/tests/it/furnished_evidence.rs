//! What tests about evidence begin with: a case with people on each side of it, and pieces that came through the page.

use std::{fmt::Write as _, path::Path};

use carecert::SERVICES;
use db::{params, sql};
use http::Method;
use platform::{
    Actor,
    access::{Person, PersonId, Role},
    organisation::OrganisationId,
};
use react::{
    case::{Zone, guest},
    evidence::EvidenceId,
    incident::IncidentId,
};
use testkit::world::{Answer, Client, World};

use crate::{furnished_incidents::reported, walk::Names};

/// A world whose uploads come in to a folder of its own.
pub(crate) async fn world(folder: &Path, most: u64) -> World {
    World::with(SERVICES, |settings| {
        folder.clone_into(&mut settings.data_dir);
        settings.evidence.most_bytes = most;
    })
    .await
}

/// The one number that a statement tells.
pub(crate) async fn number(world: &World, statement: &'static db::Statement) -> i64 {
    world.app.read().await.unwrap().one::<(i64,)>(statement, params![]).await.unwrap().0
}

/// How many files are on their way in, or were left there.
pub(crate) fn arriving(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("arriving")).map_or(0, Iterator::count)
}

/// A form with a file, as a browser sends it.
pub(crate) fn form(fields: &[(&str, &str)], name: &str, content: &str) -> String {
    let mut body = String::new();
    for (field, value) in fields {
        let head = "--part\r\nContent-Disposition: form-data; name=";
        write!(body, "{head}\"{field}\"\r\n\r\n{value}\r\n").expect("a text takes all");
    }
    let file = format!(
        "--part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: image/svg+xml\r\n\r\n{content}\r\n--part--\r\n"
    );
    body.push_str(&file);
    body
}

/// Sends it.
pub(crate) async fn send(client: &Client<'_>, incident: IncidentId, body: String) -> Answer {
    let kind = "multipart/form-data; boundary=part";
    client.send(Method::POST, &format!("/incidents/{incident}/evidence"), kind, body).await
}

/// A piece of this zone and content, that came through the page.
pub(crate) async fn kept(
    client: &Client<'_>,
    incident: IncidentId,
    zone: Zone,
    about: &str,
    content: &str,
) -> EvidenceId {
    let body = form(&[("zone", zone.code()), ("about", about)], "file.bin", content);
    of(&send(client, incident, body).await)
}

/// The piece to which an answer leads.
pub(crate) fn of(answer: &Answer) -> EvidenceId {
    let to = answer.location().unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body));
    to.rsplit('/').next().and_then(|id| id.parse().ok()).expect("a piece")
}

/// The page of a piece.
pub(crate) fn page(incident: IncidentId, piece: EvidenceId) -> String {
    format!("/incidents/{incident}/evidence/{piece}")
}

/// A case, and who may come to it.
pub(crate) struct Case {
    pub incident: IncidentId,
    pub receipt: String,
    pub organisation: OrganisationId,
    pub responder: PersonId,
    pub viewer: PersonId,
    pub analyst: PersonId,
    pub auditor: PersonId,
    /// Of another organisation, which knows nothing of it.
    pub stranger: PersonId,
    /// Of one that was let in to the shared zone.
    pub guest: PersonId,
}

/// Somebody, as actions know them.
pub(crate) fn acting(id: PersonId, name: &str, role: Role, at: Option<OrganisationId>) -> Actor {
    let session = db::macro_support::Uuid::nil();
    Actor::Person(Person { id, name: name.to_owned(), session, roles: vec![(at, role)] })
}

/// A case at a trust.
pub(crate) async fn case(world: &World) -> Case {
    let organisation = world.organisation("RQK", "Quokka NHS Trust", "trust").await;
    let other = world.organisation("RWB", "Wombat NHS Trust", "trust").await;
    let supplier = world.organisation("8SUP", "Bilby Systems", "supplier").await;
    let responder = world.person("Rae Responder", Role::Responder, Some(organisation)).await;
    let viewer = world.person("Vi Viewer", Role::Viewer, Some(organisation)).await;
    let stranger = world.person("Sam Stranger", Role::Lead, Some(other)).await;
    let guest = world.person("Gus Guest", Role::Responder, Some(supplier)).await;
    let analyst = world.person("Ana Analyst", Role::Analyst, None).await;
    let auditor = world.person("Audrey Auditor", Role::Auditor, None).await;
    let by = acting(responder, "Rae Responder", Role::Responder, Some(organisation));
    let sent = reported(world, &by, "RQK").await;
    let mut tx = world.app.write().await.expect("a write");
    let desk = acting(analyst, "Ana Analyst", Role::Analyst, None);
    let why = "It runs the laboratory’s system";
    guest::let_in(&mut tx, &desk, sent.incident, "8SUP", Zone::Shared, why).await.expect("let in");
    tx.commit().await.expect("a commit");
    let receipt = sent.receipt.to_string();
    let incident = sent.incident;
    Case { incident, receipt, organisation, responder, viewer, analyst, auditor, stranger, guest }
}

/// What the samples of evidence speak of.
pub(crate) async fn furnish(world: &World, organisation: OrganisationId, names: &mut Names) {
    let incident: IncidentId = names["incident"].parse().expect("an incident");
    let responder = world.person("Evidence Responder", Role::Responder, Some(organisation)).await;
    let client = world.signed_in(responder).await;
    let piece = kept(&client, incident, Zone::Shared, "A ransom note", "Pay the numbat").await;
    let mut tx = world.app.write().await.expect("a write");
    let statement = sql!("INSERT INTO evidence_stamp (evidence_id, stamped_at, token) VALUES (?1, ?2, ?3)");
    let now = tx.now;
    tx.run(statement, params![piece, now, vec![0x30_u8, 0]]).await.expect("a stamp");
    tx.commit().await.expect("a commit");
    names.insert("evidence", piece.to_string());
}

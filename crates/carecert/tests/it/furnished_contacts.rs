//! Contacts, cover and links for the walk's samples.

use db::{params, sql};
use platform::{
    Actor,
    access::resolve,
    notification::mailing::{self, Mailing},
    organisation::{
        OrganisationId,
        answering::actions::{self as answering, Terms},
        contact::{ContactKind, ContactRole, CoverId, Details, actions as contact},
    },
};
use testkit::world::World;

use crate::walk::Names;

/// Two contacts of which one, whose address is confirmed, covers the other, a link to confirm an address, and a supplier that
/// answers for a practice.
pub(crate) async fn furnish(world: &World, organisation: OrganisationId, names: &mut Names) {
    let supplier = world.organisation("WS001", "Walking Supplier Ltd", "supplier").await;
    world.organisation("WS002", "Another Supplier Ltd", "supplier").await;
    names.insert("supplier_code", "WS002".to_owned());
    let details = |email: &str| Details {
        role: ContactRole::SecurityLead,
        kind: ContactKind::Person,
        name: "Ada Walker".to_owned(),
        email: Some(email.to_owned()),
        telephone: None,
    };
    let mut tx = world.app.write().await.expect("a write begins");
    let (here, now) = (Actor::Job("test"), tx.now);
    let contact =
        contact::add(&mut tx, &here, organisation, &details("ada@example.org")).await.expect("a contact");
    let deputy =
        contact::add(&mut tx, &here, organisation, &details("bob@example.org")).await.expect("a deputy");
    let confirmed = sql!("UPDATE contact SET verified_at = ?2 WHERE id = ?1");
    tx.run(confirmed, params![deputy, now]).await.expect("a confirmed address");
    let days = (now, now + jiff::SignedDuration::from_hours(72));
    contact::cover(&mut tx, &here, contact, deputy, days).await.expect("a cover");
    let (cover,): (CoverId,) =
        tx.one(sql!("SELECT id FROM contact_cover"), params![]).await.expect("a cover");
    let terms = Terms { from: now, until: None, note: String::new() };
    let link = answering::add(&mut tx, &here, organisation, "WS001", &terms).await.expect("a link");
    let statement = sql!(
        "INSERT INTO one_time_link (hash, purpose, subject_id, created_at, expires_at) VALUES (?1, 'contact', ?2, ?3, ?4)"
    );
    let token = "walking-contact";
    tx.run(statement, params![resolve::hash(token), contact, now, days.1]).await.expect("a link");
    tx.commit().await.expect("a commit");
    let stop = mailing::link(&world.app, Mailing::Bulletin, deputy, "bob@example.org").await.expect("a link");
    let mailing_link = stop.rsplit('/').next().unwrap_or_default().to_owned();
    names.extend([
        ("contact", contact.to_string()),
        ("deputy", deputy.to_string()),
        ("cover", cover.to_string()),
        ("link", link.to_string()),
        ("contact_token", token.to_owned()),
        ("mailing_link", mailing_link),
        ("supplying_organisation", supplier.to_string()),
    ]);
}

//! What tests about suppliers, their outages and mutual aid begin with, through the real actions.

use jiff::SignedDuration;
use platform::{Actor, access::Role, organisation::OrganisationId};
use react::{
    aid::{self, Asked, Contact, Lendable, Offered, Reach, RequestId, What},
    incident::IncidentId,
    outage::{self, Declared, OutageId},
    supplier::{self, UseId},
};
use testkit::world::World;

use crate::{issuing::actor, walk::Names};

/// What is said of a system.
pub(crate) fn uses(supplier: &str, system: &str) -> supplier::Said {
    supplier::Said {
        supplier: supplier.to_owned(),
        system: system.to_owned(),
        clinical: true,
        downtime: "Paper forms in the red folder".to_owned(),
    }
}

/// Says that an organisation uses a system.
pub(crate) async fn used(world: &World, by: &Actor, code: &str, said: &supplier::Said) -> UseId {
    let mut tx = world.app.write().await.expect("a write");
    let id = supplier::actions::add(&mut tx, by, code, said).await.expect("a system");
    tx.commit().await.expect("a commit");
    world.app.env.advance(SignedDuration::from_millis(1));
    id
}

/// What is declared of all systems of a supplier.
pub(crate) fn down(world: &World, supplier: &str, told: &str) -> Declared {
    Declared {
        form: world.app.env.id(),
        supplier: supplier.to_owned(),
        system: String::new(),
        told: told.to_owned(),
        since: world.now() - SignedDuration::from_hours(1),
        hours: 4,
    }
}

/// Declares it on an incident; says how many it concerns.
pub(crate) async fn declared(
    world: &World,
    by: &Actor,
    incident: IncidentId,
    what: &Declared,
) -> (OutageId, u64) {
    let mut tx = world.app.write().await.expect("a write");
    let declared = outage::actions::declare(&mut tx, by, incident, what).await.expect("an outage");
    tx.commit().await.expect("a commit");
    world.app.env.advance(SignedDuration::from_millis(1));
    declared
}

/// Whom to ring.
pub(crate) fn contact() -> Contact {
    Contact { name: "Pat Porter".to_owned(), telephone: "01632 960 123".to_owned() }
}

/// A request that names these organisations.
pub(crate) fn asked(world: &World, code: &str, named: &[&str]) -> Asked {
    Asked {
        form: world.app.env.id(),
        code: code.to_owned(),
        incident: None,
        what: What::Laptops,
        detail: "Clean ones, for two wards".to_owned(),
        wanted: 5,
        from: world.now(),
        until: world.now() + SignedDuration::from_hours(24 * 365),
        place: "The site office".to_owned(),
        contact: contact(),
        reach: Reach::Named,
        named: named.iter().map(|code| (*code).to_owned()).collect(),
        is_named: true,
        is_cyber: false,
    }
}

/// Asks; says to how many it is shown.
pub(crate) async fn ask(world: &World, by: &Actor, asked: &Asked) -> (RequestId, u64) {
    let mut tx = world.app.write().await.expect("a write");
    let done = aid::actions::ask(&mut tx, by, asked).await.expect("a request");
    tx.commit().await.expect("a commit");
    world.app.env.advance(SignedDuration::from_millis(1));
    done
}

/// An offer of so many.
pub(crate) fn offered(world: &World, code: &str, count: i64) -> Offered {
    Offered {
        form: world.app.env.id(),
        code: code.to_owned(),
        count,
        from: world.now(),
        until: world.now() + SignedDuration::from_hours(24 * 30),
        conditions: "You fetch them".to_owned(),
        contact: contact(),
    }
}

/// Offers it, and says how all offers to the request stand.
pub(crate) async fn offer(world: &World, by: &Actor, to: RequestId, offered: &Offered) -> Vec<aid::Offer> {
    let mut tx = world.app.write().await.expect("a write");
    aid::actions::offer(&mut tx, by, to, offered).await.expect("an offer");
    tx.commit().await.expect("a commit");
    world.app.env.advance(SignedDuration::from_millis(1));
    offers(world, to).await
}

/// How the offers to a request stand, the first first.
pub(crate) async fn offers(world: &World, to: RequestId) -> Vec<aid::Offer> {
    aid::store::offers(&mut world.app.read().await.expect("a read"), to).await.expect("offers")
}

/// What could be lent.
pub(crate) async fn lendable(world: &World, by: &Actor, code: &str, what: What) {
    let lendable = Lendable {
        form: world.app.env.id(),
        code: code.to_owned(),
        what,
        count: 2,
        within_hours: 4,
        conditions: String::new(),
        contact: contact(),
    };
    let mut tx = world.app.write().await.expect("a write");
    aid::actions::lend(&mut tx, by, &lendable).await.expect("something to lend");
    tx.commit().await.expect("a commit");
    world.app.env.advance(SignedDuration::from_millis(1));
}

/// What the samples of suppliers, outages and aid speak of.
pub(crate) async fn furnish(world: &World, organisation: OrganisationId, names: &mut Names) {
    let responder = actor(world, "Aid Responder", Role::Responder, Some(organisation)).await;
    let analyst = actor(world, "Aid Analyst", Role::Analyst, None).await;
    let near = world.organisation("RWN", "Near Walking NHS Trust", "trust").await;
    let neighbour = actor(world, "Aid Neighbour", Role::Responder, Some(near)).await;
    world.organisation("RWF", "Far Walking NHS Trust", "trust").await;
    let used_by = used(world, &responder, "RWA", &uses("Walking Systems", "Theatres")).await;
    used(world, &neighbour, "RWN", &uses("Walking Records", "Records")).await;
    let incident: IncidentId = names["incident"].parse().expect("an incident");
    let what = down(world, "Walking Systems", "It is down.");
    let (id, _) = declared(world, &analyst, incident, &what).await;
    let mut snapshot = world.app.read().await.expect("a read");
    let shown = outage::store::outage(&mut snapshot, id).await.expect("an outage").expect("it is there");
    let all = outage::store::Which::default();
    let replies = outage::store::replies(&mut snapshot, id, &all).await.expect("replies");
    drop(snapshot);
    let (theirs, _) = ask(world, &neighbour, &asked(world, "RWN", &["RWA"])).await;
    let own = offer(world, &responder, theirs, &offered(world, "RWA", 1)).await;
    let (ours, _) = ask(world, &responder, &asked(world, "RWA", &["RWN"])).await;
    let waiting = offer(world, &neighbour, ours, &offered(world, "RWN", 2)).await;
    let (lent, _) = ask(world, &responder, &asked(world, "RWA", &["RWN"])).await;
    let accepted = offer(world, &neighbour, lent, &offered(world, "RWN", 2)).await;
    let mut tx = world.app.write().await.expect("a write");
    aid::actions::accept(&mut tx, &responder, (accepted[0].id, 1), 2, "Thank you").await.expect("accepted");
    tx.commit().await.expect("a commit");
    lendable(world, &responder, "RWA", What::Network).await;
    let mut snapshot = world.app.read().await.expect("a read");
    let standing = aid::store::standing(&mut snapshot, None, None, None).await.expect("standing offers");
    drop(snapshot);
    names.extend([
        ("supplier", shown.supplier_id.to_string()),
        ("other_supplier", "Walking+Records".to_owned()),
        ("supplier_use", used_by.to_string()),
        ("outage", id.to_string()),
        ("outage_reply_version", replies[0].version.to_string()),
        ("aid", ours.to_string()),
        ("aid_named", "RWN".to_owned()),
        ("aid_asked", theirs.to_string()),
        ("aid_invited", "RWF".to_owned()),
        ("aid_offer", waiting[0].id.to_string()),
        ("own_aid_offer", own[0].id.to_string()),
        ("lent_aid_offer", accepted[0].id.to_string()),
        ("aid_standing", standing[0].id.to_string()),
    ]);
}

//! The walk: every row of the route table, asked by every role. Each that the rule admits succeeds
//! with the row's sample; every other is refused.

use std::collections::HashMap;

use carecert::SERVICES;
use db::{params, sql};
use http::{Method, StatusCode};
use platform::{
    Actor,
    access::{Role, Rule, resolve},
    organisation::{
        OrganisationId,
        answering::actions::{self as answering, Terms},
        contact::{ContactKind, ContactRole, CoverId, Details, actions as contact},
    },
    web::{Body, Route},
};
use testkit::world::{Answer, Client, World};

/// What the placeholders of samples stand for.
type Names = HashMap<&'static str, String>;

/// The world that samples speak of: what the placeholders stand for, and the organisation at which
/// the roles of organisations are held.
struct Furnished {
    names: Names,
    organisation: OrganisationId,
}

async fn furnish(world: &World) -> Furnished {
    let organisation = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let mut names = HashMap::from([
        ("asset", "carecert.css".to_owned()),
        ("organisation", organisation.to_string()),
        ("organisation_code", "RWA".to_owned()),
    ]);
    furnish_organisations(world, organisation, &mut names).await;
    Furnished { names, organisation }
}

/// Two contacts of which one covers the other, a link to confirm an address, and a supplier that
/// answers for a practice.
async fn furnish_organisations(world: &World, organisation: OrganisationId, names: &mut Names) {
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
    names.extend([
        ("contact", contact.to_string()),
        ("deputy", deputy.to_string()),
        ("cover", cover.to_string()),
        ("link", link.to_string()),
        ("contact_token", token.to_owned()),
        ("supplier", supplier.to_string()),
    ]);
}

fn filled(text: &str, names: &Names) -> String {
    let filled =
        names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
    assert!(
        !filled.contains('{') || filled.contains("{\""),
        "nothing is known for a placeholder of {filled}"
    );
    filled
}

async fn ask(client: &Client<'_>, route: &Route, names: &Names) -> Answer {
    let path = filled(route.sample, names);
    match route.body {
        Body::Empty => client.send(route.method.clone(), &path, "", String::new()).await,
        Body::Form(form) => {
            client
                .send(route.method.clone(), &path, "application/x-www-form-urlencoded", filled(form, names))
                .await
        }
        Body::Json(json) => {
            client.send(route.method.clone(), &path, "application/json", filled(json, names)).await
        }
    }
}

fn succeeded(answer: &Answer) -> bool {
    let to_sign_in = answer.location().is_some_and(|to| to.starts_with("/sign-in"));
    answer.status.as_u16() < 400 && !to_sign_in
}

fn refused(answer: &Answer) -> bool {
    let to_sign_in = answer.location().is_some_and(|to| to.starts_with("/sign-in"));
    to_sign_in
        || [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&answer.status)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_admits_those_it_names_and_refuses_the_others() {
    let mut wrong = Vec::new();
    let routes: Vec<Route> = SERVICES.iter().flat_map(|service| (service.routes)()).collect();
    for route in routes.iter().filter(|route| !route.endless) {
        let mut world = World::new(SERVICES).await;
        let mut furnished = furnish(&world).await;
        for role in Role::ALL.map(Some).into_iter().chain([None]) {
            let admitted = match (route.rule, role) {
                (Rule::Anyone, _) => true,
                (Rule::SignedIn, role) => role.is_some(),
                (Rule::Roles(roles), Some(role)) => roles.contains(&role),
                (Rule::Roles(_) | Rule::Scope(_), _) => false,
            };
            // A change that succeeds leaves another world behind.
            if admitted && route.method != Method::GET {
                world = World::new(SERVICES).await;
                furnished = furnish(&world).await;
            }
            let client = match role {
                Some(role) => {
                    let organisation = (!role.at_cert()).then_some(furnished.organisation);
                    let person = world.person(role.label(), role, organisation).await;
                    world.signed_in(person).await
                }
                None => world.visitor(),
            };
            let answer = ask(&client, route, &furnished.names).await;
            let right = if admitted { succeeded(&answer) } else { refused(&answer) };
            if !right {
                let who = role.map_or("nobody", Role::code);
                let status = answer.status;
                wrong.push(format!(
                    "{} {} as {who}: {status}, admitted: {admitted}",
                    route.method, route.path
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

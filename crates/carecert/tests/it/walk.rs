//! The walk: every row of the route table, asked by every role. Each that the rule admits succeeds
//! with the row's sample; every other is refused.

use std::collections::HashMap;

use carecert::SERVICES;
use http::{Method, StatusCode};
use platform::{
    access::{Role, Rule},
    organisation::OrganisationId,
    web::{Body, Route},
};
use testkit::world::{Answer, Client, World};

/// What the placeholders of samples stand for.
pub(crate) type Names = HashMap<&'static str, String>;

/// The world that samples speak of: what the placeholders stand for, and the organisation at which
/// the roles of organisations are held.
pub(crate) struct Furnished {
    pub names: Names,
    pub organisation: OrganisationId,
}

pub(crate) async fn furnish(world: &World) -> Furnished {
    let organisation = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let mut names = HashMap::from([
        ("asset", "carecert.css".to_owned()),
        ("organisation", organisation.to_string()),
        ("dead_job", world.dead_job().await.to_string()),
    ]);
    crate::sector_in_hand::furnish(world, organisation, &mut names).await;
    Furnished { names, organisation }
}

pub(crate) fn filled(text: &str, names: &Names) -> String {
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

//! The walk: every row of the route table, asked by every role. Each that the rule admits succeeds
//! with the row's sample; every other is refused.

use std::collections::HashMap;

use carecert::demo::{CaughtMail, SERVICES};
use db::{params, sql};
use http::{Method, StatusCode};
use platform::{
    Actor,
    access::{PersonId, Role, Rule, Stage},
    account::{Purpose, actions},
    key::{self, Scope, actions::NewKey},
    message::{Letter, Mail, MessageId, Post},
    organisation::OrganisationId,
    web::{Body, Route},
};
use testkit::world::{Answer, Client, PASSWORD, World};

use crate::{
    furnished, furnished_aid, furnished_cases, furnished_contacts, furnished_evidence, furnished_incidents,
    furnished_offline, furnished_playbooks, furnished_questions, furnished_runs, furnished_sightings,
    furnished_thehive, furnished_triage, furnished_webhooks, issuing, texts_reach_mobiles as texted,
};

/// What the placeholders of samples stand for.
pub(crate) type Names = HashMap<&'static str, String>;

/// The world that samples speak of: what the placeholders stand for, and the organisation at which
/// the roles of organisations are held.
pub(crate) struct Furnished {
    pub names: Names,
    pub organisation: OrganisationId,
    /// Somebody who is to sign in, for the rows that are about signing in.
    pub halfway: PersonId,
}

pub(crate) async fn furnish(world: &World) -> Furnished {
    let organisation = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let mut names = HashMap::from([
        ("asset", "carecert.css".to_owned()),
        ("dead_job", world.dead_job().await.to_string()),
        ("organisation", organisation.to_string()),
        ("password", PASSWORD.to_owned()),
        ("session", organisation.to_string()),
    ]);
    names.insert("organisation_code", "RWA".to_owned());
    furnished_contacts::furnish(world, organisation, &mut names).await;
    names.extend(furnished::names(world).await);
    names.extend(issuing::names(world).await);
    furnished_sightings::furnish(world, organisation, &mut names).await;
    furnished_triage::furnish(world, &mut names).await;
    crate::sector_in_hand::furnish(world, organisation, &mut names).await;
    furnished_questions::furnish(world, organisation, &mut names).await;
    furnished_webhooks::furnish(world, organisation, &mut names).await;
    furnished_incidents::furnish(world, organisation, &mut names).await;
    furnished_cases::furnish(world, organisation, &mut names).await;
    furnished_evidence::furnish(world, organisation, &mut names).await;
    furnished_offline::furnish(world, &mut names).await;
    furnished_playbooks::furnish(world, &mut names).await;
    furnished_runs::furnish(world, organisation, &mut names).await;
    furnished_aid::furnish(world, organisation, &mut names).await;
    furnished_thehive::furnish(world, organisation, &mut names).await;
    furnish_demonstration(world, &mut names).await;
    let halfway = furnish_people(world, organisation, &mut names).await;
    // Last, since furnishing moves the clock.
    names.extend([("code", world.code()), ("offered_code", world.code())]);
    Furnished { names, organisation, halfway }
}

/// What the demonstration's own pages show: somebody to be, and a caught mail.
async fn furnish_demonstration(world: &World, names: &mut Names) {
    let mut tx = world.app.write().await.expect("a write begins");
    let row = sql!(
        "INSERT INTO demo_sign_in (role, email, password, place)
         VALUES ('learner', 'dilys.learner@example.org', ?1, 1)"
    );
    tx.run(row, params![PASSWORD]).await.expect("a sign-in");
    let id: MessageId = tx.id();
    tx.commit().await.expect("a commit");
    let text = format!("Read it here: {}/alerts\n", world.app.settings.public_url);
    let letter = Letter { subject: "An alert".to_owned(), text, html: None };
    let post = CaughtMail { db: world.app.db.clone(), env: world.app.env.clone() };
    post.send(&Mail {
        id,
        to: "ada@example.org".to_owned(),
        letter,
        again: false,
        answers: None,
        mailing: None,
    })
    .await
    .expect("caught");
    names.insert("caught_mail", id.to_string());
}

/// A learner who works at the organisation, and somebody on the way to signing in.
async fn furnish_people(world: &World, organisation: OrganisationId, names: &mut Names) -> PersonId {
    let learner = world.person("Dilys Learner", Role::Learner, Some(organisation)).await;
    names.insert("learner_email", "dilys.learner@example.org".to_owned());
    names.insert("person", learner.to_string());
    let mut snapshot = world.app.read().await.expect("a read begins");
    let overview = actions::overview(&mut snapshot, learner, world.now()).await.expect("a learner");
    names.insert("membership", overview.roles[0].id.to_string());
    drop(snapshot);
    let mut tx = world.app.write().await.expect("a write begins");
    let link = actions::mint_link(&mut tx, learner, Purpose::Join).await.expect("a link");
    names.insert("join_token", link);
    let key = NewKey {
        form: None,
        name: "Desk".to_owned(),
        organisation: Some(organisation),
        scopes: vec![Scope::ReadAlerts],
        days: 90,
        stands_for: vec![organisation],
    };
    let (key, _) = key::actions::create(&mut tx, &Actor::Job("walk"), &key).await.expect("a key");
    names.insert("key", key.to_string());
    tx.commit().await.expect("a commit");
    let halfway = world.person("Half Way", Role::Viewer, Some(organisation)).await;
    names.insert("colleague", halfway.to_string());
    halfway
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
        Body::Document(document) => {
            client.send(route.method.clone(), &path, "application/octet-stream", document.to_owned()).await
        }
        Body::File(file) => client.upload(&path, &filled(file, names)).await,
        Body::Parts(parts) => {
            let form = "multipart/form-data; boundary=part";
            client.send(route.method.clone(), &path, form, filled(parts, names)).await
        }
    }
}

/// Somebody of this role or, without one, nobody.
async fn somebody<'a>(world: &'a World, role: Option<Role>, furnished: &Furnished) -> Client<'a> {
    let Some(role) = role else { return world.visitor() };
    let organisation = (!role.at_cert()).then_some(furnished.organisation);
    let person = world.person(role.label(), role, organisation).await;
    world.signed_in(person).await
}

/// The one whom only this row's rule admits: a key with the scope, somebody at the stage.
async fn admitted_otherwise<'a>(world: &'a World, rule: Rule, furnished: &Furnished) -> Client<'a> {
    match rule {
        Rule::Scope(scope) => world.machine(&world.key(furnished.organisation, scope).await),
        Rule::CertScope(scope) => world.machine(&world.cert_key(scope).await),
        Rule::AtStage(stages) => world.at_stage(furnished.halfway, stages[0]).await,
        Rule::Gateway => world.machine(texted::TOKEN),
        Rule::Anyone | Rule::Holder | Rule::SignedIn | Rule::Roles(_) => world.visitor(),
    }
}

/// Whether an answer leads to signing in.
fn to_sign_in(answer: &Answer) -> bool {
    answer.location().is_some_and(|to| to == "/sign-in" || to.starts_with("/sign-in?"))
}

fn succeeded(answer: &Answer) -> bool {
    answer.status.as_u16() < 400 && !to_sign_in(answer)
}

fn refused(answer: &Answer) -> bool {
    // Who is signed in and asks for a page of signing in is led to the first page.
    to_sign_in(answer)
        || answer.location() == Some("/")
        || [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&answer.status)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_admits_those_it_names_and_refuses_the_others() {
    let world = World::with(SERVICES, |settings| {
        settings.single_person_release = true;
        settings.sms = Some(texted::gateway());
    })
    .await;
    let furnished = furnish(&world).await;
    let kept = world.kept().await;
    // Who reads, and who is refused, leaves everything as it was.
    let still = kept.copy().await;
    let mut people = HashMap::new();
    for role in Role::ALL.map(Some).into_iter().chain([None]) {
        people.insert(role, somebody(&still, role, &furnished).await);
    }
    let mut wrong = Vec::new();
    let routes: Vec<Route> = SERVICES.iter().flat_map(|service| (service.routes)()).collect();
    for route in routes.iter().filter(|route| !route.endless) {
        for (role, person) in &people {
            let admitted = match (route.rule, *role) {
                (Rule::Anyone | Rule::Holder, _) => true,
                (Rule::SignedIn, role) => role.is_some(),
                (Rule::Roles(roles), Some(role)) => roles.contains(&role),
                (Rule::AtStage(stages), role) => role.is_some() && stages.contains(&Stage::Full),
                (Rule::Roles(_) | Rule::Scope(_) | Rule::CertScope(_) | Rule::Gateway, _) => false,
            };
            let answer = if admitted && route.method != Method::GET {
                let world = kept.copy().await;
                ask(&somebody(&world, *role, &furnished).await, route, &furnished.names).await
            } else {
                ask(person, route, &furnished.names).await
            };
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
        if let Rule::Scope(_) | Rule::CertScope(_) | Rule::Gateway | Rule::AtStage(_) = route.rule {
            let world = kept.copy().await;
            let client = admitted_otherwise(&world, route.rule, &furnished).await;
            let answer = ask(&client, route, &furnished.names).await;
            if !succeeded(&answer) {
                let status = answer.status;
                wrong.push(format!("{} {} as its rule admits: {status}", route.method, route.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! Whose webhooks are whose: over every door nobody sees, changes or learns of another's, and what a lead
//! types reaches nothing within a network.

use carecert::SERVICES;
use http::{Method, StatusCode};
use platform::{
    Actor, Service,
    access::{Role, Rule},
    net::{Allowed, NetError, Reach},
    organisation::OrganisationId,
    webhook::{MOST, Owner, WebhookError, actions},
};
use testkit::world::{Client, World};

use crate::{
    furnished_webhooks::{answers, hook, of, plan, sent, signature, stands, takes},
    issuing::{Desk, everybody, wording},
};

const DESK: &str = "https://desk.example/hook";

async fn lead<'a>(world: &'a World, code: &str) -> (OrganisationId, Client<'a>) {
    let organisation = world.organisation(code, &format!("Trust {code}"), "trust").await;
    let person = world.person(&format!("Lea {code}"), Role::Lead, Some(organisation)).await;
    (organisation, world.signed_in(person).await)
}

/// The secret on the page that shows it.
fn shown(page: &str) -> String {
    let secret = page.split("whsec_").nth(1).expect("a secret").split('<').next().expect("its end");
    format!("whsec_{secret}")
}

#[tokio::test]
async fn a_lead_adds_one_tests_it_and_sees_what_came_of_it() {
    let world = World::new(SERVICES).await;
    let (_, lead) = lead(&world, "RAA").await;
    let empty = lead.get("/webhooks").await.body;
    assert!(
        empty.contains("There are no webhooks yet") && empty.contains("Webhooks of Trust RAA"),
        "{empty}"
    );
    let wrong = lead.submit("/webhooks/new", &[("url", "http://10.0.0.1/"), ("format", "")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for sentence in [
        "Enter a name for it",
        "Enter an address on the public internet",
        "Select how it is written",
        "Select at least one thing",
    ] {
        assert!(wrong.body.contains(sentence), "{sentence}: {}", wrong.body);
    }
    assert!(wrong.body.contains("value=\"http://10.0.0.1/\""), "what was typed is kept");
    for own in ["https://localhost/hook", "https://LOCALHOST.:8443/", "https://desk.localhost/"] {
        let fields = [("name", "Desk"), ("url", own), ("format", "json"), ("events", "alert.published")];
        let refused = lead.submit("/webhooks/new", &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{own}");
        assert!(refused.body.contains("Enter an address on the public internet"), "{own}: {}", refused.body);
    }
    let form = lead.get("/webhooks/new").await.body;
    let hidden = |name: &str| {
        let of = format!("name=\"{name}\" value=\"");
        form.split(of.as_str()).nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let (form_id, organisation) = (hidden("form"), hidden("organisation"));
    let fields = [
        ("form", form_id.as_str()),
        ("organisation", organisation.as_str()),
        ("name", "Ticket system"),
        ("url", DESK),
        ("format", "json"),
        ("events", "alert.published"),
        ("events", "made.up"),
    ];
    let added = lead.post("/webhooks/new", &fields).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    let secret = shown(&added.body);
    // The same form again adds nothing, and shows no secret.
    let again = lead.post("/webhooks/new", &fields).await;
    let page = again.location().expect("a page").to_owned();
    assert!(page.ends_with("?done=added-already"), "{page}");
    let page = page.split('?').next().unwrap().to_owned();
    let list = lead.get("/webhooks").await.body;
    assert_eq!(list.matches("Ticket system").count(), 1, "{list}");
    takes(&world, DESK);
    let tested = lead.post(&format!("{page}/test"), &[]).await;
    assert_eq!(tested.location(), Some(&*format!("{page}?done=test")));
    assert_eq!(lead.post(&format!("{page}/test"), &[]).await.status, StatusCode::CONFLICT, "one at a time");
    world.work().await;
    let request = sent(&world, DESK).remove(0);
    assert_eq!(request.headers["webhook-signature"], signature(&secret, &request));
    let shown = lead.get(&page).await.body;
    for words in ["A test", "Delivered", "The server took it (204)", DESK] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("whsec_"), "the secret is shown once");
    // A server that fails, in words that say nothing of any network.
    world.net.answers(DESK, Err(NetError::Unreachable("connection to 10.0.0.7 refused".to_owned())));
    lead.post(&format!("{page}/test"), &[]).await;
    world.work().await;
    let shown = lead.get(&page).await.body;
    assert!(shown.contains("The server could not be reached within 10 seconds"), "{shown}");
    assert!(shown.contains("Nothing was taken") && !shown.contains("10.0.0.7"), "{shown}");
}

/// Every row of a service that is about one webhook, with what a form of it holds.
fn doors(service: &Service, base: &str) -> Vec<(Method, &'static str, &'static str)> {
    (service.routes)()
        .into_iter()
        .filter(|route| route.path.starts_with(base) && route.path.contains("{id}"))
        .map(|route| match route.body {
            platform::web::Body::Form(form) => (route.method, route.path, form),
            _ => (route.method, route.path, ""),
        })
        .collect()
}

#[tokio::test]
async fn nobody_sees_or_changes_anothers_over_any_door() {
    let world = World::new(SERVICES).await;
    let (own, _) = lead(&world, "RAA").await;
    let (_, stranger) = lead(&world, "RBB").await;
    let (id, _) = of(&world, own, DESK).await;
    let (cert, _) = hook(&world, Owner::Cert, "https://cert.example/hook").await;
    let admin = world.signed_in(world.person("Ada Admin", Role::Admin, None).await).await;
    let auditor = world.signed_in(world.person("Agnes Auditor", Role::Auditor, None).await).await;
    let responder = world.signed_in(world.person("Rhys", Role::Responder, Some(own)).await).await;
    let before = (stands(&world, id).await.version, stands(&world, cert).await.version);
    let doors: Vec<_> =
        ["/webhooks", "/cert/webhooks"].iter().flat_map(|base| doors(&platform::SERVICE, base)).collect();
    assert!(doors.len() > 20, "{doors:?}");
    for (method, path, form) in doors {
        // The CERT's people ask for an organisation's under their own address, a lead for the CERT's.
        let cases: [(&str, &Client<'_>, String, &[u16]); 5] = [
            ("a stranger", &stranger, path.replace("{id}", &id.to_string()), &[403, 404]),
            ("the CERT", &admin, path.replace("{id}", &id.to_string()), &[403, 404]),
            ("an auditor", &auditor, path.replace("{id}", &id.to_string()), &[403, 404]),
            ("a lead", &stranger, path.replace("{id}", &cert.to_string()), &[403, 404]),
            ("a responder", &responder, path.replace("{id}", &id.to_string()), &[403]),
        ];
        for (who, client, path, statuses) in cases {
            let form = form.replace("{webhook_delivery}", &id.to_string());
            let form = form.replace("{cert_webhook_delivery}", &id.to_string());
            let kind = if method == Method::POST { "application/x-www-form-urlencoded" } else { "" };
            let answer = client.send(method.clone(), &path, kind, form).await;
            assert!(statuses.contains(&answer.status.as_u16()), "{who}: {method} {path}: {}", answer.status);
            // Who may use this address at all is answered as if there were none.
            if path.starts_with("/webhooks") && who == "a stranger" {
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
            }
            assert!(!answer.body.contains("desk.example") && !answer.body.contains("cert.example"));
        }
    }
    assert_eq!((stands(&world, id).await.version, stands(&world, cert).await.version), before);
    // Nor in a list, nor by naming another's organisation.
    assert!(!stranger.get("/webhooks").await.body.contains("desk.example"));
    assert_eq!(stranger.get(&format!("/webhooks?organisation={own}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        stranger.get(&format!("/webhooks/new?organisation={own}")).await.status,
        StatusCode::NOT_FOUND
    );
    let add = [("organisation", own.to_string())];
    let add: Vec<_> = add.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(stranger.post("/webhooks/new", &add).await.status, StatusCode::NOT_FOUND);
    let list = admin.get("/cert/webhooks").await.body;
    assert!(list.contains("cert.example") && !list.contains("desk.example"), "{list}");
    // An auditor reads the CERT's own, but not what the address keeps secret, and changes nothing.
    let page = format!("/cert/webhooks/{cert}");
    let read = auditor.get(&page).await.body;
    assert!(read.contains("cert.example, the rest is secret") && !read.contains("/hook"), "{read}");
    assert!(!read.contains("Send a test"));
    assert_eq!(auditor.post(&format!("{page}/test"), &[]).await.status, StatusCode::FORBIDDEN);
    // A delivery of one is not sent again through another.
    let mut tx = world.app.write().await.unwrap();
    let theirs = actions::test(&mut tx, &Actor::Job("test"), id).await.unwrap();
    let mixed = actions::send_again(&mut tx, &Actor::Job("test"), cert, theirs).await;
    assert!(matches!(mixed, Err(WebhookError::NotFound)), "{mixed:?}");
    // Roles are the same to the rules: these rows are for keepers alone.
    let keepers = [Role::Lead, Role::DutyManager, Role::Admin, Role::Auditor];
    for route in (platform::SERVICE.routes)().iter().filter(|route| route.path.contains("webhooks")) {
        let roles = match route.rule {
            Rule::Roles(roles) => roles,
            // A key of the CERT's own reads the CERT's own.
            Rule::CertScope(_) => continue,
            _ => panic!("{}", route.path),
        };
        assert!(roles.iter().all(|role| keepers.contains(role)), "{}", route.path);
    }
}

#[tokio::test]
async fn the_installations_own_network_is_open_to_the_certs_own_webhooks_alone() {
    let inside = "http://10.1.0.7:8080/hook";
    let world = World::with(SERVICES, |settings| {
        settings.network.allow = Allowed(vec!["10.1.0.0/16".parse().unwrap()]);
    })
    .await;
    let (trust, lead) = lead(&world, "RAA").await;
    hook(&world, Owner::Cert, inside).await;
    let fields = |url| [("name", "x"), ("url", url), ("format", "json"), ("events", "alert.published")];
    for url in [inside, "https://10.1.0.7/hook", "http://desk.example/hook"] {
        let refused = lead.submit("/webhooks/new", &fields(url)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{url}");
    }
    let admin = world.signed_in(world.person("Ada Admin", Role::Admin, None).await).await;
    assert_eq!(
        admin.submit("/cert/webhooks/new", &fields("https://10.1.0.8/hook")).await.status,
        StatusCode::OK
    );
    let refused = admin.submit("/cert/webhooks/new", &fields("http://desk.example/hook")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Whoever put it there: what an organisation is told goes to the public internet alone.
    of(&world, trust, DESK).await;
    let (sneaked, _) = of(&world, trust, inside).await;
    let desk = Desk::open(&world).await;
    desk.delivered(&wording("One"), &everybody()).await;
    let mut reached: Vec<_> =
        world.net.asked().iter().map(|request| (request.url.to_string(), request.reach)).collect();
    reached.sort_by_key(|(url, _)| url.clone());
    assert_eq!(
        reached,
        [
            (inside.to_owned(), Reach::Allowed),
            ("https://10.1.0.8/hook".to_owned(), Reach::Allowed),
            (DESK.to_owned(), Reach::Public)
        ]
    );
    assert!(stands(&world, sneaked).await.failing_since.is_some());
}

#[tokio::test]
async fn there_are_ten_at_most_and_two_at_once_do_not_overwrite_each_other() {
    let world = World::new(SERVICES).await;
    let (trust, lead) = lead(&world, "RAA").await;
    let mut ids = Vec::new();
    for place in 0..MOST {
        ids.push(of(&world, trust, &format!("https://desk{place}.example/")).await.0);
    }
    let mut tx = world.app.write().await.unwrap();
    let owner = Owner::Organisation(trust);
    let more = actions::add(&mut tx, &Actor::Job("test"), owner, &plan(DESK), None).await;
    assert!(matches!(more, Err(WebhookError::TooMany)), "{more:?}");
    drop(tx);
    let fields = [("name", "x"), ("url", DESK), ("format", "json"), ("events", "alert.published")];
    let refused = lead.submit("/webhooks/new", &fields).await;
    assert!(refused.body.contains("There are 10 webhooks already"), "{}", refused.body);
    assert!(!lead.get("/webhooks").await.body.contains("Add a webhook"));
    let page = format!("/webhooks/{}", ids[0]);
    let change = [
        ("name", "First"),
        ("url", DESK),
        ("format", "json"),
        ("events", "alert.published"),
        ("version", "1"),
    ];
    assert_eq!(lead.post(&format!("{page}/change"), &change).await.status, StatusCode::SEE_OTHER);
    let second = lead.post(&format!("{page}/change"), &change).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    // Removed: it is gone for its own people too, and there is room again.
    assert!(lead.get(&format!("{page}/remove")).await.body.contains("Remove the webhook First?"));
    let removed = lead.submit(&format!("{page}/remove"), &[]).await;
    assert_eq!(removed.location(), Some(&*format!("/webhooks?organisation={trust}")));
    assert_eq!(lead.get(&page).await.status, StatusCode::NOT_FOUND);
    assert!(lead.get("/webhooks").await.body.contains("Add a webhook"));
    answers(&world, DESK, 500, &[]);
}

#[tokio::test]
async fn what_a_webhook_was_told_is_read_page_by_page() {
    let world = World::new(SERVICES).await;
    let (trust, lead) = lead(&world, "RAA").await;
    let (id, _) = of(&world, trust, DESK).await;
    for _ in 0..60 {
        let mut tx = world.app.write().await.unwrap();
        actions::test(&mut tx, &Actor::Job("test"), id).await.unwrap();
        tx.commit().await.unwrap();
        world.app.env.advance(jiff::SignedDuration::from_secs(1));
        world.work().await;
    }
    let first = lead.get(&format!("/webhooks/{id}")).await.body;
    assert_eq!(first.matches("The server took it").count(), 50);
    let next =
        first.split("href=\"").find(|rest| rest.contains("after=")).unwrap().split('"').next().unwrap();
    let second = lead.get(next).await.body;
    assert_eq!(second.matches("The server took it").count(), 10);
}

#[tokio::test]
async fn its_page_says_one_moment_at_which_it_is_tried_again() {
    let world = World::new(SERVICES).await;
    let (trust, lead) = lead(&world, "RAA").await;
    let (id, _) = of(&world, trust, DESK).await;
    answers(&world, DESK, 500, &[]);
    let desk = Desk::open(&world).await;
    desk.delivered(&wording("One"), &everybody()).await;
    world.pass(jiff::SignedDuration::from_hours(1)).await;
    // What happens meanwhile may leave at once, but its server is not asked before.
    let mut tx = world.app.write().await.unwrap();
    let told = plan(DESK).events[0];
    let another = db::sql!(
        "INSERT INTO webhook_delivery (id, webhook_id, event, about_id, fields, state, created_at, attempts, unique_key)
         SELECT ?1, webhook_id, ?2, about_id, fields, state, ?3, 0, 'another' FROM webhook_delivery"
    );
    let queued = db::sql!(
        "INSERT INTO webhook_queue (delivery_id, webhook_id, queued_at, not_before)
         SELECT ?1, webhook_id, ?2, ?2 FROM webhook_queue"
    );
    let (other, now) = (tx.id::<platform::webhook::DeliveryId>(), tx.now);
    tx.run(another, db::params![other, told, now]).await.unwrap();
    tx.run(queued, db::params![other, now]).await.unwrap();
    tx.commit().await.unwrap();
    let page = lead.get(&format!("/webhooks/{id}")).await.body;
    let behind = |words: &str| -> Vec<String> {
        page.split(words).skip(1).map(|rest| rest.split(['<', '.']).next().unwrap().to_owned()).collect()
    };
    let (again, next) = (behind("It is tried again "), behind("Tried next "));
    assert_eq!((again.len(), next.len()), (1, 2), "{page}");
    assert!(next.iter().all(|at| *at == again[0]), "{again:?} {next:?}");
    assert!(!page.contains("As soon as it can be"), "{page}");
}

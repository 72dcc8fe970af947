//! Every page of the route table in a real browser: it has one heading, breaks no accessibility
//! rule, is used by the keyboard alone, asks no other host, logs no error, fits a screen of 320
//! pixels with its tables, and stays small.

use carecert::demo::SERVICES;
use http::Method;
use platform::{
    access::{Role, Rule},
    web::Route,
};
use testkit::{
    browser::{Browser, Size},
    world::World,
};

use crate::walk::{filled, furnish};

/// What a first visit to a page may weigh, compressed.
const FIRST_VISIT: u64 = 100_000;

/// Names the tables that have to be scrolled sideways.
const WIDE_TABLES: &str = "return [...document.querySelectorAll('.nhsuk-scroll__content')]
    .filter(region => region.scrollWidth > region.clientWidth)
    .map(region => region.querySelector('caption').innerText)";

/// Pages that look different at another address than their sample's, and who sees them: a search
/// that finds something, an organisation that answers for others, incidents as the CERT sees them.
const ALSO: [(Role, &str); 6] = [
    (Role::Admin, "/organisations?q=walking"),
    (Role::Admin, "/organisations/{supplying_organisation}"),
    (Role::Analyst, "/incidents?list=apart"),
    (Role::Analyst, "/incidents/{apart_incident}"),
    (Role::Analyst, "/incidents/{incident}"),
    (Role::Analyst, "/calls/{call}/organisation?q=walking"),
];

/// What a person may look at; the others are for machines, or files.
fn is_page(route: &Route) -> bool {
    // The pages of signing in are walked by the journeys, each at its own stage.
    if matches!(route.rule, Rule::AtStage(_)) {
        return false;
    }
    let machines = ["/api/", "/thehive/", "/assets/", "/feeds/", "/healthz", "/readyz", "/metrics"];
    let file = [".csv", ".json", ".svg", "/file"].iter().any(|ending| route.path.ends_with(ending));
    route.method == Method::GET
        && !route.endless
        && !file
        && !machines.iter().any(|path| route.path.starts_with(path))
}

/// The first role that may see the page; `None` for a visitor.
fn seen_by(rule: Rule) -> Option<Role> {
    match rule {
        Rule::Anyone
        | Rule::Holder
        | Rule::Scope(_)
        | Rule::CertScope(_)
        | Rule::Gateway
        | Rule::AtStage(_) => None,
        Rule::SignedIn => Some(Role::Responder),
        Rule::Roles(roles) => roles.first().copied(),
    }
}

async fn check(browser: &Browser, origin: &str, path: &str) -> anyhow::Result<()> {
    browser.resize(Size::Desktop).await?;
    browser.goto(&format!("{origin}{path}")).await?;
    browser.heading().await?;
    browser.assert_accessible().await?;
    browser.assert_usable_by_keyboard().await?;
    browser.assert_no_foreign_requests(origin).await?;
    let errors = browser.console_errors().await?;
    anyhow::ensure!(errors.is_empty(), "the console says {errors:?}");
    let weighs = "return performance.getEntriesByType('navigation')
        .concat(performance.getEntriesByType('resource'))
        .reduce((sum, entry) => sum + entry.encodedBodySize, 0)";
    let bytes: u64 = browser.ask(weighs).await?;
    anyhow::ensure!(bytes > 0 && bytes < FIRST_VISIT, "a first visit weighs {bytes} bytes");
    browser.zoom_400().await?;
    let wide: Vec<String> = browser.ask(WIDE_TABLES).await?;
    anyhow::ensure!(wide.is_empty(), "tables are wider than a telephone: {wide:?}");
    browser.assert_no_sideways_scroll().await
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_every_page_can_be_used_by_everybody() {
    let world = World::new(SERVICES).await;
    let furnished = furnish(&world).await;
    let origin = world.listen().await;
    let mut wrong = Vec::new();
    for role in Role::ALL.map(Some).into_iter().chain([None]) {
        let routes = SERVICES.iter().flat_map(|service| (service.routes)());
        let pages: Vec<_> = routes
            .filter(|route| is_page(route) && !matches!(route.rule, Rule::AtStage(_)))
            .filter(|route| seen_by(route.rule) == role)
            .collect();
        if pages.is_empty() {
            continue;
        }
        let browser = Browser::open(Size::Desktop).await.expect("a browser");
        browser.goto(&format!("{origin}/about/cookies")).await.expect("a page");
        if let Some(role) = role {
            let organisation = (!role.at_cert()).then_some(furnished.organisation);
            let person = world.person(role.label(), role, organisation).await;
            let cookie = world.signed_in(person).await.cookie.expect("a session");
            browser.hold_cookie(&cookie).await.expect("a cookie");
        }
        let also = ALSO.iter().filter(|(sees, _)| Some(*sees) == role).map(|(_, path)| *path);
        for sample in pages.iter().map(|page| page.sample).chain(also) {
            let path = filled(sample, &furnished.names);
            if let Err(error) = check(&browser, &origin, &path).await {
                wrong.push(format!("{path}: {error:#}"));
            }
        }
        browser.close().await.expect("closed");
    }
    for page in SERVICES.iter().flat_map(|service| (service.routes)()).filter(is_page) {
        let Rule::AtStage(stages) = page.rule else { continue };
        let cookie = world.at_stage(furnished.halfway, stages[0]).await.cookie.expect("a session");
        let browser = Browser::open(Size::Desktop).await.expect("a browser");
        browser.goto(&format!("{origin}/about/cookies")).await.expect("a page");
        browser.hold_cookie(&cookie).await.expect("a cookie");
        if let Err(error) = check(&browser, &origin, page.path).await {
            wrong.push(format!("{}: {error:#}", page.path));
        }
        browser.close().await.expect("closed");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

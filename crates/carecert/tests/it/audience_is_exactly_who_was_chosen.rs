//! Whatever is chosen, publishing writes exactly those whom the rule means, each once: the rule in
//! SQL against the rule in Rust.

use std::collections::BTreeSet;

use broadcast::alert::Answers;
use broadcast::audience::{Audience, Choices, EVERY, Mode, Part, preview};
use carecert::SERVICES;
use db::{params, sql};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};
use testkit::world::World;

use crate::issuing::{Desk, answers_for, contact, everybody, wording};

const KINDS: [&str; 3] = ["trust", "gp_practice", "pharmacy"];
const REGIONS: [Option<&str>; 3] = [Some("Y56"), Some("Y60"), None];
const BODIES: [Option<&str>; 3] = [Some("QAA"), Some("QBB"), None];

/// An organisation as the rule sees it.
#[derive(Clone, Debug)]
struct Body {
    code: String,
    open: bool,
    kind: &'static str,
    region: Option<&'static str>,
    parent: Option<&'static str>,
    icb: Option<&'static str>,
}

/// The rule of [`Audience`], in plain words.
fn means(audience: &Audience, body: &Body) -> bool {
    let has = |part: Part, value: &str| audience.of(part).iter().any(|each| each == value);
    let free = |part: Part| audience.of(part).is_empty();
    let region = body.region.unwrap_or_default();
    let belongs = |part: Part| [body.parent, body.icb].into_iter().flatten().any(|code| has(part, code));
    let something = ![Part::Kind, Part::Region, Part::Parent].into_iter().all(free);
    let fits = something
        && (free(Part::Kind) || has(Part::Kind, body.kind) || has(Part::Kind, EVERY))
        && (free(Part::Region) || has(Part::Region, region))
        && (free(Part::Parent) || belongs(Part::Parent));
    let left_out = has(Part::ExcludeOrganisation, &body.code)
        || has(Part::ExcludeKind, body.kind)
        || has(Part::ExcludeRegion, region)
        || belongs(Part::ExcludeParent);
    body.open && (has(Part::Organisation, &body.code) || fits) && !left_out
}

/// Every combination of type, region, parent and board, some of them closed.
fn bodies() -> Vec<Body> {
    let mut bodies = Vec::new();
    for kind in KINDS {
        for region in REGIONS {
            for (parent, icb) in BODIES.into_iter().zip([None, Some("QAA"), Some("QBB")]) {
                let number = bodies.len();
                bodies.push(Body {
                    code: format!("T{number:02}"),
                    open: number % 7 != 3,
                    kind,
                    region,
                    parent,
                    icb,
                });
            }
        }
    }
    bodies
}

async fn settle(world: &World, bodies: &[Body]) {
    for body in bodies {
        world.organisation(&body.code, &format!("Body {}", body.code), body.kind).await;
        let mut tx = world.app.write().await.unwrap();
        let statement = sql!(
            "UPDATE organisation SET status = ?2, region = ?3, parent_code = ?4, icb_code = ?5 WHERE code = ?1"
        );
        let status = if body.open { "open" } else { "closed" };
        tx.run(statement, params![&body.code, status, body.region, body.parent, body.icb]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn some(of: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    vec(select(of), 0..3).prop_map(|values| values.into_iter().map(str::to_owned).collect())
}

fn choices() -> impl Strategy<Value = Vec<(Part, Vec<String>)>> {
    let kinds = || some(&["trust", "gp_practice", "pharmacy"]);
    let regions = || some(&["Y56", "Y60", ""]);
    let bodies = || some(&["QAA", "QBB"]);
    let codes = || some(&["T00", "T03", "T08", "T13", "T21", "T26"]);
    let kinds_or_every = prop_oneof![3 => kinds(), 1 => Just(vec![EVERY.to_owned()])];
    (
        kinds_or_every,
        regions(),
        bodies(),
        codes(),
        some(&["pharmacy"]),
        some(&["Y60", ""]),
        some(&["QBB"]),
        codes(),
    )
        .prop_map(|(kind, region, parent, code, no_kind, no_region, no_parent, no_code)| {
            vec![
                (Part::Kind, kind),
                (Part::Region, region),
                (Part::Parent, parent),
                (Part::Organisation, code),
                (Part::ExcludeKind, no_kind),
                (Part::ExcludeRegion, no_region),
                (Part::ExcludeParent, no_parent),
                (Part::ExcludeOrganisation, no_code),
            ]
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_writes_exactly_those_whom_the_rule_means() {
    let world = World::new(SERVICES).await;
    let bodies = bodies();
    settle(&world, &bodies).await;
    let desk = Desk::open(&world).await;
    let try_one = async |parts: Vec<(Part, Vec<String>)>| {
        let mut audience = Audience::default();
        for (part, values) in &parts {
            audience.choices.insert(*part, values.clone());
        }
        let expected: BTreeSet<String> =
            bodies.iter().filter(|body| means(&audience, body)).map(|body| body.code.clone()).collect();
        let choices = Choices { mode: Some(Mode::ForInformation), parts };
        // A version that is meant for nobody cannot be submitted.
        let version = if audience.means_somebody() {
            desk.approved(&wording("Any"), &choices).await
        } else {
            desk.draft(&wording("Any"), &choices).await
        };
        let now = world.now();
        let mut snapshot = world.app.db.read_long().await.unwrap();
        let figures = preview::figures(&mut snapshot, version, now).await.unwrap();
        let listed = preview::listed(&mut snapshot, version, now, "").await.unwrap();
        drop(snapshot);
        assert_eq!(figures.organisations, i64::try_from(expected.len()).unwrap());
        assert_eq!(figures.unreachable, figures.organisations, "nobody has a contact here");
        assert_eq!(listed.into_iter().map(|row| row.code).collect::<BTreeSet<_>>(), expected);
        let mut tx = world.app.write().await.unwrap();
        let published = broadcast::alert::actions::publish(&mut tx, &desk.duty, version, Answers::Anew).await;
        let Ok(published) = published else { return expected.is_empty() };
        let statement = sql!(
            "SELECT o.code FROM response r JOIN organisation o ON o.id = r.organisation_id WHERE r.alert_id = ?1"
        );
        let frozen: Vec<(String,)> = tx.all(statement, params![published.alert]).await.unwrap();
        let frozen: Vec<_> = frozen.into_iter().map(|(code,)| code).collect();
        frozen.len() == expected.len() && frozen.into_iter().collect::<BTreeSet<_>>() == expected
    };
    let handle = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        let mut runner =
            TestRunner::new(ProptestConfig { cases: 40, failure_persistence: None, ..Default::default() });
        runner
            .run(&choices(), |parts| {
                prop_assert!(handle.block_on(try_one(parts)));
                Ok(())
            })
            .unwrap();
    });
}

#[tokio::test]
async fn the_preview_says_who_answers_for_others_and_who_cannot_be_reached() {
    let world = World::new(SERVICES).await;
    let icb = world.organisation("QAA", "Northern ICB", "icb").await;
    contact(&world, icb, "security_lead", "lead@icb.example").await;
    contact(&world, icb, "shared_mailbox", "desk@icb.example").await;
    for number in 0..3 {
        let practice =
            world.organisation(&format!("A{number}"), &format!("Practice {number}"), "gp_practice").await;
        answers_for(&world, icb, practice).await;
    }
    let trust = world.organisation("RAA", "Reached Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@trust.example").await;
    // The executive is not written to when an alert is issued.
    let silent = world.organisation("RBB", "Silent Trust", "trust").await;
    contact(&world, silent, "executive", "siro@silent.example").await;
    let desk = Desk::open(&world).await;
    let version = desk.draft(&wording("Any"), &everybody()).await;

    let mut snapshot = world.app.db.read_long().await.unwrap();
    let figures = preview::figures(&mut snapshot, version, world.now()).await.unwrap();
    let told = (figures.organisations, figures.answered_by_others, figures.unreachable, figures.mailboxes);
    assert_eq!(told, (6, 3, 1, 3));
    let answering = preview::answering(&mut snapshot, version, world.now()).await.unwrap();
    assert_eq!(
        answering.iter().map(|row| (row.code.as_str(), row.answers_for)).collect::<Vec<_>>(),
        [("QAA", 3)]
    );
    let unreachable = preview::unreachable(&mut snapshot, version, world.now(), "").await.unwrap();
    assert_eq!(unreachable.iter().map(|row| row.code.as_str()).collect::<Vec<_>>(), ["RBB"]);
    let table = preview::by_kind_and_region(&mut snapshot, version).await.unwrap();
    assert!(table.contains(&("gp_practice".to_owned(), "Y56".to_owned(), 3)));
    drop(snapshot);

    let client = world.signed_in(world.person("Reader", platform::access::Role::Auditor, None).await).await;
    let page = client.get(&format!("/audiences/{version}")).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Northern ICB") && page.body.contains("Nobody can be reached by email in 1"));
    let page = client.get(&format!("/audiences/{version}/listed?show=unreachable")).await;
    assert!(page.body.contains("Silent Trust") && !page.body.contains("Reached Trust"));
}

#[tokio::test]
async fn to_change_an_approved_audience_is_to_edit_the_version() {
    let world = World::new(SERVICES).await;
    world.organisation("RAA", "Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let version = desk.approved(&wording("Any"), &everybody()).await;
    let other = world.person("Second", platform::access::Role::DutyManager, None).await;
    let client = world.signed_in(other).await;
    let edition = desk.edition(version).await.to_string();
    let path = format!("/audiences/{version}/named");

    let unknown = client.post(&path, &[("edition", &edition), ("organisation", "RAA, ZZZ99")]).await;
    assert_eq!(unknown.status, 422);
    assert!(unknown.body.contains("No organisation has the code ZZZ99") && unknown.body.contains("RAA"));
    let stale = client.post(&path, &[("edition", "1"), ("organisation", "RAA")]).await;
    assert_eq!(stale.status, 409);
    assert!(stale.body.contains("Organisation:\nRAA</textarea>"), "{}", stale.body);
    let changed = client.post(&path, &[("edition", &edition), ("organisation", "raa")]).await;
    // One answer was changed: no other is asked again.
    assert_eq!(changed.location(), Some(format!("/audiences/{version}").as_str()), "{}", changed.body);
    let back = client.get(&format!("/audiences/{version}")).await.body;
    assert!(back.contains("/advisories/CC-0001/edit\""), "to what is still to be written: {back}");

    let mut tx = world.app.write().await.unwrap();
    let refused = broadcast::alert::actions::publish(&mut tx, &desk.duty, version, Answers::Anew).await;
    assert!(refused.is_err(), "it is a draft again");
    let editors = broadcast::advisory::store::editors(&mut tx, version).await.unwrap();
    assert!(editors.contains(&other), "who changed it does not approve it");
}

#[tokio::test]
async fn organisations_are_found_by_name_or_postcode_and_added_without_scripts() {
    let world = World::new(SERVICES).await;
    let list = "code,name,type,address,postcode,telephone\n\
                A81001,THE DENSHAM SURGERY,gp_practice,Lawson Street,TS18 1HU,01642 672351\n\
                A81002,QUEENS PARK MEDICAL CENTRE,gp_practice,Farrer Street,TS18 2AW,01642 679681\n\
                RR8,LEEDS TEACHING HOSPITALS NHS TRUST,trust,Beckett Street,LS9 7TF,0113 2433144\n";
    let here = platform::Actor::Job("test");
    let read = platform::organisation::import::organisations(
        &world.app,
        &here,
        list.as_bytes(),
        "list.csv",
        formats::ods::Format::Detect,
        &|_| {},
    );
    assert_eq!(read.await.unwrap().new, 3);
    let desk = Desk::open(&world).await;
    let version = desk.draft(&wording("Any"), &Choices::default()).await;
    let analyst = world.person("Second", platform::access::Role::Analyst, None).await;
    let client = world.signed_in(analyst).await;
    let path = format!("/audiences/{version}/named");
    let asked = |q, codes| [("edition", "1"), ("q", q), ("organisation", codes), ("do", "find")];

    let found = client.post(&path, &asked("leeds teach", "A81002")).await;
    assert_eq!(found.status, 200, "{}", found.body);
    assert!(found.body.contains("(RR8)") && !found.body.contains("Densham"), "{}", found.body);
    assert!(found.body.contains(">\nA81002</textarea>"), "what was typed stays: {}", found.body);
    let nothing = client.post(&path, &asked("nowhere", "")).await;
    assert!(nothing.status == 422 && nothing.body.contains("No open organisation matches"));

    // What is ticked joins what was typed, also when something else is looked for next.
    let next =
        [("edition", "1"), ("q", "TS18 1"), ("organisation", "A81002"), ("found", "RR8"), ("do", "find")];
    let next = client.post(&path, &next).await;
    assert!(
        next.body.contains(">\nA81002\nRR8</textarea>") && next.body.contains("(A81001)"),
        "{}",
        next.body
    );
    assert_eq!(desk.edition(version).await, 1, "nothing is kept by looking");
    let saved = [("edition", "1"), ("q", ""), ("organisation", "A81002\nRR8"), ("found", "A81001")];
    let next = format!("/audiences/{version}/exclusions");
    assert_eq!(client.post(&path, &saved).await.location(), Some(next.as_str()), "asked to the last");
    let mut snapshot = world.app.read().await.unwrap();
    let audience = broadcast::audience::store::audience(&mut snapshot, version).await.unwrap();
    assert_eq!(audience.of(Part::Organisation), ["A81001", "A81002", "RR8"]);
    drop(snapshot);

    // Whom to leave out is found in the same way, and who approves reads names.
    let path = format!("/audiences/{version}/exclusions");
    let found = [("edition", "2"), ("q", "leeds"), ("do", "find")];
    assert!(client.post(&path, &found).await.body.contains("(RR8)"));
    assert_eq!(client.post(&path, &[("edition", "2"), ("q", ""), ("found", "RR8")]).await.status, 303);
    let page = client.get(&format!("/audiences/{version}")).await.body;
    assert!(page.contains("The Densham Surgery (A81001), Queens Park Medical Centre (A81002)"), "{page}");
    assert_eq!(page.matches("Leeds Teaching Hospitals NHS Trust (RR8)").count(), 2, "{page}");
}

#[tokio::test]
async fn a_published_audience_is_those_who_were_told() {
    let world = World::new(SERVICES).await;
    world.organisation("RAA", "Told Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let version = desk.approved(&wording("Any"), &everybody()).await;
    desk.publish(version, Answers::Anew).await;
    world.organisation("RBB", "Later Trust", "trust").await;
    let client = world.signed_in(world.person("Reader", platform::access::Role::Auditor, None).await).await;
    let (path, list) = (format!("/audiences/{version}"), format!("/audiences/{version}/listed"));
    assert!(client.get(&path).await.body.contains("Who will be told"), "it can still be called back");
    world.pass(jiff::SignedDuration::from_secs(61)).await;
    let page = client.get(&path).await.body;
    assert!(page.contains("Who was told") && !page.contains("would") && !page.contains("now</h2>"), "{page}");
    let listed = client.get(&list).await.body;
    assert!(listed.contains("Told Trust") && !listed.contains("Later Trust"), "{listed}");
}

#[tokio::test]
async fn at_red_nobody_is_said_to_be_written_to() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Told Trust", "trust").await;
    contact(&world, trust, "security_lead", "security@told.example").await;
    let desk = Desk::open(&world).await;
    let mut wording = wording("Any");
    wording.tlp = formats::Tlp::Red;
    let version = desk.approved(&wording, &everybody()).await;
    let duty = world.signed_in(desk.duty.person().unwrap().id).await;
    let audience = duty.get(&format!("/audiences/{version}")).await.body;
    assert!(
        audience.contains("At TLP:RED no email is sent") && !audience.contains("gets one email"),
        "{audience}"
    );
    let publish = duty.get(&format!("/audiences/{version}/publish")).await.body;
    assert!(publish.contains("must be told in person") && !publish.contains("Emails"), "{publish}");
}

#[tokio::test]
async fn whoever_selects_no_type_is_asked_again_and_may_say_that_names_are_enough() {
    let world = World::new(SERVICES).await;
    world.organisation("RAA", "Trust", "trust").await;
    let desk = Desk::open(&world).await;
    let version = desk.draft(&wording("Any"), &Choices::default()).await;
    let analyst = world.person("Second", platform::access::Role::Analyst, None).await;
    let client = world.signed_in(analyst).await;
    let path = |question: &str| format!("/audiences/{version}/{question}");
    let post = async |question: &str, fields: &[(&str, &str)]| {
        let edition = desk.edition(version).await.to_string();
        client.post(&path(question), &[&[("edition", edition.as_str())], fields].concat()).await
    };
    let chosen = async || {
        let mut snapshot = world.app.read().await.unwrap();
        broadcast::audience::store::audience(&mut snapshot, version).await.unwrap()
    };

    let nothing = post("types", &[]).await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.body.contains("id=\"kind-error\"") && nothing.body.contains("Select the types"));
    let both = post("types", &[("kind", "trust"), ("kind", "only_named")]).await;
    assert!(both.status == 422 && both.body.contains("not both"), "{}", both.body);
    assert!(
        both.body.contains("value=\"trust\" checked") && both.body.contains("value=\"only_named\" checked")
    );
    assert!(!chosen().await.means_somebody());

    // Nobody asks for regions and bodies of those that are named.
    let none = post("types", &[("kind", "only_named")]).await;
    assert_eq!(none.location(), Some(path("named").as_str()), "{}", none.body);
    let nobody = post("named", &[("organisation", " ")]).await;
    assert_eq!(nobody.status, 422);
    assert!(nobody.body.contains("id=\"organisation-error\""), "{}", nobody.body);
    let named = post("named", &[("organisation", "raa")]).await;
    assert_eq!(named.location(), Some(path("exclusions").as_str()), "{}", named.body);
    post("mode", &[("mode", "must_respond")]).await;
    let page = client.get(&format!("/audiences/{version}")).await.body;
    assert!(page.contains("None: only those that are named"), "{page}");
    assert!(client.get(&path("types")).await.body.contains("value=\"only_named\" checked"));

    // A region means every type in it, which its page says; without types it falls away again.
    post("regions", &[("region", "Y56")]).await;
    assert!(client.get(&path("types")).await.body.contains("value=\"every\" checked"));
    let again = post("types", &[("kind", "only_named")]).await;
    assert_eq!(again.location(), Some(format!("/audiences/{version}").as_str()), "{}", again.body);
    assert!(chosen().await.of(Part::Region).is_empty());
    let emptied = post("named", &[("organisation", "")]).await;
    assert!(emptied.status == 422, "{}", emptied.body);
    assert_eq!(chosen().await.of(Part::Organisation), ["RAA"], "what was tried is not kept");
}

//! "None so far" is what a report says of care: it is shown as said, decides how urgent the incident is, and stands in no
//! draft to a regulator any more once the board, or another report, says otherwise. The draft has the board's figures.

use carecert::SERVICES;
use http::StatusCode;
use jiff::SignedDuration;
use platform::{Actor, access::Role};
use react::{
    case::Zone,
    impact::{self, Downtime, Harm, State},
    incident::{IncidentId, Receipt},
    regime::Trigger,
    triage::Priority,
};
use testkit::world::{Client, World};

use crate::{
    furnished_clocks::{aware, clocks, service},
    furnished_incidents::standing,
    issuing::actor,
};

const NONE: &str = "None so far";
const DEGRADED: &str = "Is a clinical service degraded";
const DIVERTED: &str = "Is emergency or critical care diverted?";

/// A lead of a trust, who reports what is ticked.
struct Desk<'a> {
    world: &'a World,
    lead: Actor,
    lee: Client<'a>,
}

impl<'a> Desk<'a> {
    async fn open(world: &'a World) -> Self {
        let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
        let lead = actor(world, "Lee Leader", Role::Lead, Some(trust)).await;
        let lee = world.signed_in(lead.person().unwrap().id).await;
        Self { world, lead, lee }
    }

    async fn report(&self, affected: &[&str]) -> IncidentId {
        let mut typed =
            vec![("organisation", "RWA"), ("seen", "mail_opened"), ("since", "unknown"), ("go", "send")];
        typed.extend(affected.iter().map(|care| ("affected", *care)));
        let sent = self.lee.post("/report/new", &typed).await;
        assert_eq!(sent.status, StatusCode::OK, "{}", sent.body);
        let receipt: Receipt =
            sent.body.split("The number is ").nth(1).unwrap()[..11].parse().expect("a number");
        let mut snapshot = self.world.app.read().await.unwrap();
        let id = react::incident::store::called(&mut snapshot, &receipt).await.unwrap().unwrap();
        self.world.app.env.advance(SignedDuration::from_millis(1));
        id
    }

    /// The page of an incident below its own.
    async fn page(&self, id: IncidentId, path: &str) -> String {
        self.lee.get(&format!("/incidents/{id}{path}")).await.body
    }

    /// What the triage page says of a question, and from where.
    async fn answered(&self, id: IncidentId, question: &str) -> String {
        let page = self.page(id, "/triage").await;
        let row = page.split(question).nth(1).unwrap_or_else(|| panic!("{question}: {page}"));
        row.split("</fieldset>").next().unwrap().to_owned()
    }

    /// Puts a service on the board that has stopped, from which patients are diverted, and counts what was postponed.
    async fn stop_a_service(&self, id: IncidentId) {
        let mut said = service("Theatres", State::Stopped, Downtime::Absent);
        "Quokka Hospital".clone_into(&mut said.diverted_to);
        said.harm = Harm::Possible;
        let mut tx = self.world.app.write().await.unwrap();
        let form = tx.id();
        impact::actions::add(&mut tx, &self.lead, id, &said, form).await.unwrap();
        let (form, now) = (tx.id(), tx.now);
        impact::actions::count(&mut tx, &self.lead, id, (now, 1_240, 16), form).await.unwrap();
        tx.commit().await.unwrap();
        self.world.app.env.advance(SignedDuration::from_millis(1));
    }

    /// The page of the clock towards the Commissioner.
    async fn draft(&self, id: IncidentId) -> String {
        let all = clocks(self.world, id).await;
        let clock = all.iter().find(|clock| clock.duty == "commissioner").expect("a clock");
        self.page(id, &format!("/clocks/{}", clock.id)).await
    }
}

/// Whether this answer is the one that is ticked.
fn is(row: &str, answer: &str) -> bool {
    row.contains(&format!("value=\"{answer}\" checked"))
}

#[tokio::test]
async fn none_so_far_is_shown_and_makes_less_urgent_until_a_service_stops() {
    let world = World::new(SERVICES).await;
    let desk = Desk::open(&world).await;
    let id = desk.report(&["none"]).await;
    assert!(desk.page(id, "").await.contains(NONE));
    for question in [DEGRADED, DIVERTED] {
        let row = desk.answered(id, question).await;
        assert!(is(&row, "no") && row.contains("From the report"), "{question}: {row}");
    }
    assert_eq!(standing(&world, id).await.priority, Some(Priority::P3));
    // The same is said of nothing else: whoever ticks both has care that is affected.
    let both = desk.report(&["none", "theatres"]).await;
    let page = desk.page(both, "").await;
    assert!(page.contains("Operations and theatres") && !page.contains(NONE), "{page}");
    assert!(is(&desk.answered(both, DEGRADED).await, "yes"));
    assert_eq!(standing(&world, both).await.priority, Some(Priority::P1));

    desk.stop_a_service(id).await;
    assert_eq!(standing(&world, id).await.priority, Some(Priority::P1));
    let row = desk.answered(id, DIVERTED).await;
    assert!(is(&row, "yes") && !row.contains("From the report"), "{row}");
    let page = desk.page(id, "/impact").await;
    assert!(page.contains("Theatres") && page.contains("Quokka Hospital"), "{page}");
    let timeline = desk.page(id, "/timeline").await;
    assert!(timeline.contains("It was P3, and is P1"), "{timeline}");
    // What was reported stands as it was said.
    assert!(desk.page(id, "").await.contains(NONE));
}

#[tokio::test]
async fn the_draft_to_the_commissioner_has_the_boards_figures_and_says_what_is_missing() {
    let world = World::new(SERVICES).await;
    let desk = Desk::open(&world).await;
    let id = desk.report(&["none"]).await;
    let at = world.now() - SignedDuration::from_mins(1);
    aware(&world, &desk.lead, id, (Zone::Shared, Trigger::PersonalDataBreach), at).await.unwrap();
    let before = desk.draft(id).await;
    assert!(before.contains(NONE) && !before.contains("Services stopped"), "{before}");
    let missing = ["dpo", "people", "records", "consequences", "measures"];
    for fact in missing {
        assert!(before.contains(&format!("href=\"#fact-{fact}\"")), "{fact}: {before}");
    }

    desk.stop_a_service(id).await;
    let after = desk.draft(id).await;
    for words in [
        "Services stopped: 1; degraded: 0",
        "Patients diverted: yes",
        "Harm to patients: possible",
        "1,240 appointments, 16 procedures",
        "What is not known yet will follow as soon as it is.",
    ] {
        assert!(after.contains(words), "{words}: {after}");
    }
    assert!(!after.contains(NONE), "the board knows better: {after}");
    // Figures of care say nothing about people and records: these are still asked for, and no more than these.
    assert_eq!(
        after.matches("[not known yet]").count(),
        before.matches("[not known yet]").count(),
        "{after}"
    );
    let clock = clocks(&world, id).await[0].id;
    let facts: Vec<_> = missing.iter().map(|fact| format!("fact-{fact}")).collect();
    let typed: Vec<_> = facts.iter().map(|name| (name.as_str(), "A wombat")).collect();
    let saved = desk.lee.post(&format!("/incidents/{id}/clocks/{clock}/facts"), &typed).await;
    assert_eq!(saved.status, 303);
    let whole = desk.draft(id).await;
    for words in ["[not known yet]", "What is not known yet will follow", "href=\"#fact-"] {
        assert!(!whole.contains(words), "{words}: {whole}");
    }
}

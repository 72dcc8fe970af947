//! How long the steps of incidents took, without the time in which the CERT waited for the organisation: of one, and of all
//! of a year by priority and month. And the list of incidents in the order of their urgency.

use carecert::SERVICES;
use db::{params, sql};
use http::StatusCode;
use jiff::SignedDuration;
use platform::{Actor, access::Role, organisation::OrganisationId};
use react::{
    incident::{IncidentId, actions},
    pace::{
        self, Mark, Step, actions as pacing,
        sector::{Figure, Figures, Part, Year, figures},
    },
    triage::Priority,
};
use testkit::world::World;

use crate::{
    furnished_incidents::{classified, reported, standing, unknown},
    issuing::actor,
};

struct Desk {
    world: World,
    trust: OrganisationId,
    rae: Actor,
    ana: Actor,
}

const MINUTE: i64 = 60_000_000;

impl Desk {
    async fn open() -> Self {
        let world = World::new(SERVICES).await;
        let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
        let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
        let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
        Self { world, trust, rae, ana }
    }

    fn minutes(&self, minutes: i64) {
        self.world.app.env.advance(SignedDuration::from_mins(minutes));
    }

    async fn report(&self, priority: Priority) -> IncidentId {
        let id = reported(&self.world, &self.rae, "RWA").await.incident;
        let mut tx = self.world.app.write().await.unwrap();
        // Beside the actions, so that what is tested is not how priority is decided.
        let statement = sql!("UPDATE incident SET priority = ?2 WHERE id = ?1");
        tx.run(statement, params![id, priority]).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn take_on(&self, id: IncidentId) {
        let version = standing(&self.world, id).await.version;
        let mut tx = self.world.app.write().await.unwrap();
        actions::take_on(&mut tx, &self.ana, id, version).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn mark(&self, id: IncidentId, mark: Mark) {
        let mut tx = self.world.app.write().await.unwrap();
        let now = tx.now;
        pacing::mark(&mut tx, &self.rae, id, (mark, now)).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Waits so many minutes for the organisation.
    async fn wait(&self, id: IncidentId, minutes: i64) {
        let form = self.world.app.env.id();
        let mut tx = self.world.app.write().await.unwrap();
        let wait = pacing::wait(&mut tx, &self.ana, id, form, "A list").await.unwrap();
        tx.commit().await.unwrap();
        self.minutes(minutes);
        let mut tx = self.world.app.write().await.unwrap();
        pacing::go_on(&mut tx, &self.ana, id, wait).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn close(&self, id: IncidentId) {
        classified(&self.world, &self.ana, id).await;
        let version = standing(&self.world, id).await.version;
        let mut tx = self.world.app.write().await.unwrap();
        actions::close(&mut tx, &self.ana, id, version, "Over").await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn figures(&self) -> Vec<Figures> {
        let year = Year::asked("", self.world.now());
        figures(&mut self.world.app.read().await.unwrap(), &year).await.unwrap()
    }
}

/// Of how many, the median and p90.
type Minutes = (i64, i64, i64);

/// Of one part, how many, and the median and p90 of each step in whole minutes.
fn of(all: &[Figures], part: Part) -> (i64, [Option<Minutes>; 3]) {
    let found = all.iter().find(|each| each.part == part).unwrap_or_else(|| panic!("{part:?}: {all:?}"));
    let minutes = |figure: Figure| (figure.of, figure.median / MINUTE, figure.p90 / MINUTE);
    (found.reported, found.steps.map(|figure| figure.map(minutes)))
}

#[tokio::test]
async fn each_step_counts_from_the_report_without_the_time_of_waiting() {
    let desk = Desk::open().await;
    let id = desk.report(Priority::P2).await;
    desk.minutes(10);
    desk.take_on(id).await;
    desk.minutes(20);
    desk.wait(id, 30).await;
    desk.minutes(5);
    desk.mark(id, Mark::Contained).await;
    desk.wait(id, 60).await;
    // Taken over, it is not acknowledged anew.
    desk.take_on(id).await;
    desk.minutes(15);
    desk.close(id).await;
    let client = desk.world.signed_in(desk.rae.person().unwrap().id).await;
    let body = client.get(&format!("/incidents/{id}/times")).await.body;
    for told in ["10 minutes", "35 minutes", "30 minutes", "50 minutes", "1 hour 30 minutes", "A list"] {
        assert!(body.contains(told), "{told}: {body}");
    }
    let mut snapshot = desk.world.app.read().await.unwrap();
    let (pace, waits) = (
        pace::store::pace(&mut snapshot, id).await.unwrap(),
        pace::store::waits(&mut snapshot, id).await.unwrap(),
    );
    drop(snapshot);
    let took = pace::took(&standing(&desk.world, id).await, &pace, &waits);
    let minutes: Vec<_> =
        took.iter().map(|took| (took.micros.unwrap() / MINUTE, took.waited / MINUTE)).collect();
    assert_eq!(minutes, [(10, 0), (35, 30), (50, 90)]);
    // What all incidents take is counted as that of one.
    let all = desk.figures().await;
    let expected = [Some((1, 10, 10)), Some((1, 35, 35)), Some((1, 50, 50))];
    assert_eq!(of(&all, Part::All), (1, expected));
    assert_eq!(of(&all, Part::Priority(Some(Priority::P2))), (1, expected));
    assert_eq!(of(&all, Part::Month(11)), (1, expected));
    assert_eq!(Step::ALL.len(), expected.len());
}

#[tokio::test]
async fn the_sector_has_medians_and_what_nine_of_ten_took_by_priority_and_month() {
    let desk = Desk::open().await;
    // Ten of P1, acknowledged after 1 to 10 minutes; of them the last is not contained, and none recovered.
    for minutes in 1..=10 {
        let id = desk.report(Priority::P1).await;
        desk.minutes(minutes);
        desk.take_on(id).await;
        if minutes < 10 {
            desk.mark(id, Mark::Contained).await;
        }
    }
    // Two of P3 in the next month, of which nobody has looked at one.
    desk.minutes(60 * 24 * 30);
    let id = desk.report(Priority::P3).await;
    desk.minutes(100);
    desk.take_on(id).await;
    desk.mark(id, Mark::Recovered).await;
    desk.report(Priority::P3).await;
    // A stranger's report, and one that is a part of another, are in no figure.
    unknown(&desk.world, Some(desk.trust), "Walking").await;
    let part = reported(&desk.world, &desk.rae, "RWA").await.incident;
    let into = standing(&desk.world, id).await.receipt;
    let mut tx = desk.world.app.write().await.unwrap();
    actions::join(&mut tx, &desk.ana, part, 1, &into).await.unwrap();
    tx.commit().await.unwrap();

    let all = desk.figures().await;
    assert_eq!(of(&all, Part::Priority(Some(Priority::P1))), (10, [Some((10, 5, 9)), Some((9, 5, 9)), None]));
    assert_eq!(
        of(&all, Part::Priority(Some(Priority::P3))),
        (2, [Some((1, 100, 100)), None, Some((1, 100, 100))])
    );
    assert_eq!(of(&all, Part::All), (12, [Some((11, 6, 10)), Some((9, 5, 9)), Some((1, 100, 100))]));
    let (was, is) = (of(&all, Part::Month(10)), of(&all, Part::Month(11)));
    assert_eq!((was.0, is.0), (10, 2), "{all:?}");
    // Of the year before there is nothing.
    let before = Year::asked("2025-05", desk.world.now());
    assert_eq!(figures(&mut desk.world.app.read().await.unwrap(), &before).await.unwrap(), []);
    let ana = desk.world.signed_in(desk.ana.person().unwrap().id).await;
    let page = ana.get("/incidents/times").await.body;
    for told in
        ["MTTA median", "MTTC p90", "MTTR median", "9 minutes", "1 hour 40 minutes", "June 2026", "July 2026"]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    let rae = desk.world.signed_in(desk.rae.person().unwrap().id).await;
    assert_eq!(rae.get("/incidents/times").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_organisation_is_told_that_one_waits_for_it_and_only_the_cert_says_so() {
    let desk = Desk::open().await;
    let id = desk.report(Priority::P1).await;
    let page = format!("/incidents/{id}/times");
    let ana = desk.world.signed_in(desk.ana.person().unwrap().id).await;
    let rae = desk.world.signed_in(desk.rae.person().unwrap().id).await;
    let wait = format!("{page}/wait");
    assert_eq!(rae.post(&wait, &[("what", "You")]).await.status, StatusCode::FORBIDDEN);
    let refused = ana.post(&wait, &[("what", " ")]).await;
    assert!(refused.status == 422 && refused.body.contains("Enter what you wait for"), "{}", refused.body);
    assert_eq!(ana.post(&wait, &[("what", "The list of servers")]).await.status, 303);
    let twice = ana.post(&wait, &[("what", "Another")]).await;
    assert!(twice.status == 422 && twice.body.contains("end that first"), "{}", twice.body);
    let shown = rae.get(&page).await.body;
    assert!(
        shown.contains("Test CSOC waits for the organisation since") && shown.contains("The list of servers")
    );
    assert!(!shown.contains("We wait from now on") && !shown.contains("we wait no more"), "{shown}");
    // Contained is not before the report, nor later than now.
    let early = [
        ("mark", "contained"),
        ("happened-on-day", "1"),
        ("happened-on-month", "1"),
        ("happened-on-year", "2026"),
        ("happened-time", "10:00"),
    ];
    let early = rae.post(&page, &early).await;
    assert!(early.status == 422 && early.body.contains("between the report and now"), "{}", early.body);
    assert_eq!(rae.post(&page, &[("happened", "now")]).await.status, 422);
    assert_eq!(rae.post(&page, &[("mark", "contained"), ("happened", "now")]).await.status, 303);
    // Closed, nobody waits any more; opened again, one may.
    desk.close(id).await;
    let shown = ana.get(&page).await.body;
    assert!(!shown.contains("Waiting</strong>") && !shown.contains("We wait from now on"), "{shown}");
    assert_eq!(ana.post(&wait, &[("what", "More")]).await.status, 422);
    desk.take_on(id).await;
    assert_eq!(ana.post(&wait, &[("what", "More")]).await.status, 303);
    let timeline = rae.get(&format!("/incidents/{id}/timeline?kind=pace")).await.body;
    for told in ["Contained: the attacker does no more.", "The CERT waits for the organisation: More"] {
        assert!(timeline.contains(told), "{told}: {timeline}");
    }
}

#[tokio::test]
async fn the_list_is_sorted_by_urgency_page_by_page_and_misses_nothing() {
    let desk = Desk::open().await;
    let mut expected = Vec::new();
    for number in 0..120_usize {
        let priority = [Priority::P3, Priority::P1, Priority::P4, Priority::P2][number % 4];
        let id = desk.report(priority).await;
        let mut tx = desk.world.app.write().await.unwrap();
        if number % 10 == 0 {
            // As of before there was a priority.
            tx.run(sql!("UPDATE incident SET priority = NULL WHERE id = ?1"), params![id]).await.unwrap();
        }
        tx.commit().await.unwrap();
        let rank = if number % 10 == 0 { 9 } else { priority.rank() };
        expected.push((rank, std::cmp::Reverse(id.0), id));
    }
    expected.sort_unstable();
    let ana = desk.world.signed_in(desk.ana.person().unwrap().id).await;
    let (mut path, mut seen) = ("/incidents?sort=priority".to_owned(), Vec::new());
    loop {
        let page = ana.get(&path).await.body;
        let rows = page.split("scope=\"row\">").skip(1);
        let id =
            |row: &str| row.split("href=\"/incidents/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        seen.extend(rows.map(id));
        let Some(next) = page.split("rel=\"next\"").next().filter(|_| page.contains("rel=\"next\"")) else {
            break;
        };
        let next = next.rsplit("href=\"").next().unwrap().split('"').next().unwrap();
        path = next.replace("&#38;", "&").replace("&amp;", "&");
        assert!(path.contains("sort=priority") && seen.len() < 200, "{path}");
    }
    let expected: Vec<_> = expected.into_iter().map(|(_, _, id)| id.to_string()).collect();
    assert_eq!(seen, expected);
    let newest = ana.get("/incidents").await.body;
    assert!(newest.contains("aria-sort=\"descending\"") && newest.contains("sort=priority"), "{newest}");
    // A filter stays, and so does the order.
    let only = ana.get("/incidents?sort=priority&priority=p1&state=any&standing=any").await.body;
    assert!(only.contains("The most urgent first") && only.matches("scope=\"row\"").count() == 30, "{only}");
}

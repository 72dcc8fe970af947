//! Organisations that were told of a supplier's outage and do not answer are reminded, a bounded number of times, until
//! they have answered or it is over; and the first word of a grave one goes to mobiles too.

use carecert::SERVICES;
use db::{params, sql};
use jiff::SignedDuration;
use platform::{
    Actor,
    access::{PersonId, Role},
    organisation::{OrganisationId, import},
};
use react::{
    outage::{
        OutageId, Patients, Said, Stands, State,
        actions::{self, Whose},
        store,
    },
    report::actions::Sent,
    triage::{self, Priority},
};
use testkit::world::{Client, World};

use crate::{
    furnished_aid::{declared, down, used, uses},
    furnished_incidents::{reported, triage_version},
    issuing::actor,
    texts_reach_mobiles::{SEND, created, gateway, texts},
};

const SUPPLIER: &str = "Aspen Records Ltd";

const fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// Two trusts and a practice that use the same supplier. The practice has nobody whom a mail reaches; the second trust
/// has two contacts with mobiles, one of them without a mailbox.
struct Sector {
    world: World,
    trusts: [OrganisationId; 2],
    ana: Actor,
    duty: PersonId,
    sent: Sent,
}

impl Sector {
    async fn new() -> Self {
        let world = World::with(SERVICES, |settings| settings.sms = Some(gateway())).await;
        let trusts = [
            world.organisation("RWA", "Walking NHS Trust", "trust").await,
            world.organisation("RBB", "Other NHS Trust", "trust").await,
        ];
        world.organisation("A81001", "The Quokka Surgery", "gp_practice").await;
        let rows = "organisation,role,kind,name,email,telephone,verified\n\
                    RWA,security_lead,person,Lead,lead@walking.example,020 7946 0123,2026-01-05\n\
                    RBB,security_lead,person,Other,lead@other.example,07700 900123,2026-01-05\n\
                    RBB,on_call,on_call_mobile,IT on call,,07700 900456,\n";
        let job = Actor::Job("test");
        let report =
            import::contacts(&world.app, &job, rows.as_bytes(), "contacts.csv", &|_| {}).await.unwrap();
        assert_eq!((report.new, report.refused), (3, 0));
        let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
        for code in ["RWA", "RBB", "A81001"] {
            used(&world, &ana, code, &uses(SUPPLIER, "Patient records")).await;
        }
        let rae = actor(&world, "Rae Responder", Role::Responder, Some(trusts[0])).await;
        let sent = reported(&world, &rae, "RWA").await;
        let duty = world.person("Dee Duty", Role::DutyManager, None).await;
        world.work().await;
        world.net.answers(SEND, created());
        world.net.asked();
        Self { world, trusts, ana, duty, sent }
    }

    async fn priority(&self, priority: Priority) {
        let version = triage_version(&self.world, self.sent.incident).await;
        let mut tx = self.world.app.write().await.unwrap();
        let now = tx.now;
        let sight = react::case::sight(&mut tx, &self.ana, now, self.sent.incident).await.unwrap();
        let why = "As far as is known";
        triage::actions::set_priority(&mut tx, &self.ana, &sight, version, priority, why).await.unwrap();
        tx.commit().await.unwrap();
        self.world.work().await;
        self.world.net.asked();
    }

    /// Declares it; those concerned have until four hours later.
    async fn declared(&self) -> OutageId {
        let (id, concerned) =
            declared(&self.world, &self.ana, self.sent.incident, &down(&self.world, SUPPLIER, "Down.")).await;
        assert_eq!(concerned, 3);
        self.world.work().await;
        id
    }

    /// How many mails an address has about outages.
    fn mails(&self, address: &str) -> usize {
        self.world.post.to(address).iter().filter(|mail| mail.letter.text.contains("/outages/")).count()
    }

    async fn version(&self, id: OutageId, of: OrganisationId) -> i64 {
        let mut snapshot = self.world.app.read().await.unwrap();
        let replies = store::replies(&mut snapshot, id, &store::Which::default()).await.unwrap();
        replies.iter().find(|reply| reply.organisation_id == of).unwrap().version
    }

    async fn answered(&self, id: OutageId, of: OrganisationId) {
        let name = format!("Answering {}", self.world.app.env.below(u64::MAX));
        let by = actor(&self.world, &name, Role::Responder, Some(of)).await;
        let said = Said {
            stands: Stands::Affected,
            downtime: react::impact::Downtime::Working,
            patients: Patients::No,
            note: String::new(),
        };
        let whose = Whose::One(of, self.version(id, of).await);
        let mut tx = self.world.app.write().await.unwrap();
        actions::answer(&mut tx, &by, id, whose, &said).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn ended(&self, id: OutageId, state: State) {
        let mut tx = self.world.app.write().await.unwrap();
        let version = store::outage(&mut tx, id).await.unwrap().unwrap().version;
        actions::end(&mut tx, &self.ana, id, version, state).await.unwrap();
        tx.commit().await.unwrap();
        self.world.work().await;
    }

    /// Chooses quiet hours for a mailbox, in minutes of the day.
    async fn quiet(&self, address: &str, from: i64, until: i64) {
        let mut tx = self.world.app.write().await.unwrap();
        let now = tx.now;
        let chosen = format!(r#"{{"quiet": {{"hours": [{from}, {until}]}}}}"#);
        let statement =
            sql!("INSERT INTO notification (address, preferences, changed_at) VALUES (?1, ?2, ?3)");
        tx.run(statement, params![address, chosen, now]).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn duty(&self) -> Client<'_> {
        self.world.signed_in(self.duty).await
    }
}

#[tokio::test]
async fn who_does_not_answer_is_reminded_and_who_has_answered_is_not() {
    let sector = Sector::new().await;
    let (world, [first, second]) = (&sector.world, sector.trusts);
    sector.priority(Priority::P2).await;
    let id = sector.declared().await;
    let told = || (sector.mails("lead@walking.example"), sector.mails("lead@other.example"));
    assert_eq!(told(), (1, 1));
    sector.answered(id, first).await;
    world.pass(minutes(115)).await;
    assert_eq!(told(), (1, 1), "halfway to the answer nobody is reminded yet");
    let page = sector.duty().await.get(&format!("/outages/{id}")).await.body;
    assert!(page.contains("Nobody yet") && page.contains("Next reminder"), "{page}");

    world.pass(minutes(10)).await;
    assert_eq!(told(), (1, 2), "the one that is silent");
    let reminder = world.post.to("lead@other.example").pop().unwrap().letter.text;
    for word in ["Aspen", "Walking", "Down."] {
        assert!(!reminder.contains(word), "{reminder}");
    }
    // The page shows who was reminded, who still is silent, and whom no reminder reaches.
    let duty = sector.duty().await;
    let page = duty.get(&format!("/outages/{id}")).await.body;
    for shown in
        ["1, last 1 June 2026", "1 of them have not answered", "No answer, and no email reaches them"]
    {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let silent = duty.get(&format!("/outages/{id}?stands=waiting")).await.body;
    assert!(silent.contains("Other NHS Trust") && silent.contains("<br>Reminded 1 June 2026"), "{silent}");
    assert!(silent.contains("Quokka") && silent.matches("<br>Reminded").count() == 1, "{silent}");
    let timeline = duty.get(&format!("/incidents/{}/timeline", sector.sent.incident)).await.body;
    assert!(timeline.contains("Reminded 1 organisation that had not answered U-"), "{timeline}");
    // Which others are silent is for nobody there to know.
    let lee = world.signed_in(world.person("Lee Lead", Role::Lead, Some(first)).await).await;
    let own = lee.get(&format!("/outages/{id}")).await.body;
    assert!(!own.contains("eminded") && !own.contains("Other NHS Trust"), "{own}");
    let bob = world.signed_in(world.person("Bob Other", Role::Viewer, Some(second)).await).await;
    assert!(bob.get(&format!("/outages/{id}")).await.body.contains("You were reminded 1 June 2026"));

    world.pass(minutes(120)).await;
    assert_eq!(told(), (1, 3), "and once more when the time is over");
    sector.answered(id, second).await;
    world.pass(hours(24)).await;
    assert_eq!(told(), (1, 3), "an answer ends it");
}

#[tokio::test]
async fn reminders_come_to_an_end_and_none_comes_once_it_is_over() {
    let sector = Sector::new().await;
    sector.priority(Priority::P1).await;
    let (address, world) = ("lead@other.example", &sector.world);
    let first = sector.declared().await;
    world.pass(hours(72)).await;
    assert_eq!(sector.mails(address), 1 + 3, "three, and no more");
    sector.ended(first, State::Restored).await;
    assert_eq!(sector.mails(address), 5, "that it works again");

    let second = sector.declared().await;
    world.pass(minutes(30)).await;
    sector.ended(second, State::Restored).await;
    world.pass(hours(72)).await;
    assert_eq!(sector.mails(address), 7, "that it is down and that it works again, and no reminder");

    // Where the machine slept over several of them, they do not come all at once.
    sector.declared().await;
    world.app.env.advance(hours(5));
    world.work().await;
    assert_eq!(sector.mails(address), 9);
    world.pass(hours(72)).await;
    assert_eq!(sector.mails(address), 7 + 4);
}

#[tokio::test]
async fn a_reminder_that_waits_for_the_morning_is_called_back_by_an_answer() {
    let sector = Sector::new().await;
    let (address, world, [_, second]) = ("lead@other.example", &sector.world, sector.trusts);
    sector.priority(Priority::P3).await;
    // From 10:30 to 14:00 UK time; the reminder is due at 11:00.
    sector.quiet(address, 630, 840).await;
    let id = sector.declared().await;
    world.pass(minutes(125)).await;
    assert_eq!(sector.mails(address), 1, "what is not grave waits for the end of quiet hours");
    sector.answered(id, second).await;
    world.pass(hours(8)).await;
    assert_eq!(sector.mails(address), 1);
    let mut snapshot = world.app.read().await.unwrap();
    let fates: Vec<(String, Option<String>)> = snapshot
        .all(
            sql!("SELECT state, last_error FROM message WHERE kind = 'outage_reminder' AND address = ?1"),
            params![address],
        )
        .await
        .unwrap();
    assert_eq!(fates.len(), 1, "{fates:?}");
    assert!(fates[0].0 == "called_back" && fates[0].1.as_deref().unwrap().contains("answered"), "{fates:?}");
}

#[tokio::test]
async fn the_first_word_of_a_grave_outage_goes_to_mobiles_and_quiet_hours_hold() {
    let sector = Sector::new().await;
    let world = &sector.world;
    sector.priority(Priority::P2).await;
    // From 8:00 to 12:00 UK time; it is 9:00, and an answer is wanted by 13:00.
    sector.quiet("lead@other.example", 480, 720).await;
    let id = sector.declared().await;
    let mut snapshot = world.app.read().await.unwrap();
    let number = store::outage(&mut snapshot, id).await.unwrap().unwrap().receipt;
    drop(snapshot);
    let says = |mobile: &str| (mobile.to_owned(), format!("{number} http://carecert.test/outages/{id}"));
    assert_eq!(texts(&world.net.asked()), [says("+447700900456")], "who chose nothing is told at once");
    assert_eq!(sector.mails("lead@other.example"), 1, "the mail does not wait");
    world.pass(hours(4)).await;
    assert_eq!(texts(&world.net.asked()), [says("+447700900123")], "once the quiet hours are over, and once");

    // One that everybody has answered is told to nobody in the afternoon.
    sector.ended(id, State::Restored).await;
    let mut over = texts(&world.net.asked());
    over.sort();
    assert_eq!(over, [says("+447700900123"), says("+447700900456")], "who was texted learns that it is over");
    world.pass(hours(20)).await;
    assert!(texts(&world.net.asked()).is_empty(), "and once");
    let again = sector.declared().await;
    assert_eq!(texts(&world.net.asked()).len(), 1);
    sector.answered(again, sector.trusts[1]).await;
    world.pass(hours(4)).await;
    assert!(texts(&world.net.asked()).is_empty());
    // Whose text was called back learns of no end either.
    sector.ended(again, State::Restored).await;
    let over = texts(&world.net.asked());
    assert_eq!(over.len(), 1, "{over:?}");
    assert_eq!(over[0].0, "+447700900456");
}

#[tokio::test]
async fn what_is_not_grave_is_told_by_mail_alone() {
    let sector = Sector::new().await;
    sector.priority(Priority::P3).await;
    sector.declared().await;
    sector.world.pass(hours(9)).await;
    assert!(texts(&sector.world.net.asked()).is_empty());
    assert_eq!(sector.mails("lead@other.example"), 4);
}

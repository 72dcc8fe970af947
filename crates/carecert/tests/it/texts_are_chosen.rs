//! Texts by severity: High to every mobile that is held, all else to those alone for which it was chosen, outside
//! quiet hours; at the marking of the alert, reminders and withdrawals included.

use broadcast::{
    advisory::{Severity, Wording},
    alert::{AlertId, Answers, actions, store},
    policy,
};
use carecert::SERVICES;
use db::{macro_support::Uuid, params, sql};
use formats::Tlp;
use jiff::SignedDuration;
use platform::{
    Actor,
    access::{PersonId, Role},
    organisation::{OrganisationId, import},
    retention,
};
use testkit::world::World;

use crate::{
    issuing::{Desk, everybody, wording},
    people_are_told_as_they_chose::form,
    texts_reach_mobiles::{SEND, created, gateway, texts},
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const MINUTE: SignedDuration = SignedDuration::from_secs(61);
const LEAD: &str = "+447700900123";
const SHARED: &str = "+447700900456";
const ON_CALL: &str = "+447700900789";
const OTHER: &str = "+447700900111";

fn of(severity: Severity, title: &str) -> Wording {
    Wording { severity, ..wording(title) }
}

/// A trust with a lead who signs in, a shared mailbox and somebody on call, and another trust: all with mobiles.
async fn furnished() -> (World, PersonId) {
    let world = World::with(SERVICES, |settings| settings.sms = Some(gateway())).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    world.organisation("RBB", "Other", "trust").await;
    let lead = world.person("Lena Lead", Role::Lead, Some(trust)).await;
    let rows = "organisation,role,kind,name,email,telephone,verified\n\
                RAA,security_lead,person,Lena Lead,Lena.Lead@example.org,07700 900123,2026-01-05\n\
                RAA,shared_mailbox,shared_mailbox,Trust IT,it@raa.example,07700 900456,2026-01-05\n\
                RAA,on_call,on_call_mobile,IT on call,,07700 900789,\n\
                RBB,security_lead,person,Other Lead,other@rbb.example,07700 900111,2026-01-05\n";
    let done =
        import::contacts(&world.app, &Actor::Job("test"), rows.as_bytes(), "contacts.csv", &|_| {}).await;
    assert_eq!(done.map(|report| (report.new, report.refused)).ok(), Some((4, 0)));
    world.work().await;
    world.net.answers(SEND, created());
    world.net.asked();
    (world, lead)
}

/// The page on which it is chosen how a contact is told.
async fn page_of(world: &World, name: &str) -> String {
    let statement = sql!("SELECT id FROM contact WHERE name = ?1");
    let (id,): (Uuid,) = world.app.read().await.unwrap().one(statement, params![name]).await.unwrap();
    format!("/contacts/{id}/notifications")
}

/// The fields of the column of texts, with one severity at once.
fn texted(at_once: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut fields = vec![("medium-sms", "never"), ("low-sms", "never"), ("information_only-sms", "never")];
    fields.retain(|(name, _)| *name != at_once);
    fields.push((at_once, "at_once"));
    fields
}

/// The lead chooses texts at Medium, and for whoever is on call texts at Low; for the shared mailbox nothing.
async fn chose(world: &World, lead: PersonId, quiet: &[(&'static str, &'static str)]) {
    let client = world.signed_in(lead).await;
    let own = [texted("medium-sms"), quiet.to_vec()].concat();
    let answer = client.post("/account/notifications", &form(&own)).await;
    assert_eq!(answer.location(), Some("/account/notifications?saved=yes"), "{}", answer.body);
    let answer = client.post(&page_of(world, "IT on call").await, &texted("low-sms")).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
}

fn numbers(world: &World) -> Vec<String> {
    texts(&world.net.asked()).into_iter().map(|(to, _)| to).collect()
}

async fn withdraw(world: &World, desk: &Desk<'_>, alert: AlertId) {
    let mut tx = world.app.write().await.unwrap();
    let number = store::alert(&mut tx, alert).await.unwrap().unwrap().number;
    actions::withdraw(&mut tx, &desk.duty, number, "Wrong").await.unwrap();
    tx.commit().await.unwrap();
    world.pass(MINUTE).await;
}

#[tokio::test]
async fn below_high_those_alone_are_texted_who_chose_it_and_the_preview_counts_them() {
    let (world, lead) = furnished().await;
    chose(&world, lead, &[]).await;
    let desk = Desk::open(&world).await;
    let preview = async |severity| {
        let version = desk.approved(&of(severity, "Counted"), &everybody()).await;
        let duty = world.person(&format!("Duty {version}"), Role::DutyManager, None).await;
        world.signed_in(duty).await.get(&format!("/audiences/{version}/publish")).await.body
    };
    assert!(preview(Severity::High).await.contains("4 mobile numbers, each of which gets one text"));
    let medium = preview(Severity::Medium).await;
    assert!(medium.contains("1 mobile numbers for which texts of this severity were chosen"), "{medium}");
    let none = preview(Severity::InformationOnly).await;
    assert!(!none.contains("mobile numbers"), "{none}");

    desk.delivered(&of(Severity::InformationOnly, "For information"), &everybody()).await;
    assert_eq!(numbers(&world), [""; 0]);
    desk.delivered(&of(Severity::Low, "Trifle"), &everybody()).await;
    assert_eq!(numbers(&world), [ON_CALL]);
    desk.delivered(&of(Severity::High, "Pumps"), &everybody()).await;
    assert_eq!(numbers(&world), [OTHER, LEAD, SHARED, ON_CALL]);
    let red = Wording { tlp: Tlp::Red, ..of(Severity::Medium, "Named people alone") };
    desk.delivered(&red, &everybody()).await;
    assert_eq!(numbers(&world), [""; 0]);
    let amber =
        desk.delivered(&Wording { tlp: Tlp::Amber, ..of(Severity::Medium, "Hidden") }, &everybody()).await;
    let bare = |text: &str| {
        text.starts_with("CC-") && text.ends_with(&format!(" http://carecert.test/alerts/{amber}"))
    };
    let sent = texts(&world.net.asked());
    assert!(matches!(&sent[..], [(to, text)] if to == LEAD && bare(text)), "{sent:?}");

    // Who was texted is told that it was withdrawn, whatever was chosen since; nobody else is.
    let alert = desk.delivered(&of(Severity::Medium, "Printers"), &everybody()).await;
    let sent = texts(&world.net.asked());
    assert!(
        matches!(&sent[..], [(to, text)] if to == LEAD && text.contains("Severity: Medium.")),
        "{sent:?}"
    );
    let never = world.signed_in(lead).await.post("/account/notifications", &form(&texted("low-sms"))).await;
    assert_eq!(never.status, 303);
    withdraw(&world, &desk, alert).await;
    let sent = texts(&world.net.asked());
    assert!(matches!(&sent[..], [(to, text)] if to == LEAD && text.contains("was withdrawn")), "{sent:?}");
    desk.delivered(&of(Severity::Medium, "Scanners"), &everybody()).await;
    assert_eq!(numbers(&world), [""; 0]);
}

#[tokio::test]
async fn quiet_hours_hold_texts_back_but_high_and_what_is_withdrawn_meanwhile_is_never_sent() {
    let (world, lead) = furnished().await;
    chose(&world, lead, &[("quiet-from", "08:30"), ("quiet-until", "12:00")]).await;
    let desk = Desk::open(&world).await;
    // 09:00 in London.
    desk.delivered(&of(Severity::Medium, "Printers"), &everybody()).await;
    let gone = desk.delivered(&of(Severity::Medium, "Mistake"), &everybody()).await;
    assert_eq!(numbers(&world), [""; 0]);
    desk.delivered(&of(Severity::High, "Pumps"), &everybody()).await;
    assert_eq!(numbers(&world), [OTHER, LEAD, SHARED, ON_CALL]);
    withdraw(&world, &desk, gone).await;
    world.pass(HOUR * 3).await;
    let sent = texts(&world.net.asked());
    assert!(
        matches!(&sent[..], [(to, text)] if to == LEAD && text.contains("Alert CC-0001 was issued")),
        "{sent:?}"
    );
}

#[tokio::test]
async fn reminders_follow_what_was_chosen_and_who_has_answered_is_not_reminded() {
    let (world, lead) = furnished().await;
    let quiet = [("quiet-from", "20:00"), ("quiet-until", "07:00")];
    chose(&world, lead, &quiet).await;
    // No shipped policy asks for anything below High. This one holds for no other test: it begins in 2099.
    let shipped = include_str!("../../../../content/policies/response.toml");
    let first = shipped.split("\n[[policy]]\n").nth(1).unwrap();
    let own = format!("[[policy]]\n{first}")
        .replace("2026-01-01", "2099-01-01")
        .replace("policy.high", "policy.medium");
    policy::take_own(&own).unwrap();
    let desk = Desk::open(&world).await;
    // To be acknowledged by 09:00 on 3 June: deputies at 21:00, reminders 24 and 4 hours before. Its clocks run
    // since it was published as High.
    let version = desk.approved(&of(Severity::High, "Printers"), &everybody()).await;
    let alert = desk.publish(version, Answers::Anew).await;
    let medium = sql!("UPDATE alert SET policy = 'own/1', severity = 'medium' WHERE id = ?1");
    let mut tx = world.app.write().await.unwrap();
    tx.run(medium, params![alert]).await.unwrap();
    tx.commit().await.unwrap();
    world.pass(MINUTE).await;
    assert_eq!(numbers(&world), [LEAD], "it comes");
    // The deputies are told, and with them, in quiet hours too, whoever chose texts.
    world.pass(HOUR * 12).await;
    let sent = texts(&world.net.asked());
    assert!(
        matches!(&sent[..], [(to, text)] if to == LEAD && text.contains("waits for your organisation")),
        "{sent:?}"
    );
    world.pass(HOUR * 12).await;
    assert_eq!(numbers(&world), [LEAD], "a reminder");
    // At 05:00 on 3 June the next is due, and waits until 07:00. The trust answers before that.
    world.pass(HOUR * 21).await;
    assert_eq!(numbers(&world), [""; 0]);
    let acknowledged =
        world.signed_in(lead).await.post(&format!("/alerts/{alert}/respond/acknowledge"), &[]).await;
    assert!(acknowledged.status.is_redirection(), "{}", acknowledged.body);
    world.pass(HOUR * 2).await;
    assert_eq!(numbers(&world), [""; 0], "it was answered meanwhile");
    let moot = sql!(
        "SELECT count(*) FROM message WHERE channel = 'sms' AND last_error LIKE 'Everything was answered%'"
    );
    let (moot,): (i64,) = world.app.read().await.unwrap().one(moot, params![]).await.unwrap();
    assert_eq!(moot, 1, "it was queued, and called back");
}

#[tokio::test]
async fn the_page_says_which_mobile_is_texted_and_high_cannot_be_declined() {
    let (world, lead) = furnished().await;
    let client = world.signed_in(lead).await;
    let page = client.get("/account/notifications").await.body;
    assert!(
        page.contains("mobile number ending in <strong>123</strong>") && !page.contains("900123"),
        "{page}"
    );
    assert!(page.contains("name=\"medium-sms\"") && !page.contains("name=\"high-sms\""), "{page}");
    let on_call = page_of(&world, "IT on call").await;
    let page = client.get(&on_call).await.body;
    assert!(page.contains("the mobile number ending in <strong>789</strong>"), "{page}");
    assert!(!page.contains("-mail\"") && !page.contains("digest-hour"), "no mail is sent to it: {page}");

    let wrong = client.post("/account/notifications", &form(&[("medium-sms", "digest")])).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("Select how you are told of severity Medium by text"), "{}", wrong.body);
    for path in ["/account/notifications", on_call.as_str()] {
        let fields = [texted("low-sms"), vec![("high-sms", "never"), ("high-mail", "never")]].concat();
        assert_eq!(client.post(path, &form(&fields)).await.status, 303);
    }
    let desk = Desk::open(&world).await;
    desk.delivered(&of(Severity::High, "Pumps"), &everybody()).await;
    assert_eq!(numbers(&world), [OTHER, LEAD, SHARED, ON_CALL]);

    // Another trust has nothing to say about it; and where both have the number, neither has.
    let other = sql!("SELECT id FROM organisation WHERE code = 'RBB'");
    let (other,): (OrganisationId,) = world.app.read().await.unwrap().one(other, params![]).await.unwrap();
    let stranger = world.person("Otto Other", Role::Lead, Some(other)).await;
    assert_eq!(world.signed_in(stranger).await.get(&on_call).await.status, 404);
    let rows = "organisation,role,kind,name,email,telephone,verified\n\
                RBB,on_call,on_call_mobile,Shared on call,,+44 7700 900789,\n\
                RBB,deputy,person,Without,without@rbb.example,,2026-01-05\n";
    import::contacts(&world.app, &Actor::Job("test"), rows.as_bytes(), "contacts.csv", &|_| {})
        .await
        .unwrap();
    assert_eq!(client.post(&on_call, &texted("low-sms")).await.status, 409);
    let without = world.signed_in(stranger).await.get(&page_of(&world, "Without").await).await.body;
    assert!(without.contains("no British mobile number is held") && without.contains("Add one"), "{without}");
    assert!(!without.contains("medium-sms"), "{without}");
}

#[tokio::test]
async fn what_is_not_on_the_form_stays_as_it_was_chosen() {
    let (world, lead) = furnished().await;
    chose(&world, lead, &[]).await;
    // While no mobile is held the form has no such column.
    let held = async |telephone: Option<&str>| {
        let statement = sql!("UPDATE contact SET telephone = ?1, mobile = ?1 WHERE name = 'Lena Lead'");
        let mut tx = world.app.write().await.unwrap();
        tx.run(statement, params![telephone]).await.unwrap();
        tx.commit().await.unwrap();
    };
    held(None).await;
    let saved =
        world.signed_in(lead).await.post("/account/notifications", &form(&[("low-mail", "never")])).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    held(Some(LEAD)).await;
    let desk = Desk::open(&world).await;
    desk.delivered(&of(Severity::Medium, "Printers"), &everybody()).await;
    assert_eq!(numbers(&world), [LEAD]);
}

#[tokio::test]
async fn with_an_ended_contact_its_number_and_what_was_chosen_for_it_are_forgotten() {
    let (world, lead) = furnished().await;
    chose(&world, lead, &[]).await;
    let contact = page_of(&world, "IT on call").await.replace("/notifications", "");
    let ended = world.signed_in(lead).await.post(&format!("{contact}/end"), &[("version", "1")]).await;
    assert_eq!(ended.status, 303, "{}", ended.body);
    let left = async || {
        let mut snapshot = world.app.read().await.unwrap();
        let chosen = sql!("SELECT address FROM notification ORDER BY address");
        let chosen: Vec<(String,)> = snapshot.all(chosen, params![]).await.unwrap();
        let held = sql!("SELECT count(*) FROM contact WHERE mobile = '+447700900789'");
        let (held,): (i64,) = snapshot.one(held, params![]).await.unwrap();
        (chosen.into_iter().map(|(address,)| address).collect::<Vec<_>>(), held)
    };
    let own = "lena.lead@example.org".to_owned();
    assert_eq!(left().await, (vec![ON_CALL.to_owned(), own.clone()], 1));
    world.app.env.advance(HOUR * 24 * 365 * 10);
    retention::sweep(&world.app, &retention::Policy::shipped()).await.unwrap();
    assert_eq!(left().await, (vec![own], 0));
}

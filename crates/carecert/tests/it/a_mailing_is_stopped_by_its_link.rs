//! The weekly bulletin and the daily digest are stopped by the link in them, without an account: by a page's button or
//! by a mail program's (RFC 8058), never by being opened; taken back on the same page; and no alert is stopped by it.

use broadcast::{
    advisory::{Severity, Wording},
    bulletin,
};
use carecert::SERVICES;
use db::{params, sql};
use formats::Tlp;
use http::{Method, StatusCode};
use jiff::{SignedDuration, civil::Weekday};
use platform::{
    access::Role,
    message::{ContactId, Mail, OfMailing},
    notification::mailing::{self, Mailing},
    settings::Weekly,
};
use testkit::world::World;

use crate::{
    issuing::{Desk, contact, everybody, wording},
    people_are_told_as_they_chose::form,
};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const SHARED: &str = "it@trust.example";
/// What a mail program sends (RFC 8058, section 3.2).
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

fn of(severity: Severity, title: &str) -> Wording {
    Wording { severity, tlp: Tlp::Green, ..wording(title) }
}

fn beginning(world: &World, address: &str, with: &str) -> Vec<Mail> {
    let mails = world.post.to(address).into_iter();
    mails.filter(|mail| mail.letter.subject.starts_with(with)).collect()
}

/// Where the mail says that it is stopped: in its words, and for mail programs.
fn stop_of(mail: &Mail) -> String {
    let OfMailing { stop, .. } = mail.mailing.clone().expect("of a mailing");
    assert!(mail.letter.text.contains(&format!("without signing in:\n{stop}\n")), "{}", mail.letter.text);
    stop.strip_prefix("http://carecert.test").expect("of this portal").to_owned()
}

async fn logged(world: &World, verb: &str) -> i64 {
    let statement = sql!("SELECT count(*) FROM log_entry WHERE verb = ?1 AND organisation_id IS NOT NULL");
    world.app.read().await.unwrap().one::<(i64,)>(statement, params![verb]).await.unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_without_an_account_stops_the_bulletin_and_still_gets_alerts() {
    let weekly = Weekly { day: Weekday::Monday, hour: 10 };
    let world = World::with(SERVICES, |settings| settings.bulletin = Some(weekly)).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    contact(&world, trust, "shared_mailbox", SHARED).await;
    let desk = Desk::open(&world).await;
    let week = async |title: &str| {
        desk.delivered(&of(Severity::Low, title), &everybody()).await;
        for _ in 0..7 {
            bulletin::keep_up(&world.app).await.unwrap();
            world.pass(DAY).await;
        }
        beginning(&world, SHARED, "Weekly bulletin").len()
    };
    bulletin::keep_up(&world.app).await.unwrap();
    assert_eq!(week("One").await, 1);
    let alert = world.post.to(SHARED).remove(0);
    assert_eq!(alert.mailing, None, "an alert is not optional");
    let stop = stop_of(&beginning(&world, SHARED, "Weekly bulletin")[0]);

    // Opened, by whatever looks for malware, it stops nothing.
    let visitor = world.visitor();
    let page = visitor.get(&stop).await;
    assert!(
        page.status == 200 && page.body.contains("Stop sending it") && page.body.contains(SHARED),
        "{}",
        page.body
    );
    assert_eq!(week("Two").await, 2);
    // A mail program's server: no cookie, nothing to tell from where it comes, and no redirect is followed.
    let machine = world.visitor().with("sec-fetch-site", "");
    for _ in 0..2 {
        let kind = "application/x-www-form-urlencoded";
        let stopped = machine.send(Method::POST, &stop, kind, ONE_CLICK.to_owned()).await;
        assert_eq!(stopped.status, StatusCode::OK, "{}", stopped.body);
        assert!(stopped.body.contains("It is no longer sent to"), "{}", stopped.body);
    }
    assert_eq!(logged(&world, "notification.stopped").await, 1, "said twice, it is said once");
    assert_eq!(week("Three").await, 2);
    assert_eq!(beginning(&world, SHARED, "[CC-").len(), 3, "each alert still came");
    let page = visitor.get(&stop).await.body;
    assert!(page.contains("It is no longer sent to") && page.contains("Send it again"), "{page}");
    assert_eq!(visitor.post(&format!("{stop}/again"), &[]).await.status, 200);
    assert_eq!((week("Four").await, logged(&world, "notification.resumed").await), (3, 1));
}

#[tokio::test]
async fn a_digest_is_stopped_with_what_waits_for_it_and_comes_back_as_it_was_chosen() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let lead = world.person("Lena Lead", Role::Lead, Some(trust)).await;
    let address = "lena.lead@example.org";
    contact(&world, trust, "security_lead", address).await;
    let lead = world.signed_in(lead).await;
    let chosen = form(&[("medium-mail", "digest")]);
    assert_eq!(lead.post("/account/notifications", &chosen).await.status, 303);
    let desk = Desk::open(&world).await;
    let day = async |title: &str| {
        desk.delivered(&of(Severity::Medium, title), &everybody()).await;
        world.pass(DAY).await;
        beginning(&world, address, "Daily digest").len()
    };
    assert_eq!(day("One").await, 1);
    let digest = beginning(&world, address, "Daily digest").remove(0);
    assert_eq!(digest.mailing.as_ref().map(|of| of.mailing), Some(Mailing::Digest));
    let stop = stop_of(&digest);
    desk.delivered(&of(Severity::Medium, "Waits"), &everybody()).await;
    assert_eq!(world.visitor().post(&stop, &[]).await.status, 200);
    world.pass(DAY).await;
    assert_eq!(day("Two").await, 1);
    let called_back = sql!("SELECT count(*) FROM message WHERE lane = 'digest' AND state = 'called_back'");
    let called_back: (i64,) = world.app.read().await.unwrap().one(called_back, params![]).await.unwrap();
    assert_eq!(called_back.0, 1, "what waited for it");
    desk.delivered(&of(Severity::High, "Grave"), &everybody()).await;
    assert_eq!(beginning(&world, address, "[CC-").len(), 1, "High is told whatever was stopped");
    let page = lead.get("/account/notifications").await.body;
    let medium = page.split("name=\"medium-mail\"").nth(1).unwrap().split("</select>").next().unwrap();
    assert!(medium.contains("value=\"never\" selected"), "its owner sees it: {medium}");
    assert_eq!(world.visitor().post(&format!("{stop}/again"), &[]).await.status, 200);
    assert_eq!(day("Three").await, 2);
}

#[tokio::test]
async fn a_link_that_is_guessed_or_of_another_address_stops_nothing() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    let id = ContactId(contact(&world, trust, "shared_mailbox", SHARED).await);
    let link = mailing::link(&world.app, Mailing::Bulletin, id, "IT@trust.example").await.unwrap();
    let path = link.strip_prefix("http://carecert.test").unwrap();
    assert!(!link.contains("trust.example") && !link.contains(&id.to_string()), "{link}");
    let visitor = world.visitor();
    assert_eq!(visitor.get(path).await.status, 200, "however the address is spelt");
    let mut guess = path.to_owned();
    guess.pop();
    let before = world.app.db.statements();
    for wrong in [guess.as_str(), "/mailings/x", "/mailings/AAAA"] {
        assert_eq!(visitor.get(wrong).await.status, 404, "{wrong}");
        assert_eq!(visitor.post(wrong, &[]).await.status, 404, "{wrong}");
        assert_eq!(visitor.post(&format!("{wrong}/again"), &[]).await.status, 404, "{wrong}");
    }
    assert_eq!(world.app.db.statements(), before, "a guess asks nothing of the database");
    let mut tx = world.app.write().await.unwrap();
    let moved = sql!("UPDATE contact SET email = 'new@trust.example' WHERE id = ?1");
    tx.run(moved, params![id]).await.unwrap();
    tx.commit().await.unwrap();
    for answer in [visitor.get(path).await, visitor.post(path, &[]).await] {
        assert!(answer.status == 409 && answer.body.contains("no longer a contact"), "{}", answer.body);
    }
    assert_eq!(logged(&world, "notification.stopped").await, 0);
}

#[tokio::test]
async fn alerts_for_everybody_are_read_on_a_page() {
    let world = World::new(SERVICES).await;
    world.organisation("RAA", "Trust", "trust").await;
    let visitor = world.visitor();
    assert!(visitor.get("/feeds/alerts").await.body.contains("There is no such alert"));
    let desk = Desk::open(&world).await;
    let clear = Wording { tlp: Tlp::Clear, ..wording("Printers <b>") };
    let alert = desk.delivered(&clear, &everybody()).await;
    for _ in 0..2 {
        let page = visitor.get("/feeds/alerts").await.body;
        for words in ["[CC-0001] High: Printers &#60;b&#62;", "Attackers use it now.", "Install the update."]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(page.contains(&format!("/alerts/{alert}")) && page.contains("Issued 1 June 2026"), "{page}");
    }
}

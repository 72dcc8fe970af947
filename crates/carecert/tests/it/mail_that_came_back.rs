//! Mail that came back: only a report on a mail of ours to that very address counts, a dead mailbox at
//! once and any other reason the third time; whoever keeps the contact is told, and nobody counts as
//! reached who was not.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::SystemTime,
};

use broadcast::{
    advisory::{Severity, Wording},
    alert::AlertId,
};
use carecert::SERVICES;
use db::{macro_support::Uuid, params, sql};
use jiff::SignedDuration;
use platform::{access::Role, bounce, message, organisation::OrganisationId};
use serde_json::Value;
use tempfile::TempDir;
use testkit::{
    smtp::{Security, SmtpServer},
    world::World,
};

use crate::{
    issuing::{Desk, answers_for, contact, everybody, wording},
    process::Installation,
};

pub(crate) const LEAD: &str = "lead@trust.example";
pub(crate) const SHARED: &str = "it@trust.example";

/// A world whose mail comes back into a Maildir.
struct Returned {
    folder: TempDir,
    world: World,
}

impl Returned {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for part in ["new", "cur", "tmp"] {
            fs::create_dir(folder.path().join(part)).unwrap();
        }
        let bounces = folder.path().to_owned();
        let world = World::with(SERVICES, |settings| settings.bounces = Some(bounces)).await;
        Self { folder, world }
    }

    /// Puts a mail into the Maildir, as a mail server does, and lets it be read.
    async fn receive(&self, name: &str, mail: &str) {
        fs::write(self.folder.path().join("new").join(name), mail).unwrap();
        self.world.work().await;
    }

    fn names(&self, part: &str) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join(part)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }

    /// The id of the last mail to `address`.
    fn last(&self, address: &str) -> Uuid {
        self.world.post.to(address).last().expect("a mail").id.0
    }

    /// The last mail to `address` comes back.
    async fn comes_back(&self, address: &str, status: &str) {
        let id = self.last(address);
        let name = format!("{id}.{}", self.world.now().as_microsecond());
        self.receive(&name, &report(id, address, "failed", status)).await;
    }
}

/// What a mail server reports on a mail.
fn report(id: Uuid, address: &str, action: &str, status: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example\nTo: alerts@cert.example\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\n\nYour mail could not be delivered.\n\
         --b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.example\n\n\
         Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n\
         Diagnostic-Code: smtp; 550 {status} <b>Sorry</b>\n\n\
         --b\nContent-Type: message/rfc822\n\nMessage-ID: <{id}@cert.example>\nSubject: An alert\n\nText\n--b--\n"
    )
}

pub(crate) async fn confirmed(world: &World, address: &str) -> bool {
    let statement = sql!("SELECT count(*) FROM contact WHERE email = ?1 AND verified_at IS NOT NULL");
    let (count,): (i64,) = world.app.read().await.unwrap().one(statement, params![address]).await.unwrap();
    count > 0
}

pub(crate) async fn logged(world: &World, verb: &str) -> i64 {
    let statement = sql!("SELECT count(*) FROM log_entry WHERE verb = ?1");
    let (count,): (i64,) = world.app.read().await.unwrap().one(statement, params![verb]).await.unwrap();
    count
}

pub(crate) async fn reached(world: &World, alert: AlertId) -> i64 {
    let statement = sql!("SELECT reached FROM response_reach WHERE alert_id = ?1");
    let found: Option<(i64,)> =
        world.app.read().await.unwrap().maybe(statement, params![alert]).await.unwrap();
    found.expect("it was counted").0
}

pub(crate) async fn trust(world: &World) -> OrganisationId {
    world.organisation("RAA", "Trust", "trust").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_mailbox_is_unconfirmed_at_once_and_its_lead_is_told_once() {
    let returned = Returned::open().await;
    let world = &returned.world;
    let trust = trust(world).await;
    contact(world, trust, "security_lead", LEAD).await;
    let shared = contact(world, trust, "shared_mailbox", "It@Trust.example").await;
    let other = world.organisation("RBB", "Other", "trust").await;
    contact(world, other, "security_lead", "other@other.example").await;
    let desk = Desk::open(world).await;
    let alert = desk.delivered(&wording("Any"), &everybody()).await;
    world.pass(SignedDuration::from_hours(2)).await;
    assert_eq!(reached(world, alert).await, 2);
    returned.comes_back("It@Trust.example", "5.1.1").await;

    assert!(!confirmed(world, "It@Trust.example").await && confirmed(world, LEAD).await);
    let told = world.post.to(LEAD).pop().unwrap().letter;
    assert_eq!(told.subject, "Mail to a contact of Trust came back");
    for words in
        ["Mail to It@Trust.example came back on 1 June 2026", "the mailbox does not exist", "Trust (RAA)"]
    {
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    assert!(
        world.post.to("other@other.example").iter().all(|mail| !mail.letter.subject.contains("came back"))
    );
    let lead = world.signed_in(world.person("Lena Lead", Role::Lead, Some(trust)).await).await;
    let page = lead.get(&format!("/organisations/{trust}")).await.body;
    let words = "Mail to this address came back on 1 June 2026: the mailbox does not exist.";
    assert!(page.contains(words) && page.contains("Send the link again"), "{page}");
    let own = lead.get(&format!("/contacts/{shared}")).await.body;
    assert!(own.contains(words) && own.contains("Send the link to confirm it again"), "{own}");
    let stranger = world.signed_in(world.person("Olga Other", Role::Lead, Some(other)).await).await;
    assert_eq!(stranger.get(&format!("/contacts/{shared}")).await.status, 404);

    // A second report on the same mail, and a copy of the first, as after a kill.
    let told = world.post.mails().len();
    returned.comes_back("It@Trust.example", "5.1.1").await;
    returned.comes_back("It@Trust.example", "5.7.1").await;
    assert_eq!((world.post.mails().len(), logged(world, "contact.unconfirmed").await), (told, 1));
    assert_eq!(returned.names("new"), [""; 0]);

    let auditor = world.signed_in(world.person("Audrey", Role::Auditor, None).await).await;
    let page = auditor.get(&format!("/alerts/{alert}/deliveries?state=came_back")).await.body;
    assert!(page.contains("It@Trust.example") && page.contains("Came back"), "{page}");
    assert!(page.contains("5.1.1. 550 5.1.1 &#60;b&#62;Sorry"), "{page}");
    let report = auditor.get(&format!("/sector/{alert}/report")).await.body;
    assert!(report.contains("Messages that came back"), "{report}");

    // Its owner confirms it again: what was, is over.
    let sent = lead.post(&format!("/contacts/{shared}/link"), &[]).await;
    assert_eq!(sent.status, 303);
    world.work().await;
    let letter = world.post.to("It@Trust.example").pop().unwrap().letter.text;
    let link = letter.lines().find_map(|line| line.strip_prefix("http://carecert.test")).unwrap().to_owned();
    assert_eq!(world.visitor().post(&link, &[]).await.status, 200);
    assert!(confirmed(world, "It@Trust.example").await);
    assert!(!lead.get(&format!("/organisations/{trust}")).await.body.contains("came back"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_that_loses_its_last_contact_is_on_the_list_of_the_unreachable() {
    let returned = Returned::open().await;
    let world = &returned.world;
    let board = world.organisation("QAA", "Board", "icb").await;
    let practice = world.organisation("A81001", "Practice", "gp_practice").await;
    contact(world, board, "security_lead", "lead@board.example").await;
    answers_for(world, board, practice).await;
    let desk = Desk::open(world).await;
    let alert = desk.delivered(&wording("Any"), &everybody()).await;
    world.pass(SignedDuration::from_hours(2)).await;
    assert_eq!(reached(world, alert).await, 2);
    let mails = world.post.mails().len();
    returned.comes_back("lead@board.example", "5.2.1").await;
    world.pass(SignedDuration::from_hours(2)).await;

    assert_eq!(reached(world, alert).await, 0, "neither it nor whoever it answers for");
    assert_eq!(world.post.mails().len(), mails, "there is nobody to tell");
    let duty = world.signed_in(world.person("Dana Duty", Role::DutyManager, None).await).await;
    let page = duty.get("/organisations/unreachable").await.body;
    assert!(page.contains("QAA") && page.contains("A81001"), "{page}");
    assert_eq!(page.matches("Mail came back on 1 June 2026").count(), 1, "{page}");
    let version = desk.draft(&wording("Next"), &everybody()).await;
    let preview = duty.get(&format!("/audiences/{version}")).await.body;
    assert!(preview.contains("Nobody can be reached by email in 2"), "{preview}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_report_on_a_mail_of_ours_to_that_address_counts() {
    let returned = Returned::open().await;
    let world = &returned.world;
    let trust = trust(world).await;
    contact(world, trust, "security_lead", LEAD).await;
    contact(world, trust, "shared_mailbox", SHARED).await;
    Desk::open(world).await.delivered(&wording("Any"), &everybody()).await;
    let (lead, unknown) = (returned.last(LEAD), Uuid::from_u128(7));
    // Whoever had one mail says that another's came back; whoever had none makes one up.
    returned.receive("1", &report(lead, SHARED, "failed", "5.1.1")).await;
    returned.receive("2", &report(unknown, SHARED, "failed", "5.1.1")).await;
    returned.receive("3", &report(lead, LEAD, "delayed", "4.4.1")).await;
    returned.receive("4", &report(lead, LEAD, "delivered", "2.0.0")).await;
    returned.receive("5", "From: lead@trust.example\nAuto-Submitted: auto-replied\n\nI am away.\n").await;
    returned.receive("6", &"x".repeat(formats::bounce::LARGEST + 1)).await;
    assert!(confirmed(world, LEAD).await && confirmed(world, SHARED).await);
    assert_eq!(logged(world, "contact.unconfirmed").await + logged(world, "contact.mail_came_back").await, 0);
    assert_eq!(returned.names("cur"), ["1:2,S", "2:2,S", "3:2,S", "4:2,S", "5:2,S", "6:2,F"]);

    returned.comes_back(LEAD, "5.1.10").await;
    assert!(!confirmed(world, LEAD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_says_in_words_and_within_a_gateways_mail_is_heard() {
    let returned = Returned::open().await;
    let world = &returned.world;
    let trust = trust(world).await;
    let desk = Desk::open(world).await;
    let contacts = ["exchange@trust.example", "wrapped@trust.example", "policy@trust.example"];
    for address in contacts {
        contact(world, trust, "shared_mailbox", address).await;
    }
    desk.delivered(&wording("Any"), &everybody()).await;
    let report = |address: &str, status: &str, said: &str| {
        report(returned.last(address), address, "failed", status).replace("<b>Sorry</b>", said)
    };
    let [exchange, wrapped, policy] = contacts;
    returned.receive("1", &report(exchange, "5.4.1", "Recipient address rejected: Access denied.")).await;
    let footer = format!(
        "From: MAILER-DAEMON@mx.example\nContent-Type: multipart/mixed; boundary=outer\n\n--outer\n{}\n--outer\n\nScanned.\n--outer--\n",
        report(wrapped, "5.0.0", "No such user here")
    );
    returned.receive("2", &footer).await;
    returned.receive("3", &report(policy, "5.5.0", "mailbox unavailable: blocked by policy")).await;
    assert!(!confirmed(world, exchange).await && !confirmed(world, wrapped).await);
    assert!(confirmed(world, policy).await, "it may be about us");
    assert_eq!(returned.names("cur"), ["1:2,S", "2:2,S", "3:2,S"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_pass_counts_the_third_time_within_two_weeks() {
    let returned = Returned::open().await;
    let world = &returned.world;
    let trust = trust(world).await;
    let id = contact(world, trust, "security_lead", LEAD).await;
    let desk = Desk::open(world).await;
    let comes_back = async |status: &str| {
        desk.delivered(&Wording { severity: Severity::Low, ..wording("Any") }, &everybody()).await;
        returned.comes_back(LEAD, status).await;
        confirmed(world, LEAD).await
    };
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    assert!(comes_back("5.2.2").await);
    world.pass(days(15)).await;
    assert!(comes_back("4.4.7").await, "the second, and the first is long ago");
    assert!(comes_back("5.7.1").await, "the second in two weeks");
    let lead = world.signed_in(world.person("Lena Lead", Role::Lead, Some(trust)).await).await;
    let page = lead.get(&format!("/contacts/{id}")).await.body;
    assert!(page.contains("does not accept our mail. Alerts are still sent to it."), "{page}");
    assert!(!comes_back("5.0.0").await, "the third");
    assert_eq!(
        (logged(world, "contact.mail_came_back").await, logged(world, "contact.unconfirmed").await),
        (3, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_calls_everybody_unknown_does_not_unconfirm_the_sector() {
    let returned = Returned::open().await;
    let world = &returned.world;
    let trust = trust(world).await;
    let desk = Desk::open(world).await;
    for place in 0..102 {
        contact(world, trust, "shared_mailbox", &format!("m{place}@trust.example")).await;
    }
    for title in ["One", "Two", "Three"] {
        desk.delivered(&wording(title), &everybody()).await;
        for place in 0..102 {
            let address = format!("m{place}@trust.example");
            if title == "One" || place == 101 {
                returned.comes_back(&address, "5.1.1").await;
            }
        }
        let last = confirmed(world, "m101@trust.example").await;
        assert_eq!(last, title != "Three", "the third time counts: {title}");
    }
    assert!(!confirmed(world, "m0@trust.example").await, "while there were few, the first time did");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_on_a_mail_from_before_the_confirmation_changes_nothing() {
    let returned = Returned::open().await;
    let world = &returned.world;
    let trust = trust(world).await;
    let id = contact(world, trust, "security_lead", LEAD).await;
    Desk::open(world).await.delivered(&wording("Any"), &everybody()).await;
    world.app.env.advance(SignedDuration::from_mins(1));
    let mut tx = world.app.write().await.unwrap();
    let now = tx.now;
    tx.run(sql!("UPDATE contact SET verified_at = ?2 WHERE id = ?1"), params![id, now]).await.unwrap();
    tx.commit().await.unwrap();
    returned.comes_back(LEAD, "5.1.1").await;
    assert!(confirmed(world, LEAD).await);
    let statement = sql!("SELECT count(*) FROM contact WHERE came_back_at IS NOT NULL");
    let (noted,): (i64,) = world.app.read().await.unwrap().one(statement, params![]).await.unwrap();
    assert_eq!(noted, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_is_the_contact_of_many_is_told_of_in_one_mail() {
    let returned = Returned::open().await;
    let world = &returned.world;
    for place in 0..12 {
        let practice = world
            .organisation(&format!("A8{place:04}"), &format!("Practice {place:02}"), "gp_practice")
            .await;
        contact(world, practice, "shared_mailbox", SHARED).await;
        contact(world, practice, "security_lead", LEAD).await;
    }
    let desk = Desk::open(world).await;
    for title in ["First", "Second"] {
        desk.delivered(&wording(title), &everybody()).await;
    }
    // Both were on their way.
    for mail in world.post.to(SHARED) {
        let id = mail.id.0;
        returned.receive(&id.to_string(), &report(id, SHARED, "failed", "5.1.1")).await;
    }
    let told: Vec<_> = world.post.to(LEAD).into_iter().map(|mail| mail.letter).collect();
    assert_eq!(told.len(), 3, "the alerts, and this");
    assert_eq!(told[2].subject, "Mail to a contact of your organisations came back");
    assert!(
        told[2].text.contains("Practice 09 (A80009)") && told[2].text.contains("and 2 more."),
        "{}",
        told[2].text
    );
    assert_eq!(logged(world, "contact.unconfirmed").await, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_that_came_back_told_nothing() {
    let returned = Returned::open().await;
    let world = &returned.world;
    let trust = trust(world).await;
    let lead = world.person("Lena Lead", Role::Lead, Some(trust)).await;
    let mailbox = "lena.lead@example.org";
    contact(world, trust, "security_lead", mailbox).await;
    let form = [
        ("medium-mail", "digest"),
        ("low-mail", "at_once"),
        ("information_only-mail", "at_once"),
        ("digest-hour", "8"),
    ];
    assert_eq!(world.signed_in(lead).await.post("/account/notifications", &form).await.status, 303);
    let medium = Wording { severity: Severity::Medium, ..wording("Printers") };
    let alert = Desk::open(world).await.delivered(&medium, &everybody()).await;
    world.pass(SignedDuration::from_hours(24)).await;
    returned.comes_back(mailbox, "5.7.1").await;
    let fates = message::fates_about(&mut world.app.read().await.unwrap(), alert.0).await.unwrap();
    assert_eq!((fates.sent, fates.came_back), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_noted_and_never_locked_out() {
    let returned = Returned::open().await;
    let world = &returned.world;
    let admin = world.person("Ada Admin", Role::Admin, None).await;
    let client = world.signed_in(admin).await;
    let invited = client
        .post(
            "/people/invite",
            &[("organisation", ""), ("name", "Nia"), ("email", "nia@cert.example"), ("role", "analyst")],
        )
        .await;
    assert!(invited.status.is_redirection(), "{}", invited.body);
    world.work().await;
    returned.comes_back("nia@cert.example", "5.1.1").await;
    assert_eq!(logged(world, "account.mail_came_back").await, 1);
    assert_eq!(client.get("/account").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_is_bounded_and_two_workers_note_a_mail_once() {
    let returned = Returned::open().await;
    let world = &returned.world;
    let trust = trust(world).await;
    contact(world, trust, "security_lead", LEAD).await;
    Desk::open(world).await.delivered(&wording("Any"), &everybody()).await;
    let mail = report(returned.last(LEAD), LEAD, "failed", "5.1.1");
    for place in 0..150 {
        fs::write(returned.folder.path().join("new").join(format!("{place:03}")), &mail).unwrap();
    }
    fs::create_dir(returned.folder.path().join("new/folder")).unwrap();
    let (one, two) = tokio::join!(bounce::read_due(&world.app), bounce::read_due(&world.app));
    assert!(one.unwrap() <= 100 && two.unwrap() <= 100);
    world.work().await;
    assert_eq!(returned.names("new"), ["folder"]);
    assert_eq!((returned.names("cur").len(), logged(world, "contact.unconfirmed").await), (150, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_imported_and_the_doctor_looks_at_the_folder() {
    let world = World::new(SERVICES).await;
    let trust = trust(&world).await;
    contact(&world, trust, "security_lead", LEAD).await;
    Desk::open(&world).await.delivered(&wording("Any"), &everybody()).await;
    let id = world.post.to(LEAD).pop().unwrap().id.0;
    let installation = Installation::on(&world.app.settings.database_url, None);
    let file = |name: &str, mail: &str| {
        let path = installation.path(name);
        fs::write(&path, mail).unwrap();
        path.display().to_string()
    };
    let ours = file("ours.eml", &report(id, LEAD, "failed", "5.1.1"));
    let away = file("away.eml", "Subject: I am away\n\nUntil Monday.\n");
    let done = installation.run(&["import", "bounces", &ours, &ours, &away, "--json"]).await;
    let told: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
    assert_eq!(done.status.code(), Some(3));
    assert_eq!([&told["new"], &told["same"], &told["refused"]], [1, 1, 1], "{told}");
    assert_eq!(told["refusals"][0]["reason"], "The mail is no report of a mail server.");
    assert!(!confirmed(&world, LEAD).await);

    let doctor = async |folder: Option<&Path>| {
        let mut command = installation.command(&["doctor", "--json"]);
        if let Some(folder) = folder {
            command.env("CARECERT_MAIL_BOUNCES", folder);
        }
        let done = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let told: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
        let found = told["findings"].as_array().unwrap().iter().find(|each| each["about"] == "bounces");
        found.map(|each| each["health"].as_str().unwrap().to_owned()).unwrap()
    };
    let maildir: PathBuf = installation.path("maildir");
    assert_eq!(doctor(None).await, "look");
    assert_eq!(doctor(Some(&maildir)).await, "wrong");
    for part in ["new", "cur"] {
        fs::create_dir_all(maildir.join(part)).unwrap();
    }
    assert_eq!(doctor(Some(&maildir)).await, "well");
    // What was read says nothing; what nobody could read is told.
    fs::write(maildir.join("cur/1:2,S"), "x").unwrap();
    assert_eq!(doctor(Some(&maildir)).await, "well");
    fs::write(maildir.join("cur/2:2,F"), "x").unwrap();
    assert_eq!(doctor(Some(&maildir)).await, "look");
    let old = File::options().write(true).open(maildir.join("cur/2:2,F")).unwrap();
    old.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(doctor(Some(&maildir)).await, "well");
    fs::write(maildir.join("new/1"), "x").unwrap();
    assert_eq!(doctor(Some(&maildir)).await, "look");
}

#[tokio::test]
async fn the_envelope_names_where_mail_comes_back_to() {
    let server = SmtpServer::start(Security::Plain).await.unwrap();
    let smtp = platform::settings::Smtp {
        host: "localhost".to_owned(),
        port: server.address.port(),
        security: platform::settings::SmtpSecurity::Plain,
        credentials: None,
        ca_file: None,
        dkim_key_file: None,
        dkim_selector: "carecert".to_owned(),
        openpgp_key_file: None,
    };
    for (bounces_to, sender) in
        [(None, "alerts@cert.example"), (Some("returns@cert.example"), "returns@cert.example")]
    {
        let mut cert = World::new(SERVICES).await.app.settings.cert.clone();
        cert.bounces_to = bounces_to.map(ToOwned::to_owned);
        let letter = message::Letter { subject: "Any".to_owned(), text: "Text".to_owned(), html: None };
        let mail = message::Mail {
            id: message::MessageId(Uuid::nil()),
            to: LEAD.to_owned(),
            letter,
            again: false,
            answers: None,
            mailing: None,
        };
        message::Post::send(&message::SmtpPost::new(&smtp, &cert).unwrap(), &mail).await.unwrap();
        let arrived = server.arrived().pop().unwrap();
        assert_eq!(
            (arrived.from.as_str(), arrived.header("From")),
            (sender, Some("CareCERT <alerts@cert.example>"))
        );
    }
}

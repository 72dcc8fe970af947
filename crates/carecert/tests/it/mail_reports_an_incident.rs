//! Mail to the CERT's mailbox: each is a report that nobody believes before the call back, its sender is answered
//! once by a machine that no other machine can draw into a loop, and nothing is lost or taken twice.

use std::{fmt::Write as _, fs, path::Path};

use carecert::SERVICES;
use db::{params, sql};
use jiff::SignedDuration;
use platform::{access::Role, message::PostError};
use react::{incident::Standing, mail, report::Way};
use tempfile::TempDir;
use testkit::world::World;

use crate::issuing::contact;

const PAT: &str = "pat@trust.example";

/// A world with a mailbox for reports.
struct Mailbox {
    folder: TempDir,
    world: World,
}

impl Mailbox {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for part in ["new", "cur", "tmp"] {
            fs::create_dir(folder.path().join(part)).unwrap();
        }
        let mailbox = folder.path().to_owned();
        let world = World::with(SERVICES, |settings| settings.reports.mail = Some(mailbox)).await;
        Self { folder, world }
    }

    /// Puts a mail into the Maildir, as a mail server does.
    fn lay(&self, name: &str, mail: &[u8]) {
        fs::write(self.folder.path().join("new").join(name), mail).unwrap();
    }

    /// The same, and has it read, and sends what follows.
    async fn receive(&self, name: &str, mail: &str) {
        self.lay(name, mail.as_bytes());
        self.read().await;
    }

    async fn read(&self) {
        self.world.app.env.advance(SignedDuration::from_secs(1));
        while mail::read_due(&self.world.app).await.unwrap() > 0 {}
        self.world.work().await;
    }

    fn names(&self, part: &str) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join(part)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }

    /// The reports: by which way, how far believed, as what named, what more is said.
    async fn reports(&self) -> Vec<(Way, Standing, String, String)> {
        let statement = sql!(
            "SELECT r.way, i.standing, r.named, r.more FROM report r JOIN incident i ON i.id = r.incident_id
             ORDER BY r.id"
        );
        self.world.app.read().await.unwrap().all(statement, params![]).await.unwrap()
    }

    async fn additions(&self) -> Vec<(String, String)> {
        let statement = sql!("SELECT side, text FROM incident_addition ORDER BY id");
        self.world.app.read().await.unwrap().all(statement, params![]).await.unwrap()
    }

    /// The page of the mails of the one incident that there is, as an analyst reads it.
    async fn page(&self) -> String {
        let statement = sql!("SELECT id FROM incident ORDER BY id LIMIT 1");
        let (id,): (react::incident::IncidentId,) =
            self.world.app.read().await.unwrap().one(statement, params![]).await.unwrap();
        let analyst = self.world.person("Ana Analyst", Role::Analyst, None).await;
        let answer = self.world.signed_in(analyst).await.get(&format!("/incidents/{id}/mails")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }
}

fn from_pat(id: &str, head: &str, text: &str) -> String {
    format!(
        "Return-Path: <{PAT}>\nFrom: Pat Ward <{PAT}>\nTo: help@cert.example\nMessage-ID: <{id}@trust.example>\n\
         Subject: Help\n{head}\n{text}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_a_report_that_is_not_believed_and_its_sender_is_answered() {
    let mailbox = Mailbox::open().await;
    let world = &mailbox.world;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    contact(world, trust, "security_lead", PAT).await;
    mailbox.receive("1", &from_pat("a", "", "All files are locked.\nPlease ring 07700 900 123.")).await;
    let said = "Help\n\nAll files are locked.\nPlease ring 07700 900 123.";
    let report = (Way::Mail, Standing::Unverified, format!("Pat Ward {PAT}"), said.to_owned());
    assert_eq!(mailbox.reports().await, [report]);
    assert_eq!((mailbox.names("new"), mailbox.names("cur")), (vec![], vec!["1:2,S".to_owned()]));

    let answers = world.post.to(PAT);
    assert_eq!(answers.len(), 1);
    let answer = &answers[0];
    assert_eq!(answer.answers.as_deref(), Some("<a@trust.example>"));
    let receipt = answer.letter.subject.split(['[', ']']).nth(1).unwrap();
    assert!(receipt.starts_with("I-") && answer.letter.text.contains(receipt), "{}", answer.letter.text);
    assert!(answer.letter.text.contains("0300 303 5222") && answer.letter.text.contains("already have"));
    assert!(!answer.letter.text.contains("locked") && !answer.letter.text.contains("Walking"));

    // The address is a hint, on the CERT's page alone.
    let page = mailbox.page().await;
    assert!(page.contains("confirmed contact of Walking NHS Trust (RWA)"), "{page}");
    assert!(page.contains("proves nothing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_mail_is_taken_once_whatever_way_it_took_and_wherever_we_were_killed() {
    let mailbox = Mailbox::open().await;
    let mail = from_pat("a", "", "Help us.");
    mailbox.receive("1", &mail).await;
    // Killed after the change was kept and before the mail was put away: it is read again.
    fs::rename(mailbox.folder.path().join("cur/1:2,S"), mailbox.folder.path().join("new/1")).unwrap();
    mailbox.read().await;
    mailbox.receive("2", &format!("Received: from elsewhere\n{mail}")).await;
    assert_eq!((mailbox.reports().await.len(), mailbox.world.post.to(PAT).len()), (1, 1));
    // One that borrows its id is another mail.
    mailbox.receive("3", &from_pat("a", "", "Something else.")).await;
    assert_eq!(mailbox.reports().await.len(), 2);
    assert_eq!(mailbox.names("cur"), ["1:2,S", "2:2,S", "3:2,S"]);
    // Two workers at the same moment.
    for place in 0..20 {
        mailbox.lay(&format!("w{place:02}"), from_pat("w", "", &format!("Number {place}")).as_bytes());
    }
    let app = &mailbox.world.app;
    let (one, two) = tokio::join!(mail::read_due(app), mail::read_due(app));
    let _ = (one, two);
    mailbox.read().await;
    assert_eq!((mailbox.reports().await.len(), mailbox.names("new").len()), (22, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_our_answer_is_added_to_the_report() {
    let mailbox = Mailbox::open().await;
    mailbox.receive("1", &from_pat("a", "", "Help us.")).await;
    let ours = mailbox.world.post.to(PAT)[0].id;
    let reply = format!("In-Reply-To: <{ours}@cert.example>\n");
    mailbox.receive("2", &from_pat("b", &reply, "Now the telephones are gone too.")).await;
    // Through a program that keeps only the thread.
    let thread = format!("References: <a@trust.example>\n <{ours}@cert.example>\n");
    mailbox.receive("3", &from_pat("c", &thread, "Ring the switchboard.")).await;
    assert_eq!(mailbox.reports().await.len(), 1);
    let additions = mailbox.additions().await;
    assert_eq!(additions.len(), 2);
    assert_eq!(additions[0], ("mail".to_owned(), "Help\n\nNow the telephones are gone too.".to_owned()));
    assert_eq!(mailbox.world.post.to(PAT).len(), 1, "an answer is answered no more");
    let page = mailbox.page().await;
    assert!(
        page.contains("Now the telephones are gone too.") && page.contains("as an answer to ours"),
        "{page}"
    );
    // An id that is made up, or of another mail of ours, leads nowhere.
    for id in ["00000000-0000-0000-0000-000000000000", "nonsense"] {
        mailbox.receive(id, &from_pat(id, &format!("In-Reply-To: <{id}@cert.example>\n"), "New")).await;
    }
    assert_eq!(mailbox.reports().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_machine_is_drawn_into_a_loop() {
    let mailbox = Mailbox::open().await;
    for (place, head) in [
        "Auto-Submitted: auto-generated\n",
        "Precedence: bulk\n",
        "List-Id: <staff.trust.example>\n",
        "X-Auto-Response-Suppress: All\n",
    ]
    .into_iter()
    .enumerate()
    {
        mailbox
            .receive(&format!("m{place}"), &from_pat(&format!("m{place}"), head, "A monitor saw something."))
            .await;
    }
    let noreply = from_pat("n", "", "Text").replace(PAT, "no-reply@trust.example");
    mailbox.receive("n", &noreply).await;
    let ours = from_pat("o", "", "Text").replace(PAT, "Alerts@cert.example");
    mailbox.receive("o", &ours).await;
    assert_eq!((mailbox.reports().await.len(), mailbox.world.post.mails().len()), (6, 0));
    // What a machine says about another mail is no report, and somebody looks at it.
    mailbox.receive("r0", &from_pat("r0", "Auto-Submitted: auto-replied\n", "I am away.")).await;
    mailbox
        .receive("r1", &from_pat("r1", "", "x").replace(&format!("Return-Path: <{PAT}>"), "Return-Path: <>"))
        .await;
    for (place, entry) in
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/bounces")).unwrap().enumerate()
    {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "eml") {
            mailbox.lay(&format!("b{place}"), &fs::read(path).unwrap());
        }
    }
    mailbox.read().await;
    assert_eq!((mailbox.reports().await.len(), mailbox.world.post.mails().len()), (6, 0));
    let flagged = mailbox.names("cur").into_iter().filter(|name| name.ends_with(":2,F")).count();
    assert!(flagged >= 12, "{flagged}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_answered_three_times_a_day_and_the_world_a_hundred_times_an_hour() {
    let mailbox = Mailbox::open().await;
    // However it is written, it is one mailbox.
    for (place, written) in ["<pat@", "<pat@", "<pat@", "<pat+more@", "<PAT@"].into_iter().enumerate() {
        let mail = from_pat(&place.to_string(), "", "Help").replace("<pat@", written);
        mailbox.receive(&place.to_string(), &mail).await;
    }
    assert_eq!((mailbox.reports().await.len(), mailbox.world.post.mails().len()), (5, 3));
    for place in 0..120 {
        let mail =
            from_pat(&format!("x{place}"), "", "Help").replace(PAT, &format!("p{place}@elsewhere.example"));
        mailbox.lay(&format!("x{place:03}"), mail.as_bytes());
    }
    mailbox.read().await;
    assert_eq!((mailbox.reports().await.len(), mailbox.world.post.mails().len()), (125, 100));
    mailbox.world.pass(SignedDuration::from_hours(25)).await;
    mailbox.receive("later", &from_pat("later", "", "Again")).await;
    assert_eq!(mailbox.world.post.to(PAT).len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_waits_while_no_mail_can_leave() {
    let mailbox = Mailbox::open().await;
    mailbox.world.post.refuse(Some(PostError::Later("the relay is down".to_owned())));
    mailbox.receive("1", &from_pat("a", "", "Help")).await;
    assert!(mailbox.world.post.mails().is_empty());
    mailbox.world.pass(SignedDuration::from_mins(30)).await;
    mailbox.world.post.refuse(None);
    mailbox.world.pass(SignedDuration::from_hours(2)).await;
    assert_eq!((mailbox.reports().await.len(), mailbox.world.post.to(PAT).len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_of_real_programs_and_hostile_ones_are_all_taken() {
    let mailbox = Mailbox::open().await;
    let mut real = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/mails")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "eml") {
            mailbox.lay(&path.file_stem().unwrap().to_string_lossy(), &fs::read(&path).unwrap());
            real += 1;
        }
    }
    mailbox.read().await;
    let reports = mailbox.reports().await;
    assert_eq!(reports.len(), real);
    assert!(reports.iter().all(|(_, _, named, more)| named.contains('@') && !more.is_empty()), "{reports:?}");
    assert!(reports.iter().any(|(.., more)| more.contains("Frösche")), "{reports:?}");
    assert!(!reports.iter().any(|(.., more)| more.contains("<html") || more.contains("</")), "no markup");

    // Ten megabytes of attachment before and behind the words; NUL; letters that turn.
    let huge = "QUJD".repeat(2_600_000);
    let behind = format!(
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nThe words.\n--b\n\
         Content-Type: application/zip; name=\"logs.zip\"\nContent-Transfer-Encoding: base64\n\n{huge}\n--b--\n"
    );
    mailbox.receive("huge", &from_pat("huge", &behind, "")).await;
    for (name, mail) in [
        ("nul", &b"From: a\0b@c.example\nSubject: \0\n\nWords with \0 in them"[..]),
        ("latin", b"From: <x@y.example>\nSubject: caf\xe9\n\nna\xefve"),
    ] {
        mailbox.lay(name, mail);
    }
    let mut deep = "From: d@e.example\n".to_owned();
    for level in 0..1000 {
        let _ = write!(deep, "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
    }
    mailbox.lay("deep", deep.as_bytes());
    mailbox.read().await;
    let reports = mailbox.reports().await;
    assert_eq!(reports.len(), real + 4, "{:?}", mailbox.names("cur"));
    assert!(reports.iter().any(|(.., more)| more == "Help\n\nThe words."), "{reports:?}");
    assert!(mailbox.names("new").is_empty());
    let statement = sql!("SELECT attachments FROM report_mail WHERE text = 'The words.' AND is_cut = TRUE");
    let (attachments,): (String,) =
        mailbox.world.app.read().await.unwrap().one(statement, params![]).await.unwrap();
    assert_eq!(attachments, "logs.zip");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_mail_is_no_report_and_somebody_looks_at_it() {
    let mailbox = Mailbox::open().await;
    let garbled: Vec<u8> =
        (0..1024_u32).flat_map(|place| place.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    for (name, bytes) in [("empty", &b""[..]), ("lines", b"\r\n\r\n"), ("garbled", &garbled)] {
        mailbox.lay(name, bytes);
    }
    mailbox.read().await;
    assert_eq!((mailbox.reports().await.len(), mailbox.names("new").len()), (0, 0));
    assert!(mailbox.names("cur").iter().all(|name| name.ends_with(":2,F")), "{:?}", mailbox.names("cur"));
    // Whoever sends no subject and no words, but has a name, asks for help.
    mailbox.receive("pat", &format!("From: {PAT}\n\n")).await;
    assert_eq!(mailbox.reports().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_attached_is_named_and_never_opened_or_handed_out() {
    let mailbox = Mailbox::open().await;
    // A page that is a picture too, names that climb, turn or are markup, and much in little.
    let harmful = "GIF89a<svg onload=\"alert(1)\"><script>bandicoot()</script></svg>";
    let mut parts = String::new();
    for name in ["../../etc/cron.d/evil.svg", "invoice\u{202E}gpj.exe", "<img src=x onerror=alert(1)>.html"] {
        let _ = write!(
            parts,
            "--b\nContent-Type: text/html; charset=utf-8\nContent-Disposition: attachment; filename=\"{name}\"\n\n\
             {harmful}\n"
        );
    }
    let head = format!(
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee what is attached.\n{parts}--b--\n"
    );
    mailbox.receive("hostile", &from_pat("hostile", &head, "")).await;
    let page = mailbox.page().await;
    let main = page.split_once("<main").unwrap().1;
    assert!(main.contains("evil.svg") && main.contains("do not open them here"), "{main}");
    assert!(main.contains("&#60;img src=x onerror=alert(1)&#62;.html"), "{main}");
    for forbidden in ["<img", "<svg", "<script", "bandicoot", "\u{202E}"] {
        assert!(!main.contains(forbidden), "{forbidden}: {main}");
    }
    // Nothing of it is kept but the names: there is no door through which it could come back.
    let kept = sql!(
        "SELECT count(*) FROM report_mail WHERE text LIKE '%bandicoot%' OR attachments LIKE '%bandicoot%'"
    );
    let (kept,): (i64,) = mailbox.world.app.read().await.unwrap().one(kept, params![]).await.unwrap();
    assert_eq!(kept, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_sees_no_mail_and_its_words_are_forgotten() {
    let mailbox = Mailbox::open().await;
    let world = &mailbox.world;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    mailbox.receive("1", &from_pat("a", "", "Help")).await;
    let statement = sql!("SELECT id FROM incident");
    let (id,): (react::incident::IncidentId,) =
        world.app.read().await.unwrap().one(statement, params![]).await.unwrap();
    for role in [Role::Lead, Role::Responder, Role::Executive] {
        let person = world.person(role.label(), role, Some(trust)).await;
        let answer = world.signed_in(person).await.get(&format!("/incidents/{id}/mails")).await;
        assert_eq!(answer.status, 403, "{role:?}");
    }
    world.app.env.advance(SignedDuration::from_hours(24 * 4000));
    platform::retention::sweep(&world.app, &platform::retention::Policy::shipped()).await.unwrap();
    let page = mailbox.page().await;
    assert!(page.contains("whose words were forgotten") && !page.contains(PAT), "{page}");
}

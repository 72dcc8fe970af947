//! The offline form and its files: anybody sends one, whatever is in it is bounded, it is one report however often
//! it is sent, and it is believed as far as its code.

use std::{fs, path::Path};

use carecert::SERVICES;
use db::{params, sql};
use formats::age::{self, Identity};
use http::header;
use jiff::SignedDuration;
use platform::access::Role;
use react::{code, incident::Standing, offline, report::Way};
use serde_json::{Value, json};
use testkit::world::{Answer, World};

use crate::{
    furnished::at_cert,
    furnished_offline::{sealed, written},
    process::Installation,
};

/// What stands of the reports that came.
async fn reports(world: &World) -> Vec<(Way, Standing, String, String, String, String)> {
    let statement = sql!(
        "SELECT r.way, i.standing, r.named, r.seen, r.ring_telephone, r.more
         FROM report r JOIN incident i ON i.id = r.incident_id ORDER BY r.id"
    );
    world.app.read().await.unwrap().all(statement, params![]).await.unwrap()
}

/// The number that an answer tells.
fn receipt(answer: &Answer) -> &str {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let at = answer.body.find("I-").expect("a number");
    &answer.body[at..at + 11]
}

fn refused(answer: &Answer, status: u16, sentence: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert!(answer.body.contains(sentence), "{sentence} in {}", answer.body);
    assert!(answer.body.contains("Your report was not received") && answer.body.contains("0300 303 5222"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_file_is_a_report_from_anybody_and_one_however_often_it_is_sent() {
    let world = World::new(SERVICES).await;
    let file = sealed(&world, &written()).await;
    let visitor = world.visitor();
    let first = visitor.upload("/report/upload", &file).await;
    let again = visitor.upload("/report/upload", &file.replace('\n', "\r\n")).await;
    let sealed_again = visitor.upload("/report/upload", &sealed(&world, &written()).await).await;
    assert_eq!(receipt(&first), receipt(&again));
    assert_eq!(receipt(&first), receipt(&sealed_again));
    assert!(!first.body.contains("had been sent before") && again.body.contains("had been sent before"));
    // What it says is not told to whoever carries it.
    assert!(!first.body.contains("RWA") && !first.body.contains("theatres"), "{}", first.body);
    let stands = reports(&world).await;
    let (more, ring) = ("A note on every screen.".to_owned(), "07700 900 123".to_owned());
    let seen = "files_locked system_down".to_owned();
    assert_eq!(stands, [(Way::Offline, Standing::Unverified, "RWA".to_owned(), seen, ring, more)]);

    let lead = world.person("Lena Lead", Role::Lead, None).await;
    let other = json!({"form": "carecert-report/1", "organisation": "Elsewhere", "seen": ["device_lost"]});
    world.app.env.advance(SignedDuration::from_secs(1));
    let signed_in = world.signed_in(lead).await.upload("/report/upload", &sealed(&world, &other).await).await;
    assert_ne!(receipt(&signed_in), receipt(&first));
    assert_eq!(reports(&world).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_can_be_pasted_and_the_file_be_binary() {
    let world = World::new(SERVICES).await;
    let file = sealed(&world, &written()).await;
    let body = format!(
        "--part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n\
         --part\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n  {file}\n\r\n--part--\r\n"
    );
    let form = "multipart/form-data; boundary=part";
    let pasted = world.visitor().send(http::Method::POST, "/report/upload", form, body).await;
    receipt(&pasted);
    let nothing =
        "--part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--part--\r\n";
    let nothing = world.visitor().send(http::Method::POST, "/report/upload", form, nothing.to_owned()).await;
    refused(&nothing, 422, "Choose the file, or paste its text");
    let no_form = world.visitor().post("/report/upload", &[("text", &file)]).await;
    refused(&no_form, 415, "multipart/form-data");
    let cut = "--part\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc".to_owned();
    let cut = world.visitor().send(http::Method::POST, "/report/upload", form, cut).await;
    refused(&cut, 400, "The file did not arrive whole");
    assert_eq!(reports(&world).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_code_in_it_counts_once_and_a_wrong_one_refuses_nothing() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let (_, duty) = at_cert(&world, "Dan Duty", Role::DutyManager).await;
    let mut tx = world.app.write().await.unwrap();
    let (_, codes) = code::actions::print(&mut tx, &duty, trust, 2).await.unwrap();
    tx.commit().await.unwrap();
    let with = |code: &str, more: &str| {
        let mut written = written();
        written["code"] = code.into();
        written["more"] = more.into();
        written
    };
    let code = codes[0].to_string();
    for (typed, more) in
        [(code.as_str(), "one"), (&code, "two"), ("2222-2222-2222-2222", "three"), ("?", "four")]
    {
        world.app.env.advance(SignedDuration::from_secs(1));
        let file = sealed(&world, &with(typed, more)).await;
        receipt(&world.visitor().upload("/report/upload", &file).await);
        // Sent again it costs no second code.
        receipt(&world.visitor().upload("/report/upload", &file).await);
    }
    let standings: Vec<_> = reports(&world).await.into_iter().map(|row| (row.5, row.1)).collect();
    let expected = [
        ("one", Standing::Code),
        ("two", Standing::Unverified),
        ("three", Standing::Unverified),
        ("four", Standing::Unverified),
    ];
    assert_eq!(standings, expected.map(|(more, standing)| (more.to_owned(), standing)));
    // Whoever tried too many codes is not kept from reporting.
    for place in 0..14 {
        world.app.env.advance(SignedDuration::from_secs(400));
        let file = sealed(&world, &with("2222-2222-2222-2222", &format!("try {place}"))).await;
        receipt(&world.visitor().upload("/report/upload", &file).await);
    }
    world.app.env.advance(SignedDuration::from_secs(400));
    let file = sealed(&world, &with(&codes[1].to_string(), "last")).await;
    receipt(&world.visitor().upload("/report/upload", &file).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_or_no_report_is_refused_with_what_to_do_next() {
    let world = World::new(SERVICES).await;
    let visitor = world.visitor();
    let file = sealed(&world, &written()).await;
    let stranger = Identity::drawn([9; 32]).recipient();
    let elsewhere = age::armoured(&age::seal(b"{}", &stranger, &[1; 64]));
    let passphrase = include_str!("../../../../data/age/vectors/armor_scrypt");
    let passphrase = passphrase.split_once("\n\n").unwrap().1;
    let other_form = sealed(&world, &json!({"form": "carecert-report/9"})).await;
    let (begin, end) = file.split_at(file.len() / 2);
    let damaged = format!("{begin}{}{}", if end.starts_with('A') { 'B' } else { 'A' }, &end[1..]);
    let photo = "x".repeat(3 * 1024 * 1024);
    for (sent, sentence) in [
        (damaged.as_str(), "damaged"),
        (&file[..file.len() / 2], "damaged, or not whole"),
        ("A letter to the CERT", "was not made by the form"),
        (&elsewhere, "sealed for somebody else"),
        (passphrase, "sealed with a passphrase"),
        (&other_form, "holds no report that this service can read"),
        (&photo, "larger than 256 kB"),
    ] {
        refused(&visitor.upload("/report/upload", sent).await, 422, sentence);
    }
    assert!(reports(&world).await.is_empty());
    // A network that goes on is asked to wait; another is not.
    for _ in 0..14 {
        visitor.upload("/report/upload", "x").await;
    }
    refused(&visitor.upload("/report/upload", &file).await, 429, "Try again in");
    let elsewhere = visitor.clone().with("x-forwarded-for", "192.0.2.7");
    receipt(&elsewhere.upload("/report/upload", &file).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_is_there_in_welsh_too_and_says_that_it_is_a_draft() {
    let world = World::new(SERVICES).await;
    offline::actions::made(&world.app).await.unwrap();
    let about = world.visitor().get("/report/offline").await.body;
    assert!(
        about.contains("/report/offline/file?language=cy") && about.contains("Drafft / Draft"),
        "{about}"
    );
    let welsh = world.visitor().get("/report/offline/file?language=cy").await;
    let named = welsh.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(named.contains("carecert-report-form-cymraeg.html"), "{named}");
    let english = world.visitor().get("/report/offline/file").await.body;
    let of = |form: &str, part: &str| {
        form.split(part).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // The same is asked and sent, in the same order, sealed for the same key.
    for part in ["name=\"", "value=\"", "data-recipient=\"", "data-word=\"", "data-seen=\""] {
        assert!(!of(&welsh.body, part).is_empty(), "{part}");
        assert_eq!(of(&welsh.body, part), of(&english, part), "{part}");
    }
    let page = |form: &str| form[form.find("<body>").unwrap()..form.find("<script>").unwrap()].to_owned();
    let (cy, en) = (page(&welsh.body), page(&english));
    assert!(welsh.body.contains("<html lang=\"cy\">") && english.contains("<html lang=\"en-GB\">"));
    for said in [
        "Drafft: heb ei adolygu",
        "no translator has passed",
        "0300 303 5222",
        "Cymerwch ofal:",
        "Rhywbeth arall",
    ] {
        assert!(cy.contains(said), "{said}: {cy}");
    }
    assert!(!en.contains("Drafft") && en.contains("Take care:"), "{en}");
    // Nothing of the English is left in it but what says so.
    for english in ["Report a cyber", "Choose", "Enter ", "Take care:", "Something else", "is sealed"] {
        assert!(!cy.contains(english), "{english}: {cy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_the_same_moment_make_one_key_and_one_report() {
    let world = World::new(SERVICES).await;
    let (one, two) = tokio::join!(offline::actions::made(&world.app), offline::actions::made(&world.app));
    assert_eq!(one.unwrap().current, two.unwrap().current);
    let file = sealed(&world, &written()).await;
    let visitor = world.visitor();
    let (one, two) =
        tokio::join!(visitor.upload("/report/upload", &file), visitor.upload("/report/upload", &file));
    assert!(one.status == 200 || two.status == 200, "{} {}", one.body, two.body);
    receipt(&visitor.upload("/report/upload", &file).await);
    assert_eq!(reports(&world).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_older_keys_still_work() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("age.txt");
    let (old, new) = (Identity::drawn([1; 32]), Identity::drawn([2; 32]));
    let keys = |all: &[&Identity]| {
        let lines: Vec<_> = all.iter().map(|key| key.secret()).collect();
        fs::write(&path, format!("# created: 2026-06-01\n{}\n", lines.join("\n"))).unwrap();
    };
    keys(&[&old]);
    let named = path.clone();
    let world = World::with(SERVICES, |settings| settings.reports.age_identity_file = Some(named)).await;
    let of_old = sealed(&world, &written()).await;
    keys(&[&new, &old]);
    let form = world.visitor().get("/report/offline/file").await;
    assert!(
        form.body.contains(&new.recipient().to_string()) && !form.body.contains(&old.recipient().to_string())
    );
    receipt(&world.visitor().upload("/report/upload", &of_old).await);
    keys(&[&new]);
    refused(&world.visitor().upload("/report/upload", &of_old).await, 422, "no longer valid");
    // No key is made where the settings name one; where it cannot be read, nobody is told why.
    fs::write(&path, "AGE-SECRET-KEY-1QQQ\n").unwrap();
    let broken = world.visitor().get("/report/offline/file").await;
    assert_eq!(broken.status, 500);
    assert!(!broken.body.contains("age.txt"), "{}", broken.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_is_a_download_small_and_asks_no_host() {
    let world = World::new(SERVICES).await;
    // A page changes nothing: a service makes the key when it starts.
    assert_eq!(world.visitor().get("/report/offline/file").await.status, 500);
    offline::actions::made(&world.app).await.unwrap();
    let form = world.visitor().with("accept-encoding", "gzip").get("/report/offline/file").await;
    assert_eq!(form.status, 200);
    let disposition = form.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert_eq!(disposition, "attachment; filename=\"carecert-report-form.html\"");
    let policy = form.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    let plain = world.visitor().get("/report/offline/file").await.body;
    assert!(plain.len() < 100_000, "even without compression: {}", plain.len());
    // The number comes before everything else, and there is nothing to load.
    let body = &plain[plain.find("<body>").unwrap()..];
    assert!(body.find("0300 303 5222").unwrap() < body.find("<h1>").unwrap());
    for forbidden in
        [" src=", "http://www", "https://", "@import", "url(", "fetch(", "XMLHttp", "localStorage"]
    {
        assert!(!plain.contains(forbidden), "{forbidden}");
    }
    let about = world.visitor().get("/report/offline").await;
    assert!(about.body.find("0300 303 5222").unwrap() < about.body.find("Download the form").unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_looks_at_the_keys() {
    let world = World::new(SERVICES).await;
    let installation = Installation::on(&world.app.settings.database_url, None);
    let doctor = async |file: Option<&Path>| {
        let mut command = installation.command(&["doctor", "--json"]);
        if let Some(file) = file {
            command.env("CARECERT_REPORTS_AGE_IDENTITY_FILE", file);
        }
        let done = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let told: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
        let found = told["findings"].as_array().unwrap().iter().find(|each| each["about"] == "offline");
        found.map(|each| (each["health"].clone(), each["says"].as_str().unwrap().to_owned())).unwrap()
    };
    assert_eq!(doctor(None).await.0, "look");
    let current = offline::actions::made(&world.app).await.unwrap().current.to_string();
    let (health, says) = doctor(None).await;
    assert!(health == "well" && says.contains(&current), "{health} {says}");
    let file = installation.path("age.txt");
    assert_eq!(doctor(Some(&file)).await.0, "wrong");
    fs::write(&file, Identity::drawn([3; 32]).secret()).unwrap();
    let (health, says) = doctor(Some(&file)).await;
    assert!(health == "wrong" && says.contains("chmod 600"), "{says}");
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let (health, says) = doctor(Some(&file)).await;
    assert!(health == "well" && says.contains("2 keys"), "{says}");
}

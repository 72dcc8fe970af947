//! Evidence: hashed on the way in, handed out in archives that need a password and never shown; each reading is written
//! down; what does not arrive whole leaves nothing; nobody reads what stands in another's zone.

use std::{
    fmt::Write as _,
    io::{Cursor, Read as _},
};

use data_encoding::HEXLOWER;
use db::{params, sql};
use http::header;
use jiff::SignedDuration;
use platform::{
    access::Role,
    job::{self, Lane},
    retention::{self, Policy},
};
use react::{
    case::Zone,
    evidence::EvidenceId,
    incident::{IncidentId, actions as incidents},
};
use sha2::{Digest, Sha256};
use testkit::world::{Answer, Client, World};

use crate::{
    furnished_evidence::{acting, arriving, case, form, kept, number, of, page, send, world},
    furnished_incidents::{classified, reported},
};

/// What a scanner would delete and a browser would run.
const HARMFUL: &str =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"><script>bandicoot()</script></svg>";

/// The password that stands on a page.
fn password(body: &str) -> String {
    let (_, rest) = body.split_once("name=\"password\" value=\"").expect("a password");
    rest.split_once('"').expect("its end").0.to_owned()
}

/// What is in an archive, and what it is called there.
pub(crate) fn opened(archive: &[u8], password: &str) -> Option<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive");
    assert_eq!(zip.len(), 1);
    let mut file = zip.by_index_decrypt(0, password.as_bytes()).ok()?;
    let (name, mut bytes) = (file.name().to_owned(), Vec::new());
    file.read_to_end(&mut bytes).ok()?;
    Some((name, bytes))
}

/// Every deed in the custody of a piece, with why.
async fn custody(world: &World, piece: EvidenceId) -> Vec<(String, String)> {
    let statement = sql!("SELECT deed, why FROM custody WHERE evidence_id = ?1 ORDER BY id");
    world.app.read().await.unwrap().all(statement, params![piece]).await.unwrap()
}

/// Moves the clock on, so that what follows is later.
fn later(world: &World) {
    world.app.env.advance(SignedDuration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_is_hashed_on_the_way_in_and_each_reading_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), 10_000_000).await;
    let case = case(&world).await;
    let responder = world.signed_in(case.responder).await;
    // More than one part of the store, and lines of every kind.
    let mut content = String::new();
    for line in 0..40_000 {
        writeln!(content, "{line} the bilby was here\r").unwrap();
    }
    let hash = HEXLOWER.encode(&Sha256::digest(&content));
    let typed = hash.to_uppercase();
    let fields = [
        ("form", "0193f000-0000-7000-8000-000000000001"),
        ("zone", "shared"),
        ("about", "Log of the firewall"),
        ("found", "On the management server"),
        ("collected-day", "1"),
        ("collected-month", "6"),
        ("collected-year", "2026"),
        ("time", "02:10"),
        ("by", "Pat Porter"),
        ("hash", typed.as_str()),
    ];
    let sent = send(&responder, case.incident, form(&fields, "C:\\logs\\fire wall.log", &content)).await;
    let piece = of(&sent);
    let path = page(case.incident, piece);
    let shown = responder.get(&path).await.body;
    for words in [
        hash.as_str(),
        "The same as its sender gave",
        "fire wall.log",
        "On the management server",
        "1 June 2026, 02:10",
        "Pat Porter",
        "Rae Responder, Quokka NHS Trust",
        &format!("({} bytes)", platform::web::show::count(i64::try_from(content.len()).unwrap())),
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert!(!shown.contains("C:\\logs") && !shown.contains("the bilby was here"));

    let why_not = responder.post(&format!("{path}/read"), &[("password", &password(&shown))]).await;
    assert!(why_not.status == 422 && why_not.body.contains("Enter why you need it"), "{}", why_not.body);
    assert_eq!(password(&why_not.body), password(&shown), "what was written down stays right");
    let weak = responder.post(&format!("{path}/read"), &[("password", "infected"), ("why", "x")]).await;
    assert_eq!(weak.status, 422, "a password is drawn here");
    assert_eq!(custody(&world, piece).await.len(), 1);

    later(&world);
    let (password, why) = (password(&shown), "To find the numbat in it");
    let fields = [("password", password.as_str()), ("why", why)];
    let (answer, archive) = responder.download(&format!("{path}/read"), &fields).await;
    let archive = archive.expect("the whole of it");
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/zip");
    assert_eq!(answer.headers[header::CONTENT_LENGTH], archive.len().to_string());
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert!(!archive.windows(9).any(|part| part == b"the bilby"), "nothing of it is in clear");
    let (name, bytes) = opened(&archive, &password).expect("it opens");
    assert_eq!((name, bytes == content.as_bytes()), (format!("{hash}.bin"), true));
    assert_eq!(opened(&archive, "234Z2-ZBF56-789AB-CDEFG"), None, "not with another password");

    later(&world);
    let analyst = world.signed_in(case.analyst).await;
    assert_eq!(analyst.post(&format!("{path}/check"), &[]).await.status, 303);
    let told = custody(&world, piece).await;
    let told: Vec<_> = told.iter().map(|(deed, why)| (deed.as_str(), why.as_str())).collect();
    assert_eq!(told, [("kept", ""), ("read", why), ("checked", "")]);
    let shown = analyst.get(&path).await.body;
    assert!(
        shown.contains("Handed out to be read")
            && shown.contains(why)
            && shown.contains("Ana Analyst, Test CSOC")
    );
    // The log knows what was done, and no word of why or of what.
    let statement = sql!("SELECT verb, payload FROM log_entry WHERE verb LIKE 'evidence.%' ORDER BY id");
    let log: Vec<(String, String)> = world.app.read().await.unwrap().all(statement, params![]).await.unwrap();
    let verbs: Vec<_> = log.iter().map(|(verb, _)| verb.as_str()).collect();
    assert_eq!(verbs, ["evidence.kept", "evidence.read", "evidence.checked"]);
    assert!(!log.iter().any(|(_, payload)| payload.contains("numbat") || payload.contains("firewall")));
    assert_eq!(arriving(folder.path()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_it_is_ever_shown_and_no_name_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), 1_000_000).await;
    let case = case(&world).await;
    let responder = world.signed_in(case.responder).await;
    for (name, shown) in [
        ("../../../etc/cron.d/evil", "evil"),
        ("x%0D%0ASet-Cookie: a=b.svg", "x%0D%0ASet-Cookie: a=b.svg"),
        ("invoice\u{202E}gpj.exe", "invoicegpj.exe"),
        ("<img src=x onerror=alert(1)>.html", "&#60;img src=x onerror=alert(1)&#62;.html"),
        ("..\\..\\AUTOEXEC.BAT", "AUTOEXEC.BAT"),
    ] {
        later(&world);
        let about = "<script>alert(\"quoll\")</script>";
        let body = form(&[("zone", "own"), ("about", about)], name, HARMFUL);
        let piece = of(&send(&responder, case.incident, body).await);
        let path = page(case.incident, piece);
        let found = responder.get(&path).await;
        assert!(found.body.contains(shown), "{shown} in {}", found.body);
        assert!(!found.body.contains("<script>alert") && !found.body.contains("bandicoot"), "{name}");
        let drawn = password(&found.body);
        let fields = [("password", drawn.as_str()), ("why", "To look")];
        let (answer, _) = responder.download(&format!("{path}/read"), &fields).await;
        let disposition = answer.headers[header::CONTENT_DISPOSITION].to_str().expect("plain signs");
        let hash = HEXLOWER.encode(&Sha256::digest(HARMFUL));
        assert_eq!(disposition, format!("attachment; filename=\"evidence-{}.zip\"", &hash[..16]));
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
        // A GET hands nothing out.
        for path in [format!("{path}/read"), format!("{path}/file"), format!("{path}/check")] {
            let answer = responder.get(&path).await;
            assert!([404, 405].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
        }
    }
    let list = responder.get(&format!("/incidents/{}/evidence", case.incident)).await.body;
    assert!(!list.contains("<script>alert") && list.contains("&#60;script&#62;alert"), "{list}");
    let timeline = sql!("SELECT count(*) FROM case_entry WHERE kind = 'evidence' AND zone = 'own'");
    assert_eq!(number(&world, timeline).await, 5);
    // The same bytes are kept once.
    assert_eq!(number(&world, sql!("SELECT count(*) FROM blob")).await, 1);
}

/// Every door to a piece, with a form that would be taken.
async fn doors(client: &Client<'_>, incident: IncidentId, piece: EvidenceId) -> Vec<(String, Answer)> {
    let path = page(incident, piece);
    let mut answers = vec![
        (path.clone(), client.get(&path).await),
        (format!("{path}/time-stamp"), client.get(&format!("{path}/time-stamp")).await),
    ];
    for (door, fields) in [
        ("read", &[("password", "234Z2-ZBF56-789AB-CDEFG"), ("why", "x")][..]),
        ("check", &[][..]),
        ("hand-over", &[("whom", "The police"), ("hand-over-why", "x")][..]),
        ("withdraw", &[("version", "1"), ("withdraw-why", "x")][..]),
    ] {
        let path = format!("{path}/{door}");
        answers.push((path.clone(), client.post(&path, fields).await));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_a_zone_that_is_not_read_does_not_exist_over_any_door() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), 1_000_000).await;
    let case = case(&world).await;
    let (responder, analyst) = (world.signed_in(case.responder).await, world.signed_in(case.analyst).await);
    let mut pieces = Vec::new();
    for (client, zone, about) in [
        (&responder, Zone::Own, "Letter of the lawyers"),
        (&responder, Zone::Shared, "Note from the screen"),
        (&analyst, Zone::Cert, "Image of the supplier’s server"),
    ] {
        later(&world);
        pieces.push((zone, about, kept(client, case.incident, zone, about, about).await));
    }
    let list = format!("/incidents/{}/evidence", case.incident);
    for (who, person, reads) in [
        ("the organisation", case.responder, &[Zone::Own, Zone::Shared][..]),
        ("its viewer", case.viewer, &[Zone::Own, Zone::Shared][..]),
        ("the CERT", case.analyst, &[Zone::Shared, Zone::Cert][..]),
        ("its auditor", case.auditor, &[Zone::Shared, Zone::Cert][..]),
        ("a guest", case.guest, &[Zone::Shared][..]),
        ("another organisation", case.stranger, &[][..]),
    ] {
        let client = world.signed_in(person).await;
        let shown = client.get(&list).await;
        assert_eq!(shown.status.as_u16(), if reads.is_empty() { 404 } else { 200 }, "{who}");
        assert_eq!(client.get(&format!("/incidents/{}/log-proof", case.incident)).await.status, shown.status);
        for (zone, about, piece) in &pieces {
            let theirs = reads.contains(zone);
            assert_eq!(shown.body.contains(about), theirs, "{who}: {about}");
            if theirs {
                assert_eq!(client.get(&page(case.incident, *piece)).await.status, 200, "{who}: {about}");
                continue;
            }
            for (door, answer) in doors(&client, case.incident, *piece).await {
                // Whoever only reads is refused by their role, before anything is looked for.
                let refused = [404, 403].contains(&answer.status.as_u16());
                let told =
                    answer.body.contains(about) || answer.status == 403 && door.ends_with(&piece.to_string());
                assert!(refused && !told, "{who}: {door}: {}", answer.status);
            }
        }
        // Nobody writes where they do not read.
        for zone in Zone::ALL.iter().filter(|zone| !reads.contains(zone)) {
            let body = form(&[("zone", zone.code()), ("about", "x")], "x", "x");
            let sent = send(&client, case.incident, body).await.status.as_u16();
            assert!([404, 403].contains(&sent), "{who} into {zone:?}: {sent}");
        }
    }
    // A piece is none of another case.
    let other = acting(case.responder, "Rae Responder", Role::Responder, Some(case.organisation));
    let other = reported(&world, &other, "RQK").await.incident;
    for (_, _, piece) in &pieces {
        assert_eq!(responder.get(&page(other, *piece)).await.status, 404);
    }
    // Who only reads takes no copy: the viewer sees that there is one.
    let viewer = world.signed_in(case.viewer).await;
    let path = page(case.incident, pieces[1].2);
    assert!(!viewer.get(&path).await.body.contains("Take a copy"));
    assert_eq!(viewer.post(&format!("{path}/read"), &[("why", "x")]).await.status, 403);
    // Not even somebody who may write elsewhere.
    let elsewhere = world.organisation("RXX", "Elsewhere NHS Trust", "trust").await;
    let mut tx = world.app.write().await.unwrap();
    let also = sql!(
        "INSERT INTO membership (id, holder_id, organisation_id, role, from_at) VALUES (?1, ?2, ?3, 'responder', ?4)"
    );
    let (id, now): (db::macro_support::Uuid, _) = (tx.id(), tx.now);
    tx.run(also, params![id, case.viewer, elsewhere, now]).await.unwrap();
    tx.commit().await.unwrap();
    let viewer = world.signed_in(case.viewer).await;
    assert!(!viewer.get(&path).await.body.contains("Take a copy"));
    let fields = [("password", "234Z2-ZBF56-789AB-CDEFG"), ("why", "x")];
    assert_eq!(viewer.post(&format!("{path}/read"), &fields).await.status, 403);
    // A guest adds and takes; to withdraw is for those whose case it is.
    let guest = world.signed_in(case.guest).await;
    let fields = [("version", "1"), ("withdraw-why", "x")];
    assert_eq!(guest.post(&format!("{path}/withdraw"), &fields).await.status, 403);
    assert_eq!(custody(&world, pieces[0].2).await.len(), 1, "nothing was read");
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_twice_is_once_and_what_was_withdrawn_is_not_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), 1_000_000).await;
    let case = case(&world).await;
    let responder = world.signed_in(case.responder).await;
    let fields = [("form", "0193f000-0000-7000-8000-000000000001"), ("zone", "shared"), ("about", "A note")];
    let first = of(&send(&responder, case.incident, form(&fields, "a", "abc")).await);
    assert_eq!(of(&send(&responder, case.incident, form(&fields, "a", "abc")).await), first);
    assert_eq!(number(&world, sql!("SELECT count(*) FROM evidence")).await, 1);
    let path = page(case.incident, first);
    let over = [
        ("form", "0193f000-0000-7000-8000-000000000002"),
        ("whom", "PC Quoll, case 7"),
        ("hand-over-why", "The police asked for it"),
    ];
    for _ in 0..2 {
        later(&world);
        assert_eq!(responder.post(&format!("{path}/hand-over"), &over).await.status, 303);
    }
    assert_eq!(number(&world, sql!("SELECT count(*) FROM custody WHERE deed = 'handed_over'")).await, 1);
    assert!(responder.get(&path).await.body.contains("Handed over</strong> to PC Quoll, case 7"));

    later(&world);
    let withdraw = [("version", "1"), ("withdraw-why", "A list of patients")];
    assert_eq!(responder.post(&format!("{path}/withdraw"), &[("version", "1")]).await.status, 422);
    assert_eq!(responder.post(&format!("{path}/withdraw"), &withdraw).await.status, 303);
    let again = responder.post(&format!("{path}/withdraw"), &withdraw).await;
    assert!(again.status == 422 && again.body.contains("Somebody changed this"), "{}", again.body);
    let shown = responder.get(&path).await.body;
    assert!(shown.contains("It was withdrawn on") && !shown.contains("Take a copy"), "{shown}");
    let fields = [("password", "234Z2-ZBF56-789AB-CDEFG"), ("why", "x")];
    let refused = responder.post(&format!("{path}/read"), &fields).await;
    assert!(refused.status == 422 && refused.body.contains("This piece was withdrawn"), "{}", refused.body);
    let deeds: Vec<_> = custody(&world, first).await.into_iter().map(|(deed, _)| deed).collect();
    assert_eq!(deeds, ["kept", "handed_over", "withdrawn"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_piece_is_told_and_never_handed_out_whole() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), 1_000_000).await;
    let case = case(&world).await;
    let responder = world.signed_in(case.responder).await;
    let piece = kept(&responder, case.incident, Zone::Shared, "A disk", &"x".repeat(300_000)).await;
    let mut tx = world.app.write().await.unwrap();
    tx.run(sql!("UPDATE blob_part SET bytes = ?1 WHERE part = 1"), params![vec![7_u8; 37_856]])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let path = page(case.incident, piece);
    let fields = [("password", "234Z2-ZBF56-789AB-CDEFG"), ("why", "x")];
    let (_, archive) = responder.download(&format!("{path}/read"), &fields).await;
    assert!(archive.is_none(), "it breaks off");
    later(&world);
    assert_eq!(responder.post(&format!("{path}/check"), &[]).await.status, 303);
    assert!(responder.get(&path).await.body.contains("Hash computed again: NOT the same"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_forgotten_when_its_time_is_over_and_its_custody_stays() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), 1_000_000).await;
    let case = case(&world).await;
    let responder = world.signed_in(case.responder).await;
    let by = acting(case.responder, "Rae Responder", Role::Responder, Some(case.organisation));
    let open = reported(&world, &by, "RQK").await.incident;
    // The same bytes in two cases, and others.
    let gone = kept(&responder, case.incident, Zone::Shared, "A note of the quoll", "abc").await;
    let stays = kept(&responder, open, Zone::Shared, "The same note", "abc").await;
    let alone = kept(&responder, case.incident, Zone::Own, "Another", "def").await;
    let withdrawn = kept(&responder, open, Zone::Own, "Withdrawn", "ghi").await;
    later(&world);
    let path = page(open, withdrawn);
    let fields = [("version", "1"), ("withdraw-why", "A list of patients")];
    assert_eq!(responder.post(&format!("{path}/withdraw"), &fields).await.status, 303);
    let desk = acting(case.analyst, "Ana Analyst", Role::Analyst, None);
    classified(&world, &desk, case.incident).await;
    let mut tx = world.app.write().await.unwrap();
    incidents::close(&mut tx, &desk, case.incident, 1, "It is over").await.unwrap();
    tx.commit().await.unwrap();

    let blobs = sql!("SELECT count(*) FROM blob");
    for (days, left) in [(29, 3), (2, 2), (2_158, 2), (2, 1)] {
        world.app.env.advance(SignedDuration::from_hours(24 * days));
        retention::sweep(&world.app, &Policy::shipped()).await.unwrap();
        job::run_due(&world.app, Lane::Bulk, 100).await.unwrap();
        assert_eq!(number(&world, blobs).await, left, "after {days} days more");
    }
    assert_eq!(number(&world, sql!("SELECT count(*) FROM blob_part")).await, 1);
    let words = sql!("SELECT count(*) FROM evidence WHERE about <> '' OR name <> ''");
    assert_eq!(number(&world, words).await, 1, "the words of the open case's alone");
    for piece in [gone, alone, withdrawn] {
        let told = custody(&world, piece).await;
        assert!(told.iter().all(|(_, why)| why.is_empty()), "{told:?}");
        assert_eq!((told[0].0.as_str(), told.last().unwrap().0.as_str()), ("kept", "forgotten"));
    }
    let responder = world.signed_in(case.responder).await;
    let shown = responder.get(&page(case.incident, gone)).await.body;
    assert!(
        shown.contains("It is no longer kept") && shown.contains(&HEXLOWER.encode(&Sha256::digest("abc")))
    );
    let path = page(open, stays);
    let fields = [("password", "234Z2-ZBF56-789AB-CDEFG"), ("why", "x")];
    let (_, archive) = responder.download(&format!("{path}/read"), &fields).await;
    assert_eq!(opened(&archive.unwrap(), "234Z2-ZBF56-789AB-CDEFG").unwrap().1, b"abc");
}

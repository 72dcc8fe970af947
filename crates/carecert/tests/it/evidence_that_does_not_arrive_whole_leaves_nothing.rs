//! What is too large, not what was said or cut on its way leaves nothing behind; what is still written is left alone.

use carecert::SERVICES;
use data_encoding::HEXLOWER;
use db::sql;
use platform::{
    blob::{self, Arriving},
    env::Env,
};
use testkit::world::World;
use tokio::io::AsyncWriteExt;

use crate::{
    furnished_evidence::{Case, arriving, case, form, number, send, world},
    process::{Installation, until},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_not_what_was_said_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), 1_000).await;
    let case = case(&world).await;
    let responder = world.signed_in(case.responder).await;
    let about = ("about", "Memory of the numbat’s machine");
    let fields = [("zone", "shared"), about];
    let other_hash = HEXLOWER.encode(&[7; 32]);
    let cut = form(&fields, "a", "abc").replace("--part--\r\n", "");
    for (body, status, sentence) in [
        (
            form(&fields, "a", &"x".repeat(1_001)),
            413,
            "The file is larger than 1.0 kB, the most that is taken",
        ),
        (form(&fields, "a", &"x".repeat(900_000)), 413, "Nothing of it was kept"),
        (form(&fields, "a", ""), 422, "The file is empty"),
        (form(&fields, "", ""), 422, "Choose the file"),
        (cut, 400, "The file did not arrive whole"),
        (
            form(&[("zone", "shared"), about, ("hash", &other_hash)], "a", "abc"),
            422,
            "which is not the one that you gave",
        ),
        (
            form(&[("zone", "shared"), about, ("hash", "abc")], "a", "abc"),
            422,
            "Enter a SHA-256 of 64 digits",
        ),
        (form(&[about], "a", "abc"), 422, "Select who may have it"),
        (form(&[("zone", "shared")], "a", "abc"), 422, "Enter what it is"),
        (
            form(&[("zone", "shared"), ("about", &"x".repeat(2_001))], "a", "abc"),
            422,
            "must be 2000 characters or fewer",
        ),
        (form(&[("zone", "shared"), about, ("time", "02:10")], "a", "abc"), 422, "Enter the day too"),
    ] {
        let answer = send(&responder, case.incident, body).await;
        assert!(
            answer.status.as_u16() == status && answer.body.contains(sentence),
            "{sentence}: {} {}",
            answer.status,
            answer.body
        );
        assert!(answer.body.contains("<h1>"), "the form again");
    }
    // What says to be more than is let pass is not read at all.
    let long = responder.clone().with("content-length", "2000000");
    let refused = send(&long, case.incident, form(&fields, "a", &"x".repeat(1_900_000))).await;
    assert!(
        refused.status == 413 && refused.body.contains("The file is larger than 1.0 kB"),
        "{}",
        refused.body
    );
    // Nor is what does not say so read beyond that.
    let refused = send(&responder, case.incident, form(&fields, "a", &"x".repeat(1_900_000))).await;
    assert!(refused.status == 400 && refused.body.contains("did not arrive whole"), "{}", refused.body);
    let no_form = responder.post(&format!("/incidents/{}/evidence", case.incident), &[("zone", "own")]).await;
    assert_eq!(no_form.status, 415);
    for statement in [
        sql!("SELECT count(*) FROM evidence"),
        sql!("SELECT count(*) FROM custody"),
        sql!("SELECT count(*) FROM blob"),
        sql!("SELECT count(*) FROM blob_part"),
        sql!("SELECT count(*) FROM case_entry WHERE kind = 'evidence'"),
    ] {
        assert_eq!(number(&world, statement).await, 0);
    }
    assert_eq!(arriving(folder.path()), 0, "nothing is left on the disk");
    // What is as large as may be is taken.
    let most = form(&fields, "a", &"x".repeat(1_000));
    assert_eq!(send(&responder, case.incident, most).await.status, 303);
}

/// The head of an upload that says to be as long as `length`, and its form up to within the file.
fn begun(case: &Case, cookie: &str, length: usize) -> String {
    let body = form(&[("zone", "shared"), ("about", "A disk")], "disk.img", "");
    let body = body.split_once("\r\n--part--").expect("the end").0;
    format!(
        "POST /incidents/{}/evidence HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\n\
         Content-Type: multipart/form-data; boundary=part\r\nContent-Length: {length}\r\n\r\n{body}",
        case.incident
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_cut_or_whose_process_is_killed_leaves_nothing() {
    let world = World::new(SERVICES).await;
    world.app.env.advance(Env::machine().now().duration_since(world.now()));
    let case = case(&world).await;
    let cookie = world.signed_in(case.responder).await.cookie.expect("a session");
    let installation = Installation::on(&world.app.settings.database_url, None);
    // In the folder of files, with SQLite; beside the database, with PostgreSQL.
    let data = installation.path("data");
    let files = || arriving(&data) + arriving(&data.join("blobs"));
    let service = installation.serve().await;

    // Whoever sends it goes away.
    let mut stream = installation.begin(&begun(&case, &cookie, 50_000_000)).await;
    stream.write_all(&vec![0; 3_000_000]).await.expect("sent");
    until("the file on its way", || async { files() == 1 }).await;
    drop(stream);
    until("its end", || async { files() == 0 }).await;

    // The process is killed.
    let mut stream = installation.begin(&begun(&case, &cookie, 50_000_000)).await;
    stream.write_all(&vec![0; 3_000_000]).await.expect("sent");
    until("the file on its way", || async { files() == 1 }).await;
    drop(service);
    assert_eq!(files(), 1, "a killed process removes nothing");
    drop(stream);
    for statement in [
        sql!("SELECT count(*) FROM evidence"),
        sql!("SELECT count(*) FROM custody"),
        sql!("SELECT count(*) FROM blob"),
    ] {
        assert_eq!(number(&world, statement).await, 0);
    }
    // The next one does.
    let service = installation.serve().await;
    until("what was left is removed", || async { files() == 0 }).await;

    drop(service);
}

#[tokio::test]
async fn what_is_still_written_is_not_taken_for_what_was_left() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), 1_000).await;
    let mut file = Arriving::begin(&world.app).await.unwrap();
    file.write(b"abc").await.unwrap();
    std::fs::write(folder.path().join("arriving/left.part"), "def").unwrap();
    assert_eq!(blob::clear(&world.app).await.unwrap(), 1);
    assert_eq!(arriving(folder.path()), 1);
    let arrived = file.finish().await.unwrap();
    assert_eq!(blob::clear(&world.app).await.unwrap(), 0, "until it is kept");
    let mut tx = world.app.write().await.unwrap();
    let hash = arrived.keep(&world.app, &mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(blob::read(&world.app, &hash).await.unwrap(), b"abc");
    assert_eq!(arriving(folder.path()), 0);
}

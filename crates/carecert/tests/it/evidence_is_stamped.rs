//! Time stamps by RFC 3161: a local authority, which is OpenSSL's, is asked for each piece; its token is kept once it is
//! proven, and OpenSSL verifies what is downloaded. What another authority signed is not kept.

use std::{fs, path::Path, process::Command};

use carecert::SERVICES;
use db::{params, sql};
use http::StatusCode;
use jiff::SignedDuration;
use platform::{env::Env, net::Response, settings::TimeStamps};
use react::case::Zone;
use testkit::world::World;

use crate::furnished_evidence::{case, kept, page};

const URL: &str = "https://stamps.example.org/tsa";

const CONFIGURATION: &str = "
[req]
distinguished_name = dn
prompt = no
[dn]
CN = x
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[stamps]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
";

/// Runs openssl in a folder.
fn openssl(folder: &Path, arguments: &str) -> String {
    let done = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
    let done = done.expect("openssl is there, as Debian's package openssl has it");
    let told = [done.stdout, done.stderr].concat();
    let told = String::from_utf8_lossy(&told).into_owned();
    assert!(done.status.success(), "openssl {arguments}: {told}");
    told
}

/// An authority of this name.
fn authority(folder: &Path, name: &str) {
    fs::write(folder.join("tsa.cnf"), CONFIGURATION).unwrap();
    fs::write(folder.join("serial"), "01\n").unwrap();
    let key = "ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config tsa.cnf";
    openssl(
        folder,
        &format!(
            "req -x509 -newkey {key} -keyout {name}-root.key -out {name}-root.pem -days 30 -subj /CN={name} -extensions root"
        ),
    );
    openssl(
        folder,
        &format!("req -new -newkey {key} -keyout {name}.key -out {name}.csr -subj /CN={name}-stamps"),
    );
    openssl(
        folder,
        &format!(
            "x509 -req -in {name}.csr -CA {name}-root.pem -CAkey {name}-root.key -CAcreateserial -days 30 -extfile tsa.cnf \
         -extensions stamps -out {name}.pem"
        ),
    );
}

/// What it answers to a query.
fn reply(folder: &Path, name: &str, query: &[u8]) -> Vec<u8> {
    fs::write(folder.join("query.tsq"), query).unwrap();
    openssl(
        folder,
        &format!(
            "ts -reply -queryfile query.tsq -signer {name}.pem -inkey {name}.key -config tsa.cnf -section tsa -out reply.tsr"
        ),
    );
    fs::read(folder.join("reply.tsr")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_piece_is_stamped_by_the_authority_that_is_trusted_and_by_no_other() {
    let folder = tempfile::tempdir().unwrap();
    authority(folder.path(), "ours");
    authority(folder.path(), "another");
    let world = World::with(SERVICES, |settings| {
        settings.data_dir = folder.path().to_owned();
        settings.evidence.time_stamps =
            Some(TimeStamps { url: URL.to_owned(), certificate_file: folder.path().join("ours-root.pem") });
    })
    .await;
    // The authority asks the machine for the time.
    world.app.env.advance(Env::machine().now().duration_since(world.now()));
    let case = case(&world).await;
    let responder = world.signed_in(case.responder).await;
    let piece = kept(&responder, case.incident, Zone::Shared, "A note", "abc").await;
    let path = page(case.incident, piece);
    let stamp = format!("{path}/time-stamp");

    // Nobody answers; then somebody else does.
    world.work().await;
    let asked = world.net.asked();
    let [query] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(query.headers["content-type"], "application/timestamp-query");
    let answers = |body| Ok(Response { status: StatusCode::OK, headers: http::HeaderMap::new(), body });
    world.net.answers(URL, answers(reply(folder.path(), "another", &query.body)));
    world.pass(SignedDuration::from_mins(5)).await;
    let again = world.net.asked();
    assert!(again.iter().all(|request| request.body == query.body) && !again.is_empty(), "the same query");
    assert_eq!(responder.get(&stamp).await.status, 404);
    assert!(!responder.get(&path).await.body.contains("Time stamp"));

    // The job waits longer each time; the world's clock goes ahead of the authority's by less than is refused.
    let mut tx = world.app.write().await.unwrap();
    tx.run(sql!("UPDATE job SET run_at = 0 WHERE kind = 'evidence_time_stamp'"), params![]).await.unwrap();
    tx.commit().await.unwrap();
    world.net.answers(URL, answers(reply(folder.path(), "ours", &query.body)));
    world.work().await;
    let shown = responder.get(&path).await.body;
    assert!(
        shown.contains("An authority says that it was there on") && shown.contains("Time stamp received")
    );
    let deed = sql!("SELECT person_id IS NULL FROM custody WHERE deed = 'stamped'");
    assert!(world.app.read().await.unwrap().one::<(bool,)>(deed, params![]).await.unwrap().0);

    // What is downloaded is what OpenSSL verifies.
    let statement = sql!("SELECT token FROM evidence_stamp");
    let (token,): (Vec<u8>,) = world.app.read().await.unwrap().one(statement, params![]).await.unwrap();
    let answer = responder.get(&stamp).await;
    assert_eq!(answer.headers["content-type"], "application/octet-stream");
    assert!(
        answer.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment; filename=\"evidence-ba78")
    );
    fs::write(folder.path().join("token.tst"), token).unwrap();
    let told = openssl(
        folder.path(),
        "ts -verify -digest ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad -in token.tst -token_in \
         -CAfile ours-root.pem",
    );
    assert!(told.contains("Verification: OK"), "{told}");
}

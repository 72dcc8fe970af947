//! The demonstration: made by the program's own actions, the same at the second start, and refused
//! to other machines unless that is said twice.

use std::process::{Command, Output};

use axum::body::Body;
use carecert::demo;
use http::{Request, StatusCode, header};
use platform::{
    App,
    access::Role,
    account::actions::current_code,
    settings::{Cert, Evidence, Hashing, Network, Regulators, Reports, Settings},
    web,
};
use tower::ServiceExt;

use crate::process::carecert;

pub fn settings(folder: &std::path::Path) -> Settings {
    Settings {
        data_dir: folder.to_owned(),
        database_url: String::new(),
        bind: ([127, 0, 0, 1], 0).into(),
        public_url: "http://127.0.0.1".to_owned(),
        cert: Cert {
            name: "Demonstration CSOC".to_owned(),
            telephone: "01632 960000".to_owned(),
            mail_from: "alerts@demo.example".to_owned(),
            bounces_to: None,
            data_controller: "nobody".to_owned(),
            privacy_email: "nobody@demo.example".to_owned(),
        },
        smtp: None,
        bounces: None,
        reports: Reports::default(),
        sms: None,
        bulletin: None,
        response_policies: None,
        demonstration: true,
        single_person_release: false,
        hashing: Hashing::Cheap,
        trusted_proxies: Vec::new(),
        network: Network::default(),
        regulators: Regulators::default(),
        evidence: Evidence::default(),
    }
}

/// What a command says to the folder.
fn carecert_in(folder: &std::path::Path, arguments: &[&str]) -> Output {
    let mut command = carecert(arguments);
    command.env("CARECERT_CERT_TELEPHONE", "0300").arg("--dir").arg(folder);
    command.output().expect("the program runs")
}

/// The answer to a GET, and its text.
async fn get(app: &App, path: &str, bearer: Option<&str>) -> (StatusCode, String) {
    let mut request = Request::get(path);
    if let Some(token) = bearer {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Body::empty()).expect("a request");
    let response = web::router(app).oneshot(request).await.expect("an answer");
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    (status, String::from_utf8_lossy(&body).into_owned())
}

async fn token(app: &App, whose: &str) -> String {
    let token = demo::key_token(&mut app.read().await.expect("a read"), whose).await.expect("it is read");
    token.expect("a key")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demonstration_is_made_once_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = demo::open(settings(folder.path()), &|_| {}).await.expect("made");
    let sign_ins = demo::sign_ins(&mut app.read().await.expect("a read")).await.expect("sign-ins");
    for role in Role::ALL {
        assert!(sign_ins.iter().any(|each| each.role == role.code()), "nobody to be a {role}");
    }
    let key = token(&app, demo::KEY_OF_TRUST).await;
    let (status, alerts) = get(&app, "/api/v1/alerts", Some(&key)).await;
    assert!(status == StatusCode::OK && alerts.contains("CC-0001"), "{status}: {alerts}");
    let (status, threats) =
        get(&app, "/api/v1/cert/threats", Some(&token(&app, demo::KEY_OF_CERT).await)).await;
    assert!(status == StatusCode::OK && threats.contains("known_exploited"), "{status}: {threats}");
    for path in ["/", "/demonstration", "/demonstration/mail", "/sign-in"] {
        let (status, page) = get(&app, path, None).await;
        assert!(status == StatusCode::OK && page.contains("This is a demonstration."), "{path}: {status}");
    }
    let (_, mails) = get(&app, "/demonstration/mail?address=security@rr8.example", None).await;
    assert!(mails.contains("CC-0001"), "{mails}");
    for sign_in in &sign_ins {
        let code = current_code(&app, &sign_in.email).await.expect("a person");
        assert_eq!(code.is_none(), sign_in.role == "learner", "{}", sign_in.role);
    }
    app.db.clone().close().await;
    drop(app);
    let proved = carecert_in(folder.path(), &["audit", "verify"]);
    let told = String::from_utf8_lossy(&proved.stdout);
    assert!(
        proved.status.success() && told.contains("The log is whole."),
        "every command finds it: {proved:?}"
    );
    for command in ["serve", "work"] {
        let refused = carecert_in(folder.path(), &[command]);
        let told = String::from_utf8_lossy(&refused.stderr);
        assert!(refused.status.code() == Some(1) && told.contains("holds a demonstration"), "{refused:?}");
    }

    let again = demo::open(settings(folder.path()), &|_| {}).await.expect("opened again");
    assert_eq!(token(&again, demo::KEY_OF_TRUST).await, key, "starting again keeps what was there");
}

#[test]
fn a_real_folder_does_not_become_a_demonstration() {
    let folder = tempfile::tempdir().expect("a folder");
    let admin = ["account", "create", "--email", "ada@example.org", "--role", "admin"];
    let made = carecert_in(folder.path(), &admin);
    assert!(made.status.success(), "{made:?}");
    let refused = carecert_in(folder.path(), &["demo", "--bind", "127.0.0.1:0"]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(refused.status.code() == Some(1) && told.contains("is not a demonstration's"), "{refused:?}");
}

#[test]
fn a_demonstration_is_not_shown_to_other_machines_by_one_word() {
    let folder = tempfile::tempdir().expect("a folder");
    let done = Command::new(env!("CARGO_BIN_EXE_carecert"))
        .args(["demo", "--bind", "0.0.0.0:0", "--dir"])
        .arg(folder.path())
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.code() == Some(1) && told.contains("--beyond-this-machine"), "{told}");
}

//! The database goes for a minute: pages say so at once, with whom to ring and what still works; what was sent stands in
//! the page and is sent again, once; and everything goes on by itself when it is back.
//!
//! On PostgreSQL the line to the server is cut; on SQLite somebody else holds the file, so that nothing can be written.

use carecert::SERVICES;
use db::{Engine, params, sql};
use http::header;
use platform::{access::Role, job::Lane, message, work};
use react::offline;
use testkit::{
    line::Line,
    smtp::{Security, SmtpServer},
    world::{Answer, World},
};
use url::Url;

use crate::process::{Installation, until};

/// A line to the server of this world's database, and the database's address over it.
async fn line(world: &World) -> (Line, String) {
    let mut address = Url::parse(&world.app.settings.database_url).unwrap();
    let target = format!("{}:{}", address.host_str().unwrap(), address.port().unwrap_or(5432));
    let line = Line::to(target).await;
    address.set_host(Some("127.0.0.1")).unwrap();
    address.set_port(Some(line.address.port())).unwrap();
    (line, address.into())
}

async fn number(world: &World, statement: &'static db::Statement) -> i64 {
    world.app.read().await.unwrap().one::<(i64,)>(statement, params![]).await.unwrap().0
}

/// That an answer is the page of a database that is away, with the number before everything else.
pub(crate) fn says_so(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert_eq!(answer.headers[header::RETRY_AFTER], "30");
    let main = answer.body.split_once("<main").expect("a page").1;
    let (number, first) = (main.find("0300 303 5222").unwrap(), main.find("<p>").unwrap());
    assert!(number < main.find("The database behind this service").unwrap(), "{main}");
    assert!(first < number && main.contains("/report/offline/file"), "{main}");
}

/// The fields of the form in a page that is sent to this address.
pub(crate) fn fields(body: &str, to: &str) -> Vec<(String, String)> {
    let form =
        body.split_once(&format!("action=\"{to}\"")).expect("a form").1.split_once("</form>").unwrap().0;
    let hidden = form.split("<input type=\"hidden\" name=\"").skip(1);
    let read = |field: &str| {
        let (name, rest) = field.split_once("\" value=\"").unwrap();
        let value = rest.split_once('"').unwrap().0;
        (name.to_owned(), value.replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&"))
    };
    hidden.map(read).collect()
}

#[tokio::test]
async fn a_report_that_is_sent_in_that_minute_is_not_lost_and_not_doubled() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = world.person("Rae Responder", Role::Responder, Some(trust)).await;
    let cookie = world.signed_in(rae).await.cookie;
    let is_postgres = world.app.db.engine() == Engine::Postgres;
    let (line, address) = if is_postgres {
        let (line, address) = line(&world).await;
        (Some(line), address)
    } else {
        (None, world.app.settings.database_url.clone())
    };
    let node = world.beside_over(address).await;
    offline::actions::made(&node.app).await.unwrap();
    let mut rae = node.visitor();
    rae.cookie = cookie;
    let form = "0193f000-0000-7000-8000-0000000000aa";
    let typed = [
        ("form", form),
        ("organisation", "RWA"),
        ("seen", "files_locked"),
        ("seen", "system_down"),
        ("since", "unknown"),
        ("more", "A wombat on <every> screen & a note"),
        ("go", "send"),
    ];
    let held = if let Some(line) = &line {
        line.cut();
        None
    } else {
        Some(world.app.write().await.unwrap())
    };

    let away = rae.post("/report/new", &typed).await;
    says_so(&away);
    assert!(away.body.contains("it is not taken a second time"), "{}", away.body);
    assert!(away.body.contains("A wombat on &#60;every&#62; screen &#38; a note"), "{}", away.body);
    let again = fields(&away.body, "/report/new");
    let again: Vec<_> = again.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(again, typed, "all of it, as it was");
    // A password stands in no page, whatever happens.
    let sign_in = [("email", "rae@example.org"), ("password", "orange kettle whistles")];
    let refused = node.visitor().post("/sign-in", &sign_in).await;
    says_so(&refused);
    assert!(!refused.body.contains("orange kettle") && refused.body.contains("Go back in your browser"));
    if is_postgres {
        // Nothing is known of anybody; what everybody may read is there, and the form that needs no network.
        for path in ["/incidents", "/report/new", "/jobs"] {
            says_so(&rae.get(path).await);
        }
        for path in ["/", "/report", "/report/offline", "/about/privacy", "/sign-in", "/healthz"] {
            assert_eq!(rae.get(path).await.status, 200, "{path}");
        }
        let file = rae.get("/report/offline/file").await;
        assert!(file.status == 200 && file.body.contains("age1"), "{}", file.status);
        assert_eq!(rae.get("/readyz").await.status, 503);
        let machine = node.machine("cc_00000000000000000000000000000000").get("/api/v1/alerts").await;
        assert_eq!(machine.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(
            (machine.status.as_u16(), machine.headers[header::RETRY_AFTER].to_str().unwrap()),
            (503, "30")
        );
        assert!(work::all_due(&node.app).await.is_err(), "workers meet it, and come again");
    } else {
        assert_eq!(rae.get("/incidents").await.status, 200, "what is there is read");
    }

    drop(held);
    if let Some(line) = &line {
        line.mend();
    }
    for _ in 0..2 {
        let sent = rae.post("/report/new", &again).await;
        assert!(sent.status == 200 && sent.body.contains("The number is I-"), "{}", sent.body);
    }
    assert_eq!(number(&world, sql!("SELECT count(*) FROM report")).await, 1);
    assert_eq!(number(&world, sql!("SELECT count(*) FROM incident")).await, 1);
    assert!(work::all_due(&node.app).await.is_ok(), "and go on");
    assert_eq!(message::deliver_due(&node.app, Lane::Urgent).await.unwrap().taken, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_services_outlive_their_database_and_do_each_thing_once() {
    let world = World::new(SERVICES).await;
    let machine = platform::env::Env::machine();
    world.app.env.advance(machine.now().duration_since(world.now()));
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = world.person("Rae Responder", Role::Responder, Some(trust)).await;
    world.person("Ana Lyst", Role::Analyst, None).await;
    let cookie = world.signed_in(rae).await.cookie.unwrap();
    let server = SmtpServer::start(Security::Plain).await.unwrap();
    let (line, address) = match world.app.db.engine() {
        Engine::Postgres => {
            let (line, address) = line(&world).await;
            (Some(line), address)
        }
        Engine::Sqlite => (None, world.app.settings.database_url.clone()),
    };
    // Two on one file are safe too: SQLite lets one of them write at a time.
    let nodes = [Installation::on(&address, Some(&server)), Installation::on(&address, Some(&server))];
    let services = [nodes[0].serve().await, nodes[1].serve().await];
    if let Some(line) = &line {
        line.cut();
        for node in &nodes {
            let answer = node.get("/incidents", &cookie).await;
            assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("ring us now"), "{answer}");
        }
        line.mend();
    }
    for node in &nodes {
        until("the database", || async { node.get("/readyz", "").await.starts_with("HTTP/1.1 200") }).await;
    }
    // The same form at both at the same moment, as a person does who presses twice.
    let form =
        "form=0193f000-0000-7000-8000-0000000000bb&organisation=RWA&seen=files_locked&since=unknown&go=send";
    let send = |node: usize| nodes[node].post("/report/new", &cookie, form);
    let (one, two) = tokio::join!(send(0), send(1));
    assert!([&one, &two].iter().any(|answer| answer.starts_with("HTTP/1.1 200")), "{one} {two}");
    assert!(send(0).await.contains("The number is I-"));
    assert_eq!(number(&world, sql!("SELECT count(*) FROM incident")).await, 1);
    until("the mail", || async { server.count() > 0 }).await;
    until("the log", || async {
        number(&world, sql!("SELECT count(*) FROM log_entry WHERE sequence IS NULL")).await == 0
    })
    .await;
    drop(services);
    assert_eq!(server.count(), 1, "by one of the two");
}

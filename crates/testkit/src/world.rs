//! The whole program in a test's hands: a private database, a clock that is moved by hand, mail
//! that is caught, requests without a network.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    sync::{Arc, LazyLock, Mutex},
};

use axum::{Router, body::Body};
use db::{params, sql};
use http::{Method, Request, Response, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use platform::{
    App, Service,
    access::{KeyId, PersonId, Role, Stage, resolve},
    account::{Secret, password::Password},
    app::Parts,
    blob::Blobs,
    env::Env,
    job::JobId,
    message::{Mail, NotifyPost, Nowhere, Post, PostError, PublicKey, Sending},
    net::Net,
    organisation::OrganisationId,
    settings::{Cert, Evidence, Hashing, Network, Regulators, Reports, Settings},
    stop::Stop,
    web::{self, Live},
    work,
};
use tower::ServiceExt;

use crate::{
    database::{self, Database, Template},
    servers::Servers,
};

/// Monday, 1 June 2026, 09:00 in London.
pub const START: &str = "2026-06-01T08:00:00Z";

/// The password of everybody whom tests make.
pub const PASSWORD: &str = "orange kettle whistles";
/// The secret of everybody's second factor.
pub const SECRET: [u8; 20] = *b"a secret of the test";

/// One installation, with everything outside it replaced.
#[derive(Debug)]
pub struct World {
    /// The program.
    pub app: App,
    /// Its mail.
    pub post: Arc<CaughtPost>,
    /// The servers that it asks.
    pub net: Arc<Servers>,
    router: Router,
    database: Database,
}

/// An installation that was made once, at some expense, and is copied for whoever changes it.
#[derive(Debug)]
pub struct Kept {
    template: Template,
    now: Timestamp,
    settings: Settings,
    services: &'static [&'static Service],
}

impl Kept {
    /// A world of its own, as the kept one was.
    pub async fn copy(&self) -> World {
        let database = self.template.copy().await;
        let settings = Settings { database_url: database.address.clone(), ..self.settings.clone() };
        // Another seed: what it makes has other ids than what is there.
        World::assembled(database, Env::manual(self.now, 2), settings, self.services)
    }
}

/// Keeps mail instead of sending it.
#[derive(Debug)]
pub struct CaughtPost {
    mails: Mutex<Vec<Mail>>,
    refusing: Mutex<Option<PostError>>,
    refusing_to: Mutex<BTreeMap<String, PostError>>,
    key: PublicKey,
}

impl Default for CaughtPost {
    fn default() -> Self {
        // What no mail is signed with: there is something to show and to give out.
        let key = PublicKey { armoured: "a key".to_owned(), fingerprint: "0000 1111".to_owned() };
        Self { mails: Mutex::default(), refusing: Mutex::default(), refusing_to: Mutex::default(), key }
    }
}

impl CaughtPost {
    /// Every mail so far, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().expect("no test panics while it holds mails").clone()
    }

    /// Every mail to `address` so far.
    pub fn to(&self, address: &str) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.to == address).collect()
    }

    /// From now on answers every mail with `error`; `None` accepts again.
    pub fn refuse(&self, error: Option<PostError>) {
        *self.refusing.lock().expect("no test panics while it holds this") = error;
    }

    /// From now on answers every mail to `address` with `error`.
    pub fn refuse_to(&self, address: &str, error: PostError) {
        self.refusing_to
            .lock()
            .expect("no test panics while it holds this")
            .insert(address.to_owned(), error);
    }
}

impl Post for CaughtPost {
    fn public_key(&self) -> Option<&PublicKey> {
        Some(&self.key)
    }

    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move {
            if let Some(error) = self.refusing.lock().expect("no panic").clone() {
                return Err(error);
            }
            if let Some(error) = self.refusing_to.lock().expect("no panic").get(&mail.to).cloned() {
                return Err(error);
            }
            self.mails.lock().expect("no panic").push(mail.clone());
            Ok(())
        })
    }
}

impl World {
    /// A migrated, empty installation.
    pub async fn new(services: &'static [&'static Service]) -> Self {
        Self::with(services, |_| {}).await
    }

    /// The same, with settings of its own.
    pub async fn with(services: &'static [&'static Service], change: impl FnOnce(&mut Settings)) -> Self {
        let sets: Vec<_> = services.iter().map(|service| service.migrations).collect();
        let database = database::migrated(&sets).await;
        let mut settings = Settings {
            data_dir: std::env::temp_dir(),
            database_url: database.address.clone(),
            bind: ([127, 0, 0, 1], 0).into(),
            public_url: "http://carecert.test".to_owned(),
            cert: Cert {
                name: "Test CSOC".to_owned(),
                telephone: "0300 303 5222".to_owned(),
                mail_from: "CareCERT <alerts@cert.example>".to_owned(),
                bounces_to: None,
                data_controller: "the test authority".to_owned(),
                privacy_email: "privacy@cert.example".to_owned(),
            },
            smtp: None,
            bounces: None,
            reports: Reports::default(),
            sms: None,
            bulletin: None,
            response_policies: None,
            demonstration: false,
            single_person_release: false,
            hashing: Hashing::Cheap,
            // Requests within the process: tests say for whom they come in X-Forwarded-For.
            trusted_proxies: vec![Ipv4Addr::UNSPECIFIED.into()],
            network: Network::default(),
            regulators: Regulators::default(),
            evidence: Evidence::default(),
        };
        change(&mut settings);
        let env = Env::manual(START.parse().expect("an instant"), 1);
        Self::assembled(database, env, settings, services)
    }

    /// Another node on the database of this one, with the same clock, mail and servers.
    pub async fn beside(&self) -> Self {
        self.beside_over(self.database.address.clone()).await
    }

    /// Another node, which reaches the same database under another address.
    pub async fn beside_over(&self, address: String) -> Self {
        let settings = Settings { database_url: address.clone(), ..self.app.settings.clone() };
        let outside = (Arc::clone(&self.post), Arc::clone(&self.net));
        let database = database::beside(address).await;
        Self::reaching(database, self.app.env.clone(), settings, self.app.services, outside)
    }

    fn assembled(
        database: Database,
        env: Env,
        settings: Settings,
        services: &'static [&'static Service],
    ) -> Self {
        let outside = (Arc::new(CaughtPost::default()), Arc::new(Servers::default()));
        Self::reaching(database, env, settings, services, outside)
    }

    fn reaching(
        database: Database,
        env: Env,
        settings: Settings,
        services: &'static [&'static Service],
        (post, net): (Arc<CaughtPost>, Arc<Servers>),
    ) -> Self {
        let texts: Arc<dyn Post> = match &settings.sms {
            Some(sms) => {
                let net = Arc::clone(&net) as Arc<dyn Net>;
                Arc::new(NotifyPost::new(sms, net, env.clone()).expect("settings of texts"))
            }
            None => Arc::new(Nowhere),
        };
        let app = App::new(Parts {
            texts,
            db: database.db.clone(),
            env,
            settings,
            blobs: Blobs::Database,
            post: Arc::clone(&post) as Arc<dyn Post>,
            net: Arc::clone(&net) as Arc<dyn Net>,
            services,
            stop: Stop::default(),
            live: Live::default(),
        });
        let router = web::router(&app);
        Self { app, post, net, router, database }
    }

    /// Ends this world; what it was, for worlds that begin where it ended.
    pub async fn kept(self) -> Kept {
        let Self { app, router, database, .. } = self;
        let (now, settings, services) = (app.env.now(), app.settings.clone(), app.services);
        drop((app, router));
        Kept { template: Template::of(database).await, now, settings, services }
    }

    /// This moment.
    pub fn now(&self) -> Timestamp {
        self.app.env.now()
    }

    /// Moves the clock on and does everything that became due on the way, a minute's step for the
    /// last minute and an hour's before.
    pub async fn pass(&self, duration: SignedDuration) {
        let end = self.now() + duration;
        while self.now() < end {
            let step = end.duration_since(self.now()).min(SignedDuration::from_hours(1));
            self.app.env.advance(step);
            self.work().await;
        }
    }

    /// Does everything that is due now, until nothing is.
    pub async fn work(&self) {
        work::all_due(&self.app).await.expect("what is due is done");
    }

    /// An organisation of this kind, open, in London unless the region says otherwise.
    pub async fn organisation(&self, code: &str, name: &str, kind: &str) -> OrganisationId {
        let mut tx = self.app.write().await.expect("a write begins");
        let id: OrganisationId = tx.id();
        let statement = sql!(
            "INSERT INTO organisation (id, code, name, kind, status, region, address, source, source_hash, version, changed_at)
             VALUES (?1, ?2, ?3, ?4, 'open', 'Y56', '', 'test', ?5, 1, ?6)"
        );
        let now = tx.now;
        let values = params![id, code, name, kind, vec![0_u8], now];
        tx.run(statement, values).await.expect("an organisation");
        tx.commit().await.expect("a commit");
        id
    }

    /// A person with one role, at an organisation or, for the CERT's roles, at the CERT. They have
    /// [`PASSWORD`] and, but for learners, [`SECRET`].
    pub async fn person(&self, name: &str, role: Role, organisation: Option<OrganisationId>) -> PersonId {
        static HASH: LazyLock<String> =
            LazyLock::new(|| Password::typed(PASSWORD).hashed(Hashing::Cheap, [1; 16]));
        let mut tx = self.app.write().await.expect("a write begins");
        let (id, now): (PersonId, _) = (tx.id(), tx.now);
        let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
        let secret = (role != Role::Learner).then_some(SECRET.as_slice());
        let person = sql!(
            "INSERT INTO person (id, email, name, password_hash, totp_secret, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        );
        tx.run(person, params![id, email, name, HASH.as_str(), secret, now]).await.expect("a person");
        let membership = sql!(
            "INSERT INTO membership (id, holder_id, organisation_id, role, from_at) VALUES (?1, ?2, ?3, ?4, ?5)"
        );
        let membership_id: db::macro_support::Uuid = tx.id();
        tx.run(membership, params![membership_id, id, organisation, role, now]).await.expect("a membership");
        tx.commit().await.expect("a commit");
        id
    }

    /// The code that the app of everybody made by [`World::person`] shows now.
    pub fn code(&self) -> String {
        Secret::from_bytes(&SECRET).expect("20 bytes").code(self.now())
    }

    /// A browser in which `person` is signed in.
    pub async fn signed_in(&self, person: PersonId) -> Client<'_> {
        self.at_stage(person, Stage::Full).await
    }

    /// A browser in which `person` has come so far in signing in. [`SECRET`] is offered to them as
    /// a second factor where they are to set one up.
    pub async fn at_stage(&self, person: PersonId, stage: Stage) -> Client<'_> {
        let mut tx = self.app.write().await.expect("a write begins");
        let token = data_encoding::HEXLOWER.encode(&tx.bytes::<16>());
        let (id, now): (db::macro_support::Uuid, _) = (tx.id(), tx.now);
        let offered = (stage == Stage::Enrol).then_some(SECRET.as_slice());
        let statement = sql!(
            "INSERT INTO session (hash, id, person_id, stage, offered_secret, device, created_at, seen_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, 'test', ?6, ?7, ?7)"
        );
        // Longer than any test's story, and as if it were used at its end: never idle.
        let expires = now + SignedDuration::from_hours(24 * 365);
        let values = params![resolve::hash(&token), id, person, stage, offered, now, expires];
        tx.run(statement, values).await.expect("a session");
        tx.commit().await.expect("a commit");
        let cookie = Some(format!("{}={token}", resolve::COOKIE));
        Client { cookie, ..self.visitor() }
    }

    /// The token of a key that stands for `organisation` for a year, with these scopes.
    pub async fn key(&self, organisation: OrganisationId, scopes: &str) -> String {
        let mut tx = self.app.write().await.expect("a write begins");
        let token = format!("cc_{}", data_encoding::HEXLOWER.encode(&tx.bytes::<16>()));
        let (id, now): (KeyId, _) = (tx.id(), tx.now);
        let statement = sql!(
            "INSERT INTO api_key (id, hash, name, organisation_id, scopes, created_by, created_at, expires_at)
             VALUES (?1, ?2, 'test', ?3, ?4, ?1, ?5, ?6)"
        );
        let expires = now + SignedDuration::from_hours(24 * 365);
        let values = params![id, resolve::hash(&token), organisation, scopes, now, expires];
        tx.run(statement, values).await.expect("a key");
        let membership = sql!(
            "INSERT INTO membership (id, holder_id, organisation_id, role, from_at) VALUES (?1, ?2, ?3, ?4, ?5)"
        );
        let membership_id: db::macro_support::Uuid = tx.id();
        let values = params![membership_id, id, organisation, Role::Responder, now];
        tx.run(membership, values).await.expect("a membership");
        tx.commit().await.expect("a commit");
        token
    }

    /// The token of a key of the CERT's own, for a year, with these scopes.
    pub async fn cert_key(&self, scopes: &str) -> String {
        let mut tx = self.app.write().await.expect("a write begins");
        let token = format!("cc_{}", data_encoding::HEXLOWER.encode(&tx.bytes::<16>()));
        let (id, now): (KeyId, _) = (tx.id(), tx.now);
        let statement = sql!(
            "INSERT INTO api_key (id, hash, name, scopes, created_by, created_at, expires_at)
             VALUES (?1, ?2, 'test', ?3, ?1, ?4, ?5)"
        );
        let expires = now + SignedDuration::from_hours(24 * 365);
        let values = params![id, resolve::hash(&token), scopes, now, expires];
        tx.run(statement, values).await.expect("a key");
        tx.commit().await.expect("a commit");
        token
    }

    /// A browser in which nobody is signed in.
    pub fn visitor(&self) -> Client<'_> {
        Client { world: self, cookie: None, bearer: None, headers: Vec::new() }
    }

    /// A machine with an API key.
    pub fn machine(&self, token: &str) -> Client<'_> {
        Client { bearer: Some(token.to_owned()), ..self.visitor() }
    }

    /// A job on the dead list.
    pub async fn dead_job(&self) -> JobId {
        let mut tx = self.app.write().await.expect("a write begins");
        let (id, now): (JobId, _) = (tx.id(), tx.now);
        let statement = sql!(
            "INSERT INTO job (id, kind, payload, lane, state, run_at, attempts, created_at)
             VALUES (?1, 'nothing', 'null', 'bulk', 'dead', ?2, 8, ?2)"
        );
        tx.run(statement, params![id, now]).await.expect("a job");
        tx.commit().await.expect("a commit");
        id
    }

    /// Listens on a free port of this machine, for a real browser; says the address.
    pub async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(web::serve(listener, self.router.clone(), self.app.stop.clone()));
        format!("http://{address}")
    }
}

/// Somebody who sends requests.
#[derive(Clone, Debug)]
pub struct Client<'a> {
    world: &'a World,
    /// The cookies, as a browser sends them.
    pub cookie: Option<String>,
    bearer: Option<String>,
    headers: Vec<(&'static str, String)>,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: http::HeaderMap,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// Where it redirects to.
    pub fn location(&self) -> Option<&str> {
        self.headers.get(header::LOCATION)?.to_str().ok()
    }

    /// Its body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("the answer is JSON")
    }
}

impl Client<'_> {
    /// The same, with another header on each request; `sec-fetch-site` takes the place of what a browser on the same site
    /// says, and empty it is not sent, as by a machine.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Keeps the cookies of an answer, as a browser does.
    pub fn keep(&mut self, answer: &Answer) {
        let mut cookies: BTreeMap<String, String> = self
            .cookie
            .iter()
            .flat_map(|cookies| cookies.split("; "))
            .filter_map(|cookie| cookie.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let cookie = set.to_str().expect("a cookie is text").split(';').next().unwrap_or_default();
            let (name, value) = cookie.split_once('=').expect("a cookie has a name");
            cookies.insert(name.to_owned(), value.to_owned());
        }
        let cookies: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.cookie = (!cookies.is_empty()).then(|| cookies.join("; "));
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "", String::new()).await
    }

    /// `POST path` with a form, as a browser on the same site sends it.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = serde_html_form::to_string(fields).expect("a form");
        self.send(Method::POST, path, "application/x-www-form-urlencoded", body).await
    }

    /// Opens `path` and posts its form, with the hidden fields that stand in it.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(path).await.body;
        let hidden = page.split("<input type=\"hidden\" name=\"").skip(1).filter_map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"")?;
            Some((name, rest.split_once('"')?.0))
        });
        let fields: Vec<_> = hidden.chain(fields.iter().copied()).collect();
        self.post(path, &fields).await
    }

    /// `POST path` with JSON.
    pub async fn post_json(&self, path: &str, body: &serde_json::Value) -> Answer {
        self.send(Method::POST, path, "application/json", body.to_string()).await
    }

    /// `POST path` with a form that holds a file under the name `file`, as a browser sends it.
    pub async fn upload(&self, path: &str, file: &str) -> Answer {
        let body = format!(
            "--part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a file\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n{file}\r\n--part--\r\n"
        );
        self.send(Method::POST, path, "multipart/form-data; boundary=part", body).await
    }

    /// `GET path` where the answer goes on until the reader leaves: its body as it comes.
    pub async fn follow(&self, path: &str) -> axum::body::BodyDataStream {
        self.ask(Method::GET, path, "", String::new()).await.into_body().into_data_stream()
    }

    /// `POST path` with a form, where the answer is a file: its head, and its bytes unless it broke off.
    pub async fn download(&self, path: &str, fields: &[(&str, &str)]) -> (Answer, Option<Vec<u8>>) {
        let body = serde_html_form::to_string(fields).expect("a form");
        taken(self.ask(Method::POST, path, "application/x-www-form-urlencoded", body).await).await
    }

    /// The same with JSON.
    pub async fn download_json(&self, path: &str, body: &serde_json::Value) -> (Answer, Option<Vec<u8>>) {
        taken(self.ask(Method::POST, path, "application/json", body.to_string()).await).await
    }

    /// Any request.
    pub async fn send(&self, method: Method, path: &str, content_type: &str, body: String) -> Answer {
        let response = self.ask(method, path, content_type, body).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn ask(&self, method: Method, path: &str, content_type: &str, body: String) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path);
        if self.headers.iter().all(|(name, _)| *name != "sec-fetch-site") {
            request = request.header("sec-fetch-site", "same-origin");
        }
        let headers = BTreeMap::from([
            (header::CONTENT_TYPE.as_str(), (!content_type.is_empty()).then(|| content_type.to_owned())),
            (header::COOKIE.as_str(), self.cookie.clone()),
            (header::AUTHORIZATION.as_str(), self.bearer.as_ref().map(|token| format!("Bearer {token}"))),
        ]);
        for (name, value) in headers {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        for (name, value) in self.headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        self.world.router.clone().oneshot(request).await.expect("a router always answers")
    }
}

/// The head of an answer that is a file, and its bytes unless it broke off.
async fn taken(response: Response<Body>) -> (Answer, Option<Vec<u8>>) {
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.ok();
    let body = bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    (Answer { status, headers, body: body.unwrap_or_default() }, bytes.map(Into::into))
}

//! A private database for each test, gone when the test is.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use db::{Db, Engine, Migration, Options};
use tempfile::TempDir;

/// The engine that this run of the tests is for.
pub fn engine() -> Engine {
    match std::env::var("CARECERT_TEST_ENGINE").as_deref() {
        Ok("postgres") => Engine::Postgres,
        Ok("sqlite") | Err(_) => Engine::Sqlite,
        Ok(other) => panic!("CARECERT_TEST_ENGINE is \"{other}\": write sqlite or postgres"),
    }
}

/// A database that nobody else uses.
#[derive(Debug)]
pub struct Database {
    /// The handle on it.
    pub db: Db,
    /// Its address, as `database.url` would name it.
    pub address: String,
    // Holds the SQLite file.
    _folder: TempDir,
    _lent: Option<Lent>,
}

/// A database of the throw-away server, which takes it back some time after the test.
#[derive(Debug)]
struct Lent(String);

/// Taken back together: PostgreSQL makes a checkpoint before each removal, and the first of many does the work of all.
const TAKEN_BACK: usize = 64;

impl Drop for Lent {
    fn drop(&mut self) {
        static ENDED: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let mut ended = ENDED.lock().unwrap_or_else(PoisonError::into_inner);
        ended.push(std::mem::take(&mut self.0));
        if ended.len() < TAKEN_BACK {
            return;
        }
        let ended = std::mem::take(&mut *ended);
        std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                for name in ended {
                    // Forced: what a test leaves running may still be connected.
                    server(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
                }
            });
        });
    }
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The address of the throw-away server, with another database's name.
fn on_server(database: &str) -> String {
    let server = std::env::var("CARECERT_TEST_POSTGRES")
        .expect("`cargo xtask test` starts a PostgreSQL and names it in CARECERT_TEST_POSTGRES");
    let mut url = url::Url::parse(&server).expect("CARECERT_TEST_POSTGRES is an address");
    url.set_path(database);
    url.into()
}

/// What tests allow, on machines slower and busier than a service's.
fn options() -> Options {
    Options {
        readers: 4,
        read_limit: Duration::from_secs(10),
        write_wait: Duration::from_secs(30),
        durable: false,
    }
}

async fn server(statement: &str) {
    let (client, connection) = tokio_postgres::connect(&on_server("postgres"), tokio_postgres::NoTls)
        .await
        .expect("the throw-away PostgreSQL answers");
    let talk = tokio::spawn(connection);
    client.batch_execute(statement).await.expect("the throw-away PostgreSQL obeys");
    drop(client);
    talk.await.expect("no panic").expect("a clean goodbye");
}

/// The place of a database that nobody has made anything in: an empty one, or no file yet.
#[derive(Debug)]
pub struct Unmade {
    /// Its address.
    pub address: String,
    folder: TempDir,
}

/// Such a place.
pub async fn unmade() -> Unmade {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let address = match engine() {
        Engine::Sqlite => format!("sqlite:{}", folder.path().join("test.db").display()),
        Engine::Postgres => {
            let name = fresh_name();
            server(&format!("CREATE DATABASE {name}")).await;
            on_server(&name)
        }
    };
    Unmade { address, folder }
}

/// A database without tables.
pub async fn empty() -> Database {
    let Unmade { address, folder } = unmade().await;
    open(address, folder).await
}

/// A database with the tables of `sets`, copied from one that was made once.
pub async fn migrated(sets: &[&[Migration]]) -> Database {
    static TEMPLATES: LazyLock<tokio::sync::Mutex<HashMap<String, Arc<Template>>>> =
        LazyLock::new(Default::default);
    let key = sets.iter().copied().flatten().map(|migration| migration.text).collect();
    let mut templates = TEMPLATES.lock().await;
    let template = match templates.entry(key) {
        Entry::Occupied(made) => Arc::clone(made.get()),
        Entry::Vacant(place) => {
            let made = empty().await;
            made.db.migrate(sets).await.expect("the migrations apply");
            Arc::clone(place.insert(Arc::new(Template::of(made).await)))
        }
    };
    // Copied under the lock: PostgreSQL copies a template for one at a time.
    template.copy().await
}

/// A database that nobody is connected to, as copies require.
#[derive(Debug)]
pub(crate) struct Template {
    folder: TempDir,
    name: String,
    _lent: Option<Lent>,
}

impl Template {
    /// What `made` holds now, for its copies.
    pub(crate) async fn of(made: Database) -> Self {
        let name = name_in(&made.address);
        let Database { db, _folder: folder, _lent: lent, .. } = made;
        db.close().await;
        Self { folder, name, _lent: lent }
    }

    /// Another database that holds the same.
    pub(crate) async fn copy(&self) -> Database {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let address = match engine() {
            Engine::Sqlite => {
                let file = folder.path().join("test.db");
                std::fs::copy(self.folder.path().join("test.db"), &file).expect("the template is there");
                format!("sqlite:{}", file.display())
            }
            Engine::Postgres => {
                let name = fresh_name();
                server(&format!("CREATE DATABASE {name} TEMPLATE {}", self.name)).await;
                on_server(&name)
            }
        };
        open(address, folder).await
    }
}

fn name_in(address: &str) -> String {
    address.rsplit('/').next().expect("an address ends with a name").to_owned()
}

fn fresh_name() -> String {
    format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

async fn open(address: String, folder: TempDir) -> Database {
    let db = Db::open(&address, options()).await.expect("a new database opens");
    let lent = (engine() == Engine::Postgres).then(|| Lent(name_in(&address)));
    Database { db, address, _folder: folder, _lent: lent }
}

/// Another handle on a database, as another node has, which is less patient with it than tests are.
pub(crate) async fn beside(address: String) -> Database {
    let options = Options { write_wait: Duration::from_millis(500), ..options() };
    let db = Db::open(&address, options).await.expect("the database answers");
    // The file is the other one's, and goes with it.
    Database { db, address, _folder: tempfile::tempdir().expect("a temporary folder"), _lent: None }
}

//! The program as its parts see it, and what each service hands in to be composed.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use db::{Db, DbError, Migration, Snapshot};

use crate::{
    Tx,
    access::Actor,
    blob::Blobs,
    clock,
    env::Env,
    job,
    key::Rates,
    log,
    message::{self, Post},
    net::Net,
    organisation, retention,
    settings::Settings,
    stop::Stop,
    waiting,
    web::{Live, Route, shell::NavItem},
    webhook,
};

/// Everything a handler, a job or a command needs; cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Whole>);

/// The parts, and what this process alone remembers.
#[derive(Debug)]
struct Whole {
    parts: Parts,
    rates: Rates,
    remembered: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

/// What an [`App`] holds.
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub db: Db,
    /// Time and randomness.
    pub env: Env,
    /// What the installation decided.
    pub settings: Settings,
    /// Files by their hash.
    pub blobs: Blobs,
    /// How mail leaves.
    pub post: Arc<dyn Post>,
    /// How text messages leave.
    pub texts: Arc<dyn Post>,
    /// How servers elsewhere are asked.
    pub net: Arc<dyn Net>,
    /// The services, the platform among them.
    pub services: &'static [&'static Service],
    /// When to stop.
    pub stop: Stop,
    /// Tells pages what has changed.
    pub live: Live,
}

/// One service, as the program composes it.
#[derive(Debug)]
pub struct Service {
    /// Its name, which is its crate's.
    pub name: &'static str,
    /// Its tables.
    pub migrations: &'static [Migration],
    /// Its rows of the route table.
    pub routes: fn() -> Vec<Route>,
    /// Its entries of the menu, for this actor.
    pub navigation: fn(&Actor) -> Vec<NavItem>,
    /// What it does later.
    pub jobs: &'static [job::Kind],
    /// What it writes to people.
    pub messages: &'static [message::Kind],
    /// What happens when its clocks are due.
    pub clocks: &'static [clock::Kind],
    /// What it tells the readers of the log.
    pub log: log::Part,
    /// What it tells webhooks of.
    pub webhooks: &'static [webhook::Event],
    /// What it forgets in time.
    pub retention: &'static [retention::Rule],
    /// What it tells on an organisation's page.
    pub panels: &'static [organisation::panel::Panel],
    /// What of it waits for somebody, on their first page.
    pub waiting: &'static [waiting::Part],
    /// What of it a shift at the CERT hands over to the next.
    pub shift: &'static [waiting::Shift],
}

impl App {
    /// Composes the program.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Whole { parts, rates: Rates::default(), remembered: Mutex::default() }))
    }

    /// Keeps a value in this process for the time in which the database does not answer; one of each type.
    pub fn remember<T: Any + Send + Sync>(&self, value: T) {
        self.remembered_values().insert(TypeId::of::<T>(), Arc::new(value));
    }

    /// What was remembered last of this type.
    pub fn remembered<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.remembered_values().get(&TypeId::of::<T>()).cloned()?.downcast().ok()
    }

    fn remembered_values(&self) -> MutexGuard<'_, HashMap<TypeId, Arc<dyn Any + Send + Sync>>> {
        // The map is whole whatever its last user did.
        self.0.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a write.
    pub async fn write(&self) -> Result<Tx, DbError> {
        Ok(Tx::new(self.db.write().await?, self.env.clone()))
    }

    /// Begins a page's read.
    pub async fn read(&self) -> Result<Snapshot, DbError> {
        self.db.read().await
    }

    /// Whether what this verb tells is of a topic, which some alone hear of, so that it is no page's to hear.
    pub(crate) fn is_of_a_topic(&self, verb: &str) -> bool {
        let parts = self.services.iter().map(|service| &service.log).filter(|part| part.of_topics);
        parts.flat_map(|part| part.words).any(|(known, _)| *known == verb)
    }

    /// How much each API key has used of its rate in this process.
    pub(crate) fn rates(&self) -> &Rates {
        &self.0.rates
    }

    /// An absolute address within the portal, for mails.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.settings.public_url)
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}

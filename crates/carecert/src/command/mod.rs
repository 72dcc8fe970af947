//! One file for each command; what they share stands here.

/// Says a line to the person at the terminal.
macro_rules! say {
    ($($line:tt)*) => {{
        use std::io::Write;
        // Whoever closed the pipe has read enough.
        let _ = writeln!(std::io::stdout(), $($line)*);
    }};
}

mod account;
mod audit;
mod backup;
mod demo;
mod doctor;
mod import;
mod observables;
mod serve;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, anyhow, bail, ensure};
use broadcast::policy;
use clap::{Args, Subcommand};
use db::{Db, Options};
use platform::{
    App, Service,
    app::Parts,
    blob::Blobs,
    env::Env,
    message::{NotifyPost, Nowhere, Post, SmtpPost},
    net::{self, Net},
    settings::Settings,
    stop::Stop,
    web::Live,
};

use crate::{
    SERVICES,
    config::{self, Needed, Problem},
};

/// What the program can be asked to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes a demonstration at the first start, and serves it on this machine.
    Demo(demo::Arguments),
    /// Runs the service: the portal, the API, and the workers.
    Serve(Place),
    /// Runs workers alone, beside any number of `serve`.
    Work(Place),
    /// Makes accounts.
    Account(account::Arguments),
    /// Takes in organisations, contacts or threats from files.
    Import(import::Arguments),
    /// Finds addresses, domains, links, hashes and the like in texts, mails and logs.
    Observables(observables::Arguments),
    /// Proves that the log is as it was sealed.
    Audit(audit::Arguments),
    /// Says what is wrong with an installation, and what to do about it; changes nothing.
    Doctor(doctor::Arguments),
    /// Copies everything to a new folder, while the service runs.
    Backup(backup::Arguments),
    /// Puts a backup back, into a place that holds nothing yet.
    Restore(backup::Arguments),
}

/// Where an installation is.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// The settings file.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder that holds everything the embedded default stores.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Runs a command to its end.
pub fn run(command: Command) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Demo(arguments) => demo::run(arguments).await,
            Command::Serve(place) => serve::serve(&place).await,
            Command::Work(place) => serve::work(&place).await,
            Command::Account(arguments) => account::run(arguments).await,
            Command::Import(arguments) => import::run(arguments).await,
            Command::Observables(arguments) => observables::run(&arguments),
            Command::Audit(arguments) => audit::run(arguments).await,
            Command::Doctor(arguments) => doctor::run(arguments).await,
            Command::Backup(arguments) => backup::backup(arguments).await,
            Command::Restore(arguments) => backup::restore(&arguments).await,
        }
    })
}

/// The settings of an installation, or every error in them at once.
pub fn settings(place: &Place) -> anyhow::Result<Settings> {
    settings_with(place, &[])
}

/// The same, where those in `needed` have to be there.
pub fn settings_with(place: &Place, needed: &[Needed]) -> anyhow::Result<Settings> {
    let told = match settings_or_problems(place, needed)? {
        Ok(settings) => return Ok(settings),
        Err(problems) => problems,
    };
    let told: Vec<_> = told.iter().map(ToString::to_string).collect();
    bail!("The settings cannot be used:\n{}", told.join("\n"))
}

/// The same, or all that is wrong with them.
pub fn settings_or_problems(
    place: &Place,
    needed: &[Needed],
) -> anyhow::Result<Result<Settings, Vec<Problem>>> {
    let text = match &place.config {
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            Some((file.display().to_string(), text))
        }
        None => None,
    };
    let file = text.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
    let dir = place.dir.iter().map(|dir| ("CARECERT_DATA_DIR".to_owned(), dir.display().to_string()));
    Ok(config::read(file, std::env::vars().chain(dir), needed))
}

/// Takes in the response policies of the installation's own, where it names a file of them. The same file is for
/// every node: each tells people of deadlines.
pub fn take_policies(settings: &Settings) -> anyhow::Result<()> {
    let Some(file) = &settings.response_policies else { return Ok(()) };
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("{shown} cannot be read"))?;
    policy::take_own(&text).map_err(|reason| anyhow!("{shown}: {reason}"))
}

/// Opens an installation: its folder, its database with the newest tables, its mail.
pub async fn open(settings: Settings) -> anyhow::Result<App> {
    let post: Arc<dyn Post> = match &settings.smtp {
        Some(smtp) => Arc::new(SmtpPost::new(smtp, &settings.cert).map_err(anyhow::Error::msg)?),
        None => Arc::new(Nowhere),
    };
    open_with(settings, Env::machine(), post).await
}

/// The same, with time and mail of the caller's.
pub async fn open_with(settings: Settings, env: Env, post: Arc<dyn Post>) -> anyhow::Result<App> {
    make_folder(&settings.data_dir)?;
    let db = Db::open(&settings.database_url, Options::default()).await?;
    compose(settings, db, env, Caught::Mail(post), SERVICES).await
}

/// What the caller carries itself.
pub enum Caught {
    /// Mail; texts leave as the settings say.
    Mail(Arc<dyn Post>),
    /// Mail and texts.
    Everything(Arc<dyn Post>),
}

/// The program over `db`, with its tables up to date.
pub async fn compose(
    settings: Settings,
    db: Db,
    env: Env,
    caught: Caught,
    services: &'static [&'static Service],
) -> anyhow::Result<App> {
    let sets: Vec<_> = services.iter().map(|service| service.migrations).collect();
    db.migrate(&sets).await?;
    let blobs = match db.engine() {
        db::Engine::Sqlite => Blobs::Folder(settings.data_dir.join("blobs")),
        db::Engine::Postgres => Blobs::Database,
    };
    let net: Arc<dyn Net> = Arc::new(net::Client::new(&settings.network).map_err(anyhow::Error::msg)?);
    let (post, texts): (_, Arc<dyn Post>) = match (caught, &settings.sms) {
        (Caught::Everything(post), _) => (Arc::clone(&post), post),
        (Caught::Mail(post), Some(sms)) => {
            let texts = NotifyPost::new(sms, Arc::clone(&net), env.clone()).map_err(anyhow::Error::msg)?;
            (post, Arc::new(texts))
        }
        (Caught::Mail(post), None) => (post, Arc::new(Nowhere)),
    };
    Ok(App::new(Parts {
        db,
        env,
        settings,
        blobs,
        post,
        texts,
        net,
        services,
        stop: Stop::default(),
        live: Live::default(),
    }))
}

/// The database of an installation, as it is: a command that only reads makes none, and changes none.
pub async fn existing(settings: &Settings) -> anyhow::Result<Db> {
    let file = settings.database_url.strip_prefix("sqlite:");
    let place = match file {
        Some(file) => file.to_owned(),
        None => db::without_secret(&settings.database_url)?.0,
    };
    let none = format!(
        "There is no database at {place}. Name its folder with --dir, or its settings with --config."
    );
    ensure!(file.is_none_or(|file| Path::new(file).exists()), none);
    let db = Db::open(&settings.database_url, Options::default()).await?;
    ensure!(!db.is_empty().await?, none);
    Ok(db)
}

/// Makes a folder that only this account may read: it holds what organisations say.
pub fn make_folder(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("{} cannot be made", folder.display()))
}

/// Structured logs on standard error: JSON lines for a service, text for a person at a terminal.
pub fn start_logging() {
    use std::io::IsTerminal;
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("CARECERT_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.init();
    } else {
        // Spans do not lie in one another: the list of them would only say the one again.
        builder.json().with_span_list(false).init();
    }
}

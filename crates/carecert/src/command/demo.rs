//! `carecert demo`: makes a demonstration at the first start and serves it, on this machine alone.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::ensure;
use clap::Args;
use jiff::civil::Weekday;
use platform::{
    App,
    account::actions::current_code,
    settings::{Cert, Reports, Settings, Weekly},
};

use super::{Place, serve, settings, start_logging};
use crate::demo;

/// Where the demonstration is, and where it listens.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The folder that holds the demonstration.
    #[arg(long, value_name = "DIR", default_value = "carecert-demo")]
    dir: PathBuf,
    /// Where it listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    bind: SocketAddr,
    /// Also listens beyond this machine: whoever reaches the address can be every one of its people.
    #[arg(long)]
    beyond_this_machine: bool,
}

/// Makes it, prints how to use it, serves it.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    ensure!(
        arguments.bind.ip().is_loopback() || arguments.beyond_this_machine,
        "{} can be reached from other machines, and this demonstration shows its passwords to everybody. \
         If that is what you want, say it twice: add --beyond-this-machine.",
        arguments.bind
    );
    let place = Place { config: None, dir: Some(arguments.dir) };
    let listener = serve::listen(arguments.bind).await?;
    let address = listener.local_addr()?;
    let given = settings(&place)?;
    let cert = Cert {
        name: "Demonstration CSOC".to_owned(),
        // One of the numbers that Ofcom keeps for drama.
        telephone: "01632 960000".to_owned(),
        mail_from: "Demonstration CSOC <alerts@demo.example>".to_owned(),
        bounces_to: None,
        ..given.cert
    };
    let settings = Settings {
        cert,
        bind: address,
        public_url: format!("http://{address}"),
        // Nobody has to set anything to see one.
        bulletin: Some(Weekly { day: Weekday::Monday, hour: 9 }),
        demonstration: true,
        smtp: None,
        bounces: None,
        reports: Reports::default(),
        sms: None,
        ..given
    };
    say!("Making the demonstration, at the first start only …");
    let app = demo::open(settings, &|chapter| say!("  {chapter}")).await?;
    tell(&app).await?;
    start_logging();
    serve::run_until_stopped(app, listener).await?;
    Ok(ExitCode::SUCCESS)
}

async fn tell(app: &App) -> anyhow::Result<()> {
    let url = &app.settings.public_url;
    say!("\nCareCERT, a demonstration: {}.\n", demo::HISTORIC);
    say!("Open {url} for the story, and to answer an alert yourself.\n");
    say!("{:<22} {:<28} {:<28} code now", "who", "e-mail address", "password");
    for sign_in in demo::sign_ins(&mut app.read().await?).await? {
        let code = current_code(app, &sign_in.email).await?.unwrap_or_default();
        let (who, _) = demo::part(&sign_in.role);
        say!("{who:<22} {:<28} {:<28} {code}", sign_in.email, sign_in.password);
    }
    say!("\nCodes change every 30 seconds; {url}/demonstration shows the present ones.");
    for (whose, words, path) in [
        (demo::KEY_OF_TRUST, "An API key of the trust", "/api/v1/alerts"),
        (demo::KEY_OF_CERT, "An API key of the CERT", "/api/v1/cert/threats"),
    ] {
        if let Some(key) = demo::key_token(&mut app.read().await?, whose).await? {
            say!("\n{words}:\n\n  curl -H 'Authorization: Bearer {key}' {url}{path}");
        }
    }
    say!("");
    say!("Stop with Ctrl-C. Starting again keeps what is there.\n");
    Ok(())
}

//! `carecert account create`: the first account of an installation, or one for somebody whose mail
//! does not arrive.

use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use db::{params, sql};
use platform::{
    Actor, App,
    access::Role,
    account::actions::{self, Invitation},
    organisation::OrganisationId,
    web::form::Problems,
};

use super::{Place, open, settings};

/// What to do with accounts.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Makes an account with a role and prints a one-time sign-in link.
    Create {
        /// The person's mail address.
        #[arg(long)]
        email: String,
        /// The person's name; the address where it is left out.
        #[arg(long)]
        name: Option<String>,
        /// The role, such as admin or responder.
        #[arg(long, value_parser = role)]
        role: Role,
        /// The ODS code of the organisation, for the roles of organisations.
        #[arg(long, value_name = "ODS")]
        organisation: Option<String>,
        #[command(flatten)]
        place: Place,
    },
}

fn role(text: &str) -> Result<Role, String> {
    let roles: Vec<_> = Role::ALL.iter().map(|role| role.code()).collect();
    text.parse().map_err(|()| format!("there are these roles: {}", roles.join(", ")))
}

/// Makes the account.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Verb::Create { email, name, role, organisation, place } = arguments.verb;
    // As the form of the portal reads it.
    let email = Problems::none().email("email", &email);
    let email = email.context("--email is not an e-mail address, like name@example.org")?;
    let app = open(settings(&place)?).await?;
    let organisation = match (role.at_cert(), organisation) {
        (false, Some(code)) => Some(find(&app, &code).await?),
        (true, None) => None,
        (false, None) => bail!("{role} is a role at an organisation: name it with --organisation ODS"),
        (true, Some(_)) => bail!("{role} is a role at the CERT: leave --organisation out"),
    };
    let mut tx = app.write().await?;
    let who = Invitation { name: name.unwrap_or_else(|| email.clone()), email, role, organisation };
    let token = actions::create(&mut tx, &Actor::Job("account create"), &who).await?;
    tx.commit().await?;
    say!("{}", app.link(&format!("/join/{token}")));
    Ok(ExitCode::SUCCESS)
}

async fn find(app: &App, code: &str) -> anyhow::Result<OrganisationId> {
    let statement = sql!("SELECT id FROM organisation WHERE code = ?1 AND status = 'open'");
    let found = app.read().await?.maybe::<(OrganisationId,)>(statement, params![code.to_uppercase()]).await?;
    Ok(found.with_context(|| format!("there is no open organisation {code}: import it first"))?.0)
}

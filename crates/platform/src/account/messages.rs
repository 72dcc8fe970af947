//! What is written to people about their accounts.
//!
//! A link's token exists nowhere but in the mail that carries it: it is made while that mail is
//! written. A mail that is sent a second time carries another token, and both work.

use askama::Template;
use serde::Deserialize;

use super::{Purpose, actions, store};
use crate::{
    App,
    access::{PersonId, Role},
    message::{Kind, Letter, NoLetter, Rendering, ToRender},
    organisation::OrganisationId,
};

/// The kind of the mail to somebody who is to join.
pub(super) const INVITATION: &str = "invitation";
/// The kind of the mail to somebody who has an account and got another role.
pub(super) const ROLE_GIVEN: &str = "role-given";
/// The kind of the mail to somebody who has forgotten the password.
pub(super) const FORGOTTEN: &str = "forgotten-password";
/// The kind of the mail to somebody whose second factor was taken away for them.
pub(super) const FACTOR_RESET: &str = "second-factor-reset";

/// Every kind of message about accounts.
pub const MESSAGES: [Kind; 4] = [
    Kind { name: INVITATION, render: invitation },
    Kind { name: ROLE_GIVEN, render: role_given },
    Kind { name: FORGOTTEN, render: forgotten },
    Kind { name: FACTOR_RESET, render: factor_reset },
];

/// The mail in both forms; `words` are its paragraphs, `link` stands behind them on its own line.
#[derive(Template)]
#[template(path = "account/letter.html")]
struct Html<'a> {
    subject: &'a str,
    words: &'a [String],
    action: &'a str,
    link: &'a str,
    after: &'a [String],
}

#[derive(Deserialize)]
struct RoleFields {
    role: String,
    organisation: Option<OrganisationId>,
}

fn invitation(app: App, to: ToRender) -> Rendering {
    Box::pin(async move {
        let (person, name) = addressee(&app, &to).await?;
        let role = role_in_words(&app, &to).await?;
        let cert = &app.settings.cert;
        let subject = format!("Join CareCERT for {}", role.place);
        let words = [
            format!("Dear {name},"),
            format!(
                "You are invited to CareCERT, the service in which {} warns of cyber threats.",
                cert.name
            ),
            format!("Your role will be: {} at {}.", role.label, role.place),
        ];
        let link = link(&app, person, Purpose::Join).await?;
        let after = [
            "The link works once, for 7 days. You will choose a password and, for most roles, set up an authenticator app on your telephone.".to_owned(),
            format!("If you did not expect this, ring {} on {}.", cert.name, cert.telephone),
        ];
        letter(&subject, &words, "Join CareCERT", &link, &after)
    })
}

fn role_given(app: App, to: ToRender) -> Rendering {
    Box::pin(async move {
        let (_, name) = addressee(&app, &to).await?;
        let role = role_in_words(&app, &to).await?;
        let subject = format!("You have another role in CareCERT, for {}", role.place);
        let words = [
            format!("Dear {name},"),
            format!("You now also have this role in CareCERT: {} at {}.", role.label, role.place),
            "Sign in as before. On the page of your account you can accept the role: until then those who \
             gave it see your address and not your name."
                .to_owned(),
        ];
        let cert = &app.settings.cert;
        let after = [format!("If you did not expect this, ring {} on {}.", cert.name, cert.telephone)];
        letter(&subject, &words, "Sign in", &app.link("/sign-in"), &after)
    })
}

fn forgotten(app: App, to: ToRender) -> Rendering {
    Box::pin(async move {
        let (person, name) = addressee(&app, &to).await?;
        let words = [
            format!("Dear {name},"),
            "Somebody asked for a new password for your CareCERT account.".to_owned(),
        ];
        let link = link(&app, person, Purpose::Password).await?;
        let cert = &app.settings.cert;
        let after = [
            "The link works once, for 7 days. Your authenticator app stays as it is.".to_owned(),
            format!(
                "If it was not you, do nothing: your password stays. If it happens again, ring {} on {}.",
                cert.name, cert.telephone
            ),
        ];
        letter("Choose a new CareCERT password", &words, "Choose a new password", &link, &after)
    })
}

fn factor_reset(app: App, to: ToRender) -> Rendering {
    Box::pin(async move {
        let (_, name) = addressee(&app, &to).await?;
        let words = [
            format!("Dear {name},"),
            "The second factor of your CareCERT account was reset, as for somebody who has lost their telephone. You were signed out everywhere, and your recovery codes no longer work."
                .to_owned(),
            "Sign in with your password. You will then set up your authenticator app anew.".to_owned(),
        ];
        let cert = &app.settings.cert;
        let after = [format!(
            "If you did not ask for this, ring {} on {} now: somebody may be trying to get into your account.",
            cert.name, cert.telephone
        )];
        letter("Your CareCERT second factor was reset", &words, "Sign in", &app.link("/sign-in"), &after)
    })
}

async fn addressee(app: &App, to: &ToRender) -> Result<(PersonId, String), NoLetter> {
    let person = PersonId(to.about.ok_or("it is about nobody")?);
    let mut snapshot = app.read().await.map_err(|error| error.to_string())?;
    let account = store::by_id(&mut snapshot, person).await.map_err(|error| error.to_string())?;
    let account = account.ok_or_else(|| NoLetter::moot("The person has been erased."))?;
    Ok((person, account.name))
}

struct RoleInWords {
    label: &'static str,
    place: String,
}

async fn role_in_words(app: &App, to: &ToRender) -> Result<RoleInWords, String> {
    let fields: RoleFields = serde_json::from_value(to.fields.clone()).map_err(|error| error.to_string())?;
    let role: Role = fields.role.parse().map_err(|()| "its role is not known".to_owned())?;
    let place = match fields.organisation {
        Some(organisation) => {
            let mut snapshot = app.read().await.map_err(|error| error.to_string())?;
            let found = store::membership::organisation(&mut snapshot, organisation).await;
            found.map_err(|error| error.to_string())?.ok_or("the organisation is gone")?.1
        }
        None => app.settings.cert.name.clone(),
    };
    Ok(RoleInWords { label: role.label(), place })
}

/// A new one-time link to this person's account.
async fn link(app: &App, person: PersonId, purpose: Purpose) -> Result<String, String> {
    let made = async {
        let mut tx = app.write().await?;
        let token = actions::mint_link(&mut tx, person, purpose).await?;
        tx.commit().await?;
        Ok::<_, super::AccountError>(token)
    };
    let token = made.await.map_err(|error| error.to_string())?;
    Ok(app.link(&format!("/join/{token}")))
}

fn letter(
    subject: &str,
    words: &[String],
    action: &str,
    link: &str,
    after: &[String],
) -> Result<Letter, NoLetter> {
    let html = Html { subject, words, action, link, after };
    let link = format!("{action}:\n{link}");
    let text: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .chain([link.as_str()])
        .chain(after.iter().map(String::as_str))
        .collect();
    Ok(Letter {
        subject: subject.to_owned(),
        text: text.join("\n\n") + "\n",
        html: Some(html.render().map_err(|error| error.to_string())?),
    })
}

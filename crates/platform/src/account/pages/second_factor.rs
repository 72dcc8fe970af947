//! Setting up an authenticator app, while joining or later, and the recovery codes.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::{StatusCode, header};
use qrcode::{EcLevel, QrCode, render::svg};
use serde::Deserialize;

use super::{
    super::{
        AccountError, Secret, Visitor,
        actions::{self, Confirmed},
    },
    Again,
    account::signed_in,
    with_cookies,
};
use crate::{
    Actor, App,
    access::{Session, Stage},
    web::{
        Error, Form, Visit,
        form::Problems,
        shell::{Shell, render},
    },
};

/// The page with the picture and the field for the first code.
#[derive(Template)]
#[template(path = "account/set_up_app.html")]
struct SetUp {
    shell: Shell,
    problems: Problems,
    secret: String,
    email: String,
    joining: bool,
}

/// The page that asks for the present code, or the password, before another app is set up.
#[derive(Template)]
#[template(path = "account/new_app.html")]
struct NewApp {
    shell: Shell,
    problems: Problems,
    has_second_factor: bool,
}

/// `GET /account/second-factor`
pub(super) async fn page(State(app): State<App>, shell: Shell, session: Session) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    if let Some((secret, email)) = actions::offered_second_factor(&mut snapshot, &session).await? {
        return Ok(set_up(shell, StatusCode::OK, Problems::none(), secret, email, &session));
    }
    let overview = actions::overview(&mut snapshot, session.person_id, app.env.now()).await?;
    let page = NewApp { shell, problems: Problems::none(), has_second_factor: overview.has_second_factor };
    Ok(render(StatusCode::OK, &page))
}

fn set_up(
    shell: Shell,
    status: StatusCode,
    problems: Problems,
    secret: Secret,
    email: String,
    session: &Session,
) -> Response {
    let joining = session.stage == Stage::Enrol;
    render(status, &SetUp { shell, problems, secret: secret.in_groups(), email, joining })
}

/// `GET /account/second-factor/qr.svg`: the secret as a picture, from our own server alone.
pub(super) async fn picture(State(app): State<App>, session: Session) -> Result<Response, Error> {
    let offered = actions::offered_second_factor(&mut app.read().await?, &session).await?;
    // Nothing is offered: a picture of nothing, since who asks is not told more by an error.
    let Some((secret, email)) = offered else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let address = secret.address(&email);
    let code = QrCode::with_error_correction_level(address, EcLevel::M).map_err(|error| {
        tracing::error!(%error, "a QR code could not be drawn");
        Error::Internal
    })?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response())
}

/// The one of the two that the page asked for.
#[derive(Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    code: String,
    #[serde(default)]
    password: String,
}

/// `POST /account/second-factor/new`: offers another app to whoever shows the present one.
pub(super) async fn offer(
    State(app): State<App>,
    shell: Shell,
    visitor: Visitor,
    actor: Actor,
    Form(typed): Form<Shown>,
) -> Result<Response, Error> {
    let person = signed_in(&actor)?;
    let overview = actions::overview(&mut app.read().await?, person.id, app.env.now()).await?;
    let has_second_factor = overview.has_second_factor;
    let (field, shown) =
        if has_second_factor { ("code", &typed.code) } else { ("password", &typed.password) };
    match actions::offer_second_factor(&app, &visitor, &actor, shown).await {
        Ok(()) => Ok(Redirect::to("/account/second-factor").into_response()),
        Err(error) => {
            let Again { status, retry_after, problems } = Again::of(field, error)?;
            Ok(Again::mark(retry_after, render(status, &NewApp { shell, problems, has_second_factor })))
        }
    }
}

#[derive(Template)]
#[template(path = "account/codes.html")]
struct Codes {
    shell: Shell,
    codes: Vec<String>,
    joined: bool,
}

#[derive(Deserialize)]
pub(super) struct TypedCode {
    code: String,
}

/// `POST /account/second-factor`: confirms the app, and shows the recovery codes this once.
pub(super) async fn confirm(
    State(app): State<App>,
    shell: Shell,
    visitor: Visitor,
    session: Session,
    Form(typed): Form<TypedCode>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    match actions::confirm_second_factor(&mut tx, &visitor, &session, &typed.code).await {
        Ok(Confirmed { codes, opened }) => {
            tx.commit().await?;
            let page = render(StatusCode::OK, &Codes { shell, codes, joined: opened.is_some() });
            Ok(match opened {
                Some(opened) => with_cookies(&app, &opened, page),
                None => page,
            })
        }
        Err(AccountError::WrongCode) => {
            drop(tx);
            let offered = actions::offered_second_factor(&mut app.read().await?, &session).await?;
            let (secret, email) = offered.ok_or(AccountError::StepGone)?;
            let Again { status, problems, .. } = Again::of("code", AccountError::WrongCode)?;
            Ok(set_up(shell, status, problems, secret, email, &session))
        }
        // Sent twice, or from a page of yesterday: there is nothing to confirm.
        Err(AccountError::StepGone) => Ok(Redirect::to("/account/second-factor").into_response()),
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "account/new_codes.html")]
struct NewCodes {
    shell: Shell,
    problems: Problems,
    left: i64,
}

/// `GET /account/recovery-codes`
pub(super) async fn codes_page(visit: Visit) -> Result<Response, Error> {
    let person = signed_in(&visit.actor)?;
    let overview = actions::overview(&mut visit.app.read().await?, person.id, visit.app.env.now()).await?;
    if !overview.has_second_factor {
        return Ok(Redirect::to("/account/second-factor").into_response());
    }
    let page = NewCodes { shell: visit.shell, problems: Problems::none(), left: overview.codes_left };
    Ok(render(StatusCode::OK, &page))
}

/// `POST /account/recovery-codes`
pub(super) async fn codes_submit(
    State(app): State<App>,
    shell: Shell,
    visitor: Visitor,
    actor: Actor,
    Form(typed): Form<TypedCode>,
) -> Result<Response, Error> {
    let person = signed_in(&actor)?;
    let overview = actions::overview(&mut app.read().await?, person.id, app.env.now()).await?;
    if !overview.has_second_factor {
        return Ok(Redirect::to("/account/second-factor").into_response());
    }
    match actions::new_recovery_codes(&app, &visitor, &actor, &typed.code).await {
        Ok(codes) => Ok(render(StatusCode::OK, &Codes { shell, codes, joined: false })),
        Err(error) => {
            let Again { status, retry_after, problems } = Again::of("code", error)?;
            let page = NewCodes { shell, problems, left: overview.codes_left };
            Ok(Again::mark(retry_after, render(status, &page)))
        }
    }
}

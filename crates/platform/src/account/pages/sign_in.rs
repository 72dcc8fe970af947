//! Signing in and out, and what to do when the password is forgotten.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{StatusCode, header};
use serde::Deserialize;

use super::{
    super::{
        Visitor,
        actions::{self, ShownCode},
        device,
    },
    Again, go_on, local,
};
use crate::{
    Actor, App,
    access::{Session, Stage},
    web::{
        Error, Form,
        form::Problems,
        shell::{Shell, render},
    },
};

#[derive(Template)]
#[template(path = "account/sign_in.html")]
struct SignIn {
    shell: Shell,
    problems: Problems,
    email: String,
    back: String,
}

/// Where to go on after signing in.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    back: String,
}

/// `GET /sign-in`
pub(super) async fn page(shell: Shell, Query(Back { back }): Query<Back>) -> Response {
    let back = local(&back).to_owned();
    render(StatusCode::OK, &SignIn { shell, problems: Problems::none(), email: String::new(), back })
}

#[derive(Deserialize)]
pub(super) struct Typed {
    email: String,
    password: String,
    #[serde(default)]
    back: String,
}

/// `POST /sign-in`
pub(super) async fn submit(
    State(app): State<App>,
    shell: Shell,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let back = local(&typed.back).to_owned();
    match actions::sign_in(&app, &visitor, &typed.email, &typed.password).await {
        Ok(opened) => {
            let next = match opened.stage {
                Stage::SecondFactor => with_back(Stage::SecondFactor.page(), &back),
                Stage::Full => back,
                stage => stage.page().to_owned(),
            };
            Ok(go_on(&app, &opened, &next))
        }
        Err(error) => {
            let Again { status, retry_after, problems } = Again::of("email", error)?;
            Ok(Again::mark(
                retry_after,
                render(status, &SignIn { shell, problems, email: typed.email, back }),
            ))
        }
    }
}

fn with_back(path: &str, back: &str) -> String {
    let query = serde_html_form::to_string([("back", back)]).unwrap_or_default();
    format!("{path}?{query}")
}

#[derive(Template)]
#[template(path = "account/code.html")]
struct Code {
    shell: Shell,
    problems: Problems,
    back: String,
    recovery: bool,
}

/// Which of the two codes is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct CodeQuery {
    #[serde(default)]
    back: String,
    #[serde(default)]
    recovery: String,
}

/// `GET /sign-in/code`
pub(super) async fn code_page(shell: Shell, Query(query): Query<CodeQuery>) -> Response {
    let back = local(&query.back).to_owned();
    let page = Code { shell, problems: Problems::none(), back, recovery: !query.recovery.is_empty() };
    render(StatusCode::OK, &page)
}

#[derive(Deserialize)]
pub(super) struct TypedCode {
    #[serde(default)]
    code: String,
    #[serde(default)]
    recovery_code: String,
    #[serde(default)]
    back: String,
}

/// `POST /sign-in/code`
pub(super) async fn code_submit(
    State(app): State<App>,
    shell: Shell,
    visitor: Visitor,
    session: Session,
    Form(typed): Form<TypedCode>,
) -> Result<Response, Error> {
    let back = local(&typed.back).to_owned();
    let recovery = !typed.recovery_code.is_empty();
    let (shown, field) = if recovery {
        (ShownCode::Recovery(&typed.recovery_code), "recovery_code")
    } else {
        (ShownCode::App(&typed.code), "code")
    };
    match actions::show_code(&app, &visitor, &session, shown).await {
        Ok(opened) => Ok(go_on(&app, &opened, &back)),
        Err(error) => {
            let Again { status, retry_after, problems } = Again::of(field, error)?;
            Ok(Again::mark(retry_after, render(status, &Code { shell, problems, back, recovery })))
        }
    }
}

/// `POST /sign-out`
pub(super) async fn sign_out(State(app): State<App>, actor: Actor) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::sign_out(&mut tx, &actor).await?;
    tx.commit().await?;
    let mut response = Redirect::to("/sign-out").into_response();
    response.headers_mut().append(header::SET_COOKIE, device::no_session(&app));
    Ok(response)
}

#[derive(Template)]
#[template(path = "account/signed_out.html")]
struct SignedOut {
    shell: Shell,
}

/// `GET /sign-out`: what one sees after signing out.
pub(super) async fn signed_out(shell: Shell) -> Response {
    render(StatusCode::OK, &SignedOut { shell })
}

#[derive(Template)]
#[template(path = "account/forgotten.html")]
struct Forgotten {
    shell: Shell,
    problems: Problems,
    email: String,
}

/// `GET /forgotten-password`
pub(super) async fn forgotten_page(shell: Shell) -> Response {
    render(StatusCode::OK, &Forgotten { shell, problems: Problems::none(), email: String::new() })
}

#[derive(Deserialize)]
pub(super) struct TypedEmail {
    email: String,
}

#[derive(Template)]
#[template(path = "account/check_mail.html")]
struct CheckMail {
    shell: Shell,
    email: String,
}

/// `POST /forgotten-password`: the same answer whether or not somebody has this address.
pub(super) async fn forgotten_submit(
    State(app): State<App>,
    shell: Shell,
    visitor: Visitor,
    Form(typed): Form<TypedEmail>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(email) = problems.email("email", &typed.email) else {
        return Ok(render(
            StatusCode::UNPROCESSABLE_ENTITY,
            &Forgotten { shell, problems, email: typed.email },
        ));
    };
    match actions::ask_for_link(&app, &visitor, &email).await {
        Ok(()) => Ok(render(StatusCode::OK, &CheckMail { shell, email })),
        Err(error) => {
            let Again { status, retry_after, problems } = Again::of("email", error)?;
            Ok(Again::mark(retry_after, render(status, &Forgotten { shell, problems, email })))
        }
    }
}

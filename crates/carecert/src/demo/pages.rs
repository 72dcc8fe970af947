//! Who a visitor of the demonstration can be, with the codes that a telephone would show; and becoming
//! one of them with one press.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::{
    App,
    account::{
        Visitor,
        actions::{current_code, sign_in_at_demonstration},
        go_on, local,
    },
    web::{
        Error, Form,
        shell::{Shell, render},
    },
};

use serde::Deserialize;

use super::{HISTORIC, people};

#[derive(Template)]
#[template(path = "demo/sign_ins.html")]
struct SignIns {
    shell: Shell,
    historic: &'static str,
    rows: Vec<Row>,
}

struct Row {
    who: String,
    role: &'static str,
    does: &'static str,
    email: String,
    password: String,
    code: String,
}

/// `GET /demonstration`
pub async fn sign_ins(State(app): State<App>, shell: Shell) -> Result<Response, Error> {
    let sign_ins = people::sign_ins(&mut app.read().await?).await?;
    let mut rows = Vec::with_capacity(sign_ins.len());
    for sign_in in sign_ins {
        let (role, does) = people::part(&sign_in.role);
        let code = current_code(&app, &sign_in.email).await?.unwrap_or_default();
        rows.push(Row {
            who: sign_in.role,
            role,
            does,
            email: sign_in.email,
            password: sign_in.password,
            code,
        });
    }
    Ok(render(StatusCode::OK, &SignIns { shell, historic: HISTORIC, rows }))
}

/// Whom a visitor wants to be, and what they want to see then.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    who: String,
    to: String,
}

/// `POST /demonstration/be`: signed in at once, since everybody here may read every password. Whom
/// nobody plays is shown who there is.
pub async fn be(State(app): State<App>, visitor: Visitor, Form(wish): Form<Wish>) -> Result<Response, Error> {
    let sign_ins = people::sign_ins(&mut app.read().await?).await?;
    let opened = match sign_ins.into_iter().find(|sign_in| sign_in.role == wish.who) {
        Some(sign_in) => sign_in_at_demonstration(&app, &visitor, &sign_in.email).await?,
        None => None,
    };
    Ok(match opened {
        Some(opened) => go_on(&app, &opened, local(&wish.to)),
        None => Redirect::to("/demonstration").into_response(),
    })
}

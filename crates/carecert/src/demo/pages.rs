//! Who a visitor of the demonstration can be, with the codes that a telephone would show.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use platform::{
    App,
    account::actions::current_code,
    web::{
        Error,
        shell::{Shell, render},
    },
};

use super::{HISTORIC, people};

#[derive(Template)]
#[template(path = "demo/sign_ins.html")]
struct SignIns {
    shell: Shell,
    historic: &'static str,
    rows: Vec<Row>,
}

struct Row {
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
        rows.push(Row { role, does, email: sign_in.email, password: sign_in.password, code });
    }
    Ok(render(StatusCode::OK, &SignIns { shell, historic: HISTORIC, rows }))
}

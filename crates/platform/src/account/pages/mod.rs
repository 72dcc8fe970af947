//! The pages of accounts: thin, extract, call, render.

mod account;
mod join;
mod people;
mod person;
mod second_factor;
mod sign_in;

use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderValue, StatusCode, header};

use super::{AccountError, KEEPERS, READERS, actions::Opened, device};
use crate::{
    App,
    access::{
        Role,
        Rule::{Anyone, AtStage, Roles, SignedIn},
        Stage,
    },
    web::{Error, Route, form::Problems},
};

/// The rows of accounts.
pub(crate) fn routes() -> Vec<Route> {
    const ENROL: &[Stage] = &[Stage::Enrol, Stage::Full];
    vec![
        Route::get("/sign-in", Anyone, sign_in::page).sample("/sign-in?back=/account"),
        Route::post("/sign-in", Anyone, sign_in::submit)
            .form("email={learner_email}&password={password}&back=/account"),
        Route::get("/sign-in/code", AtStage(&[Stage::SecondFactor]), sign_in::code_page),
        Route::post("/sign-in/code", AtStage(&[Stage::SecondFactor]), sign_in::code_submit)
            .form("code={code}&recovery_code="),
        Route::get("/sign-out", Anyone, sign_in::signed_out),
        Route::post("/sign-out", SignedIn, sign_in::sign_out),
        Route::get("/forgotten-password", Anyone, sign_in::forgotten_page),
        Route::post("/forgotten-password", Anyone, sign_in::forgotten_submit).form("email={learner_email}"),
        Route::get("/join/{token}", Anyone, join::page).sample("/join/{join_token}"),
        Route::post("/join/{token}", Anyone, join::submit).sample("/join/{join_token}"),
        Route::get("/choose-password", AtStage(&[Stage::Password]), join::password_page),
        Route::post("/choose-password", AtStage(&[Stage::Password]), join::password_submit)
            .form("name=Gwen+Pryce&password=purple+tractor+sings"),
        Route::get("/account", SignedIn, account::page),
        Route::post("/account/roles/{membership}/accept", SignedIn, account::accept_role),
        Route::get("/account/password", SignedIn, account::password_page),
        Route::post("/account/password", SignedIn, account::password_submit)
            .form("present={password}&new=purple+tractor+sings"),
        Route::get("/account/second-factor", AtStage(ENROL), second_factor::page),
        Route::post("/account/second-factor", AtStage(ENROL), second_factor::confirm)
            .form("code={offered_code}"),
        Route::get("/account/second-factor/qr.svg", AtStage(ENROL), second_factor::picture),
        Route::post("/account/second-factor/new", SignedIn, second_factor::offer)
            .form("code={code}&password={password}"),
        Route::get("/account/recovery-codes", SignedIn, second_factor::codes_page),
        Route::post("/account/recovery-codes", SignedIn, second_factor::codes_submit).form("code={code}"),
        Route::get("/account/sessions", SignedIn, account::sessions),
        Route::post("/account/sessions/end-others", SignedIn, account::end_others),
        Route::post("/account/sessions/{session}/end", SignedIn, account::end_one)
            .sample("/account/sessions/{session}/end"),
        Route::get("/people", Roles(READERS), people::page),
        Route::get("/people/invite", Roles(KEEPERS), people::invite_page)
            .sample("/people/invite?organisation={organisation}"),
        Route::post("/people/invite", Roles(KEEPERS), people::invite_submit)
            .form("organisation={organisation}&name=Gwen+Pryce&email=gwen.pryce@example.org&role=responder"),
        Route::get("/people/{person}", Roles(READERS), person::page),
        Route::post("/people/roles/{membership}/end", Roles(KEEPERS), person::end_role),
        Route::get("/people/{person}/second-factor", Roles(KEEPERS), person::reset_page)
            .sample("/people/{colleague}/second-factor"),
        Route::post("/people/{person}/second-factor", Roles(KEEPERS), person::reset_submit)
            .sample("/people/{colleague}/second-factor"),
        Route::get("/people/{person}/erase", Roles(&[Role::Admin]), person::erase_page),
        Route::post("/people/{person}/erase", Roles(&[Role::Admin]), person::erase_submit).form("sure=yes"),
    ]
}

/// A path within the portal to go on to; anything else, such as another site, is the first page.
///
/// Browsers read a backslash as a slash and drop control characters, so neither may stand in it.
pub fn local(back: &str) -> &str {
    let plain = !back.contains(|c: char| c == '\\' || c.is_control());
    if plain && back.starts_with('/') && !back.starts_with("//") { back } else { "/" }
}

/// Goes on to `path` with the session that was opened.
pub fn go_on(app: &App, opened: &Opened, path: &str) -> Response {
    with_cookies(app, opened, Redirect::to(path).into_response())
}

/// Gives a response the cookies of the session that was opened.
fn with_cookies(app: &App, opened: &Opened, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, device::session_cookie(app, &opened.token));
    if let Some(token) = &opened.device {
        headers.append(header::SET_COOKIE, device::device_cookie(app, token));
    }
    response
}

/// A form that is shown again answers 422 or, where one has to wait, 429 and for how long.
struct Again {
    status: StatusCode,
    retry_after: Option<HeaderValue>,
    problems: Problems,
}

impl Again {
    /// The problem of `field`, where the error is one that its page shows; others go their way.
    fn of(field: &'static str, error: AccountError) -> Result<Self, Error> {
        let (status, retry_after) = match &error {
            AccountError::Wait(seconds) => (StatusCode::TOO_MANY_REQUESTS, Some(HeaderValue::from(*seconds))),
            AccountError::WrongPassword
            | AccountError::NotYourPassword
            | AccountError::WrongCode
            | AccountError::RoleHeld
            | AccountError::RoleElsewhere(..)
            | AccountError::Weak(_) => (StatusCode::UNPROCESSABLE_ENTITY, None),
            _ => return Err(error.into()),
        };
        let mut problems = Problems::none();
        problems.push(field, error.to_string());
        Ok(Self { status, retry_after, problems })
    }

    /// Marks the page as the answer to a form that could not be taken.
    fn mark(retry_after: Option<HeaderValue>, mut page: Response) -> Response {
        if let Some(seconds) = retry_after {
            page.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn signing_in_leads_back_to_our_own_pages_alone() {
        for fine in ["/", "/alerts/CC-1234?x=1", "/a//b"] {
            assert_eq!(local(fine), fine);
        }
        for foreign in
            ["", "alerts", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil", "/a\r\nb"]
        {
            assert_eq!(local(foreign), "/", "{foreign}");
        }
    }
}

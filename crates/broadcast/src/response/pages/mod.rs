//! The pages on which an organisation answers an alert, beginning at `/alerts/{id}/respond`.

mod check;
mod correct;
mod export;
mod history;
mod tasks;

use axum::response::Redirect;
use db::Snapshot;
use formats::Tlp;
use jiff::Timestamp;
use platform::{
    Actor,
    access::{Role, Rule},
    web::{
        Error, Route,
        shell::{Notice, NoticeKind},
        show,
    },
};
use serde::Deserialize;

use super::{
    AlertHead, AlertId, DECIDING, Event, Moved, ResponseError, api, choose, decisions, home, pace, panel,
    questions, store,
};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, answer, decide) =
        (Rule::Roles(Role::READING), Rule::Roles(Role::ANSWERING), Rule::Roles(DECIDING));
    let mut routes = vec![
        Route::get("/alerts", read, home::home),
        Route::get("/organisations/{id}/alerts", Rule::Roles(platform::organisation::READ), panel::list)
            .sample("/organisations/{organisation}/alerts"),
        Route::get("/organisations/{id}/pace", Rule::Roles(platform::organisation::READ), pace::show)
            .sample("/organisations/{organisation}/pace"),
        Route::get("/alerts/{id}/respond", read, tasks::show).sample("/alerts/{asked_alert}/respond"),
        Route::post("/alerts/{id}/respond/acknowledge", answer, tasks::acknowledge)
            .sample("/alerts/{asked_alert}/respond/acknowledge"),
        Route::get("/alerts/{id}/respond/organisations", answer, choose::show)
            .sample("/alerts/{asked_alert}/respond/organisations"),
        Route::post("/alerts/{id}/respond/organisations", answer, choose::keep)
            .sample("/alerts/{asked_alert}/respond/organisations")
            .form("mode=all"),
        Route::get("/alerts/{id}/respond/said/{code}", read, history::show)
            .sample("/alerts/{asked_alert}/respond/said/{asked_code}"),
        Route::get("/alerts/{id}/respond/answers.csv", read, export::answers)
            .sample("/alerts/{asked_alert}/respond/answers.csv"),
        Route::get("/alerts/{id}/respond/check", answer, check::show)
            .sample("/alerts/{asked_alert}/respond/check"),
        Route::post("/alerts/{id}/respond/check", answer, check::send)
            .sample("/alerts/{acknowledged_alert}/respond/check"),
        Route::get("/alerts/{id}/respond/correct", answer, correct::ask)
            .sample("/alerts/{asked_alert}/respond/correct"),
        Route::post("/alerts/{id}/respond/correct", answer, correct::correct)
            .sample("/alerts/{closed_alert}/respond/correct")
            .form("reason=It+does+apply"),
        Route::get("/alerts/{id}/respond/{question}", answer, questions::show)
            .sample("/alerts/{asked_alert}/respond/applies"),
        Route::post("/alerts/{id}/respond/{question}", answer, questions::keep)
            .sample("/alerts/{asked_alert}/respond/applies")
            .form("answer=yes"),
        Route::get("/decisions", decide, decisions::list),
        Route::get("/decisions/{id}", decide, decisions::show).sample("/decisions/{awaiting_alert}"),
        Route::post("/decisions/{id}", decide, decisions::decide)
            .sample("/decisions/{awaiting_alert}")
            .form("decision=accept&seen=1"),
    ];
    routes.extend(api::routes());
    routes
}

/// The alert for a reader, and whether its marking lets them read what it says (decision 0008).
async fn for_reader(
    snapshot: &mut Snapshot,
    actor: &Actor,
    id: AlertId,
    now: Timestamp,
) -> Result<(AlertHead, bool), Error> {
    let mut alert = store::head(snapshot, id).await?.ok_or(ResponseError::NotFound)?;
    let reads = alert.tlp.0 != Tlp::AmberStrict
        || crate::alert::store::standing(snapshot, actor, id, now).await?.reads();
    if !reads {
        store::lists::WITHHELD.clone_into(&mut alert.title);
    }
    Ok((alert, reads))
}

/// What was just done, as the address of the next page carries it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    done: String,
    moved: u64,
    left: u64,
}

fn back(id: AlertId, done: &str, Moved { moved, left }: Moved) -> Redirect {
    Redirect::to(&format!("/alerts/{id}/respond?done={done}&moved={moved}&left={left}"))
}

impl Done {
    fn notice(&self) -> Option<Notice> {
        let done = match self.done.as_str() {
            "" => return None,
            "acknowledged" => "Acknowledged",
            code => code.parse::<Event>().map_or("Saved", Event::label),
        };
        let organisations = |count: u64| match count {
            1 => "1 organisation".to_owned(),
            count => format!("{} organisations", show::count(count.try_into().unwrap_or(i64::MAX))),
        };
        let text = match (self.moved, self.left) {
            (0, left) => format!("Nothing was changed: {} had this already.", organisations(left)),
            (moved, 0) => format!("{done} for {}.", organisations(moved)),
            (moved, left) => {
                format!("{done} for {}. {} stayed as before.", organisations(moved), organisations(left))
            }
        };
        Some(Notice { kind: NoticeKind::Success, text })
    }
}

/// For whom an answer is meant, in words.
fn for_whom(mode: &str, chosen: i64, total: i64) -> String {
    match mode {
        "all_but" if chosen < total => {
            format!("All but {}: {} organisations", show::count(total - chosen), show::count(chosen))
        }
        "only" => format!("Only {} of {}", show::count(chosen), show::count(total)),
        _ if total == 1 => "The one organisation that you answer for".to_owned(),
        _ => format!("All {} organisations that you answer for", show::count(total)),
    }
}

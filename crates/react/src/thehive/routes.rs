//! The rows of TheHive's API, each twice: below `/thehive` for keys of organisations, and below `/thehive/cert` for those of
//! the CERT. Neither kind of key opens what is for the other (decision 0020).

use platform::{access::Rule, key::Scope, web::Route};

use super::{alert, bulk, case, entry, observable, query, share, task};

/// What a call does: the scopes of both kinds of keys.
#[derive(Clone, Copy)]
struct Needs {
    own: Rule,
    cert: Rule,
}

const READ: Needs =
    Needs { own: Rule::Scope(Scope::ReadCases.code()), cert: Rule::CertScope(Scope::ReadCases.code()) };
const WRITE: Needs =
    Needs { own: Rule::Scope(Scope::WriteCases.code()), cert: Rule::CertScope(Scope::WriteCases.code()) };
const SHARE: Needs =
    Needs { own: Rule::Scope(Scope::ShareCases.code()), cert: Rule::CertScope(Scope::ShareCases.code()) };

/// A row with a sample of its body, or without one.
macro_rules! row {
    ($verb:ident $path:expr, $rule:expr, $handler:path, $at:expr, -) => {
        Route::$verb($path, $rule, $handler).sample($at)
    };
    ($verb:ident $path:expr, $rule:expr, $handler:path, $at:expr, $sample:literal) => {
        Route::$verb($path, $rule, $handler).sample($at).json($sample)
    };
}

/// Both rows of a call, with samples of its path: what placeholders stand for may be each kind's own.
macro_rules! both {
    ($verb:ident $path:literal, $needs:ident, $handler:path, $sample:tt, $own:literal, $cert:literal) => {
        [
            row!(
                $verb concat!("/thehive/api/v1/", $path), $needs.own, $handler,
                concat!("/thehive/api/v1/", $own), $sample
            ),
            row!(
                $verb concat!("/thehive/cert/api/v1/", $path), $needs.cert, $handler,
                concat!("/thehive/cert/api/v1/", $cert), $sample
            ),
        ]
    };
    ($verb:ident $path:literal, $needs:ident, $handler:path, $sample:tt, $both:literal) => {
        both!($verb $path, $needs, $handler, $sample, $both, $both)
    };
}

/// This part's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    [of_cases(), of_what_is_in_them(), of_alerts(), alert::pages::routes()].into_iter().flatten().collect()
}

fn of_cases() -> Vec<Route> {
    const EVENT: &str = r#"{"date": 1780300000000, "title": "The Wallaby server was off"}"#;
    let merge = Rule::CertScope(Scope::CloseCases.code());
    let mut all = vec![
        // A case is made by a report, which is an organisation's.
        Route::post("/thehive/api/v1/case", WRITE.own, case::api::create)
            .json(r#"{"title": "Wallaby", "description": "Wallaby", "tags": ["files_locked"]}"#),
        Route::post("/thehive/cert/api/v1/case/_merge/{cases}", merge, case::api::merge)
            .sample("/thehive/cert/api/v1/case/_merge/{hive_merged}"),
        Route::post("/thehive/api/v1/case/{case}/customEvent", WRITE.own, entry::api::create)
            .json(EVENT)
            .sample("/thehive/api/v1/case/{incident}/customEvent"),
        Route::post("/thehive/cert/api/v1/case/{case}/customEvent", WRITE.cert, entry::api::create)
            .json(EVENT)
            .sample("/thehive/cert/api/v1/case/{incident}/customEvent"),
    ];
    let rows = [
        both!(get "case/{case}", READ, case::api::get, -, "case/{incident}"),
        both!(patch "case/{case}", WRITE, bulk::update::<case::api::Update>, r#"{"addTags": ["Wallaby"]}"#, "case/{incident}"),
        both!(patch "case/_bulk", WRITE, bulk::update_all::<case::api::Update>,
            r#"{"ids": ["{incident}"], "addTags": ["Wallaby"]}"#, "case/_bulk"),
        both!(get "case/{case}/timeline", READ, entry::api::timeline, -, "case/{incident}/timeline"),
        both!(patch "customEvent/{entry}", WRITE, entry::api::update, r#"{"title": "Wallaby"}"#,
            "customEvent/{hive_entry}"),
        both!(delete "customEvent/{entry}", WRITE, entry::api::delete, -, "customEvent/{hive_entry}"),
        both!(get "case/{case}/shares", READ, share::list, -, "case/{incident}/shares"),
        both!(post "case/{case}/shares", SHARE, share::add,
            r#"{"shares": [{"organisation": "{case_guest_code}"}]}"#, "case/{incident}/shares"),
        both!(put "case/{case}/shares", SHARE, share::set,
            r#"{"shares": [{"organisation": "{case_guest_code}"}]}"#, "case/{incident}/shares"),
        both!(delete "case/{case}/shares", SHARE, share::remove, r#"{"organisations": ["8JA02"]}"#,
            "case/{incident}/shares"),
        both!(delete "case/share/{share}", SHARE, share::end, -, "case/share/{case_guest}"),
    ];
    all.extend(rows.into_iter().flatten());
    all
}

fn of_what_is_in_them() -> Vec<Route> {
    let rows = [
        both!(post "case/{case}/task", WRITE, task::api::create, r#"{"title": "Call the Wallaby ward"}"#,
            "case/{incident}/task"),
        both!(get "task/{task}", READ, task::api::get, -, "task/{case_task}"),
        both!(patch "task/{task}", WRITE, bulk::update::<task::api::Update>, r#"{"status": "InProgress"}"#, "task/{case_task}"),
        both!(patch "task/_bulk", WRITE, bulk::update_all::<task::api::Update>,
            r#"{"ids": ["{case_task}"], "status": "InProgress"}"#, "task/_bulk"),
        both!(delete "task/{task}", WRITE, task::api::delete, -, "task/{case_task}"),
        both!(post "task/{task}/log", WRITE, entry::log::create, r#"{"message": "Wallaby"}"#, "task/{case_task}/log"),
        both!(patch "log/{entry}", WRITE, entry::log::update, r#"{"message": "Wallaby"}"#, "log/{hive_log}"),
        both!(delete "log/{entry}", WRITE, entry::log::delete, -, "log/{hive_log}"),
        both!(post "case/{case}/observable", WRITE, observable::api::create,
            r#"{"dataType": "domain", "data": ["evil-wallaby.net"]}"#, "case/{incident}/observable"),
        both!(get "observable/{observable}", READ, observable::api::get, -, "observable/{hive_observable}"),
        both!(patch "observable/{observable}", WRITE, bulk::update::<observable::api::Update>, r#"{"ioc": true}"#,
            "observable/{hive_observable}"),
        both!(patch "observable/_bulk", WRITE, bulk::update_all::<observable::api::Update>,
            r#"{"ids": ["{hive_observable}"], "ioc": true}"#, "observable/_bulk"),
        both!(delete "observable/{observable}", WRITE, observable::api::delete, -,
            "observable/{hive_observable}"),
        both!(post "query", READ, query::run, r#"{"query": [{"_name": "listCase"}]}"#, "query"),
    ];
    rows.into_iter().flatten().collect()
}

fn of_alerts() -> Vec<Route> {
    let mut all = vec![
        Route::post("/thehive/api/v1/alert/{alert}/case", WRITE.own, alert::import::promote)
            .json(r#"{"severity": 2}"#)
            .sample("/thehive/api/v1/alert/{hive_alert}/case"),
        // Each kind of key has alerts of its own.
        Route::patch("/thehive/api/v1/alert/_bulk", WRITE.own, bulk::update_all::<alert::api::Update>)
            .json(r#"{"ids": ["{hive_alert}"], "status": "Ignored"}"#),
        Route::patch("/thehive/cert/api/v1/alert/_bulk", WRITE.cert, bulk::update_all::<alert::api::Update>)
            .json(r#"{"ids": ["{hive_cert_alert}"], "status": "Ignored"}"#),
        Route::post("/thehive/api/v1/alert/merge/_bulk", WRITE.own, alert::import::merge_all)
            .json(r#"{"caseId": "{incident}", "alertIds": ["{hive_alert}"]}"#),
        Route::post("/thehive/cert/api/v1/alert/merge/_bulk", WRITE.cert, alert::import::merge_all)
            .json(r#"{"caseId": "{incident}", "alertIds": ["{hive_cert_alert}"]}"#),
    ];
    let rows = [
        both!(post "alert", WRITE, alert::api::create,
            r#"{"type": "siem", "source": "Wallaby", "sourceRef": "7", "title": "Wallaby", "description": ""}"#, "alert"),
        both!(get "alert/{alert}", READ, alert::api::get, -, "alert/{hive_alert}", "alert/{hive_cert_alert}"),
        both!(patch "alert/{alert}", WRITE, bulk::update::<alert::api::Update>, r#"{"status": "Ignored"}"#,
            "alert/{hive_alert}", "alert/{hive_cert_alert}"),
        both!(post "alert/{alert}/merge/{case}", WRITE, alert::import::merge, -,
            "alert/{hive_alert}/merge/{incident}", "alert/{hive_cert_alert}/merge/{incident}"),
        both!(post "alert/{alert}/import/{case}", WRITE, alert::import::merge, -,
            "alert/{hive_alert}/import/{incident}", "alert/{hive_cert_alert}/import/{incident}"),
    ];
    all.extend(rows.into_iter().flatten());
    all
}

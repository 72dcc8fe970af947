//! What follows what: where an answer holds the parameters of another call, its description says so
//! (OpenAPI's link objects), for people, for makers of clients, and for tests that walk them.

use utoipa::openapi::{OpenApi, RefOr, link::Link};

/// From where, in its answer of 200, to where, and where each parameter stands.
type Followed = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const FIRST_ALERT: (&str, &str) = ("number", "$response.body#/alerts/0/number");
const SAME_ALERT: (&str, &str) = ("number", "$request.path.number");
const FIRST_RESPONSE: (&str, &str) = ("code", "$response.body#/responses/0/organisation");

const FIRST_CERT_ALERT: (&str, &str) = ("id", "$response.body#/alerts/0/id");
const SAME_ID: (&str, &str) = ("id", "$request.path.id");

const LINKS: &[Followed] = &[
    ("list_alerts", "list_alerts", &[("after", "$response.body#/next")]),
    ("list_alerts", "show_alert", &[FIRST_ALERT]),
    ("list_alerts", "list_responses", &[FIRST_ALERT]),
    ("list_alerts", "acknowledge", &[FIRST_ALERT]),
    ("list_alerts", "answer", &[FIRST_ALERT]),
    ("list_alerts", "list_questions", &[FIRST_ALERT]),
    ("list_alerts", "list_answers", &[FIRST_ALERT]),
    ("list_questions", "show_question", &[SAME_ALERT, ("id", "$response.body#/questions/0/id")]),
    ("list_responses", "show_response", &[SAME_ALERT, FIRST_RESPONSE]),
    ("list_responses", "answer_for_one", &[SAME_ALERT, FIRST_RESPONSE]),
    ("show_response", "answer_for_one", &[SAME_ALERT, ("code", "$request.path.code")]),
    ("cert_list_threats", "cert_list_threats", &[("after", "$response.body#/next")]),
    ("cert_list_threats", "cert_show_threat", &[("id", "$response.body#/threats/0/id")]),
    ("cert_list_threats", "cert_list_sightings", &[("threat", "$response.body#/threats/0/id")]),
    ("cert_list_areas", "cert_list_active", &[("area", "$response.body#/areas/0/area")]),
    ("cert_list_active", "cert_show_threat", &[("id", "$response.body#/threats/0/id")]),
    ("cert_list_feeds", "cert_show_feed", &[("id", "$response.body#/feeds/0/id")]),
    ("cert_list_advisories", "cert_show_advisory", &[("number", "$response.body#/versions/0/number")]),
    ("cert_list_alerts", "cert_show_alert", &[FIRST_CERT_ALERT]),
    ("cert_list_alerts", "cert_list_responses", &[FIRST_CERT_ALERT]),
    ("cert_list_responses", "cert_list_responses", &[SAME_ID, ("after", "$response.body#/next")]),
    ("cert_list_questions", "cert_show_question", &[("id", "$response.body#/questions/0/id")]),
    ("cert_list_sightings", "cert_list_sightings", &[("after", "$response.body#/next")]),
    ("cert_list_webhooks", "cert_show_webhook", &[("id", "$response.body#/webhooks/0/id")]),
    ("list_organisations", "show_organisation", &[("code", "$response.body#/organisations/0/code")]),
];

/// Writes the links into the answers that they begin at.
pub(super) fn describe(document: &mut OpenApi) {
    let operations = document.paths.paths.values_mut().flat_map(|item| [&mut item.get, &mut item.post]);
    for operation in operations.flatten() {
        let from = operation.operation_id.clone().unwrap_or_default();
        let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") else { continue };
        for (_, to, parameters) in LINKS.iter().filter(|(begins, ..)| *begins == from) {
            let link = Link::builder().operation_id(*to);
            let link = parameters.iter().fold(link, |link, (name, place)| link.parameter(*name, *place));
            answer.links.insert((*to).to_owned(), RefOr::T(link.build()));
        }
    }
}

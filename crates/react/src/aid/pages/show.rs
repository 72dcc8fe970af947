//! One request: as whoever asked sees it, as those who were asked do, and as the CERT does.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    access::Role,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
        show as words, taken,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::typed;
use crate::{
    access::HANDLE_INCIDENTS,
    aid::{
        AidError, LONGEST, Offer, Offered, Request, RequestId, Shown, Standing, Stands, State, actions, store,
    },
};

/// What is typed on the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Typed {
    form: Option<Uuid>,
    version: i64,
    organisation: String,
    count: String,
    from_day: String,
    from_month: String,
    from_year: String,
    until_day: String,
    until_month: String,
    until_year: String,
    conditions: String,
    contact_name: String,
    contact_telephone: String,
}

/// Who reads the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seat {
    Asker,
    Asked,
    Cert,
}

#[derive(Template)]
#[template(path = "aid/show.html")]
struct ShowPage {
    shell: Shell,
    problems: Problems,
    seat: Seat,
    request: Request,
    shown: Shown,
    offers: Vec<Offer>,
    /// To how many it is shown; for whoever asked and the CERT.
    shown_to: String,
    /// For whom the reader may offer.
    offering: Vec<(String, String)>,
    /// Who could lend this, for the CERT.
    lendable: Vec<Standing>,
    typed: Typed,
    form: Uuid,
    may_write: bool,
}

impl ShowPage {
    fn count(&self, count: &i64) -> String {
        words::count(*count)
    }

    fn is_open(&self) -> bool {
        self.request.state == State::Open
    }

    /// Whether the reader may end it.
    fn may_end(&self) -> bool {
        self.seat == Seat::Asker
            && self.may_write
            && matches!(self.request.state, State::Open | State::Fulfilled)
    }

    fn may_offer(&self) -> bool {
        self.seat == Seat::Asked && self.is_open() && !self.offering.is_empty()
    }

    fn waits(&self, offer: &Offer) -> bool {
        offer.stands == Stands::Offered
    }

    fn is_lent(&self, offer: &Offer) -> bool {
        offer.stands == Stands::Accepted
    }

    /// How many of an offer could be accepted.
    fn could(&self, offer: &Offer) -> String {
        offer.count.min(self.request.missing()).max(1).to_string()
    }

    fn organisations(&self) -> Vec<Choice> {
        let choice = |(code, name): &(String, String)| {
            Choice::new(code.clone(), format!("{name} ({code})")).chosen_in(&[&self.typed.organisation])
        };
        self.offering.iter().map(choice).collect()
    }
}

/// `GET /aid/{id}`
pub(super) async fn show(visit: Visit, Path(id): Path<RequestId>) -> Result<Response, Error> {
    page(visit, id, None, Problems::none()).await
}

pub(super) async fn page(
    visit: Visit,
    id: RequestId,
    typed: Option<Typed>,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let (request, seat) = if visit.actor.at_cert() {
        (store::request(&mut snapshot, id).await?, Seat::Cert)
    } else {
        let found = store::own_one(&mut snapshot, &visit.actor, visit.shell.now, id).await?;
        let is_own = found.as_ref().is_some_and(|found| found.is_own);
        (found, if is_own { Seat::Asker } else { Seat::Asked })
    };
    let request = request.ok_or(Error::NotFound)?;
    let (mut shown_to, mut offering, mut lendable) = (0, Vec::new(), Vec::new());
    let offers = if seat == Seat::Asked {
        offering = store::own_asked(&mut snapshot, &visit.actor, visit.shell.now, id).await?;
        store::own_offers(&mut snapshot, &visit.actor, visit.shell.now, id).await?
    } else {
        shown_to = store::shown_to(&mut snapshot, id).await?;
        store::offers(&mut snapshot, id).await?
    };
    if seat == Seat::Cert && request.state == State::Open {
        lendable = store::standing(&mut snapshot, Some(request.what), None, None).await?;
    }
    drop(snapshot);
    let accepted = offers.iter().any(|offer| matches!(offer.stands, Stands::Accepted | Stands::Returned));
    let [from_day, from_month, from_year] = typed::shown(request.from_at.max(visit.shell.now));
    // The last day ends when the next begins.
    let [until_day, until_month, until_year] =
        typed::shown(request.until_at - jiff::SignedDuration::from_secs(1));
    let first = || Typed {
        organisation: offering.first().map(|(code, _)| code.clone()).unwrap_or_default(),
        from_day,
        from_month,
        from_year,
        until_day,
        until_month,
        until_year,
        ..Typed::default()
    };
    let typed = typed.unwrap_or_else(first);
    let page = ShowPage {
        shown: Shown::of(&request, seat != Seat::Asked || accepted),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        may_write: visit.actor.is_any(Role::ANSWERING) || visit.actor.is_any(HANDLE_INCIDENTS),
        shown_to: organisations(shown_to),
        shell: visit.shell,
        problems,
        seat,
        request,
        offers,
        offering,
        lendable,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /aid/{id}/offer`
pub(super) async fn offer(
    visit: Visit,
    Path(id): Path<RequestId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let code = problems.text("organisation", &typed.organisation, 20, "which organisation offers");
    let count = typed::number(&mut problems, "count", &typed.count);
    let from = [typed.from_day.as_str(), &typed.from_month, &typed.from_year];
    let until = [typed.until_day.as_str(), &typed.until_month, &typed.until_year];
    let days = typed::days(&mut problems, from, until, visit.shell.now);
    let conditions = problems.optional_text("conditions", &typed.conditions, LONGEST, "on what conditions");
    let contact = typed::contact(&mut problems, &typed.contact_name, &typed.contact_telephone);
    let (Some(code), Some(count), Some((from, until)), Some(conditions), Some(contact)) =
        (code, count, days, conditions, contact)
    else {
        return page(visit, id, Some(typed), problems).await;
    };
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let offered = Offered { form, code, count, from, until, conditions, contact };
    let done = actions::offer(&mut tx, &visit.actor, id, &offered).await;
    if taken(tx, done, (&mut problems, "")).await?.is_none() {
        return page(visit, id, Some(typed), problems).await;
    }
    Ok(to(id))
}

/// `POST /aid/{id}/withdraw`
pub(super) async fn withdraw(
    visit: Visit,
    Path(id): Path<RequestId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    over(visit, (id, typed.version), State::Withdrawn).await
}

/// `POST /aid/{id}/end`
pub(super) async fn end(
    visit: Visit,
    Path(id): Path<RequestId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    over(visit, (id, typed.version), State::Ended).await
}

async fn over(visit: Visit, (id, version): (RequestId, i64), state: State) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    let done = actions::end(&mut tx, &visit.actor, id, version, state).await;
    let mut problems = Problems::none();
    if taken(tx, done, (&mut problems, "")).await?.is_none() {
        return page(visit, id, None, problems).await;
    }
    Ok(to(id))
}

/// `POST /aid/{id}/invite`
pub(super) async fn invite(
    visit: Visit,
    Path(id): Path<RequestId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    match actions::invite(&mut tx, &visit.actor, id, &typed.organisation).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(to(id))
        }
        Err(AidError::NoOrganisation(code)) => {
            drop(tx);
            let mut problems = Problems::none();
            let sentence = format!("{code} is no open organisation, asks itself, or sees this already");
            problems.push("organisation", sentence);
            page(visit, id, Some(typed), problems).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn to(id: RequestId) -> Response {
    Redirect::to(&format!("/aid/{id}")).into_response()
}

/// How many organisations, in words.
fn organisations(count: i64) -> String {
    match count {
        1 => "1 organisation".to_owned(),
        many => format!("{} organisations", words::count(many)),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_is_one() {
        let told = [0, 1, 2, 1_200].map(super::organisations);
        assert_eq!(told, ["0 organisations", "1 organisation", "2 organisations", "1,200 organisations"]);
    }
}

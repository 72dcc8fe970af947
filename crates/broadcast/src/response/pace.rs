//! `/organisations/{id}/pace`: how quickly an organisation answered in the last 12 months, and where that
//! lies among others of its type.
//!
//! Of the others it tells the middle half, never anybody: only from alerts that ten other bodies or more
//! have answered, each counted once for all whom it answers for. It names no alert, so that no marking
//! binds it.

use askama::Template;
use axum::{extract::Path, response::Response};
use http::StatusCode;
use jiff::{Timestamp, ToSpan, civil::Date};
use platform::{
    organisation::{self, OrganisationId},
    uk,
    web::{
        Error, Visit,
        chart::{Bars, Part, Row, Shade},
        shell::{Language, Shell, render},
        show,
    },
};

use super::store::{
    pace::{self, Own},
    standings,
};
use crate::sector::times::Hours;

const PARTS: [Part; 3] = [
    Part { name: "Acknowledged in time", shade: Shade::Full },
    Part { name: "Acknowledged late", shade: Shade::Half },
    Part { name: "Not acknowledged", shade: Shade::Hollow },
];

#[derive(Template)]
#[template(path = "response/pace.html")]
struct PacePage {
    shell: Shell,
    organisation: OrganisationId,
    name: String,
    asked: usize,
    /// How many more alerts ask, whose deadline lies ahead.
    not_due: usize,
    in_time: usize,
    steps: Vec<Step>,
    /// Of whom the peers are, in words.
    peers: String,
    months: Vec<Month>,
    drawn: Bars,
}

/// A step of an answer.
struct Step {
    name: &'static str,
    /// The organisation's own median.
    own: String,
    /// Between which hours the middle half of its peers lies; none where they are too few.
    peers: Option<String>,
}

/// The alerts of a month.
struct Month {
    name: String,
    counts: [i64; 3],
}

/// `GET /organisations/{id}/pace`: five statements, however many peers there are.
pub(super) async fn show(visit: Visit, Path(organisation): Path<OrganisationId>) -> Result<Response, Error> {
    let this = uk::day(visit.shell.now).first_of_month();
    let first = this.checked_sub(11.months()).unwrap_or(this);
    let from = uk::begins(first).unwrap_or(visit.shell.now);
    let mut snapshot = visit.app.db.read_long().await?;
    let name = standings::name(&mut snapshot, organisation).await?.ok_or(Error::NotFound)?;
    if !standings::sees(&mut snapshot, &visit.actor, visit.shell.now, organisation).await? {
        return Err(Error::NotFound);
    }
    let mut own = pace::own(&mut snapshot, organisation, from).await?;
    let near = pace::near(&mut snapshot, organisation, from).await?;
    let far = if near.is_empty() { pace::far(&mut snapshot, organisation, from).await? } else { Vec::new() };
    drop(snapshot);
    let (kind, region) = own.first().map(|own| (own.kind.clone(), own.region.clone())).unwrap_or_default();
    let kind = show::in_sentence(organisation::kind_label(&kind));
    let is_near = !near.is_empty() && !region.is_empty();
    let place = if is_near { organisation::region_name(&region) } else { "the country" };
    let peers = if near.is_empty() { far } else { near };
    let asked = own.len();
    own.retain(|own| !own.is_ahead(visit.shell.now));
    let months = months(&own, first);
    let page = PacePage {
        asked: own.len(),
        not_due: asked - own.len(),
        in_time: own.iter().filter(|own| own.place() == 0).count(),
        steps: vec![
            step("acknowledge", &own, |own| own.acknowledged_at, &peers, "acknowledged"),
            step("close", &own, |own| own.closed_at, &peers, "closed"),
        ],
        peers: format!("those of type {kind} in {place}"),
        drawn: drawn(&months),
        months,
        shell: visit.shell,
        organisation,
        name,
    };
    Ok(render(StatusCode::OK, &page))
}

fn step(
    name: &'static str,
    own: &[Own],
    done: fn(&Own) -> Option<Timestamp>,
    peers: &[(String, i64, i64)],
    code: &str,
) -> Step {
    let (mut mine, mut theirs) = (Hours::default(), Hours::default());
    for own in own {
        if let Some(at) = done(own) {
            mine.add(at.duration_since(own.asked_at).as_hours(), 1);
        }
    }
    for (_, hours, count) in peers.iter().filter(|(step, ..)| step == code) {
        theirs.add(*hours, *count);
    }
    let words = |median: crate::sector::times::Median| median.in_words(Language::English);
    Step {
        name,
        own: mine.median().map_or_else(|| "Not yet".to_owned(), words),
        peers: theirs.middle_half().map(|[lower, upper]| {
            let (lower, upper) = (words(lower), words(upper));
            if lower == upper { lower } else { format!("{lower} to {}", show::in_sentence(&upper)) }
        }),
    }
}

impl Own {
    /// Whether it is neither acknowledged nor late: nothing can be said of it yet.
    fn is_ahead(&self, now: Timestamp) -> bool {
        let within = self.acknowledge_by.map(|by| by.duration_since(self.issued_at));
        self.acknowledged_at.is_none() && within.is_some_and(|within| now < self.asked_at + within)
    }

    /// Which part of a month's bar it is: acknowledged in time, late, or not.
    fn place(&self) -> usize {
        let within = self.acknowledge_by.map(|by| by.duration_since(self.issued_at));
        match (self.acknowledged_at, within) {
            (None, _) => 2,
            (Some(at), Some(within)) if at > self.asked_at + within => 1,
            (Some(_), _) => 0,
        }
    }
}

fn months(own: &[Own], first: Date) -> Vec<Month> {
    let month = |number: i32| {
        let begins = first.checked_add(number.months()).ok()?;
        let mut counts = [0; 3];
        for own in own.iter().filter(|own| uk::day(own.issued_at).first_of_month() == begins) {
            counts[own.place()] += 1;
        }
        Some(Month { name: begins.strftime("%B %Y").to_string(), counts })
    };
    (0..12).filter_map(month).collect()
}

fn drawn(months: &[Month]) -> Bars {
    let row = |month: &Month| {
        let said = PARTS.iter().zip(month.counts).filter(|(_, count)| *count > 0);
        let said: Vec<_> = said
            .map(|(part, count)| format!("{} {}", show::count(count), show::in_sentence(part.name)))
            .collect();
        Row {
            name: month.name.clone(),
            href: String::new(),
            counts: month.counts.into(),
            words: if said.is_empty() { "None".to_owned() } else { said.join(", ") },
        }
    };
    Bars::new("Alerts by month", &PARTS, months.iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_asked_earlier_has_the_deadline_of_then() {
        let at = |text: &str| -> Timestamp { text.parse().expect("an instant") };
        let own = |asked: &str, acknowledged: Option<&str>| Own {
            kind: "trust".to_owned(),
            region: String::new(),
            issued_at: at("2026-06-03T08:00:00Z"),
            asked_at: at(asked),
            acknowledge_by: Some(at("2026-06-05T08:00:00Z")),
            acknowledged_at: acknowledged.map(at),
            closed_at: None,
        };
        assert_eq!(own("2026-06-03T08:00:00Z", Some("2026-06-05T08:00:00Z")).place(), 0);
        assert_eq!(own("2026-06-01T08:00:00Z", Some("2026-06-04T08:00:00Z")).place(), 1);
        assert_eq!(own("2026-06-01T08:00:00Z", None).place(), 2);
    }
}

//! `GET /clocks/regimes`: every regime as data, with the day on which it was last compared with the law.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::civil::Date;
use platform::{
    App, uk,
    web::{
        shell::{Shell, render},
        show,
    },
};

use crate::regime::{Duty, Regime, regimes};

#[derive(Template)]
#[template(path = "regime/regimes.html")]
struct RegimesPage {
    shell: Shell,
    country: String,
    rows: Vec<Row>,
}

/// A regime, and how it stands here today.
struct Row {
    regime: &'static Regime,
    in_force: bool,
    starts: Option<Date>,
}

impl RegimesPage {
    fn day(&self, day: &Date) -> String {
        show::date(*day, self.shell.language)
    }

    /// From when it is in force, in words.
    fn since(&self, row: &Row) -> String {
        match row.starts {
            None => "Not in force: switched off until the service’s keeper sets its first day".to_owned(),
            Some(first) => self.day(&first),
        }
    }

    /// Whom it concerns.
    fn kinds(&self, row: &Row) -> String {
        let conditional = row.regime.kinds_if.iter();
        let mut parts: Vec<_> =
            conditional.map(|(kinds, only)| format!("{}. {only}", kinds.in_words())).collect();
        let plain = row.regime.kinds.in_words();
        if !plain.is_empty() {
            parts.insert(0, plain);
        }
        parts.join("\n")
    }

    fn within(&self, duty: &Duty, regime: &Regime) -> String {
        let after = duty.after.as_deref().and_then(|after| regime.duty(after));
        match after {
            Some(after) => format!("{} from the report “{}”", duty.offset.in_words(), after.name),
            None => duty.offset.in_words(),
        }
    }

    /// Whether it holds in the country of this service.
    fn is_here(&self, row: &Row) -> bool {
        row.regime.countries.contains(&self.country)
    }

    fn countries(&self, row: &Row) -> String {
        row.regime.countries.join(", ")
    }
}

pub(super) async fn show(State(app): State<App>, shell: Shell) -> Response {
    let settings = &app.settings.regulators;
    let today = uk::day(shell.now);
    let mut rows: Vec<Row> = regimes()
        .iter()
        .map(|regime| Row {
            regime,
            in_force: regime.is_in_force(settings, today),
            starts: regime.starts(settings),
        })
        .collect();
    let country = settings.country.clone();
    // Those of this country first.
    rows.sort_by_key(|row| !row.regime.countries.contains(&country));
    render(StatusCode::OK, &RegimesPage { shell, country, rows })
}

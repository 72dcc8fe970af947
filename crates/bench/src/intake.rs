//! Taking in CISA's catalogue, beside parsing it alone.

use std::io::Cursor;

use broadcast::{source::Source, threat};
use platform::{Actor, App};

use crate::table::{Table, now, rate};

const KEV: &[u8] = include_bytes!("../../../data/broadcast/kev/known_exploited_vulnerabilities.json");

/// Measures it.
pub async fn measure(app: &App, table: &mut Table) -> anyhow::Result<()> {
    let begun = now();
    let parsed = formats::kev::read(Cursor::new(KEV)).count() as u64;
    let alone = rate(parsed, begun.elapsed());
    let actor = Actor::Job("bench");
    let begun = now();
    let report =
        threat::intake::take_in(app, &actor, Source::Kev, Cursor::new(KEV), "kev.json", |_| {}).await?;
    table.row("KEV import, all new", rate(report.new, begun.elapsed()), &format!("parsing alone: {alone}"));
    let begun = now();
    let report =
        threat::intake::take_in(app, &actor, Source::Kev, Cursor::new(KEV), "kev.json", |_| {}).await?;
    table.row(
        "KEV import, all the same",
        rate(report.same, begun.elapsed()),
        &format!("parsing alone: {alone}"),
    );
    Ok(())
}

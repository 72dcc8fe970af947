//! Correlation of a new observable against as many as can be filled in: one look into one index, however many others
//! there are. `CARECERT_BENCH_OBSERVABLES` fills in another number; each takes some 300 bytes on the disk, so that the
//! fifty million that are asked for want 16 GB in the folder of temporary files (`TMPDIR`).

use db::{Db, Engine, params, sql};
use platform::{Actor, App, access::Role};
use react::{
    case::Zone,
    incident::IncidentId,
    observable,
    report::{
        Facts, Seen, Way,
        actions::{self, Sender},
    },
};

use crate::{
    publish,
    table::{Table, now, rate, shown},
};

/// Filled in where no other number is given: what a disk has room for that others use too.
const OBSERVABLES: u64 = 10_000_000;
/// Of an incident, as the statements have it too.
const EACH: u64 = 500;
/// Made by one statement.
const AT_ONCE: usize = 250_000;
const LOOKS: usize = 200;

/// Measures it.
pub async fn measure(app: &App, table: &mut Table) -> anyhow::Result<()> {
    let wanted: u64 = match std::env::var("CARECERT_BENCH_OBSERVABLES") {
        Ok(number) => number.parse()?,
        Err(_) => OBSERVABLES,
    };
    let begun = now();
    fill(app, wanted).await?;
    let gigabytes = on_disk(app)? / 1_000_000_000;
    let filled = format!("{}, {gigabytes} GB", rate(wanted, begun.elapsed()));
    table.row(&format!("{wanted} observables filled in"), filled, "none set");
    let analyst = publish::actor(app, Role::Analyst, "correlation").await?;
    let mut tx = app.write().await?;
    let form = tx.id();
    let facts = Facts { seen: vec![Seen::FilesLocked], ..Facts::default() };
    let sender = Sender::Unknown { organisation: None };
    let sent = actions::take(&mut tx, &Actor::Anyone, form, Way::Phone, sender, &facts).await?;
    // Vouched for, so that it is compared.
    let vouched = sql!("UPDATE incident SET standing = 'session', apart = FALSE WHERE id = ?1");
    tx.run(vouched, params![sent.incident]).await?;
    tx.commit().await?;
    for (what, known) in [("a new one that nobody has", false), ("one that another has too", true)] {
        let (mut times, mut statements) = (Vec::new(), 0);
        for place in 0..LOOKS {
            let hash = format!("{:064x}", if known { 1_000_000_007 } else { 7 } + place as u128 * 31);
            if known {
                had_by_another(app, &analyst, &hash).await?;
            }
            let mut tx = app.write().await?;
            let (before, begun) = (app.db.statements(), now());
            observable::actions::enter(&mut tx, &analyst, sent.incident, Zone::Shared, &hash).await?;
            times.push(begun.elapsed());
            statements = statements.max(app.db.statements() - before);
            tx.commit().await?;
        }
        times.sort_unstable();
        let (p50, p99) = (times[LOOKS / 2], times[LOOKS * 99 / 100]);
        let figure = format!("p50 {}, p99 {}, {statements} statements", shown(p50), shown(p99));
        table.row(&format!("{what}, found, kept and compared with {wanted}"), figure, "5 ms");
    }
    Ok(())
}

/// Another incident that has this hash.
async fn had_by_another(app: &App, by: &Actor, hash: &str) -> anyhow::Result<()> {
    let first = sql!("SELECT incident_id FROM observable ORDER BY added_at LIMIT 1");
    let mut tx = app.write().await?;
    let (incident,): (IncidentId,) = tx.one(first, params![]).await?;
    observable::actions::enter(&mut tx, by, incident, Zone::Shared, hash).await?;
    tx.commit().await?;
    Ok(())
}

/// How large the database is where it is a file, in bytes; 0 for a server's.
fn on_disk(app: &App) -> anyhow::Result<u64> {
    Ok(match &app.db {
        Db::Sqlite(engine) => std::fs::metadata(engine.path())?.len(),
        Db::Postgres(_) => 0,
    })
}

/// Incidents with observables, by statements that make many at once. The hashes begin with a number that grows: so the
/// index over them is written from its beginning to its end, in minutes, where hashes in no order would read and write it
/// all over for hours. What is asked afterwards lies anywhere in it, and it is as deep.
async fn fill(app: &App, wanted: u64) -> anyhow::Result<()> {
    let mut tx = app.write().await?;
    let now = tx.now;
    let engine = tx.engine();
    let incidents = match engine {
        Engine::Sqlite => sql!(
            "INSERT INTO incident (id, receipt, standing, apart, state, opened_at, reason, words_kept, version)
             WITH RECURSIVE n (x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x + 1 < ?1)
             SELECT unhex(printf('%032x', x)),
                    'I-' || substr(replace(replace(printf('%08X', x), '0', 'G'), '1', 'H'), 1, 4) || '-'
                         || substr(replace(replace(printf('%08X', x), '0', 'G'), '1', 'H'), 5),
                    'session', FALSE, 'open', ?2, '', TRUE, 1
             FROM n"
        ),
        Engine::Postgres => sql!(
            "INSERT INTO incident (id, receipt, standing, apart, state, opened_at, reason, words_kept, version)
             SELECT CAST(lpad(to_hex(x), 32, '0') AS UUID),
                    'I-' || substr(translate(upper(lpad(to_hex(x), 8, '0')), '01', 'GH'), 1, 4) || '-'
                         || substr(translate(upper(lpad(to_hex(x), 8, '0')), '01', 'GH'), 5),
                    'session', FALSE, 'open', CAST(?2 AS BIGINT), '', TRUE, 1
             FROM generate_series(0, CAST(?1 AS BIGINT) - 1) n (x)"
        ),
    };
    tx.run(incidents, params![i64::try_from(wanted.div_ceil(EACH))?, now]).await?;
    tx.commit().await?;
    let observables = match engine {
        Engine::Sqlite => sql!(
            "INSERT INTO observable (id, incident_id, zone, kind, value, hash, origin, left_out, listed, added_at)
             WITH RECURSIVE n (x) AS (SELECT ?1 UNION ALL SELECT x + 1 FROM n WHERE x + 1 < ?2)
             SELECT unhex(printf('%032x', x)), unhex(printf('%032x', x / 500)), 'shared', 'ipv4-addr',
                    printf('%d', x), unhex(printf('%08x', (x << 32) / ?4) || hex(randomblob(28))), 'typed', '', '', ?3
             FROM n"
        ),
        Engine::Postgres => sql!(
            "INSERT INTO observable (id, incident_id, zone, kind, value, hash, origin, left_out, listed, added_at)
             SELECT CAST(lpad(to_hex(x), 32, '0') AS UUID), CAST(lpad(to_hex(x / 500), 32, '0') AS UUID), 'shared',
                    'ipv4-addr', CAST(x AS TEXT),
                    decode(lpad(to_hex((x << 32) / CAST(?4 AS BIGINT)), 8, '0'), 'hex')
                        || substr(sha256(CAST(CAST(x AS TEXT) AS BYTEA)), 1, 28),
                    'typed', '', '', CAST(?3 AS BIGINT)
             FROM generate_series(CAST(?1 AS BIGINT), CAST(?2 AS BIGINT) - 1) n (x)"
        ),
    };
    let all = i64::try_from(wanted)?;
    for from in (0..wanted).step_by(AT_ONCE) {
        let until = wanted.min(from + AT_ONCE as u64);
        let mut tx = app.write().await?;
        tx.run(observables, params![i64::try_from(from)?, i64::try_from(until)?, now, all]).await?;
        tx.commit().await?;
    }
    Ok(())
}

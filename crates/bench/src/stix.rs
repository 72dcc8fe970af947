//! A hundred thousand STIX objects taken in, beside reading them alone and beside SQLite alone.

use std::{io::Cursor, io::Read};

use broadcast::{source::Source, threat};
use formats::{
    gunzip::{Gunzip, Limits},
    stix::StixId,
};
use platform::{Actor, App};
use serde_json::Value as Json;

use crate::table::{Table, now, processor_time, rate, shown};

const ATTACK: &[u8] = include_bytes!("../../../data/broadcast/stix/ics-attack-18.1.json.gz");
const OBJECTS: u64 = 100_000;
/// As many in a commit as the intake has.
const TURN: usize = 512;

/// Measures it.
pub async fn measure(app: &App, table: &mut Table) -> anyhow::Result<()> {
    let bundles = bundles()?;
    let begun = now();
    let read = bundles.iter().map(|bundle| formats::stix::read(Cursor::new(bundle)).count() as u64).sum();
    let alone = rate(read, begun.elapsed());
    let (begun, processor) = (now(), processor_time());
    let bare = rate(insert(&bundles)?, begun.elapsed());
    let bare_processor = processor_time().saturating_sub(processor);
    let (begun, processor) = (now(), processor_time());
    let mut taken = 0;
    for bundle in bundles {
        let input = Cursor::new(bundle);
        let report =
            threat::intake::take_in(app, &Actor::Job("bench"), Source::Stix, input, "bundle.json", |_| {})
                .await?;
        taken += report.new;
    }
    anyhow::ensure!(taken == read, "{taken} of {read} objects were taken in");
    let (took, processor) = (begun.elapsed(), processor_time().saturating_sub(processor));
    let bare_processor = shown(bare_processor);
    let limit = format!(
        "half of the lower: reading alone {alone}, SQLite alone {bare} ({bare_processor} of processor)"
    );
    let figure = format!("{} ({} of processor)", rate(taken, took), shown(processor));
    table.row(&format!("{taken} STIX objects taken in"), figure, &limit);
    Ok(())
}

/// ATT&CK for ICS as often as it takes, each time with identifiers of its own.
fn bundles() -> anyhow::Result<Vec<Vec<u8>>> {
    let mut text = String::new();
    Gunzip::new(ATTACK, Limits { bytes: 1 << 28, ratio: 200 }).read_to_string(&mut text)?;
    let (mut bundles, mut objects) = (Vec::new(), 0);
    for copy in 0.. {
        if objects >= OBJECTS {
            break;
        }
        let mut bundle: Json = serde_json::from_str(&text)?;
        rename(&mut bundle, copy);
        objects += bundle["objects"].as_array().map_or(0, |objects| objects.len() as u64);
        bundles.push(serde_json::to_vec(&bundle)?);
    }
    Ok(bundles)
}

fn rename(value: &mut Json, copy: u32) {
    match value {
        Json::String(text) if text.parse::<StixId>().is_ok() => {
            text.replace_range(text.len() - 8.., &format!("{copy:08x}"));
        }
        Json::Array(values) => values.iter_mut().for_each(|value| rename(value, copy)),
        Json::Object(fields) => fields.values_mut().for_each(|value| rename(value, copy)),
        _ => {}
    }
}

/// Puts every object as it stands into one table of its own, read beforehand by serde alone.
fn insert(bundles: &[Vec<u8>]) -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let mut db = rusqlite::Connection::open(folder.path().join("bare.db"))?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE object (id TEXT NOT NULL, version TEXT NOT NULL, verbatim TEXT NOT NULL,
                              PRIMARY KEY (id, version)) WITHOUT ROWID, STRICT",
    )?;
    let mut inserted = 0;
    for bundle in bundles {
        let bundle: Json = serde_json::from_slice(bundle)?;
        for objects in bundle["objects"].as_array().into_iter().flat_map(|objects| objects.chunks(TURN)) {
            let tx = db.transaction()?;
            {
                let mut statement = tx.prepare_cached("INSERT INTO object VALUES (?1, ?2, ?3)")?;
                for object in objects {
                    let word = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
                    inserted += statement.execute((word("id"), word("modified"), object.to_string()))? as u64;
                }
            }
            tx.commit()?;
        }
    }
    Ok(inserted)
}

//! The list of threats over as many CVEs as there are, searched for words.

use std::{io::Cursor, io::Read, time::Duration};

use broadcast::{source::Source, threat};
use formats::gunzip::{Gunzip, Limits};
use platform::{Actor, App, access::Role, web};

use crate::{
    pages,
    table::{Table, now, rate, shown},
};

const RECORDS: &[u8] = include_bytes!("../../../data/broadcast/vulnrichment/cve-sample.jsonl.gz");
const CVES: u64 = 300_000;
/// As many searches as a hundred analysts make who type one every two seconds.
const A_SECOND: u32 = 50;
/// What analysts type: one rare word, a common one, two, the beginning of one, two that seldom meet, numbers,
/// nothing known.
const ASKED: [&str; 9] = [
    "citrix",
    "buffer",
    "remote+code",
    "micro",
    "windows+2012",
    "CVE-2024-1",
    "CVE-2012",
    "CVE-2017-0144",
    "zzyzx",
];

/// Measures it.
pub async fn measure(app: &App, table: &mut Table) -> anyhow::Result<()> {
    let begun = now();
    let mut taken = 0;
    let mut sample = String::new();
    Gunzip::new(RECORDS, Limits { bytes: 1 << 28, ratio: 200 }).read_to_string(&mut sample)?;
    for copy in 0.. {
        if taken >= CVES {
            break;
        }
        let input = Cursor::new(renamed(&sample, copy));
        let report =
            threat::intake::take_in(app, &Actor::Job("bench"), Source::Cve, input, "cve.jsonl", |_| {})
                .await?;
        anyhow::ensure!(report.new > 0, "no record was new");
        taken += report.new;
    }
    table.row(&format!("{taken} CVE records taken in"), rate(taken, begun.elapsed()), "none set");
    let router = web::router(app);
    let analyst = pages::signed_in(app, Role::Analyst, None).await?;
    let mut worst = (Duration::ZERO, "");
    for asked in ASKED {
        let path = format!("/threats?q={asked}");
        pages::ask(&router, &path, &analyst, A_SECOND).await?;
        let (p50, p99, failed) = pages::ask(&router, &path, &analyst, A_SECOND).await?;
        anyhow::ensure!(failed == 0, "{failed} requests for {path} failed");
        eprintln!("{asked}: p50 {}, p99 {}", shown(p50), shown(p99));
        worst = worst.max((p99, asked));
    }
    let what = format!("a search over {taken} CVEs, p99 at {A_SECOND}/s of the slowest, \"{}\"", worst.1);
    table.row(&what, shown(worst.0), "20 ms");
    Ok(())
}

/// The sample with other CVE numbers and other days: each copy has years of its own, and those of two copies lie
/// among each other.
fn renamed(sample: &str, copy: u32) -> Vec<u8> {
    let numbered = with_years(sample, "CVE-", |year| (year + 1_000 + copy * 40) % 10_000);
    with_years(&numbered, "\":\"", |year| if year < 3_000 { 1990 + (year + copy * 7) % 35 } else { year })
        .into_bytes()
}

/// The text with other years behind `before`.
fn with_years(text: &str, before: &str, other: impl Fn(u32) -> u32) -> String {
    let mut parts = text.split(before);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(before);
        let year = part.get(..5).and_then(|begin| begin.strip_suffix('-')).and_then(|year| year.parse().ok());
        match year {
            Some(year) => out.extend([&other(year).to_string(), &part[4..]]),
            None => out.push_str(part),
        }
    }
    out
}

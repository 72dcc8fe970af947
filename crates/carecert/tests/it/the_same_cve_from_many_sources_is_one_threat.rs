//! CISA's catalogue, CVE records and FIRST's scores meet in one threat, whatever order they come in;
//! every score stands beside the others with who gave it.

use broadcast::{
    source::Source,
    threat::{
        ThreatId, actions, intake,
        list::{self, Filter},
        store,
    },
};
use carecert::SERVICES;
use db::{params, sql};
use platform::{Actor, access::Role, import::Report};
use testkit::world::World;

use crate::furnished::{at_cert, said, threat};

const KEV: &[u8] = include_bytes!("../../../../data/broadcast/kev/known_exploited_vulnerabilities.json");
const RECORDS: &[u8] = include_bytes!("../../../../data/broadcast/vulnrichment/sample.jsonl");
const EPSS: &[u8] = include_bytes!("../../../../data/broadcast/epss/epss_kev_nvd.csv");

async fn take_in(world: &World, source: Source, bytes: impl Into<Vec<u8>>) -> Report {
    let input = std::io::Cursor::new(bytes.into());
    intake::take_in(&world.app, &Actor::Job("test"), source, input, "file", |_| {}).await.unwrap()
}

fn counts(report: &Report) -> (u64, u64, u64, u64) {
    (report.new, report.changed, report.same, report.refused)
}

async fn found(world: &World, cve: &str) -> Option<ThreatId> {
    store::threat_of(&mut world.app.read().await.unwrap(), cve.parse().unwrap()).await.unwrap()
}

/// A day of FIRST's, in its own layout.
fn day(date: &str, rows: &[(&str, &str)]) -> String {
    let rows: Vec<_> = rows.iter().map(|(cve, score)| format!("{cve},{score},0.5")).collect();
    let rows = rows.join("\n");
    format!("#model_version:v2025.03.14,score_date:{date}T00:00:00+0000\ncve,epss,percentile\n{rows}")
}

#[tokio::test]
async fn three_sources_are_one_threat_with_three_provenances() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let analyst = world.signed_in(ann).await;
    assert_eq!(counts(&take_in(&world, Source::Kev, KEV).await), (1404, 0, 0, 0));
    // One of the sixty is rejected, and no threat.
    for expected in [(59, 0, 0, 0), (0, 0, 59, 0)] {
        let report = take_in(&world, Source::Cve, RECORDS).await;
        assert_eq!((counts(&report), report.passed_over), (expected, 1), "one number was rejected");
    }
    assert_eq!(found(&world, "CVE-2024-47722").await, None);
    let scored = take_in(&world, Source::Epss, EPSS).await;
    assert_eq!((scored.new, scored.refused), (1556, 0));

    let id = found(&world, "CVE-2022-42475").await.unwrap();
    let mut snapshot = world.app.read().await.unwrap();
    let sources: Vec<_> =
        store::statements(&mut snapshot, id).await.unwrap().into_iter().map(|each| each.source).collect();
    assert_eq!(sources.len(), 2);
    drop(snapshot);
    let page = analyst.get(&format!("/threats/{id}")).await.body;
    for told in [
        "9.8 Critical, CVSS 3.1, as its vector yields; published as 9.3",
        "fortinet, the authority that gave the number",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "99.5\u{a0}%",
        "A score and its vector contradict each other",
        "CISA, known exploited vulnerabilities",
        "CVE record: fortinet",
        "What changed its place in the list",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }

    // Three scores side by side, and the rule that chose.
    let id = found(&world, "CVE-2024-3273").await.unwrap();
    let page = analyst.get(&format!("/threats/{id}")).await.body;
    for told in ["7.3 High, CVSS 3.1", "7.3 High, CVSS 3.0", "7.5 High, CVSS 2.0", "The headline is 7.3"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let list = analyst.get("/threats?q=CVE-2024-3273").await.body;
    assert!(list.contains("7.3") && list.contains("above 99.9\u{a0}%"), "{list}");
}

/// What the list is sorted by: the same whatever came first.
async fn order(world: &World) -> Vec<(String, i64, String)> {
    let mut snapshot = world.app.db.read_long().await.unwrap();
    let (mut order, mut after) = (Vec::new(), None);
    loop {
        let mut rows = list::list(&mut snapshot, &Filter::default(), after).await.unwrap();
        rows.truncate(50);
        let Some(last) = rows.last() else { break };
        after = Some((last.rank, last.dated.clone(), last.id));
        order.extend(rows.into_iter().map(|row| (row.dated, row.rank, row.title)));
    }
    order.sort_unstable();
    order
}

#[tokio::test]
async fn whatever_comes_first_the_picture_is_the_same() {
    let mut orders = Vec::new();
    for sources in [
        [(Source::Kev, KEV), (Source::Cve, RECORDS), (Source::Epss, EPSS)],
        [(Source::Epss, EPSS), (Source::Cve, RECORDS), (Source::Kev, KEV)],
    ] {
        let world = World::new(SERVICES).await;
        for (source, bytes) in sources {
            take_in(&world, source, bytes).await;
        }
        orders.push(order(&world).await);
    }
    assert!(orders[0].len() > 1404 && orders[0] == orders[1]);
}

#[tokio::test]
async fn a_threat_that_became_likely_is_judged_again_and_says_why() {
    let world = World::new(SERVICES).await;
    let (ann, analyst) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let id = threat(&world, &analyst, &said("A flaw", &["CVE-2026-0001"])).await;
    take_in(&world, Source::Epss, day("2026-05-30", &[("CVE-2026-0001", "0.02")])).await;
    let version = store::threat(&mut world.app.read().await.unwrap(), id).await.unwrap().unwrap().version;
    let mut tx = world.app.write().await.unwrap();
    actions::dismiss(&mut tx, &analyst, id, version, "Unlikely").await.unwrap();
    tx.commit().await.unwrap();
    let status =
        async || store::threat(&mut world.app.read().await.unwrap(), id).await.unwrap().unwrap().status;

    // A little more is noise; ten in a hundred is not.
    take_in(&world, Source::Epss, day("2026-05-31", &[("CVE-2026-0001", "0.09")])).await;
    assert_eq!(status().await.code(), "dismissed");
    let risen = take_in(&world, Source::Epss, day("2026-06-01", &[("CVE-2026-0001", "0.91")])).await;
    assert_eq!(counts(&risen), (0, 1, 0, 0));
    assert_eq!(status().await.code(), "new");
    let page = world.signed_in(ann).await.get(&format!("/threats/{id}")).await.body;
    assert!(
        page.contains("up, from Not yet decided (EPSS 9.0\u{a0}%) to Not yet decided (EPSS 91.0\u{a0}%)"),
        "{page}"
    );

    // A file of an earlier day comes late, and changes nothing.
    let late = take_in(&world, Source::Epss, day("2026-05-31", &[("CVE-2026-0001", "0.09")])).await;
    assert_eq!((counts(&late), late.passed_over), ((0, 0, 0, 0), 1));
    let reason = "The scores are of 2026-05-31, and scores of a later day, up to 2026-06-01, are known of 1 \
                  vulnerability: those stand as they are.";
    assert_eq!(late.remarks[0].reason, reason);
    let undated = "cve,epss,percentile\nCVE-2026-0001,0.09,0.5\n";
    let late = take_in(&world, Source::Epss, undated).await;
    assert_eq!((counts(&late), late.passed_over), ((0, 0, 0, 0), 1));
    assert!(late.remarks[0].reason.starts_with("The file does not say of which day"), "{:?}", late.remarks);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_its_place() {
    let world = World::new(SERVICES).await;
    let broken =
        day("2026-06-01", &[("CVE-2026-0001", "1.5"), ("CVE-2026-0002", "0.5"), ("EternalBlue", "0.5")]);
    let report = take_in(&world, Source::Epss, broken).await;
    assert_eq!(counts(&report), (1, 0, 0, 2));
    assert_eq!(report.refusals.iter().map(|refusal| refusal.line).collect::<Vec<_>>(), [3, 5]);
    let mut records = RECORDS.to_vec();
    records.truncate(records.len() / 2);
    let report = take_in(&world, Source::Cve, records).await;
    assert!(report.new > 10 && report.refused == 1, "{:?}", counts(&report));
    for source in [Source::Cve, Source::Epss, Source::Kev] {
        let report = take_in(&world, source, b"\x1f\x8b not gzip at all".to_vec()).await;
        assert!(report.new == 0 && report.refused == 1, "{source:?}");
    }
}

const NEWS: &str = r#"<?xml version="1.0"?><rss version="2.0"><channel><title>Sector news</title>
<link>https://news.example/</link>
<item><guid>1</guid><title>Gateways under attack</title><link>https://news.example/1</link>
<pubDate>Mon, 12 Dec 2022 10:00:00 GMT</pubDate>
<description>&lt;p&gt;CVE-2022-42475 &amp;amp; CVE-2023-34048&lt;script&gt;alert(1)&lt;/script&gt;&lt;/p&gt;</description></item>
<item><guid>2</guid><title>Nothing in particular</title></item></channel></rss>"#;

#[tokio::test]
async fn news_leads_to_the_threats_that_it_names() {
    let world = World::new(SERVICES).await;
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    take_in(&world, Source::Kev, KEV).await;
    assert_eq!(counts(&take_in(&world, Source::News, NEWS).await), (2, 0, 0, 0));
    assert_eq!(counts(&take_in(&world, Source::News, NEWS).await), (0, 0, 2, 0));
    // Of the one no date is told; a date that nobody can read is none either.
    let undated = sql!("SELECT CAST(count(*) AS BIGINT) FROM threat_statement WHERE flags = 'undated'");
    let count = async || world.app.read().await.unwrap().one::<(i64,)>(undated, params![]).await.unwrap().0;
    let before = count().await;
    let unread = NEWS.replace("<guid>2</guid>", "<guid>3</guid><pubDate>the other day</pubDate>");
    take_in(&world, Source::News, unread).await;
    assert_eq!((before, count().await), (1, 2));
    let analyst = world.signed_in(ann).await;
    let list = analyst.get("/threats?kind=report").await.body;
    assert!(list.contains("Nothing in particular"), "{list}");
    // Both ways, and the entry is no part of either vulnerability.
    let link = list.split("href=\"").find(|part| part.contains(">Gateways under attack</a>")).unwrap();
    let report = analyst.get(link.split('"').next().unwrap()).await.body;
    let id = found(&world, "CVE-2022-42475").await.unwrap();
    assert!(report.contains(&format!("/threats/{id}")), "{report}");
    assert!(report.contains("Sector news") && !report.contains("<script>alert"), "{report}");
    assert!(analyst.get(&format!("/threats/{id}")).await.body.contains("Gateways under attack"));
    // An entry that was changed takes the place of what it said.
    let changed =
        take_in(&world, Source::News, NEWS.replace("Nothing in particular", "Something after all")).await;
    assert_eq!(counts(&changed), (0, 1, 1, 0));
    // What it no longer names it no longer leads to.
    take_in(&world, Source::News, NEWS.replace("CVE-2022-42475 &amp;amp; ", "")).await;
    assert!(!analyst.get(&format!("/threats/{id}")).await.body.contains("Gateways under attack"));
    assert_eq!(counts(&take_in(&world, Source::News, "<html>").await).3, 1);
}

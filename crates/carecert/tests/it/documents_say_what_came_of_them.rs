//! A document's page says what came of taking it in, whatever its format: what was refused and why, and what it
//! says of threats. The same words in another layout are the same.

use broadcast::{source::Source, threat::intake};
use carecert::SERVICES;
use db::{params, sql};
use platform::{Actor, access::Role, import::Report};
use serde_json::{Value, json};
use testkit::world::{Client, World};

const KEV: &[u8] = include_bytes!("../../../../data/broadcast/kev/known_exploited_vulnerabilities.json");

async fn take_in(world: &World, source: Source, bytes: impl Into<Vec<u8>>, file: &str) -> Report {
    let input = std::io::Cursor::new(bytes.into());
    intake::take_in(&world.app, &Actor::Job("import"), source, input, file, |_| {}).await.unwrap()
}

fn catalogue(count: usize) -> Value {
    let mut catalogue: Value = serde_json::from_slice(KEV).unwrap();
    catalogue["vulnerabilities"].as_array_mut().unwrap().truncate(count);
    catalogue["count"] = json!(count);
    catalogue
}

/// The page of the document of this name.
async fn page(world: &World, reader: &Client<'_>, name: &str) -> String {
    let statement = sql!("SELECT id FROM source_document WHERE name = ?1");
    let (id,): (broadcast::source::DocumentId,) =
        world.app.read().await.unwrap().one(statement, params![name]).await.unwrap();
    reader.get(&format!("/sources/documents/{id}")).await.body
}

#[tokio::test]
async fn what_was_refused_of_a_file_is_told_on_its_page_and_in_the_list() {
    let world = World::new(SERVICES).await;
    let mut kev = catalogue(60);
    kev["vulnerabilities"][7]["dueDate"] = json!("soon");
    take_in(&world, Source::Kev, kev.to_string(), "/srv/inbox/kev.json").await;
    let scores = "#model_version:v2025.03.14,score_date:2026-06-01T00:00:00+0000\ncve,epss,percentile\n\
                  CVE-2026-0001,0.1,0.5\nCVE-2026-0002,1.5,0.5\n";
    take_in(&world, Source::Epss, scores, "scores.csv").await;
    let bundle = r#"{"type": "bundle", "objects": [42, {"type": "tool", "spec_version": "2.1",
        "id": "tool--00000000-0000-4000-8000-000000000001", "created": "2026-01-01T00:00:00Z",
        "modified": "2026-01-01T00:00:00Z", "name": "Probe"}]}"#;
    take_in(&world, Source::Stix, bundle, "C:\\inbox\\tools.json").await;

    let analyst = world.signed_in(world.person("Amy Alyst", Role::Analyst, None).await).await;
    let shown = page(&world, &analyst, "kev.json").await;
    assert!(shown.contains("59 new, 1 refused") && shown.contains("dueDate"), "{shown}");
    assert!(!shown.contains("/srv/inbox"), "where it lay says something of a machine: {shown}");
    assert_eq!(shown.matches("href=\"/threats/0").count(), 50, "a page of them: {shown}");
    assert!(shown.contains("?after="), "{shown}");
    assert!(page(&world, &analyst, "scores.csv").await.contains("1 new, 1 refused"));
    let shown = page(&world, &analyst, "tools.json").await;
    assert!(shown.contains("There is the number “42”, where an object should be."), "{shown}");
    let list = analyst.get("/sources/documents").await.body;
    assert_eq!(list.matches("Refused: 1").count(), 3, "{list}");
}

#[tokio::test]
async fn the_same_entries_in_another_layout_are_the_same() {
    let world = World::new(SERVICES).await;
    let catalogue = catalogue(20);
    assert_eq!(take_in(&world, Source::Kev, catalogue.to_string(), "a.json").await.new, 20);
    let laid_out = serde_json::to_string_pretty(&catalogue).unwrap();
    let again = take_in(&world, Source::Kev, laid_out, "b.json").await;
    assert_eq!((again.new, again.changed, again.same), (0, 0, 20));
    // A word more is a change, in whatever layout, though nothing that is shown changes by it.
    let mut more = catalogue.clone();
    more["vulnerabilities"][3]["x"] = json!(1);
    let more = serde_json::to_string_pretty(&more).unwrap();
    let again = take_in(&world, Source::Kev, more, "c.json").await;
    assert_eq!((again.changed, again.same), (1, 19));
    let statement = sql!("SELECT count(*) FROM threat_statement WHERE superseded_at IS NOT NULL");
    let (superseded,): (i64,) = world.app.read().await.unwrap().one(statement, params![]).await.unwrap();
    assert_eq!(superseded, 1);
}

//! Every object of a STIX bundle has a page, whether it is a threat or not: what it is, how it has to do with others both
//! ways, and its own words.

use broadcast::{source::DocumentId, threat::ThreatId};
use carecert::SERVICES;
use db::{params, sql};
use platform::access::Role;
use serde_json::json;
use testkit::world::World;

use crate::{
    bundles_are_kept_and_related::{bundle, id, object, take_in},
    furnished::at_cert,
};

const POISON_IVY: &[u8] = include_bytes!("../../../../data/broadcast/stix/examples/poisonivy.json");
const RED: &str = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
const COURSE: &str = "course-of-action--70b3d5f6-374b-4488-8688-729b6eedac5b";

#[tokio::test]
async fn what_is_no_threat_is_found_by_its_document_and_by_what_it_has_to_do_with() {
    let world = World::new(SERVICES).await;
    assert_eq!(take_in(&world, POISON_IVY).await.refused, 0);
    let mut snapshot = world.app.read().await.unwrap();
    let statement = sql!("SELECT id FROM source_document");
    let (document,): (DocumentId,) = snapshot.one(statement, params![]).await.unwrap();
    let statement = sql!(
        "SELECT s.threat_id, r.name FROM stix_relation r
         JOIN threat_statement s ON s.source_key = r.target WHERE r.source = ?1 ORDER BY r.target LIMIT 1"
    );
    let (threat, how): (ThreatId, String) = snapshot.one(statement, params![COURSE]).await.unwrap();
    drop(snapshot);
    assert_eq!(how, "mitigates");
    let (ann, _) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let ann = world.signed_in(ann).await;

    let objects = format!("/threats/objects?document={document}");
    let page = ann.get(&format!("/sources/documents/{document}")).await.body;
    assert!(page.contains(&format!("href=\"{objects}\"")), "{page}");
    // All of them, in pages, each once; relationships stand on the pages of both ends.
    let (mut found, mut next) = (Vec::new(), objects.clone());
    loop {
        let page = ann.get(&next).await.body;
        let addresses = page.split("href=\"/threats/objects/").skip(1);
        found.extend(addresses.map(|rest| rest.split('"').next().unwrap().to_owned()));
        let Some((before, _)) = page.split_once("\" rel=\"next\"") else { break };
        next = before.rsplit("href=\"").next().unwrap().replace("&#38;", "&");
    }
    let statement = sql!("SELECT object FROM stix_object WHERE kind <> 'relationship' ORDER BY object");
    let kept: Vec<(String,)> = world.app.read().await.unwrap().all(statement, params![]).await.unwrap();
    assert_eq!(found, kept.into_iter().map(|(object,)| object).collect::<Vec<_>>());
    assert!(found.len() > 50, "more than a page: {}", found.len());
    let courses = ann.get(&format!("{objects}&kind=course-of-action")).await.body;
    assert!(courses.contains(COURSE) && !courses.contains("objects/malware--"), "{courses}");

    let course = ann.get(&format!("/threats/objects/{COURSE}")).await;
    assert_eq!(course.status, 200);
    for told in
        ["STIX object: course of action", "Mitigates", &format!("/threats/{threat}\""), "&#34;id&#34;: "]
    {
        assert!(course.body.contains(told), "{told} in {}", course.body);
    }
    let page = ann.get(&format!("/threats/{threat}")).await.body;
    assert!(page.contains(&format!("/threats/objects/{COURSE}")), "{page}");
    // Seen from the other end, whatever the letters of its name.
    let identity = "identity--81cade27-7df8-4730-836b-62d880e6d9d3";
    let answer = ann
        .get(&format!("/threats/objects/{}?way=in", identity.to_uppercase().replace("IDENTITY", "identity")))
        .await;
    assert!(answer.status == 200 && answer.body.contains("What this leads to"), "{}", answer.body);
    for nothing in ["tool--00000000-0000-4000-8000-000000000001", "nonsense"] {
        assert_eq!(ann.get(&format!("/threats/objects/{nothing}")).await.status, 404, "{nothing}");
    }
}

#[tokio::test]
async fn a_machine_reads_an_object_unless_it_is_for_people_alone() {
    let world = World::new(SERVICES).await;
    let red = json!({"name": "Told in person", "object_marking_refs": [RED]});
    let objects = [
        object("tool", 1, 1, json!({"name": "Remote desk"})),
        object("course-of-action", 2, 1, json!({"name": "Ask for two factors"})),
        object("identity", 3, 1, red),
        object(
            "relationship",
            4,
            1,
            json!({
                "relationship_type": "mitigates", "source_ref": id("course-of-action", 2), "target_ref": id("tool", 1)
            }),
        ),
        object(
            "relationship",
            5,
            1,
            json!({
                "relationship_type": "targets", "source_ref": id("tool", 1), "target_ref": id("identity", 3)
            }),
        ),
    ];
    assert_eq!(take_in(&world, bundle(&objects)).await.refused, 0);
    let machine = world.machine(&world.cert_key("threats:read").await);
    let tool = format!("/api/v1/cert/objects/{}", id("tool", 1));
    let out = machine.get(&tool).await.json();
    assert!(
        out["said"]["verbatim"].as_str().unwrap().contains("Remote desk") && out["threat"].is_string(),
        "{out}"
    );
    assert_eq!(out["said"]["relations"], json!([]), "not even the name of what is for people alone");
    let back = machine.get(&format!("{tool}?way=in")).await.json();
    let expected = json!([{
        "relation": "mitigates", "object": id("course-of-action", 2), "name": "Ask for two factors", "number": "",
        "threat": null
    }]);
    assert_eq!(back["said"]["relations"], expected);
    let person = machine.get(&format!("/api/v1/cert/objects/{}", id("identity", 3))).await;
    assert!(person.status == 200 && person.json()["said"].is_null(), "{}", person.body);
    assert!(!person.body.contains("Told in person"));
    for (path, status) in [("nonsense", 404), ("tool--1", 404), (&*format!("{}?after=x", id("tool", 1)), 422)]
    {
        assert_eq!(machine.get(&format!("/api/v1/cert/objects/{path}")).await.status, status, "{path}");
    }
}

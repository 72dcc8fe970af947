//! Every object of a STIX bundle has a page, whether it is a threat or not: what it is, how it has to do with others both
//! ways, and its own words.

use broadcast::{source::DocumentId, threat::ThreatId};
use carecert::SERVICES;
use db::{params, sql};
use platform::access::Role;
use testkit::world::World;

use crate::{bundles_are_kept_and_related::take_in, furnished::at_cert};

const POISON_IVY: &[u8] = include_bytes!("../../../../data/broadcast/stix/examples/poisonivy.json");
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
    for nothing in ["tool--00000000-0000-4000-8000-000000000001", "nonsense", "%00"] {
        assert_eq!(ann.get(&format!("/threats/objects/{nothing}")).await.status, 404, "{nothing}");
    }
}

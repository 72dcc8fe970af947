//! Relations, versions and markings, in the bundles of OASIS and MITRE and in small ones.

use super::super::tests::{ATTACK, bundle, objects, written};
use super::super::{Attack, Rest, read};
use super::*;
use crate::Tlp;

fn index(bundle: &[u8]) -> Index {
    let mut index = Index::new();
    for object in objects(bundle) {
        assert_eq!(index.keep(object), Ok(Kept::New));
    }
    index
}

fn id(text: &str) -> StixId {
    text.parse().unwrap()
}

fn tool(number: u32) -> StixId {
    id(&format!("tool--00000000-0000-4000-8000-{number:012}"))
}

const APT1: &[u8] = include_bytes!("../../../../../data/broadcast/stix/examples/apt1.json");
const ALONE: &[u8] =
    include_bytes!("../../../../../data/broadcast/stix/examples/interop-objectmarking-test.json");
const INFRASTRUCTURE: &[u8] =
    include_bytes!("../../../../../data/broadcast/stix/examples/infrastructure.json");

#[test]
fn references_are_counted_and_what_is_missing_is_told() {
    let attack = index(&ATTACK);
    let resolution = attack.resolution();
    assert_eq!((resolution.resolved, resolution.unresolved), (8312, 0));
    assert_eq!(index(APT1).resolution().resolved, 135);
    let alone = index(ALONE);
    let resolution = alone.resolution();
    assert_eq!((resolution.resolved, resolution.unresolved), (1, 2));
    let missing: Vec<String> = resolution.missing.keys().map(ToString::to_string).collect();
    assert_eq!(
        missing,
        [
            "identity--f431f809-377b-45e0-aa1c-6a4751cae5ff",
            "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ec"
        ]
    );
}

#[test]
fn relations_are_told_both_ways() {
    let infrastructure = index(INFRASTRUCTURE);
    let told = |of: &str| -> Vec<String> {
        let relations = infrastructure.relations(&id(of));
        let shown = |relation: &Relation<'_>| {
            let name = relation.object.and_then(StixObject::name).unwrap_or_default();
            format!("{:?} {} {name}", relation.direction, relation.name)
        };
        relations.iter().map(shown).collect()
    };
    assert_eq!(
        told("infrastructure--38c47d93-d984-4fd9-b87b-d69d0841628d"),
        ["Out controls Poison Ivy", "Out consists-of "]
    );
    assert_eq!(told("malware--16f4f3f9-1b68-4abb-bb66-7639d49f1e30"), ["In controls Poison Ivy C2"]);
    // An identifier in capitals names the same object.
    let relationship = id("relationship--81f12913-1372-4c96-85ec-E9034ac98aba");
    assert_eq!(infrastructure.relations(&relationship).len(), 2);
    assert!(infrastructure.relations(&tool(1)).is_empty());
}

#[test]
fn what_a_property_names_is_a_relation_too() {
    let mut index = Index::new();
    let note =
        written("note", 1, r#""content":"c","object_refs":["tool--00000000-0000-4000-8000-000000000001"]"#);
    let loops = written(
        "relationship",
        1,
        r#""relationship_type":"related-to","source_ref":"tool--00000000-0000-4000-8000-000000000001","target_ref":"tool--00000000-0000-4000-8000-000000000001""#,
    );
    for object in objects(bundle(&[note, loops]).as_bytes()) {
        index.keep(object).unwrap();
    }
    // The tool itself was never read.
    let relations = index.relations(&tool(1));
    let told: Vec<_> = relations.iter().map(|r| (r.name, r.direction, r.through.is_some())).collect();
    assert_eq!(
        told,
        [
            ("object_refs", Direction::In, false),
            ("related-to", Direction::Out, true),
            ("related-to", Direction::In, true)
        ]
    );
    assert_eq!(index.resolution().missing.get(&tool(1)), Some(&3));
}

#[test]
fn the_newest_version_wins_in_whatever_order_they_come() {
    let version = |modified: &str, name: &str, author: u32| {
        let more =
            format!(r#""name":"{name}","created_by_ref":"identity--00000000-0000-4000-8000-{author:012}""#);
        let text = written("tool", 1, &more);
        let text =
            text.replace("\"modified\":\"2016-05-12T08:17:27Z\"", &format!("\"modified\":\"{modified}\""));
        objects(text.as_bytes()).pop().unwrap()
    };
    let mut index = Index::new();
    for (modified, name, author, kept) in [
        ("2017-01-01T00:00:00Z", "second", 1, Kept::New),
        ("2016-06-01T00:00:00.000Z", "first", 2, Kept::Older),
        ("2018-01-01T00:00:00Z", "third", 3, Kept::Newer),
        ("2018-01-01T00:00:00.000Z", "other", 3, Kept::Contradicts),
        ("2016-06-01T00:00:00.000Z", "first", 2, Kept::Same),
        ("2018-01-01T00:00:00.001Z", "fourth", 1, Kept::Newer),
    ] {
        assert_eq!(index.keep(version(modified, name, author)), Ok(kept), "{name}");
    }
    assert_eq!(index.len(), 1);
    assert_eq!(index.get(&tool(1)).unwrap().name().as_deref(), Some("fourth"));
    let older: Vec<_> = index.older(&tool(1)).map(|object| object.name().unwrap()).collect();
    assert_eq!(older, ["third", "second", "first"]);
    // Only the newest version's references count, and each once.
    let author = |number: u32| id(&format!("identity--00000000-0000-4000-8000-{number:012}"));
    assert_eq!(index.relations(&author(1)).len(), 1);
    assert!(index.relations(&author(2)).is_empty() && index.relations(&author(3)).is_empty());
    assert_eq!(index.resolution().unresolved, 1);
}

#[test]
fn what_was_said_twice_in_other_spacing_is_the_same() {
    let twice = |first: &str, second: &str| {
        let mut index = Index::new();
        index.keep(objects(first.as_bytes()).pop().unwrap()).unwrap();
        index.keep(objects(second.as_bytes()).pop().unwrap())
    };
    let spaced = |text: &str| text.replace("\":", "\" : ").replace(",\"", "\n,\t\"");
    let text = written("tool", 1, r#""name":"a \" : b","x_last":1"#);
    assert_eq!(twice(&text, &spaced(&text)), Ok(Kept::Same));
    let turned = text.replace(r#","x_last":1"#, "").replacen('{', r#"{"x_last":1,"#, 1);
    assert_eq!(twice(&text, &turned), Ok(Kept::Same));
    assert_eq!(twice(&text, &text.replace("a \\\"", "a  \\\"")), Ok(Kept::Contradicts));
    let long = text.replace("\"x_last\":1", &format!("\"x_last\":\"{}\"", "x \\\" ".repeat(100_000)));
    assert_eq!(twice(&long, &spaced(&long)), Ok(Kept::Same));
    assert_eq!(twice(&long, &long.replacen("x ", "x", 1)), Ok(Kept::Contradicts));
}

#[test]
fn an_index_is_full_at_some_point() {
    let tools: Vec<String> = (0..4).map(|number| written("tool", number, r#""name":"n""#)).collect();
    let read = || read(bundle(&tools).into_bytes().leak() as &[u8]).map(Result::unwrap);
    let mut few = Index::of_at_most(3, 1_000_000);
    let kept: Vec<_> = read().map(|object| few.keep(object)).collect();
    assert_eq!(kept, [Ok(Kept::New), Ok(Kept::New), Ok(Kept::New), Err(Full)]);
    assert_eq!(few.len(), 3);
    let mut short = Index::of_at_most(100, 400);
    assert_eq!(read().filter(|object| short.keep(object.clone()).is_ok()).count(), 2);
    // What is held already needs no room.
    assert_eq!(few.keep(read().next().unwrap()), Ok(Kept::Same));
}

#[test]
fn markings_are_resolved_and_unknown_ones_told() {
    let alone = index(ALONE);
    let object = alone.objects().next().unwrap();
    let marking = alone.marking(object);
    assert_eq!(marking.tlp, Some(Tlp::Red));
    assert_eq!(marking.unknown, [&id("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ec")]);
    assert!(marking.certain().unwrap_err().to_string().contains("cannot be read"));
    let attack = index(&ATTACK);
    let technique = attack.objects().find(|object| object.id.kind() == "attack-pattern").unwrap();
    let marking = attack.marking(technique);
    assert_eq!(marking.certain(), Ok(None));
    assert!(marking.statements[0].starts_with("Copyright 2015-2025, The MITRE Corporation."));
}

#[test]
fn the_narrowest_of_several_markings_holds_those_of_parts_included() {
    for (ids, tlp) in [
        ("613f2e26-407d-48c7-9eca-b8e91df99dc9", Tlp::Clear),
        ("34098fce-860f-48ae-8e50-ebd3cc5e41da", Tlp::Green),
        ("f88d31f6-486f-44da-b317-01333bde0b82", Tlp::Amber),
        ("5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp::Red),
        ("94868c89-83c2-464b-929b-a1a8aa3c8487", Tlp::Clear),
        ("bab4a63c-aed9-4cf5-a766-dfca5abac2bb", Tlp::Green),
        ("55d920b0-5e8b-4f79-9ee9-91f868d9b421", Tlp::Amber),
        ("939a9414-2ddd-4d32-a0cd-375ea402b003", Tlp::AmberStrict),
        ("e828b379-4e03-4974-9ac4-e53a884c97c1", Tlp::Red),
    ] {
        let clear = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487";
        let marked = format!(r#""name":"n","object_marking_refs":["{clear}","marking-definition--{ids}"]"#);
        let part = format!(
            r#""name":"n","object_marking_refs":["{clear}"],"granular_markings":[{{"lang":"en","selectors":["name"]}},{{"marking_ref":"marking-definition--{ids}","selectors":["name"]}}]"#
        );
        let narrow_first =
            format!(r#""name":"n","object_marking_refs":["marking-definition--{ids}","{clear}"]"#);
        for more in [marked, narrow_first, part] {
            let index = index(written("tool", 1, &more).as_bytes());
            let object = index.objects().next().unwrap();
            assert_eq!(index.marking(object).certain(), Ok(Some(tlp)), "{more}");
        }
    }
}

#[test]
fn attack_is_told_by_numbers() {
    let index = index(&ATTACK);
    let attack = Attack::of(&index);
    assert_eq!(attack.techniques().count(), 83);
    assert_eq!(attack.tactics().len(), 12);
    assert_eq!((attack.groups().len(), attack.software().len()), (14, 23));
    let numbers = |items: Vec<super::super::AttackItem<'_>>| {
        let mut numbers: Vec<String> = items.iter().map(|item| item.number.to_owned()).collect();
        numbers.sort();
        numbers
    };
    let accounts = attack.technique("T0859").unwrap();
    assert_eq!(accounts.name, "Valid Accounts");
    assert_eq!(accounts.tactics, ["persistence", "lateral-movement"]);
    assert_eq!(numbers(attack.tactics_of(&accounts)), ["TA0109", "TA0110"]);
    let id = &accounts.object.id;
    assert_eq!(numbers(attack.groups_using(id)), ["G0049", "G1000"]);
    assert_eq!(numbers(attack.campaigns_using(id)), ["C0025", "C0028", "C0030"]);
    assert_eq!(numbers(attack.software_using(id)), ["S0089", "S1045"]);
    assert_eq!(
        numbers(attack.mitigations(id)),
        ["M0801", "M0913", "M0915", "M0918", "M0926", "M0927", "M0932", "M0936", "M0937", "M0947"]
    );
    assert_eq!(attack.assets_targeted(id).len(), 17);
    assert!(attack.software_used_by(id).is_empty() && attack.mitigations(&tool(1)).is_empty());
    assert!(attack.mitigations(id)[0].how.is_some());

    let sandworm = attack.groups_called("voodoo bear").pop().unwrap();
    assert_eq!((sandworm.number, &*sandworm.name), ("G0034", "Sandworm Team"));
    let used = attack.techniques_used_by(&sandworm.object.id);
    let mut used: Vec<_> = used.iter().map(|technique| technique.number).collect();
    used.sort_unstable();
    assert_eq!(used, ["T0807", "T0819", "T0884"]);
    assert_eq!(
        numbers(attack.software_used_by(&sandworm.object.id)),
        ["S0089", "S0368", "S0604", "S0606", "S0607", "S1010", "S1072"]
    );
}

#[test]
fn what_no_longer_holds_is_found_by_number_alone() {
    let index = index(&ATTACK);
    let attack = Attack::of(&index);
    let deprecated = attack.technique("T0850").unwrap();
    assert!(deprecated.object.is_deprecated());
    assert!(attack.techniques().all(|technique| technique.number != "T0850"));
    let revoked = id("intrusion-set--76d59913-1d24-4992-a8ac-05a3eb093f71");
    assert_eq!(attack.replacement(&revoked).unwrap().name().as_deref(), Some("Dragonfly"));
    assert!(attack.replacement(&deprecated.object.id).is_none());
    assert!(attack.technique("T9999").is_none());
}

#[test]
fn no_pattern_of_the_examples_is_unreadable() {
    let extracts = objects(APT1).into_iter().filter_map(|object| object.pattern());
    assert!(extracts.into_iter().all(|extract| extract.rest != Rest::Unreadable));
}

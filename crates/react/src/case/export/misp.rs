//! A case as an event of MISP, in its core format: attributes with types and categories of its own, and tags of the
//! taxonomies that everybody has.

use formats::{
    ObservableKind, misp,
    name_uuid::{hyphenated, name_uuid},
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{Seen, Taken, marking};
use crate::{
    case::Zone,
    incident::State,
    triage::{Priority, rsit},
};

/// The template of MISP's object of a file.
const FILE: (&str, &str) = ("688c46fb-5edb-40a3-8273-1af7923e2215", "25");
/// As far as the event goes.
const INHERIT: &str = "5";

/// The event.
pub(super) fn event(taken: &Taken) -> serde_json::Result<Vec<u8>> {
    let (mut attributes, mut objects) = (Vec::new(), Vec::new());
    for seen in &taken.observables {
        if seen.kind == ObservableKind::FilePath {
            objects.push(file(taken, seen));
        } else {
            attributes.extend(attribute(taken, seen));
        }
    }
    let mut reports = Vec::new();
    if taken.victim {
        attributes.push(json!({
            "uuid": uuid(taken, "victim"), "type": "target-org", "category": "Targeting data",
            "value": taken.incident.called(), "to_ids": false, "distribution": INHERIT, "comment": "",
            "timestamp": seconds(taken.incident.opened_at),
        }));
        reports.extend(timeline(taken));
    }
    let incident = &taken.incident;
    let mut tags = vec![tlp(taken.tlp())];
    let mut info = format!("Incident {}", incident.receipt);
    if let Some(kind) = &taken.kind {
        if let Some((class, each)) = kind.split_once(':') {
            tags.push(json!({"name": misp::tag("rsit", class, Some(each))}));
        }
        info = format!("{info}: {}", rsit::called(kind));
    }
    if taken.is_cut {
        info = format!("{info}. There is more: this holds the first {}", super::MOST);
    }
    let level = match taken.priority() {
        Some(Priority::P1 | Priority::P2) => "1",
        Some(Priority::P3) => "2",
        Some(Priority::P4) => "3",
        None => "4",
    };
    let analysis = match incident.state {
        State::Reported => "0",
        State::Open => "1",
        State::Closed | State::Joined => "2",
    };
    let maker = json!({"name": taken.maker, "uuid": hyphenated(name_uuid(taken.namespace, b"maker"))});
    serde_json::to_vec(&json!({"Event": {
        "uuid": uuid(taken, "event"), "info": info, "date": day(incident.opened_at),
        "timestamp": seconds(taken.changed_at), "published": false, "analysis": analysis,
        "threat_level_id": level, "distribution": "0", "Orgc": maker, "Tag": tags, "Attribute": attributes,
        "Object": objects, "EventReport": reports,
    }}))
}

/// An identifier of something of this case, the same whenever it is taken along.
fn uuid(taken: &Taken, what: &str) -> String {
    hyphenated(name_uuid(taken.namespace, format!("misp/{}/{what}", taken.incident.id).as_bytes()))
}

fn seconds(at: Timestamp) -> String {
    at.as_second().to_string()
}

fn day(at: Timestamp) -> String {
    TimeZone::UTC.to_datetime(at).date().to_string()
}

fn tlp(tlp: formats::Tlp) -> Value {
    json!({"name": misp::tag("tlp", tlp.code(), None)})
}

/// The tags of something in a zone: those that are narrower than the event's own need no other.
fn tags(zone: Zone) -> Value {
    json!([tlp(marking(zone))])
}

/// An observable as an attribute.
fn attribute(taken: &Taken, seen: &Seen) -> Option<Value> {
    let known = misp::attribute(seen.kind)?;
    let comment = if seen.kind == ObservableKind::AttackId { "ATT&CK" } else { seen.kept.origin.label() };
    Some(json!({
        "uuid": uuid(taken, &seen.kept.id.to_string()), "type": known.kind, "category": known.category,
        "value": seen.kept.value, "to_ids": known.may_detect && seen.is_trace(), "distribution": INHERIT,
        "comment": comment, "timestamp": seconds(seen.kept.added_at), "Tag": tags(seen.kept.zone),
    }))
}

/// A path as MISP's object of a file.
fn file(taken: &Taken, seen: &Seen) -> Value {
    let path = &seen.kept.value;
    let id = seen.kept.id.to_string();
    let name = path.rsplit(['\\', '/']).next().unwrap_or_default();
    let part = |relation: &str, kind: &str, category: &str, value: &str, to_ids: bool| {
        json!({
            "uuid": uuid(taken, &format!("{id}/{relation}")), "object_relation": relation, "type": kind,
            "category": category, "value": value, "to_ids": to_ids, "distribution": INHERIT, "comment": "",
            "timestamp": seconds(seen.kept.added_at), "Tag": tags(seen.kept.zone),
        })
    };
    let mut parts = vec![part("fullpath", "text", "Other", path, false)];
    if !name.is_empty() {
        let category = misp::attribute(seen.kind).map_or("Payload delivery", |known| known.category);
        parts.push(part("filename", "filename", category, name, seen.is_trace()));
    }
    json!({
        "uuid": uuid(taken, &id), "name": "file", "meta-category": "file", "template_uuid": FILE.0,
        "template_version": FILE.1, "description": "A file, by its path", "distribution": INHERIT,
        "comment": seen.kept.origin.label(), "timestamp": seconds(seen.kept.added_at), "Attribute": parts,
    })
}

/// The timeline as a report in Markdown, each zone's for itself.
fn timeline(taken: &Taken) -> Vec<Value> {
    let report = |zone: Zone| {
        let entries = taken.entries.iter().filter(|entry| entry.zone == zone);
        let lines: Vec<_> = entries
            .map(|entry| {
                let text = entry.text.replace('\n', "\n  ");
                format!("- {} ({}): {text}", entry.happened_at, entry.kind.label())
            })
            .collect();
        (!lines.is_empty()).then(|| {
            json!({
                "uuid": uuid(taken, &format!("timeline/{}", zone.code())),
                "name": format!("Timeline: {}. {}", zone.label(), marking(zone)), "content": lines.join("\n"),
                "distribution": INHERIT, "timestamp": seconds(taken.changed_at),
            })
        })
    };
    [Zone::Shared, Zone::Own, Zone::Cert].into_iter().filter_map(report).collect()
}

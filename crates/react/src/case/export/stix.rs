//! A case as a bundle of STIX 2.1: the incident, what was observed and what to look for, put together by a grouping.
//!
//! Identifiers are made of names, so that a case that is taken along again is the same objects in a newer version.

use std::{collections::HashSet, io::Write};

use formats::{
    ObservableKind, Tlp,
    stix::made::{named_id, observed, tlp_id, tlp_marking},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Seen, Taken, marking};
use crate::{
    case::Zone,
    incident::{Standing, State},
    observable::{Origin, defanged},
    report::Way,
    triage::{Priority, rsit},
};

/// The extension by which OASIS tells more of an incident than the standard's stub does. What is told by it here, both
/// of its versions know.
const INCIDENT_CORE: &str = "extension-definition--ef765651-680c-498d-9894-99799f2fa126";

/// The bundle.
pub(super) fn bundle(taken: &Taken) -> serde_json::Result<Vec<u8>> {
    let mut bundle = Bundle::begin(taken)?;
    let maker = bundle.maker()?;
    let incident = named_id("incident", taken.namespace, &format!("incident/{}", taken.incident.id));
    bundle.put(&incident_object(taken, &incident, &maker))?;
    for origin in Origin::ALL {
        for zone in [Zone::Shared, Zone::Own, Zone::Cert] {
            bundle.observation(&maker, zone, *origin)?;
        }
    }
    for seen in &taken.observables {
        bundle.otherwise(&maker, seen)?;
    }
    if taken.victim {
        bundle.victim(&maker, &incident)?;
        for entry in &taken.entries {
            let name = format!("entry/{}", entry.id);
            bundle.put(&json!({
                "type": "note", "spec_version": "2.1", "id": named_id("note", taken.namespace, &name),
                "created_by_ref": maker, "created": moment(entry.recorded_at), "modified": moment(entry.recorded_at),
                "abstract": format!("{}, {}", entry.kind.label(), moment(entry.happened_at)),
                "content": entry.text, "object_refs": [incident],
                "object_marking_refs": [tlp_id(marking(entry.zone))],
            }))?;
        }
    }
    bundle.grouping(&maker)?;
    Ok(bundle.end())
}

/// As RFC 3339 writes it, to the millisecond, which every reader of STIX takes.
fn moment(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// What a bundle tells of an incident. Of which organisation it is, is not said here.
fn incident_object(taken: &Taken, id: &str, maker: &str) -> Value {
    let incident = &taken.incident;
    let mut core = json!({
        "extension_type": "property-extension",
        "determination": determination(taken),
        "investigation_status": match incident.state {
            State::Reported => "new",
            State::Open => "open",
            State::Closed | State::Joined => "closed",
        },
    });
    if let Some(priority) = taken.priority() {
        // The middles of the ranges in appendix A of the extension.
        core["criticality"] = match priority {
            Priority::P1 => 95,
            Priority::P2 => 70,
            Priority::P3 => 40,
            Priority::P4 => 15,
        }
        .into();
    }
    let kinds = taken.kind.as_deref().map(incident_types).unwrap_or_default();
    if !kinds.is_empty() {
        core["incident_types"] = json!(kinds);
    }
    let mut object = json!({
        "type": "incident", "spec_version": "2.1", "id": id, "created_by_ref": maker,
        "created": moment(incident.opened_at), "modified": moment(taken.changed_at),
        "name": format!("Incident {}", incident.receipt),
        "object_marking_refs": [tlp_id(Tlp::AmberStrict)],
    });
    if taken.tells_report() {
        let way = if incident.way == Some(Way::Api) { "automated-tool" } else { "user-reporting" };
        core["detection_methods"] = json!([way]);
        object["description"] = incident.seen_in_words().into();
    }
    if let Some(kind) = &taken.kind {
        object["labels"] = json!([format!("rsit:{kind}")]);
    }
    let attack = taken.observables.iter().filter(|seen| seen.kind == ObservableKind::AttackId);
    let attack: Vec<_> =
        attack.map(|seen| json!({"source_name": "mitre-attack", "external_id": seen.kept.value})).collect();
    if !attack.is_empty() {
        object["external_references"] = attack.into();
    }
    object["extensions"] = json!({ (INCIDENT_CORE): core });
    object
}

/// How sure it is that something happened, as the extension has it. How far a report is believed, guests are not told.
fn determination(taken: &Taken) -> &'static str {
    let believed = matches!(taken.incident.standing, Standing::Session | Standing::CalledBack);
    match taken.priority() {
        _ if taken.tells_report() && taken.incident.standing == Standing::Refuted => "false-positive",
        Some(Priority::P4) => "failed-attempt",
        Some(_) if taken.tells_report() && believed => "successful-attempt",
        _ => "suspected",
    }
}

/// What the extension calls a type of the taxonomy.
fn incident_types(kind: &str) -> Vec<&'static str> {
    let class = kind.split(':').next().unwrap_or_default();
    match (class, kind) {
        (_, "intrusions:burglary") => vec!["equipment-theft"],
        (_, "availability:dos" | "availability:ddos") => vec!["denial-of-service"],
        (_, "availability:sabotage" | "information-content-security:data-loss") => vec!["destruction"],
        (_, "information-content-security:unauthorised-information-access") => vec!["unauthorized-access"],
        (_, "information-content-security:data-leak") => vec!["unauthorized-release"],
        (_, "fraud:unauthorised-use-of-resources") => vec!["unauthorized-use"],
        ("malicious-code" | "intrusions", _) => vec!["compromised-system"],
        _ => Vec::new(),
    }
}

/// A bundle that is written object by object.
struct Bundle<'a> {
    taken: &'a Taken,
    out: Vec<u8>,
    /// What the grouping names.
    put: Vec<String>,
    met: HashSet<String>,
}

impl<'a> Bundle<'a> {
    fn begin(taken: &'a Taken) -> serde_json::Result<Self> {
        let audience: Vec<_> = taken.zones.iter().map(Zone::code).collect();
        let name = format!("{}/{}/{}", taken.incident.id, audience.join("+"), taken.victim);
        let id = named_id("bundle", taken.namespace, &format!("bundle/{name}/{}", taken.changed_at));
        let mut out = Vec::new();
        // Every object begins behind a comma but the first, which is a marking.
        write!(out, r#"{{"type":"bundle","id":"{id}","objects":["#).map_err(serde_json::Error::io)?;
        let mut bundle = Self { taken, out, put: Vec::new(), met: HashSet::new() };
        serde_json::to_writer(&mut bundle.out, &tlp_marking(Tlp::AmberStrict))?;
        if taken.tlp() == Tlp::Red {
            bundle.add(&tlp_marking(Tlp::Red))?;
        }
        Ok(bundle)
    }

    fn end(mut self) -> Vec<u8> {
        self.out.extend_from_slice(b"]}");
        self.out
    }

    /// Writes an object, once.
    fn add(&mut self, object: &Value) -> serde_json::Result<()> {
        let id = object["id"].as_str().unwrap_or_default();
        if self.met.insert(id.to_owned()) {
            self.out.push(b',');
            serde_json::to_writer(&mut self.out, object)?;
        }
        Ok(())
    }

    /// Writes an object that the grouping names.
    fn put(&mut self, object: &Value) -> serde_json::Result<()> {
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        if !self.met.contains(&id) {
            self.put.push(id);
        }
        self.add(object)
    }

    /// Who makes the bundle.
    fn maker(&mut self) -> serde_json::Result<String> {
        let id = named_id("identity", self.taken.namespace, "maker");
        // A name within an installation does not change when its cases do.
        let made = moment(Timestamp::UNIX_EPOCH);
        self.add(&json!({
            "type": "identity", "spec_version": "2.1", "id": id, "created": made, "modified": made,
            "name": self.taken.maker, "identity_class": "organization",
        }))?;
        Ok(id)
    }

    /// What was found in a zone at one place, and what of it to look for.
    fn observation(&mut self, maker: &str, zone: Zone, origin: Origin) -> serde_json::Result<()> {
        let taken = self.taken;
        let here = |seen: &&Seen| seen.kept.zone == zone && seen.kept.origin == origin;
        let marks = json!([tlp_id(marking(zone))]);
        let name = format!("observed/{}/{}/{}", taken.incident.id, zone.code(), origin.code());
        let id = named_id("observed-data", taken.namespace, &name);
        let (mut refs, mut moments, mut to_find) = (Vec::new(), Vec::new(), Vec::new());
        for seen in taken.observables.iter().filter(here) {
            let Some(found) = observed(seen.kind, &seen.kept.value) else { continue };
            for mut object in found.objects {
                object["object_marking_refs"] = marks.clone();
                refs.push(object["id"].clone());
                self.put(&object)?;
            }
            moments.push(seen.kept.added_at);
            to_find.extend(found.pattern.filter(|_| seen.is_trace()).map(|pattern| (seen, pattern)));
        }
        let (Some(first), Some(last)) = (moments.iter().min(), moments.iter().max()) else { return Ok(()) };
        let mut each_once = HashSet::new();
        refs.retain(|id| each_once.insert(id.to_string()));
        self.put(&json!({
            "type": "observed-data", "spec_version": "2.1", "id": id, "created_by_ref": maker,
            "created": moment(*first), "modified": moment(*last), "first_observed": moment(*first),
            "last_observed": moment(*last), "number_observed": 1, "object_refs": refs, "object_marking_refs": marks,
        }))?;
        for (seen, pattern) in to_find {
            self.indicator(maker, seen, &pattern, (&id, &marks))?;
        }
        Ok(())
    }

    /// What to look for, and on what it rests.
    fn indicator(
        &mut self,
        maker: &str,
        seen: &Seen,
        pattern: &str,
        (observation, marks): (&str, &Value),
    ) -> serde_json::Result<()> {
        let namespace = self.taken.namespace;
        let (name, at) = (format!("indicator/{}", seen.kept.id), moment(seen.kept.added_at));
        let id = named_id("indicator", namespace, &name);
        self.put(&json!({
            "type": "indicator", "spec_version": "2.1", "id": id, "created_by_ref": maker, "created": at,
            "modified": at, "valid_from": at, "indicator_types": ["malicious-activity"],
            "name": format!("{}: {}", seen.kind.label(), defanged(seen.kind.code(), &seen.kept.value)),
            "pattern": pattern, "pattern_type": "stix", "pattern_version": "2.1", "object_marking_refs": marks,
        }))?;
        self.put(&json!({
            "type": "relationship", "spec_version": "2.1",
            "id": named_id("relationship", namespace, &format!("based-on/{}", seen.kept.id)),
            "created_by_ref": maker, "created": at, "modified": at, "relationship_type": "based-on",
            "source_ref": id, "target_ref": observation, "object_marking_refs": marks,
        }))
    }

    /// What is no observable of the standard: vulnerabilities.
    fn otherwise(&mut self, maker: &str, seen: &Seen) -> serde_json::Result<()> {
        if seen.kind != ObservableKind::Cve {
            return Ok(());
        }
        let (cve, at) = (&seen.kept.value, moment(seen.kept.added_at));
        self.put(&json!({
            "type": "vulnerability", "spec_version": "2.1",
            "id": named_id("vulnerability", self.taken.namespace, &format!("vulnerability/{}", seen.kept.id)),
            "created_by_ref": maker, "created": at, "modified": at, "name": cve,
            "external_references": [{"source_name": "cve", "external_id": cve}],
            "object_marking_refs": [tlp_id(marking(seen.kept.zone))],
        }))
    }

    /// The victim, whom the incident was aimed at.
    fn victim(&mut self, maker: &str, incident: &str) -> serde_json::Result<()> {
        let taken = self.taken;
        let marks = json!([tlp_id(Tlp::AmberStrict)]);
        let at = moment(taken.incident.opened_at);
        let id = named_id("identity", taken.namespace, &format!("victim/{}", taken.incident.id));
        let mut victim = json!({
            "type": "identity", "spec_version": "2.1", "id": id, "created_by_ref": maker, "created": at,
            "modified": at, "name": taken.incident.called(), "identity_class": "organization",
            "sectors": ["healthcare"], "object_marking_refs": marks,
        });
        if let Some(code) = &taken.incident.code {
            victim["external_references"] = json!([{"source_name": "NHS ODS", "external_id": code}]);
        }
        self.put(&victim)?;
        self.put(&json!({
            "type": "relationship", "spec_version": "2.1",
            "id": named_id("relationship", taken.namespace, &format!("targets/{}", taken.incident.id)),
            "created_by_ref": maker, "created": at, "modified": at, "relationship_type": "targets",
            "source_ref": incident, "target_ref": id, "object_marking_refs": marks,
        }))
    }

    /// What holds everything together.
    fn grouping(&mut self, maker: &str) -> serde_json::Result<()> {
        let taken = self.taken;
        let mut zones: Vec<_> = taken.zones.iter().map(Zone::code).collect();
        zones.sort_unstable();
        let name = format!("grouping/{}/{}", taken.incident.id, zones.join("+"));
        let mut description = format!("What {} has of incident {}.", taken.maker, taken.incident.receipt);
        if let Some(kind) = &taken.kind {
            description = format!("{description} {}.", rsit::called(kind));
        }
        if taken.is_cut {
            description = format!("{description} There is more: this holds the first {}.", super::MOST);
        }
        let grouping = json!({
            "type": "grouping", "spec_version": "2.1", "id": named_id("grouping", taken.namespace, &name),
            "created_by_ref": maker, "created": moment(taken.incident.opened_at),
            "modified": moment(taken.changed_at), "name": format!("Case of incident {}", taken.incident.receipt),
            "description": description, "context": "suspicious-activity", "object_refs": self.put,
            "object_marking_refs": [tlp_id(taken.tlp())],
        });
        self.add(&grouping)
    }
}

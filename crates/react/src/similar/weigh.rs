//! How much speaks for it that an incident is like another: a rule, with no input or output.

use std::{cmp::Reverse, collections::BTreeMap};

use jiff::SignedDuration;

use super::{
    MOST, Reason, Similar,
    store::{Basis, Other, Trace},
};
use crate::{
    incident::IncidentId,
    observable::leaving_out::POLICY,
    report::{Seen, facts::read_codes},
};

/// Within so many days two incidents may be of one wave.
pub(super) const NEAR_DAYS: i64 = 30;

/// What is the same counts so much. Observables count what the policy of correlations says, up to [`MOST_OF_TRACES`].
const TYPE: i64 = 4;
const CLASS: i64 = 2;
const SEEN: i64 = 2;
const MOST_OF_SEEN: i64 = 4;
const SUPPLIER: i64 = 6;
const KIND: i64 = 1;
const REGION: i64 = 1;
const NEAR: i64 = 1;
const MOST_OF_TRACES: i64 = 20;
/// What counts less is not listed: where and when alone make no two incidents alike.
const LEAST: i64 = 4;
/// How many of those that have the same observables, or the same supplier, are looked at.
pub(super) const FIRST: usize = 10;

/// What is known of an incident, and what others have in common with it.
#[derive(Debug)]
pub(super) struct Found<'a> {
    basis: &'a Basis,
    seen: Vec<Seen>,
    traces: BTreeMap<IncidentId, Vec<(String, String)>>,
    suppliers: BTreeMap<IncidentId, String>,
}

impl<'a> Found<'a> {
    pub(super) fn of(basis: &'a Basis, traces: Vec<Trace>, suppliers: Vec<(IncidentId, String)>) -> Self {
        let mut by_incident: BTreeMap<IncidentId, Vec<(String, String)>> = BTreeMap::new();
        for Trace { incident_id, kind, value } in traces {
            by_incident.entry(incident_id).or_default().push((kind, value));
        }
        for same in by_incident.values_mut() {
            // What says most is named first.
            same.sort_by_key(|(kind, value)| (-POLICY.counts(kind), value.clone()));
        }
        let seen = seen(basis.seen.as_deref());
        Self { basis, seen, traces: by_incident, suppliers: suppliers.into_iter().collect() }
    }

    /// Those that are looked at because of what was found in them or of who supplies them: the weightiest, and of the
    /// others the newest.
    pub(super) fn first(&self) -> Vec<IncidentId> {
        let mut traced: Vec<_> = self.traces.iter().map(|(id, same)| (counts(same), *id)).collect();
        traced.sort_unstable_by(|one, other| other.cmp(one));
        let traced = traced.into_iter().take(FIRST).map(|(_, id)| id);
        traced.chain(self.suppliers.keys().rev().take(FIRST).copied()).collect()
    }

    /// The most alike of these, the most alike first and of those as much so the newest.
    pub(super) fn most_like(&self, others: Vec<Other>) -> Vec<Similar> {
        let mut similar: Vec<Similar> = others.into_iter().filter_map(|other| self.weighed(other)).collect();
        similar.sort_by_key(|each| Reverse((each.score, each.id)));
        similar.truncate(MOST);
        similar
    }

    fn weighed(&self, other: Other) -> Option<Similar> {
        let mut speaks: Vec<(i64, Reason)> = Vec::new();
        if let Some(same) = self.traces.get(&other.id) {
            speaks.push((counts(same), Reason::Observables(same.clone())));
        }
        if let Some(name) = self.suppliers.get(&other.id) {
            speaks.push((SUPPLIER, Reason::Supplier(name.clone())));
        }
        speaks.extend(self.of_kind(&other));
        let mut both = seen(other.seen.as_deref());
        both.retain(|each| self.seen.contains(each));
        if !both.is_empty() {
            let count = i64::try_from(both.len()).unwrap_or(i64::MAX);
            speaks.push((count.saturating_mul(SEEN).min(MOST_OF_SEEN), Reason::Seen(both)));
        }
        if speaks.is_empty() {
            return None;
        }
        let same =
            |one: Option<&String>, other: Option<&String>| one.filter(|one| Some(*one) == other).cloned();
        speaks.extend(
            same(self.basis.of_kind.as_ref(), other.of_kind.as_ref()).map(|code| (KIND, Reason::Kind(code))),
        );
        speaks.extend(
            same(self.basis.region.as_ref(), other.region.as_ref())
                .map(|code| (REGION, Reason::Region(code))),
        );
        let apart = other.opened_at.duration_since(self.basis.opened_at).abs();
        if apart <= SignedDuration::from_hours(24 * NEAR_DAYS) {
            speaks.push((NEAR, Reason::Near));
        }
        let score = speaks.iter().map(|(counts, _)| counts).sum();
        if score < LEAST {
            return None;
        }
        speaks.sort_by_key(|(counts, _)| -counts);
        Some(Similar {
            id: other.id,
            receipt: other.receipt,
            name: other.name,
            code: other.code,
            state: other.state,
            priority: other.priority,
            opened_at: other.opened_at,
            closed_at: other.closed_at,
            outcome: other.reason,
            score,
            reasons: speaks.into_iter().map(|(_, reason)| reason).collect(),
            lessons: Vec::new(),
        })
    }

    fn of_kind(&self, other: &Other) -> Option<(i64, Reason)> {
        let (ours, theirs) = (self.basis.kind.as_deref()?, other.kind.as_deref()?);
        if ours == theirs {
            return Some((TYPE, Reason::Type(ours.to_owned())));
        }
        let class = |code: &'_ str| code.split(':').next().map(str::to_owned);
        let (ours, theirs) = (class(ours)?, class(theirs)?);
        (ours == theirs).then_some((CLASS, Reason::Class(ours)))
    }
}

fn counts(same: &[(String, String)]) -> i64 {
    same.iter().map(|(kind, _)| POLICY.counts(kind)).sum::<i64>().min(MOST_OF_TRACES)
}

/// What was seen, but for "something else": that is not the same twice.
fn seen(codes: Option<&str>) -> Vec<Seen> {
    let mut seen: Vec<Seen> = read_codes(codes.unwrap_or_default());
    seen.retain(|each| *each != Seen::SomethingElse);
    seen
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::incident::State;

    fn id(number: u128) -> IncidentId {
        IncidentId(Uuid::from_u128(number))
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * day)
    }

    fn other(number: u128) -> Other {
        Other {
            id: id(number),
            receipt: platform::receipt::Receipt::drawn([u8::try_from(number).unwrap(); 8]),
            name: None,
            code: None,
            of_kind: Some("trust".to_owned()),
            region: Some("Y56".to_owned()),
            state: State::Closed,
            opened_at: at(100),
            closed_at: None,
            reason: String::new(),
            priority: None,
            kind: None,
            seen: None,
        }
    }

    fn basis() -> Basis {
        Basis {
            id: id(1),
            opened_at: at(100),
            kind: Some("malicious-code:infected-system".to_owned()),
            of_kind: Some("trust".to_owned()),
            region: Some("Y56".to_owned()),
            seen: Some("files_locked system_down something_else".to_owned()),
        }
    }

    #[test]
    fn where_and_when_alone_make_no_two_incidents_alike() {
        let basis = basis();
        let found = Found::of(&basis, Vec::new(), Vec::new());
        assert!(found.most_like(vec![other(2)]).is_empty());
        let something = Other { seen: Some("something_else".to_owned()), ..other(2) };
        assert!(found.most_like(vec![something]).is_empty());
        // A class alone, long ago and elsewhere, is too little.
        let far = Other {
            kind: Some("malicious-code:c2-server".to_owned()),
            opened_at: at(900),
            of_kind: None,
            region: None,
            ..other(2)
        };
        assert!(found.most_like(vec![far]).is_empty());
    }

    #[test]
    fn what_was_found_in_both_comes_before_all_else_and_each_reason_is_told() {
        let basis = basis();
        let trace = |number, kind: &str, value: &str| Trace {
            incident_id: id(number),
            kind: kind.to_owned(),
            value: value.to_owned(),
        };
        let traces =
            vec![trace(2, "ipv4", "203.0.113.9"), trace(2, "sha256", "aa"), trace(3, "ipv4", "203.0.113.9")];
        let found = Found::of(&basis, traces, vec![(id(4), "Yew Systems".to_owned())]);
        assert_eq!(found.first(), [id(2), id(3), id(4)]);
        let same = |number| Other { kind: basis.kind.clone(), ..other(number) };
        let locked = Other { seen: Some("files_locked".to_owned()), ..other(6) };
        let similar = found.most_like(vec![locked, same(5), other(4), other(3), other(2)]);
        let order: Vec<_> = similar.iter().map(|each| (each.id, each.score)).collect();
        assert_eq!(order, [(id(2), 17), (id(4), 9), (id(5), 7), (id(3), 7), (id(6), 5)]);
        let words: Vec<_> = similar[0].reasons.iter().map(Reason::in_words).collect();
        assert!(words[0].starts_with("The same was found: aa, 203"), "{words:?}");
        assert!(words.iter().any(|word| word.starts_with("The same region: ")), "{words:?}");
    }

    #[test]
    fn no_more_than_ten_are_listed_the_newest_of_those_as_alike() {
        let basis = basis();
        let found = Found::of(&basis, Vec::new(), Vec::new());
        let all = (2..40).map(|number| Other { kind: basis.kind.clone(), ..other(number) }).collect();
        let similar = found.most_like(all);
        assert_eq!((similar.len(), similar[0].id, similar[9].id), (10, id(39), id(30)));
    }
}

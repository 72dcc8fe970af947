//! The list of threats, best first: what is decided about them, then known to be exploited, used by
//! ransomware, newest.

use db::{DbError, Snapshot, params};
use platform::{access::PersonId, fold};

use super::{Kind, Status, ThreatId};
use crate::triage::Decision;

/// Where a page of the list ended: rank, date, id.
pub type Cursor = (i64, String, ThreatId);

/// Which kinds of threats somebody wants to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kinds {
    /// All.
    #[default]
    Every,
    /// Those that are to be judged: neither techniques nor groups, which are knowledge to look up.
    ToJudge,
    /// This one.
    One(Kind),
}

impl Kinds {
    /// Of this kind; where none is asked for, techniques and groups are left out, unless somebody looks for
    /// one by name.
    pub fn asked(kind: Option<Kind>, search: &str) -> Self {
        match kind {
            Some(kind) => Self::One(kind),
            None if search.trim().is_empty() => Self::ToJudge,
            None => Self::Every,
        }
    }
}

/// Which threats somebody wants to see.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// With this status.
    pub status: Option<Status>,
    /// Of these kinds.
    pub kinds: Kinds,
    /// About which this is decided.
    pub decision: Option<Decision>,
    /// Only what is known to be exploited.
    pub exploited: bool,
    /// Only what ransomware is known to use.
    pub ransomware: bool,
    /// Only what concerns medical devices.
    pub medical: bool,
    /// Claimed by this person.
    pub claimed_by: Option<PersonId>,
    /// Whose title, vendor, product or CVE has words that begin so.
    pub search: String,
}

db::record! {
    /// A row of the list.
    pub struct Listed {
        /// Which.
        pub id: ThreatId,
        /// Its name.
        pub title: String,
        /// What kind.
        pub kind: Kind,
        /// Where it stands.
        pub status: Status,
        /// Whether it is known to be exploited.
        pub known_exploited: bool,
        /// Whether ransomware is known to use it.
        pub ransomware: bool,
        /// The headline's score, CVSS in tenths.
        pub score: Option<u32>,
        /// How likely it is to be exploited within 30 days, in billionths.
        pub epss: Option<u32>,
        /// Whether it concerns a medical device.
        pub medical: bool,
        /// The day of the newest statement, ISO 8601.
        pub dated: String,
        /// The first sort key.
        pub rank: i64,
    }
}

db::listing! {
    // Index: threat_rank; with a status threat_status, of a kind threat_kind, exploited threat_exploited, used
    // by ransomware threat_ransomware, to judge threat_triage, of devices threat_medical, with a person threat_claimed, with words the
    // key of threat_word.
    static THREATS = "SELECT t.id, t.title, t.kind, t.status, t.known_exploited, t.ransomware, t.score, t.epss,
                             t.medical, t.dated, t.rank
                      FROM threat t";
    status: "t.status = ?1",
    // A decision is a band of the first sort key, so that each of these indexes serves it.
    decision: "t.rank >= ?1 AND t.rank < ?2",
    kind: "t.kind = ?1",
    to_judge: "t.kind NOT IN ('attack_pattern', 'threat_actor')",
    exploited: "t.known_exploited = TRUE",
    ransomware: "t.ransomware = TRUE",
    medical: "t.medical = TRUE",
    claimed_by: "t.claimed_by = ?1",
    word: "t.id IN (SELECT w.threat_id FROM threat_word w WHERE w.word >= ?1 AND w.word < ?2)",
    after: "(t.rank, t.dated, t.id) < (?1, ?2, ?3)",
    tail: "ORDER BY t.rank DESC, t.dated DESC, t.id DESC LIMIT 51",
}

/// A page of the list behind `after`, 51 at most.
pub async fn list(
    snapshot: &mut Snapshot,
    filter: &Filter,
    after: Option<Cursor>,
) -> Result<Vec<Listed>, DbError> {
    let mut selection = THREATS
        .select(params![])
        .when_some("status", filter.status)
        .when_some("claimed_by", filter.claimed_by);
    selection = match filter.kinds {
        Kinds::Every => selection,
        Kinds::ToJudge => selection.when("to_judge", params![]),
        Kinds::One(kind) => selection.when("kind", params![kind]),
    };
    if let Some(decision) = filter.decision {
        selection = selection.when("decision", params![decision.from(), decision.below()]);
    }
    if filter.exploited {
        selection = selection.when("exploited", params![]);
    }
    if filter.ransomware {
        selection = selection.when("ransomware", params![]);
    }
    if filter.medical {
        selection = selection.when("medical", params![]);
    }
    for prefix in fold::prefixes(&filter.search) {
        selection = selection.when("word", params![prefix.from, prefix.below]);
    }
    if let Some((rank, dated, id)) = after {
        selection = selection.when("after", params![rank, dated, id]);
    }
    snapshot.list(selection).await
}

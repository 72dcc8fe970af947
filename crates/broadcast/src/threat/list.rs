//! The list of threats, best first: what is decided about them, then known to be exploited, used by
//! ransomware, newest.

use db::{DbError, Selection, Snapshot, params, sql};
use formats::csaf::folded_vendor;
use platform::{
    access::PersonId,
    fold::{self, Prefix},
};

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
    /// Whose title, vendor, product, device or CVE has words that begin so.
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
        /// Its CVE number; of several the first.
        pub cve: Option<String>,
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

/// Threats that have a word, above which it is common. Fewer are fetched and sorted, at 1.6 µs each; where there are
/// more, 4,000 rows of the list are walked best first, at 2 µs each: of 300,000 threats, those with a word of 5,000
/// fill a page within them. What is met more seldom at the head of the list than its number promises is fetched
/// after all.
const COMMON: i64 = 5_000;
/// Rows of a page, and one that tells whether there is another.
const PAGE: usize = 51;

db::listing! {
    // Index: threat_rank; with a status threat_status, of a kind threat_kind, exploited threat_exploited, used
    // by ransomware threat_ransomware, to judge threat_triage, of devices threat_medical, with a person
    // threat_claimed; with words threat_word_has. The numbers of a page's rows: threat_cve_threat.
    static THREATS = "SELECT t.id, t.title, t.kind,
                             (SELECT min(c.cve) FROM threat_cve c WHERE c.threat_id = t.id) AS cve,
                             t.status, t.known_exploited, t.ransomware, t.score, t.epss, t.medical, t.dated, t.rank
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
    has: "(SELECT 1 FROM threat_word w WHERE w.threat_id = t.id AND w.word >= ?1 AND w.word < ?2 LIMIT 1) = 1",
    after: "(t.rank, t.dated, t.id) < (?1, ?2, ?3)",
    until: "(t.rank, t.dated, t.id) >= (?1, ?2, ?3)",
    tail: "ORDER BY t.rank DESC, t.dated DESC, t.id DESC LIMIT 51",
}

db::listing! {
    // Indexes: the key of threat_word for the rarest word, threat_sought for each threat that has it, threat_word_has
    // for the others; the key of threat for the rows of the page. What is written as an expression is so in order
    // that no other index is walked for it. A rank is never below 0: that it is asked for makes SQLite take the index
    // that holds all that is compared, rather than the key and then the row, which takes half as long again. A plan
    // of PostgreSQL's is made before the word is known: that there is a limit, and that no index has the order, keeps
    // it from walking the list for a word that hardly any threat has; that "has" is a value and no EXISTS, from
    // gathering the threats that have a word first, which are all of them for the "CVE" of a number.
    static FOUND = "SELECT x.id, x.title, x.kind,
                           (SELECT min(c.cve) FROM threat_cve c WHERE c.threat_id = x.id) AS cve,
                           x.status, x.known_exploited, x.ransomware, x.score, x.epss, x.medical, x.dated, x.rank
                    FROM (SELECT t.id FROM threat t";
    status: "coalesce(t.status, '') = ?1",
    decision: "t.rank >= ?1 AND t.rank < ?2",
    kind: "coalesce(t.kind, '') = ?1",
    to_judge: "t.kind NOT IN ('attack_pattern', 'threat_actor')",
    exploited: "coalesce(t.known_exploited, FALSE) = TRUE",
    ransomware: "coalesce(t.ransomware, FALSE) = TRUE",
    medical: "coalesce(t.medical, FALSE) = TRUE",
    claimed_by: "t.claimed_by = ?1",
    found: "t.rank >= 0
            AND t.id IN (SELECT w.threat_id FROM threat_word w WHERE w.word >= ?1 AND w.word < ?2 LIMIT ?3)",
    has: "(SELECT 1 FROM threat_word w WHERE w.threat_id = t.id AND w.word >= ?1 AND w.word < ?2 LIMIT 1) = 1",
    after: "(t.rank, t.dated, t.id) < (?1, ?2, ?3)",
    tail: "ORDER BY t.rank + 0 DESC, t.dated DESC, t.id DESC LIMIT 51) few
           CROSS JOIN threat x WHERE x.id = few.id ORDER BY x.rank DESC, x.dated DESC, x.id DESC",
}

db::listing! {
    // Index: threat_rank. How far a walk goes before it is cheaper to sort.
    static HORIZON = "SELECT t.rank, t.dated, t.id FROM threat t";
    after: "(t.rank, t.dated, t.id) < (?1, ?2, ?3)",
    tail: "ORDER BY t.rank DESC, t.dated DESC, t.id DESC LIMIT 1 OFFSET 4000",
}

/// How the threats with the typed words are come by.
enum Way<'a> {
    /// By walking the list and asking of each whether it has them, down to this place.
    Walked(Option<Cursor>),
    /// By fetching all that have this word, which are so many at the most.
    Fetched(&'a Prefix, i64),
}

/// A page of the list behind `after`, 51 at most.
pub async fn list(
    snapshot: &mut Snapshot,
    filter: &Filter,
    after: Option<Cursor>,
) -> Result<Vec<Listed>, DbError> {
    let mut words = fold::prefixes(&filter.search);
    for word in &mut words {
        if let Some(usual) = usual_form(snapshot, word).await? {
            *word = usual;
        }
    }
    let mut rarest = (i64::MAX, None);
    for word in &words {
        let threats = up_to_common(snapshot, word).await?;
        if threats < rarest.0 {
            rarest = (threats, Some(word));
        }
    }
    let (threats, Some(rarest)) = rarest else {
        return snapshot.list(selection(filter, after, &words, &Way::Walked(None))).await;
    };
    let mut most = COMMON;
    if threats > COMMON {
        let until = horizon(snapshot, after.clone()).await?;
        let within = Way::Walked(until);
        let rows = snapshot.list(selection(filter, after.clone(), &words, &within)).await?;
        if rows.len() == PAGE || matches!(within, Way::Walked(None)) {
            return Ok(rows);
        }
        most = i64::MAX;
    }
    snapshot.list(selection(filter, after, &words, &Way::Fetched(rarest, most))).await
}

/// The usual form of a vendor's name that was typed with letters doubled: "Phillips" is "Philips" to most. None
/// where it is not the word of more threats than what was typed.
async fn usual_form(snapshot: &mut Snapshot, typed: &Prefix) -> Result<Option<Prefix>, DbError> {
    let folded = folded_vendor(&typed.from);
    if folded == typed.from {
        return Ok(None);
    }
    // The word alone, not others that begin with it: "mattress" is no form of "mat".
    let whole = |word: &str| Prefix { from: word.to_owned(), below: format!("{word}\u{1}") };
    let as_typed = up_to_common(snapshot, &whole(&typed.from)).await?;
    let as_folded = up_to_common(snapshot, &whole(&folded)).await?;
    Ok(if as_folded > as_typed { fold::prefixes(&folded).pop() } else { None })
}

/// How many threats have a word, counted no further than it takes to know that it is common.
///
/// Index: the key of `threat_word`.
async fn up_to_common(snapshot: &mut Snapshot, word: &Prefix) -> Result<i64, DbError> {
    let counted = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (
             SELECT 1 FROM threat_word WHERE word >= ?1 AND word < ?2 LIMIT 5001) few"
    );
    let (threats,) = snapshot.one(counted, params![&word.from, &word.below]).await?;
    Ok(threats)
}

/// The last threat that a walk from `after` looks at; none where the list ends before.
async fn horizon(snapshot: &mut Snapshot, after: Option<Cursor>) -> Result<Option<Cursor>, DbError> {
    let mut selection = HORIZON.select(params![]);
    if let Some((rank, dated, id)) = after {
        selection = selection.when("after", params![rank, dated, id]);
    }
    Ok(snapshot.list(selection).await?.pop())
}

fn selection(filter: &Filter, after: Option<Cursor>, words: &[Prefix], way: &Way<'_>) -> Selection {
    let listing = match way {
        Way::Walked(_) => &THREATS,
        Way::Fetched(..) => &FOUND,
    };
    let mut selection = listing
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
    for word in words {
        selection = match way {
            Way::Fetched(rarest, most) if *rarest == word => {
                selection.when("found", params![&word.from, &word.below, *most])
            }
            _ => selection.when("has", params![&word.from, &word.below]),
        };
    }
    if let Some((rank, dated, id)) = after {
        selection = selection.when("after", params![rank, dated, id]);
    }
    if let Way::Walked(Some((rank, dated, id))) = way {
        selection = selection.when("until", params![*rank, dated, *id]);
    }
    selection
}

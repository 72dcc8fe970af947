//! The SQL of threats that may be the same, found by the words by which they are searched.

use std::collections::HashMap;

use db::{DbError, Snapshot, params, sql};
use platform::{Tx, access::PersonId};

use super::known::{of_these, these};
use crate::threat::ThreatId;

/// A word of more threats than this tells nothing.
const RARE: i64 = 20;
/// Words of one threat that are looked at: news has more, and its first ones are as good as its last.
const LOOKED_AT: i64 = 64;

/// Words that those who name groups give to many of them alike, by where they are thought to be or what they
/// want: a beast, a weather, a metal, a sign of the zodiac, or what every group is.
const SCHEMES: &str = "aluminum apt bear blizzard bronze buffalo chollima cobalt crane cyclone dev dust earth fin flood \
                       gang gold group hail hawk iron itg jackal kitten leopard libra lynx nickel ocelot orion panda pisces \
                       platinum rain sandstorm saiga scorpius serpens sleet sphinx spider squad storm ta tag taurus team \
                       temp tempest tick tiger tin tsunami typhoon unc ursa void water wolf zinc";

db::record! {
    struct Word {
        word: String,
        threats: i64,
    }
}

/// Other threats that share rare words with this one, with those words. What somebody told apart is left
/// out, and so are two vulnerabilities with numbers of their own: a CVE is one threat already.
///
/// Index: `threat_word_has`, then the key of `threat_word`, 21 entries a word at most; `threat_cve_threat`.
pub(in crate::threat) async fn alike(
    snapshot: &mut Snapshot,
    threat: ThreatId,
) -> Result<HashMap<ThreatId, Vec<String>>, DbError> {
    let own = sql!(
        "SELECT w.word, (SELECT CAST(count(*) AS BIGINT) FROM (
                             SELECT x.threat_id FROM threat_word x WHERE x.word = w.word LIMIT 21) few) AS threats
         FROM threat_word w WHERE w.threat_id = ?1 LIMIT ?2"
    );
    let own: Vec<Word> = snapshot.all(own, params![threat, LOOKED_AT]).await?;
    // Numbers are years and parts of CVEs, which chance makes alike; a scheme gives its word to many groups.
    let tells = |word: &Word| {
        (2..=RARE).contains(&word.threats)
            && word.word.chars().any(char::is_alphabetic)
            && !SCHEMES.split(' ').any(|given| given == word.word)
    };
    let rare: Vec<String> = own.into_iter().filter(tells).map(|word| word.word).collect();
    let others = sql!(
        "SELECT w.threat_id, w.word FROM threat_word w
         WHERE w.threat_id <> ?33
           AND NOT EXISTS (SELECT 1 FROM threat_told_apart d WHERE d.threat_id = ?33 AND d.other_id = w.threat_id)
           AND NOT (EXISTS (SELECT 1 FROM threat_cve c WHERE c.threat_id = ?33)
                    AND EXISTS (SELECT 1 FROM threat_cve c WHERE c.threat_id = w.threat_id))
           AND NOT EXISTS (SELECT 1 FROM threat t WHERE t.id = w.threat_id AND t.duplicate_of IS NOT NULL)
           AND w.word IN ",
        these!()
    );
    let rows: Vec<(ThreatId, String)> = of_these(snapshot, others, &rare, params![threat]).await?;
    let mut all: HashMap<_, Vec<String>> = HashMap::new();
    for (other, word) in rows {
        all.entry(other).or_default().push(word);
    }
    Ok(all)
}

/// Notes of which threat one is a duplicate.
pub(in crate::threat) async fn mark(tx: &mut Tx, threat: ThreatId, of: ThreatId) -> Result<(), DbError> {
    let statement = sql!("UPDATE threat SET duplicate_of = ?2 WHERE id = ?1");
    tx.run(statement, params![threat, of]).await?;
    Ok(())
}

/// Notes that two threats are not the same, either way; once is enough.
pub(in crate::threat) async fn tell_apart(
    tx: &mut Tx,
    one: ThreatId,
    other: ThreatId,
    by: PersonId,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO threat_told_apart (threat_id, other_id, told_by, told_at)
         VALUES (?1, ?2, ?3, ?4), (?2, ?1, ?3, ?4) ON CONFLICT (threat_id, other_id) DO NOTHING"
    );
    let now = tx.now;
    tx.run(statement, params![one, other, by, now]).await?;
    Ok(())
}

/// The threat of which this one was dismissed as a duplicate: its id and name.
pub async fn duplicate_of(
    snapshot: &mut Snapshot,
    threat: ThreatId,
) -> Result<Option<(ThreatId, String)>, DbError> {
    let statement = sql!(
        "SELECT o.id, o.title FROM threat t JOIN threat o ON o.id = t.duplicate_of
         WHERE t.id = ?1 AND t.status = 'dismissed'"
    );
    snapshot.maybe(statement, params![threat]).await
}

/// The newest 20 threats that were dismissed as duplicates of this one. Index: `threat_duplicate`.
pub async fn duplicates(
    snapshot: &mut Snapshot,
    threat: ThreatId,
) -> Result<Vec<(ThreatId, String)>, DbError> {
    let statement = sql!(
        "SELECT id, title FROM threat WHERE duplicate_of = ?1 AND status = 'dismissed' ORDER BY id DESC LIMIT 20"
    );
    snapshot.all(statement, params![threat]).await
}

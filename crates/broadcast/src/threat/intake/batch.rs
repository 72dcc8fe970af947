//! A few statements at a time: what was known before is looked up for all of them together, so that
//! an import costs no question for each row.

use std::collections::HashMap;

use db::DbError;
use formats::CveId;
use platform::{Tx, import::Taken};
use sha2::{Digest, Sha256};

use super::{Heard, rejected};
use crate::{
    source::{DocumentId, Source},
    threat::{
        Flag, Looks, Picture, Rated, Said, ThreatId,
        store::{self, Before, NewStatement},
        straight::straight,
    },
    triage::{self, Beside, Cause, Policy},
};

/// Statements that are stored in one transaction: some fifty milliseconds on SQLite, where a commit
/// waits for the disk.
pub(super) const TURN: usize = 512;

/// What was known of a few statements, and is kept up as they are taken in.
pub(in crate::threat) struct Known {
    /// What their source said before, by its key.
    statements: HashMap<String, Before>,
    /// Those of them, word for word, of which other bytes came: these may say the same.
    verbatim: HashMap<String, String>,
    /// The threats of their vulnerabilities.
    threats: HashMap<String, ThreatId>,
    /// What stands of those threats: source, key, words.
    said: HashMap<ThreatId, Vec<(Source, String, Said)>>,
    /// What else is known of those threats.
    beside: HashMap<ThreatId, Beside>,
    /// What FIRST's file of scores tells of the vulnerabilities.
    rated: HashMap<String, Rated>,
    policy: &'static Policy,
}

impl Known {
    /// Looks up what is known of `heard`.
    pub(in crate::threat) async fn of(tx: &mut Tx, source: Source, heard: &[Heard]) -> Result<Self, DbError> {
        let keys: Vec<String> = heard.iter().map(|heard| heard.key.clone()).collect();
        let statements = store::known(tx, source, &keys).await?;
        let differs = |heard: &&Heard| {
            let before = statements.get(&heard.key);
            before.is_some_and(|before| before.hash != Sha256::digest(&heard.verbatim)[..])
        };
        let others: Vec<String> = heard.iter().filter(differs).map(|heard| heard.key.clone()).collect();
        let verbatim = store::known::verbatim(tx, source, &others).await?;
        let cves: Vec<String> =
            heard.iter().flat_map(|heard| &heard.said.cves).map(ToString::to_string).collect();
        let threats = store::threats_of(tx, &cves).await?;
        let concerned = threats.values().copied().chain(statements.values().map(|before| before.threat));
        let known = Self::pictured(tx, concerned.collect(), cves).await?;
        Ok(Self { statements, verbatim, threats, ..known })
    }

    /// What pictures of these threats are made of, and how their vulnerabilities, and `cves`, are rated.
    async fn pictured(tx: &mut Tx, mut threats: Vec<ThreatId>, cves: Vec<String>) -> Result<Self, DbError> {
        threats.sort_unstable();
        threats.dedup();
        store::known::hold_these(tx, &threats).await?;
        let said = store::said_of(tx, &threats).await?;
        // Also of vulnerabilities that other sources tied to the same threats.
        let theirs = said.values().flatten().flat_map(|(_, _, said)| &said.cves).map(ToString::to_string);
        let mut all: Vec<String> = cves.into_iter().chain(theirs).collect();
        all.sort_unstable();
        all.dedup();
        Ok(Self {
            statements: HashMap::new(),
            verbatim: HashMap::new(),
            threats: HashMap::new(),
            said,
            beside: triage::store::beside(tx, &threats).await?,
            rated: store::rated_of(tx, &all).await?,
            policy: Policy::current(tx.now),
        })
    }

    /// The threat of a vulnerability.
    pub(in crate::threat) fn threat_of(&self, cve: &str) -> Option<ThreatId> {
        self.threats.get(cve).copied()
    }

    /// Why a statement is not taken in: because its source changed the one that is known later.
    pub(in crate::threat) fn is_late(&self, source: Source, heard: &Heard) -> Option<String> {
        let known = self.before(source, heard)?.updated?;
        let told = heard.said.updated.filter(|told| *told < known)?;
        Some(format!(
            "This is {} as it was on {told}, and it is known as it was on {known}: it changes nothing.",
            heard.key
        ))
    }

    /// What its source said before.
    fn before(&self, source: Source, heard: &Heard) -> Option<&Said> {
        let threat = self.statements.get(&heard.key)?.threat;
        let mut all = self.said.get(&threat).into_iter().flatten();
        all.find(|(of, key, _)| (*of, key) == (source, &heard.key)).map(|(_, _, said)| said)
    }

    /// Whether a text is the one that is known, but for how it is laid out.
    fn reads_alike(&self, heard: &Heard) -> bool {
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        let before = self.verbatim.get(&heard.key).and_then(|before| read(before));
        before.is_some_and(|before| read(&heard.verbatim) == Some(before))
    }

    /// Takes one in: it becomes a new threat, or adds to the one that it is about, which is redrawn.
    pub(in crate::threat) async fn take(
        &mut self,
        tx: &mut Tx,
        source: Source,
        document: Option<DocumentId>,
        heard: &Heard,
    ) -> Result<(Option<ThreatId>, Taken), DbError> {
        let hash: [u8; 32] = Sha256::digest(&heard.verbatim).into();
        let said = straight(&heard.said);
        let before = self.statements.get(&heard.key);
        // The same words say something else once what stands around them in a document does.
        if let Some(before) = before
            && self.before(source, heard) == Some(&said)
            && (before.hash == hash || self.reads_alike(heard))
        {
            return Ok((Some(before.threat), Taken::Same));
        }
        let taken = if before.is_some() { Taken::Changed } else { Taken::New };
        let cves: Vec<String> = said.cves.iter().map(ToString::to_string).collect();
        let by_cve = || cves.iter().find_map(|cve| self.threat_of(cve));
        let threat = before.map(|before| before.threat).or_else(by_cve);
        if threat.is_none() && said.flags.contains(&Flag::Rejected) {
            // A number that stands for nothing is no threat.
            return Ok((None, Taken::PassedOver));
        }
        if taken == Taken::Changed {
            store::supersede(tx, source, &heard.key).await?;
        }
        let mut all = threat.and_then(|threat| self.said.remove(&threat)).unwrap_or_default();
        let was = self.picture(threat, &all);
        let was_void = rejected::void(&all);
        all.retain(|(of, key, _)| (*of, key) != (source, &heard.key));
        all.push((source, heard.key.clone(), said.clone()));
        let picture = self
            .picture(threat, &all)
            .ok_or_else(|| DbError::Engine("a threat of no statement".to_owned()))?;
        let id = match threat {
            Some(threat) => {
                let was = was.map(|was| was.looks).filter(|was| picture.looks.differs(*was));
                store::redraw(tx, threat, &picture, was.map(|was| (Cause::Source(source), was))).await?;
                threat
            }
            None => store::insert(tx, &picture).await?,
        };
        store::tie(tx, id, &said.cves).await?;
        store::mention(tx, id, mentions(&all)).await?;
        let (key, verbatim, said) = (&heard.key, &heard.verbatim, &said);
        store::state(tx, &NewStatement { threat: id, source, key, document, verbatim, hash, said }).await?;
        for cve in cves {
            self.threats.entry(cve).or_insert(id);
        }
        match (was_void, rejected::void(&all)) {
            (None, Some(void)) => rejected::dismiss(tx, id, void, said).await?,
            (Some(_), None) => rejected::take_back(tx, id).await?,
            _ => {}
        }
        self.said.insert(id, all);
        self.verbatim.remove(&heard.key);
        self.statements.insert(heard.key.clone(), Before { threat: id, hash: hash.to_vec() });
        Ok((Some(id), taken))
    }

    fn picture(&self, threat: Option<ThreatId>, all: &[(Source, String, Said)]) -> Option<Picture> {
        let cves = all.iter().flat_map(|(_, _, said)| &said.cves);
        let rated = cves.filter_map(|cve| self.rated.get(&cve.to_string()).copied());
        let rated = rated.fold(Rated::default(), Rated::and);
        let all: Vec<_> = all.iter().map(|(source, _, said)| (*source, said)).collect();
        let beside = threat.and_then(|threat| self.beside.get(&threat)).unwrap_or(Beside::NOTHING);
        Picture::of(&all, rated, beside, self.policy)
    }
}

/// The vulnerabilities that all of these speak of.
fn mentions(all: &[(Source, String, Said)]) -> impl Iterator<Item = &CveId> {
    all.iter().flat_map(|(_, _, said)| &said.mentions)
}

/// Ends statements that their source no longer makes, a few at a time, and redraws their threats from
/// what still stands. One of which nothing stands keeps its name, and nothing urgent is known of it.
pub(super) async fn withdraw(
    tx: &mut Tx,
    source: Source,
    gone: &[(String, ThreatId)],
) -> Result<(), DbError> {
    let threats = gone.iter().map(|(_, threat)| *threat).collect();
    let mut known = Known::pictured(tx, threats, Vec::new()).await?;
    for (key, threat) in gone {
        store::supersede(tx, source, key).await?;
        let mut all = known.said.remove(threat).unwrap_or_default();
        let Some(before) = known.picture(Some(*threat), &all) else { continue };
        let was = before.looks;
        all.retain(|(of, each, _)| (*of, each) != (source, key));
        let picture = known
            .picture(Some(*threat), &all)
            .unwrap_or_else(|| Picture { looks: Looks { epss: was.epss, ..Looks::default() }, ..before });
        let was = picture.looks.differs(was).then_some((Cause::Source(source), was));
        store::redraw(tx, *threat, &picture, was).await?;
        store::mention(tx, *threat, mentions(&all)).await?;
        known.said.insert(*threat, all);
    }
    Ok(())
}

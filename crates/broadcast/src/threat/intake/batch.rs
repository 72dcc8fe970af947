//! A few statements at a time: what was known before is looked up for all of them together, so that
//! an import costs no question for each row.

use std::collections::HashMap;

use db::DbError;
use platform::{Tx, import::Taken};
use sha2::{Digest, Sha256};

use super::Heard;
use crate::{
    source::{DocumentId, Source},
    threat::{
        Flag, Picture, Said, ThreatId,
        store::{self, Before, NewStatement},
    },
};

/// Statements that are stored in one transaction: some milliseconds.
pub(super) const TURN: usize = 128;

/// What was known of a few statements, and is kept up as they are taken in.
pub(in crate::threat) struct Known {
    /// What their source said before, by its key.
    statements: HashMap<String, Before>,
    /// The threats of their vulnerabilities.
    threats: HashMap<String, ThreatId>,
    /// What stands of those threats: source, key, words.
    said: HashMap<ThreatId, Vec<(Source, String, Said)>>,
    /// How likely the vulnerabilities are to be exploited, in billionths.
    epss: HashMap<String, u32>,
}

impl Known {
    /// Looks up what is known of `heard`.
    pub(in crate::threat) async fn of(tx: &mut Tx, source: Source, heard: &[Heard]) -> Result<Self, DbError> {
        let keys: Vec<String> = heard.iter().map(|heard| heard.key.clone()).collect();
        let statements = store::known(tx, source, &keys).await?;
        let cves: Vec<String> =
            heard.iter().flat_map(|heard| &heard.said.cves).map(ToString::to_string).collect();
        let threats = store::threats_of(tx, &cves).await?;
        let mut concerned: Vec<_> = threats.values().copied().collect();
        concerned.extend(statements.values().map(|before| before.threat));
        concerned.sort_unstable();
        concerned.dedup();
        let said = store::said_of(tx, &concerned).await?;
        // Also of vulnerabilities that other sources tied to the same threats.
        let theirs = said.values().flatten().flat_map(|(_, _, said)| &said.cves).map(ToString::to_string);
        let mut all: Vec<String> = cves.into_iter().chain(theirs).collect();
        all.sort_unstable();
        all.dedup();
        Ok(Self { statements, threats, said, epss: store::epss_of(tx, &all).await? })
    }

    /// The threat of a vulnerability.
    pub(in crate::threat) fn threat_of(&self, cve: &str) -> Option<ThreatId> {
        self.threats.get(cve).copied()
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
        let before = self.statements.get(&heard.key);
        if let Some(before) = before.filter(|before| before.hash == hash) {
            return Ok((Some(before.threat), Taken::Same));
        }
        let taken = if before.is_some() { Taken::Changed } else { Taken::New };
        let cves: Vec<String> = heard.said.cves.iter().map(ToString::to_string).collect();
        let by_cve = || cves.iter().find_map(|cve| self.threat_of(cve));
        let threat = before.map(|before| before.threat).or_else(by_cve);
        if threat.is_none() && heard.said.flags.contains(&Flag::Rejected) {
            // A number that stands for nothing is no threat.
            return Ok((None, Taken::Same));
        }
        if taken == Taken::Changed {
            store::supersede(tx, source, &heard.key).await?;
        }
        let mut all = threat.and_then(|threat| self.said.remove(&threat)).unwrap_or_default();
        let was = self.picture(&all);
        all.retain(|(of, key, _)| (*of, key) != (source, &heard.key));
        all.push((source, heard.key.clone(), heard.said.clone()));
        let picture =
            self.picture(&all).ok_or_else(|| DbError::Engine("a threat of no statement".to_owned()))?;
        let id = match threat {
            Some(threat) => {
                let was = was.map(|was| was.looks).filter(|was| picture.looks.differs(*was));
                store::redraw(tx, threat, &picture, was.map(|was| (source, was))).await?;
                threat
            }
            None => store::insert(tx, &picture).await?,
        };
        store::tie(tx, id, &heard.said.cves).await?;
        store::mention(tx, id, &heard.said.mentions).await?;
        let (key, verbatim, said) = (&heard.key, &heard.verbatim, &heard.said);
        store::state(tx, &NewStatement { threat: id, source, key, document, verbatim, hash, said }).await?;
        for cve in cves {
            self.threats.entry(cve).or_insert(id);
        }
        self.said.insert(id, all);
        self.statements.insert(heard.key.clone(), Before { threat: id, hash: hash.to_vec() });
        Ok((Some(id), taken))
    }

    fn picture(&self, all: &[(Source, String, Said)]) -> Option<Picture> {
        let cves = all.iter().flat_map(|(_, _, said)| &said.cves);
        let epss = cves.filter_map(|cve| self.epss.get(&cve.to_string()).copied()).max();
        let all: Vec<_> = all.iter().map(|(source, _, said)| (*source, said)).collect();
        Picture::of(&all, epss)
    }
}

//! Following a provider of security advisories: what its lists name and was not read since it last
//! changed, the newest first, with what proves that it is its publisher's.

use std::{cmp::Reverse, collections::HashSet};

use formats::csaf::feed::{Hosts, Provider, address};
use url::Url;

use super::{
    ACTOR, Following, Read, Seen,
    list::{self, Lies, List, Listed},
    name_of, place,
};
use crate::{
    feed::ask::NotHeard,
    source::{Beside, Keys},
    threat::intake::{ImportError, LARGEST, csaf},
};

/// The most documents of one asking; the next one comes soon where some are left.
const MOST: usize = 200;
/// The largest checksum, signature or file of keys, in bytes.
const SMALL: u64 = 1024 * 1024;
/// The most lists, and keys, of a provider; the largest names some twenty.
const MOST_NAMED: usize = 100;

impl Following<'_> {
    /// Reads a feed of advisories.
    pub(super) async fn advisories(&mut self) -> Result<(), ImportError> {
        let root = self.feed.url.clone();
        let mut keys = self.own_keys();
        let mut lists = Vec::new();
        let mut documents = Vec::new();
        if let Some((bytes, seen)) = self.part(&root).await? {
            match self.lies(&root, &bytes) {
                Some(Lies::Advisory) => {
                    let listed =
                        Listed { url: root.clone(), at: None, checksums: Vec::new(), signature: None };
                    return match self.take(&listed, bytes, Beside::default(), &keys).await? {
                        Some(refused) => {
                            self.fail(refused);
                            Ok(())
                        }
                        None => self.see(&root, Some(&seen)).await,
                    };
                }
                Some(Lies::List(list)) => {
                    documents.extend(self.kept(&root, list));
                    lists.push((root, seen));
                }
                Some(Lies::Provider(provider)) => {
                    if self.feed.keys.is_none() {
                        keys = self.keys_of(&provider).await;
                    }
                    for each in list::lists(&provider).into_iter().take(MOST_NAMED) {
                        match each {
                            Ok(url) => self.list(url, &mut lists, &mut documents).await?,
                            Err(error) => self.fail(NotHeard::because(error.to_string())),
                        }
                    }
                }
                None => {}
            }
        }
        let all = self.take_due(documents, &keys).await?;
        for (url, seen) in lists {
            // A list of which something is left is read again, whatever its server says.
            self.see(&url, all.then_some(&seen)).await?;
        }
        Ok(())
    }

    /// Reads a list that a provider names.
    async fn list(
        &mut self,
        url: Url,
        lists: &mut Vec<(Url, Seen)>,
        documents: &mut Vec<Listed>,
    ) -> Result<(), ImportError> {
        let Some((bytes, seen)) = self.part(&url).await? else { return Ok(()) };
        match self.lies(&url, &bytes) {
            Some(Lies::List(list)) => {
                documents.extend(self.kept(&url, list));
                lists.push((url, seen));
            }
            Some(_) => self.fail(NotHeard::because(format!("There is no list of advisories at {url}."))),
            None => {}
        }
        Ok(())
    }

    /// What lies at an address by which documents are found; nothing where it is as it was, or cannot
    /// be read, which fails the whole.
    async fn part(&mut self, url: &Url) -> Result<Option<(Vec<u8>, Seen)>, ImportError> {
        match self.read(url).await? {
            Ok(Read::New(bytes, seen)) => Ok(Some((bytes, seen))),
            Ok(Read::Same) => Ok(None),
            Err(failure) => {
                self.fail(failure);
                Ok(None)
            }
        }
    }

    fn lies(&mut self, url: &Url, bytes: &[u8]) -> Option<Lies> {
        let read = list::read(url, bytes);
        read.map_err(|refusal| self.fail(NotHeard::because(refusal.to_string()))).ok()
    }

    /// The documents of a list; its rows that could not be read are refused.
    fn kept(&mut self, url: &Url, list: List) -> Vec<Listed> {
        for refusal in list.refused {
            self.came.report.refuse(&name_of(url), refusal);
        }
        list.documents
    }

    /// Notes why a part that leads to documents could not be read: the first reason is told.
    fn fail(&mut self, failure: NotHeard) {
        self.came.failure.get_or_insert(failure);
    }

    /// Takes in those documents that are due; says whether none is left to be tried again.
    async fn take_due(&mut self, listed: Vec<Listed>, keys: &Keys) -> Result<bool, ImportError> {
        let due = self.due(listed).await?;
        let (mut done, mut fresh, mut missed) = (0, 0, Vec::new());
        for (each, tries) in due.iter().take(MOST) {
            if self.now() >= self.until {
                break;
            }
            let failure = self.document_of(each, keys).await?;
            // An outage uses up no try.
            let tried = failure.as_ref().map_or(0, |failure| tries + i64::from(!failure.is_passing));
            let reason = failure.as_ref().map(|failure| failure.reason.as_str());
            let mut tx = self.app.write().await?;
            place::note(&mut tx, self.feed.id, &each.url, each.at, tried, reason).await?;
            tx.commit().await?;
            done += 1;
            fresh += usize::from(*tries == 0);
            let Some(failure) = failure else { continue };
            missed.push((*tries == 0, format!("{}: {}", name_of(&each.url), failure.reason)));
            if failure.retry_after.is_some() {
                self.fail(failure);
                break;
            }
        }
        self.came.remaining = due.len() - done;
        let is_whole = missed.is_empty() && self.came.remaining == 0;
        // A list none of whose news can be had is worth no more than one that cannot be read.
        if fresh > 0 && missed.iter().filter(|(is_fresh, _)| *is_fresh).count() == fresh {
            self.fail(NotHeard::because(format!(
                "What is new in the list cannot be taken in, {fresh} in all."
            )));
        }
        self.came.missed.extend(missed.into_iter().map(|(_, sentence)| sentence));
        Ok(is_whole)
    }

    /// Those documents that were not read since they last changed, the newest first, each with how
    /// often it was tried.
    async fn due(&self, listed: Vec<Listed>) -> Result<Vec<(Listed, i64)>, ImportError> {
        if listed.is_empty() {
            return Ok(Vec::new());
        }
        let known = place::known(&mut self.app.db.read_long().await?, self.feed.id).await?;
        let mut named = HashSet::new();
        let mut due = Vec::new();
        for each in listed {
            let before = known.get(each.url.as_str());
            if before.is_none_or(|before| before.is_due(each.at)) && named.insert(each.url.clone()) {
                let tries = before.map_or(0, |before| before.tries(each.at));
                due.push((each, tries));
            }
        }
        due.sort_by_key(|(each, _)| Reverse(each.at));
        Ok(due)
    }

    /// Reads one document and takes it in; says why not, where it could not be.
    async fn document_of(&mut self, listed: &Listed, keys: &Keys) -> Result<Option<NotHeard>, ImportError> {
        let read = match self.fetch(&listed.url, LARGEST).await {
            Ok(bytes) => self.beside(listed).await.map(|beside| (bytes, beside)),
            Err(missed) => Err(missed),
        };
        match read {
            Ok((bytes, beside)) => self.take(listed, bytes, beside, keys).await,
            Err(missed) => Ok(Some(missed)),
        }
    }

    /// Takes a document in; says why it was refused, where it was.
    async fn take(
        &mut self,
        listed: &Listed,
        bytes: Vec<u8>,
        beside: Beside,
        keys: &Keys,
    ) -> Result<Option<NotHeard>, ImportError> {
        let name = name_of(&listed.url);
        let report = csaf::take_in(self.app, &ACTOR, &name, bytes, beside, keys).await?;
        let refused = report.refusals.first().map(|refusal| NotHeard::because(&refusal.reason));
        self.came.report.add(report);
        Ok(refused)
    }

    /// The checksum and the signature of a document. Where there is none it is taken in without; where
    /// there is one that cannot be read, it is not.
    async fn beside(&mut self, listed: &Listed) -> Result<Beside, NotHeard> {
        let mut beside = Beside::default();
        // One by SHA-512, or else one by SHA-256.
        for url in listed.checksums.iter().take(2) {
            if let Some(checksum) = self.maybe(url).await? {
                beside.checksums.push(checksum);
                break;
            }
        }
        if let Some(url) = &listed.signature {
            beside.signature = self.maybe(url).await?;
        }
        Ok(beside)
    }

    /// A small file; nothing where there is none.
    async fn maybe(&mut self, url: &Url) -> Result<Option<Vec<u8>>, NotHeard> {
        match self.fetch(url, SMALL).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(missing) if missing.is_missing => Ok(None),
            Err(missed) => Err(missed),
        }
    }

    /// The keys that people gave for this feed.
    fn own_keys(&mut self) -> Keys {
        let Some(text) = &self.feed.keys else { return Keys::default() };
        Keys::parse(text.as_bytes()).unwrap_or_else(|reason| {
            self.came.missed.push(format!("The keys of this feed cannot be read: {reason}"));
            Keys::default()
        })
    }

    /// The keys that a provider says are its own, where people gave none (CSAF 2.0, 7.1.20): as
    /// trustworthy as the place at which its metadata lies.
    async fn keys_of(&mut self, provider: &Provider) -> Keys {
        let mut armoured = Vec::new();
        for key in provider.keys.iter().take(MOST_NAMED) {
            let read = match address(&key.url, Hosts::AnyNamed) {
                Ok(url) => self.fetch(&url, SMALL).await.map_err(|missed| missed.reason),
                Err(error) => Err(error.to_string()),
            };
            match read {
                Ok(bytes) if (armoured.len() + bytes.len()) as u64 <= SMALL => {
                    armoured.extend_from_slice(&bytes);
                    armoured.push(b'\n');
                }
                Ok(_) => self.came.missed.push("The provider's keys are too large.".to_owned()),
                Err(reason) => self.came.missed.push(format!("A key of the provider: {reason}")),
            }
        }
        if armoured.is_empty() {
            return Keys::default();
        }
        Keys::parse(&armoured).unwrap_or_else(|reason| {
            self.came.missed.push(format!("The provider's keys cannot be read: {reason}"));
            Keys::default()
        })
    }
}

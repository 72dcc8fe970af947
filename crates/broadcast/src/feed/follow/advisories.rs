//! Following a provider of security advisories: what its lists name and was not read since it last
//! changed, the newest first, with what proves that it is its publisher's.

use formats::csaf::feed::{Hosts, OpenPgpKey, Provider, address};
use platform::import::ImportRemark;
use url::Url;

use super::{
    ACTOR, Following, Read, Seen,
    list::{self, Lies, List, Listed},
    name_of,
};
use crate::{
    feed::ask::NotHeard,
    source::{Beside, Demand, Keys},
    threat::intake::{ImportError, csaf},
};

/// The largest checksum, signature or file of keys, in bytes.
const SMALL: u64 = 1024 * 1024;
/// The most lists, and keys, of a provider; the largest names some twenty.
const MOST_NAMED: usize = 100;

impl Following<'_> {
    /// Reads a feed of advisories.
    pub(super) async fn advisories(&mut self) -> Result<(), ImportError> {
        let root = self.feed.url.clone();
        let Some(mut keys) = self.own_keys() else { return Ok(()) };
        let mut lists = Vec::new();
        let mut documents = Vec::new();
        if let Some((bytes, seen)) = self.part(&root).await? {
            match self.lies(&root, &bytes) {
                Some(Lies::Advisory) => {
                    return match self.proven(&Listed::alone(root.clone(), None), bytes, &keys).await? {
                        Some(refused) => {
                            self.fail(refused);
                            Ok(())
                        }
                        None => self.see(&root, Some(&seen)).await,
                    };
                }
                Some(Lies::List(list)) => self.row_up(root, list, seen, &mut lists, &mut documents),
                Some(Lies::Provider(provider)) => {
                    if self.feed.keys.is_none() {
                        let Some(told) = self.keys_of(&provider).await else { return Ok(()) };
                        keys = told;
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
            Some(Lies::List(list)) => self.row_up(url, list, seen, lists, documents),
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

    /// Takes the documents of a list. One of which every row was refused is as good as none, and one that is cut
    /// short names not all: either fails the whole, and is read again.
    fn row_up(
        &mut self,
        url: Url,
        list: List,
        seen: Seen,
        lists: &mut Vec<(Url, Seen)>,
        documents: &mut Vec<Listed>,
    ) {
        let is_refused = list.documents.is_empty() && !list.refused.is_empty();
        let broken_off = list.broken_off.clone();
        documents.extend(self.kept(&url, list));
        if is_refused {
            self.fail(NotHeard::because(format!("Nothing in the list at {url} can be taken in.")));
        } else if let Some(reason) = broken_off {
            let (name, whole) = (name_of(&url), "What was read of it is followed.");
            let reason = format!("The list could not be read to its end ({name}, {reason}) {whole}");
            self.fail(NotHeard::because(reason));
        } else {
            lists.push((url, seen));
        }
    }

    /// The documents of a list; its rows that could not be read are refused.
    fn kept(&mut self, url: &Url, list: List) -> Vec<Listed> {
        let file = name_of(url);
        for refusal in list.refused {
            self.came.report.refuse(&file, refusal);
        }
        for reason in list.remarks {
            self.came.report.remark(ImportRemark { file: file.clone(), line: None, path: None, reason });
        }
        list.documents
    }

    /// Notes why a part that leads to documents could not be read: the first reason is told.
    pub(super) fn fail(&mut self, failure: NotHeard) {
        self.came.failure.get_or_insert(failure);
    }

    /// Takes a document in with what proves it; says why it was refused, where it was.
    pub(super) async fn proven(
        &mut self,
        listed: &Listed,
        bytes: Vec<u8>,
        keys: &Keys,
    ) -> Result<Option<NotHeard>, ImportError> {
        let beside = match self.beside(listed).await {
            Ok(beside) => beside,
            Err(missed) => return Ok(Some(missed)),
        };
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
        for url in listed.checksums().iter().take(2) {
            if let Some(checksum) = self.maybe(url).await? {
                beside.checksums.push(checksum);
                break;
            }
        }
        if let Some(url) = listed.signature() {
            beside.signature = self.maybe(&url).await?;
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

    /// The keys that people gave for this feed: what none of them signed is refused. Nothing where they
    /// cannot be read, which fails the whole.
    fn own_keys(&mut self) -> Option<Keys> {
        let Some(text) = &self.feed.keys else { return Some(Keys::default().demanding(Demand::AsBefore)) };
        match Keys::parse(text.as_bytes()) {
            Ok(keys) => Some(keys.demanding(Demand::Signature)),
            Err(reason) => {
                self.fail(NotHeard::because(format!("The keys of this feed cannot be read: {reason}")));
                None
            }
        }
    }

    /// The keys that a provider says are its own, where people gave none (CSAF 2.0, 7.1.20): as
    /// trustworthy as the place at which its metadata lies. Nothing where one of them cannot be had for
    /// now, since what it would prove is read once only.
    async fn keys_of(&mut self, provider: &Provider) -> Option<Keys> {
        let mut keys = Keys::default().demanding(Demand::AsBefore);
        // Whoever can change what is read over http:// would name keys of their own.
        let told = if self.feed.url.scheme() == "https" { provider.keys.as_slice() } else { &[] };
        for key in told.iter().take(MOST_NAMED) {
            match self.key_of(key).await {
                Ok(read) => keys = keys.and(read),
                Err(missed) if missed.is_passing => {
                    self.fail(missed);
                    return None;
                }
                Err(missed) => self.came.missed.push(format!("A key of the provider: {}", missed.reason)),
            }
        }
        Some(keys)
    }

    /// A key of a provider, where it is the one whose fingerprint the provider tells.
    async fn key_of(&mut self, key: &OpenPgpKey) -> Result<Keys, NotHeard> {
        let url = address(&key.url, Hosts::AnyNamed).map_err(|error| NotHeard::because(error.to_string()))?;
        let bytes = self.fetch(&url, SMALL).await?;
        let keys = Keys::parse(&bytes).map_err(|reason| NotHeard::because(format!("{url}: {reason}")))?;
        match &key.fingerprint {
            Some(told) if !keys.are_of(told) => {
                Err(NotHeard::because(format!("{url}: it has not the fingerprint that the provider tells.")))
            }
            _ => Ok(keys),
        }
    }
}

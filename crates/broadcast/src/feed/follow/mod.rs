//! One asking of a feed: what lies there is read and taken in, as whoever imports a file would.
//!
//! Nothing here decides when: that is the job's. Nothing here is undone either: what was taken in
//! stays, and what was not is read next time.

mod advisories;
mod due;
mod list;
mod place;
mod records;

use std::io::Cursor;

use formats::cve_record::changes;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use platform::{Actor, App, import::Report, job::Job, net::Reach};
use sha2::{Digest, Sha256};
use url::Url;

use super::{
    Feed, Follow,
    ask::{self, Answer, NotHeard, Validators},
};
use crate::{
    source::Source,
    threat::intake::{self, ImportError, LARGEST},
};

/// For how long an asking goes on, so that its job's lease outlasts it.
const LONGEST: SignedDuration = SignedDuration::from_mins(2);
/// Who takes in what feeds tell.
const ACTOR: Actor = Actor::Job(Follow::NAME);

/// What came of an asking.
#[derive(Debug)]
pub(super) struct Followed {
    /// What was taken in.
    pub report: Report,
    /// How many requests it made.
    pub asked: i64,
    /// How many bytes were answered.
    pub bytes: u64,
    /// Documents that are left for the next one, since there were too many.
    pub remaining: usize,
    /// What could not be had and does not fail the whole, in sentences.
    pub missed: Vec<String>,
    /// Why the feed itself could not be read.
    pub failure: Option<NotHeard>,
}

impl Followed {
    /// Nothing yet.
    pub const fn nothing(source: Source) -> Self {
        let report = Report::of(source.code());
        Self { report, asked: 0, bytes: 0, remaining: 0, missed: Vec::new(), failure: None }
    }
}

/// An asking on its way.
struct Following<'a> {
    app: &'a App,
    feed: &'a Feed,
    /// When it asks for nothing more.
    until: Timestamp,
    came: Followed,
}

/// What lies at an address that may not have changed.
enum Read {
    /// What lay there before.
    Same,
    /// This, and by what to ask for it next time.
    New(Vec<u8>, Seen),
}

/// By what to tell next time whether an address has changed.
struct Seen {
    validators: Validators,
    hash: [u8; 32],
}

/// Asks a feed, and takes in what it tells.
pub(super) async fn follow(app: &App, feed: &Feed) -> Result<Followed, ImportError> {
    let until = app.env.now() + LONGEST;
    let mut following = Following { app, feed, until, came: Followed::nothing(feed.source) };
    if feed.source == Source::Csaf {
        following.advisories().await?;
    } else {
        following.document().await?;
    }
    Ok(following.came)
}

impl Following<'_> {
    /// Reads a feed that is one document.
    async fn document(&mut self) -> Result<(), ImportError> {
        let url = self.feed.url.clone();
        match self.read(&url).await? {
            Err(failure) => self.came.failure = Some(failure),
            Ok(Read::Same) => {}
            Ok(Read::New(bytes, seen)) if self.feed.source == Source::Cve && changes::is_one(&bytes) => {
                self.changed_records(&url, &bytes, &seen).await?;
            }
            Ok(Read::New(bytes, seen)) => {
                let (source, name) = (self.feed.source, name_of(&url));
                let input = Cursor::new(bytes);
                let report = intake::take_in(self.app, &ACTOR, source, input, &name, |_| {}).await?;
                let broken_off = report.broken_off.clone();
                let is_all_refused = report.refused > 0 && report.new + report.changed + report.same == 0;
                self.add(report);
                // Such as a page that says that the server is being mended.
                if is_all_refused {
                    self.came.failure = Some(NotHeard::because("Nothing in it can be taken in."));
                } else if let Some(reason) = broken_off {
                    // What stands behind is fetched next time, whatever the server says of it.
                    self.came.failure = Some(NotHeard::because(format!(
                        "It could not be read to its end ({name}, {reason}) What was read of it is taken in."
                    )));
                } else {
                    self.see(&url, Some(&seen)).await?;
                }
            }
        }
        Ok(())
    }

    /// Asks for what lies at an address, unless it is what lay there before.
    async fn read(&mut self, url: &Url) -> Result<Result<Read, NotHeard>, ImportError> {
        let (validators, before) = place::seen(&mut self.app.read().await?, self.feed.id, url).await?;
        match self.ask(url, &validators, LARGEST).await {
            Err(failure) => Ok(Err(failure)),
            Ok(Answer::Unchanged) => Ok(Ok(Read::Same)),
            Ok(Answer::Changed(bytes, told)) => {
                let seen = Seen { hash: Sha256::digest(&bytes).into(), validators: told };
                if before.as_deref() != Some(&seen.hash[..]) {
                    return Ok(Ok(Read::New(bytes, seen)));
                }
                if seen.validators != validators {
                    self.see(url, Some(&seen)).await?;
                }
                Ok(Ok(Read::Same))
            }
        }
    }

    /// Asks for whatever lies at an address now.
    async fn fetch(&mut self, url: &Url, most: u64) -> Result<Vec<u8>, NotHeard> {
        match self.ask(url, &Validators::default(), most).await? {
            Answer::Changed(bytes, _) => Ok(bytes),
            Answer::Unchanged => {
                Err(NotHeard::because("The server says that nothing changed, and was not asked that."))
            }
        }
    }

    async fn ask(&mut self, url: &Url, known: &Validators, most: u64) -> Result<Answer, NotHeard> {
        if self.now() >= self.until {
            return Err(NotHeard::for_now("This asking has taken too long; the next one goes on."));
        }
        self.came.asked += 1;
        // A list of others may lead to any host; none of our keys goes where only they lead.
        let is_own = url.origin() == self.feed.url.origin();
        let reach = if is_own { Reach::Allowed } else { Reach::Led };
        let answer = ask::ask(&*self.app.net, url, reach, known, most, self.now()).await;
        if let Ok(Answer::Changed(bytes, _)) = &answer {
            self.came.bytes += bytes.len() as u64;
        }
        answer
    }

    /// Keeps by what to ask next time; nothing, where what lies there is to be read again.
    async fn see(&self, url: &Url, seen: Option<&Seen>) -> Result<(), ImportError> {
        let nothing = Validators::default();
        let validators = seen.map_or(&nothing, |seen| &seen.validators);
        let mut tx = self.app.write().await?;
        place::see(&mut tx, self.feed, url, validators, seen.map(|seen| &seen.hash)).await?;
        Ok(tx.commit().await?)
    }

    fn add(&mut self, report: Report) {
        self.came.report.add(report);
    }

    fn now(&self) -> Timestamp {
        self.app.env.now()
    }
}

/// What to call the file that lies at an address.
fn name_of(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut segments| segments.rfind(|name| !name.is_empty()));
    let name = last.or(url.host_str()).unwrap_or_default();
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

//! STIX bundles: every object is kept as it stood, and those that are threats become statements.
//!
//! What an object says rests on others, which may come later or from elsewhere: who made it, how far
//! it may travel, which vulnerabilities it speaks of. So all objects are kept first; then statements
//! are made of what this document brought, and made anew of what now rests on it.

mod exploited;
mod heard;
mod object;

use std::{
    collections::{BTreeSet, HashMap},
    io::{Cursor, Read},
};

use db::{DbError, Snapshot};
use formats::{
    Refusal, Tlp,
    gunzip::{Gunzip, Limits},
    stix::{self, StixObject},
};
use platform::{
    Actor, App, Tx,
    import::{ImportRemark, Incoming, Report, Taken},
};

use super::{ImportError, Known, kept, note, whole};
use crate::{
    source::{self, DocumentId, Source},
    threat::{Flag, store::objects},
};
pub(crate) use heard::plain;
use object::Object;

/// What a bundle may unfold to; ATT&CK Enterprise, the largest public one, has some 50 MB.
const UNFOLDED: Limits = Limits { bytes: 1024 * 1024 * 1024, ratio: 200 };
/// Bytes of objects that are held at once; one more than that fits.
const HELD: i64 = 4 * 1024 * 1024;

/// Takes in a bundle, gzip or plain. The report counts objects, whatever their type.
pub(super) async fn take_in<I: Read + Send + 'static>(
    app: &App,
    actor: &Actor,
    input: I,
    file: &str,
    on_progress: impl Fn(u64),
) -> Result<Report, ImportError> {
    let mut report = Report::of(Source::Stix.code());
    let Some(bytes) = whole(input, file, &mut report).await? else { return Ok(report) };
    let mut incoming = Incoming::read_weighed(Cursor::new(bytes.clone()), Bundle::read, Object::weight);
    let mut document = None;
    let mut exploited = BTreeSet::new();
    while let Some(batch) = incoming.next().await {
        let read = kept(batch.rows, file, &mut report);
        if !read.is_empty() {
            let document = match document {
                Some(document) => document,
                None => *document.insert(source::store::keep(app, Source::Stix, file, &bytes).await?),
            };
            for turn in read.chunks(super::batch::TURN) {
                let mut tx = app.write().await?;
                keep(&mut tx, turn, (document, file), &mut report, &mut exploited).await?;
                tx.commit().await?;
            }
        }
        on_progress(batch.bytes);
    }
    drop(bytes);
    if let Some(document) = document {
        state_what_it_brought(app, document, file, &mut report).await?;
        state_what_rests_on_it(app, document, file, &mut report).await?;
        state_what_is_exploited(app, document, file, &exploited, &mut report).await?;
    }
    note(app, actor, Source::Stix, document, &report).await?;
    Ok(report)
}

/// The objects of a bundle and, where each was read, what is odd about the whole.
struct Bundle<R> {
    objects: stix::StixObjects<R>,
    refused: bool,
    ended: bool,
}

impl<R: Read> Bundle<Gunzip<R>> {
    fn read(input: R) -> Self {
        Self { objects: stix::read(Gunzip::new(input, UNFOLDED)), refused: false, ended: false }
    }
}

impl<R: Read> Iterator for Bundle<R> {
    type Item = Result<Object, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(object) = self.objects.next() {
            self.refused |= object.is_err();
            return Some(object.map(|object| Object::of(&object)));
        }
        if std::mem::replace(&mut self.ended, true) || self.refused {
            return None;
        }
        self.objects.warnings().into_iter().next().map(|warning| Err(Refusal::at(1, warning)))
    }
}

/// Keeps a few objects: what is known of them is asked for all together. The vulnerabilities of which they say
/// that something exploits them, or no longer, are added to `exploited`.
async fn keep(
    tx: &mut Tx,
    turn: &[Object],
    (document, file): (DocumentId, &str),
    report: &mut Report,
    exploited: &mut BTreeSet<String>,
) -> Result<(), DbError> {
    let ids: Vec<String> = turn.iter().map(|object| object.new.object.clone()).collect();
    let mut known = HashMap::new();
    let mut newest = HashMap::new();
    for version in objects::versions(tx, &ids).await? {
        if version.newest {
            newest.insert(version.object.clone(), version.modified);
        }
        known.insert((version.object, version.modified), version.hash);
    }
    for object in turn {
        let (id, modified) = (&object.new.object, object.new.modified);
        let mut remark = |reason: &str| {
            let (file, path) = (file.to_owned(), Some(id.clone()));
            report.remark(ImportRemark { file, line: Some(object.line), path, reason: reason.to_owned() });
        };
        let version = (id.clone(), modified);
        if let Some(hash) = known.get(&version) {
            if *hash != object.new.hash && !object.says(&objects::as_it_stood(tx, id, modified).await?) {
                remark("It says something else than what is known under the same version: that stays.");
            }
            report.count(Taken::Same);
            continue;
        }
        for reason in &object.unread {
            remark(&format!("{reason} That is left out of what it says; the object is kept as it stood."));
        }
        let before = newest.get(id);
        let is_newest = before.is_none_or(|before| modified > *before);
        report.count(if before.is_some() { Taken::Changed } else { Taken::New });
        if before.is_some() && is_newest {
            objects::make_way(tx, id).await?;
        }
        exploited.extend(object.exploits.clone());
        objects::keep(tx, &object.new, is_newest, document).await?;
        if is_newest {
            for relation in &object.relations {
                objects::relate(tx, id, relation).await?;
            }
            newest.insert(id.clone(), modified);
        }
        known.insert(version, object.new.hash.to_vec());
    }
    Ok(())
}

/// Makes statements of the objects that a document brought and that are threats.
async fn state_what_it_brought(
    app: &App,
    document: DocumentId,
    file: &str,
    report: &mut Report,
) -> Result<(), DbError> {
    let mut after = String::new();
    loop {
        let mut snapshot = app.db.read_long().await?;
        let found = objects::threats_in(&mut snapshot, document, &after).await?;
        drop(snapshot);
        let Some(turn) = turn(found) else { return Ok(()) };
        state(app, &turn, file, report).await?;
        after.clone_from(&turn[turn.len() - 1]);
    }
}

/// Makes statements anew of what other documents brought, where it rests on what this one did.
async fn state_what_rests_on_it(
    app: &App,
    document: DocumentId,
    file: &str,
    report: &mut Report,
) -> Result<(), DbError> {
    let mut last = String::new();
    loop {
        let mut snapshot = app.db.read_long().await?;
        let grounds = objects::grounds_in(&mut snapshot, document, &last).await?;
        drop(snapshot);
        let Some(end) = grounds.last() else { return Ok(()) };
        last.clone_from(end);
        for (ground, by) in grounds.iter().flat_map(|ground| RESTING.map(|by| (ground, by))) {
            let mut after = String::new();
            loop {
                let mut snapshot = app.db.read_long().await?;
                let found = objects::resting_on(&mut snapshot, ground, by, document, &after).await?;
                drop(snapshot);
                let Some(turn) = turn(found) else { break };
                state(app, &turn, file, report).await?;
                after.clone_from(&turn[turn.len() - 1]);
            }
        }
    }
}

/// Makes statements anew of vulnerabilities of other documents, where this one says what exploits them.
async fn state_what_is_exploited(
    app: &App,
    document: DocumentId,
    file: &str,
    exploited: &BTreeSet<String>,
    report: &mut Report,
) -> Result<(), DbError> {
    let exploited: Vec<String> = exploited.iter().cloned().collect();
    for some in exploited.chunks(AT_ONCE) {
        let elsewhere = objects::brought_elsewhere(&mut app.read().await?, some, document).await?;
        if !elsewhere.is_empty() {
            state(app, &elsewhere, file, report).await?;
        }
    }
    let mut after = String::new();
    loop {
        let mut snapshot = app.db.read_long().await?;
        let found = objects::exploited_by_those_in(&mut snapshot, document, &after).await?;
        drop(snapshot);
        let Some(turn) = turn(found) else { return Ok(()) };
        state(app, &turn, file, report).await?;
        after.clone_from(&turn[turn.len() - 1]);
    }
}

/// Vulnerabilities that are made statements of anew at once, each of 64 kB at most.
const AT_ONCE: usize = 64;

/// The properties by which a statement rests on another object.
const RESTING: [&str; 3] = ["created_by_ref", "object_marking_refs", "object_refs"];

/// As many of what was found as may be held at once, in order; `None` at the end.
fn turn(found: Vec<objects::Found>) -> Option<Vec<String>> {
    let mut held = 0;
    let within = found.into_iter().take_while(|found| {
        let room = held < HELD;
        held += found.size;
        room
    });
    let turn: Vec<String> = within.map(|found| found.object).collect();
    (!turn.is_empty()).then_some(turn)
}

/// Makes statements of these objects, as they are known now.
async fn state(app: &App, turn: &[String], file: &str, report: &mut Report) -> Result<(), DbError> {
    let mut tx = app.write().await?;
    let kept = objects::verbatim(&mut tx, turn).await?;
    let read: Vec<_> =
        kept.iter().filter_map(|(verbatim, document)| Some((again(verbatim)?, *document))).collect();
    let grounds = heard::Grounds::of(&mut tx, read.iter().map(|(object, _)| object)).await?;
    let heard = read.iter().filter_map(|(object, document)| Some((grounds.heard(object)?, *document)));
    let (heard, from): (Vec<_>, Vec<_>) = heard.unzip();
    let mut known = Known::of(&mut tx, Source::Stix, &heard).await?;
    for (heard, document) in heard.iter().zip(from) {
        let (_, taken) = known.take(&mut tx, Source::Stix, Some(document), heard).await?;
        if matches!(taken, Taken::New | Taken::Changed) && heard.said.flags.contains(&Flag::UnknownMarking) {
            let (path, reason) = (Some(heard.key.clone()), Flag::UnknownMarking.label());
            let reason = format!("{reason}.");
            report.remark(ImportRemark { file: file.to_owned(), line: None, path, reason });
        }
    }
    tx.commit().await
}

/// Reads an object that is kept.
pub(crate) fn again(verbatim: &str) -> Option<StixObject> {
    // In a list, since an object that stands alone is told from one by its type.
    let list = ["{\"objects\":[", verbatim, "]}"];
    let list = list[0].as_bytes().chain(list[1].as_bytes()).chain(list[2].as_bytes());
    stix::read(list).next()?.ok()
}

/// How far each of these objects may travel, as far as it tells; one that is too long to be held is left
/// out.
pub(crate) async fn markings(
    snapshot: &mut Snapshot,
    objects: &[String],
) -> Result<HashMap<String, Option<Tlp>>, DbError> {
    let kept = objects::short(snapshot, objects).await?;
    let objects: Vec<StixObject> = kept.iter().filter_map(|verbatim| again(verbatim)).collect();
    let grounds = heard::Grounds::of(snapshot, objects.iter()).await?;
    Ok(objects.iter().map(|object| (object.id.to_string(), grounds.marking(object).1)).collect())
}

//! The objects of one or more bundles by their identifiers, so that an object's relations can be
//! asked for both ways.
//!
//! Bundles are often partial: what a reference names may be missing. That is counted and told, and
//! is no error.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use thiserror::Error;

use super::marking::well_known;
use super::{Content, Marking, StixId, StixObject};

/// The most versions of objects that are held; ATT&CK Enterprise, the largest public bundle, has
/// some 25,000 objects.
const MOST_OBJECTS: usize = 200_000;
/// The most text of objects that is held, in bytes: five times ATT&CK Enterprise.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// The objects, of each the newest version and the older ones.
#[derive(Debug)]
pub struct Index {
    entries: Vec<Entry>,
    places: HashMap<StixId, usize>,
    /// For each object those that name it, in some version.
    named_by: HashMap<StixId, BTreeSet<usize>>,
    objects: usize,
    bytes: usize,
    most_objects: usize,
    most_bytes: usize,
}

#[derive(Debug)]
struct Entry {
    newest: StixObject,
    older: BTreeMap<Option<Timestamp>, StixObject>,
}

/// What became of an object that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is the first of its identifier.
    New,
    /// It is newer than what was held, which is now an older version.
    Newer,
    /// It is older than what is held.
    Older,
    /// It is what is held already.
    Same,
    /// It differs from what is held and yet claims to be the same version: the first one stays.
    Contradicts,
}

/// The index holds as much as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "No more than {MOST_OBJECTS} objects, or {MOST_BYTES} bytes of them, are held at once; take in the bundle in parts."
)]
pub struct Full;

/// Which way a relation leads, seen from the object that was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From it to the other.
    Out,
    /// From the other to it.
    In,
}

/// That two objects have to do with each other.
#[derive(Clone, Copy, Debug)]
pub struct Relation<'a> {
    /// How: the type of the relationship, such as `uses`, or the property that names the object,
    /// such as `created_by_ref`.
    pub name: &'a str,
    /// Which way.
    pub direction: Direction,
    /// The other object's identifier.
    pub other: &'a StixId,
    /// The other object, where it was read.
    pub object: Option<&'a StixObject>,
    /// The relationship object that says so; none where a property does.
    pub through: Option<&'a StixObject>,
}

/// How many references lead to an object that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution<'a> {
    /// Those that do. Well-known markings count, since the standard defines them.
    pub resolved: u64,
    /// Those that do not.
    pub unresolved: u64,
    /// The objects that are missing, and how often each is named.
    pub missing: BTreeMap<&'a StixId, u64>,
}

impl Default for Index {
    fn default() -> Self {
        Self::of_at_most(MOST_OBJECTS, MOST_BYTES)
    }
}

impl Index {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    fn of_at_most(most_objects: usize, most_bytes: usize) -> Self {
        Self {
            entries: Vec::new(),
            places: HashMap::new(),
            named_by: HashMap::new(),
            objects: 0,
            bytes: 0,
            most_objects,
            most_bytes,
        }
    }

    /// Takes an object in. The newest version of an identifier wins, in whatever order they come.
    pub fn keep(&mut self, object: StixObject) -> Result<Kept, Full> {
        let held = self.places.get(&object.id).copied();
        if let Some(place) = held {
            let entry = &self.entries[place];
            let version = object.version();
            let newest = (entry.newest.version() == version).then_some(&entry.newest);
            if let Some(same) = newest.or_else(|| entry.older.get(&version)) {
                let same = same.says(&object.verbatim);
                return Ok(if same { Kept::Same } else { Kept::Contradicts });
            }
        }
        let bytes = self.bytes + object.verbatim.len();
        if self.objects == self.most_objects || bytes > self.most_bytes {
            return Err(Full);
        }
        self.objects += 1;
        self.bytes = bytes;
        let place = held.unwrap_or(self.entries.len());
        for reference in &object.references {
            self.named_by.entry(reference.target.clone()).or_default().insert(place);
        }
        if held.is_none() {
            self.places.insert(object.id.clone(), place);
            self.entries.push(Entry { newest: object, older: BTreeMap::new() });
            return Ok(Kept::New);
        }
        let entry = &mut self.entries[place];
        if object.version() > entry.newest.version() {
            let before = std::mem::replace(&mut entry.newest, object);
            entry.older.insert(before.version(), before);
            return Ok(Kept::Newer);
        }
        entry.older.insert(object.version(), object);
        Ok(Kept::Older)
    }

    /// How many objects there are, each counted once whatever its versions.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The newest version of each object, in the order in which they first came.
    pub fn objects(&self) -> impl Iterator<Item = &StixObject> {
        self.entries.iter().map(|entry| &entry.newest)
    }

    /// The newest version of an object.
    pub fn get(&self, id: &StixId) -> Option<&StixObject> {
        self.entry(id).map(|entry| &entry.newest)
    }

    /// The older versions of an object, the newest of them first.
    pub fn older(&self, id: &StixId) -> impl Iterator<Item = &StixObject> {
        self.entry(id).into_iter().flat_map(|entry| entry.older.values().rev())
    }

    fn entry(&self, id: &StixId) -> Option<&Entry> {
        self.places.get(id).map(|&place| &self.entries[place])
    }

    /// Everything that has to do with an object, the object itself being there or not: first what it
    /// names, then what names it.
    pub fn relations<'a>(&'a self, id: &StixId) -> Vec<Relation<'a>> {
        let mut relations = Vec::new();
        if let Some(entry) = self.entry(id) {
            relations.extend(entry.newest.references.iter().map(|reference| Relation {
                name: &reference.property,
                direction: Direction::Out,
                other: &reference.target,
                object: self.get(&reference.target),
                through: None,
            }));
        }
        for &place in self.named_by.get(id).into_iter().flatten() {
            let by = &self.entries[place].newest;
            for reference in by.references.iter().filter(|reference| reference.target == *id) {
                relations.push(self.relation_by(by, &reference.property));
            }
        }
        relations
    }

    /// The relation of an object to `by`, which names it in `property`.
    fn relation_by<'a>(&'a self, by: &'a StixObject, property: &'a str) -> Relation<'a> {
        let ends = match (&by.content, property) {
            (Content::Relationship(relationship), "source_ref") => {
                Some((relationship, Direction::Out, &relationship.target_ref))
            }
            (Content::Relationship(relationship), "target_ref") => {
                Some((relationship, Direction::In, &relationship.source_ref))
            }
            _ => None,
        };
        let Some((relationship, direction, other)) = ends else {
            return Relation {
                name: property,
                direction: Direction::In,
                other: &by.id,
                object: Some(by),
                through: None,
            };
        };
        let name = relationship.relationship_type.as_str();
        Relation { name, direction, other, object: self.get(other), through: Some(by) }
    }

    /// How many references of the newest versions lead somewhere, and what is missing.
    pub fn resolution(&self) -> Resolution<'_> {
        let mut resolution = Resolution::default();
        for reference in self.objects().flat_map(|object| &object.references) {
            if self.places.contains_key(&reference.target) || well_known(&reference.target).is_some() {
                resolution.resolved += 1;
            } else {
                resolution.unresolved += 1;
                *resolution.missing.entry(&reference.target).or_default() += 1;
            }
        }
        resolution
    }

    /// The markings of an object, resolved.
    pub fn marking<'a>(&'a self, object: &'a StixObject) -> Marking<'a> {
        Marking::of(object, |id| self.get(id))
    }
}

impl StixObject {
    /// Whether another text of an object says the same, wherever it stood and however it was spaced; a
    /// short one may have its properties in another order too.
    pub fn says(&self, verbatim: &str) -> bool {
        // The values of a long one would take 40 times its room.
        const SHORT: usize = 256 * 1024;
        if self.verbatim == verbatim {
            return true;
        }
        if self.verbatim.len().max(verbatim.len()) > SHORT {
            return without_space(&self.verbatim).eq(without_space(verbatim));
        }
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        value(&self.verbatim) == value(verbatim)
    }
}

/// The characters of a JSON text but for the space between its marks.
fn without_space(json: &str) -> impl Iterator<Item = u8> {
    let (mut in_text, mut escaped) = (false, false);
    json.bytes().filter(move |&byte| {
        let space = !in_text && matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        in_text ^= byte == b'"' && !escaped;
        escaped = in_text && byte == b'\\' && !escaped;
        !space
    })
}

#[cfg(test)]
mod tests;

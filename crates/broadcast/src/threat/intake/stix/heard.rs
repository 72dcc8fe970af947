//! What an object says about a threat, with the help of the objects that it rests on.

use std::collections::HashMap;

use db::{DbError, Snapshot};
use formats::{
    CveId, Tlp,
    ssvc::Exploitation,
    stix::{Content, Index, Marking, StixObject},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    exploited::{self, Exploit},
    object::LONGEST_NAME,
};
use crate::{
    advisory::content::is_link,
    threat::{
        Flag, Kind, Said,
        intake::{Heard, cut},
        store::objects::{self, Told},
    },
};

/// The longest text that a statement takes over, in characters; the object has it whole.
const LONGEST: usize = 6_000;
/// The most names, pages and steps that a statement takes over.
const MOST: usize = 50;
/// The most vulnerabilities that a report is kept to speak of.
const MOST_CVES: usize = 5_000;
/// The longest link or citation in a text, in characters; a longer one is none.
const LONGEST_MARK: usize = 500;

/// What statements about some objects rest on.
pub(super) struct Grounds {
    markings: Index,
    told: HashMap<String, Told>,
    exploits: HashMap<String, Vec<Exploit>>,
}

impl Grounds {
    /// Looks up what these rest on, for all together.
    pub(super) async fn of(
        snapshot: &mut Snapshot,
        objects: impl Iterator<Item = &StixObject>,
    ) -> Result<Self, DbError> {
        let objects: Vec<&StixObject> = objects.collect();
        let exploits = exploited::of(snapshot, &objects).await?;
        let (mut markings, mut others) = (Vec::new(), Vec::new());
        let exploiting = exploits.values().flatten().flat_map(|exploit| [&exploit.relationship, &exploit.by]);
        for object in objects.iter().copied().chain(exploiting) {
            let parts = object.common.granular_markings.iter().filter_map(|part| part.marking_ref.as_ref());
            markings.extend(object.common.object_marking_refs.iter().chain(parts).map(ToString::to_string));
        }
        for object in objects {
            others.extend(object.common.created_by_ref.iter().map(ToString::to_string));
            others.extend(spoken_of(object));
        }
        for list in [&mut markings, &mut others] {
            list.sort_unstable();
            list.dedup();
        }
        let mut index = Index::new();
        for verbatim in objects::short(snapshot, &markings).await? {
            // Where there are more than it holds the rest is unknown, and treated so.
            super::again(&verbatim).and_then(|marking| index.keep(marking).ok());
        }
        Ok(Self { markings: index, told: objects::told(snapshot, &others).await?, exploits })
    }

    /// What an object says, where it is a threat.
    pub(super) fn heard(&self, object: &StixObject) -> Option<Heard> {
        let said = self.said(object)?;
        Some(Heard { key: object.id.to_string(), verbatim: object.verbatim.clone(), said })
    }

    /// How an object is marked, and how far that lets it travel: no further than AMBER+STRICT where a
    /// marking cannot be read.
    pub(super) fn marking<'a>(&'a self, object: &'a StixObject) -> (Marking<'a>, Option<Tlp>) {
        let marking = self.markings.marking(object);
        let strict = (!marking.unknown.is_empty()).then_some(Tlp::AmberStrict);
        let tlp = marking.tlp.max(strict);
        (marking, tlp)
    }

    fn said(&self, object: &StixObject) -> Option<Said> {
        let (kind, summary) = told(object)?;
        let name = object.name().map(|name| cut(&name, LONGEST_NAME)).filter(|name| !name.is_empty());
        let title = name.unwrap_or_else(|| object.id.to_string());
        let (marking, tlp) = self.marking(object);
        let exploits = self.exploits.get(&object.id.to_string()).map_or(&[][..], Vec::as_slice);
        let exploitation = exploited::told(exploits);
        let exploiting = exploits.iter().flat_map(|exploit| [&exploit.relationship, &exploit.by]);
        let tlp = exploiting.map(|object| self.marking(object).1).fold(tlp, Ord::max);
        let mut flags = Vec::new();
        for (flag, stands) in [
            (Flag::Revoked, object.common.revoked),
            (Flag::Deprecated, object.is_deprecated()),
            (Flag::UnknownMarking, !marking.unknown.is_empty()),
            (Flag::Unread, !object.unread.is_empty()),
        ] {
            flags.extend(stands.then_some(flag));
        }
        let by = object.common.created_by_ref.as_ref().and_then(|by| self.told.get(&by.to_string()));
        let links = object.common.external_references.iter().filter_map(|reference| reference.url.clone());
        let tactics = object.attack_tactics().into_iter().map(in_words);
        Some(Said {
            cves: object.cves(),
            mentions: self.mentions(object),
            summary: plain(summary.unwrap_or_default(), LONGEST),
            by: by.map(|by| by.name.clone()).unwrap_or_default(),
            number: object.attack_number().map(|number| cut(number, LONGEST_NAME)).unwrap_or_default(),
            aliases: aliases(object, &title),
            tactics: tactics.take(MOST).collect(),
            marking: tlp,
            known_exploited: exploitation
                .as_ref()
                .is_some_and(|told| told.value == Some(Exploitation::Active)),
            ransomware: exploits
                .iter()
                .map(|exploit| &exploit.by)
                .chain([object])
                .any(exploited::is_ransomware),
            exploitation,
            notes: cut(&notes(object, &marking.statements), LONGEST),
            links: links.filter(|link| is_link(link)).take(MOST).collect(),
            flags,
            ..Said::new(kind, title, dated(object))
        })
    }

    fn mentions(&self, object: &StixObject) -> Vec<CveId> {
        let told = spoken_of(object).filter_map(|id| self.told.get(&id));
        let mut cves: Vec<CveId> =
            told.flat_map(|told| told.cves.split(' ')).filter_map(|cve| cve.parse().ok()).collect();
        cves.sort_unstable();
        cves.dedup();
        cves.truncate(MOST_CVES);
        cves
    }
}

/// What kind of threat it is, and what it is; none where it is no threat.
fn told(object: &StixObject) -> Option<(Kind, Option<&str>)> {
    let (kind, summary) = match &object.content {
        Content::Vulnerability(object) => (Kind::Vulnerability, &object.description),
        Content::Malware(object) => (Kind::Malware, &object.description),
        Content::Tool(object) => (Kind::Malware, &object.description),
        Content::Campaign(object) => (Kind::Campaign, &object.description),
        Content::ThreatActor(object) => (Kind::ThreatActor, &object.description),
        Content::IntrusionSet(object) => (Kind::ThreatActor, &object.description),
        Content::AttackPattern(object) => (Kind::AttackPattern, &object.description),
        Content::Report(object) => (Kind::Report, &object.description),
        _ => return None,
    };
    Some((kind, summary.as_deref()))
}

/// The vulnerabilities that a report is about.
fn spoken_of(object: &StixObject) -> impl Iterator<Item = String> {
    let named = match &object.content {
        Content::Report(report) => report.object_refs.as_slice(),
        _ => &[],
    };
    named.iter().filter(|id| id.kind() == "vulnerability").map(ToString::to_string)
}

/// The day of a report, and otherwise of this version.
fn dated(object: &StixObject) -> Date {
    let published = match &object.content {
        Content::Report(report) => Some(report.published),
        _ => object.version(),
    };
    let at = published.unwrap_or(Timestamp::UNIX_EPOCH);
    TimeZone::UTC.to_datetime(at).date()
}

fn aliases(object: &StixObject, title: &str) -> Vec<String> {
    let mut all = match &object.content {
        Content::AttackPattern(object) => object.aliases.clone(),
        Content::Campaign(object) => object.aliases.clone(),
        Content::IntrusionSet(object) => object.aliases.clone(),
        Content::Malware(object) => object.aliases.clone(),
        Content::ThreatActor(object) => object.aliases.clone(),
        Content::Tool(object) => object.aliases.clone(),
        _ => Vec::new(),
    };
    // ATT&CK has had a property of its own since before STIX had aliases of software.
    all.extend(object.further.get::<Vec<String>>("x_mitre_aliases").unwrap_or_default());
    let mut aliases: Vec<String> = Vec::new();
    for alias in all.iter().map(|alias| cut(alias, LONGEST_NAME)) {
        if aliases.len() < MOST && !alias.is_empty() && alias != title && !aliases.contains(&alias) {
            aliases.push(alias);
        }
    }
    aliases
}

/// What else is told: what an actor is like, and under which conditions it was published.
fn notes(object: &StixObject, statements: &[String]) -> String {
    let mut notes = Vec::new();
    let mut note = |label: &str, words: &[String]| {
        let words: Vec<String> = words.iter().map(|word| in_words(word)).collect();
        if !words.is_empty() {
            notes.push(format!("{label}: {}.", words.join(", ")));
        }
    };
    match &object.content {
        Content::ThreatActor(actor) => {
            note("Kind", &actor.threat_actor_types);
            note("Skill", actor.sophistication.as_slice());
            note("Means", actor.resource_level.as_slice());
            note("Motive", actor.primary_motivation.as_slice());
            note("Wants", &actor.goals);
        }
        Content::IntrusionSet(group) => {
            note("Means", group.resource_level.as_slice());
            note("Motive", group.primary_motivation.as_slice());
            note("Wants", &group.goals);
        }
        Content::Malware(malware) => note("Kind", &malware.malware_types),
        Content::Tool(tool) => {
            note("Lawful software, used for", &tool.tool_types);
        }
        _ => {}
    }
    notes.extend(statements.iter().map(|statement| format!("Published under: {statement}")));
    notes.join(" ")
}

/// "Initial access" for `initial-access`.
fn in_words(code: &str) -> String {
    let code = cut(code, LONGEST_NAME);
    if code.contains(' ') {
        return code;
    }
    let words = code.replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A description as plain text, `most` letters of it: ATT&CK writes links and citations into it.
pub(crate) fn plain(text: &str, most: usize) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['[', '(', '<']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let (shown, behind) = mark(rest).unwrap_or_else(|| rest.split_at(1));
        plain.push_str(shown);
        rest = behind;
        // A hostile one may have a million marks, and a letter has four bytes at most.
        if plain.len() > 4 * most {
            rest = "";
        }
    }
    plain.push_str(rest);
    cut(&plain, most)
}

/// What is to be read of a link, a citation or a mark of code at the beginning, and what is behind it.
fn mark(text: &str) -> Option<(&str, &str)> {
    for code in ["<code>", "</code>"] {
        if let Some(behind) = text.strip_prefix(code) {
            return Some(("", behind));
        }
    }
    let end = |text: &str, of: char| {
        let end = text.char_indices().take(LONGEST_MARK).find(|(_, letter)| *letter == of);
        end.map(|(at, _)| at)
    };
    if let Some(cited) = text.strip_prefix("(Citation: ") {
        let mut open = 1;
        let end = cited.char_indices().take(LONGEST_MARK).find(|(_, letter)| {
            open += i32::from(*letter == '(') - i32::from(*letter == ')');
            open == 0
        });
        return Some(("", &cited[end?.0 + 1..]));
    }
    let (name, behind) = text.strip_prefix('[')?.split_at(end(text.strip_prefix('[')?, ']')?);
    let address = behind.strip_prefix("](http")?;
    Some((name, &address[end(address, ')')? + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_read_without_their_marks() {
        let theirs = "[Sandworm Team](https://attack.mitre.org/groups/G0034) is a group.(Citation: US (2020)) It \
                      ran <code>a < b</code>, [x] and (y).(Citation: Z)";
        assert_eq!(plain(theirs, 100), "Sandworm Team is a group. It ran a < b, [x] and (y).");
        let hostile = "(".repeat(100_000) + &"[".repeat(100_000) + "é";
        assert_eq!(plain(&hostile, 9), "(((((((((…");
    }

    #[test]
    fn codes_are_said_in_words() {
        assert_eq!(in_words("initial-access"), "Initial access");
        assert_eq!(in_words("personal_gain"), "Personal gain");
        assert_eq!(in_words("Wants - a pony"), "Wants - a pony");
        assert_eq!(in_words(""), "");
    }
}

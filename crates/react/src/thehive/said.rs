//! What clients say of a case or an observable beyond what is kept of it, and its SQL.

use db::{DbError, Snapshot, params, sql};
use platform::{Tx, web::Error};
use uuid::Uuid;

use super::words::{between, bounded, pap_label, tlp_label};
use crate::{case::LONGEST_LINE, incident::IncidentId};

/// The most tags of one thing.
const MOST_TAGS: usize = 50;

db::record! {
    /// What is said of one thing.
    pub(super) struct Said {
        pub title: String,
        pub text: String,
        pub tags: String,
        pub tlp: Option<i64>,
        pub pap: Option<i64>,
        pub ioc: bool,
        pub sighted: bool,
        pub resolution: String,
        pub impact: String,
    }
}

impl Said {
    /// Nothing yet.
    pub const fn nothing() -> Self {
        Self {
            title: String::new(),
            text: String::new(),
            tags: String::new(),
            tlp: None,
            pap: None,
            ioc: false,
            sighted: false,
            resolution: String::new(),
            impact: String::new(),
        }
    }

    /// What was said of this before, or nothing yet. Index: the key.
    pub async fn of(snapshot: &mut Snapshot, about: Uuid) -> Result<Self, DbError> {
        let statement = sql!(
            "SELECT title, text, tags, tlp, pap, ioc, sighted, resolution, impact FROM thehive_said
             WHERE about_id = ?1"
        );
        Ok(snapshot.maybe(statement, params![about]).await?.unwrap_or_else(Self::nothing))
    }

    /// Keeps it in place of what was said before.
    pub async fn keep(&self, tx: &mut Tx, about: Uuid, incident: IncidentId) -> Result<(), DbError> {
        let now = tx.now;
        let statement = sql!(
            "INSERT INTO thehive_said (about_id, incident_id, title, text, tags, tlp, pap, ioc, sighted, resolution,
                                       impact, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT (about_id) DO UPDATE SET
                 title = ?3, text = ?4, tags = ?5, tlp = ?6, pap = ?7, ioc = ?8, sighted = ?9, resolution = ?10,
                 impact = ?11, changed_at = ?12"
        );
        let values = params![
            about,
            incident,
            &self.title,
            &self.text,
            &self.tags,
            self.tlp,
            self.pap,
            self.ioc,
            self.sighted,
            &self.resolution,
            &self.impact,
            now
        ];
        tx.run(statement, values).await?;
        Ok(())
    }

    /// Takes a TLP and a PAP where they are sent.
    pub fn mark(&mut self, tlp: Option<i64>, pap: Option<i64>) -> Result<(), Error> {
        self.tlp = between("tlp", tlp, 0, 4)?.or(self.tlp);
        self.pap = between("pap", pap, 0, 3)?.or(self.pap);
        Ok(())
    }
}

/// What systems call an incident, for its page: what each row is, and what it says. Guests do not read that page.
pub(crate) async fn called(
    snapshot: &mut Snapshot,
    incident: IncidentId,
) -> Result<Vec<(&'static str, String)>, DbError> {
    let Said { title, text, tags: all, tlp, pap, .. } = Said::of(snapshot, incident.0).await?;
    let mut rows = vec![("Title", title), ("Description", text), ("Tags", tags(&all).join(", "))];
    rows.push(("TLP", tlp.map(tlp_label).unwrap_or_default().to_owned()));
    rows.push(("PAP", pap.map(pap_label).unwrap_or_default().to_owned()));
    rows.retain(|(_, value)| !value.is_empty());
    Ok(rows)
}

/// Tags as they are sent: in place of those that are there, more of them, or fewer.
#[derive(Clone, Debug, Default)]
pub(super) struct Tagging {
    pub tags: Option<Vec<String>>,
    pub add: Vec<String>,
    pub remove: Vec<String>,
}

impl Tagging {
    /// What a change says of them.
    pub fn of(tags: Option<&[String]>, add: &[String], remove: &[String]) -> Self {
        Self { tags: tags.map(<[String]>::to_vec), add: add.to_vec(), remove: remove.to_vec() }
    }

    /// The column's text after this.
    pub fn after(self, before: &str) -> Result<String, Error> {
        let mut all = self.tags.unwrap_or_else(|| tags(before));
        all.extend(self.add);
        all.retain(|tag| !self.remove.contains(tag));
        column(&all)
    }
}

/// The tags of a column.
pub(super) fn tags(column: &str) -> Vec<String> {
    column.split('\n').filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

/// The column of these tags, each once.
pub(super) fn column(all: &[String]) -> Result<String, Error> {
    let mut kept: Vec<&str> = Vec::new();
    for tag in all {
        let tag = tag.trim();
        bounded("tags", tag, LONGEST_LINE)?;
        if tag.is_empty() || tag.chars().any(char::is_control) {
            return Err(Error::Invalid("tags: Each is one line with something in it.".to_owned()));
        }
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    if kept.len() > MOST_TAGS {
        return Err(Error::Invalid(format!("tags: There may be {MOST_TAGS}.")));
    }
    Ok(if kept.is_empty() { String::new() } else { format!("\n{}\n", kept.join("\n")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(tags: &[&str]) -> Vec<String> {
        tags.iter().map(|tag| (*tag).to_owned()).collect()
    }

    #[test]
    fn tags_read_back_each_once() {
        let kept = column(&each(&["a", " b ", "a"])).unwrap();
        assert_eq!(kept, "\na\nb\n");
        assert_eq!(tags(&kept), ["a", "b"]);
        let tagging = Tagging { tags: None, add: each(&["c"]), remove: each(&["a"]) };
        assert_eq!(tagging.after(&kept).unwrap(), "\nb\nc\n");
        let none = Tagging { tags: Some(Vec::new()), ..Tagging::default() };
        assert_eq!(none.after(&kept).unwrap(), "");
        for wrong in ["", "a\nb", &"x".repeat(201)] {
            assert!(column(&each(&[wrong])).is_err(), "{wrong:?}");
        }
    }
}

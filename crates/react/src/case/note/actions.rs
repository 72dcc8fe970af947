//! Writing notes: pages and tests call these.

use platform::{Actor, Tx};
use uuid::Uuid;

use super::{
    MOST, MOST_VERSIONS, NoteId,
    merge::{self, END, Merged, OURS, THEIRS},
    store,
};
use crate::{
    case::{
        CaseError, Zone, sight,
        timeline::{self, Entering, Kind, actions::write_log},
        writer,
    },
    incident::IncidentId,
};

const TO_DO: &str = "write notes in this case";

/// What came of saving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It stands.
    Saved,
    /// Somebody else saved meanwhile; both stand.
    Together,
    /// Both changed the same lines: this text has both of them, beside the version that stands now, and is not saved.
    Decide(String, i64),
}

/// Begins a note. The same form sent again is one note.
pub async fn begin(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    (zone, form): (Zone, Uuid),
    (title, text): (&str, &str),
) -> Result<NoteId, CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    sight.write(zone, TO_DO)?;
    let by = writer(actor, TO_DO)?;
    let (count, same) = store::sent_with(tx, (incident, zone), form).await?;
    if let Some(same) = same {
        return Ok(same);
    }
    if count >= MOST {
        return Err(CaseError::Refused(format!("There are {MOST} notes in this case, which is the most.")));
    }
    let (title, text) = (title.trim(), lines(text));
    let id = store::insert(tx, (incident, zone, form), (title, &text), (by, sight.through)).await?;
    let entry = format!("Note: {title}");
    timeline::enter(tx, actor, &sight, &Entering::now(tx, zone, Kind::Note, id.0, &entry)).await?;
    write_log(tx, actor, "case.note_begun", &sight.incident, id.0).await?;
    Ok(id)
}

/// Saves what somebody made of version `base` of a note. Where somebody else saved since, both are put together.
pub async fn save(
    tx: &mut Tx,
    actor: &Actor,
    (incident, id, base): (IncidentId, NoteId, i64),
    text: &str,
) -> Result<Done, CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    let note = store::note(tx, incident, sight.reads, id).await?.ok_or(CaseError::NotFound)?;
    sight.write(note.zone, TO_DO)?;
    let by = writer(actor, TO_DO)?;
    let text = lines(text);
    if text.lines().any(|line| [THEIRS, OURS, END].contains(&line.trim())) {
        return Err(CaseError::Refused(format!(
            "Decide what stays where both changed the same lines, and take the lines “{THEIRS}”, “{OURS}” and “{END}” out."
        )));
    }
    if text == note.text {
        return Ok(Done::Saved);
    }
    if note.version >= MOST_VERSIONS {
        return Err(CaseError::Refused("This note was saved very often. Begin another one.".into()));
    }
    let was = store::text_of(tx, id, base).await?.ok_or(CaseError::Overtaken)?;
    let merged = if base == note.version {
        Merged { text, conflicts: 0 }
    } else {
        merge::merge(&was, &note.text, &text)
    };
    if merged.conflicts > 0 {
        return Ok(Done::Decide(merged.text, note.version));
    }
    if merged.text.chars().count() > super::LONGEST {
        return Err(CaseError::Refused("Together with what somebody else wrote it is too long.".into()));
    }
    let together = base != note.version;
    if !store::save(tx, &note, (&merged.text, together), (by, sight.through)).await? {
        return Err(CaseError::Overtaken);
    }
    write_log(tx, actor, "case.note_saved", &sight.incident, id.0).await?;
    Ok(if together { Done::Together } else { Done::Saved })
}

/// A text with the line ends of a note: a browser sends others than it was given.
fn lines(text: &str) -> String {
    text.trim_end().replace("\r\n", "\n").replace('\r', "\n")
}

//! What an account is made of, read in one snapshot: each part within the zones of its reader.

use db::{DbError, Snapshot};
use uuid::Uuid;

use super::{MOST_DECISIONS, MOST_ENTRIES};
use crate::{
    case::{
        Party, Sight, Zone,
        decision::{self, store::Decision},
        timeline,
    },
    follow_up::{self, store::FollowUp},
    impact::{self, Change, Count, Service},
    lesson::{self, LessonId, store::Lesson},
    pace::{
        self,
        store::{Pace, Wait},
    },
    regime::{self, ClockId, store::Clock},
    report::{self, store::Report},
    triage::{
        self,
        store::{Said, Triage},
    },
};

/// The parts of a case, as far as they are the reader's.
#[derive(Default)]
pub(super) struct Gathered {
    pub reports: Vec<Report>,
    pub pace: Pace,
    pub waits: Vec<Wait>,
    pub triage: Option<Triage>,
    pub answers: Vec<Said>,
    pub services: Vec<Service>,
    pub changes: Vec<Change>,
    pub counts: Vec<Count>,
    pub clocks: Vec<Clock>,
    /// Why a report was late or none was required, the first first.
    pub reasons: Vec<(ClockId, String)>,
    /// The last first.
    pub decisions: Vec<Decision>,
    /// The last first.
    pub lessons: Vec<Lesson>,
    pub actions: Vec<FollowUp>,
    /// The last first.
    pub entries: Vec<timeline::Read>,
}

impl Gathered {
    /// Reads them. A guest does not read the report; what has no zone of its own stands in the shared one.
    pub async fn of(snapshot: &mut Snapshot, sight: &Sight) -> Result<Self, DbError> {
        let (id, zones) = (sight.incident.id, sight.reads);
        let mut all = Self::default();
        if sight.party != Party::Guest {
            all.reports = report::store::of_incident(snapshot, id).await?;
        }
        if zones.contains(Zone::Shared) {
            all.pace = pace::store::pace(snapshot, id).await?;
            all.waits = pace::store::waits(snapshot, id).await?;
            all.triage = triage::store::triage(snapshot, id).await?;
            all.answers = triage::store::answers(snapshot, id).await?;
        }
        all.services = impact::store::services(snapshot, id, zones).await?;
        all.changes = impact::store::changes(snapshot, id, zones).await?;
        all.counts = impact::store::counts(snapshot, id, zones).await?;
        all.clocks = regime::store::clocks(snapshot, id, zones).await?;
        all.reasons = regime::store::reasons(snapshot, id, zones).await?;
        all.decisions = decision::store::last(snapshot, id, zones, MOST_DECISIONS).await?;
        all.lessons = lesson::store::of(snapshot, id, zones, LessonId(Uuid::max())).await?;
        all.actions = follow_up::store::of(snapshot, id, zones).await?;
        all.entries = timeline::store::last(snapshot, id, zones, MOST_ENTRIES).await?;
        Ok(all)
    }
}

//! This service's part in reading the log: threats, documents, advisories, alerts, questions and their like,
//! and which entries about an alert concern an organisation.

use db::{DbError, FromRow, Row, listing, params, sql};
use platform::{
    log::{Concerning, Found, Kind, Named, Part},
    page_of_ids,
};
use uuid::Uuid;

use crate::{advisory::AdvisoryNumber, alert};

/// What this service tells the readers of the log.
pub(crate) const PART: Part = Part {
    words: WORDS,
    kinds: KINDS,
    finders: &[alert::store::called],
    concerning: CONCERNING,
    of_topics: false,
};

const WORDS: &[(&str, &str)] = &[
    ("activity.corrected", "Corrected where a threat is active"),
    ("activity.ended", "Noted that a threat is active no more"),
    ("activity.entered", "Entered where a threat is active"),
    ("advisory.approved", "Approved an advisory"),
    ("advisory.comment_settled", "Dealt with a comment on an advisory"),
    ("advisory.commented", "Commented on an advisory"),
    ("advisory.created", "Began an advisory"),
    ("advisory.edited", "Edited an advisory"),
    ("advisory.publication_called_back", "Took back the publication of an advisory"),
    ("advisory.published", "Published an advisory"),
    ("advisory.released_alone", "Released an advisory without a second person"),
    ("advisory.reviewed", "Reviewed an advisory that was released by one person"),
    ("advisory.sent_back", "Sent an advisory back"),
    ("advisory.submitted", "Submitted an advisory for approval"),
    ("advisory.taken_on", "Took on the approval of an advisory"),
    ("advisory.update_started", "Began an update of an advisory"),
    ("advisory.withdrawn", "Withdrew an advisory"),
    ("alert.called_back", "Called an alert back"),
    ("alert.in_force", "Brought an alert into force"),
    ("alert.published", "Published an alert"),
    ("alert.rung", "Rang an organisation that is late"),
    ("alert.withdrawn", "Withdrew an alert"),
    ("audience.chosen", "Chose who is told"),
    ("bulletin.issued", "Issued the weekly bulletin"),
    ("faq.edited", "Edited a published answer"),
    ("faq.published", "Published a question with its answer"),
    ("faq.withdrawn", "Withdrew a published answer"),
    ("feed.added", "Added a feed"),
    ("feed.asked", "Asked a feed at once"),
    ("feed.changed", "Changed a feed"),
    ("feed.failing", "Told that a feed cannot be read"),
    ("feed.paused", "Paused a feed"),
    ("feed.removed", "Removed a feed"),
    ("feed.resumed", "Resumed a feed"),
    ("feed.silent", "Told that a feed has fallen silent"),
    ("feed.well", "Found that a feed is well again"),
    ("handover.written", "Handed over to the next shift"),
    ("lesson.written", "Wrote what was learned from an alert"),
    ("question.answered", "Answered a question about an alert"),
    ("question.asked", "Asked a question about an alert"),
    ("question.claimed", "Took on a question"),
    ("question.closed", "Closed a question without an answer"),
    ("question.followed_up", "Asked on about an alert"),
    ("response.acceptance_asked", "Asked the executive to accept the risk"),
    ("response.acknowledged", "Acknowledged an alert"),
    ("response.corrected", "Corrected an answer"),
    ("response.mitigated", "Closed an alert as mitigated"),
    ("response.not_applicable", "Said that an alert does not apply"),
    ("response.remediated", "Closed an alert as remediated"),
    ("response.risk_accepted", "Accepted the risk"),
    ("response.sent_back", "Did not accept the risk"),
    ("response.updated", "Updated an answer"),
    ("rota.changed", "Changed the rota of approvers"),
    ("saved_filter.changed", "Changed a saved filter"),
    ("saved_filter.deleted", "Deleted a saved filter"),
    ("saved_filter.saved", "Saved a filter of threats"),
    ("sector.drift_found", "Found counters that were wrong, and put them right"),
    ("sector.reached_counted", "Counted who was reached"),
    ("sighting.dismissed", "Did not follow a sighting up"),
    ("sighting.linked", "Linked a sighting to a threat"),
    ("sighting.reported", "Reported a sighting"),
    ("sighting.taken_up", "Took up a dismissed sighting again"),
    ("source.imported", "Imported threats"),
    ("threat.advised", "Began an advisory from a threat"),
    ("threat.claimed", "Claimed a threat"),
    ("threat.commented", "Commented on a threat"),
    ("threat.dismissed", "Dismissed a threat"),
    ("threat.marked_duplicate", "Dismissed a threat as a duplicate"),
    ("threat.point_set", "Set a decision point of a threat"),
    ("threat.point_withdrawn", "Withdrew what was set of a threat's decision point"),
    ("threat.reinstated", "What was rejected or taken back stands again"),
    ("threat.rejected", "Dismissed a threat whose number was rejected"),
    ("threat.revoked", "Dismissed a threat that its maker has taken back"),
    ("threat.released", "Gave a claimed threat back"),
    ("threat.taken_up", "Took up a dismissed threat again"),
    ("threat.told_apart", "Said that two threats are not the same"),
    ("threat.warned", "Began a warning to an area"),
    ("threat.written", "Entered a threat"),
];

const KINDS: &[Kind] = &[
    Kind {
        name: "threat",
        statement: || sql!("SELECT id, title FROM threat WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("title")?, page: Some(format!("/threats/{id}")) })
        },
    },
    Kind {
        name: "handover",
        statement: || sql!("SELECT id FROM handover WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named {
                id,
                called: "hand-over note".to_owned(),
                page: Some(format!("/threats/handover/{id}")),
            })
        },
    },
    Kind {
        name: "saved_filter",
        // Whose own it is sees it alone: that there is one is told, not what it is called.
        statement: || {
            sql!("SELECT id, name FROM saved_filter WHERE shared = TRUE AND id IN ", page_of_ids!())
        },
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("name")?, page: Some("/threats/filters".to_owned()) })
        },
    },
    Kind {
        name: "sighting",
        statement: || sql!("SELECT id, receipt FROM sighting WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("receipt")?, page: Some(format!("/threats/sightings/{id}")) })
        },
    },
    Kind {
        name: "question",
        statement: || sql!("SELECT id, receipt FROM question WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("receipt")?, page: Some(format!("/questions/{id}")) })
        },
    },
    Kind {
        name: "faq",
        statement: || {
            sql!(
                "SELECT f.id, a.number FROM faq f JOIN advisory a ON a.id = f.advisory_id WHERE f.id IN ",
                page_of_ids!()
            )
        },
        read: |row| {
            let (id, number): (Uuid, AdvisoryNumber) = (row.get("id")?, row.get("number")?);
            Ok(Named { id, called: format!("answer on {number}"), page: Some(format!("/faq/{id}")) })
        },
    },
    Kind {
        name: "document",
        statement: || sql!("SELECT id, name FROM source_document WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("name")?, page: Some(format!("/sources/documents/{id}")) })
        },
    },
    Kind {
        name: "feed",
        statement: || sql!("SELECT id, name FROM feed WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("name")?, page: Some(format!("/sources/feeds/{id}")) })
        },
    },
    Kind {
        name: "advisory",
        statement: || sql!("SELECT id, number FROM advisory WHERE id IN ", page_of_ids!()),
        read: |row| {
            let called = row.get::<AdvisoryNumber>("number")?.to_string();
            let page = Some(format!("/advisories/{called}"));
            Ok(Named { id: row.get("id")?, called, page })
        },
    },
    Kind {
        name: "alert",
        statement: || sql!("SELECT id, number FROM alert WHERE id IN ", page_of_ids!()),
        read: |row| {
            let (id, number): (Uuid, AdvisoryNumber) = (row.get("id")?, row.get("number")?);
            Ok(Named { id, called: number.to_string(), page: Some(format!("/alerts/{id}")) })
        },
    },
];

listing! {
    /// What became of the alerts that went to an organisation. Indexes: the key of `response`, then
    /// `log_entry_for_many`.
    static TOLD = platform::log_entries!(
        "", "FROM response r JOIN log_entry e ON e.about_id = r.alert_id AND r.organisation_id = ?1
                                             AND e.organisation_id IS NULL AND e.verb LIKE 'alert.%'");
    person: "e.actor_id = ?1",
    about: "e.about_id = ?1",
    from: "e.at >= ?1",
    until: "e.at < ?1",
    before: "(e.at, e.id) < (?1, ?2)",
    tail: "ORDER BY e.at DESC, e.id DESC LIMIT 51",
}

listing! {
    /// What was said for an organisation among others. Indexes: the key of `response_event`, then
    /// `log_entry_for_many`.
    static SAID = platform::log_entries!(
        ", v.id AS event", "FROM response_event v
                            JOIN log_entry e ON e.about_id = v.alert_id AND e.at = v.at AND v.organisation_id = ?1
                                            AND e.organisation_id IS NULL AND e.verb LIKE 'response.%'");
    person: "e.actor_id = ?1",
    about: "e.about_id = ?1",
    from: "e.at >= ?1",
    until: "e.at < ?1",
    before: "(e.at, e.id) < (?1, ?2)",
    tail: "ORDER BY e.at DESC, e.id DESC LIMIT 51",
}

/// An entry of the moment at which an organisation was spoken for.
struct Said {
    entry: Found,
    event: Uuid,
}

impl FromRow for Said {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self { entry: Found::from_row(row)?, event: row.get("event")? })
    }
}

impl Said {
    /// Whether the entry tells of this event and not of another one of the same moment. An entry whose
    /// payload was erased does not say.
    fn is_told(&self) -> bool {
        let payload = self.entry.payload.as_deref().and_then(|text| serde_json::from_str(text).ok());
        payload.is_none_or(|payload: serde_json::Value| payload["event"] == self.event.to_string())
    }
}

const CONCERNING: &[Concerning] = &[
    |snapshot, wanted| {
        Box::pin(async move {
            let Some(organisation) = wanted.organisation else { return Ok(Vec::new()) };
            snapshot.list(wanted.narrow(TOLD.select(params![organisation]))).await
        })
    },
    |snapshot, wanted| {
        Box::pin(async move {
            let Some(organisation) = wanted.organisation else { return Ok(Vec::new()) };
            let said: Vec<Said> = snapshot.list(wanted.narrow(SAID.select(params![organisation]))).await?;
            Ok(said.into_iter().filter(Said::is_told).map(|said| said.entry).collect())
        })
    },
];

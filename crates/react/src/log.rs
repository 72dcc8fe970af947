//! This service's part in reading the log: incidents by their numbers, and sheets of codes.

use db::sql;
use platform::{
    log::{Finds, Kind, Named, Part},
    page_of_ids,
};
use uuid::Uuid;

use crate::incident::{self, Receipt};

/// What this service tells the readers of the log.
pub(crate) const PART: Part = Part {
    words: WORDS,
    kinds: KINDS,
    finders: &[|snapshot, text| -> Finds<'_> { Box::pin(called(snapshot, text)) }],
    concerning: &[],
    of_topics: true,
};

const WORDS: &[(&str, &str)] = &[
    ("case.action_added", "Wrote an action down in a case"),
    ("case.action_handed", "Gave an action of a case to somebody"),
    ("case.action_moved", "Said what came of an action of a case"),
    ("aid.accepted", "Accepted aid that was offered"),
    ("aid.asked", "Asked others for aid"),
    ("aid.declined", "Declined aid that was offered"),
    ("aid.ended", "Said that no more aid is needed"),
    ("aid.invited", "Asked one more organisation for aid"),
    ("aid.lendable", "Said what an organisation could lend"),
    ("aid.lendable_ended", "Took back what an organisation could lend"),
    ("aid.offer_withdrawn", "Took an offer of aid back"),
    ("aid.offered", "Offered aid"),
    ("aid.returned", "Said that what was lent is back"),
    ("aid.withdrawn", "Withdrew a request for aid"),
    ("case.corrected", "Corrected the timeline of a case"),
    ("case.decided", "Wrote a decision down in a case"),
    ("case.entered", "Wrote in the timeline of a case"),
    ("case.handed_over", "Handed over in a case"),
    ("case.labelled", "Gave a case another title or other tags"),
    ("case.let_in", "Let an organisation in to a case"),
    ("case.let_out", "Let an organisation out of a case"),
    ("clock.aware", "Decided when an organisation became aware"),
    ("clock.corrected", "Corrected when an organisation became aware"),
    ("clock.explained", "Said why a report to a regulator was late"),
    ("clock.facts_written", "Wrote facts for a report to a regulator"),
    ("clock.moved", "Did something about a duty to report"),
    ("clock.not_required", "Decided that a report to a regulator is not required"),
    ("clock.reported", "Kept a report to a regulator"),
    ("clock.required", "Decided that a report to a regulator is required"),
    ("case.lesson_written", "Wrote a lesson down in a case"),
    ("case.message_sent", "Sent a message in a case"),
    ("case.messages_read", "Read messages in a case"),
    ("case.note_begun", "Began a note in a case"),
    ("case.note_saved", "Saved a note in a case"),
    ("case.shift_begun", "Said who is at work on a case"),
    ("case.shift_ended", "Ended a shift in a case"),
    ("case.situation_issued", "Issued a situation report"),
    ("case.task_added", "Wrote a task down in a case"),
    ("case.task_handed", "Gave a task in a case to somebody"),
    ("case.task_moved", "Moved a task in a case on"),
    ("code_sheet.code_revoked", "Revoked a code for reports"),
    ("code_sheet.made", "Printed codes for reports"),
    ("code_sheet.revoked", "Revoked a sheet of codes for reports"),
    ("code_sheet.used", "Used a code to report"),
    ("correlation.dismissed", "Dismissed a correlation"),
    ("correlation.drafted", "Drafted an advisory from a correlation"),
    ("correlation.found", "Found a correlation"),
    ("impact.changed", "Said how a service stands"),
    ("impact.counted", "Counted what was postponed"),
    ("evidence.checked", "Computed the hash of evidence again"),
    ("evidence.handed_over", "Handed evidence over"),
    ("evidence.kept", "Kept evidence"),
    ("evidence.read", "Took a copy of evidence"),
    ("evidence.stamped", "Received a time stamp of evidence"),
    ("evidence.withdrawn", "Withdrew evidence"),
    ("incident.added_to", "Added to an incident"),
    ("incident.called_back", "Called back about an incident"),
    ("incident.category_assigned", "Entered the category that the NCSC assigned to an incident"),
    ("incident.category_proposed", "Proposed a category of the NCSC for an incident"),
    ("incident.classified", "Said what kind of incident it is"),
    ("incident.closed", "Closed an incident"),
    ("incident.contained", "Said that an incident is contained"),
    ("incident.joined", "Joined an incident to another one"),
    ("incident.outlook_judged", "Judged the outlook of an incident"),
    ("incident.page_answered", "Said that they look at an incident"),
    ("incident.paged", "Rang people on call for an incident"),
    ("incident.placed", "Said of which organisation an incident is"),
    ("incident.priority_set", "Set the priority of an incident"),
    ("incident.priority_withdrawn", "Withdrew the priority that was set for an incident"),
    ("incident.recovered", "Said that care is as it was before an incident"),
    ("incident.reported", "Reported an incident"),
    ("incident.taken_on", "Took on an incident"),
    ("incident.triaged", "Answered questions about an incident"),
    ("incident.wait_begun", "Began to wait for the organisation of an incident"),
    ("incident.wait_ended", "Waited no more for the organisation of an incident"),
    ("observable.entered", "Entered observables"),
    ("observable.withdrawn", "Withdrew an observable"),
    ("observable.labelled", "Said more of an observable"),
    ("offline_key.made", "Made the key of the offline form"),
    ("outage.answered", "Said how it stands with the outage of a supplier"),
    ("outage.declared", "Declared that a supplier is down"),
    ("outage.incident_opened", "Opened an incident from the outage of a supplier"),
    ("outage.reminded", "Reminded those that had not answered the outage of a supplier"),
    ("outage.restored", "Said that a supplier’s systems work again"),
    ("outage.updated", "Told what is new of the outage of a supplier"),
    ("outage.withdrawn", "Withdrew the outage of a supplier"),
    ("playbook.imported", "Imported a playbook"),
    ("playbook.published", "Published a playbook"),
    ("playbook.review_taken_back", "Took back who has reviewed a playbook"),
    ("playbook.reviewed", "Entered who has reviewed a playbook"),
    ("playbook.withdrawn", "Withdrew a playbook"),
    ("playbook_draft.begun", "Began to write a playbook"),
    ("playbook_draft.dropped", "Dropped the draft of a playbook"),
    ("playbook_draft.published", "Published the draft of a playbook"),
    ("playbook_draft.saved", "Wrote in the draft of a playbook"),
    ("playbook_draft.sent_back", "Sent the draft of a playbook back"),
    ("playbook_draft.submitted", "Submitted the draft of a playbook"),
    ("run.moved", "Dealt with a step of a playbook"),
    ("run.started", "Began to follow a playbook"),
    ("run.stopped", "Stopped following a playbook"),
    ("supplier.imported", "Imported what organisations use"),
    ("supplier.joined", "Joined a supplier to another one"),
    ("supplier.use_changed", "Changed what an organisation uses"),
    ("supplier.use_ended", "Said that an organisation does not use a system any more"),
    ("supplier.used", "Said what an organisation uses"),
    ("system_alert.changed", "Changed what a system raised"),
    ("system_alert.imported", "Took what a system raised into a case"),
    ("system_alert.raised", "Raised an alert of a system"),
];

const KINDS: &[Kind] = &[
    Kind {
        name: "aid",
        statement: || sql!("SELECT id, receipt FROM aid_request WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("receipt")?, page: Some(format!("/aid/{id}")) })
        },
    },
    Kind {
        name: "aid_standing",
        statement: || sql!("SELECT id FROM aid_standing WHERE id IN ", page_of_ids!()),
        read: |row| Ok(Named { id: row.get("id")?, called: "what could be lent".to_owned(), page: None }),
    },
    Kind {
        name: "case",
        statement: || sql!("SELECT id, receipt FROM incident WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("receipt")?, page: Some(format!("/incidents/{id}/timeline")) })
        },
    },
    Kind {
        name: "incident",
        statement: || sql!("SELECT id, receipt FROM incident WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("receipt")?, page: Some(format!("/incidents/{id}")) })
        },
    },
    Kind {
        name: "correlation",
        statement: || sql!("SELECT id, receipt FROM correlation WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("receipt")?, page: Some(format!("/correlations/{id}")) })
        },
    },
    Kind {
        name: "code_sheet",
        statement: || sql!("SELECT id FROM code_sheet WHERE id IN ", page_of_ids!()),
        // Readers of the log need not be keepers of codes, so that there is no page for them.
        read: |row| Ok(Named { id: row.get("id")?, called: "sheet of codes".to_owned(), page: None }),
    },
    Kind {
        name: "outage",
        statement: || sql!("SELECT id, receipt FROM outage WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("receipt")?, page: Some(format!("/outages/{id}")) })
        },
    },
    Kind {
        name: "supplier",
        statement: || sql!("SELECT id, name FROM supplier WHERE id IN ", page_of_ids!()),
        // Readers of the log at an organisation have no page of a supplier.
        read: |row| Ok(Named { id: row.get("id")?, called: row.get("name")?, page: None }),
    },
    Kind {
        name: "system_alert",
        statement: || sql!("SELECT id FROM thehive_alert WHERE id IN ", page_of_ids!()),
        // What a system raised is its own side's: a reader of the log learns that there is one.
        read: |row| Ok(Named { id: row.get("id")?, called: "alert of a system".to_owned(), page: None }),
    },
    Kind {
        name: "playbook",
        statement: || sql!("SELECT id, name FROM playbook WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("name")?, page: Some(format!("/playbooks/{id}")) })
        },
    },
    Kind {
        name: "playbook_draft",
        statement: || sql!("SELECT id, name FROM playbook_draft WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("name")?, page: Some(format!("/playbooks/drafts/{id}")) })
        },
    },
];

/// The incident of a number such as `I-7K3Q-X2MB`.
async fn called(snapshot: &mut db::Snapshot, text: &str) -> Result<Vec<Uuid>, db::DbError> {
    let Ok(receipt) = text.parse::<Receipt>() else { return Ok(Vec::new()) };
    Ok(incident::store::called(snapshot, &receipt).await?.map(|id| id.0).into_iter().collect())
}

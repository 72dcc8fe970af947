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
};

const WORDS: &[(&str, &str)] = &[
    ("case.let_in", "Let an organisation in to a case"),
    ("case.let_out", "Let an organisation out of a case"),
    ("code_sheet.code_revoked", "Revoked a code for reports"),
    ("code_sheet.made", "Printed codes for reports"),
    ("code_sheet.revoked", "Revoked a sheet of codes for reports"),
    ("code_sheet.used", "Used a code to report"),
    ("evidence.checked", "Computed the hash of evidence again"),
    ("evidence.handed_over", "Handed evidence over"),
    ("evidence.kept", "Kept evidence"),
    ("evidence.read", "Took a copy of evidence"),
    ("evidence.stamped", "Received a time stamp of evidence"),
    ("evidence.withdrawn", "Withdrew evidence"),
    ("incident.added_to", "Added to an incident"),
    ("incident.called_back", "Called back about an incident"),
    ("incident.closed", "Closed an incident"),
    ("incident.joined", "Joined an incident to another one"),
    ("incident.placed", "Said of which organisation an incident is"),
    ("incident.reported", "Reported an incident"),
    ("incident.taken_on", "Took on an incident"),
    ("offline_key.made", "Made the key of the offline form"),
    ("playbook.imported", "Imported a playbook"),
    ("playbook.withdrawn", "Withdrew a playbook"),
];

const KINDS: &[Kind] = &[
    Kind {
        name: "incident",
        statement: || sql!("SELECT id, receipt FROM incident WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("receipt")?, page: Some(format!("/incidents/{id}")) })
        },
    },
    Kind {
        name: "code_sheet",
        statement: || sql!("SELECT id FROM code_sheet WHERE id IN ", page_of_ids!()),
        // Readers of the log need not be keepers of codes, so that there is no page for them.
        read: |row| Ok(Named { id: row.get("id")?, called: "sheet of codes".to_owned(), page: None }),
    },
    Kind {
        name: "playbook",
        statement: || sql!("SELECT id, name FROM playbook WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("name")?, page: Some(format!("/playbooks/{id}")) })
        },
    },
];

/// The incident of a number such as `I-7K3Q-X2MB`.
async fn called(snapshot: &mut db::Snapshot, text: &str) -> Result<Vec<Uuid>, db::DbError> {
    let Ok(receipt) = text.parse::<Receipt>() else { return Ok(Vec::new()) };
    Ok(incident::store::called(snapshot, &receipt).await?.map(|id| id.0).into_iter().collect())
}

//! What is forgotten of a case together with the words of its incident: everything that people wrote in it. That
//! something was written, when and by whom stays.

use db::{DbError, Statement, params, sql};
use jiff::Timestamp;
use platform::{Tx, retention::BATCH};

/// The incidents whose words are forgotten: the same as [`crate::incident::store::FORGOTTEN`] takes.
macro_rules! of_the_forgotten {
    () => {
        "IN (SELECT id FROM incident WHERE words_kept = TRUE AND closed_at < ?1 ORDER BY closed_at, id LIMIT ?2)"
    };
}

/// Forgets the words of those cases. Indexes: `incident_words`, then each table's by its incident.
pub(crate) async fn forget(tx: &mut Tx, before: Timestamp) -> Result<(), DbError> {
    let statements: [&'static Statement; 14] = [
        sql!("UPDATE case_entry SET text = '' WHERE incident_id ", of_the_forgotten!()),
        sql!("UPDATE case_guest SET why = '' WHERE incident_id ", of_the_forgotten!()),
        sql!("UPDATE case_task SET title = '', text = '', outcome = '' WHERE incident_id ", of_the_forgotten!()),
        sql!(
            "UPDATE case_note_version SET text = '' WHERE note_id IN (SELECT id FROM case_note WHERE incident_id ",
            of_the_forgotten!(),
            ")"
        ),
        sql!("UPDATE case_note SET title = '', text = '' WHERE incident_id ", of_the_forgotten!()),
        sql!(
            "UPDATE case_decision SET decided = '', decider = '', role = '', why = '', options = ''
             WHERE incident_id ",
            of_the_forgotten!()
        ),
        sql!(
            "UPDATE case_situation SET summary = '', impact = '', happened = '', tasks = '', decisions = '', next = ''
             WHERE incident_id ",
            of_the_forgotten!()
        ),
        sql!("UPDATE case_message SET text = '' WHERE incident_id ", of_the_forgotten!()),
        sql!("UPDATE case_handover SET text = '' WHERE incident_id ", of_the_forgotten!()),
        sql!(
            "DELETE FROM lesson_word WHERE lesson_id IN (SELECT id FROM lesson WHERE incident_id ",
            of_the_forgotten!(),
            ")"
        ),
        sql!(
            "UPDATE lesson SET title = '', happened = '', helped = '', hindered = '' WHERE incident_id ",
            of_the_forgotten!()
        ),
        sql!("UPDATE follow_up SET title = '', text = '', outcome = '' WHERE incident_id ", of_the_forgotten!()),
        sql!("UPDATE pace_wait SET what = '' WHERE incident_id ", of_the_forgotten!()),
        sql!("UPDATE thehive_said SET title = '', text = '', tags = '' WHERE incident_id ", of_the_forgotten!()),
    ];
    for statement in statements {
        tx.run(statement, params![before, BATCH]).await?;
    }
    Ok(())
}

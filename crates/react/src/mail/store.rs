//! The SQL of mails. They are read by the CERT alone.

use db::{DbError, Snapshot, params, sql};
use formats::mail::Mail;
use jiff::{SignedDuration, Timestamp};
use platform::{
    Tx,
    account::folded,
    organisation::OrganisationId,
    retention::{Rule, rows},
};

use super::MailId;
use crate::{incident::IncidentId, report::ReportId};

/// What a mail says, and who it says to be from. That there was one stays.
pub const FORGOTTEN: Rule = Rule {
    name: "report_mail",
    // Index: report_mail_words.
    forget: |tx, before| {
        let statement = sql!(
            "UPDATE report_mail SET sender = '', sender_name = '', subject = '', text = '', attachments = '',
                                    answered_to = NULL, words_kept = FALSE
             WHERE id IN (SELECT id FROM report_mail WHERE taken_at < ?1 AND words_kept = TRUE
                          ORDER BY taken_at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

db::record! {
    /// A mail as the CERT reads it.
    pub struct Listed {
        /// Which.
        pub id: MailId,
        /// Whether it answers our answer.
        pub is_reply: bool,
        /// Who it says to be from.
        pub sender: String,
        /// The name beside that address.
        pub sender_name: String,
        /// The code of the organisation that had confirmed the address.
        pub code: Option<String>,
        /// Its name.
        pub name: Option<String>,
        /// The subject.
        pub subject: String,
        /// The words.
        pub text: String,
        /// Names of what is attached, one a line.
        pub attachments: String,
        /// Whether there is more of it in the mailbox.
        pub is_cut: bool,
        /// Where an automatic answer went, without what stands behind a plus in the address.
        pub answered_to: Option<String>,
        /// Whether what it says is still kept.
        pub words_kept: bool,
        /// When it was read.
        pub taken_at: Timestamp,
    }
}

/// The mails of an incident, the first first. Index: `report_incident`, then `report_mail_of`.
pub async fn of_incident(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Vec<Listed>, DbError> {
    let statement = sql!(
        "SELECT m.id, m.is_reply, m.sender, m.sender_name, o.code, o.name, m.subject, m.text, m.attachments,
                m.is_cut, m.answered_to, m.words_kept, m.taken_at
         FROM report r
         CROSS JOIN report_mail m
         LEFT JOIN organisation o ON o.id = m.hinted_id
         WHERE r.incident_id = ?1 AND m.report_id = r.id ORDER BY m.id LIMIT 200"
    );
    snapshot.all(statement, params![incident]).await
}

/// How many mails an incident has. Index: `report_incident`, then `report_mail_of`.
pub async fn count(snapshot: &mut Snapshot, incident: IncidentId) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT count(*) FROM report r CROSS JOIN report_mail m WHERE r.incident_id = ?1 AND m.report_id = r.id"
    );
    let (count,): (i64,) = snapshot.one(statement, params![incident]).await?;
    Ok(count)
}

/// Whether a mail was taken. Index: that of its digest.
pub(super) async fn is_known(snapshot: &mut Snapshot, digest: [u8; 32]) -> Result<bool, DbError> {
    let statement = sql!("SELECT 1 FROM report_mail WHERE digest = ?1");
    let found: Option<(i64,)> = snapshot.maybe(statement, params![digest]).await?;
    Ok(found.is_some())
}

/// The report that a mail made. Index: the primary key.
pub(super) async fn report_of(snapshot: &mut Snapshot, mail: MailId) -> Result<Option<ReportId>, DbError> {
    let statement = sql!("SELECT report_id FROM report_mail WHERE id = ?1");
    let found: Option<(ReportId,)> = snapshot.maybe(statement, params![mail]).await?;
    Ok(found.map(|(report,)| report))
}

/// An organisation that confirmed this address as one of its contacts. Index: `contact_email`.
pub(super) async fn hinted(tx: &mut Tx, address: &str) -> Result<Option<OrganisationId>, DbError> {
    let statement = sql!(
        "SELECT organisation_id FROM contact
         WHERE email IN (?1, ?2) AND verified_at IS NOT NULL AND (until_at IS NULL OR until_at > ?3)
         ORDER BY verified_at LIMIT 1"
    );
    let now = tx.now;
    let found: Option<(OrganisationId,)> =
        tx.maybe(statement, params![address, folded(address), now]).await?;
    Ok(found.map(|(organisation,)| organisation))
}

/// How many automatic answers went to an address within a day, and to anybody within an hour; no more are
/// counted than matter. Indexes: `report_mail_answered`, `report_mail_answers`.
pub(super) async fn answered(tx: &mut Tx, address: &str) -> Result<(i64, i64), DbError> {
    let (day, hour) = (tx.now - SignedDuration::from_hours(24), tx.now - SignedDuration::from_hours(1));
    let statement = sql!(
        "SELECT count(*) FROM (SELECT 1 FROM report_mail WHERE answered_to = ?1 AND taken_at > ?2 LIMIT 10) AS answers"
    );
    let (to_address,): (i64,) = tx.one(statement, params![address, day]).await?;
    let statement = sql!(
        "SELECT count(*) FROM (SELECT 1 FROM report_mail WHERE answered_to IS NOT NULL AND taken_at > ?1 LIMIT 200)
             AS answers"
    );
    let (to_all,): (i64,) = tx.one(statement, params![hour]).await?;
    Ok((to_address, to_all))
}

/// A mail to be kept.
pub(super) struct New<'a> {
    pub report: ReportId,
    pub digest: [u8; 32],
    pub mail: &'a Mail,
    pub is_reply: bool,
    pub hinted: Option<OrganisationId>,
    pub answered_to: Option<&'a str>,
}

/// Keeps a mail.
pub(super) async fn insert(tx: &mut Tx, new: &New<'_>) -> Result<MailId, DbError> {
    let (id, now): (MailId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO report_mail (id, digest, report_id, is_reply, sender, sender_name, hinted_id, subject, text,
                                  attachments, is_cut, answered_to, taken_at, words_kept)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, TRUE)"
    );
    let New { report, digest, mail, is_reply, hinted, answered_to } = new;
    let values = params![
        id,
        *digest,
        *report,
        *is_reply,
        &mail.from,
        &mail.name,
        *hinted,
        &mail.subject,
        &mail.text,
        mail.attachments.join("\n"),
        mail.is_cut,
        answered_to.map(ToOwned::to_owned),
        now
    ];
    tx.run(statement, values).await?;
    Ok(id)
}

//! What an organisation is written when its question is answered, or closed without an answer: where
//! to read it, never what. Above TLP:GREEN the alert's number and a link; at RED nothing.

use std::collections::BTreeMap;

use db::{DbError, params, sql};
use formats::Tlp;
use platform::{
    App, Tx,
    access::PersonId,
    job::Lane,
    mailboxes,
    message::{self, ContactId, Draft, Kind, Letter, NoLetter, Rendering, ToRender},
    notification::store::Chosen,
};
use serde_json::json;

use super::{
    QuestionId, State,
    store::{self, Question},
};
use crate::bare;

/// This noun's row of the table of messages.
pub const ANSWERED: Kind = Kind { name: "question_answered", render };

/// A mailbox, the contact or the person whose it is, and what was chosen for it.
type Told = (String, Option<ContactId>, Option<PersonId>, Chosen);

/// Queues it for the contacts of the organisation, or of whoever answers for it, and for the person who
/// asked, where they still may read it. Indexes: those of `mailboxes!`, `membership_holder`, the key of
/// `person`, `answers_for`'s key.
pub(super) async fn tell(tx: &mut Tx, question: &Question) -> Result<(), DbError> {
    // RED is for named people alone: nothing of it travels by mail, not even that it exists.
    if question.tlp.0 == Tlp::Red {
        return Ok(());
    }
    let statement = sql!(
        "WITH ",
        mailboxes!(
            "SELECT organisation_id FROM question WHERE id = ?1",
            "?2",
            "'security_lead', 'shared_mailbox'"
        ),
        ", told AS (
             SELECT email, contact_id, NULL AS person_id FROM mailbox
             UNION ALL
             SELECT p.email, NULL, p.id
             FROM question q CROSS JOIN membership m JOIN person p ON p.id = m.holder_id
             WHERE q.id = ?1 AND m.holder_id = q.asked_by AND m.organisation_id = q.through_id
               AND m.role IN ('responder', 'lead', 'executive', 'viewer')
               AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2) AND NOT m.awaits_acceptance
               AND p.email IS NOT NULL AND p.erased_at IS NULL
               AND (q.through_id = q.organisation_id
                    OR EXISTS (SELECT 1 FROM answers_for a
                               WHERE a.organisation_id = q.organisation_id AND a.answering_id = q.through_id
                                 AND a.from_at <= ?2 AND (a.until_at IS NULL OR a.until_at > ?2)))
         )
         SELECT t.email, t.contact_id, t.person_id, n.preferences
         FROM told t LEFT JOIN notification n ON n.address = lower(t.email)"
    );
    let now = tx.now;
    let mut told: Vec<Told> = tx.all(statement, params![question.id, now]).await?;
    // Of an address that is a contact's and an account's, the contact is told.
    told.sort_by_key(|(_, contact, ..)| contact.is_none());
    let mut by_address = BTreeMap::new();
    for row in told {
        by_address.entry(row.0.to_lowercase()).or_insert(row);
    }
    for (place, (email, contact, person, Chosen(preferences))) in by_address {
        let draft = Draft {
            kind: ANSWERED.name,
            lane: Lane::Urgent,
            address: email,
            person,
            contact,
            organisation: Some(question.organisation_id),
            about: ("question", Some(question.id.0)),
            fields: json!({}),
            // They asked for it, whatever they chose to be told of alerts; but it can wait for the morning.
            not_before: preferences.quiet.end(now),
            key: format!("{}:{}:{place}", question.id, question.version),
        };
        message::queue(tx, &draft).await?;
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "every renderer is given its message")]
fn render(app: App, message: ToRender) -> Rendering {
    Box::pin(async move {
        let said = |error: DbError| error.to_string();
        let id = QuestionId(message.about.ok_or("it names no question")?);
        let mut snapshot = app.read().await.map_err(said)?;
        let question = store::question(&mut snapshot, id).await.map_err(said)?;
        let question = question.ok_or("there is no such question")?;
        if question.tlp.0 == Tlp::Red {
            return Err(NoLetter::moot("It was asked on about an alert at TLP:RED."));
        }
        let path = format!("/alerts/{}/questions/{}", question.alert_id, question.id);
        if !question.tlp.0.allows_details_by_mail() {
            return Ok(bare::letter(&app, question.number, &path));
        }
        let (receipt, number) = (&question.receipt, question.number);
        let (subject, opening) = match question.state {
            State::Closed => ("closed", "Your question is closed without an answer. Sign in to read why"),
            State::Answered | State::Open => ("answered", "Your question is answered. Sign in to read it"),
        };
        let cert = &app.settings.cert;
        let text = format!(
            "{opening}:\n{}\n\nQuestion {receipt}\nAlert {number}: {}\nFor: {} ({})\n\n\
             If you need help, ring {}: {}",
            app.link(&path),
            question.title,
            question.name,
            question.code,
            cert.name,
            cert.telephone,
        );
        Ok(Letter {
            subject: format!("Question {receipt} about alert {number}: {subject}"),
            text,
            html: None,
        })
    })
}

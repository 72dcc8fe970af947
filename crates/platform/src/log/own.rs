//! The platform's part in reading the log: people, organisations, keys and jobs.

use db::sql;
use uuid::Uuid;

use super::{
    part::{Kind, Named, Part},
    reading,
};
use crate::page_of_ids;

/// What the platform tells the readers of the log.
pub(crate) const PART: Part =
    Part { words: WORDS, kinds: KINDS, finders: FINDERS, concerning: &[], of_topics: false };

const WORDS: &[(&str, &str)] = &[
    ("account.code_refused", "Typed a wrong code"),
    ("account.created", "Made an account"),
    ("account.erased", "Erased a person"),
    ("account.invited", "Invited a person"),
    ("account.link_asked", "Asked for a link, having forgotten the password"),
    ("account.link_used", "Used a link from a mail"),
    ("account.mail_came_back", "Noted that mail to an account came back"),
    ("account.password_changed", "Changed the password"),
    ("account.password_chosen", "Chose a password"),
    ("account.recovery_code_used", "Used a recovery code"),
    ("account.recovery_codes_made", "Had new recovery codes made"),
    ("account.second_factor_reset", "Reset a second factor"),
    ("account.second_factor_set", "Set up a second factor"),
    ("account.sign_in_refused", "Tried to sign in with a wrong address or password"),
    ("account.signed_in", "Signed in"),
    ("answering.added", "Entered who answers for an organisation"),
    ("answering.imported", "Imported who answers for whom"),
    ("answering.revoked", "Ended that somebody answers for an organisation"),
    ("carrier.down", "Found that no mail or text could leave"),
    ("carrier.up", "Found that mail or texts leave again"),
    ("contact.added", "Added a contact"),
    ("contact.asked_to_confirm", "Asked a contact to confirm the address"),
    ("contact.changed", "Changed a contact"),
    ("contact.confirmed", "Confirmed an address"),
    ("contact.cover_ended", "Ended the cover of a contact"),
    ("contact.covered", "Arranged cover for a contact"),
    ("contact.ended", "Ended a contact"),
    ("contact.imported", "Imported contacts"),
    ("contact.mail_came_back", "Noted that mail to a contact came back"),
    ("contact.unconfirmed", "Withdrew the confirmation of an address from which mail came back"),
    ("job.retried", "Had a failed job tried again"),
    ("key.given", "Gave out an API key"),
    ("key.revoked", "Revoked an API key"),
    ("log.verification_asked", "Had the log verified"),
    ("log.verified", "Verified the log"),
    ("notification.chosen", "Chose how a mailbox is told of alerts"),
    ("notification.resumed", "Had a bulletin or digest sent again, by the link in it"),
    ("notification.stopped", "Stopped a bulletin or digest, by the link in it"),
    ("organisation.imported", "Imported organisations"),
    ("role.accepted", "Accepted a role"),
    ("role.given", "Gave a role"),
    ("role.taken", "Ended a role"),
    ("session.ended", "Ended a session"),
    ("session.others_ended", "Ended all other sessions"),
    ("time.jumped", "Found that a machine’s clock was set"),
    ("webhook.added", "Added a webhook"),
    ("webhook.changed", "Changed a webhook"),
    ("webhook.given_up", "Gave up on a webhook"),
    ("webhook.removed", "Removed a webhook"),
    ("webhook.secret_replaced", "Had a new secret made for a webhook"),
    ("webhook.sent_again", "Had a webhook sent again what it was told"),
    ("webhook.switched_off", "Switched a webhook off"),
    ("webhook.switched_on", "Switched a webhook on"),
    ("webhook.tested", "Sent a test to a webhook"),
];

const KINDS: &[Kind] = &[
    Kind {
        name: "person",
        statement: || sql!("SELECT id, name FROM person WHERE erased_at IS NULL AND id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("name")?, page: Some(format!("/people/{id}")) })
        },
    },
    Kind {
        name: "organisation",
        statement: || sql!("SELECT id, name FROM organisation WHERE id IN ", page_of_ids!()),
        read: |row| {
            let id: Uuid = row.get("id")?;
            Ok(Named { id, called: row.get("name")?, page: Some(format!("/organisations/{id}")) })
        },
    },
    Kind {
        name: "contact",
        statement: || sql!("SELECT id, name, organisation_id FROM contact WHERE id IN ", page_of_ids!()),
        read: |row| {
            let organisation: Uuid = row.get("organisation_id")?;
            let page = Some(format!("/organisations/{organisation}"));
            Ok(Named { id: row.get("id")?, called: row.get("name")?, page })
        },
    },
    Kind {
        name: "answering",
        statement: || {
            sql!(
                "SELECT a.id, o.name, a.answering_id
                 FROM answers_for a JOIN organisation o ON o.id = a.answering_id WHERE a.id IN ",
                page_of_ids!()
            )
        },
        read: |row| {
            let answering: Uuid = row.get("answering_id")?;
            let page = Some(format!("/organisations/{answering}"));
            Ok(Named { id: row.get("id")?, called: row.get("name")?, page })
        },
    },
    Kind {
        name: "key",
        statement: || sql!("SELECT id, name, organisation_id FROM api_key WHERE id IN ", page_of_ids!()),
        read: |row| {
            let organisation: Option<Uuid> = row.get("organisation_id")?;
            let page =
                organisation.map_or_else(|| "/keys".to_owned(), |id| format!("/keys?organisation={id}"));
            Ok(Named { id: row.get("id")?, called: row.get("name")?, page: Some(page) })
        },
    },
    Kind {
        name: "webhook",
        statement: || sql!("SELECT id, name FROM webhook WHERE id IN ", page_of_ids!()),
        // Its page is for its own people alone.
        read: |row| Ok(Named { id: row.get("id")?, called: row.get("name")?, page: None }),
    },
    Kind {
        name: "job",
        statement: || sql!("SELECT id, kind FROM job WHERE id IN ", page_of_ids!()),
        read: |row| Ok(Named { id: row.get("id")?, called: row.get("kind")?, page: None }),
    },
];

/// An organisation by its code, a person by their address.
const FINDERS: &[super::Finder] = &[
    |snapshot, code| {
        Box::pin(async move { Ok(reading::organisation(snapshot, code).await?.into_iter().collect()) })
    },
    |snapshot, email| {
        Box::pin(async move { Ok(reading::person(snapshot, email).await?.into_iter().collect()) })
    },
];

//! The SQL of contacts, covers and the one-time links that confirm an address.

use std::collections::HashMap;

use db::{DbError, Snapshot, Value, params, sql};
use jiff::{SignedDuration, Timestamp};

use super::{ContactId, ContactKind, ContactRole, CoverId, Details, Mobile};
use crate::{Tx, bounce::Reason, mailboxes, organisation::OrganisationId, page_of_ids};

/// How long a link to confirm an address works.
pub(super) const LINK: SignedDuration = SignedDuration::from_hours(7 * 24);

db::record! {
    /// A contact.
    pub struct Contact {
        /// Its id.
        pub id: ContactId,
        /// Where it is one.
        pub organisation_id: OrganisationId,
        /// What it is reached for.
        pub role: ContactRole,
        /// What it is.
        pub kind: ContactKind,
        /// Its name.
        pub name: String,
        /// Its mail address.
        pub email: Option<String>,
        /// Its telephone number.
        pub telephone: Option<String>,
        /// When its owner confirmed the address.
        pub verified_at: Option<Timestamp>,
        /// When a mail to it was last taken.
        pub mailed_at: Option<Timestamp>,
        /// When mail to it last came back since the address was confirmed.
        pub came_back_at: Option<Timestamp>,
        /// Why it came back.
        pub came_back_reason: Option<Reason>,
        /// The version, against which a change is checked.
        pub version: i64,
    }
}

macro_rules! columns {
    () => {
        "SELECT id, organisation_id, role, kind, name, email, telephone, verified_at, mailed_at, came_back_at,
                came_back_reason, version
         FROM contact "
    };
}

/// The contact, unless it has ended.
pub async fn find(
    snapshot: &mut Snapshot,
    id: ContactId,
    now: Timestamp,
) -> Result<Option<Contact>, DbError> {
    let statement = sql!(columns!(), "WHERE id = ?1 AND (until_at IS NULL OR until_at > ?2)");
    snapshot.maybe(statement, params![id, now]).await
}

/// The contacts of an organisation that have not ended, 200 at most. Index: `contact_organisation`.
pub async fn of_organisation(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    now: Timestamp,
) -> Result<Vec<Contact>, DbError> {
    let statement = sql!(
        columns!(),
        "WHERE organisation_id = ?1 AND (until_at IS NULL OR until_at > ?2)
         ORDER BY CASE WHEN coalesce(telephone_since, from_at) < ?2 THEN 0 ELSE 1 END,
                  CASE role WHEN 'security_lead' THEN 1 WHEN 'deputy' THEN 2 WHEN 'shared_mailbox' THEN 3
                            WHEN 'on_call' THEN 4 ELSE 5 END, name, id
         LIMIT 200"
    );
    snapshot.all(statement, params![organisation, now]).await
}

db::record! {
    /// A telephone number of a contact, for whoever has to know since when it is held.
    pub struct Numbered {
        /// The contact.
        pub id: ContactId,
        /// What it is reached for.
        pub role: ContactRole,
        /// Its name.
        pub name: String,
        /// The number.
        pub telephone: String,
        /// Since when the contact has it.
        pub since: Timestamp,
        /// When the contact ended, where it has.
        pub until_at: Option<Timestamp>,
    }
}

/// The telephone numbers of an organisation's contacts that had not ended at `then`, 200 at most and those held
/// by then first: who ended them, or added others, afterwards takes nothing away. Index: `contact_organisation`.
pub async fn numbers(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    then: Timestamp,
) -> Result<Vec<Numbered>, DbError> {
    let statement = sql!(
        "SELECT id, role, name, telephone, coalesce(telephone_since, from_at) AS since, until_at
         FROM contact
         WHERE organisation_id = ?1 AND telephone IS NOT NULL AND (until_at IS NULL OR until_at > ?2)
         ORDER BY CASE WHEN coalesce(telephone_since, from_at) < ?2 THEN 0 ELSE 1 END,
                  CASE role WHEN 'on_call' THEN 1 WHEN 'security_lead' THEN 2 WHEN 'deputy' THEN 3 ELSE 4 END, name, id
         LIMIT 200"
    );
    snapshot.all(statement, params![organisation, then]).await
}

impl Contact {
    /// Whether it can be chosen how it is told: its address is confirmed or, where it has none, its telephone is
    /// a mobile's.
    pub fn is_told(&self) -> bool {
        if self.email.is_some() { self.verified_at.is_some() } else { self.mobile().is_some() }
    }

    /// The number to which texts go, where its telephone is a mobile's.
    pub fn mobile(&self) -> Option<Mobile> {
        self.telephone.as_deref().and_then(Mobile::read)
    }

    /// Why mail to it came back, and when.
    pub fn came_back(&self) -> Option<(Reason, Timestamp)> {
        Some((self.came_back_reason?, self.came_back_at?))
    }
}

/// When mail to a contact of each of the organisations of a page last came back.
/// Index: `contact_organisation`.
pub(crate) async fn came_back_of(
    snapshot: &mut Snapshot,
    organisations: impl Iterator<Item = OrganisationId>,
    now: Timestamp,
) -> Result<HashMap<OrganisationId, Timestamp>, DbError> {
    let statement = sql!(
        "SELECT organisation_id, max(came_back_at) FROM contact
         WHERE came_back_at IS NOT NULL AND (until_at IS NULL OR until_at > ?51) AND organisation_id IN ",
        page_of_ids!(),
        " GROUP BY organisation_id"
    );
    let mut values: Vec<Value> = organisations.take(50).map(Value::from).collect();
    values.resize(50, Value::Null);
    values.push(now.into());
    let found: Vec<(OrganisationId, Timestamp)> = snapshot.all(statement, values).await?;
    Ok(found.into_iter().collect())
}

db::record! {
    /// Somebody who is written to now.
    pub struct Reached {
        /// The contact.
        pub contact_id: ContactId,
        /// The organisation that answers.
        pub written_to: OrganisationId,
        /// The role in which it is reached: for a cover, that of whom it stands in for.
        pub role: ContactRole,
        /// The mailbox.
        pub email: String,
        /// Its name.
        pub name: String,
        /// Its telephone number.
        pub telephone: Option<String>,
    }
}

/// Who is reached at `organisation` now: the mailboxes that an alert would be sent to.
pub async fn reachable(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    now: Timestamp,
) -> Result<Vec<Reached>, DbError> {
    let statement = sql!(
        "WITH ",
        mailboxes!(
            "SELECT id AS organisation_id FROM organisation WHERE id = ?1",
            "?2",
            "'security_lead', 'shared_mailbox'"
        ),
        "SELECT m.contact_id, m.written_to, m.role, m.email, c.name, c.telephone
         FROM mailbox m JOIN contact c ON c.id = m.contact_id ORDER BY m.role, m.email LIMIT 50"
    );
    snapshot.all(statement, params![organisation, now]).await
}

pub(crate) async fn insert(
    tx: &mut Tx,
    organisation: OrganisationId,
    details: &Details,
    verified_at: Option<Timestamp>,
) -> Result<ContactId, DbError> {
    let statement = sql!(
        "INSERT INTO contact (id, organisation_id, role, kind, name, email, telephone, verified_at, from_at, version,
                              mobile, telephone_since)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, ?10, ?9)"
    );
    let (id, now) = (tx.id::<ContactId>(), tx.now);
    let mobile = mobile(details);
    let Details { role, kind, name, email, telephone } = details.clone();
    tx.run(
        statement,
        params![id, organisation, role, kind, name, email, telephone, verified_at, now, mobile],
    )
    .await?;
    Ok(id)
}

/// Changes a contact; `false` where another was first. A new address is not confirmed.
pub(crate) async fn update(
    tx: &mut Tx,
    id: ContactId,
    version: i64,
    details: &Details,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE contact SET role = ?3, kind = ?4, name = ?5,
                            telephone_since = CASE WHEN telephone IS NOT DISTINCT FROM ?7 THEN telephone_since
                                                   ELSE CAST(?9 AS BIGINT) END,
                            telephone = ?7, mobile = ?8, version = version + 1,
                            verified_at = CASE WHEN email = ?6 THEN verified_at END,
                            came_back_at = CASE WHEN email = ?6 THEN came_back_at END,
                            came_back_reason = CASE WHEN email = ?6 THEN came_back_reason END, email = ?6
         WHERE id = ?1 AND version = ?2 AND until_at IS NULL"
    );
    let (mobile, now) = (mobile(details), tx.now);
    let Details { role, kind, name, email, telephone } = details.clone();
    Ok(tx.run(statement, params![id, version, role, kind, name, email, telephone, mobile, now]).await? == 1)
}

/// The number to which texts go, where the telephone is a mobile's.
fn mobile(details: &Details) -> Option<String> {
    details.telephone.as_deref().and_then(Mobile::read).map(|mobile| mobile.as_str().to_owned())
}

/// Ends a contact; `false` where another was first.
pub(super) async fn end(tx: &mut Tx, id: ContactId, version: i64) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE contact SET until_at = ?3, version = version + 1
         WHERE id = ?1 AND version = ?2 AND until_at IS NULL"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![id, version, now]).await? == 1)
}

/// Notes that the owner of `email` has confirmed it; `false` where the contact has another by now.
pub(super) async fn confirmed(tx: &mut Tx, id: ContactId, email: Option<&str>) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE contact SET verified_at = ?2, came_back_at = NULL, came_back_reason = NULL
         WHERE id = ?1 AND email = ?3"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![id, now, email]).await? == 1)
}

/// Keeps a new link's hash.
pub(super) async fn insert_link(tx: &mut Tx, hash: [u8; 32], contact: ContactId) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO one_time_link (hash, purpose, subject_id, created_at, expires_at)
         VALUES (?1, 'contact', ?2, ?3, ?4)"
    );
    let now = tx.now;
    tx.run(statement, params![hash, contact, now, now + LINK]).await?;
    Ok(())
}

/// The contact whose working link this is.
pub(super) async fn of_link(
    snapshot: &mut Snapshot,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<ContactId>, DbError> {
    let statement = sql!(
        "SELECT subject_id FROM one_time_link
         WHERE hash = ?1 AND purpose = 'contact' AND used_at IS NULL AND expires_at > ?2"
    );
    let found: Option<(ContactId,)> = snapshot.maybe(statement, params![hash, now]).await?;
    Ok(found.map(|(id,)| id))
}

/// Ends every link of a contact: it was used, or the address is another. Index: `one_time_link_subject`.
pub(super) async fn end_links(tx: &mut Tx, contact: ContactId) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE one_time_link SET used_at = ?2 WHERE subject_id = ?1 AND purpose = 'contact' AND used_at IS NULL"
    );
    let now = tx.now;
    tx.run(statement, params![contact, now]).await?;
    Ok(())
}

db::record! {
    /// A time during which somebody stands in.
    pub struct Cover {
        /// Its id.
        pub id: CoverId,
        /// Who is away.
        pub contact_id: ContactId,
        /// Who stands in.
        pub deputy_name: String,
        /// From when.
        pub from_at: Timestamp,
        /// Until when.
        pub until_at: Timestamp,
    }
}

/// Covers of now and later at an organisation, 200 at most.
/// Index: `contact_organisation`, `contact_cover_of`.
pub async fn covers(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    now: Timestamp,
) -> Result<Vec<Cover>, DbError> {
    let statement = sql!(
        "SELECT v.id, v.contact_id, d.name AS deputy_name, v.from_at, v.until_at
         FROM contact c JOIN contact_cover v ON v.contact_id = c.id JOIN contact d ON d.id = v.deputy_id
         WHERE c.organisation_id = ?1 AND v.until_at > ?2
         ORDER BY v.from_at, v.id LIMIT 200"
    );
    snapshot.all(statement, params![organisation, now]).await
}

pub(super) async fn insert_cover(
    tx: &mut Tx,
    contact: ContactId,
    deputy: ContactId,
    from: Timestamp,
    until: Timestamp,
) -> Result<CoverId, DbError> {
    let statement = sql!(
        "INSERT INTO contact_cover (id, contact_id, deputy_id, from_at, until_at) VALUES (?1, ?2, ?3, ?4, ?5)"
    );
    let id = tx.id::<CoverId>();
    tx.run(statement, params![id, contact, deputy, from, until]).await?;
    Ok(id)
}

/// Whom a cover that is not over is for.
pub(super) async fn covered(
    snapshot: &mut Snapshot,
    cover: CoverId,
    now: Timestamp,
) -> Result<Option<ContactId>, DbError> {
    let statement = sql!("SELECT contact_id FROM contact_cover WHERE id = ?1 AND until_at > ?2");
    let found: Option<(ContactId,)> = snapshot.maybe(statement, params![cover, now]).await?;
    Ok(found.map(|(id,)| id))
}

/// Ends a cover now; one that has not begun is left without a length.
pub(super) async fn end_cover(tx: &mut Tx, cover: CoverId) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE contact_cover SET until_at = ?2, from_at = CASE WHEN from_at > ?2 THEN ?2 ELSE from_at END
         WHERE id = ?1"
    );
    let now = tx.now;
    tx.run(statement, params![cover, now]).await?;
    Ok(())
}

//! The SQL of organisations: one, its kin, its history, lists, and what an actor may see of them.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;

use super::{Field, OrganisationId, Status, kind_label, region_name};
use crate::{
    Actor, Tx,
    access::{Role, scope::mine_of},
    fold, mine, reaching, scope,
};

db::record! {
    /// An organisation as its page shows it.
    pub struct Organisation {
        /// Its id.
        pub id: OrganisationId,
        /// Its ODS code.
        pub code: String,
        /// Its name, in readable case.
        pub name: String,
        /// The code of its kind.
        pub kind: String,
        /// Whether it is at work.
        pub status: Status,
        /// The code of its region of today, where that is certain.
        pub region: Option<String>,
        /// The code of what it belongs to.
        pub parent_code: Option<String>,
        /// The code of its integrated care board.
        pub icb_code: Option<String>,
        /// Its address, lines parted by line ends.
        pub address: String,
        /// Its postcode.
        pub postcode: Option<String>,
        /// Its telephone number.
        pub telephone: Option<String>,
        /// The day it opened, as 2013-04-01.
        pub opened_on: Option<String>,
        /// The day it closed.
        pub closed_on: Option<String>,
        /// Where this is known from.
        pub source: String,
        /// When a mail server last took a mail for somebody there.
        pub mailed_at: Option<Timestamp>,
        /// When somebody there was last really reached: confirmed an address, or took a call.
        pub reached_at: Option<Timestamp>,
        /// When any of this last changed.
        pub changed_at: Timestamp,
    }
}

impl Organisation {
    /// Its page.
    pub fn href(&self) -> String {
        format!("/organisations/{}", self.id)
    }

    /// Its kind in words.
    pub fn kind_label(&self) -> &str {
        kind_label(&self.kind)
    }

    /// Its region in words.
    pub fn region_label(&self) -> &str {
        self.region.as_deref().map_or("Not known", region_name)
    }

    /// Address and postcode on one line.
    pub fn address_line(&self) -> String {
        self.address.lines().chain(self.postcode.as_deref()).collect::<Vec<_>>().join(", ")
    }
}

macro_rules! columns {
    () => {
        "SELECT o.id, o.code, o.name, o.kind, o.status, o.region, o.parent_code, o.icb_code, o.address,
                o.postcode, o.telephone, o.opened_on, o.closed_on, o.source, o.mailed_at, o.reached_at,
                o.changed_at
         FROM organisation o "
    };
}

/// The organisation, whoever asks.
pub async fn find(snapshot: &mut Snapshot, id: OrganisationId) -> Result<Option<Organisation>, DbError> {
    snapshot.maybe(sql!(columns!(), "WHERE o.id = ?1"), params![id]).await
}

/// The organisation with this code, whoever asks.
pub async fn find_by_code(snapshot: &mut Snapshot, code: &str) -> Result<Option<Organisation>, DbError> {
    snapshot.maybe(sql!(columns!(), "WHERE o.code = ?1"), params![code]).await
}

/// The id of the organisation with this code.
pub async fn id_of(snapshot: &mut Snapshot, code: &str) -> Result<Option<OrganisationId>, DbError> {
    let found: Option<(OrganisationId,)> =
        snapshot.maybe(sql!("SELECT id FROM organisation WHERE code = ?1"), params![code]).await?;
    Ok(found.map(|(id,)| id))
}

/// The organisation's own telephone number, and since when it is held; `None` where it has been so since the
/// organisation was first taken in.
pub async fn own_number(
    snapshot: &mut Snapshot,
    id: OrganisationId,
) -> Result<Option<(String, Option<Timestamp>)>, DbError> {
    let statement = sql!(
        "SELECT telephone, CASE WHEN version > 1 THEN changed_at END FROM organisation
         WHERE id = ?1 AND telephone IS NOT NULL"
    );
    snapshot.maybe(statement, params![id]).await
}

/// In which roles, and through which organisation, `actor` stands for `id`; empty for strangers and
/// for people at the CERT, who see the whole sector by their roles there.
pub async fn standing(
    snapshot: &mut Snapshot,
    actor: &Actor,
    id: OrganisationId,
    now: Timestamp,
) -> Result<Vec<(Role, OrganisationId)>, DbError> {
    let Some(holder) = actor.holder() else { return Ok(Vec::new()) };
    let statement =
        sql!(scope!(), "SELECT role, through_id FROM scope WHERE organisation_id = ?3 AND role <> 'learner'");
    snapshot.all(statement, params![holder, now, id]).await
}

/// The organisation, if `actor` may see it.
pub async fn visible(
    snapshot: &mut Snapshot,
    actor: &Actor,
    id: OrganisationId,
    now: Timestamp,
) -> Result<Option<Organisation>, DbError> {
    let everything = actor.at_cert() || matches!(actor, Actor::Job(_));
    if everything || !standing(snapshot, actor, id, now).await?.is_empty() {
        find(snapshot, id).await
    } else {
        Ok(None)
    }
}

/// Those that `actor` stands for, their own and those they answer for, 51 at most behind `after`.
/// Index: `membership_holder`, `answers_for_answering`, then the key.
pub async fn stood_for(
    snapshot: &mut Snapshot,
    actor: &Actor,
    after: &str,
    now: Timestamp,
) -> Result<Vec<Organisation>, DbError> {
    let Some(holder) = actor.holder() else { return Ok(Vec::new()) };
    let statement = sql!(
        scope!(),
        columns!(),
        "WHERE o.id IN (SELECT organisation_id FROM scope WHERE role <> 'learner') AND o.code > ?3
         ORDER BY o.code LIMIT 51"
    );
    snapshot.all(statement, params![holder, now, after]).await
}

/// The organisation of this code for which `actor` answers, and through which: its own, or one of those that its own
/// answers for. Index: `organisation`'s unique code.
pub async fn answered_for(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    code: &str,
) -> Result<Option<(OrganisationId, OrganisationId)>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT m.organisation_id, m.through_id FROM mine m JOIN organisation o ON o.id = m.organisation_id
         WHERE o.code = ?7"
    );
    snapshot.maybe(statement, mine_of(actor, now, Role::ANSWERING, params![code])).await
}

/// Those at which `actor` holds a role themselves. Index: `membership_holder`.
pub async fn own(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Organisation>, DbError> {
    let Some(holder) = actor.holder() else { return Ok(Vec::new()) };
    let statement = sql!(
        scope!(),
        columns!(),
        "WHERE o.id IN (SELECT through_id FROM scope WHERE role <> 'learner') ORDER BY o.code LIMIT 51"
    );
    snapshot.all(statement, params![holder, now]).await
}

/// What belongs to the organisation with this code: its children, and, where it is a board, those
/// it is the board of; 51 at most behind `after`. Index: `organisation_parent` and `organisation_icb`.
pub async fn children(
    snapshot: &mut Snapshot,
    code: &str,
    after: &str,
) -> Result<Vec<Organisation>, DbError> {
    let statement = sql!(
        columns!(),
        "WHERE o.id IN (
             SELECT id FROM (SELECT id FROM organisation WHERE parent_code = ?1 AND code > ?2
                             ORDER BY code LIMIT 51) AS children
             UNION
             SELECT id FROM (SELECT id FROM organisation WHERE icb_code = ?1 AND code > ?2
                             ORDER BY code LIMIT 51) AS members)
         ORDER BY o.code LIMIT 51"
    );
    snapshot.all(statement, params![code, after]).await
}

db::record! {
    /// What was true of an organisation until some moment.
    pub struct Fact {
        /// Of what.
        pub field: Field,
        /// From when; `None` where the beginning is not known.
        pub from_at: Option<Timestamp>,
        /// Until when.
        pub until_at: Timestamp,
        /// What it was; `None` for nothing.
        pub value: Option<String>,
    }
}

impl Fact {
    /// The value in words.
    pub fn shown(&self) -> String {
        self.field.shown(self.value.as_deref())
    }
}

/// Its history, the latest first; the 200 latest, which no real body has had. Index: the key.
pub async fn history(snapshot: &mut Snapshot, id: OrganisationId) -> Result<Vec<Fact>, DbError> {
    let statement = sql!(
        "SELECT field, from_at, until_at, value FROM organisation_fact WHERE organisation_id = ?1
         ORDER BY until_at DESC, field LIMIT 200"
    );
    snapshot.all(statement, params![id]).await
}

/// What a person looks for in the list of all organisations.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Search {
    /// Words of name, code or postcode.
    pub q: String,
    /// The code of a kind, or empty.
    pub kind: String,
    /// The code of a region, or empty.
    pub region: String,
    /// The code of a status, or empty.
    pub status: String,
    /// The cursor.
    pub after: String,
}

// By words: `organisation_word`'s key. By kind and status: `organisation_kind`. Else: the unique
// code. On `read_long`: a word such as "surgery" finds a third of the sector before it is sorted.
db::listing! {
    static LIST = columns!();
    word1: "o.id IN (SELECT organisation_id FROM organisation_word WHERE word >= ?1 AND word < ?2)",
    word2: "o.id IN (SELECT organisation_id FROM organisation_word WHERE word >= ?1 AND word < ?2)",
    word3: "o.id IN (SELECT organisation_id FROM organisation_word WHERE word >= ?1 AND word < ?2)",
    word4: "o.id IN (SELECT organisation_id FROM organisation_word WHERE word >= ?1 AND word < ?2)",
    kind: "o.kind = ?1",
    region: "o.region = ?1",
    status: "o.status = ?1",
    after: "o.code > ?1",
    tail: "ORDER BY o.code LIMIT 51",
}

/// Those that match, 51 at most.
pub async fn search(snapshot: &mut Snapshot, search: &Search) -> Result<Vec<Organisation>, DbError> {
    let chosen = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    let after: Option<String> = crate::web::cursor::read(&search.after);
    let mut selection = LIST
        .select(params![])
        .when_some("kind", chosen(&search.kind))
        .when_some("region", chosen(&search.region))
        .when_some("status", chosen(&search.status))
        .when_some("after", after);
    let names = ["word1", "word2", "word3", "word4"];
    for (name, prefix) in names.into_iter().zip(fold::prefixes(&search.q)) {
        selection = selection.when(name, params![prefix.from, prefix.below]);
    }
    snapshot.list(selection).await
}

/// Whether a mail of an alert would reach nobody for `o` at the moment `$now`: neither there nor, where others
/// answer for it, with them.
macro_rules! nobody {
    ($now:literal) => {
        concat!(
            "(NOT EXISTS (
                 SELECT 1 ",
            reaching!(
                "FROM answers_for a CROSS JOIN",
                "a.answering_id",
                $now,
                "'security_lead', 'shared_mailbox'"
            ),
            " AND a.organisation_id = o.id AND a.from_at <= ",
            $now,
            " AND (a.until_at IS NULL OR a.until_at > ",
            $now,
            "))
              AND (EXISTS (
                       SELECT 1 FROM answers_for a WHERE a.organisation_id = o.id
                       AND a.from_at <= ",
            $now,
            " AND (a.until_at IS NULL OR a.until_at > ",
            $now,
            "))
                   OR NOT EXISTS (
                       SELECT 1 ",
            reaching!("FROM", "o.id", $now, "'security_lead', 'shared_mailbox'"),
            "))) "
        )
    };
}

/// Open organisations where a mail of an alert would reach nobody, 51 at most behind `after`; of one region,
/// where its code is given.
///
/// Index: `organisation_status` in order, with a look at each one's contacts and at those of who
/// answers for it; on `read_long`, since where nearly all can be reached it passes them all.
pub async fn unreachable(
    snapshot: &mut Snapshot,
    after: &str,
    region: &str,
    now: Timestamp,
) -> Result<Vec<Organisation>, DbError> {
    let statement = sql!(
        columns!(),
        "WHERE o.status = 'open' AND o.code > ?1 AND (?3 = '' OR o.region = ?3) AND ",
        nobody!("?2"),
        "ORDER BY o.code LIMIT 51"
    );
    snapshot.all(statement, params![after, now, region]).await
}

db::record! {
    /// How many of a region's bodies can be reached.
    pub struct Reach {
        /// The region's code; empty for those whose region is not certain.
        pub region: String,
        /// Open organisations.
        pub organisations: i64,
        /// Of them, those where a mail of an alert would reach nobody.
        pub unreachable: i64,
    }
}

/// How many open organisations of each region can be reached. It looks at every one of them: for jobs alone.
pub async fn reach(snapshot: &mut Snapshot, now: Timestamp) -> Result<Vec<Reach>, DbError> {
    let statement = sql!(
        "SELECT coalesce(o.region, '') AS region, count(*) AS organisations,
                CAST(sum(CASE WHEN ",
        nobody!("?1"),
        "THEN 1 ELSE 0 END) AS BIGINT) AS unreachable
         FROM organisation o WHERE o.status = 'open'
         GROUP BY coalesce(o.region, '') ORDER BY 1"
    );
    snapshot.all(statement, params![now]).await
}

/// Whether there is any.
pub async fn is_any(snapshot: &mut Snapshot) -> Result<bool, DbError> {
    let found: Option<(OrganisationId,)> =
        snapshot.maybe(sql!("SELECT id FROM organisation LIMIT 1"), params![]).await?;
    Ok(found.is_some())
}

/// Notes that somebody at the organisation was really reached: not that a machine took a mail.
pub async fn note_reached(tx: &mut Tx, id: OrganisationId) -> Result<(), DbError> {
    let now = tx.now;
    tx.run_later(sql!("UPDATE organisation SET reached_at = ?2 WHERE id = ?1"), params![id, now]).await
}

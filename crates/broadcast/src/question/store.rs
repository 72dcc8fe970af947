//! The SQL of questions. What an organisation reads begins with the organisations that it stands for.

use db::{DbError, Snapshot, listing, params, sql};
use formats::Tlp;
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{PersonId, Role},
    organisation::OrganisationId,
    retention::{BATCH, Rule},
};
use uuid::Uuid;

use super::{MOST_OPEN, QuestionId, Receipt, Side, State};
use crate::{
    advisory::{AdvisoryId, AdvisoryNumber},
    alert::{Alert, AlertId, store::Marking},
    response::{mine, mine_of},
};

/// What is forgotten of a question: what was said about it. That it was asked, and when it was
/// answered, stays.
pub const FORGOTTEN: Rule = Rule {
    name: "question_words",
    // Indexes: question_words, question_message_of.
    forget: |tx, before| {
        Box::pin(async move {
            let messages = sql!(
                "UPDATE question_message SET text = '' WHERE question_id IN (
                     SELECT id FROM question WHERE words_kept = TRUE AND settled_at < ?1
                     ORDER BY settled_at, id LIMIT ?2)"
            );
            tx.run(messages, params![before, BATCH]).await?;
            let questions = sql!(
                "UPDATE question SET words_kept = FALSE, reason = '' WHERE id IN (
                     SELECT id FROM question WHERE words_kept = TRUE AND settled_at < ?1
                     ORDER BY settled_at, id LIMIT ?2)"
            );
            tx.run(questions, params![before, BATCH]).await
        })
    },
};

db::record! {
    /// A question.
    pub struct Question {
        /// Which.
        pub id: QuestionId,
        /// Its number.
        pub receipt: Receipt,
        /// The organisation that asks.
        pub organisation_id: OrganisationId,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// The advisory whose alert it is about.
        pub advisory_id: AdvisoryId,
        /// The alert about which it was asked, or asked on.
        pub alert_id: AlertId,
        /// That alert's number.
        pub number: AdvisoryNumber,
        /// That alert's title.
        pub title: String,
        /// That alert's marking.
        pub tlp: Marking,
        /// When it was asked.
        pub asked_at: Timestamp,
        /// What was asked first.
        pub first: Option<String>,
        /// Where it stands.
        pub state: State,
        /// Since when it waits, or waited last.
        pub waiting_since: Timestamp,
        /// Who took it on.
        pub claimed_by: Option<PersonId>,
        /// Their name, where they have not left.
        pub claimer: Option<String>,
        /// Why it was closed without an answer; empty where it was not.
        pub reason: String,
        /// When it was last answered or closed.
        pub settled_at: Option<Timestamp>,
        /// Grows with every change.
        pub version: i64,
    }
}

impl Question {
    /// How far what is said may travel: what one organisation asks is never for all who read the alert.
    pub fn marking(&self) -> Tlp {
        self.tlp.0.max(Tlp::Amber)
    }
}

// Outer joins, though each has its organisation and its alert: or SQLite would begin the list of all of
// them with every organisation that there is.
macro_rules! questions {
    () => {
        "SELECT q.id, q.receipt, q.organisation_id, o.code, o.name, q.advisory_id, q.alert_id,
                a.number, a.title, a.tlp, q.asked_at, q.state, q.waiting_since, q.claimed_by, p.name AS claimer,
                q.reason, q.settled_at, q.version,
                (SELECT m.text FROM question_message m WHERE m.question_id = q.id ORDER BY m.id LIMIT 1) AS first
         FROM question q
         LEFT JOIN organisation o ON o.id = q.organisation_id
         LEFT JOIN alert a ON a.id = q.alert_id
         LEFT JOIN person p ON p.id = q.claimed_by AND p.erased_at IS NULL "
    };
}

/// Of a question `q` about the alert `a`: it is of one of [`mine!`]. At AMBER+STRICT, of those who
/// answer for it only people who answer or decide read it (decision 0008).
macro_rules! readable {
    () => {
        "q.organisation_id IN (SELECT organisation_id FROM mine)
         AND (a.tlp <> 'amber+strict'
              OR q.organisation_id IN (SELECT organisation_id FROM scope
                                       WHERE organisation_id = through_id
                                          OR role IN ('responder', 'lead', 'executive'))) "
    };
}

db::record! {
    /// Something that was said about a question.
    pub struct Message {
        /// By which side.
        pub side: Side,
        /// The name of the organisation whose person said it.
        pub through: Option<String>,
        /// Who said it, where they have not left.
        pub by: Option<String>,
        /// What; empty where it was forgotten.
        pub text: String,
        /// When.
        pub said_at: Timestamp,
    }
}

/// A question, whoever asks for it. Index: the key.
pub async fn question(snapshot: &mut Snapshot, id: QuestionId) -> Result<Option<Question>, DbError> {
    snapshot.maybe(sql!(questions!(), "WHERE q.id = ?1"), params![id]).await
}

/// A question about an alert of this advisory, if it is of an organisation that `actor` stands for in
/// one of `roles`. Index: the key.
pub async fn own(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    roles: &[Role],
    advisory: AdvisoryId,
    id: QuestionId,
) -> Result<Option<Question>, DbError> {
    let statement = sql!(mine!(), questions!(), "WHERE q.id = ?7 AND q.advisory_id = ?8 AND ", readable!());
    snapshot.maybe(statement, mine_of(actor, now, roles, params![id, advisory])).await
}

/// The questions about an advisory's alerts of those that `actor` stands for, the newest first, 51 at
/// most behind `after`. Index: `question_organisation`. On `read_long`: somebody may stand for thousands.
pub async fn all_own(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    advisory: AdvisoryId,
    after: QuestionId,
) -> Result<Vec<Question>, DbError> {
    let statement = sql!(
        mine!(),
        questions!(),
        "WHERE q.advisory_id = ?7 AND q.id < ?8 AND ",
        readable!(),
        "ORDER BY q.id DESC LIMIT 51"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![advisory, after])).await
}

/// What was said about a question, oldest first: at most as much as may be said. Index:
/// `question_message_of`.
pub async fn messages(snapshot: &mut Snapshot, id: QuestionId) -> Result<Vec<Message>, DbError> {
    let statement = sql!(
        "SELECT m.side, w.name AS through, p.name AS by, m.text, m.said_at
         FROM question_message m
         LEFT JOIN organisation w ON w.id = m.through_id
         LEFT JOIN person p ON p.id = m.said_by AND p.erased_at IS NULL
         WHERE m.question_id = ?1 ORDER BY m.id"
    );
    snapshot.all(statement, params![id]).await
}

/// The organisation of this code to which the alert went and for which `actor` asks, and through
/// which: those for whom it answers alerts. Indexes: `organisation`'s unique code, `response`'s key.
pub(super) async fn asking(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    alert: AlertId,
    code: &str,
) -> Result<Option<(OrganisationId, OrganisationId)>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT m.organisation_id, m.through_id FROM mine m JOIN organisation o ON o.id = m.organisation_id
         CROSS JOIN response r
         WHERE o.code = ?7 AND r.organisation_id = m.organisation_id AND r.alert_id = ?8"
    );
    snapshot.maybe(statement, mine_of(actor, now, Role::ANSWERING, params![code, alert])).await
}

/// The codes and names of those to which the alert went and for which `actor` asks, its own first, 51
/// at most. Index: `response`'s key for each.
pub(super) async fn asked_for(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    alert: AlertId,
) -> Result<Vec<(String, String)>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT o.code, o.name FROM mine m CROSS JOIN response r JOIN organisation o ON o.id = m.organisation_id
         WHERE r.organisation_id = m.organisation_id AND r.alert_id = ?7
         ORDER BY CASE WHEN m.through_id = m.organisation_id THEN 0 ELSE 1 END, o.code LIMIT 51"
    );
    snapshot.all(statement, mine_of(actor, now, Role::ANSWERING, params![alert])).await
}

/// The question that an organisation sent with this form.
pub(super) async fn sent_with(
    snapshot: &mut Snapshot,
    form: Uuid,
    organisation: OrganisationId,
) -> Result<Option<QuestionId>, DbError> {
    let statement = sql!("SELECT id FROM question WHERE form = ?1 AND organisation_id = ?2");
    let found: Option<(QuestionId,)> = snapshot.maybe(statement, params![form, organisation]).await?;
    Ok(found.map(|(id,)| id))
}

/// Whether [`MOST_OPEN`] questions of an organisation about an advisory's alerts wait. Index:
/// `question_organisation`.
pub(super) async fn enough_open(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    advisory: AdvisoryId,
) -> Result<bool, DbError> {
    let statement = sql!(
        "SELECT count(*) FROM question WHERE organisation_id = ?1 AND advisory_id = ?2 AND state = 'open'"
    );
    let (open,): (i64,) = snapshot.one(statement, params![organisation, advisory]).await?;
    Ok(open >= MOST_OPEN)
}

/// Keeps a question that was just asked; what it says is said by [`say`].
pub(super) async fn insert(
    tx: &mut Tx,
    (organisation, through): (OrganisationId, OrganisationId),
    alert: &Alert,
    form: Option<Uuid>,
    by: PersonId,
) -> Result<QuestionId, DbError> {
    let (id, now): (QuestionId, _) = (tx.id(), tx.now);
    let receipt = Receipt::drawn(tx.bytes());
    let statement = sql!(
        "INSERT INTO question (id, receipt, form, organisation_id, through_id, advisory_id, alert_id, asked_by,
                               asked_at, state, waiting_since, reason, words_kept, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'open', ?9, '', TRUE, 1)"
    );
    let form = form.unwrap_or(id.0);
    let values = params![id, &receipt, form, organisation, through, alert.advisory_id, alert.id, by, now];
    tx.run(statement, values).await?;
    Ok(id)
}

/// How much was said about a question, and whether anything of it with this form. Index:
/// `question_message_of`.
pub(super) async fn said(
    snapshot: &mut Snapshot,
    id: QuestionId,
    form: Option<Uuid>,
) -> Result<(i64, bool), DbError> {
    let statement = sql!(
        "SELECT count(*), CAST(coalesce(sum(CASE WHEN form = ?2 THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM question_message WHERE question_id = ?1"
    );
    let (count, same): (i64, i64) = snapshot.one(statement, params![id, form.unwrap_or(Uuid::nil())]).await?;
    Ok((count, same > 0))
}

/// Keeps what was said about a question: by the CERT, or through an organisation.
pub(super) async fn say(
    tx: &mut Tx,
    question: QuestionId,
    form: Option<Uuid>,
    through: Option<OrganisationId>,
    by: PersonId,
    text: &str,
) -> Result<Uuid, DbError> {
    let side = if through.is_some() { Side::Organisation } else { Side::Cert };
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO question_message (id, question_id, form, side, through_id, text, said_by, said_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    );
    let values = params![id, question, form.unwrap_or(id), side, through, text, by, now];
    tx.run(statement, values).await?;
    Ok(id)
}

/// Where a question stands after something happened to it.
pub(super) struct Moved<'a> {
    pub state: State,
    /// The alert that it is about now.
    pub alert: AlertId,
    pub waiting_since: Timestamp,
    pub claimed_by: Option<PersonId>,
    pub reason: &'a str,
    pub settled_at: Option<Timestamp>,
}

/// Moves a question on; `false` where its version has. Its words are kept again.
pub(super) async fn advance(tx: &mut Tx, question: &Question, moved: &Moved<'_>) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE question SET state = ?3, waiting_since = ?4, claimed_by = ?5, reason = ?6, settled_at = ?7,
                             alert_id = ?8, words_kept = TRUE, version = version + 1
         WHERE id = ?1 AND version = ?2"
    );
    let Moved { state, alert, waiting_since, claimed_by, reason, settled_at } = moved;
    let values = params![
        question.id,
        question.version,
        *state,
        *waiting_since,
        *claimed_by,
        *reason,
        *settled_at,
        *alert
    ];
    Ok(tx.run(statement, values).await? == 1)
}

listing! {
    // Index: question_state; with an advisory question_advisory; without either question_waiting.
    static QUEUE = questions!();
    state: "q.state = ?1",
    advisory: "q.advisory_id = ?1",
    after: "(q.waiting_since, q.id) > (?1, ?2)",
    tail: "ORDER BY q.waiting_since, q.id LIMIT 51",
}

/// Where the queue goes on.
pub type Cursor = (i64, QuestionId);

/// The questions of the sector in this state and about this advisory's alerts, those that wait longest
/// first, 51 at most behind `after`: for the CERT.
pub async fn queue(
    snapshot: &mut Snapshot,
    state: Option<State>,
    advisory: Option<AdvisoryId>,
    after: Option<Cursor>,
) -> Result<Vec<Question>, DbError> {
    let mut selection = QUEUE.select(params![]).when_some("state", state).when_some("advisory", advisory);
    if let Some((since, id)) = after {
        selection = selection.when("after", params![since, id]);
    }
    snapshot.list(selection).await
}

/// How many wait for an answer, counted up to 1,000. Index: `question_state`.
pub async fn waiting(snapshot: &mut Snapshot) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (SELECT id FROM question WHERE state = 'open' LIMIT 1000) waiting"
    );
    Ok(snapshot.one::<(i64,)>(statement, params![]).await?.0)
}

/// Since when the one waits that waits longest. Index: `question_state`.
pub async fn waiting_since(snapshot: &mut Snapshot) -> Result<Option<Timestamp>, DbError> {
    let statement =
        sql!("SELECT waiting_since FROM question WHERE state = 'open' ORDER BY waiting_since, id LIMIT 1");
    Ok(snapshot.maybe::<(Timestamp,)>(statement, params![]).await?.map(|(since,)| since))
}

//! What follows from a mail.

use db::DbError;
use formats::mail::{By, Mail};
use platform::{
    Actor, Tx,
    account::folded,
    maildir::Mark,
    message::{self, MessageId},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{ANSWERS_A_DAY, ANSWERS_AN_HOUR, MailId, messages, store, words};
use crate::{
    incident::{self, IncidentError},
    report::{
        self, Facts, ReportError, ReportId, Seen, Way,
        actions::Sender,
        facts::{LONGEST, LONGEST_NAME},
    },
};

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is a report.
    Report,
    /// It adds to one.
    Reply,
    /// It had been taken.
    Known,
    /// A machine wrote it about another mail.
    Machine,
    /// Nothing in it says that it is a mail.
    Unreadable,
    /// It could not be taken.
    Refused,
}

impl Taken {
    /// The word in figures.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Reply => "reply",
            Self::Known => "known",
            Self::Machine => "machine",
            Self::Unreadable => "unreadable",
            Self::Refused => "refused",
        }
    }

    pub const fn mark(self) -> Mark {
        match self {
            Self::Report | Self::Reply | Self::Known => Mark::Seen,
            Self::Machine | Self::Unreadable | Self::Refused => Mark::Flagged,
        }
    }
}

/// Why a mail was not taken.
#[derive(Debug)]
pub(super) enum NotTaken {
    /// The database failed: it is read again.
    Database(DbError),
    /// It never will be.
    Refused(String),
}

impl From<DbError> for NotTaken {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<ReportError> for NotTaken {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Database(error) | ReportError::Incident(IncidentError::Database(error)) => {
                Self::Database(error)
            }
            // Two workers read the same mail at the same moment: it is read again, and known then.
            ReportError::Twice => Self::Database(DbError::Constraint("the same mail twice".to_owned())),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// Takes a mail: it makes a report, or adds to the one whose answer it answers. `from` is who our own mail is from.
pub(super) async fn take(
    tx: &mut Tx,
    actor: &Actor,
    from: &str,
    digest: [u8; 32],
    mail: &Mail,
) -> Result<Taken, NotTaken> {
    if mail.by == By::Reply {
        return Ok(Taken::Machine);
    }
    if !mail.is_mail {
        return Ok(Taken::Unreadable);
    }
    if store::is_known(tx, digest).await? {
        return Ok(Taken::Known);
    }
    let form = form_of(&digest);
    if let Some(report) = answered(tx, mail).await? {
        return add(tx, actor, report, form, digest, mail).await;
    }
    let facts = Facts {
        named: [mail.name.as_str(), mail.from.as_str()].join(" ").trim().chars().take(LONGEST_NAME).collect(),
        seen: vec![Seen::SomethingElse],
        more: words(mail).chars().take(LONGEST).collect(),
        ..Facts::default()
    };
    let sender = Sender::Unknown { organisation: None };
    let sent = report::actions::take(tx, actor, form, Way::Mail, sender, &facts).await?;
    let answered_to = may_answer(tx, from, mail).await?;
    let counted = answered_to.as_deref().map(mailbox);
    let id = keep(tx, sent.report, digest, mail, false, counted.as_deref()).await?;
    if let Some(address) = answered_to {
        message::queue(tx, &messages::draft(id, sent.incident, &sent.receipt, &address, mail.id.as_deref()))
            .await?;
    }
    Ok(Taken::Report)
}

/// The report whose automatic answer this mail answers. Its Message-ID is the id of a row of ours, which nobody
/// knows who has not had that answer in their hands.
async fn answered(tx: &mut Tx, mail: &Mail) -> Result<Option<ReportId>, DbError> {
    for id in &mail.answers {
        let id = id.split('@').next().and_then(|id| id.parse::<Uuid>().ok());
        let Some(id) = id.map(MessageId) else { continue };
        let tried = message::tried(tx, id).await?.filter(|tried| tried.kind == messages::ANSWER.name);
        if let Some(about) = tried.and_then(|tried| tried.about_id) {
            return store::report_of(tx, MailId(about)).await;
        }
    }
    Ok(None)
}

/// Adds a mail to the report that it is about.
async fn add(
    tx: &mut Tx,
    actor: &Actor,
    report: ReportId,
    form: Uuid,
    digest: [u8; 32],
    mail: &Mail,
) -> Result<Taken, NotTaken> {
    let report = report::store::report(tx, report).await?;
    let report = report.ok_or_else(|| NotTaken::Refused("its report is gone".to_owned()))?;
    let text: String = words(mail).chars().take(LONGEST).collect();
    incident::actions::add_by_mail(tx, actor, &report, form, &text).await.map_err(ReportError::from)?;
    keep(tx, report.id, digest, mail, true, None).await?;
    Ok(Taken::Reply)
}

async fn keep(
    tx: &mut Tx,
    report: ReportId,
    digest: [u8; 32],
    mail: &Mail,
    is_reply: bool,
    answered_to: Option<&str>,
) -> Result<MailId, NotTaken> {
    let hinted = store::hinted(tx, &mail.from).await?;
    let new = store::New { report, digest, mail, is_reply, hinted, answered_to };
    Ok(store::insert(tx, &new).await?)
}

/// The address to which an answer goes: where the mail came from, unless that is a machine, ourselves, or was
/// answered enough (RFC 3834).
async fn may_answer(tx: &mut Tx, from: &str, mail: &Mail) -> Result<Option<String>, DbError> {
    let Some(address) = &mail.answer_to else { return Ok(None) };
    let address = folded(address);
    let own = from.rsplit_once('<').map_or(from, |(_, address)| address).trim_end_matches('>');
    if address == folded(own) {
        return Ok(None);
    }
    let (to_address, to_all) = store::answered(tx, &mailbox(&address)).await?;
    Ok((to_address < ANSWERS_A_DAY && to_all < ANSWERS_AN_HOUR).then_some(address))
}

/// The address without what stands behind a plus, which most servers deliver to the same mailbox: or each of a
/// thousand such addresses were somebody new.
fn mailbox(address: &str) -> String {
    let Some((local, domain)) = address.rsplit_once('@') else { return address.to_owned() };
    format!("{}@{domain}", local.split('+').next().unwrap_or(local))
}

/// What a mail is known by: its Message-ID with all that is taken in of it. A copy that took another way is the
/// same mail, and one that borrows another's Message-ID is not. A mail without one is known by its bytes.
pub(super) fn digest(mail: &Mail, bytes: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new().chain_update("react mail\0");
    let Some(id) = mail.id.as_deref() else { return digest.chain_update(bytes).finalize().into() };
    for part in [id, &mail.from, &mail.subject, &mail.text]
        .into_iter()
        .chain(mail.attachments.iter().map(String::as_str))
    {
        digest.update(part);
        digest.update([0]);
    }
    digest.finalize().into()
}

fn form_of(digest: &[u8; 32]) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

//! Two plain lists with a header: who answers for whom, and contacts.

use std::io::Read;

use formats::Refusal;

use super::{
    Growth, ImportError, finish,
    header::{Header, Line},
};
use crate::{
    Actor, App, Tx,
    access::Role,
    import::{Incoming, Report, TURN, Taken},
    job::Lane,
    organisation::{
        self, OrganisationId,
        answering::store::{self as links, NewLink},
        contact::{ContactError, ContactKind, ContactRole, Details, actions, store as stored},
    },
    uk,
    web::form::Problems,
};

/// Takes in a list of who answers for whom: `answering,organisation,from,until,note`, the first two
/// as codes, the days as 2026-06-01. Without `from` it begins now; a day in `until` is the last.
pub async fn answers(
    app: &App,
    actor: &Actor,
    input: impl Read + Send + 'static,
    file: &str,
    on_progress: &(dyn Fn(u64) + Sync),
) -> Result<Report, ImportError> {
    actor.require(&[Role::Admin], "import who answers for whom")?;
    list(app, actor, input, file, List::Answers, on_progress).await
}

/// Takes in contacts: `organisation,role,kind,name,email,telephone`, and `verified` where a register
/// before us had the address confirmed, with the day. Everybody else is asked to confirm.
pub async fn contacts(
    app: &App,
    actor: &Actor,
    input: impl Read + Send + 'static,
    file: &str,
    on_progress: &(dyn Fn(u64) + Sync),
) -> Result<Report, ImportError> {
    actor.require(&[Role::Admin], "import contacts")?;
    list(app, actor, input, file, List::Contacts, on_progress).await
}

/// The two lists.
#[derive(Clone, Copy)]
enum List {
    Answers,
    Contacts,
}

impl List {
    const fn kind(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Contacts => "contacts",
        }
    }

    const fn verb(self) -> &'static str {
        match self {
            Self::Answers => "answering.imported",
            Self::Contacts => "contact.imported",
        }
    }

    const fn header(self) -> Header {
        match self {
            Self::Answers => {
                Header { required: &["answering", "organisation"], optional: &["from", "until", "note"] }
            }
            Self::Contacts => Header {
                required: &["organisation", "role", "kind", "name"],
                optional: &["email", "telephone", "verified"],
            },
        }
    }

    async fn take(self, tx: &mut Tx, line: &Line) -> Result<Taken, NotTaken> {
        match self {
            Self::Answers => answer(tx, line).await,
            Self::Contacts => contact(tx, line).await,
        }
    }
}

/// Why a row of a list was not taken.
enum NotTaken {
    Refused(Refusal),
    Db(db::DbError),
}

impl From<Refusal> for NotTaken {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<db::DbError> for NotTaken {
    fn from(error: db::DbError) -> Self {
        Self::Db(error)
    }
}

async fn list(
    app: &App,
    actor: &Actor,
    input: impl Read + Send + 'static,
    file: &str,
    list: List,
    on_progress: &(dyn Fn(u64) + Sync),
) -> Result<Report, ImportError> {
    let mut report = Report::of(list.kind());
    let mut growth = Growth::default();
    let mut incoming = Incoming::read(input, move |input| list.header().lines(input));
    while let Some(batch) = incoming.next().await {
        let mut rest = batch.rows.into_iter().peekable();
        while rest.peek().is_some() {
            let mut tx = app.write().await?;
            while app.env.now().duration_since(tx.now) <= TURN {
                let taken = match rest.next() {
                    None => break,
                    Some(Err(refusal)) => Err(refusal.into()),
                    Some(Ok(line)) => list.take(&mut tx, &line).await,
                };
                match taken {
                    Ok(taken) => report.count(taken),
                    Err(NotTaken::Refused(refusal)) => report.refuse(file, refusal),
                    Err(NotTaken::Db(error)) => return Err(error.into()),
                }
            }
            tx.commit().await?;
        }
        growth.note(app, &report).await?;
        on_progress(batch.bytes);
    }
    finish(app, actor, list.verb(), file, incoming.hash().await, &report).await?;
    Ok(report)
}

async fn named(tx: &mut Tx, line: &Line, column: &'static str) -> Result<OrganisationId, NotTaken> {
    let code = line.get(column).to_uppercase();
    let found = organisation::store::id_of(tx, &code).await?;
    Ok(found.ok_or_else(|| line.refuse(column, "No organisation has this code; import it first."))?)
}

async fn answer(tx: &mut Tx, line: &Line) -> Result<Taken, NotTaken> {
    let answering = named(tx, line, "answering").await?;
    let organisation = named(tx, line, "organisation").await?;
    if answering == organisation {
        return Err(line.refuse("answering", "An organisation cannot answer for itself.").into());
    }
    let from = line.day("from")?.and_then(uk::begins);
    let until = line.day("until")?.and_then(uk::is_over);
    let (now, note) = (tx.now, line.get("note"));
    // Without a first day, the link that stands now is meant.
    let is_it = |link: &&links::Stored| match from {
        Some(from) => link.from_at == from,
        None => link.from_at <= now && link.until_at.is_none_or(|until| until > now),
    };
    let there = links::between(tx, answering, organisation).await?;
    let found = there.iter().find(is_it);
    let from = found.map_or(from.unwrap_or(now), |known| known.from_at);
    if until.is_some_and(|until| until <= from) {
        return Err(line.refuse("until", "The last day is before the first.").into());
    }
    match found {
        Some(known) if known.until_at == until && known.note == note => Ok(Taken::Same),
        Some(known) => {
            links::update(tx, known.id, until, note).await?;
            Ok(Taken::Changed)
        }
        None => {
            links::insert(tx, &NewLink { answering, organisation, from, until, note }).await?;
            Ok(Taken::New)
        }
    }
}

fn details(line: &Line) -> Result<Details, Refusal> {
    let role: ContactRole = line.word("role", "security_lead, deputy, executive, shared_mailbox, on_call")?;
    let kind: ContactKind = line.word("kind", "person, shared_mailbox, on_call_mobile")?;
    let mut problems = Problems::none();
    let name = problems.text("name", line.get("name"), 120, "the contact's name");
    let email = (!line.get("email").is_empty()).then(|| problems.email("email", line.get("email")));
    let telephone =
        (!line.get("telephone").is_empty()).then(|| problems.telephone("telephone", line.get("telephone")));
    if let Some(problem) = problems.iter().next() {
        let column = formats::Column::Name(problem.field.to_string());
        return Err(Refusal::at(line.number, format!("{}.", problem.sentence)).in_column(column));
    }
    let details = Details {
        role,
        kind,
        name: name.unwrap_or_default(),
        email: email.flatten(),
        telephone: telephone.flatten(),
    };
    let column = if kind == ContactKind::OnCallMobile { "telephone" } else { "email" };
    details.check().map_err(|error| line.refuse(column, error.to_string()))?;
    Ok(details)
}

async fn contact(tx: &mut Tx, line: &Line) -> Result<Taken, NotTaken> {
    let organisation = named(tx, line, "organisation").await?;
    let details = details(line)?;
    let verified = line.day("verified")?.and_then(uk::begins);
    let now = tx.now;
    let there = stored::of_organisation(tx, organisation, now).await?;
    let is_it = |each: &&stored::Contact| {
        each.role == details.role
            && if details.email.is_some() { each.email == details.email } else { each.name == details.name }
    };
    if let Some(known) = there.iter().find(is_it) {
        let before = (known.kind, &known.name, &known.telephone);
        if before == (details.kind, &details.name, &details.telephone) {
            return Ok(Taken::Same);
        }
        stored::update(tx, known.id, known.version, &details).await?;
        return Ok(Taken::Changed);
    }
    let id = stored::insert(tx, organisation, &details, verified.filter(|at| *at <= now)).await?;
    if verified.is_none() {
        confirm(tx, id, organisation, &details).await?;
    }
    Ok(Taken::New)
}

/// Asks for a confirmation in the bulk lane: somebody else may be waiting for a sign-in mail.
async fn confirm(
    tx: &mut Tx,
    id: organisation::contact::ContactId,
    organisation: OrganisationId,
    details: &Details,
) -> Result<(), NotTaken> {
    match actions::ask_to_confirm(tx, id, organisation, details, 1, Lane::Bulk).await {
        Ok(()) => Ok(()),
        Err(ContactError::Db(error)) => Err(error.into()),
        // Queueing a mail fails only by the database.
        Err(other) => Err(db::DbError::Engine(other.to_string()).into()),
    }
}

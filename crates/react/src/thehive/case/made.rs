//! How a system makes a case: by a report, as everybody else does.

use jiff::Timestamp;
use platform::{Actor, Tx, access::Key, organisation, web::Error};

use crate::{
    incident::IncidentId,
    report::{self, Care, Facts, ReportError, Seen, Way, actions::Sender, facts::LONGEST},
    thehive::{
        said::{Said, tags},
        words::{bounded, severity_label},
    },
};

/// The longest description, so that with its title it is a text of a report.
const LONGEST_DESCRIPTION: usize = 1_700;

/// What a system says of a case that it makes.
#[derive(Clone, Debug)]
pub(in crate::thehive) struct New {
    /// What it is called, described, tagged and marked.
    pub said: Said,
    /// Since when it has been so.
    pub since: Option<Timestamp>,
    /// How severe the system takes it to be: people are told, and decide.
    pub severity: Option<i64>,
}

/// The code of the organisation for which a key makes something: the one it names, or its own.
pub(in crate::thehive) async fn organisation(
    tx: &mut Tx,
    actor: &Actor,
    named: Option<&str>,
) -> Result<String, Error> {
    if let Some(named) = named {
        return Ok(named.trim().to_uppercase());
    }
    let Actor::Key(Key { organisation: Some(own), .. }) = actor else { return Err(Error::NotFound) };
    let own = organisation::store::find(tx, *own).await?.ok_or(Error::NotFound)?;
    Ok(own.code)
}

/// Reports what a system says for the organisation of this code, and keeps what it calls it.
pub(in crate::thehive) async fn make(
    tx: &mut Tx,
    actor: &Actor,
    code: &str,
    new: &New,
) -> Result<IncidentId, Error> {
    bounded("description", &new.said.text, LONGEST_DESCRIPTION)?;
    let (form, now) = (tx.id(), tx.now);
    if new.since.is_some_and(|since| since > now) {
        return Err(Error::Invalid("startDate: This must be in the past.".to_owned()));
    }
    let reporting = organisation::store::answered_for(tx, actor, now, code).await?;
    let (organisation, through) = reporting.ok_or_else(|| ReportError::NotYours(code.to_owned()))?;
    let facts = facts(new);
    bounded("title", &facts.more, LONGEST)?;
    let sender = Sender::Known { organisation, through };
    let sent = report::actions::take(tx, actor, form, Way::Api, sender, &facts).await?;
    new.said.keep(tx, sent.incident.0, sent.incident).await?;
    Ok(sent.incident)
}

/// The report: tags that are codes of what is seen, or of what care is affected, say that.
fn facts(new: &New) -> Facts {
    let tags = tags(&new.said.tags);
    let mut seen: Vec<Seen> = tags.iter().filter_map(|tag| tag.parse().ok()).collect();
    if seen.is_empty() {
        seen.push(Seen::SomethingElse);
    }
    let affected = Care::agreeing(tags.iter().filter_map(|tag| tag.parse().ok()).collect());
    let mut more = new.said.title.clone();
    if let Some(severity) = new.severity {
        more =
            format!("{more}\nSeverity, as the system takes it: {}", severity_label(severity).to_lowercase());
    }
    more = format!("{more}\n\n{}", new.said.text);
    Facts { seen, since: new.since, affected, more: more.trim_end().to_owned(), ..Facts::default() }
}

//! This service's part of the table of roles: who may do what.

use platform::{
    Actor,
    access::{
        Key,
        Role::{self, Admin, Analyst, Auditor, DutyManager, Executive, Lead, Responder, Viewer},
    },
    key::Scope,
    web::shell::NavItem,
};

/// Reads the incidents of the sector.
pub const READ_INCIDENTS: &[Role] = &[Analyst, DutyManager, Admin, Auditor];
/// Takes calls, takes incidents on, calls back, joins and closes.
pub const HANDLE_INCIDENTS: &[Role] = &[Analyst, DutyManager];
/// Reads an incident at all: the CERT, and the people of its organisation.
pub const READERS: &[Role] = &[Responder, Lead, Executive, Viewer, Analyst, DutyManager, Admin, Auditor];
/// Adds to an incident: those who report, and those who handle it.
pub const ADDERS: &[Role] = &[Responder, Lead, Analyst, DutyManager];
/// Writes in a case at an organisation: those who report, and who decides there.
pub const WRITE_CASES: &[Role] = &[Responder, Lead, Executive];
/// Answers the questions that decide how urgent an incident is: the CERT all of them, an organisation what it knows.
pub const ANSWER_QUESTIONS: &[Role] = &[Responder, Lead, Executive, Analyst, DutyManager];
/// Writes in cases at all: at an organisation, or at the CERT.
pub const WRITERS: &[Role] = &[Responder, Lead, Executive, Analyst, DutyManager];
/// Lets others in to a case: the CERT, and who leads at its organisation.
pub const LETS_IN: &[Role] = &[Lead, Executive, Analyst, DutyManager];
/// Follows playbooks: those who write in cases, at an organisation and at the CERT.
pub const FOLLOW_PLAYBOOKS: &[Role] = &[Responder, Lead, Executive, Analyst, DutyManager];
/// Adds to the evidence of a case, and takes of it: those who write in it.
pub const KEEP_EVIDENCE: &[Role] = &[Responder, Lead, Executive, Analyst, DutyManager];
/// Prints and revokes sheets of one-time codes: a lead for their organisation, the CERT for everybody's.
pub const KEEP_CODES: &[Role] = &[Lead, Analyst, DutyManager, Admin];
/// Those of them who keep every organisation's.
pub const KEEP_CODES_AT_CERT: &[Role] = &[Analyst, DutyManager, Admin];

/// What a machine may do in the cases that it sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InCases {
    /// Read them.
    Read,
    /// Write in them.
    Write,
    /// Let others in to them.
    Share,
    /// Close and join them, where somebody took them on: for the CERT's machines alone.
    Close,
}

/// Whether a key may do this in cases. Whoever may do anything there reads them.
pub fn key_may(key: &Key, wanted: InCases) -> bool {
    let holds = |scope: Scope| key.holds(scope.code());
    let (writes, shares) = (holds(Scope::WriteCases), holds(Scope::ShareCases));
    let closes = key.organisation.is_none() && holds(Scope::CloseCases);
    match wanted {
        InCases::Read => holds(Scope::ReadCases) || writes || shares || closes,
        InCases::Write => writes || shares || closes,
        InCases::Share => shares,
        InCases::Close => closes,
    }
}

/// The lists about incidents that the CERT's people read.
const OF_THE_CERT: [(&str, &str); 10] = [
    ("All incidents", "/incidents"),
    ("Your tasks", "/incidents/tasks"),
    ("Your actions", "/incidents/actions"),
    ("In common", "/correlations"),
    ("Supplier outages", "/outages"),
    ("Suppliers", "/suppliers"),
    ("Mutual aid", "/aid"),
    ("Lessons", "/lessons"),
    ("Times", "/incidents/times"),
    ("Alerts of systems", "/incidents/alerts"),
];

/// Those that the people of an organisation read.
const OF_AN_ORGANISATION: [(&str, &str); 7] = [
    ("Your incidents", "/incidents"),
    ("Your tasks", "/incidents/tasks"),
    ("Your actions", "/incidents/actions"),
    ("Supplier outages", "/outages"),
    ("Systems you use", "/suppliers"),
    ("Mutual aid", "/aid"),
    ("Alerts of your systems", "/incidents/alerts"),
];

/// The menu for this actor.
pub fn navigation(actor: &Actor) -> Vec<NavItem> {
    if !actor.is_any(READERS) {
        return Vec::new();
    }
    let pages: &[_] = if actor.at_cert() { &OF_THE_CERT } else { &OF_AN_ORGANISATION };
    let pages = pages.iter().map(|(label, href)| NavItem::new(label, href)).collect();
    vec![NavItem::new("Incidents", "/incidents").with(pages), NavItem::new("Playbooks", "/playbooks")]
}

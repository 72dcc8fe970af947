//! The bodies of the sector: what each is, where it stands, who is reached there, who answers for it.
//!
//! Region, board, parent, name and who answers are dated data. A closed body stays as history and
//! receives nothing.

pub mod answering;
mod api;
pub mod contact;
pub mod import;
mod pages;
pub mod panel;
pub mod store;

use std::{fmt, str::FromStr};

use formats::ods::{self, OrganisationKind, regions};

use crate::{
    Actor,
    access::{Role, Rule},
    web::{Route, shell::NavItem},
};
pub use api::openapi;

db::id! {
    /// Names an organisation.
    pub OrganisationId
}

/// Those who may open an organisation's page; which organisations they find, the query decides.
pub const READ: &[Role] = &[
    Role::Responder,
    Role::Lead,
    Role::Executive,
    Role::Viewer,
    Role::Analyst,
    Role::DutyManager,
    Role::Admin,
    Role::Auditor,
];

/// Whether an organisation is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// At work: receives alerts.
    Open,
    /// Closed for good: history.
    Closed,
    /// Registered, but not at work.
    Dormant,
    /// Registered, and to open.
    Proposed,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Open, Self::Closed, Self::Dormant, Self::Proposed];

    /// The word in database and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Dormant => "dormant",
            Self::Proposed => "proposed",
        }
    }

    /// The word on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Closed => "Closed",
            Self::Dormant => "Dormant",
            Self::Proposed => "Proposed",
        }
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Open => "green",
            Self::Closed => "grey",
            Self::Dormant => "yellow",
            Self::Proposed => "aqua-green",
        }
    }
}

impl FromStr for Status {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.code() == text).ok_or(())
    }
}

impl From<ods::Status> for Status {
    fn from(status: ods::Status) -> Self {
        match status {
            ods::Status::Active => Self::Open,
            ods::Status::Closed => Self::Closed,
            ods::Status::Dormant => Self::Dormant,
            ods::Status::Proposed => Self::Proposed,
        }
    }
}

/// What of an organisation has a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Its name.
    Name,
    /// Its region's code.
    Region,
    /// Its parent's code.
    Parent,
    /// Its integrated care board's code.
    Icb,
    /// Its status.
    Status,
}

impl Field {
    const ALL: [Self; 5] = [Self::Name, Self::Region, Self::Parent, Self::Icb, Self::Status];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Region => "region",
            Self::Parent => "parent",
            Self::Icb => "icb",
            Self::Status => "status",
        }
    }

    /// The word on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Region => "Region",
            Self::Parent => "Belonged to",
            Self::Icb => "Integrated care board",
            Self::Status => "Status",
        }
    }

    /// `value` as people read it.
    fn shown(self, value: Option<&str>) -> String {
        match (self, value) {
            (_, None) => "None".to_owned(),
            (Self::Region, Some(code)) => region_name(code).to_owned(),
            (Self::Status, Some(code)) => {
                code.parse().map_or_else(|()| code.to_owned(), |status: Status| status.label().to_owned())
            }
            (_, Some(value)) => value.to_owned(),
        }
    }
}

impl FromStr for Field {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|field| field.code() == text).ok_or(())
    }
}

db::text_column!(Status, Field);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// A region's name, or its code where no table knows it.
pub fn region_name(code: &str) -> &str {
    regions::find(code).map_or(code, |region| &region.name)
}

/// A kind in plain words, or its code where no table knows it.
pub fn kind_label(code: &str) -> &str {
    code.parse().map_or_else(|_| code, |kind: OrganisationKind| kind.label())
}

/// The menu for this actor.
pub(crate) fn navigation(actor: &Actor) -> Vec<NavItem> {
    if actor.at_cert() {
        vec![NavItem::new("Organisations", "/organisations")]
    } else if actor.is_any(Role::READING) {
        vec![NavItem::new("Your organisation", "/organisation")]
    } else {
        Vec::new()
    }
}

/// The rows of organisations, their contacts and who answers for whom.
pub(crate) fn routes() -> Vec<Route> {
    let cert = Rule::Roles(Role::AT_CERT);
    let mut routes = vec![
        Route::get("/organisation", Rule::Roles(Role::READING), pages::own),
        Route::get("/organisations", cert, pages::list).sample("/organisations?q=walk&kind=trust"),
        Route::get("/organisations/unreachable", cert, pages::unreachable),
        Route::get("/organisations/{id}", Rule::Roles(READ), pages::show)
            .sample("/organisations/{organisation}"),
    ];
    routes.extend(answering::routes());
    routes.extend(contact::routes());
    routes.extend(api::routes());
    routes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_is_shown_in_words() {
        assert_eq!(Field::Region.shown(Some("Y54")), "North of England");
        assert_eq!(Field::Status.shown(Some("closed")), "Closed");
        assert_eq!(Field::Parent.shown(None), "None");
        assert_eq!(kind_label("gp_practice"), "GP practice");
        for field in Field::ALL {
            assert_eq!(field.code().parse(), Ok(field));
        }
    }
}

//! This service's part of the table of roles: who may do what.

use platform::{
    Actor,
    access::Role::{self, Admin, Analyst, Auditor, DutyManager},
    web::shell::NavItem,
};

/// Reads threats, advisories in any state, the sector's pages.
pub const READ_SECTOR: &[Role] = &[Analyst, DutyManager, Admin, Auditor];
/// Takes in, judges and comments threats; writes advisories.
pub const WRITE_ADVISORIES: &[Role] = &[Analyst, DutyManager];
/// Decides which feeds are followed, and is told when one falls silent.
pub const KEEP_FEEDS: &[Role] = &[DutyManager, Admin];
/// Asks a feed at once.
pub const ASK_FEEDS: &[Role] = &[Analyst, DutyManager, Admin];
/// Approves, publishes, calls back, withdraws.
pub const APPROVE: &[Role] = &[DutyManager];

/// The menu for this actor.
pub fn navigation(actor: &Actor) -> Vec<NavItem> {
    let mut items = Vec::new();
    if actor.is_any(Role::READING) {
        items.push(NavItem::new("Your alerts", "/alerts"));
        items.push(NavItem::new("Sightings", "/sightings"));
    }
    if actor.is_any(crate::response::DECIDING) {
        items.push(NavItem::new("Decisions", "/decisions"));
    }
    if actor.is_any(READ_SECTOR) {
        items.extend([
            NavItem::new("Threats", "/threats"),
            NavItem::new("Advisories", "/advisories"),
            NavItem::new("Sector", "/sector"),
        ]);
    }
    items
}

//! React: help within seconds when an attack happens.
//!
//! An organisation reports what it sees, by any way that still works, and is told at once what to do first;
//! the CERT and the organisation then work on one case, with its clocks, its impact on care and its evidence.

use platform::Service;

/// This service's rows of every table.
pub const SERVICE: Service = Service {
    name: "react",
    migrations: &[],
    routes: Vec::new,
    navigation: |_| Vec::new(),
    jobs: &[],
    messages: &[],
    clocks: &[],
    log: platform::log::Part::NONE,
    webhooks: &[],
    retention: &[],
    panels: &[],
};

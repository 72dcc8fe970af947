//! The program: which services it is made of.

use platform::Service;

/// The services, in the order in which their tables are made.
pub const SERVICES: &[&Service] = &[&platform::SERVICE, &broadcast::SERVICE];

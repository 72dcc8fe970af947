//! The program: which services it is made of, and how each command composes them.

pub mod command;
pub mod config;
pub mod demo;
mod run;

use platform::Service;

/// The services, in the order in which their tables are made.
pub const SERVICES: &[&Service] = &[&platform::SERVICE, &broadcast::SERVICE];

//! The program: which services it is made of, and how each command composes them.

pub mod command;
pub mod config;
pub mod demo;
mod flows;
pub mod pages;
mod run;

use platform::Service;

/// The services, in the order in which their tables are made; the menu has them the other way round.
pub static SERVICES: &[&Service] =
    &[&platform::SERVICE, &react::SERVICE, &broadcast::SERVICE, &pages::SERVICE];

//! One function for each verb of accounts; pages, commands, the demonstration and tests call these.
//!
//! Those that compare or hash passwords take the [`App`](crate::App) and make their own short
//! transactions: a hash takes 20 ms, and no transaction waits for it.

mod enter;
mod forgotten;
mod lost;
mod people;
mod seeds;
mod settings;

pub use enter::{Opened, ShownCode, show_code, sign_in, sign_out};
pub use forgotten::{ask_for_link, choose_password, find_link, mint_link, use_link};
pub use lost::{reset_second_factor, resettable};
pub use people::{Invitation, Invited, create, end_role, erase, invite};
pub use seeds::{Seed, current_code, seed, sign_in_at_demonstration};
pub use settings::{
    Confirmed, Overview, accept_role, change_password, confirm_second_factor, end_other_sessions,
    end_session, new_recovery_codes, offer_second_factor, offered_second_factor, overview,
};

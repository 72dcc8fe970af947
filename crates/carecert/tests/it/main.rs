//! Journeys through the whole program, on the engine that `CARECERT_TEST_ENGINE` names.

mod a_high_advisory_rings_until_one_accepts;
mod a_lead_keeps_their_people;
mod a_machine_uses_its_key;
mod an_attacker_cannot_lock_the_victim_out;
mod an_invited_person_joins;
mod browser_every_page;
mod files_are_kept;
mod furnished;
mod log_is_sealed;
mod mail_leaves_by_smtp;
mod nobody_approves_what_they_edited;
mod statements;
mod threats_are_listed_best_first;
mod threats_are_taken_in_from_the_catalogue;
mod walk;
mod web_is_guarded;
mod work_is_done_once;

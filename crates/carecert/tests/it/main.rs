//! Journeys through the whole program, on the engine that `CARECERT_TEST_ENGINE` names.

mod a_lead_keeps_their_people;
mod a_machine_uses_its_key;
mod an_attacker_cannot_lock_the_victim_out;
mod an_invited_person_joins;
mod browser_every_page;
mod clocks_tell_whom_they_should;
mod counters_follow_what_was_said;
mod files_are_kept;
mod log_is_sealed;
mod mail_leaves_by_smtp;
mod one_answers_for_many;
mod sector_in_hand;
mod sector_sees_who_is_late;
mod statements;
mod walk;
mod web_is_guarded;
mod work_is_done_once;

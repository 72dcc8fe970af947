//! Journeys through the whole program, on the engine that `CARECERT_TEST_ENGINE` names.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod a_backup_is_whole;
mod a_demonstration_is_made_and_kept;
mod a_high_advisory_rings_until_one_accepts;
mod a_lead_keeps_their_people;
mod a_machine_uses_its_key;
mod alert_is_delivered;
mod alert_keeps_its_marking;
mod an_attacker_cannot_lock_the_victim_out;
mod an_invited_person_joins;
mod an_organisation_is_seen_by_its_own_people;
mod api_is_made_of_one_piece;
mod audience_is_exactly_who_was_chosen;
mod browser_an_alert_goes_its_way;
mod browser_every_page;
mod clocks_tell_whom_they_should;
mod contacts_are_reached_once_they_confirm;
mod counters_follow_what_was_said;
mod files_are_kept;
mod furnished;
mod furnished_contacts;
mod issuing;
mod killed_anywhere;
mod live_pages_end;
mod log_is_sealed;
mod mail_leaves_by_smtp;
mod no_door_opens_to_strangers;
mod nobody_approves_what_they_edited;
mod nobody_decides_on_their_own_request;
mod one_answers_for_many;
mod operators_see_what_waits;
mod organisations_are_imported_from_the_real_files;
mod pages_cost_the_same;
mod process;
mod sector_in_hand;
mod sector_sees_who_is_late;
mod statements;
mod the_log_is_searched_by_the_names_people_use;
mod the_process_keeps_its_promises;
mod threats_are_listed_best_first;
mod threats_are_taken_in_from_the_catalogue;
mod two_at_the_same_moment;
mod walk;
mod web_is_guarded;
mod work_is_done_once;

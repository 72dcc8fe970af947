//! Journeys through the whole program, on the engine that `CARECERT_TEST_ENGINE` names.

mod an_organisation_is_seen_by_its_own_people;
mod contacts_are_reached_once_they_confirm;
mod organisation_pages_work_for_everybody;
mod organisations_are_imported_from_the_real_files;
mod statements;
mod walk;

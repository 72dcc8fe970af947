//! Journeys through the whole program, on the engine that `CARECERT_TEST_ENGINE` names.

mod files_are_kept;
mod log_is_sealed;
mod statements;
mod walk;
mod work_is_done_once;

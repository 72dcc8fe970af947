//! Journeys through the whole program, on the engine that `CARECERT_TEST_ENGINE` names.

mod statements;
mod walk;

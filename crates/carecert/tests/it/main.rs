//! Journeys through the whole program, on the engine that `CARECERT_TEST_ENGINE` names.

mod a_high_advisory_rings_until_one_accepts;
mod furnished;
mod nobody_approves_what_they_edited;
mod statements;
mod threats_are_listed_best_first;
mod threats_are_taken_in_from_the_catalogue;
mod walk;

//! What a run tells: each step as it begins and ends, then a table, then one line of figures.
//!
//! The last line, `N passed, N failed`, stands alone so that a machine can read it.

use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How many tests went well and how many did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tests {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
}

impl Tests {
    /// Adds `line` when it is the summary that the test harness prints after each binary.
    ///
    /// `test result: ok. 12 passed; 0 failed; 0 ignored; …`
    pub fn add_line(&mut self, line: &str) {
        let Some((_, figures)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for figure in figures.split("; ") {
            match figure.split_once(' ') {
                Some((count, "passed")) => self.passed += count.parse().unwrap_or(0),
                Some((count, "failed")) => self.failed += count.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
}

/// How one step ended.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Whether the step went well.
    pub green: bool,
    /// The tests that it ran; none for a step that only checks.
    pub tests: Tests,
}

/// The steps so far.
pub struct Report {
    began: Instant,
    rows: Vec<(&'static str, Duration, Outcome)>,
}

impl Report {
    /// Starts the clock.
    pub fn begin() -> Self {
        Self { began: now(), rows: Vec::new() }
    }

    /// Announces and runs one step. An error is a failed step, with its sentence printed.
    pub fn step(&mut self, name: &'static str, run: impl FnOnce() -> anyhow::Result<Outcome>) {
        println!("\n== {name}");
        let began = now();
        let outcome = run().unwrap_or_else(|error| {
            println!("{error:#}");
            Outcome { green: false, tests: Tests::default() }
        });
        let took = now() - began;
        println!("== {name}: {} in {:.1} s", word(outcome.green), took.as_secs_f64());
        self.rows.push((name, took, outcome));
    }

    /// Prints the table and the last line, and says how the process ends.
    pub fn end(self) -> ExitCode {
        println!();
        for (name, took, outcome) in &self.rows {
            println!("{name:<10} {:>8.1} s  {}", took.as_secs_f64(), word(outcome.green));
        }
        println!("{:<10} {:>8.1} s", "total", (now() - self.began).as_secs_f64());
        let sum = self.sum();
        println!("{} passed, {} failed", sum.passed, sum.failed);
        if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// All tests together. A step that failed without a failing test, such as a lint or a build,
    /// counts as one failure: the last line never says that all is well when it is not.
    fn sum(&self) -> Tests {
        self.rows.iter().fold(Tests::default(), |sum, (_, _, outcome)| {
            let unseen = u64::from(!outcome.green && outcome.tests.failed == 0);
            Tests {
                passed: sum.passed + outcome.tests.passed,
                failed: sum.failed + outcome.tests.failed + unseen,
            }
        })
    }
}

fn word(green: bool) -> &'static str {
    if green { "ok" } else { "FAILED" }
}

#[expect(clippy::disallowed_methods, reason = "measures how long real commands take")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_the_lines_of_every_binary() {
        let mut tests = Tests::default();
        tests.add_line("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out");
        tests.add_line("test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured");
        tests.add_line("test a::result: 5 passed");
        assert_eq!(tests, Tests { passed: 14, failed: 1 });
    }

    #[test]
    fn a_failed_step_without_tests_is_a_failure() {
        let mut report = Report::begin();
        report.step("build", || anyhow::bail!("It does not build."));
        assert_eq!(report.sum().failed, 1);
    }
}

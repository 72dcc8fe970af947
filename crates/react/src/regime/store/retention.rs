//! What is forgotten of reports to regulators, in time.

use db::sql;
use platform::retention::{Rule, rows};

/// Who decided on awareness and why. That somebody did, when and of what stays.
pub const AWARENESS: Rule = Rule {
    name: "awareness_words",
    // Index: awareness_words.
    forget: |tx, before| {
        let statement = sql!(
            "UPDATE awareness SET why = '', decided_by = '' WHERE id IN (
                 SELECT id FROM awareness WHERE recorded_at < ?1 AND (why <> '' OR decided_by <> '')
                 ORDER BY recorded_at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

/// What was sent to a regulator, by whom, and the reasons that were given. That it was, when, and the number that the
/// regulator gave, stays.
pub const STEPS: Rule = Rule {
    name: "duty_words",
    // Index: duty_step_words.
    forget: |tx, before| {
        let statement = sql!(
            "UPDATE duty_step SET text = '', reason = '', by_name = '' WHERE id IN (
                 SELECT id FROM duty_step
                 WHERE recorded_at < ?1 AND (text <> '' OR reason <> '' OR by_name <> '')
                 ORDER BY recorded_at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

/// What was written for reports.
pub const FACTS: Rule = Rule {
    name: "duty_fact",
    // Index: duty_fact_words.
    forget: |tx, before| {
        let statement = sql!(
            "UPDATE duty_fact SET text = '' WHERE id IN (
                 SELECT id FROM duty_fact WHERE recorded_at < ?1 AND text <> '' ORDER BY recorded_at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

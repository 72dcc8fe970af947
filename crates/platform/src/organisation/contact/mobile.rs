//! Which telephone numbers are texted: British mobiles, whose numbers tell that they are.
//!
//! A landline would have the text read out to whoever lifts the receiver, and of a number abroad
//! nothing tells whether it is a mobile: neither is texted.

/// A mobile's number in E.164, such as `+447700900123`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mobile(String);

impl Mobile {
    /// The mobile whose number was typed, in any of the ways in which people write it; `None` for
    /// anything else. Ofcom's plan: 07, but 070 (personal numbers) and 076 (pagers), of which 07624
    /// are the Isle of Man's mobiles.
    pub fn read(typed: &str) -> Option<Self> {
        let typed = typed.replace("(0)", "");
        let typed: String =
            typed.chars().filter(|letter| !matches!(letter, ' ' | '-' | '(' | ')' | '.')).collect();
        let rest = ["+44", "0044", "0"].into_iter().find_map(|prefix| typed.strip_prefix(prefix))?;
        let is_number = rest.len() == 10 && rest.bytes().all(|digit| digit.is_ascii_digit());
        let is_mobile = rest.starts_with('7')
            && !rest.starts_with("70")
            && (!rest.starts_with("76") || rest.starts_with("7624"));
        (is_number && is_mobile).then(|| Self(format!("+44{rest}")))
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// By which `notification.address` something was chosen for a row of `contact`: its mailbox, or where it has
/// none the number of its mobile.
#[macro_export]
macro_rules! chosen_for {
    ($contact:literal) => {
        ::std::concat!("coalesce(lower(", $contact, ".email), ", $contact, ".mobile)")
    };
}

/// The mobiles to text for a set of organisations: a common table expression `mobile`, to stand behind
/// those of [`mailboxes!`](crate::mailboxes!), whose `writer` it reads.
///
/// A row: `organisation_id` whom it is about, `contact_id`, `number`, `role`, and what was chosen for the
/// contact: its `preferences` and the severities of which it is `texted`. A contact that is away is
/// covered by whoever stands in, where they have a mobile. Unlike a mailbox a number is not confirmed
/// first: what a text says is worth nothing to whoever gets it by mistake.
///
/// Index: those of [`reaching!`](crate::reaching!), then the primary key of `notification`.
#[macro_export]
macro_rules! mobiles {
    ($now:literal, $roles:literal) => {
        ::std::concat!(
            "mobile AS (
                 SELECT w.organisation_id, coalesce(d.id, c.id) AS contact_id,
                        coalesce(d.mobile, c.mobile) AS number, c.role, n.preferences, n.texted
                 FROM writer w CROSS JOIN contact c
                 LEFT JOIN contact_cover v ON v.contact_id = c.id AND v.from_at <= ",
            $now,
            " AND v.until_at > ",
            $now,
            "
                 LEFT JOIN contact d ON d.id = v.deputy_id AND d.mobile IS NOT NULL
                                    AND d.from_at <= ",
            $now,
            " AND (d.until_at IS NULL OR d.until_at > ",
            $now,
            ")
                 LEFT JOIN notification n
                     ON n.address = CASE WHEN d.id IS NULL THEN ",
            $crate::chosen_for!("c"),
            " ELSE ",
            $crate::chosen_for!("d"),
            " END
                 WHERE c.organisation_id = w.written_to AND c.role IN (",
            $roles,
            ")
                   AND c.from_at <= ",
            $now,
            " AND (c.until_at IS NULL OR c.until_at > ",
            $now,
            ")
                   AND (d.id IS NOT NULL OR c.mobile IS NOT NULL)
             ) "
        )
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_british_mobiles_are_texted_however_they_are_written() {
        for typed in
            ["07700 900123", "+44 7700 900 123", "+44 (0)7700 900123", "0044-7700-900-123", "(07700) 900.123"]
        {
            assert_eq!(Mobile::read(typed).unwrap().as_str(), "+447700900123", "{typed}");
        }
        assert_eq!(Mobile::read("07624 123456").unwrap().as_str(), "+447624123456");
        for typed in [
            "",
            "020 7946 0123",
            "0300 303 5222",
            "07000 123456",
            "07600 123456",
            "07700 90012",
            "07700 9001234",
            "+1 202 555 0100",
            "07700 900123 ext 4",
            "\u{0660}7700900123",
            "+33 6 12 34 56 78",
        ] {
            assert_eq!(Mobile::read(typed), None, "{typed}");
        }
    }
}

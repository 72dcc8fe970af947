//! Why mail came back, by what a mail server says of it.
//!
//! Numbers count before words, and words only where they say plainly that there is no such mailbox: what may be
//! a network's fault, a filter's or our own must not unconfirm anybody at once.

use formats::bounce::Status;

use super::TIMES;

/// Why mail came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no such mailbox.
    NoMailbox,
    /// There is one, and nobody is to use it.
    Disabled,
    /// It is full.
    Full,
    /// The mail is not wanted there: a filter, a policy, a list of senders.
    Refused,
    /// No server of that address was found, or none answered in time.
    NotReached,
    /// Anything else.
    Other,
}

impl Reason {
    /// Every one.
    pub const ALL: [Self; 6] =
        [Self::NoMailbox, Self::Disabled, Self::Full, Self::Refused, Self::NotReached, Self::Other];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoMailbox => "no_mailbox",
            Self::Disabled => "disabled",
            Self::Full => "full",
            Self::Refused => "refused",
            Self::NotReached => "not_reached",
            Self::Other => "other",
        }
    }

    /// The words on a page and in a mail, behind a colon.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NoMailbox => "the mailbox does not exist",
            Self::Disabled => "the mailbox is switched off",
            Self::Full => "the mailbox is full",
            Self::Refused => "its mail server does not accept our mail",
            Self::NotReached => "its mail server could not be reached",
            Self::Other => "its mail server did not take it",
        }
    }

    /// What a server's numbers mean (RFC 3463), and where they say little or are known to say something else,
    /// its words. Those that may be about the sender, such as 5.1.8, say nothing of the mailbox.
    pub(super) fn of(status: Option<Status>, said: &str) -> Self {
        match status {
            Some(Status { class: 5, subject: 1, detail: 1 | 3 | 6 | 10 | 351 }) => Self::NoMailbox,
            Some(Status { class: 5, subject: 2, detail: 1 }) => Self::Disabled,
            Some(Status { subject: 2, detail: 2, .. }) => Self::Full,
            // Exchange Online for an address that the organisation does not have.
            Some(Status { class: 5, subject: 4, detail: 1 })
                if said.to_lowercase().contains("recipient address rejected") =>
            {
                Self::NoMailbox
            }
            Some(Status { subject: 1, detail: 2, .. } | Status { subject: 4, .. }) => Self::NotReached,
            Some(Status { subject: 7, .. }) => Self::Refused,
            // 5.1.7 and 5.1.8 are about the sender.
            Some(Status { class: 5, subject, detail }) if subject != 1 || !matches!(detail, 7 | 8) => {
                Self::in_words(said, status)
            }
            None if !said.trim_start().starts_with('4') => Self::in_words(said, status),
            _ => Self::Other,
        }
    }

    /// What a server says in plain words; whatever speaks of a sender or of a policy may be about us.
    fn in_words(said: &str, status: Option<Status>) -> Self {
        let said = said.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|words| said.contains(words));
        // Outlook.com for an address that it does not have; elsewhere the same words stand for a policy, too.
        let unavailable = matches!(status, Some(Status { class: 5, subject: 5, detail: 0 }))
            && says(&["mailbox unavailable"]);
        if says(&ABOUT_US) {
            Self::Other
        } else if says(&NO_SUCH) || unavailable {
            Self::NoMailbox
        } else if says(&SWITCHED_OFF) {
            Self::Disabled
        } else if says(&FULL) {
            Self::Full
        } else {
            Self::Other
        }
    }

    /// How often mail has to come back for this reason before its address counts as not confirmed. What
    /// may be the fault of a network, of a filter or of ourselves is given time.
    pub(super) const fn enough(self) -> i64 {
        match self {
            Self::NoMailbox | Self::Disabled => 1,
            Self::Full | Self::Refused | Self::NotReached | Self::Other => TIMES,
        }
    }
}

impl std::str::FromStr for Reason {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|reason| reason.code() == text).ok_or(())
    }
}

db::text_column!(Reason);

/// Words of servers that speak of the sender or of a rule.
const ABOUT_US: [&str; 9] =
    ["sender", "policy", "spam", "block", "reputation", "spf", "dkim", "dmarc", "not allowed to send"];
/// Words of servers that do not know the address.
const NO_SUCH: [&str; 14] = [
    "no such user",
    "no such recipient",
    "no such mailbox",
    "no mailbox here by that name",
    "user unknown",
    "unknown user",
    "user not found",
    "user doesn't exist",
    "user does not exist",
    "recipient unknown",
    "unknown recipient",
    "recipient not found",
    "mailbox not found",
    "mailbox does not exist",
];
/// Words of servers that know it and were told to take nothing for it.
const SWITCHED_OFF: [&str; 4] =
    ["mailbox disabled", "mailbox is disabled", "account disabled", "account is disabled"];
/// Words of servers that have no room.
const FULL: [&str; 4] = ["mailbox full", "mailbox is full", "over quota", "quota exceeded"];

#[cfg(test)]
mod tests {
    use super::*;

    fn reason((class, subject, detail): (u16, u16, u16), said: &str) -> Reason {
        Reason::of(Some(Status { class, subject, detail }), said)
    }

    #[test]
    fn only_a_mailbox_that_is_not_there_counts_at_once() {
        for (status, expected, enough) in [
            ((5, 1, 1), Reason::NoMailbox, 1),
            ((5, 1, 10), Reason::NoMailbox, 1),
            ((5, 1, 351), Reason::NoMailbox, 1),
            ((5, 2, 1), Reason::Disabled, 1),
            ((5, 2, 2), Reason::Full, 3),
            ((4, 2, 2), Reason::Full, 3),
            ((5, 7, 1), Reason::Refused, 3),
            ((5, 4, 1), Reason::NotReached, 3),
            ((5, 4, 4), Reason::NotReached, 3),
            ((5, 1, 2), Reason::NotReached, 3),
            ((4, 1, 1), Reason::Other, 3),
            ((5, 1, 0), Reason::Other, 3),
            ((5, 1, 8), Reason::Other, 3),
            ((5, 5, 0), Reason::Other, 3),
            ((5, 0, 0), Reason::Other, 3),
        ] {
            let found = reason(status, "");
            assert_eq!((found, found.enough()), (expected, enough), "{status:?}");
        }
        assert_eq!(Reason::of(None, ""), Reason::Other);
    }

    #[test]
    fn what_real_servers_say_in_words_is_understood_and_what_may_be_about_us_is_not() {
        for (status, said, expected) in [
            ((5, 4, 1), "550 5.4.1 Recipient address rejected: Access denied. [AMS0EPF]", Reason::NoMailbox),
            ((5, 4, 1), "550 5.4.1 Relay access denied", Reason::NotReached),
            (
                (5, 1, 351),
                "550 5.1.351 Remote server returned unknown recipient or mailbox unavailable",
                Reason::NoMailbox,
            ),
            ((5, 5, 0), "550 5.5.0 Requested action not taken: mailbox unavailable", Reason::NoMailbox),
            ((5, 0, 0), "550 No Such User Here", Reason::NoMailbox),
            ((5, 1, 0), "550 5.1.0 <a@b.example> User unknown", Reason::NoMailbox),
            ((5, 0, 0), "550 Requested action not taken: mailbox unavailable", Reason::Other),
            ((5, 5, 0), "550 5.5.0 mailbox unavailable: blocked by policy", Reason::Other),
            ((5, 1, 8), "553 5.1.8 Domain of sender address does not exist, user unknown", Reason::Other),
            ((5, 1, 0), "550 5.1.0 Sender unknown: no such user", Reason::Other),
            (
                (5, 1, 0),
                "550 5.1.0 192.0.2.1 is not allowed to send from <x.example> per its SPF record",
                Reason::Other,
            ),
            ((5, 0, 0), "554 Mail from a@b.example rejected for policy reasons", Reason::Other),
            ((4, 0, 0), "450 user unknown", Reason::Other),
            ((5, 0, 0), "550 Account disabled", Reason::Disabled),
            ((5, 0, 0), "552 Quota exceeded", Reason::Full),
        ] {
            assert_eq!(reason(status, said), expected, "{said}");
        }
        assert_eq!(Reason::of(None, "550 no such user"), Reason::NoMailbox);
        assert_eq!(Reason::of(None, "450 no such user"), Reason::Other);
    }
}

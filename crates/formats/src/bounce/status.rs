//! The numbers by which mail servers say why (RFC 3463).

use std::fmt;

/// A status such as 5.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// 2 for success, 4 for what may work later, 5 for what will not.
    pub class: u16,
    /// What it is about: 1 the address, 2 the mailbox, 4 the network, 7 a policy.
    pub subject: u16,
    /// What exactly.
    pub detail: u16,
}

impl Status {
    /// What a report says in its status, or, where that says nothing, the first that the other server
    /// itself said: many a server writes 5.0.0 over a clear answer.
    pub(super) fn told(status: &str, diagnostic: &str) -> Option<Self> {
        let own = Self::first_in(status);
        if own.is_some_and(|own| (own.subject, own.detail) != (0, 0)) {
            return own;
        }
        let same_class = |said: &Self| own.is_none_or(|own| own.class == said.class);
        Self::first_in(diagnostic).filter(same_class).or(own)
    }

    /// The status that begins what a server says to its client (RFC 2034, section 4); nothing that stands further on.
    pub fn leading(said: &str) -> Option<Self> {
        Self::first_in(said.split_whitespace().next()?)
    }

    /// The first status in a text; an address of the network is none.
    fn first_in(text: &str) -> Option<Self> {
        let numbers = text.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
        numbers.map(|part| part.trim_matches('.')).find_map(|part| {
            let mut parts = part.split('.').map(|number| number.parse::<u16>().ok().filter(|it| *it < 1000));
            let (class, subject, detail) = (parts.next()??, parts.next()??, parts.next()??);
            let is_one = parts.next().is_none() && [2, 4, 5].contains(&class);
            is_one.then_some(Self { class, subject, detail })
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

//! One SQL text for two engines.
//!
//! Texts are written for SQLite with numbered parameters (`?1`). For PostgreSQL `?n` becomes `$n`
//! outside literals and comments, and a comment `/*postgres … */` is opened, for the one thing that
//! SQLite neither has nor needs (`FOR UPDATE SKIP LOCKED`).

use std::sync::OnceLock;

/// The two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, the default.
    Sqlite,
    /// For a nation.
    Postgres,
}

/// A statement of the program, made by [`sql!`](crate::sql!).
#[derive(Debug)]
pub struct Statement {
    sqlite: &'static str,
    postgres: OnceLock<String>,
    /// The file and line that hold it, for the test's message.
    pub place: (&'static str, u32),
}

impl Statement {
    #[doc(hidden)]
    pub const fn new(text: &'static str, file: &'static str, line: u32) -> Self {
        Self { sqlite: text, postgres: OnceLock::new(), place: (file, line) }
    }

    /// The text as `engine` wants it.
    pub fn text(&self, engine: Engine) -> &str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres.get_or_init(|| to_postgres(self.sqlite)),
        }
    }

    /// The text as written, for error messages.
    pub(crate) const fn written(&self) -> &'static str {
        self.sqlite
    }

    /// Every statement of the program that is linked in.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        inventory::iter::<Registered>.into_iter().map(|registered| registered.0)
    }
}

#[doc(hidden)]
#[derive(Debug)]
pub struct Registered(pub &'static Statement);
inventory::collect!(Registered);

/// Makes a [`Statement`] from a literal (or literals to be joined) and registers it for the test
/// that prepares every statement on both engines.
#[macro_export]
macro_rules! sql {
    ($($text:expr),+ $(,)?) => {{
        static STATEMENT: $crate::Statement =
            $crate::Statement::new(::std::concat!($($text),+), ::std::file!(), ::std::line!());
        $crate::macro_support::inventory::submit! { $crate::macro_support::Registered(&STATEMENT) }
        &STATEMENT
    }};
}

/// Rewrites a text for PostgreSQL.
pub(crate) fn to_postgres(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let taken = match next {
            '\'' | '"' => literal(rest, next),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*postgres") => {
                let end = rest.find("*/").unwrap_or(rest.len());
                out.push_str(&to_postgres(&rest["/*postgres".len()..end]));
                rest = rest.get(end + 2..).unwrap_or_default();
                continue;
            }
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '?' => {
                out.push('$');
                rest = &rest[1..];
                continue;
            }
            other => other.len_utf8(),
        };
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out
}

/// The length of the quoted text at the beginning of `rest`; a doubled quote stays inside.
fn literal(rest: &str, quote: char) -> usize {
    let mut from = 1;
    while let Some(found) = rest[from..].find(quote) {
        from += found + 1;
        if !rest[from..].starts_with(quote) {
            return from;
        }
        from += 1;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::to_postgres;

    #[test]
    fn parameters_are_renamed_outside_literals_and_comments() {
        let text = "SELECT '?1', \"a?2\", 'it''s ?3' -- why ?4\n, ?5 /* ?6 */ FROM t WHERE a = ?12";
        let expected = "SELECT '?1', \"a?2\", 'it''s ?3' -- why ?4\n, $5 /* ?6 */ FROM t WHERE a = $12";
        assert_eq!(to_postgres(text), expected);
    }

    #[test]
    fn a_postgres_comment_is_opened() {
        assert_eq!(
            to_postgres("SELECT 1 /*postgres FOR UPDATE SKIP LOCKED */"),
            "SELECT 1  FOR UPDATE SKIP LOCKED "
        );
    }

    #[test]
    fn unfinished_literals_and_comments_do_not_panic() {
        for text in ["'abc", "\"", "-- ?1", "/* ?1", "/*postgres ?1", "'é"] {
            to_postgres(text);
        }
    }
}

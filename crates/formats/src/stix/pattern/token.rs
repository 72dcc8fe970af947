//! The words, marks, paths and values of a pattern (STIX 2.1, section 9.2).

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A bracket, a comma or a sign that compares.
    Mark(&'a str),
    /// A keyword or a number.
    Word(&'a str),
    /// What is compared, such as `file:hashes.'SHA-256'`.
    Path(Path<'a>),
    /// A text between quotation marks, without them.
    Text(String),
    /// A time, or bytes: `t'2026-06-03T14:05:00Z'`.
    Literal,
}

/// An object path: the type of the observable, and the way down into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path<'a> {
    pub kind: &'a str,
    pub parts: Vec<String>,
}

/// An iterator over the pieces; it stops where there is none, at the end or at what is no piece.
pub(super) struct Tokens<'a> {
    rest: &'a str,
}

/// Longer marks before those that begin them.
const MARKS: [&str; 13] = ["[", "]", "(", ")", ",", "==", "!=", "<>", "<=", ">=", "=", "<", ">"];

impl<'a> Tokens<'a> {
    pub fn of(pattern: &'a str) -> Self {
        Self { rest: pattern }
    }

    /// Whether all of the pattern was read.
    pub fn ended(&self) -> bool {
        self.rest.trim_start().is_empty()
    }

    pub fn next(&mut self) -> Option<Token<'a>> {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with('\'') {
            return self.text().map(Token::Text);
        }
        if let Some(mark) = MARKS.iter().find(|mark| self.rest.starts_with(**mark)) {
            return Some(Token::Mark(self.cut(mark.len())));
        }
        let word = self.word()?;
        if self.rest.starts_with('\'') && matches!(word, "t" | "b" | "h") {
            return self.text().map(|_| Token::Literal);
        }
        if self.rest.starts_with(':') {
            self.cut(1);
            return self.path(word).map(Token::Path);
        }
        // A number may have decimals.
        if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') && self.rest.starts_with('.') {
            self.cut(1);
            self.word()?;
        }
        Some(Token::Word(word))
    }

    fn cut(&mut self, length: usize) -> &'a str {
        let (cut, rest) = self.rest.split_at(length);
        self.rest = rest;
        cut
    }

    fn word(&mut self) -> Option<&'a str> {
        let other = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+'));
        let length = self.rest.find(other).unwrap_or(self.rest.len());
        (length > 0).then(|| self.cut(length))
    }

    /// A text between quotation marks, in which a backslash makes a mark of the next character.
    fn text(&mut self) -> Option<String> {
        let (mut text, mut escaped) = (String::new(), false);
        for (at, character) in self.rest.char_indices().skip(1) {
            match character {
                '\\' if !escaped => escaped = true,
                '\'' if !escaped => {
                    self.cut(at + 1);
                    return Some(text);
                }
                _ => {
                    text.push(character);
                    escaped = false;
                }
            }
        }
        None
    }

    fn path(&mut self, kind: &'a str) -> Option<Path<'a>> {
        let mut parts = Vec::new();
        loop {
            let part = if self.rest.starts_with('\'') { self.text()? } else { self.word()?.to_owned() };
            parts.push(part);
            // A place in a list, `[0]` or `[*]`, keeps the path from being that of a plain property.
            while self.rest.starts_with('[') {
                let end = self.rest.find(']')?;
                parts.push(self.cut(end + 1).to_owned());
            }
            if !self.rest.starts_with('.') {
                return Some(Path { kind, parts });
            }
            self.cut(1);
        }
    }
}

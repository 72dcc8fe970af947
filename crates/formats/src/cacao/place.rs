//! On which line of a JSON document something stands.

/// The line of what lies at `path`, or of the nearest thing around it that is there. The text is JSON.
pub(super) fn line(text: &str, path: &[String]) -> u64 {
    let mut cursor = Cursor { bytes: text.as_bytes(), at: 0 };
    cursor.space();
    let mut found = cursor.at;
    for segment in path {
        let Some(at) = cursor.enter(segment) else { break };
        found = at;
    }
    text.as_bytes()[..found].split(|byte| *byte == b'\n').count() as u64
}

/// Where one is in the text.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace() || byte == b',' || byte == b':') {
            self.at += 1;
        }
    }

    /// Goes from before a value to before the value within it that is called so; where its name stands.
    fn enter(&mut self, segment: &str) -> Option<usize> {
        let named = match self.peek()? {
            b'{' => true,
            b'[' => false,
            _ => return None,
        };
        self.at += 1;
        let mut place = 0_usize;
        loop {
            self.space();
            if matches!(self.peek()?, b'}' | b']') {
                return None;
            }
            let begins = self.at;
            let is_it = if named {
                self.skip();
                let name = serde_json::from_slice::<String>(&self.bytes[begins..self.at]).ok()?;
                self.space();
                name == segment
            } else {
                place += 1;
                (place - 1).to_string() == segment
            };
            if is_it {
                return Some(begins);
            }
            self.skip();
        }
    }

    /// Goes behind a value.
    fn skip(&mut self) {
        let mut open = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.text();
                    if open == 0 {
                        return;
                    }
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' | b',' if open == 0 => return,
                b'}' | b']' => {
                    open -= 1;
                    if open == 0 {
                        self.at += 1;
                        return;
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Goes behind a text.
    fn text(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_or_what_is_around_it() {
        let text = "{\n\"a\": \"}\\\"\",\n\"b\": [1,\n {\"c\\u0064\":\n 2}]\n}";
        let at = |path: &[&str]| line(text, &path.iter().map(|each| (*each).to_owned()).collect::<Vec<_>>());
        assert_eq!(at(&[]), 1);
        assert_eq!(at(&["a"]), 2);
        assert_eq!(at(&["b"]), 3);
        assert_eq!(at(&["b", "1"]), 4);
        assert_eq!(at(&["b", "1", "cd"]), 4);
        assert_eq!(at(&["b", "1", "gone"]), 4);
        assert_eq!(at(&["b", "7"]), 3);
        assert_eq!(at(&["a", "x"]), 2);
    }
}

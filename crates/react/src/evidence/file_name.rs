//! What a file was called where it came from: a text to be read, and never a path, a header or a type.

/// The most of it that is kept, in characters.
const MOST: usize = 200;

/// A name of a file without what could mislead whoever reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// The name in what a browser sent: behind the last slash of either kind, and without control characters, line
    /// ends, and the marks that turn the direction of writing, with which `exe` is made to look like `gpj`.
    pub fn of(sent: &str) -> Self {
        let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
        let shown = |c: char| !c.is_control() && !turns(c);
        let kept: String = last.chars().filter(|c| shown(*c)).take(MOST).collect();
        Self(kept.trim().to_owned())
    }

    /// The text; empty where nothing is left.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a character cannot be seen, and changes how those around it are.
const fn turns(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_text_and_nothing_else() {
        for (sent, kept) in [
            ("disk.img", "disk.img"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ann\\ransom note.txt", "ransom note.txt"),
            ("a\r\nSet-Cookie: x=1", "aSet-Cookie: x=1"),
            ("invoice\u{202E}gpj.exe", "invoicegpj.exe"),
            ("\0\u{7}", ""),
            ("..", ".."),
            ("<svg onload=alert(1)>", "<svg onload=alert(1)>"),
            ("a/", ""),
        ] {
            assert_eq!(FileName::of(sent).as_str(), kept, "{sent:?}");
        }
        assert_eq!(FileName::of(&"é".repeat(500)).as_str().chars().count(), MOST);
    }
}

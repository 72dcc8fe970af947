//! Characters that turn the direction of writing: `gpj.exe` is made to look like a picture with them, and a name
//! like another's. No text of ours needs one, since each line finds its own direction.

use std::borrow::Cow;

/// Whether a character turns the direction of what follows it: embeddings, overrides and isolates.
pub const fn turns(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A text without them.
pub fn straight(text: &str) -> Cow<'_, str> {
    if text.contains(turns) {
        Cow::Owned(text.chars().filter(|&character| !turns(character)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_loses_what_turns_it_and_nothing_else() {
        assert_eq!(straight("gpj\u{202E}exe.\u{2066}x\u{2069}"), "gpjexe.x");
        assert!(matches!(straight("Dräger, \u{5D0}\u{5D1}\u{200F}"), Cow::Borrowed(_)));
    }
}

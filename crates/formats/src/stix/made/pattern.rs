//! Patterns of one comparison or two (STIX 2.1, section 9).

/// A text in a pattern: between single quotes, with those and backslashes escaped.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// That a property has this value.
pub(super) fn is(path: &str, value: &str) -> String {
    format!("[{path} = {}]", quoted(value))
}

/// That two properties of one object have these values.
pub(super) fn are(first: (&str, &str), second: (&str, &str)) -> String {
    format!("[{} = {} AND {} = {}]", first.0, quoted(first.1), second.0, quoted(second.1))
}

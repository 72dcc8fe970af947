//! What serde says of JSON that is not as it should be, in words for whoever has to mend it.

use serde_json::error::Category;

use crate::refusal::excerpt;

/// A sentence without its full stop and its capital, to follow the name of a field.
pub fn in_words(error: &serde_json::Error) -> String {
    // serde ends its sentence with a place inside the piece, which would mislead.
    let told = error.to_string();
    let told = told.rsplit_once(" at line ").map_or(told.as_str(), |(reason, _)| reason);
    match error.classify() {
        Category::Eof => "it ends too early".to_owned(),
        Category::Syntax if told.starts_with("recursion limit") => "it is nested too deep".to_owned(),
        Category::Syntax => format!("this is not JSON as it should be ({})", told.trim_end_matches('.')),
        Category::Io | Category::Data => of_data(told.trim_end_matches('.')),
    }
}

/// What serde says where the JSON is whole and says something else than was expected.
fn of_data(told: &str) -> String {
    let field = |before: &str| told.strip_prefix(before)?.split('`').next().map(excerpt);
    if let Some(name) = field("missing field `") {
        return format!("the field {name} is missing");
    }
    if let Some(name) = field("duplicate field `") {
        return format!("the field {name} stands there twice");
    }
    if let Some(name) = field("unknown field `") {
        return format!("the field {name} is not known");
    }
    if let Some(name) = field("unknown variant `") {
        let known = told.rsplit_once(", expected ").map_or("", |(_, known)| known);
        let known = known.trim_start_matches("one of ").replace('`', "");
        return format!("{name} is none of the words that are known here: {known}");
    }
    let wrong = told.strip_prefix("invalid type: ").or_else(|| told.strip_prefix("invalid value: "));
    match wrong.and_then(|wrong| wrong.rsplit_once(", expected ")) {
        Some((there, expected)) => format!("there is {}, where {} should be", found(there), wanted(expected)),
        None => told.chars().take(200).collect(),
    }
}

/// What is there.
fn found(told: &str) -> String {
    let quoted = |before: &str| told.strip_prefix(before)?.strip_suffix('`').map(excerpt);
    match told {
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        "null" | "unit value" => "nothing (null)".to_owned(),
        _ => match told.strip_prefix("string \"") {
            Some(text) => format!("the text {}", excerpt(text.strip_suffix('"').unwrap_or(text))),
            None => quoted("integer `")
                .or_else(|| quoted("floating point `"))
                .map(|number| format!("the number {number}"))
                .or_else(|| quoted("boolean `"))
                .unwrap_or_else(|| excerpt(told)),
        },
    }
}

/// What should be there, as serde names it after the types of this program.
fn wanted(told: &str) -> String {
    let is_number = ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize", "f32", "f64"];
    match told {
        "a string" | "a borrowed string" | "string" => "a text".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" | "map" => "an object".to_owned(),
        "a boolean" => "true or false".to_owned(),
        number if is_number.contains(&number) => "a number".to_owned(),
        _ if told.starts_with("struct ") => "an object".to_owned(),
        _ if told.starts_with("tuple ") || told.starts_with("a tuple") || told.starts_with("an array") => {
            "a list".to_owned()
        }
        _ if told.starts_with("enum ") || told == "variant identifier" || told == "string or map" => {
            "one of the words that are known here".to_owned()
        }
        _ => told.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::in_words;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only reading it is asked")]
    struct Head {
        id: String,
        count: Option<u64>,
        parts: Option<Vec<bool>>,
    }

    #[derive(Debug, Deserialize)]
    enum Word {
        Known,
    }

    #[test]
    fn what_is_wrong_is_said_without_the_words_of_programmers() {
        for (text, words) in [
            ("42", "there is the number “42”, where an object should be"),
            (r#"{"count": 1}"#, "the field “id” is missing"),
            (r#"{"id": 17}"#, "there is the number “17”, where a text should be"),
            (r#"{"id": null}"#, "there is nothing (null), where a text should be"),
            (r#"{"id": "a", "count": "1"}"#, "there is the text “1”, where a number should be"),
            (r#"{"id": "a", "count": -1}"#, "there is the number “-1”, where a number should be"),
            (r#"{"id": "a", "parts": {}}"#, "there is an object, where a list should be"),
            (r#"{"id": "a", "parts": [1.5]}"#, "there is the number “1.5”, where true or false should be"),
            (r#"{"id": "a", "id": "b"}"#, "the field “id” stands there twice"),
            (r#"{"id": "#, "it ends too early"),
        ] {
            assert_eq!(in_words(&serde_json::from_str::<Head>(text).unwrap_err()), words, "{text}");
        }
        let broken = in_words(&serde_json::from_str::<Head>("{nonsense}").unwrap_err());
        assert!(broken.starts_with("this is not JSON as it should be"), "{broken}");
        let other = in_words(&serde_json::from_str::<Word>(r#""Other""#).unwrap_err());
        assert_eq!(other, "“Other” is none of the words that are known here: Known");
    }
}

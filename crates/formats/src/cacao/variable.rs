//! The names of variables in texts (section 10.18.2): `__name__`, or `__name__:value`.

/// The variables that a condition names.
pub(super) fn in_condition(text: &str) -> Vec<&str> {
    names(text).map(|(name, _)| name).collect()
}

/// The variables that a command names. Only where the value is asked for: two underlines may be anything
/// in a text of people.
pub(super) fn in_command(text: &str) -> Vec<&str> {
    names(text).filter(|(_, rest)| rest.starts_with(":value")).map(|(name, _)| name).collect()
}

/// What may be the name of a variable, each with the text behind it.
fn names(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let begins = rest.find("__")?;
            let found = &rest[begins..];
            let inner = &found[2..];
            let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '_' || sign == '-';
            let length = inner.find(|sign| !is_part(sign)).unwrap_or(inner.len());
            let word = &inner[..length];
            // The longest: a name may hold underlines itself.
            let ends = word.rfind("__").filter(|ends| *ends > 0);
            let Some(ends) = ends else {
                rest = &inner[length..];
                continue;
            };
            let name = &found[..ends + 4];
            rest = &found[ends + 4..];
            return Some((name, rest));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_in_conditions_and_commands() {
        assert_eq!(in_condition("__a__:value = 'x' AND __b_c__ = 2"), ["__a__", "__b_c__"]);
        assert_eq!(in_condition("__two__words__"), ["__two__words__"]);
        assert_eq!(in_command("ring __who__:value, not __bold__ nor __"), ["__who__"]);
        assert!(in_condition("a __ b ____ c __").is_empty());
        assert!(in_condition(&"_".repeat(10_000)).len() <= 1);
    }
}

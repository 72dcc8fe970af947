//! A field that somebody else changed meanwhile: what stands now, and what was typed.

/// The field, and both.
pub(super) struct Differs {
    pub name: &'static str,
    pub stands: String,
    pub typed: String,
}

impl Differs {
    /// All that differ.
    pub(super) fn all(differences: Vec<(&'static str, &str, &str)>) -> Vec<Self> {
        let own = |(name, stands, typed): (&'static str, &str, &str)| Self {
            name,
            stands: stands.to_owned(),
            typed: typed.to_owned(),
        };
        differences.into_iter().map(own).collect()
    }
}

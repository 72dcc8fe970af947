//! How one threat has to do with others, in words: what STIX calls `uses` is said both ways.

use std::borrow::Cow;

/// Which way a relation leads, seen from the threat whose page it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From it to the other.
    Out,
    /// From the other to it.
    In,
}

/// What sources call a relation, what it is, and what it is seen from the other end.
const WORDS: [(&str, &str, &str); 25] = [
    ("uses", "uses", "is used by"),
    ("mitigates", "mitigates", "is mitigated by"),
    ("attributed-to", "is attributed to", "is behind"),
    ("targets", "targets", "is targeted by"),
    ("exploits", "exploits", "is exploited by"),
    ("indicates", "indicates", "is noticed by"),
    ("detects", "detects", "is detected by"),
    ("object_refs", "is about", "is reported on in"),
    ("sighting_of_ref", "was a sighting of", "was seen in"),
    ("revoked-by", "was replaced by", "takes the place of"),
    ("subtechnique-of", "is a form of", "has the form"),
    ("variant-of", "is a variant of", "has the variant"),
    ("derived-from", "is derived from", "was the origin of"),
    ("duplicate-of", "is the same as", "is the same as"),
    ("delivers", "delivers", "is delivered by"),
    ("drops", "drops", "is dropped by"),
    ("downloads", "downloads", "is downloaded by"),
    ("controls", "controls", "is controlled by"),
    ("compromises", "compromises", "is compromised by"),
    ("communicates-with", "communicates with", "communicates with"),
    ("impersonates", "impersonates", "is impersonated by"),
    ("originates-from", "comes from", "is where it comes from"),
    ("located-at", "is located at", "is the location of"),
    ("hosts", "hosts", "is hosted by"),
    ("related-to", "has to do with", "has to do with"),
];

/// A relation in words. One that is not known here is said as its source says it, with where it leads from.
pub fn words(name: &str, way: Way) -> Cow<'static, str> {
    let known = WORDS.iter().find(|(known, ..)| *known == name);
    match (known, way) {
        (Some((_, out, _)), Way::Out) => Cow::Borrowed(out),
        (Some((.., seen_back)), Way::In) => Cow::Borrowed(seen_back),
        (None, Way::Out) => Cow::Owned(name.replace(['-', '_'], " ")),
        (None, Way::In) => Cow::Owned(format!("“{}” leads here from", name.replace(['-', '_'], " "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_is_said_both_ways() {
        assert_eq!((&*words("uses", Way::Out), &*words("uses", Way::In)), ("uses", "is used by"));
        assert_eq!(words("mitigates", Way::In), "is mitigated by");
        assert_eq!(words("x-sells-to", Way::Out), "x sells to");
        assert_eq!(words("x-sells-to", Way::In), "“x sells to” leads here from");
    }
}

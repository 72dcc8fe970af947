//! JSON as CACAO asks for it (section 1.8, I-JSON): no name twice in one object, since two programs would
//! then read two playbooks in one text. Nesting is bounded, and no text has a NUL in it.

use std::{collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{DEEPEST, finding::Finding};
use crate::refusal::excerpt;

/// Reads a document.
pub(super) fn read(text: &str) -> Result<Value, Finding> {
    let refuse = |error: serde_json::Error| {
        let said = error.to_string();
        let said = said.rsplit_once(" at line").map_or(said.as_str(), |(said, _)| said);
        Finding::of_whole(error.line().max(1) as u64, format!("This is not the JSON of a playbook: {said}."))
    };
    let mut reader = serde_json::Deserializer::from_str(text);
    Looked(0).deserialize(&mut reader).map_err(refuse)?;
    reader.end().map_err(refuse)?;
    serde_json::from_str(text).map_err(refuse)
}

/// Looks at a value that lies so deep.
struct Looked(usize);

impl Looked {
    fn deeper<E: Error>(&self) -> Result<Self, E> {
        if self.0 < DEEPEST { Ok(Self(self.0 + 1)) } else { Err(E::custom("it is nested too deeply")) }
    }
}

impl<'de> DeserializeSeed<'de> for Looked {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Looked {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value_seed(self.deeper()?)?;
            if names.contains(&name) {
                return Err(A::Error::custom(format!("{} stands twice in one object", excerpt(&name))));
            }
            names.insert(name);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(self.deeper()?)?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        // PostgreSQL keeps none, and no text that people read has one.
        if text.contains('\0') { Err(E::custom("a text has a NUL in it")) } else { Ok(()) }
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

//! An object's properties one by one: which of them its type does not know, and which of them name
//! other objects.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::de::{DeserializeOwned, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};
use serde_json::value::RawValue;

use super::StixId;
use crate::refusal::excerpt;

/// The most properties of one object: the richest object of ATT&CK has 30.
const MOST: usize = 1000;

/// Properties that no type here knows, such as `x_mitre_platforms`, each as it stood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Further(BTreeMap<String, String>);

impl Further {
    /// What a property says, where it is there and of that kind.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.0.get(name)?).ok()
    }

    /// The properties by name, each as the JSON that stood in the document.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// That one object names another, and by which property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The property, such as `created_by_ref`.
    pub property: String,
    /// The object that it names.
    pub target: StixId,
}

/// All properties of an object, before they are told apart.
pub(super) struct Properties<'a>(Vec<(String, &'a RawValue)>);

impl Properties<'_> {
    /// The objects that are named. By section 3.1 a property whose name ends in `_ref` or `_refs`
    /// names objects, in custom ones too. What is no identifier names nothing and is passed over: STIX
    /// 2.0 numbers the observables of an observation, and ATT&CK leaves some custom ones empty.
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        for (name, value) in &self.0 {
            let targets: Vec<String> = if name.ends_with("_refs") {
                serde_json::from_str(value.get()).unwrap_or_default()
            } else if name.ends_with("_ref") {
                serde_json::from_str(value.get()).into_iter().collect()
            } else {
                continue;
            };
            let targets = targets.iter().filter_map(|target| target.parse().ok());
            found.extend(targets.map(|target| Reference { property: name.clone(), target }));
        }
        found
    }

    /// The properties that `known` does not have.
    pub fn further(self, known: impl Fn(&str) -> bool) -> Further {
        let unknown = self.0.into_iter().filter(|(name, _)| !known(name));
        Further(unknown.map(|(name, value)| (name, value.get().to_owned())).collect())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Properties<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct OneByOne;
        impl<'de> Visitor<'de> for OneByOne {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut properties, mut names) = (Vec::new(), HashSet::new());
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    if properties.len() == MOST {
                        return Err(A::Error::custom(format!("more than {MOST} properties")));
                    }
                    // Readers differ in which of two they believe, so neither is.
                    if !names.insert(name.clone()) {
                        return Err(A::Error::custom(format!(
                            "the property {} stands twice",
                            excerpt(&name)
                        )));
                    }
                    properties.push((name, value));
                }
                Ok(properties)
            }
        }
        from.deserialize_map(OneByOne).map(Self)
    }
}

/// The names of the properties that `T` reads: its own declaration is the only list of them.
pub(super) fn names_of<T: for<'de> Deserialize<'de>>() -> &'static [&'static str] {
    struct Names<'a>(&'a mut &'static [&'static str]);
    impl<'de> Deserializer<'de> for Names<'_> {
        type Error = serde::de::value::Error;

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Self::Error> {
            *self.0 = fields;
            Err(Self::Error::custom("only the names were asked for"))
        }

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
            Err(Self::Error::custom("only a struct has names"))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }
    let mut names: &'static [&'static str] = &[];
    // It always fails, once it has been told the names.
    let _ = T::deserialize(Names(&mut names));
    names
}

//! Typed ids: one type for each noun, so that a person's id cannot be passed for an alert's.

/// Declares the id type of a noun: a `UUIDv7` made in Rust, 16 bytes in both engines.
///
/// ```text
/// db::id!(/// Names an alert.
///     pub AlertId);
/// ```
#[macro_export]
macro_rules! id {
    ($(#[$meta:meta])* $vis:vis $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(transparent)]
        $vis struct $name(pub $crate::macro_support::Uuid);

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl ::std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> ::std::result::Result<Self, ()> {
                text.parse().map(Self).map_err(|_| ())
            }
        }
        impl $crate::FromValue for $name {
            fn from_value(value: $crate::Value) -> ::std::result::Result<Self, String> {
                $crate::FromValue::from_value(value).map(Self)
            }
        }
        impl From<$name> for $crate::Value {
            fn from(id: $name) -> Self {
                Self::from(id.0)
            }
        }
        impl From<$crate::macro_support::Uuid> for $name {
            fn from(id: $crate::macro_support::Uuid) -> Self {
                Self(id)
            }
        }
    };
}

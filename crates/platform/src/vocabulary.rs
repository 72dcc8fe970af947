//! Words that are chosen from a list, not written: one stable code each, in the database, in an address and in
//! JSON alike, and a label for people.

/// Declares an enum whose variants have a code and a label.
#[macro_export]
macro_rules! vocabulary {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($variant:ident = $code:literal, $label:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(into = "&'static str", try_from = "String")]
        $vis enum $name { $(#[doc = $label] $variant),+ }

        impl $name {
            /// Every one, in the order in which people are offered them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in database, address and JSON.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The words on a page.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.label())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> ::std::result::Result<Self, String> {
                let found = Self::ALL.iter().copied().find(|each| each.code() == text);
                found.ok_or_else(|| format!("\"{text}\" is not a {}", stringify!($name)))
            }
        }

        impl From<$name> for &'static str {
            fn from(value: $name) -> Self {
                value.code()
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> ::std::result::Result<Self, String> {
                text.parse()
            }
        }

        ::db::text_column!($name);

        /// Its codes.
        impl ::utoipa::PartialSchema for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::Schema> {
                let codes = Self::ALL.iter().map(|each| each.code());
                let text = ::utoipa::openapi::ObjectBuilder::new().schema_type(::utoipa::openapi::Type::String);
                text.enum_values(Some(codes)).into()
            }
        }

        impl ::utoipa::ToSchema for $name {
            fn name() -> ::std::borrow::Cow<'static, str> {
                $crate::vocabulary::described(module_path!(), stringify!($name)).into()
            }
        }
    };
}
/// What a word's type is called in the description of the API: by its noun too, since several nouns have a
/// kind and a state. `broadcast::threat::kind` and `Kind` are `ThreatKind`.
pub fn described(module: &str, name: &str) -> String {
    let noun = module.split("::").nth(1).unwrap_or_default();
    let (first, rest) = noun.split_at(noun.len().min(1));
    format!("{}{rest}{name}", first.to_uppercase())
}

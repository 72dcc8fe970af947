//! The words of an NHS cyber alert that are chosen from a list, not written.
//!
//! The lists are those of the content model that NHS England publishes its cyber alerts with; a
//! word has one stable code, in the database, in an address and in JSON alike.

/// Declares an enum whose variants have a code and a label.
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

        db::text_column!($name);

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
                $crate::advisory::vocabulary::described(module_path!(), stringify!($name)).into()
            }
        }
    };
}
pub(crate) use vocabulary;

/// What a word's type is called in the description of the API: by its noun too, since several nouns have a
/// kind and a state. `broadcast::threat::kind` and `Kind` are `ThreatKind`.
pub(crate) fn described(module: &str, name: &str) -> String {
    let noun = module.split("::").nth(1).unwrap_or_default();
    let (first, rest) = noun.split_at(noun.len().min(1));
    format!("{}{rest}{name}", first.to_uppercase())
}

vocabulary! {
    /// How much an advisory asks of those it concerns.
    pub enum Severity {
        High = "high", "High";
        Medium = "medium", "Medium";
        Low = "low", "Low";
        InformationOnly = "information_only", "Information only";
    }
}

impl Severity {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::High => "red",
            Self::Medium => "orange",
            Self::Low => "yellow",
            Self::InformationOnly => "blue",
        }
    }
}

vocabulary! {
    /// What an advisory is about.
    pub enum ThreatType {
        Vulnerability = "vulnerability", "Vulnerability";
        Malware = "malware", "Malware";
        AttackMethodology = "attack_methodology", "Attack methodology";
        InsecureSoftware = "insecure_software", "Insecure software";
        Intelligence = "intelligence", "Intelligence";
    }
}

vocabulary! {
    /// What kind of harmful software or attack it is.
    pub enum Category {
        Adware = "adware", "Adware";
        Backdoor = "backdoor", "Backdoor";
        Botnet = "botnet", "Botnet";
        BrowserHijack = "browser_hijack", "Browser hijack";
        Cryptocurrency = "cryptocurrency", "Cryptocurrency";
        DenialOfService = "dos", "Denial of service";
        Exploit = "exploit", "Exploit";
        Loader = "loader", "Loader";
        Miner = "miner", "Miner";
        UnwantedProgram = "pup", "Potentially unwanted program";
        Ransomware = "ransomware", "Ransomware";
        Rootkit = "rootkit", "Rootkit";
        Spyware = "spyware", "Spyware";
        Trojan = "trojan", "Trojan";
        Worm = "worm", "Worm";
    }
}

vocabulary! {
    /// By which way it comes in.
    pub enum Vector {
        Backdoor = "backdoor", "Backdoor";
        Download = "download", "Download";
        DriveByDownload = "drive_by_download", "Drive-by download";
        Email = "email", "Email";
        EmailSpam = "email_spam", "Email spam";
        Exploit = "exploit", "Exploit";
        ExploitKit = "exploit_kit", "Exploit kit";
        HackingTool = "hacking_tool", "Hacking tool";
        InsecureNetwork = "insecure_network", "Insecure network";
        Macro = "macro", "Macro";
        Malvertising = "malvertising", "Malvertising";
        Phishing = "phishing", "Phishing";
        Physical = "physical", "Physical";
        SpearPhishing = "spear_phishing", "Spear phishing";
        Vulnerability = "vulnerability", "Vulnerability";
        ZeroDay = "zero_day", "Zero day";
    }
}

vocabulary! {
    /// What a remediation step asks for.
    pub enum StepKind {
        Patch = "patch", "Patch";
        Guidance = "guidance", "Guidance";
        Action = "action", "Action";
        Aware = "aware", "Aware";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_from_its_code() {
        for each in Severity::ALL {
            assert_eq!(each.code().parse(), Ok(*each));
            let json = serde_json::to_string(each).unwrap();
            assert_eq!(serde_json::from_str::<Severity>(&json).unwrap(), *each);
        }
        assert_eq!(Category::ALL.len(), 15);
        assert_eq!(Vector::ALL.len(), 16);
        assert!("critical".parse::<Severity>().is_err());
    }
}

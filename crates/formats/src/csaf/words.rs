//! The vocabularies of CSAF 2.0, section 3.2: words in any case, and room for a word that is not one.

/// A word of a vocabulary.
pub(super) trait Word: Sized {
    /// The word that `text` is, whatever its case and whether its parts are joined by `_`, `-` or a space.
    fn of(text: &str) -> Self;
    /// As CSAF writes it, or as it stood in the document.
    fn word(&self) -> &str;
    /// Whether CSAF does not have it.
    fn is_other(&self) -> bool;
}

/// Whether two words differ in case and joints alone.
pub(super) fn alike(text: &str, word: &str) -> bool {
    let fold = |byte: u8| if matches!(byte, b'-' | b' ') { b'_' } else { byte.to_ascii_lowercase() };
    text.len() == word.len() && text.bytes().zip(word.bytes()).all(|(a, b)| fold(a) == fold(b))
}

/// Makes enums of vocabularies.
macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ })+) => { $(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// Another word, as it stood in the document.
            Other(String),
        }

        impl $name {
            /// As CSAF writes it, or as it stood in the document.
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl $crate::csaf::words::Word for $name {
            fn of(text: &str) -> Self {
                let trimmed = text.trim();
                $(if $crate::csaf::words::alike(trimmed, $word) {
                    return Self::$variant;
                })+
                Self::Other(text.to_owned())
            }

            fn word(&self) -> &str {
                $name::word(self)
            }

            fn is_other(&self) -> bool {
                matches!(self, Self::Other(_))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    )+ };
}

pub(super) use words;

words! {
    /// What kind of document it is: the profiles of section 4.
    Profile {
        /// Anything.
        Base = "csaf_base",
        /// A response to an incident.
        IncidentResponse = "csaf_security_incident_response",
        /// Something to know, without a vulnerability of its own.
        Informational = "csaf_informational_advisory",
        /// An advisory on vulnerabilities.
        Advisory = "csaf_security_advisory",
        /// Which products are, and which are not, affected (VEX).
        Vex = "csaf_vex",
    }

    /// Who published a document (3.2.1.8.1), or was involved (3.2.3.7.2).
    Party {
        /// Between finder and vendor.
        Coordinator = "coordinator",
        /// Who found it.
        Discoverer = "discoverer",
        /// Who translated it.
        Translator = "translator",
        /// Who uses the product.
        User = "user",
        /// Who makes the product.
        Vendor = "vendor",
        /// Somebody else; the standard has this word.
        SomebodyElse = "other",
    }

    /// How finished a document is (3.2.1.12.7).
    DocumentStatus {
        /// Not yet for the public.
        Draft = "draft",
        /// Not expected to change.
        Final = "final",
        /// Expected to change.
        Interim = "interim",
    }

    /// What a note holds (3.1.5).
    NoteCategory {
        /// What something is.
        Description = "description",
        /// More about it.
        Details = "details",
        /// Questions and answers.
        Faq = "faq",
        /// Anything general.
        General = "general",
        /// What lawyers ask for.
        LegalDisclaimer = "legal_disclaimer",
        /// Anything else; the standard has this word.
        AnythingElse = "other",
        /// In short.
        Summary = "summary",
    }

    /// Where a reference leads (3.1.10.1).
    ReferenceCategory {
        /// To somebody else's page.
        External = "external",
        /// To this document itself.
        Itself = "self",
    }

    /// What a branch of the product tree stands for (3.1.2.2).
    BranchCategory {
        /// A kind of processor.
        Architecture = "architecture",
        /// A machine's name.
        HostName = "host_name",
        /// A language.
        Language = "language",
        /// What older formats had.
        Legacy = "legacy",
        /// The level of patches.
        PatchLevel = "patch_level",
        /// A family of products.
        ProductFamily = "product_family",
        /// A product, or a model.
        ProductName = "product_name",
        /// One version.
        ProductVersion = "product_version",
        /// A range of versions.
        ProductVersionRange = "product_version_range",
        /// A service pack.
        ServicePack = "service_pack",
        /// A specification that a product follows.
        Specification = "specification",
        /// Who makes it.
        Vendor = "vendor",
    }

    /// How one product stands to another (3.2.2.4.1).
    RelationshipCategory {
        /// Comes with it.
        DefaultComponentOf = "default_component_of",
        /// Is a part of it from elsewhere.
        ExternalComponentOf = "external_component_of",
        /// Runs on it.
        InstalledOn = "installed_on",
        /// Runs beside it.
        InstalledWith = "installed_with",
        /// Can be a part of it.
        OptionalComponentOf = "optional_component_of",
    }

    /// Why a product is not affected (3.2.3.5.3), as VEX has it.
    FlagLabel {
        /// The vulnerable part is not in it.
        ComponentNotPresent = "component_not_present",
        /// It defends itself already.
        InlineMitigationsAlreadyExist = "inline_mitigations_already_exist",
        /// An attacker has no hold on the vulnerable code.
        VulnerableCodeCannotBeControlledByAdversary = "vulnerable_code_cannot_be_controlled_by_adversary",
        /// The vulnerable code is never run.
        VulnerableCodeNotInExecutePath = "vulnerable_code_not_in_execute_path",
        /// The vulnerable code is not in it.
        VulnerableCodeNotPresent = "vulnerable_code_not_present",
    }

    /// How far somebody's work on a vulnerability is (3.2.3.7.3).
    InvolvementStatus {
        /// Done.
        Completed = "completed",
        /// They were written to.
        ContactAttempted = "contact_attempted",
        /// They deny it.
        Disputed = "disputed",
        /// Being worked on.
        InProgress = "in_progress",
        /// Nobody wrote to them.
        NotContacted = "not_contacted",
        /// Known to them.
        Open = "open",
    }

    /// What may be done about a vulnerability (3.2.3.12.1).
    RemediationCategory {
        /// Lowers the risk.
        Mitigation = "mitigation",
        /// There will be no fix.
        NoFixPlanned = "no_fix_planned",
        /// There is no fix yet.
        NoneAvailable = "none_available",
        /// The vendor's fix.
        VendorFix = "vendor_fix",
        /// A way around it.
        Workaround = "workaround",
    }

    /// What has to be restarted after a fix (3.2.3.12.7.1).
    RestartCategory {
        /// What is connected to it.
        Connected = "connected",
        /// What it depends on.
        Dependencies = "dependencies",
        /// The machine.
        Machine = "machine",
        /// Nothing.
        Nothing = "none",
        /// What it is a part of.
        Parent = "parent",
        /// The service.
        Service = "service",
        /// The system.
        System = "system",
        /// The vulnerable part.
        VulnerableComponent = "vulnerable_component",
        /// The whole zone.
        Zone = "zone",
    }

    /// What a threat tells (3.2.3.14.1).
    ThreatCategory {
        /// Whether it is exploited.
        ExploitStatus = "exploit_status",
        /// What an attack does; for a product that is not affected, why.
        Impact = "impact",
        /// Who is attacked.
        TargetSet = "target_set",
    }

    /// How severe a score is, as CVSS has it.
    Severity {
        /// Not at all.
        Nil = "NONE",
        /// Low.
        Low = "LOW",
        /// Medium.
        Medium = "MEDIUM",
        /// High.
        High = "HIGH",
        /// Critical.
        Critical = "CRITICAL",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_in_any_case_and_another_is_kept() {
        assert_eq!(NoteCategory::of("Legal-Disclaimer "), NoteCategory::LegalDisclaimer);
        assert_eq!(Severity::of("Critical"), Severity::Critical);
        assert_eq!(Party::of("other"), Party::SomebodyElse);
        let odd = RemediationCategory::of("optional_patch");
        assert_eq!((odd.word(), odd.is_other()), ("optional_patch", true));
        assert_eq!(serde_json::to_string(&odd).unwrap(), "\"optional_patch\"");
        assert_eq!(serde_json::to_string(&Severity::Nil).unwrap(), "\"NONE\"");
    }
}

//! The words of an NHS cyber alert that are chosen from a list, not written.
//!
//! The lists are those of the content model that NHS England publishes its cyber alerts with; a
//! word has one stable code, in the database, in an address and in JSON alike.

use platform::vocabulary;

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

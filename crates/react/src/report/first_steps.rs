//! What to do now, by what is seen: short, and the same whoever reads them.
//!
//! From the public guidance of the National Cyber Security Centre (Small Business Guide: Response and Recovery;
//! Mitigating malware and ransomware attacks; Phishing attacks; Dealing with suspicious emails), the Information
//! Commissioner's Office (personal data breaches), NHS England (cyber alerts; business continuity) and the MHRA
//! (Yellow Card), read in November 2026.

use super::Seen;

/// The first steps of one kind of attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// What was seen.
    pub seen: Seen,
    /// What to do, in this order.
    pub steps: &'static [&'static str],
}

/// What comes before everything else, whatever is seen.
pub const ALWAYS: &[&str] = &[
    "Patients come first. If care is at risk, follow your downtime procedures now and tell the person in charge of the site.",
    "Do not talk about it by email or chat that may be attacked too. Ring people, on numbers you already have.",
];

/// The first steps for what is seen, in the order in which it is told.
pub fn first_steps(seen: &[Seen]) -> Vec<Steps> {
    seen.iter().map(|seen| Steps { seen: *seen, steps: of(*seen) }).collect()
}

const fn of(seen: Seen) -> &'static [&'static str] {
    match seen {
        Seen::FilesLocked => &[
            "Take the affected computers off the network: pull out the cable, switch off Wi-Fi. Do not switch them off: what is in their memory may help.",
            "Disconnect your backups, or have them disconnected, before they are reached too.",
            "Do not pay and do not answer. Government policy is against payment, and paying does not mean that you get your data back.",
            "Photograph the message on the screen, and write down when it was first seen and where.",
            "Have accounts that were used on those computers signed out everywhere, and their passwords changed from a computer that is clean.",
        ],
        Seen::MailOpened => &[
            "Do not delete the email, and do not forward it to colleagues. Report it with the button in your mail program, or leave it where it is.",
            "If a password was typed: change it now from another device, and everywhere else it is used. Ask IT to sign the account out everywhere.",
            "If a file was opened or a program was started: take the computer off the network. Do not switch it off.",
            "Ask IT who else got the same email, and to look for forwarding rules that nobody knows in the mailbox.",
            "If money was sent or bank details were changed, ring the bank now.",
        ],
        Seen::DataGone => &[
            "Close the way it left, if you know it: end the session, take away the access, switch off the sharing link.",
            "Keep the logs and the messages of whoever says they have it. Do not answer them and do not pay.",
            "Write down whose data it is, how many people, and what kind. Estimates are good enough.",
            "Tell your data protection officer and your Caldicott Guardian today. If people are at risk, the ICO must be told within 72 hours of when you became aware.",
        ],
        Seen::SystemDown => &[
            "Start the downtime procedure of the system: paper forms, telephone, the read-only copy.",
            "Ask IT whether it is a failure or an attack. Until that is known, do not restart it and do not restore over it.",
            "Write down since when, which system, and which services cannot work without it.",
            "Tell those who send you patients or results, and those to whom you send them.",
        ],
        Seen::SupplierDown => &[
            "Ring the supplier on a number from your contract, and write down what they say and when. Do not use numbers from their latest email.",
            "Start the downtime procedure for what they supply.",
            "If the supplier was attacked: close its remote access and connections to your network until they tell you in writing that it is safe.",
            "Change passwords and keys that the supplier holds for your systems.",
        ],
        Seen::DeviceMisbehaves => &[
            "If a patient is connected to it: clinical staff decide first. Change to another device or to observation by hand.",
            "Take it out of use and label it. Unplug its network cable if that is safe; leave it switched on unless it harms.",
            "Ring your medical physics or clinical engineering team. Do not reset it and do not update it.",
            "Write down make, model, serial number and what it showed. Report it to the MHRA by the Yellow Card scheme.",
        ],
        Seen::DeviceLost => &[
            "Ask IT to lock and wipe the device, and to sign its accounts out everywhere.",
            "Change the passwords of the person who used it, and report a lost smartcard to your Registration Authority so that it is cancelled.",
            "Write down what was on it, and whether it was encrypted and locked.",
            "If it was stolen, tell the police and write down the crime number. Tell your data protection officer today.",
        ],
        Seen::SomethingElse => &[
            "Write down what you see, where and since when. Photograph screens with another device.",
            "If a computer behaves oddly, take it off the network. Do not switch it off and do not clean it up.",
            "Ring your IT department or supplier, on a number that you already have.",
            "Ring us if it gets worse or you are not sure. No call is too small.",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_three_to_six_steps() {
        for steps in first_steps(Seen::ALL) {
            assert!((3..=6).contains(&steps.steps.len()), "{:?}", steps.seen);
        }
        assert_eq!(first_steps(&[Seen::DeviceLost])[0].seen, Seen::DeviceLost);
    }
}

//! Whether a document is about medical devices, by what it says itself, and which devices.
//!
//! Every answer keeps its evidence, since a person decides on it. What a device is used for is told
//! by few documents: CISA's never say so in a field, so it is taken from words in names and notes,
//! and where no such word stands nothing is claimed.

use serde::Serialize;

use super::words::NoteCategory;
use super::{Document, Note, Product, folded_vendor};

/// That a document is about medical devices, and by what that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Medical<'a> {
    /// By what it is known, the strongest first.
    pub reasons: Vec<Reason<'a>>,
    /// The devices, each vendor and product once, in the document's order.
    pub devices: Vec<Device<'a>>,
    /// For what they are used, by the names and the title; where those do not tell, by what the document says
    /// of the matter. Nothing where no text tells.
    pub uses: Vec<(UseArea, Evidence<'a>)>,
}

/// By what a document is known to be about medical devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason<'a> {
    /// CISA numbers such documents ICSMA.
    Number(&'a str),
    /// The words of a title or a note name such a device.
    Words(Evidence<'a>),
    /// A note names the health sector, of all or among others. Software for hospitals is then meant
    /// as well as devices.
    Sector(&'a str),
}

/// A word, and the text in which it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence<'a> {
    /// The word, in lower case.
    pub word: &'static str,
    /// The text.
    pub text: &'a str,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Device<'a> {
    /// Who makes it, as it stood there.
    pub vendor: Option<&'a str>,
    /// The vendor's name folded for comparing.
    pub folded_vendor: String,
    /// Its model.
    pub model: Option<&'a str>,
    /// For what it is used, by a word in its own names.
    pub uses: Vec<(UseArea, Evidence<'a>)>,
}

/// For what a device is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UseArea {
    /// Giving drugs, fluids or food.
    Infusion,
    /// Insulin and blood sugar.
    Diabetes,
    /// Watching patients.
    Monitoring,
    /// Pictures, and what stores and shows them.
    Imaging,
    /// What is implanted, and what programs it.
    Implants,
    /// The heart, from outside.
    Cardiology,
    /// Breathing and anaesthesia.
    Respiratory,
    /// Operations.
    Surgery,
    /// Analysing samples.
    Laboratory,
    /// Keeping and dispensing medicines.
    Medicines,
    /// Radiotherapy.
    Radiotherapy,
    /// Cleansing blood.
    Dialysis,
}

/// Words of medical devices, each the beginning of a word in a text, with what it is used for. Words that computing has too, such as
/// "X-Ray" and "telemetry server", are not among them.
const WORDS: [(&str, Option<UseArea>); 56] = [
    ("medical device", None),
    ("patient monitor", Some(UseArea::Monitoring)),
    ("physiological monitor", Some(UseArea::Monitoring)),
    ("vital signs", Some(UseArea::Monitoring)),
    ("patient worn monitor", Some(UseArea::Monitoring)),
    ("intellivue", Some(UseArea::Monitoring)),
    ("infusion pump", Some(UseArea::Infusion)),
    ("infusion system", Some(UseArea::Infusion)),
    ("infusion therap", Some(UseArea::Infusion)),
    ("syringe pump", Some(UseArea::Infusion)),
    ("syringe infusion", Some(UseArea::Infusion)),
    ("infusomat", Some(UseArea::Infusion)),
    ("enteral feed", Some(UseArea::Infusion)),
    ("insulin", Some(UseArea::Diabetes)),
    ("glucose", Some(UseArea::Diabetes)),
    ("diabetes", Some(UseArea::Diabetes)),
    ("dicom", Some(UseArea::Imaging)),
    ("ultrasound", Some(UseArea::Imaging)),
    ("x-ray system", Some(UseArea::Imaging)),
    ("x-ray imag", Some(UseArea::Imaging)),
    ("mammograph", Some(UseArea::Imaging)),
    ("tomograph", Some(UseArea::Imaging)),
    ("fluoroscop", Some(UseArea::Imaging)),
    ("radiograph", Some(UseArea::Imaging)),
    ("radiolog", Some(UseArea::Imaging)),
    ("medical imag", Some(UseArea::Imaging)),
    ("picture archiving", Some(UseArea::Imaging)),
    ("molecular imag", Some(UseArea::Imaging)),
    ("magnetic resonance", Some(UseArea::Imaging)),
    ("pacemaker", Some(UseArea::Implants)),
    ("implantable", Some(UseArea::Implants)),
    ("neurostimulat", Some(UseArea::Implants)),
    ("neuromodulat", Some(UseArea::Implants)),
    ("cardiac device", Some(UseArea::Implants)),
    ("clinician programmer", Some(UseArea::Implants)),
    ("electrocardiogra", Some(UseArea::Cardiology)),
    ("cardiograph", Some(UseArea::Cardiology)),
    ("cardiogram", Some(UseArea::Cardiology)),
    ("defibrillator", Some(UseArea::Cardiology)),
    ("ventilator", Some(UseArea::Respiratory)),
    ("anesthesia", Some(UseArea::Respiratory)),
    ("anaesthesia", Some(UseArea::Respiratory)),
    ("cpap", Some(UseArea::Respiratory)),
    ("electrosurgical", Some(UseArea::Surgery)),
    ("endoscop", Some(UseArea::Surgery)),
    ("surgical system", Some(UseArea::Surgery)),
    ("surgical robot", Some(UseArea::Surgery)),
    ("flow cytomet", Some(UseArea::Laboratory)),
    ("sequencing instrument", Some(UseArea::Laboratory)),
    ("in vitro diagnostic", Some(UseArea::Laboratory)),
    ("point of care testing", Some(UseArea::Laboratory)),
    ("medication", Some(UseArea::Medicines)),
    ("pneumatic tube", Some(UseArea::Medicines)),
    ("radiotherap", Some(UseArea::Radiotherapy)),
    ("radiation therap", Some(UseArea::Radiotherapy)),
    ("dialysis", Some(UseArea::Dialysis)),
];

/// Words that tell what a device is used for in the title of a document, or in a name, of which it is known that
/// it is about medical devices. Elsewhere they may mean something else, so that they are no sign of one.
const NAMES: [(&str, UseArea); 44] = [
    ("alaris", UseArea::Infusion),
    ("medfusion", UseArea::Infusion),
    ("perfusor", UseArea::Infusion),
    ("spacecom", UseArea::Infusion),
    ("accu-chek", UseArea::Diabetes),
    ("minimed", UseArea::Diabetes),
    ("carescape", UseArea::Monitoring),
    ("central station", UseArea::Monitoring),
    ("fetal", UseArea::Monitoring),
    ("patient information center", UseArea::Monitoring),
    ("perinatal", UseArea::Monitoring),
    ("suresigns", UseArea::Monitoring),
    ("telemetry receiver", UseArea::Monitoring),
    ("telemetry server", UseArea::Monitoring),
    ("imaging", UseArea::Imaging),
    ("intellispace portal", UseArea::Imaging),
    ("logiq", UseArea::Imaging),
    ("pacs", UseArea::Imaging),
    ("pet/ct", UseArea::Imaging),
    ("spect system", UseArea::Imaging),
    ("spect/ct", UseArea::Imaging),
    ("veradius", UseArea::Imaging),
    ("voluson", UseArea::Imaging),
    ("cardiomessenger", UseArea::Implants),
    ("interstim", UseArea::Implants),
    ("merlin@home", UseArea::Implants),
    ("mycarelink", UseArea::Implants),
    ("paceart", UseArea::Implants),
    ("programmer", UseArea::Implants),
    ("cardio", UseArea::Cardiology),
    ("holter", UseArea::Cardiology),
    ("endo-surgery", UseArea::Surgery),
    ("valleylab", UseArea::Surgery),
    ("coaguchek", UseArea::Laboratory),
    ("cobas", UseArea::Laboratory),
    ("facschorus", UseArea::Laboratory),
    ("facslyric", UseArea::Laboratory),
    ("kiestra", UseArea::Laboratory),
    ("miseq", UseArea::Laboratory),
    ("totalys", UseArea::Laboratory),
    ("viper lt", UseArea::Laboratory),
    ("pyxis", UseArea::Medicines),
    ("translogic", UseArea::Medicines),
    ("prisma", UseArea::Dialysis),
];

impl Document {
    /// That the document is about medical devices, if it says so by any sign. CISA's number, words
    /// in its own titles and notes, and the health sector in a note are signs.
    pub fn medical(&self) -> Option<Medical<'_>> {
        let ids = self.tracking.id.iter().chain(&self.tracking.aliases).map(String::as_str);
        let numbered = ids.filter(|id| starts_with(id.trim_start(), "ICSMA-")).map(Reason::Number);
        let telling = self.title.as_deref().into_iter().chain(self.telling_notes());
        let words = telling.filter_map(|text| words_in(text).next()).map(|(_, found)| Reason::Words(found));
        let sectors = self.notes.iter().filter(|note| names_health_sector(note));
        let sectors = sectors.map(|note| Reason::Sector(note.text.as_str()));
        let reasons: Vec<Reason<'_>> =
            numbered.chain(words.take(MOST_WORDS)).chain(sectors.take(MOST_WORDS)).collect();
        (!reasons.is_empty()).then(|| {
            let devices = self.devices();
            let uses = self.uses(&devices);
            Medical { reasons, devices, uses }
        })
    }

    /// What its devices are used for, by the texts that tell it best.
    fn uses<'a>(&'a self, devices: &[Device<'a>]) -> Vec<(UseArea, Evidence<'a>)> {
        let mut uses = Vec::new();
        add(&mut uses, devices.iter().flat_map(|device| device.uses.iter().copied()));
        add(&mut uses, self.title.as_deref().into_iter().flat_map(uses_named_in));
        let titles = self.vulnerabilities.iter().filter_map(|vulnerability| vulnerability.title.as_deref());
        let own = self.notes.iter().filter(|note| tells_of_the_matter(note)).map(|note| note.text.as_str());
        for texts in [titles.collect::<Vec<_>>(), own.collect(), self.telling_notes().collect()] {
            if uses.is_empty() {
                add(&mut uses, texts.into_iter().flat_map(uses_told_in));
            }
        }
        uses
    }

    /// Notes that tell of the matter itself, of the document and of its vulnerabilities. Legal
    /// notices and general advice are the same in every document of a publisher.
    fn telling_notes(&self) -> impl Iterator<Item = &str> {
        let notes = self.vulnerabilities.iter().flat_map(|vulnerability| &vulnerability.notes);
        self.notes.iter().chain(notes).filter(|note| tells_of_the_matter(note)).map(|note| note.text.as_str())
    }

    /// Each vendor and product once.
    fn devices(&self) -> Vec<Device<'_>> {
        let mut devices: Vec<Device<'_>> = Vec::new();
        let mut met = std::collections::HashSet::new();
        for product in &self.tree.products {
            let described = self.tree.describe(product);
            if !met.insert((described.vendor, described.product)) {
                continue;
            }
            devices.push(Device {
                vendor: described.vendor,
                folded_vendor: described.vendor.map(folded_vendor).unwrap_or_default(),
                model: described.product,
                uses: uses(product, described.product),
            });
        }
        devices
    }
}

/// How many texts are given as evidence: a person needs no more.
const MOST_WORDS: usize = 8;

/// What a device is used for, by a word in its model's or its full name; each use once.
fn uses<'a>(product: &'a Product, model: Option<&'a str>) -> Vec<(UseArea, Evidence<'a>)> {
    let mut uses = Vec::new();
    add(&mut uses, model.into_iter().chain(product.name.as_deref()).flat_map(uses_named_in));
    uses
}

/// Adds those uses that are not among them.
fn add<'a>(uses: &mut Vec<(UseArea, Evidence<'a>)>, told: impl Iterator<Item = (UseArea, Evidence<'a>)>) {
    for (area, found) in told {
        if !uses.iter().any(|(known, _)| *known == area) {
            uses.push((area, found));
        }
    }
}

/// The uses of which a text tells that may be about anything.
fn uses_told_in(text: &str) -> impl Iterator<Item = (UseArea, Evidence<'_>)> {
    words_in(text).filter_map(|(area, found)| Some((area?, found)))
}

/// The uses that the name of a device, or the title of a document about devices, tells.
fn uses_named_in(text: &str) -> impl Iterator<Item = (UseArea, Evidence<'_>)> {
    let named = NAMES.iter().filter(|(word, _)| word_at(text, word).is_some());
    uses_told_in(text).chain(named.map(move |(word, area)| (*area, Evidence { word, text })))
}

fn tells_of_the_matter(note: &Note) -> bool {
    matches!(note.category, Some(NoteCategory::Summary | NoteCategory::Description | NoteCategory::Details))
}

/// Whether a note on sectors names health among them. CISA writes "Healthcare and Public Health",
/// and also "Healthcare", "Healthcare, Public Health", and lists of several sectors.
fn names_health_sector(note: &Note) -> bool {
    let on_sectors = note.title.as_deref().is_some_and(|title| word_at(title, "sector").is_some());
    on_sectors && (word_at(&note.text, "health").is_some())
}

/// The words of the table that stand in a text.
fn words_in(text: &str) -> impl Iterator<Item = (Option<UseArea>, Evidence<'_>)> {
    let found = WORDS.iter().filter(|(word, _)| word_at(text, word).is_some());
    found.map(move |(word, area)| (*area, Evidence { word, text }))
}

/// Where a word of `text` begins with `wanted`, in any case.
fn word_at(text: &str, wanted: &str) -> Option<usize> {
    let windows = text.as_bytes().windows(wanted.len());
    let found = windows.enumerate().filter(|(_, window)| window.eq_ignore_ascii_case(wanted.as_bytes()));
    found.map(|(at, _)| at).find(|at| {
        // `wanted` is ASCII, so that it begins at a character.
        !text[..*at].chars().next_back().is_some_and(char::is_alphanumeric)
    })
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_where_a_word_begins() {
        assert_eq!(word_at("Radiology", "radiolog"), Some(0));
        assert_eq!(word_at("neuroradiology, RADIOLOGY", "radiolog"), Some(16));
        assert_eq!(word_at("neuroradiology", "radiolog"), None);
        assert_eq!(word_at("éradiology (radiology)", "radiolog"), Some(13));
        assert_eq!(word_at("", "radiolog"), None);
    }

    #[test]
    fn words_that_computing_has_too_and_boilerplate_are_no_sign() {
        for text in [
            r#"{"document": {"title": "AWS X-Ray SDK, and a telemetry server"}}"#,
            r#"{"document": {"title": "T", "notes": [{"category": "legal_disclaimer", "title": "t", "text": "Not for medical devices."}]}}"#,
            r#"{"document": {"title": "T", "notes": [{"category": "other", "title": "Sectors", "text": "Energy"}]}}"#,
            r#"{"document": {"title": "T", "notes": [{"category": "other", "title": "Impact", "text": "Health"}]}}"#,
        ] {
            assert_eq!(crate::csaf::read(text.as_bytes()).unwrap().document.medical(), None, "{text}");
        }
        let alias =
            r#"{"document": {"title": "T", "tracking": {"id": "X-1", "aliases": ["ICSMA-24-001-01"]}}}"#;
        let document = crate::csaf::read(alias.as_bytes()).unwrap().document;
        assert_eq!(document.medical().unwrap().reasons, [Reason::Number("ICSMA-24-001-01")]);
    }
}

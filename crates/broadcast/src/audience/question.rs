//! The questions by which an audience is chosen, one to a page.

use std::collections::{BTreeMap, HashMap};

use formats::ods::{OrganisationKind, regions};
use jiff::civil::Date;
use platform::web::form::Choice;

use super::{Audience, Choices, EVERY, Mode, ONLY_NAMED, Part, UNKNOWN};

/// The most codes that a field takes.
const MOST_CODES: usize = 5000;

platform::vocabulary! {
    /// A question about an audience, in the order in which they are asked.
    pub enum Question {
        Types = "types", "Which types of organisation does it concern?";
        Regions = "regions", "In which regions?";
        Parents = "parents", "Only those that belong to certain bodies?";
        Named = "named", "Which organisations are to be told whatever their type?";
        Exclusions = "exclusions", "Who is not to be told?";
        Mode = "mode", "Must they respond?";
    }
}

/// A field of a question's page.
#[derive(Debug)]
pub struct Field {
    /// Its name in the form.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What helps to answer it.
    pub hint: &'static str,
    /// How it is answered.
    pub answer: Answer,
}

/// How a field is answered.
#[derive(Debug)]
pub enum Answer {
    /// Any of these.
    Any(Vec<Choice>),
    /// One of these.
    One(Vec<Choice>),
    /// Codes, typed or pasted.
    Codes(String),
}

/// The names of organisations by their codes.
pub type Names = HashMap<String, String>;

/// What was posted: every value under its field's name.
pub type Typed = BTreeMap<String, Vec<String>>;

impl Question {
    /// The question that follows; `None` behind the last. Where those alone are told that are named, nobody asks
    /// for regions or bodies.
    pub fn next(self, audience: &Audience) -> Option<Self> {
        let place = Self::ALL.iter().position(|question| *question == self)?;
        let idle =
            |question: &&Self| audience.only_names() && matches!(question, Self::Regions | Self::Parents);
        Self::ALL[place + 1..].iter().find(|question| !idle(question)).copied()
    }

    /// Which field has to be answered before this audience means anybody, and what with.
    pub fn lacks(self, audience: &Audience) -> Option<(&'static str, String)> {
        let nobody =
            "Enter the code of at least one organisation, or select types first: nobody is to be told yet";
        (self == Self::Named && !audience.means_somebody())
            .then(|| (Part::Organisation.code(), nobody.to_owned()))
    }

    /// The short name for a list of answers.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Types => "Types",
            Self::Regions => "Regions",
            Self::Parents => "Belonging to",
            Self::Named => "Named",
            Self::Exclusions => "Left out",
            Self::Mode => "Response",
        }
    }

    const fn parts(self) -> &'static [Part] {
        match self {
            Self::Types => &[Part::Kind],
            Self::Regions => &[Part::Region],
            Self::Parents => &[Part::Parent],
            Self::Named => &[Part::Organisation],
            Self::Exclusions => {
                &[Part::ExcludeKind, Part::ExcludeRegion, Part::ExcludeParent, Part::ExcludeOrganisation]
            }
            Self::Mode => &[],
        }
    }

    /// The part whose codes can be looked up by name, where the question is about one.
    pub const fn looked_up(self) -> Option<Part> {
        match self {
            Self::Parents => Some(Part::Parent),
            Self::Named => Some(Part::Organisation),
            Self::Exclusions => Some(Part::ExcludeOrganisation),
            Self::Types | Self::Regions | Self::Mode => None,
        }
    }

    /// What becomes of those that were found and are ticked.
    pub const fn found_hint(self) -> &'static str {
        match self {
            Self::Exclusions => {
                "Select those that are to be left out: they are added to the single organisations below"
            }
            _ => "Select those that are to be added to the codes below",
        }
    }

    /// The fields of its page, answered as `audience` says.
    pub fn fields(self, audience: &Audience, today: Date) -> Vec<Field> {
        let said = |word: &str| vec![word.to_owned()];
        let chosen = |part: Part| match part {
            // Without a type, regions and bodies mean every one of theirs.
            Part::Kind if audience.of(part).is_empty() && !audience.only_names() => said(EVERY),
            Part::Kind if audience.only_names() && audience.means_somebody() => said(ONLY_NAMED),
            part => audience.of(part).to_vec(),
        };
        self.asked(today, &chosen, audience.mode.map(Mode::code).as_slice())
    }

    /// The fields of its page, answered as was typed.
    pub fn fields_as_typed(self, typed: &Typed, today: Date) -> Vec<Field> {
        let chosen = |part: Part| typed.get(part.code()).cloned().unwrap_or_default();
        let mode: Vec<_> = typed.get("mode").into_iter().flatten().map(String::as_str).collect();
        self.asked(today, &chosen, &mode)
    }

    fn asked(self, today: Date, chosen: &dyn Fn(Part) -> Vec<String>, mode: &[&str]) -> Vec<Field> {
        if self == Self::Mode {
            let hints = [
                "They acknowledge and answer by the deadlines of the response policy, where it asks for any at this severity",
                "They are told, and no answer is awaited",
            ];
            let choices = Mode::ALL.into_iter().zip(hints);
            let choices =
                choices.map(|(each, hint)| Choice::new(each.code(), each.label()).hint(hint).chosen_in(mode));
            let answer = Answer::One(choices.collect());
            return vec![Field { name: "mode", label: self.label(), hint: "", answer }];
        }
        let field = |part: &Part| {
            let chosen = chosen(*part);
            let answer = match part {
                Part::Kind | Part::ExcludeKind => Answer::Any(kinds(*part, &chosen)),
                Part::Region | Part::ExcludeRegion => Answer::Any(region_choices(today, &chosen)),
                _ => Answer::Codes(chosen.join("\n")),
            };
            let (label, hint) = words(*part);
            // Where there is one field alone on the page, the question is its label.
            let alone = self.parts().len() == 1 && self.looked_up().is_none();
            let label = if alone { self.label() } else { label };
            Field { name: part.code(), label, hint, answer }
        };
        self.parts().iter().map(field).collect()
    }

    /// What was chosen, or which field cannot be taken and why.
    pub fn read(self, typed: &Typed, today: Date) -> Result<Choices, (&'static str, String)> {
        let mut choices = Choices::default();
        if self == Self::Mode {
            let mode = typed.get("mode").and_then(|values| values.first()).and_then(|mode| mode.parse().ok());
            choices.mode = Some(mode.ok_or(("mode", "Select whether they must respond".to_owned()))?);
        }
        for part in self.parts() {
            let values = typed.get(part.code()).cloned().unwrap_or_default();
            let offered: Vec<_> = match part {
                Part::Kind | Part::ExcludeKind => kinds(*part, &[]),
                Part::Region | Part::ExcludeRegion => region_choices(today, &[]),
                _ => Vec::new(),
            };
            let values = if part.is_codes() {
                codes(&values.join("\n")).map_err(|sentence| (part.code(), sentence))?
            } else {
                // What is not offered, such as a region abolished since, falls away.
                values.into_iter().filter(|value| offered.iter().any(|each| each.value == *value)).collect()
            };
            choices.parts.push((*part, values));
        }
        if self == Self::Types {
            choices.parts =
                types(choices.parts).map_err(|sentence| (Part::Kind.code(), sentence.to_owned()))?;
        }
        Ok(choices)
    }

    /// Everything that was chosen, in words, with the names of those whose codes were.
    pub fn in_full(self, audience: &Audience, names: &Names) -> Vec<String> {
        if self == Self::Mode {
            return audience.mode.map(|mode| mode.label().to_owned()).into_iter().collect();
        }
        let said = |part: &Part| {
            let part = *part;
            audience.of(part).iter().map(move |value| in_words(part, value, names))
        };
        self.parts().iter().flat_map(said).collect()
    }

    /// The answer in words, for the list of answers.
    pub fn answered(self, audience: &Audience, names: &Names) -> String {
        let all = self.in_full(audience, names);
        match (self, all.len()) {
            (Self::Mode, 0) => "Not answered yet".to_owned(),
            (Self::Types, 0) if !audience.means_somebody() => "Not answered yet".to_owned(),
            (Self::Types, 0) if audience.only_names() => "None: only those that are named".to_owned(),
            (Self::Types, 0) => "Every type".to_owned(),
            (Self::Regions, 0) => "Everywhere".to_owned(),
            (Self::Parents, 0) => "Whomever they belong to".to_owned(),
            (Self::Named | Self::Exclusions, 0) => "Nobody".to_owned(),
            (_, 1..=12) => all.join(", "),
            (_, many) => format!("{} and {} more", all[..10].join(", "), many - 10),
        }
    }
}

const fn words(part: Part) -> (&'static str, &'static str) {
    match part {
        Part::Kind => ("Types", "Select all that apply"),
        Part::Region => ("Regions", "Select none for everywhere"),
        Part::Parent => (
            "Bodies",
            "ODS codes of parents or integrated care boards, one a line. Leave it empty for whomever they belong to",
        ),
        Part::Organisation => (
            "Organisations",
            "ODS codes, one a line, pasted from a list if you have one. Leave it empty where types are enough",
        ),
        Part::ExcludeKind => ("Types left out", "Select all that apply, or none"),
        Part::ExcludeRegion => ("Regions left out", "Select all that apply, or none"),
        Part::ExcludeParent => (
            "Left out with the body they belong to",
            "ODS codes of parents or integrated care boards, one a line",
        ),
        Part::ExcludeOrganisation => ("Single organisations left out", "ODS codes, one a line"),
    }
}

fn kinds(part: Part, chosen: &[String]) -> Vec<Choice> {
    let every = Choice::new(EVERY, "Every type of organisation").chosen_in(chosen);
    let kinds =
        OrganisationKind::ALL.iter().map(|kind| Choice::new(kind.code(), kind.label()).chosen_in(chosen));
    let none = Choice::new(ONLY_NAMED, "No type: only organisations that are named")
        .hint("Regions and bodies that were chosen before fall away")
        .chosen_in(chosen);
    let [every, none] = [every, none].map(|choice| (part == Part::Kind).then_some(choice));
    every.into_iter().chain(kinds).chain(none).collect()
}

/// What is chosen by the types that were ticked: something always is, and that none is, is said.
fn types(ticked: Vec<(Part, Vec<String>)>) -> Result<Vec<(Part, Vec<String>)>, &'static str> {
    let chosen = || ticked.iter().flat_map(|(_, values)| values);
    match (chosen().count(), chosen().any(|value| value == ONLY_NAMED)) {
        (0, _) => Err("Select the types that it concerns, or that it goes to named organisations only"),
        (1, true) => Ok([Part::Kind, Part::Region, Part::Parent].map(|part| (part, Vec::new())).into()),
        (_, true) => Err("Select types, or that it goes to named organisations only, not both"),
        (_, false) => Ok(ticked),
    }
}

fn region_choices(today: Date, chosen: &[String]) -> Vec<Choice> {
    let standing = regions::all().iter().filter(|region| region.from <= today && region.until.is_none());
    let regions =
        standing.map(|region| Choice::new(region.code.clone(), region.name.clone()).chosen_in(chosen));
    regions.chain([Choice::new(UNKNOWN, "Region not known").chosen_in(chosen)]).collect()
}

/// A choice as people say it.
fn in_words(part: Part, value: &str, names: &Names) -> String {
    let said = || names.get(value).map_or_else(|| value.to_owned(), |name| format!("{name} ({value})"));
    match part {
        Part::Kind | Part::ExcludeKind if value == EVERY => "every type".to_owned(),
        Part::Kind | Part::ExcludeKind => kind_in_words(value),
        Part::Region | Part::ExcludeRegion => region_in_words(value),
        Part::ExcludeParent => format!("whoever belongs to {}", said()),
        Part::Parent | Part::Organisation | Part::ExcludeOrganisation => said(),
    }
}

/// A type's label by its code.
pub(crate) fn kind_in_words(code: &str) -> String {
    code.parse().map_or_else(|_| code.to_owned(), |kind: OrganisationKind| kind.label().to_owned())
}

/// A region's name by its code.
pub(crate) fn region_in_words(code: &str) -> String {
    if code == UNKNOWN {
        return "Region not known".to_owned();
    }
    let region = regions::find(code);
    region.map_or_else(|| code.to_owned(), |region| region.name.clone())
}

/// The codes in a text that was typed or pasted, whatever stands between them.
fn codes(text: &str) -> Result<Vec<String>, String> {
    let codes: Vec<String> = text
        .split(|c: char| c.is_whitespace() || ",;".contains(c))
        .filter(|code| !code.is_empty())
        .map(str::to_ascii_uppercase)
        .collect();
    if codes.len() > MOST_CODES {
        return Err(format!("Enter {MOST_CODES} codes at most; you entered {}", codes.len()));
    }
    match codes.iter().find(|code| code.len() > 12 || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    {
        Some(wrong) => {
            let wrong: String = wrong.chars().take(20).collect();
            Err(format!("\u{201c}{wrong}\u{201d} is not an ODS code; one looks like RWA or A81001"))
        }
        None => Ok(codes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2026, 6, 1);

    #[test]
    fn pasted_codes_are_read_whatever_stands_between_them() {
        assert_eq!(
            codes(" rwa, A81001;\r\nA81002\t"),
            Ok(["RWA", "A81001", "A81002"].map(str::to_owned).into())
        );
        assert!(codes("Leeds General Infirmary (RR8)").is_err());
        assert!(codes(&"A ".repeat(MOST_CODES + 1)).is_err());
    }

    #[test]
    fn what_is_chosen_is_shown_chosen_again() {
        let typed = Typed::from([("kind".to_owned(), vec!["trust".to_owned(), "nonsense".to_owned()])]);
        let read = Question::Types.read(&typed, TODAY).unwrap();
        assert_eq!(read.parts, [(Part::Kind, vec!["trust".to_owned()])]);
        let mut audience = Audience::default();
        audience.choices.extend(read.parts);
        let fields = Question::Types.fields(&audience, TODAY);
        let Answer::Any(choices) = &fields[0].answer else { panic!("types are ticked") };
        let chosen: Vec<_> =
            choices.iter().filter(|choice| choice.chosen).map(|choice| &*choice.value).collect();
        assert_eq!(chosen, ["trust"]);
        assert_eq!(Question::Types.answered(&audience, &Names::new()), "NHS trust");
        audience.choices.insert(Part::ExcludeOrganisation, vec!["RR8".to_owned(), "ZZZ".to_owned()]);
        let names = Names::from([("RR8".to_owned(), "Leeds".to_owned())]);
        assert_eq!(Question::Exclusions.answered(&audience, &names), "Leeds (RR8), ZZZ");
    }

    #[test]
    fn the_response_must_be_decided_and_every_question_leads_to_the_next() {
        assert!(Question::Mode.read(&Typed::new(), TODAY).is_err());
        let trusts = audience(&[(Part::Kind, "trust")]);
        assert_eq!(asked(&trusts), Question::ALL);
    }

    fn audience(chosen: &[(Part, &str)]) -> Audience {
        let choices = chosen.iter().map(|(part, value)| (*part, vec![(*value).to_owned()]));
        Audience { choices: choices.collect(), ..Audience::default() }
    }

    fn asked(audience: &Audience) -> Vec<Question> {
        let first = Some(Question::Types);
        std::iter::successors(first, |question| question.next(audience)).collect()
    }

    #[test]
    fn that_no_type_is_told_is_said_and_shown_again() {
        let read = |ticked: &[&str]| {
            let ticked = ticked.iter().map(|kind| (*kind).to_owned()).collect();
            Question::Types.read(&Typed::from([("kind".to_owned(), ticked)]), TODAY)
        };
        assert_eq!(read(&[]).unwrap_err().0, "kind");
        assert_eq!(read(&["nonsense"]).unwrap_err().0, "kind");
        assert!(read(&["trust", ONLY_NAMED]).unwrap_err().1.contains("not both"));
        // Regions that were chosen before would mean every type in them.
        let none = [Part::Kind, Part::Region, Part::Parent].map(|part| (part, vec![]));
        assert_eq!(read(&[ONLY_NAMED]).unwrap().parts, none);

        let ticked = |audience: &Audience| {
            let Answer::Any(choices) = Question::Types.fields(audience, TODAY).remove(0).answer else {
                panic!("types are ticked")
            };
            let ticked = choices.into_iter().filter(|choice| choice.chosen);
            ticked.map(|choice| choice.value.into_owned()).collect::<Vec<_>>()
        };
        let named = audience(&[(Part::Organisation, "RR8")]);
        assert_eq!(ticked(&named), [ONLY_NAMED]);
        assert_eq!(Question::Types.answered(&named, &Names::new()), "None: only those that are named");
        assert_eq!(ticked(&audience(&[(Part::Region, "Y56")])), [EVERY]);
        assert!(ticked(&Audience::default()).is_empty());

        let rest = [Question::Types, Question::Named, Question::Exclusions, Question::Mode];
        assert_eq!(asked(&named), rest);
        let lacks = |question: Question, audience: &Audience| question.lacks(audience).is_some();
        let nobody = Audience::default();
        assert!(lacks(Question::Named, &nobody) && !lacks(Question::Named, &named));
        assert!(!lacks(Question::Exclusions, &nobody));
    }
}

//! A playbook as people read it: in phases, in numbered lines that say what, why, how and who.

use formats::cacao::{Block, Playbook, Step, StepKind};

use super::{
    built_ins,
    guidance::{self, Phase},
};

/// A playbook, ready to be read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Its parts, in their order.
    pub sections: Vec<Section>,
}

/// The steps of one phase.
#[derive(Clone, Debug)]
pub struct Section {
    /// The phase, where the playbook tells any.
    pub phase: Option<Phase>,
    /// Its lines.
    pub lines: Vec<Line>,
}

impl Section {
    /// Its heading.
    pub fn heading(&self) -> &'static str {
        self.phase.map_or("What to do", Phase::label)
    }

    /// What leads to it within the page.
    pub fn anchor(&self) -> &'static str {
        self.phase.map_or("steps", Phase::code)
    }
}

/// A step.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// The id of the step.
    pub step: String,
    /// Its number, as people say it: `4.2`.
    pub number: String,
    /// How deep it lies in branches.
    pub depth: usize,
    /// When its branch is followed, where it is the first of one.
    pub when: String,
    /// What to do, or what to ask.
    pub what: String,
    /// Why.
    pub why: String,
    /// How, one thing after the other.
    pub how: Vec<String>,
    /// Who does it.
    pub owner: String,
    /// What to beware of.
    pub cautions: Vec<String>,
    /// How it is undone.
    pub undo: String,
    /// By when it should be done, after it was begun.
    pub within: String,
    /// What kind of step it is, where it is not simply something to do.
    pub kind: &'static str,
    /// The answers of which nothing comes, each in a sentence.
    pub otherwise: Vec<String>,
    /// Whether it is about care.
    pub hospital: bool,
    /// The playbook that it leads to: its name and where it stands.
    pub leads: Option<(String, String)>,
    /// Commands for machines: shown, never executed.
    pub machine: Vec<String>,
    /// Where else this step stands, when it was told before.
    pub again: bool,
    /// Whether it is told in Welsh.
    pub in_welsh: bool,
}

impl Line {
    /// What leads to it within the page.
    pub fn anchor(&self) -> String {
        format!("step-{}", self.number.replace('.', "-"))
    }

    /// How far it is set in: no further than a telephone has room for.
    pub fn indent(&self) -> usize {
        self.depth.min(3)
    }
}

impl Reading {
    /// Reads a playbook from its start.
    pub fn of(playbook: &Playbook) -> Self {
        Self::from(playbook, &playbook.flow(), "")
    }

    /// Reads what is done when a step fails that says nothing of that.
    pub fn of_exception(playbook: &Playbook) -> Self {
        Self::from(playbook, &playbook.exception_flow(), "F")
    }

    /// Reads blocks, whose numbers begin with this sign.
    fn from(playbook: &Playbook, blocks: &[Block<'_>], sign: &str) -> Self {
        let mut sections: Vec<Section> = Vec::new();
        for (place, block) in blocks.iter().enumerate() {
            let phase = guidance::of_step(&block.step.extensions).phase;
            // A step that says nothing belongs to what comes before it.
            if sections.last().is_none_or(|last| phase.is_some() && last.phase != phase) {
                sections.push(Section { phase, lines: Vec::new() });
            }
            if let Some(section) = sections.last_mut() {
                let number = format!("{sign}{}", place + 1);
                tell(playbook, block, &number, String::new(), &mut section.lines, 0);
            }
        }
        Self { sections }
    }
}

/// Tells a block and its branches.
fn tell(
    playbook: &Playbook,
    block: &Block<'_>,
    number: &str,
    when: String,
    lines: &mut Vec<Line>,
    depth: usize,
) {
    let mut line = line(playbook, block.step);
    line.again = block.again;
    line.when = when;
    line.depth = depth;
    number.clone_into(&mut line.number);
    line.otherwise = otherwise(block);
    lines.push(line);
    let mut place = 0;
    for branch in &block.branches {
        for (at, within) in branch.blocks.iter().enumerate() {
            place += 1;
            let when = if at == 0 { branch.when.clone() } else { String::new() };
            tell(playbook, within, &format!("{number}.{place}"), when, lines, depth + 1);
        }
    }
}

/// The answers after which nothing is done but to go on: on paper there is nothing else that tells of them.
fn otherwise(block: &Block<'_>) -> Vec<String> {
    let answers = match &block.step.kind {
        StepKind::If { .. } | StepKind::Switch { .. } => block.branches.as_slice(),
        _ => &[],
    };
    let empty = answers.iter().filter(|branch| branch.blocks.is_empty()).map(|branch| branch.when.as_str());
    let no = matches!(block.step.kind, StepKind::If { on_false: None, .. }).then_some("If no");
    empty.chain(no).map(|when| format!("{when}, go on.")).collect()
}

/// What one step says, wherever it stands.
pub(crate) fn line(playbook: &Playbook, step: &Step) -> Line {
    let said = guidance::of_step(&step.extensions);
    let or = |text: &str, otherwise: &str| (if text.is_empty() { otherwise } else { text }).to_owned();
    let mut line = Line {
        step: step.id.clone(),
        why: step.description.clone(),
        cautions: said.cautions,
        undo: said.undo,
        hospital: said.hospital,
        within: step.timeout.map(within).unwrap_or_default(),
        ..Line::default()
    };
    match &step.kind {
        StepKind::Action { commands, agent, .. } => {
            line.what = or(&step.name, "Do this");
            line.owner = playbook.agents.get(agent).map(|agent| agent.name.clone()).unwrap_or_default();
            for command in commands {
                let text = or(&command.command, or(&command.description, &command.command_b64).as_str());
                if command.is_manual() {
                    line.how.push(text);
                } else {
                    line.machine.push(format!("{}: {text}", command.kind));
                }
            }
        }
        StepKind::Playbook { playbook } => {
            line.what = or(&step.name, "Follow another playbook");
            let ours = built_ins().iter().find(|each| each.playbook.id == *playbook);
            line.leads = Some(ours.map_or_else(
                || (playbook.clone(), String::new()),
                |ours| (ours.playbook.name.clone(), format!("/playbooks/{}", ours.slug)),
            ));
        }
        StepKind::Parallel { .. } => line.what = or(&step.name, "At the same time"),
        StepKind::If { condition, .. } => {
            line.kind = "Question";
            line.what = or(&step.name, condition);
        }
        StepKind::While { condition, .. } => {
            line.kind = "Repeat";
            line.what = or(&step.name, condition);
        }
        StepKind::Switch { switch, .. } => {
            line.kind = "Question";
            line.what = or(&step.name, switch);
        }
        StepKind::Start | StepKind::End => {}
    }
    line
}

/// A time in milliseconds in the words of people.
pub(crate) fn within(milliseconds: u64) -> String {
    let minutes = milliseconds.div_ceil(60_000);
    match minutes {
        0 | 1 => "1 minute".to_owned(),
        2..=119 => format!("{minutes} minutes"),
        _ if minutes.is_multiple_of(60) => format!("{} hours", minutes / 60),
        _ => format!("{} hours {} minutes", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::built_in;

    #[test]
    fn our_playbooks_are_told_in_three_phases_with_numbers_that_can_be_said() {
        for ours in built_ins() {
            let reading = Reading::of(&ours.playbook);
            let phases: Vec<_> = reading.sections.iter().map(|section| section.phase).collect();
            assert_eq!(phases, Phase::ALL.iter().copied().map(Some).collect::<Vec<_>>(), "{}", ours.slug);
            let mut lines = reading.sections.iter().flat_map(|section| &section.lines);
            assert!(lines.all(|line| line.number.len() <= 7 && !line.what.is_empty()), "{}", ours.slug);
        }
        let reading = Reading::of(&built_in("ransomware").unwrap().playbook);
        let numbers: Vec<_> = reading.sections[0].lines.iter().map(|line| line.number.as_str()).collect();
        assert_eq!(numbers, ["1", "2", "3", "4", "4.1", "4.2"]);
        assert_eq!(reading.sections[0].lines[4].when, "At the same time");
    }

    #[test]
    fn an_answer_of_which_nothing_comes_is_told_too() {
        let mut playbook = Playbook::clone(&built_in("ransomware").unwrap().playbook);
        let end = playbook.steps.values().find(|step| step.kind == StepKind::End).unwrap().id.clone();
        let asked =
            playbook.steps.values_mut().find(|step| matches!(step.kind, StepKind::If { .. })).unwrap();
        let cases = ["red", "blue", "default"].map(|case| (case.to_owned(), end.clone()));
        asked.kind = StepKind::Switch { switch: "Which colour?".to_owned(), cases: cases.into() };
        let id = asked.id.clone();
        let reading = Reading::of(&playbook);
        let mut lines = reading.sections.iter().flat_map(|section| &section.lines);
        let told = &lines.find(|line| line.step == id).unwrap().otherwise;
        assert_eq!(*told, ["If blue, go on.", "If red, go on.", "If none of these, go on."]);
    }

    #[test]
    fn times_are_told_as_people_say_them() {
        let told = [1, 60_000, 90_000, 7_200_000, 5_460_000].map(within);
        assert_eq!(told, ["1 minute", "1 minute", "2 minutes", "2 hours", "91 minutes"]);
    }
}

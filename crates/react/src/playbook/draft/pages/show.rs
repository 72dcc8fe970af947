//! A draft as it stands: its steps with what can be done to each, what is still wrong, and the drawing of the same.

use std::collections::{HashMap, HashSet};

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use formats::cacao::{
    Finding, Playbook,
    edit::{self, Way},
};
use http::header;
use platform::{
    App,
    web::{
        Error, Visit,
        form::Problems,
        shell::{Shell, render},
    },
};
use serde_json::Value;

use crate::playbook::{
    APPROVE_PLAYBOOKS, KEEP_PLAYBOOKS,
    diagram::Diagram,
    draft::{
        DraftError, DraftId, State as Stands, actions, hints,
        store::{self, Draft},
    },
    pages::marked,
    reading::{self, Line, Reading},
};

/// A way out of a step, and what can be done to it.
pub(super) struct WayOut {
    /// When it is followed.
    label: String,
    /// The word in an address.
    code: String,
    /// Whether it leads to a step, rather than to its end.
    leads: bool,
    /// Whether it can be taken out.
    removable: bool,
}

impl WayOut {
    /// The word in an address.
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// When it is followed, in words.
    pub(super) fn label(&self) -> &str {
        &self.label
    }
}

/// A step in the list.
struct Row {
    line: Line,
    ways: Vec<WayOut>,
    /// Whether answers or branches can be added to it.
    adds: &'static str,
    wrong: Vec<String>,
    hints: Vec<&'static str>,
}

/// The steps of one phase.
struct Part {
    heading: &'static str,
    anchor: &'static str,
    rows: Vec<Row>,
}

#[expect(clippy::struct_excessive_bools, reason = "each says whether a part of the page is there")]
#[derive(Template)]
#[template(path = "playbook/draft/show.html")]
struct ShowPage {
    shell: Shell,
    problems: Problems,
    draft: Draft,
    description: String,
    marking: String,
    start: String,
    parts: Vec<Part>,
    /// Those that nothing leads to.
    lost: Vec<Row>,
    /// What is wrong with no step of its own.
    wrong: Vec<String>,
    sound: bool,
    diagram: Diagram,
    reason: String,
    may_keep: bool,
    may_approve: bool,
    /// Whether the reader wrote in it.
    own: bool,
}

impl ShowPage {
    fn is_submitted(&self) -> bool {
        self.draft.state == Stands::Submitted
    }

    fn is_draft(&self) -> bool {
        self.draft.state == Stands::Draft
    }

    /// How many things keep it from being published.
    fn counted(&self) -> usize {
        let rows = self.parts.iter().flat_map(|part| &part.rows).chain(&self.lost);
        self.wrong.len() + rows.map(|row| row.wrong.len()).sum::<usize>()
    }
}

/// `GET /playbooks/drafts/{draft}`
pub(super) async fn show(visit: Visit, Path(id): Path<DraftId>) -> Result<Response, Error> {
    page(visit, id, String::new(), Problems::none()).await
}

/// The draft, with what could not be done to it.
pub(super) async fn page(
    visit: Visit,
    id: DraftId,
    reason: String,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let draft = store::draft(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let own = match visit.actor.person() {
        Some(person) => store::has_written(&mut snapshot, id, person.id).await?,
        None => false,
    };
    drop(snapshot);
    let document = actions::read(&draft)?;
    let (playbook, findings) = Playbook::examine(&String::from_utf8_lossy(&draft.document));
    let sound = findings.is_empty();
    let mut of_steps: HashMap<String, Vec<String>> = HashMap::new();
    let mut wrong = Vec::new();
    for Finding { step, reason, .. } in findings {
        match step {
            Some(step) => of_steps.entry(step.id).or_default().push(reason),
            None => wrong.push(reason),
        }
    }
    let reading = playbook.as_ref().map(Reading::of);
    let mut parts = Vec::new();
    let mut told = HashSet::new();
    let mut diagram = Diagram::default();
    let mut lost = Vec::new();
    if let (Some(playbook), Some(reading)) = (&playbook, reading) {
        diagram = Diagram::of(playbook, &reading);
        for section in reading.sections {
            let (heading, anchor) = (section.heading(), section.anchor());
            let rows = section.lines.into_iter().map(|line| {
                told.insert(line.step.clone());
                row(playbook, &document, line, &mut of_steps)
            });
            parts.push(Part { heading, anchor, rows: rows.collect() });
        }
        let silent = |id: &str| id.starts_with("start--") || id.starts_with("end--");
        let untold = playbook.steps.values().filter(|step| !told.contains(&step.id) && !silent(&step.id));
        lost = untold
            .map(|step| row(playbook, &document, reading::line(playbook, step), &mut of_steps))
            .collect();
    }
    // Of a start or an end, or of a playbook that cannot be read as one.
    wrong.extend(of_steps.into_values().flatten());
    let is_open = draft.state.is_open();
    let page = ShowPage {
        description: document["description"].as_str().unwrap_or_default().to_owned(),
        marking: marked(Some(&super::super::about::AboutFields::of(&document).tlp)),
        start: document["workflow_start"].as_str().unwrap_or_default().to_owned(),
        may_keep: is_open && visit.actor.is_any(KEEP_PLAYBOOKS),
        may_approve: is_open && visit.actor.is_any(APPROVE_PLAYBOOKS),
        shell: visit.shell,
        problems,
        draft,
        parts,
        lost,
        wrong,
        sound,
        diagram,
        reason,
        own,
    };
    Ok(render(page.problems.status(), &page))
}

fn row(
    playbook: &Playbook,
    document: &Value,
    line: Line,
    of_steps: &mut HashMap<String, Vec<String>>,
) -> Row {
    let step = &document["workflow"][&line.step];
    let adds = match step["type"].as_str() {
        Some("parallel") => "branch",
        Some("switch-condition") => "answer",
        _ => "",
    };
    let ways = ways_out(document, step);
    let branches = ways.iter().filter(|way| way.code != Way::Failure.code());
    let (empty, branches) = (branches.clone().filter(|way| !way.leads).count(), branches.count());
    let known = playbook.steps.get(&line.step);
    let hints = known.map(|step| hints::of(playbook, step, (empty, branches))).unwrap_or_default();
    Row {
        ways: if line.again { Vec::new() } else { ways },
        wrong: of_steps.remove(&line.step).unwrap_or_default(),
        adds: if line.again { "" } else { adds },
        hints: if line.again { Vec::new() } else { hints },
        line,
    }
}

/// The ways out of a step, in words.
pub(super) fn ways_out(document: &Value, step: &Value) -> Vec<WayOut> {
    let all = edit::ways(step);
    let branches = all.iter().filter(|(way, _)| matches!(way, Way::Branch(_))).count();
    let repeats = step["type"] == "while-condition";
    let words = all.into_iter().map(|(way, to)| {
        let is_end = to.as_ref().is_none_or(|to| document["workflow"][to]["type"] == "end");
        let label = match &way {
            Way::Yes if repeats => "As long as yes".to_owned(),
            Way::Yes => "If yes".to_owned(),
            Way::No => "If no".to_owned(),
            Way::Failure => "If it fails".to_owned(),
            Way::Case(case) => format!("If {case}"),
            Way::Branch(place) => format!("At the same time, {}", place + 1),
        };
        let removable = match &way {
            Way::Branch(_) => branches > 2,
            Way::Case(_) => true,
            Way::No => to.is_some(),
            Way::Yes | Way::Failure => false,
        };
        WayOut { label, code: way.code(), leads: !is_end, removable }
    });
    words.collect()
}

/// `GET /playbooks/drafts/{draft}/file`: the draft as it stands, as CACAO.
pub(super) async fn download(State(app): State<App>, Path(id): Path<DraftId>) -> Result<Response, Error> {
    let draft = store::draft(&mut app.read().await?, id).await?.ok_or(DraftError::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"draft-{id}.cacao.json\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, draft.document).into_response())
}

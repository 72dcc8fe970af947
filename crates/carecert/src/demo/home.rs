//! The demonstration's first page: its story in steps, each with the page that shows it, and in the end an
//! alert that waits for the visitor.

use askama::Template;
use axum::{extract::State, response::Response};
use broadcast::{alert::AlertId, sector};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    App, uk,
    web::{
        Error,
        chart::Line,
        shell::{Shell, render},
    },
};

use super::{
    HISTORIC,
    moment::{Moment, Played, moments},
    people,
};

#[derive(Template)]
#[template(path = "demo/story.html")]
struct StoryPage {
    shell: Shell,
    historic: &'static str,
    steps: Vec<Step>,
    /// The alert that waits.
    yours: Option<Step>,
    /// How the answers came in, for the step of the deadline.
    chart: Option<Line>,
}

/// A step as it is told.
struct Step {
    moment: Moment,
    /// "Day 1".
    day: String,
    at: Timestamp,
    path: String,
    told: &'static Told,
}

/// What is told of a step, and as whom its page is seen.
struct Told {
    title: &'static str,
    words: &'static str,
    /// A key of the cast.
    who: &'static str,
    /// "See the threat".
    see: &'static str,
}

impl Moment {
    #[expect(clippy::too_many_lines, reason = "what is told of each step, one after the other")]
    const fn told(self) -> &'static Told {
        match self {
            Self::Merged => &Told {
                title: "Two sources, one threat",
                words: "CISA's catalogue lists a weakness in Windows as exploited. An advisory says that PET/CT \
                        scanners have it. Both become one threat, with what each of them says.",
                who: "analyst",
                see: "See the threat",
            },
            Self::Previewed => &Told {
                title: "Whom would it reach?",
                words: "The analyst writes an advisory out of the threat and chooses its audience. Before anybody \
                        is told: 58 trusts, of whom six cannot be reached by mail, and 120 practices through \
                        their integrated care board.",
                who: "duty_manager",
                see: "See the preview",
            },
            Self::Drafted => &Told {
                title: "A second person is asked",
                words: "Nobody approves what they wrote. The advisory is handed in, and since it is High, the \
                        duty manager is asked by mail, and by a text to their mobile.",
                who: "analyst",
                see: "See the advisory",
            },
            Self::Published => &Told {
                title: "Approved from a telephone",
                words: "The duty manager takes it on, reads it in bed, approves and publishes it. A minute later \
                        it leaves. Acknowledge within 48 hours, mend within 14 days.",
                who: "duty_manager",
                see: "See the alert",
            },
            Self::Lone => &Told {
                title: "One person alone",
                words: "At a small trust one person looks after all computers, and one mailbox is all there is. \
                        Three hours in, they have acknowledged.",
                who: "lone",
                see: "See what they see",
            },
            Self::Icb => &Told {
                title: "One answer for 118 practices",
                words: "The board answers for its 120 practices at once: it does not apply, but for two that \
                        have a server of their own.",
                who: "icb",
                see: "See the board's answers",
            },
            Self::Deadline => &Told {
                title: "The deadline",
                words: "After 48 hours four trusts are late. The executive of one is told; the other three could \
                        not be reached by mail, and the CERT rings one of them. By noon all four have it in hand.",
                who: "duty_manager",
                see: "See the whole sector",
            },
            Self::Warned => &Told {
                title: "Criminals in the area",
                words: "Three trusts of one region report the same deceiving mail. The trusts of that region are \
                        warned, and nobody is named.",
                who: "analyst",
                see: "See the region",
            },
            Self::Accepted => &Told {
                title: "A scanner that cannot be patched",
                words: "Leeds waits for its scanner's maker in vain. Its executive accepts what is left of the risk \
                        behind the mitigation that the maker recommends.",
                who: "executive",
                see: "See the decision",
            },
            Self::Reported => &Told {
                title: "A night without computers",
                words: "At Leeds files are locked, and nobody can sign in. Somebody types the next code of the sheet in \
                        the drawer and ticks what they see. What to do first is on the screen in the same second; \
                        six minutes later the CERT has rung back on a number that it held before.",
                who: "responder",
                see: "See the report",
            },
            Self::Urgent => &Told {
                title: "Patients decide how urgent it is",
                words: "The laboratory has stopped and its downtime procedure does not work; ambulances go elsewhere. \
                        The board tells it once: the priority follows by itself, and so do the clocks of the regulators.",
                who: "duty_manager",
                see: "See the impact on care",
            },
            Self::Correlated => &Told {
                title: "It is not one trust",
                words: "A small trust had reported a mail the afternoon before. Both have the same link in it. Only the \
                        CERT learns that; the advisory that an analyst drafts from it names neither of them.",
                who: "analyst",
                see: "See what both have in common",
            },
            Self::Situation => &Told {
                title: "Everybody knows how it stands",
                words: "Every six hours a situation report goes to all who work on the case, begun from what the case \
                        holds and frozen with the head of the log. After two days care is as it was.",
                who: "executive",
                see: "Read the situation reports",
            },
            Self::Learned => &Told {
                title: "What was learned",
                words: "The trust and the CERT write down what helped and what hindered, and who does what about it until \
                        when: that outlives the incident. All of it is in one report, to print or as a PDF file.",
                who: "executive",
                see: "Read the report of the incident",
            },
            Self::Outage => &Told {
                title: "One supplier, 125 who rely on it",
                words: "A supplier of patient records is down. In one step everybody who uses it is told what to do, and                         says for itself how it stands; a board answers for its practices at once. Nobody learns who                         else is concerned.",
                who: "duty_manager",
                see: "See how they stand",
            },
            Self::Closed => &Told {
                title: "The last answer",
                words: "The last trust closes, six days after the deadline; its executive had been told. The report tells \
                        how long it took, what was in the way and what was learned.",
                who: "duty_manager",
                see: "Read the report",
            },
            Self::Verified => &Told {
                title: "The auditor asks for proof",
                words: "Every step of this story is in a sealed log. The auditor has it verified: nothing was changed \
                        or taken out.",
                who: "auditor",
                see: "See what was found",
            },
            Self::Yours => &Told {
                title: "Now answer one yourself",
                words: "An alert waits for Leeds Teaching Hospitals, and its clock runs. You are the one who answers: \
                        acknowledge it, say whether it applies, and see what the CERT sees.",
                who: "responder",
                see: "Answer the alert",
            },
        }
    }
}

impl Step {
    fn of(played: Played, first: Timestamp) -> Self {
        let days = (uk::day(played.happened_at) - uk::day(first)).get_days();
        Self {
            moment: played.name,
            day: format!("Day {}", days + 1),
            at: played.happened_at,
            path: played.path,
            told: played.name.told(),
        }
    }

    /// "02:10" of "3 June 2026, 02:10".
    fn clock(&self) -> String {
        uk::local(self.at).strftime("%H:%M").to_string()
    }

    fn is_deadline(&self) -> bool {
        self.moment == Moment::Deadline
    }

    /// "as the analyst".
    fn role(&self) -> &'static str {
        people::part(self.told.who).0
    }
}

/// `GET /demonstration/story`
pub async fn story(State(app): State<App>, shell: Shell) -> Result<Response, Error> {
    page(&app, shell).await
}

/// The page, which is also the demonstration's first.
pub(crate) async fn page(app: &App, shell: Shell) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let played = moments(&mut snapshot).await?;
    let mut chart = None;
    if let Some(alert) = played.iter().find(|step| step.name == Moment::Deadline).and_then(alert_of) {
        chart = sector::answers_by_the_deadline(&mut snapshot, alert).await?;
    }
    drop(snapshot);
    let first = played.first().map_or(shell.now, |step| step.happened_at);
    let mut steps: Vec<_> = played.into_iter().map(|step| Step::of(step, first)).collect();
    let yours = steps.pop_if(|step| step.moment == Moment::Yours);
    Ok(render(StatusCode::OK, &StoryPage { shell, historic: HISTORIC, steps, yours, chart }))
}

/// The alert whose page of the sector shows the deadline.
fn alert_of(step: &Played) -> Option<AlertId> {
    step.path.rsplit('/').next()?.parse().ok()
}

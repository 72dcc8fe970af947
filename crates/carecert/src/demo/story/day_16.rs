//! Day 16: files are locked at a trust in the night. It reports with a code, both sides work on one case, and what it
//! has in common with another trust becomes a warning that names neither.

use anyhow::Context;
use db::macro_support::Uuid;
use formats::cacao::run::Answer;
use jiff::SignedDuration;
use platform::{Actor, access::Role, organisation::OrganisationId};
use react::{
    case::{
        Zone, Zones, decision, message, sight,
        situation::{self, Issuing, Outlook, Words},
        timeline,
    },
    code, correlation, follow_up,
    impact::{self, Downtime, Harm, Said, State},
    incident::{self, IncidentId, Outcome, call_back},
    lesson::{self, Learned},
    pace::{self, Mark},
    regime::{
        self, Trigger,
        actions::{Aware, Sent},
    },
    report::{self, Care, Facts, Ring, Seen, Way, actions::Sender},
    run::{self, RunId},
    triage,
};

use super::{Moment, Story};
use crate::{
    demo::{people::TRUST, sector::LONE},
    flows::incident_to_alert,
};

/// What both trusts have in a mail. Nobody has this name.
const LINK: &str = "hxxps://rota-desk-heron[.]net/shifts/sign-in";

pub(super) async fn play(story: &Story<'_>) -> anyhow::Result<()> {
    story.until(story.at(15, 16, 20)?).await?;
    report_mail(story).await?;
    story.until(story.at(16, 2, 34)?).await?;
    let incident = report_with_code(story).await?;
    story.note(Moment::Reported, &format!("/incidents/{incident}")).await?;
    story.until(story.at(16, 2, 40)?).await?;
    call_back(story, incident).await?;
    story.until(story.at(16, 2, 52)?).await?;
    let run = follow_playbook(story, incident).await?;
    story.until(story.at(16, 3, 10)?).await?;
    board(story, incident).await?;
    story.note(Moment::Urgent, &format!("/incidents/{incident}/impact")).await?;
    steps(story, incident, run, 3).await?;
    story.until(story.at(16, 3, 40)?).await?;
    decide(story, incident).await?;
    steps(story, incident, run, 8).await?;
    story.until(story.at(16, 4, 15)?).await?;
    warn_others(story, incident).await?;
    wait_for_servers(story, incident).await?;
    go_on(story, incident, run).await?;
    as_before(story, incident).await?;
    story.until(story.at(17, 15, 20)?).await?;
    tell_regulator(story, incident).await?;
    story.until(story.at(18, 10, 10)?).await?;
    steps(story, incident, run, usize::MAX).await?;
    story.until(story.at(18, 10, 30)?).await?;
    close(story, incident).await?;
    story.until(story.at(19, 14, 0)?).await?;
    learn(story, incident).await?;
    story.note(Moment::Learned, &format!("/incidents/{incident}/report")).await
}

/// The afternoon before: somebody at a small trust has opened a mail, and says so.
async fn report_mail(story: &Story<'_>) -> anyhow::Result<()> {
    let facts = Facts {
        seen: vec![Seen::MailOpened],
        more: format!(
            "A mail about the rota. Two of us opened {LINK} and one signed in; her password is changed."
        ),
        ring: ring("Liam Lone", "01632 960 071"),
        ..Facts::default()
    };
    let mut tx = story.app.write().await?;
    let form: Uuid = tx.id();
    report::actions::send_written(&mut tx, &story.people.lone, None, form, LONE, &facts).await?;
    tx.commit().await?;
    Ok(())
}

fn ring(name: &str, telephone: &str) -> Ring {
    Ring { name: name.to_owned(), telephone: telephone.to_owned() }
}

/// At night nobody can sign in: the next code of the sheet that the lead has printed.
async fn report_with_code(story: &Story<'_>) -> anyhow::Result<IncidentId> {
    let facts = Facts {
        seen: vec![Seen::FilesLocked, Seen::SystemDown],
        affected: vec![Care::Emergency, Care::Diagnostics, Care::Wards],
        care: "Emergency department and wards work on paper. The laboratory cannot report results."
            .to_owned(),
        ring: ring("Site manager on duty", "01632 960 105"),
        more: format!("A note on every screen asks for money. Night staff had a mail with {LINK}"),
        ..Facts::default()
    };
    let mut tx = story.app.write().await?;
    let trust = platform::organisation::store::id_of(&mut tx, TRUST).await?.context("the trust")?;
    let (_, codes) = code::actions::print(&mut tx, &story.people.lead, trust, 10).await?;
    let used = code::actions::use_up(&mut tx, &codes[0].to_string()).await?;
    let form: Uuid = tx.id();
    let sender = Sender::Holder { code: used.code, organisation: used.organisation };
    let sent = report::actions::take(&mut tx, &Actor::CodeHolder, form, Way::Code, sender, &facts).await?;
    tx.commit().await?;
    Ok(sent.incident)
}

/// The duty manager takes it on and rings a number that was held before.
async fn call_back(story: &Story<'_>, id: IncidentId) -> anyhow::Result<()> {
    let duty = &story.people.duty_manager;
    let mut tx = story.app.write().await?;
    let found = incident::store::incident(&mut tx, id).await?.context("the incident")?;
    incident::actions::take_on(&mut tx, duty, id, found.version).await?;
    let found = incident::store::incident(&mut tx, id).await?.context("the incident")?;
    let numbers = call_back::numbers(&mut tx, &found).await?;
    let number = numbers.iter().find(|number| number.is_proof).context("a number held before")?.of;
    let note = "The switchboard put us through to the site manager.";
    incident::actions::call_back(&mut tx, duty, (id, found.version), number, Outcome::Confirmed, note)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Both sides follow one playbook; two steps are done.
async fn follow_playbook(story: &Story<'_>, id: IncidentId) -> anyhow::Result<RunId> {
    let by = &story.people.responder;
    let mut tx = story.app.write().await?;
    let form: Uuid = tx.id();
    let run = run::actions::start(&mut tx, by, id, ("ransomware", Zone::Shared), form).await?;
    let text = "We are at the site office, on paper. Please ring, do not write to our mailboxes.";
    let form: Uuid = tx.id();
    message::actions::send(&mut tx, by, id, (Zone::Shared, form), (text, None)).await?;
    tx.commit().await?;
    story.minutes(6).await?;
    for done in ["The ward managers have the downtime folders.", "The domain is cut off from the network."] {
        let mut tx = story.app.write().await?;
        let open = run::store::open(&mut tx, run).await?;
        let task = open.first().context("a step to do")?;
        let (words, form) = (run::Words { evidence: done, ..Default::default() }, tx.id());
        let what = (id, run, task.id);
        run::actions::act(&mut tx, by, what, (task.version, form), &run::Act::Done, &words).await?;
        tx.commit().await?;
        story.minutes(4).await?;
    }
    Ok(run)
}

/// The question of the playbook that is answered with yes: whether care is unsafe without the systems. The backups are
/// whole, no data was taken, and when it is asked no clinical system is down any more.
const CARE_IS_UNSAFE: &str = "if-condition--4bf8fb26";

/// So many of the next steps are done, while there are any.
async fn steps(story: &Story<'_>, id: IncidentId, run: RunId, most: usize) -> anyhow::Result<()> {
    let by = &story.people.responder;
    for _ in 0..most {
        let mut tx = story.app.write().await?;
        let open = run::store::open(&mut tx, run).await?;
        let Some(task) = open.first() else { return Ok(()) };
        let answer = if task.step.starts_with(CARE_IS_UNSAFE) { Answer::Yes } else { Answer::No };
        let act = if task.kind == run::Kind::Question { run::Act::Answer(answer) } else { run::Act::Done };
        let (what, seen) = ((id, run, task.id), (task.version, tx.id()));
        run::actions::act(&mut tx, by, what, seen, &act, &run::Words::default()).await?;
        tx.commit().await?;
        story.minutes(2).await?;
    }
    Ok(())
}

/// What it means for care: once the laboratory is told, the priority follows.
async fn board(story: &Story<'_>, id: IncidentId) -> anyhow::Result<()> {
    let service = |name: &str, systems: &str, state, downtime| Said {
        name: name.to_owned(),
        systems: systems.to_owned(),
        state,
        downtime,
        diverted_to: String::new(),
        diverted_since: None,
        harm: Harm::Absent,
        harm_note: String::new(),
    };
    let emergency = Said {
        diverted_to: "The neighbouring trusts, by agreement with the ambulance service".to_owned(),
        harm: Harm::Possible,
        harm_note: "Handover takes 40 minutes longer.".to_owned(),
        ..service("Emergency department", "Patient administration", State::Degraded, Downtime::Working)
    };
    let all = [
        emergency,
        service("Blood sciences laboratory", "Laboratory system", State::Stopped, Downtime::NotWorking),
        service("Wards", "Electronic prescribing", State::Degraded, Downtime::Working),
    ];
    for said in all {
        let mut tx = story.app.write().await?;
        let form: Uuid = tx.id();
        impact::actions::add(&mut tx, &story.people.responder, id, &said, form).await?;
        tx.commit().await?;
        story.minutes(3).await?;
    }
    Ok(())
}

/// The executive decides, and so the clocks of the regulators begin.
async fn decide(story: &Story<'_>, id: IncidentId) -> anyhow::Result<()> {
    let by = &story.people.executive;
    let mut tx = story.app.write().await?;
    let now = tx.now;
    let decided = decision::Decided {
        form: tx.id(),
        decided: "The network stays cut off until the domain is known to be clean. We do not pay.".to_owned(),
        decider: "Edith Executive".to_owned(),
        role: "SIRO".to_owned(),
        why: "Backups are whole. Paying is against government policy and gives no certainty.".to_owned(),
        options: "Reconnect the laboratory alone, tonight.".to_owned(),
        decided_at: now,
        review_at: None,
    };
    decision::actions::decide(&mut tx, by, id, Zone::Shared, &decided).await?;
    let aware = Aware {
        at: now - SignedDuration::from_mins(66),
        decided_by: "Edith Executive, SIRO".to_owned(),
        why: "Care is delayed at the emergency department and the laboratory.".to_owned(),
        form: tx.id(),
    };
    let settings = &story.app.settings.regulators;
    let what = (Zone::Shared, Trigger::SignificantIncident);
    regime::actions::aware(&mut tx, by, settings, id, what, &aware).await?;
    tx.commit().await?;
    Ok(())
}

/// The analyst looks at what both trusts have in common, and drafts a warning.
async fn warn_others(story: &Story<'_>, id: IncidentId) -> anyhow::Result<()> {
    let analyst = &story.people.analyst;
    let mut tx = story.app.write().await?;
    let all = correlation::store::of_incident(&mut tx, id).await?;
    let (found, _) = all.first().context("both trusts have the same link")?;
    let read = correlation::store::correlation(&mut tx, *found).await?.context("a correlation")?;
    let begun =
        incident_to_alert::begin(&mut tx, analyst, *found, read.version, incident_to_alert::ours(story.app))
            .await;
    begun.map_err(|error| anyhow::anyhow!("the draft was not begun: {error:?}"))?;
    let suspicion = timeline::Typed {
        form: tx.id(),
        happened_at: tx.now,
        text: "The same page was opened at another organisation yesterday; ask nobody there about this one."
            .to_owned(),
    };
    timeline::add(&mut tx, analyst, id, Zone::Cert, &suspicion).await?;
    tx.commit().await?;
    story.note(Moment::Correlated, &format!("/correlations/{found}")).await
}

/// Nobody at the CERT can go on before the trust has found a list of its servers.
async fn wait_for_servers(story: &Story<'_>, id: IncidentId) -> anyhow::Result<()> {
    let duty = &story.people.duty_manager;
    let mut tx = story.app.write().await?;
    let form: Uuid = tx.id();
    let what = "The list of servers and their addresses, from the printed continuity folder.";
    let wait = pace::actions::wait(&mut tx, duty, id, form, what).await?;
    tx.commit().await?;
    story.until(story.at(16, 7, 50)?).await?;
    let mut tx = story.app.write().await?;
    pace::actions::go_on(&mut tx, duty, id, wait).await?;
    tx.commit().await?;
    Ok(())
}

/// Every six hours how it stands, and what was postponed meanwhile.
async fn go_on(story: &Story<'_>, id: IncidentId, run: RunId) -> anyhow::Result<()> {
    let reports = [
        (
            16,
            8,
            Outlook::Worsening,
            120,
            14,
            "The laboratory works through another trust. No data is known to be taken.",
        ),
        (
            16,
            14,
            Outlook::Stable,
            310,
            31,
            "The domain is rebuilt from backups. The laboratory reports by telephone.",
        ),
        (16, 20, Outlook::Improving, 402, 38, "The laboratory is back. Ambulances come again."),
        (17, 2, Outlook::Improving, 402, 38, "Wards are connected one after the other."),
        (17, 8, Outlook::Improving, 455, 41, "All wards are connected. Appointments are booked anew."),
    ];
    for (after, (day, hour, outlook, appointments, procedures, summary)) in (0..).zip(reports) {
        story.until(story.at(day, hour, 45)?).await?;
        let mut tx = story.app.write().await?;
        let (form, now) = (tx.id(), tx.now);
        let counted = (now, appointments, procedures);
        impact::actions::count(&mut tx, &story.people.responder, id, counted, form).await?;
        let words = Words { summary: summary.to_owned(), ..Words::default() };
        let issuing = Issuing { form: tx.id(), after, outlook, words };
        situation::actions::issue(&mut tx, &story.people.duty_manager, id, &issuing).await?;
        tx.commit().await?;
        // What is left for the day on which care is as it was: the last three steps of the playbook.
        steps(story, id, run, [6, 4, 1].get(usize::try_from(after)?).copied().unwrap_or_default()).await?;
        if after == 0 {
            story.note(Moment::Situation, &format!("/incidents/{id}/situation")).await?;
        }
    }
    Ok(())
}

/// Every service goes on as it did before.
async fn as_before(story: &Story<'_>, id: IncidentId) -> anyhow::Result<()> {
    let mut tx = story.app.write().await?;
    for service in impact::store::services(&mut tx, id, Zones::of(&[Zone::Shared])).await? {
        let said = Said {
            state: State::Normal,
            downtime: Downtime::Working,
            diverted_to: String::new(),
            harm: Harm::Absent,
            harm_note: String::new(),
            ..service.said()
        };
        let (form, which) = (tx.id(), (service.id, service.version));
        impact::actions::change(&mut tx, &story.people.responder, id, which, &said, form).await?;
    }
    let now = tx.now;
    for (mark, at) in [(Mark::Contained, story.at(16, 13, 30)?), (Mark::Recovered, now)] {
        pace::actions::mark(&mut tx, &story.people.responder, id, (mark, at)).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What the report to the regulator has to say, and the case does not tell by itself.
const FACTS: [(&str, &str); 4] = [
    ("services", "Emergency care, and the reporting of laboratory results. Both go on as before."),
    ("occurred", "In the night to Saturday. The first note on a screen was seen at about 02:20."),
    (
        "duration",
        "Emergency care was delayed for 14 hours, the laboratory worked through another trust for 17.",
    ),
    ("cross_border", "None: all patients and all systems concerned are in England."),
];

/// The report that the law asks for goes out in time, and its receipt is kept.
async fn tell_regulator(story: &Story<'_>, id: IncidentId) -> anyhow::Result<()> {
    let mut tx = story.app.write().await?;
    for clock in regime::store::clocks(&mut tx, id, Zones::of(&[Zone::Shared])).await? {
        let by = &story.people.executive;
        let facts = FACTS.map(|(fact, text)| (fact.to_owned(), text.to_owned())).into();
        regime::actions::write_facts(&mut tx, by, id, clock.id, &facts).await?;
        let sent = Sent {
            at: tx.now,
            by: "Edith Executive".to_owned(),
            reference: "NIS-26-0311".to_owned(),
            text: "Files were locked on the night to Saturday. Emergency care and the laboratory were delayed for a day."
                .to_owned(),
            reason: String::new(),
            form: tx.id(),
        };
        let which = (clock.id, clock.version);
        regime::actions::report(&mut tx, by, id, which, &sent).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// It is known what it was, and it is over.
async fn close(story: &Story<'_>, id: IncidentId) -> anyhow::Result<()> {
    let duty = &story.people.duty_manager;
    let mut tx = story.app.write().await?;
    let now = tx.now;
    let seen = sight(&mut tx, duty, now, id).await?;
    triage::actions::classify(&mut tx, duty, &seen, "malicious-code:infected-system").await?;
    let found = incident::store::incident(&mut tx, id).await?.context("the incident")?;
    let reason =
        "Care is as it was. The way in was a sign-in page in a mail; second factors are being brought in.";
    incident::actions::close(&mut tx, duty, id, found.version, reason).await?;
    tx.commit().await?;
    Ok(())
}

/// Who does something about a lesson, until how many days later, and what.
type Follows = (Role, Option<OrganisationId>, i64, &'static str);

/// Both sides say what helped and what hindered, and who does what about it.
async fn learn(story: &Story<'_>, id: IncidentId) -> anyhow::Result<()> {
    let trust = story.people.responder.clone();
    let mut tx = story.app.write().await?;
    let here = platform::organisation::store::id_of(&mut tx, TRUST).await?;
    let now = tx.now;
    let lessons: [(&Actor, Zone, [&str; 4], &[Follows]); 3] = [
        (
            &trust,
            Zone::Shared,
            [
                "Telephone numbers and server lists on paper saved hours",
                "Nobody could sign in, and the lists of servers and of whom to ring were on the servers that were locked.",
                "The site manager had a printed sheet of codes, and the ward managers had the downtime folders.",
                "The list of servers was three years old; it took until morning to find out which were still there.",
            ],
            &[
                (
                    Role::Lead,
                    here,
                    14,
                    "Print the list of servers each month, and put it into the continuity folder",
                ),
                (Role::Executive, here, 60, "Report to the board on second factors for every account"),
            ],
        ),
        (
            &story.people.duty_manager,
            Zone::Shared,
            [
                "A mail that was reported the day before was the first sign",
                "The same link stood in a mail that another organisation had reported in the afternoon.",
                "Both reports were compared by machine, and the warning named nobody.",
                "Nobody looked at the first report before the night.",
            ],
            &[(
                Role::DutyManager,
                None,
                30,
                "Look at every report of a mail within four hours, at night too",
            )],
        ),
        (
            &trust,
            Zone::Own,
            [
                "Staff learned from the news that something was wrong",
                "The intranet was down, and managers had no other way to tell their people.",
                "",
                "There is no group for text messages to all managers.",
            ],
            &[(Role::Lead, here, 21, "Set up a group for text messages to all managers")],
        ),
    ];
    for (by, zone, [title, happened, helped, hindered], follows) in lessons {
        let [title, happened, helped, hindered] = [title, happened, helped, hindered].map(str::to_owned);
        let learned = Learned { form: tx.id(), title, happened, helped, hindered };
        let lesson = lesson::actions::write(&mut tx, by, id, zone, &learned).await?;
        for (role, organisation, days, what) in follows {
            let due = platform::uk::day(now).checked_add(jiff::Span::new().days(*days))?;
            let wanted = follow_up::Wanted {
                title: (*what).to_owned(),
                text: String::new(),
                owner: follow_up::Owner::Role(*role, *organisation),
                due_at: platform::uk::last_minute(due).context("a day within the calendar")?,
            };
            let form: Uuid = tx.id();
            follow_up::actions::add(&mut tx, by, (id, lesson), form, &wanted).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

//! The demonstration's alert, played through the program's own actions on a clock that is moved by
//! hand: written, approved by a second person, published, delivered, and answered by some.

use anyhow::Context;
use broadcast::{
    advisory::{self, Link, Platform, Severity, Step, StepKind, VersionId, Wording},
    alert::{self, AlertId, Answers},
    audience::{self, Choices, Mode, Part},
    response::{self, Applies, Chosen, Outcome, Said},
    threat,
};
use db::{params, sql};
use formats::{CveId, Tlp};
use jiff::SignedDuration;
use platform::{
    Actor, App,
    access::{Person, Role, resolve},
    account::actions::{Seed, seed},
    organisation::OrganisationId,
    settings::Hashing,
    work,
};

use super::{
    people::{People, TRUST},
    sector::ICB,
};

/// The weakness that WannaCry spread by, in Microsoft's `SMBv1`.
const CVE: &str = "CVE-2017-0144";

/// Where it spreads: the Midlands, and the North East and Yorkshire.
const REGIONS: [&str; 2] = ["Y60", "Y63"];

/// Plays the story to its present, `length` after its beginning.
pub async fn play(app: &App, people: &People, length: SignedDuration) -> anyhow::Result<()> {
    let present = app.env.now() + length;
    let version = write(app, people).await?;
    pass(app, SignedDuration::from_mins(20)).await?;
    let alert = release(app, people, version).await?;
    pass(app, SignedDuration::from_mins(2)).await?;
    answer(app, people, alert).await?;
    pass(app, present.duration_since(app.env.now())).await
}

/// Moves the clock on by the hour and does what became due on the way.
async fn pass(app: &App, duration: SignedDuration) -> anyhow::Result<()> {
    let end = app.env.now() + duration;
    while app.env.now() < end {
        app.env.advance(end.duration_since(app.env.now()).min(SignedDuration::from_hours(1)));
        work::all_due(app).await?;
    }
    Ok(())
}

/// The analyst turns the threat into an advisory and submits it.
async fn write(app: &App, people: &People) -> anyhow::Result<VersionId> {
    let mut tx = app.write().await?;
    let cve: CveId = CVE.parse()?;
    let threat =
        threat::store::threat_of(&mut tx, cve).await?.context("the catalogue has the vulnerability")?;
    let seen = threat::store::threat(&mut tx, threat).await?.context("a threat")?;
    let begun = threat::actions::start_advisory(&mut tx, &people.analyst, threat, seen.version).await?;
    let draft = advisory::store::version(&mut tx, begun.version).await?.context("a draft")?;
    let wording = wording(draft.wording);
    advisory::actions::edit(&mut tx, &people.analyst, draft.id, draft.edition, &wording).await?;
    let edited = advisory::store::version(&mut tx, draft.id).await?.context("a draft")?;
    let choices = Choices {
        mode: Some(Mode::MustRespond),
        parts: vec![
            (Part::Kind, vec!["trust".to_owned(), "gp_practice".to_owned()]),
            (Part::Region, REGIONS.map(str::to_owned).to_vec()),
            (Part::Organisation, vec![ICB.to_owned()]),
        ],
    };
    audience::actions::choose(&mut tx, &people.analyst, edited.id, edited.edition, &choices).await?;
    let chosen = advisory::store::version(&mut tx, draft.id).await?.context("a draft")?;
    advisory::actions::submit(&mut tx, &people.analyst, chosen.id, chosen.edition).await?;
    tx.commit().await?;
    Ok(draft.id)
}

/// What the analyst adds to what the catalogue says.
fn wording(started: Wording) -> Wording {
    let step = |kind, text: &str, link: Option<&str>| Step {
        kind,
        text: text.to_owned(),
        link: link.map(str::to_owned),
    };
    let bulletin = "https://learn.microsoft.com/security-updates/securitybulletins/2017/ms17-010";
    let mut wording = started;
    wording.title = "Ransomware that spreads by itself through Windows file sharing (SMBv1)".into();
    wording.severity = Severity::High;
    wording.tlp = Tlp::Green;
    let content = &mut wording.content;
    // The analyst decided both above.
    content.proposed.clear();
    content.summary =
        "Ransomware is encrypting Windows computers of health and care in the Midlands and in the \
                       North East and Yorkshire. It spreads from one to the next without anybody opening \
                       anything. The update that stops it has been available since March. Computers without \
                       it can be lost within minutes."
            .into();
    content.details = "The software looks for other computers that answer on TCP port 445 and uses a weakness in \
                       version 1 of Microsoft's file sharing protocol to run on them. It then encrypts their files.\n\n\
                       **Patient care is at risk** where imaging, laboratory or theatre systems run on Windows \
                       computers that were not updated.".into();
    content.platforms = vec![
        Platform { name: "Microsoft Windows 7".to_owned(), versions: vec!["without MS17-010".to_owned()] },
        Platform {
            name: "Microsoft Windows Server 2008 R2".to_owned(),
            versions: vec!["without MS17-010".to_owned()],
        },
        Platform { name: "Microsoft Windows XP".to_owned(), versions: vec!["all".to_owned()] },
    ];
    content.steps = vec![
        step(StepKind::Patch, "Install MS17-010 on every Windows computer, servers first.", Some(bulletin)),
        step(
            StepKind::Action,
            "Block TCP port 445 at the boundary and between sites that do not need it.",
            None,
        ),
        step(StepKind::Action, "Switch SMBv1 off where nothing needs it.", None),
        step(
            StepKind::Guidance,
            "Isolate medical devices that cannot be updated, and ask their makers.",
            None,
        ),
        step(
            StepKind::Aware,
            "If a computer is affected, unplug its network cable. Do not switch it off.",
            None,
        ),
    ];
    content.source =
        Some(Link { name: "Microsoft Security Bulletin MS17-010".to_owned(), url: bulletin.to_owned() });
    wording
}

/// The duty manager approves what somebody else wrote, and publishes it.
async fn release(app: &App, people: &People, version: VersionId) -> anyhow::Result<AlertId> {
    let mut tx = app.write().await?;
    let submitted = advisory::store::version(&mut tx, version).await?.context("a version")?;
    advisory::actions::approve(&mut tx, &people.duty_manager, version, submitted.edition).await?;
    let published = alert::actions::publish(&mut tx, &people.duty_manager, version, Answers::Anew).await?;
    tx.commit().await?;
    Ok(published.alert)
}

/// Over a night and a morning the ICB answers for its practices, and every third trust for itself.
/// The trust whose people a visitor can be has not answered yet.
async fn answer(app: &App, people: &People, alert: AlertId) -> anyhow::Result<()> {
    pass(app, SignedDuration::from_hours(2)).await?;
    let mut tx = app.write().await?;
    response::acknowledge(&mut tx, &people.icb, alert, &Chosen::All).await?;
    tx.commit().await?;
    let statement = sql!(
        "SELECT o.id, o.code FROM response r JOIN organisation o ON o.id = r.organisation_id
         WHERE r.alert_id = ?1 AND r.kind = 'trust' AND o.code <> ?2 ORDER BY o.code"
    );
    let trusts: Vec<(OrganisationId, String)> =
        app.read().await?.all(statement, params![alert, TRUST]).await?;
    for (place, (trust, code)) in trusts.iter().enumerate().filter(|(place, _)| place % 3 == 0) {
        if place % 12 == 0 {
            pass(app, SignedDuration::from_hours(1)).await?;
        }
        let actor = responder(app, *trust, code).await?;
        let mut tx = app.write().await?;
        response::acknowledge(&mut tx, &actor, alert, &Chosen::All).await?;
        if let Some(said) = said(place / 3) {
            response::answer(&mut tx, &actor, alert, &Chosen::All, &said).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// What the `place`-th of those who answer says beyond the acknowledgement.
fn said(place: usize) -> Option<Said> {
    let applies = |applies| Said { applies: Some(applies), ..Said::default() };
    match place % 6 {
        0 => Some(Said {
            done: Some("Updated the servers, then every computer.".to_owned()),
            systems: Some(2_400),
            outcome: Some(Outcome::Remediated),
            ..applies(Applies::Yes)
        }),
        1 => Some(Said {
            reason: Some("No Windows computer is in use here that was not updated in March.".to_owned()),
            ..applies(Applies::No)
        }),
        2 | 3 => Some(Said {
            done: Some("The servers are updated; computers follow ward by ward.".to_owned()),
            systems: Some(1_150),
            blockers: Some("Two scanners run Windows XP and cannot be updated.".to_owned()),
            mitigation: Some("The scanners stand in a network of their own.".to_owned()),
            ..applies(Applies::Yes)
        }),
        _ => None,
    }
}

/// A made-up responder of a trust, who cannot sign in: nobody knows the password.
async fn responder(app: &App, trust: OrganisationId, code: &str) -> anyhow::Result<Actor> {
    let mut tx = app.write().await?;
    let name = format!("Responder of {code}");
    let email = format!("responder@{}.example", code.to_lowercase());
    let password = format!("{:032x}", u128::from_le_bytes(tx.bytes()));
    let made = Seed {
        name: &name,
        email: &email,
        role: Role::Responder,
        organisation: Some(trust),
        password: &password,
    };
    let id = seed(&mut tx, Hashing::Cheap, &made).await?;
    tx.commit().await?;
    let roles = resolve::roles(&mut app.read().await?, id, app.env.now()).await?;
    Ok(Actor::Person(Person { id, name, session: app.env.id(), roles }))
}

//! An advisory's way from draft to published and withdrawn; who may do what, through which door;
//! and two people who want the same version at once.

use broadcast::advisory::{
    AdvisoryError, Severity, State, VersionId, Wording, actions, rota,
    store::{self, Version},
};
use carecert::SERVICES;
use platform::{
    Actor,
    access::{PersonId, Role},
};
use testkit::world::World;

use crate::furnished::{at_cert, complete, draft, edition};

async fn version(world: &World, id: VersionId) -> Version {
    store::version(&mut world.app.read().await.unwrap(), id).await.unwrap().unwrap()
}

/// Runs one action in a transaction of its own.
macro_rules! act {
    ($world:expr, $verb:path, $($argument:expr),+) => {{
        let mut tx = $world.app.write().await.unwrap();
        let done = $verb(&mut tx, $($argument),+).await;
        if done.is_ok() {
            tx.commit().await.unwrap();
        }
        done
    }};
}

async fn release(
    world: &World,
    actor: &Actor,
    version: VersionId,
    edition: i64,
    reason: &str,
) -> Result<(), AdvisoryError> {
    let mut tx = world.app.write().await.unwrap();
    actions::release_alone(&mut tx, &world.app.settings, actor, version, edition, reason).await?;
    tx.commit().await.unwrap();
    Ok(())
}

#[tokio::test]
async fn an_advisory_goes_its_way_and_an_update_supersedes_it() {
    let world = World::new(SERVICES).await;
    let (_, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let (_, dan) = at_cert(&world, "Dan Duty", Role::DutyManager).await;
    let (number, first) = draft(&world, &ann, &complete("WannaCry", Severity::Medium)).await;
    assert_eq!(number.to_string(), "CC-0001");
    assert!(matches!(act!(world, actions::start_update, &ann, number), Err(AdvisoryError::NotStanding)));
    act!(world, actions::submit, &ann, first, 1).unwrap();
    assert!(matches!(act!(world, actions::approve, &ann, first, 2), Err(AdvisoryError::Forbidden(_))));
    assert!(matches!(act!(world, actions::send_back, &dan, first, 2, " "), Err(AdvisoryError::NoReason)));
    act!(world, actions::send_back, &dan, first, 2, "Say which versions").unwrap();
    assert_eq!(version(&world, first).await.sent_back_reason.as_deref(), Some("Say which versions"));
    act!(world, actions::submit, &ann, first, 3).unwrap();
    act!(world, actions::approve, &dan, first, 4).unwrap();
    // Editing an approved version puts it back.
    let other = complete("WannaCry, again", Severity::Medium);
    act!(world, actions::edit, &ann, first, 5, &other).unwrap();
    let back = version(&world, first).await;
    assert_eq!((back.state, back.approved_by), (State::Draft, None));
    assert!(matches!(act!(world, actions::mark_published, &dan, first), Err(AdvisoryError::Refused(_))));
    act!(world, actions::submit, &ann, first, 6).unwrap();
    act!(world, actions::approve, &dan, first, 7).unwrap();
    assert_eq!(act!(world, actions::mark_published, &dan, first).unwrap().superseded, None);

    let second = act!(world, actions::start_update, &ann, number).unwrap();
    assert!(matches!(act!(world, actions::start_update, &ann, number), Err(AdvisoryError::AlreadyOpen(2))));
    let high = Wording { severity: Severity::High, ..other };
    act!(world, actions::edit, &ann, second, 1, &high).unwrap();
    act!(world, actions::submit, &ann, second, 2).unwrap();
    act!(world, actions::approve, &dan, second, 3).unwrap();
    // The old version stands until the new one is published.
    let advisory = version(&world, first).await.advisory;
    let mut snapshot = world.app.read().await.unwrap();
    assert_eq!(store::standing(&mut snapshot, advisory).await.unwrap().unwrap().id, first);
    drop(snapshot);
    world.app.env.advance(jiff::SignedDuration::from_hours(1));
    assert_eq!(act!(world, actions::mark_published, &dan, second).unwrap().superseded, Some(first));
    assert_eq!(version(&world, first).await.state, State::Superseded);
    let mut snapshot = world.app.read().await.unwrap();
    let severities = store::severities(&mut snapshot, advisory).await.unwrap();
    assert_eq!(severities.iter().map(|each| each.1).collect::<Vec<_>>(), [Severity::Medium, Severity::High]);
    drop(snapshot);

    act!(world, actions::withdraw, &dan, number, "It was a false alarm").unwrap();
    assert_eq!(version(&world, second).await.state, State::Withdrawn);
    assert!(matches!(act!(world, actions::start_update, &ann, number), Err(AdvisoryError::NotStanding)));
    assert!(matches!(act!(world, actions::withdraw, &dan, number, "Twice"), Err(AdvisoryError::NotStanding)));
}

#[tokio::test]
async fn what_is_missing_is_said_before_anything_is_submitted() {
    let world = World::new(SERVICES).await;
    let (_, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let (_, id) = draft(&world, &ann, &Wording::titled("Only a title")).await;
    let refused = act!(world, actions::submit, &ann, id, 1).unwrap_err();
    assert!(refused.to_string().contains("Add a summary, the threat type"), "{refused}");
}

#[tokio::test]
async fn nothing_is_submitted_before_it_is_decided_whom_it_goes_to() {
    let world = World::new(SERVICES).await;
    let (id, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let made = act!(world, actions::create, &ann, &complete("WannaCry", Severity::High), None).unwrap();
    let refused = act!(world, actions::submit, &ann, made.version, 1).unwrap_err().to_string();
    assert!(refused.contains("Add whom it concerns, whether they must respond"), "{refused}");
    let client = world.signed_in(id).await;
    let (tasks, check) =
        (format!("/advisories/{}/edit", made.number), format!("/advisories/{}/edit/check", made.number));
    let said = client.get(&check).await.body;
    assert!(said.contains("<li>whom it concerns</li>") && !said.contains("Submit for approval"), "{said}");
    assert!(said.contains(">indicators and CVEs</a>"), "{said}");
    assert!(!client.get(&tasks).await.body.contains("Check your answers"));

    let audience = format!("/audiences/{}", made.version);
    assert!(client.get(&tasks).await.body.contains(&audience));
    let types = [("edition", "1"), ("kind", "trust")];
    assert_eq!(client.post(&format!("{audience}/types"), &types).await.status, 303);
    let answers = [("edition", "2"), ("mode", "must_respond")];
    assert_eq!(client.post(&format!("{audience}/mode"), &answers).await.status, 303);
    assert!(client.get(&tasks).await.body.contains("Check your answers"));
    let submit = format!("/advisories/{}/submit", made.number);
    assert_eq!(client.post(&submit, &[("edition", "3")]).await.status, 303);
}

#[tokio::test]
async fn two_editors_cannot_overwrite_each_other() {
    let world = World::new(SERVICES).await;
    let (ann_id, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let (bob_id, _) = at_cert(&world, "Bob Alyst", Role::Analyst).await;
    let (number, id) = draft(&world, &ann, &complete("WannaCry", Severity::Low)).await;
    let (ann, bob) = (world.signed_in(ann_id).await, world.signed_in(bob_id).await);
    let path = format!("/advisories/{number}/edit/about");
    let form =
        |title| [("edition", "1"), ("title", title), ("summary", "S"), ("severity", "low"), ("do", "save")];
    assert_eq!(ann.post(&path, &form("Ann's")).await.status, 303);
    let late = bob.post(&path, &form("Bob's")).await;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("Not saved yet"), "{}", late.body);
    assert_eq!(version(&world, id).await.wording.title, "Ann's");
    // Whoever saves what stands there already is no editor.
    let same = [("edition", "2"), ("title", "Ann's"), ("summary", "S"), ("severity", "low"), ("do", "save")];
    assert_eq!(bob.post(&path, &same).await.status, 303);
    let editors = store::editors(&mut world.app.read().await.unwrap(), id).await.unwrap();
    assert_eq!(editors, [ann_id]);
}

/// Whatever four people do in whatever order through pages and actions, a version that is approved
/// was approved by somebody who edited nothing of it.
#[tokio::test]
async fn an_editor_cannot_approve_through_any_door() {
    let world = World::new(SERVICES).await;
    let mut people: Vec<(PersonId, Actor)> = Vec::new();
    for name in ["Dan Duty", "Dee Duty", "Dot Duty"] {
        people.push(at_cert(&world, name, Role::DutyManager).await);
    }
    people.push(at_cert(&world, "Ann Alyst", Role::Analyst).await);
    let (mut approvals, mut own) = (0, 0);
    for _ in 0..25 {
        let (_, id) = draft(&world, &people[3].1, &complete("Begin", Severity::Low)).await;
        let mut story = Vec::new();
        for step in 0..16 {
            let draw = |below: u64| usize::try_from(world.app.env.below(below)).unwrap();
            let (who, verb, by_page) = (draw(4), draw(7), draw(2) == 1);
            story.push((who, verb, by_page));
            let (person, actor) = &people[who];
            let edition = edition(&world, id).await;
            let done = match verb {
                0 => act!(
                    world,
                    actions::edit,
                    actor,
                    id,
                    edition,
                    &complete(&format!("Step {step}"), Severity::Low)
                ),
                1 => act!(world, actions::submit, actor, id, edition),
                2 => act!(world, actions::send_back, actor, id, edition, "Again"),
                3 => act!(world, rota::accept, actor, id),
                _ if by_page => {
                    let client = world.signed_in(*person).await;
                    let path = format!("/approvals/{id}/approve");
                    client.post(&path, &[("edition", edition.to_string().as_str())]).await;
                    let alone = format!("/approvals/{id}/release-alone");
                    client.post(&alone, &[("edition", edition.to_string().as_str()), ("reason", "x")]).await;
                    Ok(())
                }
                _ => act!(world, actions::approve, actor, id, edition),
            };
            own += usize::from(matches!(done, Err(AdvisoryError::OwnWork)));
            let now = version(&world, id).await;
            if now.state == State::Approved {
                approvals += 1;
                let editors = store::editors(&mut world.app.read().await.unwrap(), id).await.unwrap();
                let approver = now.approved_by.expect("somebody approved it");
                assert!(!editors.contains(&approver), "{story:?}");
            }
        }
    }
    assert!(approvals > 5 && own > 2, "the stories say too little: {approvals} approvals, {own} refusals");
}

#[tokio::test]
async fn one_person_alone_releases_only_where_it_is_allowed_and_is_reviewed_afterwards() {
    let never = World::new(SERVICES).await;
    let (_, dan) = at_cert(&never, "Dan Duty", Role::DutyManager).await;
    let (_, id) = draft(&never, &dan, &complete("Night", Severity::High)).await;
    act!(never, actions::submit, &dan, id, 1).unwrap();
    assert!(matches!(release(&never, &dan, id, 2, "Night").await, Err(AdvisoryError::NeverAlone)));

    let world = World::with(SERVICES, |settings| settings.single_person_release = true).await;
    let (dan_id, dan) = at_cert(&world, "Dan Duty", Role::DutyManager).await;
    let (_, id) = draft(&world, &dan, &complete("Night", Severity::High)).await;
    assert!(matches!(release(&world, &dan, id, 1, "Night").await, Err(AdvisoryError::Refused(_))));
    act!(world, actions::submit, &dan, id, 1).unwrap();
    assert!(matches!(act!(world, actions::approve, &dan, id, 2), Err(AdvisoryError::OwnWork)));
    assert!(matches!(release(&world, &dan, id, 2, "").await, Err(AdvisoryError::NoReason)));
    release(&world, &dan, id, 2, "Nobody else is awake").await.unwrap();
    act!(world, actions::mark_published, &dan, id).unwrap();
    let client = world.signed_in(dan_id).await;
    assert!(client.get("/advisories/to-review").await.body.contains("Nobody else is awake"));
    assert!(client.get("/advisories").await.body.contains("/advisories/to-review"));
    assert!(matches!(act!(world, actions::review_alone, &dan, id, "Fine"), Err(AdvisoryError::OwnRelease)));
    let (_, dee) = at_cert(&world, "Dee Duty", Role::DutyManager).await;
    act!(world, actions::review_alone, &dee, id, "It was right").unwrap();
    assert!(matches!(
        act!(world, actions::review_alone, &dee, id, "Twice"),
        Err(AdvisoryError::NothingToReview)
    ));
    assert!(!client.get("/advisories/to-review").await.body.contains("Nobody else is awake"));
}

#[tokio::test]
async fn rows_are_added_and_removed_without_scripts_and_the_reading_is_safe() {
    let world = World::new(SERVICES).await;
    let (ann_id, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let (number, id) = draft(&world, &ann, &complete("WannaCry", Severity::Low)).await;
    let client = world.signed_in(ann_id).await;
    let path = format!("/advisories/{number}/edit/remediation");
    let rows = [
        ("edition", "1"),
        ("introduction", ""),
        ("kind-0", "patch"),
        ("step-0", "First"),
        ("link-0", ""),
        ("rows", "1"),
        ("do", "add"),
    ];
    let more = client.post(&path, &rows).await;
    assert!(more.status == 200 && more.body.contains("name=\"step-1\"") && more.body.contains("First"));
    assert_eq!(version(&world, id).await.edition, 1);
    let bad = client
        .post(
            &path,
            &[
                ("edition", "1"),
                ("kind-0", "patch"),
                ("step-0", "x"),
                ("link-0", "javascript:alert(1)"),
                ("rows", "1"),
            ],
        )
        .await;
    assert!(bad.status == 422 && bad.body.contains("#link-0"));
    let update = [
        ("edition", "1"),
        ("date-0-day", "3"),
        ("date-0-month", "June"),
        ("date-0-year", "2026"),
        ("heading-0", "More"),
        ("text-0", "News"),
        ("rows", "1"),
    ];
    let wrong: Vec<_> = update.into_iter().filter(|(name, _)| *name != "date-0-year").collect();
    let path = format!("/advisories/{number}/edit/updates");
    let refused = client.post(&path, &wrong).await;
    assert!(refused.status == 422 && refused.body.contains("#date-0-year"), "{}", refused.body);
    assert_eq!(client.post(&path, &update).await.status, 303);
    assert_eq!(version(&world, id).await.wording.content.updates[0].date, jiff::civil::date(2026, 6, 3));
    for topic in
        ["about", "classes", "platforms", "details", "updates", "remediation", "traces", "marking", "check"]
    {
        assert_eq!(client.get(&format!("/advisories/{number}/edit/{topic}")).await.status, 200, "{topic}");
    }
    let reading = client.get(&format!("/advisories/{number}")).await.body;
    assert!(reading.contains("hxxp://evil[.]example/a") && !reading.contains("http://evil.example"));
    assert!(!reading.contains("<script>alert") && reading.contains("TLP:AMBER"));
    assert_eq!(client.get("/advisories/CC-9999").await.status, 404);
    assert_eq!(client.get("/advisories/nonsense").await.status, 404);
}

//! Several people write one advisory: what they say to each other about it, two of its versions side
//! by side, and the second of two editors, who sees both texts.

use broadcast::advisory::{AdvisoryError, Severity, actions, store};
use carecert::SERVICES;
use platform::access::Role;
use testkit::world::World;

use crate::furnished::{at_cert, complete, draft};

#[tokio::test]
async fn the_second_of_two_editors_sees_both_texts_and_saves_over_them() {
    let world = World::new(SERVICES).await;
    let (ann, actor) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let (ben, _) = at_cert(&world, "Ben Alyst", Role::Analyst).await;
    let (number, version) = draft(&world, &actor, &complete("WannaCry", Severity::Medium)).await;
    let (ann, ben) = (world.signed_in(ann).await, world.signed_in(ben).await);
    let path = format!("/advisories/{number}/edit/details");
    let save = |details: &'static str| [("edition", "1"), ("details", details), ("do", "save")];
    assert_eq!(ann.post(&path, &save("One.\nOf Ann.\nThree.")).await.status.as_u16(), 303);
    let answer = ben.post(&path, &save("One.\nOf <Ben>.\nThree.")).await;
    assert_eq!(answer.status.as_u16(), 409);
    for told in [
        "Not saved yet",
        "What stands now",
        "What you typed",
        "<del class=\"carecert-taken-out\">Of Ann.</del>",
        "<ins class=\"carecert-added\">Of &#60;Ben&#62;.</ins>",
        "name=\"edition\" value=\"2\"",
        "Of &#60;Ben&#62;.\nThree.</textarea>",
    ] {
        assert!(answer.body.contains(told), "{told}: {}", answer.body);
    }
    // From there it is saved, over what he has seen.
    let merged = [("edition", "2"), ("details", "One.\nOf both.\nThree."), ("do", "save")];
    assert_eq!(ben.post(&path, &merged).await.status.as_u16(), 303);
    let stands = store::version(&mut world.app.read().await.unwrap(), version).await.unwrap().unwrap();
    assert_eq!(stands.wording.content.details, "One.\nOf both.\nThree.");
    // Who typed the same as the other is told that.
    let as_theirs = [("edition", "1"), ("details", "One.\nOf both.\nThree."), ("do", "save")];
    let answer = ann.post(&path, &as_theirs).await;
    assert!(answer.body.contains("What they saved says what you typed."), "{}", answer.body);
    // Once it is published there is nothing to save over: what was typed is given back to be copied.
    let (_, dan) = at_cert(&world, "Dan Duty", Role::DutyManager).await;
    let mut tx = world.app.write().await.unwrap();
    actions::submit(&mut tx, &actor, version, 3).await.unwrap();
    actions::approve(&mut tx, &dan, version, 4).await.unwrap();
    actions::mark_published(&mut tx, &dan, version).await.unwrap();
    tx.commit().await.unwrap();
    let late = ben.post(&path, &save("Of Ben again.")).await;
    assert_eq!(late.status.as_u16(), 409);
    let typed = late.body.split("<textarea").nth(1).expect("a box");
    assert!(typed.contains("readonly") && typed.contains("Details:\nOf Ben again."), "{typed}");
}

#[tokio::test]
async fn two_versions_are_compared_side_by_side() {
    let world = World::new(SERVICES).await;
    let (ann_id, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let (_, dan) = at_cert(&world, "Dan Duty", Role::DutyManager).await;
    let mut wording = complete("WannaCry", Severity::Medium);
    wording.content.details = "Worm.\nPatch now.".to_owned();
    let (number, first) = draft(&world, &ann, &wording).await;
    let reader = world.signed_in(ann_id).await;
    let alone = reader.get(&format!("/advisories/{number}/compare")).await;
    assert!(alone.body.contains("These two say the same"), "{}", alone.body);
    let mut tx = world.app.write().await.unwrap();
    actions::submit(&mut tx, &ann, first, 1).await.unwrap();
    actions::approve(&mut tx, &dan, first, 2).await.unwrap();
    actions::mark_published(&mut tx, &dan, first).await.unwrap();
    let second = actions::start_update(&mut tx, &ann, number).await.unwrap();
    wording.severity = Severity::High;
    wording.content.details = "Worm.\nPatch tonight.".to_owned();
    actions::edit(&mut tx, &ann, second, 1, &wording).await.unwrap();
    tx.commit().await.unwrap();
    let shown = reader.get(&format!("/advisories/{number}")).await.body;
    assert!(shown.contains(&format!("/advisories/{number}/compare")), "{shown}");
    let page = reader.get(&format!("/advisories/{number}/compare")).await.body;
    for told in ["Medium", "High", "Patch now.", "Patch tonight.", "Worm.", "Version 1", "Version 2"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("beside-summary"), "what is the same is left out: {page}");
    // The other way round.
    let back = reader.get(&format!("/advisories/{number}/compare?left=2&right=1")).await.body;
    assert!(back.contains("<ins class=\"carecert-added\">Patch now.</ins>"), "{back}");
    assert_eq!(reader.get(&format!("/advisories/{number}/compare?left=9")).await.status.as_u16(), 404);
}

#[tokio::test]
async fn reviewers_and_authors_comment_until_it_is_published() {
    let world = World::new(SERVICES).await;
    let (ann_id, ann) = at_cert(&world, "Ann Alyst", Role::Analyst).await;
    let (dan_id, dan) = at_cert(&world, "Dan Duty", Role::DutyManager).await;
    let (aud_id, _) = at_cert(&world, "Aud Itor", Role::Auditor).await;
    let (number, version) = draft(&world, &ann, &complete("WannaCry", Severity::Medium)).await;
    let (writer, approver) = (world.signed_in(ann_id).await, world.signed_in(dan_id).await);
    let path = format!("/advisories/comments/{version}");
    let empty = approver.post(&path, &[("topic", "details"), ("comment", " ")]).await;
    assert_eq!(empty.status.as_u16(), 422);
    assert!(empty.body.contains("Enter your comment"), "{}", empty.body);
    approver.post(&path, &[("topic", "details"), ("comment", "Say <which> versions")]).await;
    // It stands where the authors write and where it is approved, and stops nothing.
    for page in [
        format!("/advisories/{number}/edit"),
        format!("/advisories/{number}"),
        format!("/approvals/{version}"),
    ] {
        let shown = approver.get(&page).await.body;
        assert!(
            shown.contains("Say &#60;which&#62; versions") && shown.contains("1 comment, 1 open"),
            "{shown}"
        );
    }
    let auditor = world.signed_in(aud_id).await.get(&path).await.body;
    assert!(auditor.contains("Threat details") && auditor.contains("Dan Duty"), "{auditor}");
    assert!(!auditor.contains("It is dealt with") && !auditor.contains("Add a comment"), "{auditor}");
    let page = writer.get(&path).await.body;
    let settle = page.split('"').find(|part| part.ends_with("/settle")).expect("a button").to_owned();
    assert_eq!(writer.post(&settle, &[]).await.status.as_u16(), 303);
    assert_eq!(writer.post(&settle, &[]).await.status.as_u16(), 409, "once");
    assert!(writer.get(&format!("/advisories/{number}")).await.body.contains("1 comment, 0 open"));
    let mut tx = world.app.write().await.unwrap();
    actions::submit(&mut tx, &ann, version, 1).await.unwrap();
    actions::comment(&mut tx, &ann, version, None, "Ready from here").await.unwrap();
    actions::approve(&mut tx, &dan, version, 2).await.unwrap();
    actions::mark_published(&mut tx, &dan, version).await.unwrap();
    let late = actions::comment(&mut tx, &ann, version, None, "Too late").await;
    assert!(matches!(late, Err(AdvisoryError::NothingOpen)));
}

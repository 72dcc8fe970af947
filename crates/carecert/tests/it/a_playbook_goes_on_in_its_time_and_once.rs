//! A playbook that is followed stays as it was begun, reminds whoever is late, and goes on once, whoever presses too.

use jiff::SignedDuration;
use platform::access::Role;
use react::{case::Zone, playbook::built_in};
use serde_json::json;

use crate::{
    furnished_playbooks::{id, playbook},
    furnished_runs::{Case, kept, open, started},
};

#[tokio::test]
async fn a_run_stays_with_the_version_that_it_began_with() {
    let case = Case::new().await;
    let ana = case.client(&case.ana).await;
    let numbats = playbook(300, "Numbats", Some("TLP:GREEN"));
    let named = kept(&case, &numbats).await;
    let run = started(&case.world, &case.rae, case.incident, &named, Zone::Shared).await;
    let mut newer = numbats.clone();
    newer["modified"] = json!("2026-11-20T00:00:00.000Z");
    newer["workflow"][id("action", 2)]["name"] = json!("Open the door");
    kept(&case, &newer).await;
    let page = ana.get(&case.path(run)).await.body;
    assert!(page.contains("Close the door") && !page.contains("Open the door"), "{page}");
    let withdraw =
        ana.post(&format!("/playbooks/{named}/withdraw"), &[("version", "2"), ("reason", "Wrong")]).await;
    assert_eq!(withdraw.status, 303, "{}", withdraw.body);
    assert!(ana.get(&case.path(run)).await.body.contains("Close the door"));
    assert_eq!(case.press(&ana, run, 1, "done", &[]).await, 303);
    let list = format!("/incidents/{}/runs", case.incident);
    assert!(!ana.get(&list).await.body.contains(&named));
    let gone = ana.post(&list, &[("playbook", &named), ("zone", "shared")]).await;
    assert!(gone.status == 422 && gone.body.contains("was withdrawn"), "{}", gone.body);

    // What is marked for the CERT alone is not told by way of a run.
    let hidden = kept(&case, &playbook(301, "Quolls", None)).await;
    let shared = ana.post(&list, &[("playbook", &hidden), ("zone", "shared")]).await;
    assert!(shared.status == 422 && shared.body.contains("for the CERT alone"), "{}", shared.body);
    assert_eq!(ana.post(&list, &[("playbook", &hidden), ("zone", "cert")]).await.status, 303);
    let rae = case.client(&case.rae).await;
    assert_eq!(rae.post(&list, &[("playbook", &hidden), ("zone", "own")]).await.status, 422);
    assert!(!rae.get(&list).await.body.contains("Quolls"));
}

#[tokio::test]
async fn a_clock_reminds_then_tells_those_in_charge_and_fails_nothing() {
    for (zone, told) in [
        (Zone::Own, &["lea.der@example.org"][..]),
        (Zone::Shared, &["dee.manager@example.org", "lea.der@example.org"]),
        (Zone::Cert, &["dee.manager@example.org"]),
    ] {
        let case = Case::new().await;
        case.world.person("Lea Der", Role::Lead, Some(case.trust)).await;
        case.world.person("Dee Manager", Role::DutyManager, None).await;
        let by = if zone == Zone::Cert { &case.ana } else { &case.rae };
        let run = started(&case.world, by, case.incident, "ransomware", zone).await;
        let before = case.world.post.mails().len();
        case.world.pass(SignedDuration::from_secs(119)).await;
        assert_eq!(case.world.post.mails().len(), before);
        case.world.pass(SignedDuration::from_secs(2)).await;
        let mails = case.world.post.mails();
        let reminded: Vec<_> = mails[before..].iter().map(|mail| mail.to.as_str()).collect();
        assert_eq!(
            reminded,
            [if zone == Zone::Cert { "ana.lyst@example.org" } else { "rae.responder@example.org" }]
        );
        case.world.pass(SignedDuration::from_mins(15)).await;
        let mails = case.world.post.mails();
        let mut late: Vec<_> = mails[before + 1..].iter().map(|mail| mail.to.as_str()).collect();
        late.sort_unstable();
        assert_eq!(late, told, "{zone}");
        for mail in &mails[before..] {
            assert_eq!(mail.letter.subject, format!("[{}]", case.receipt));
            let text = &mail.letter.text;
            assert!(text.contains(&case.path(run)), "{text}");
            for word in ["Walking", "RWA", "network", "ansomware", "late", "Rae"] {
                assert!(!text.contains(word), "{word}: {text}");
            }
        }
        case.world.pass(SignedDuration::from_hours(30)).await;
        assert_eq!(case.world.post.mails().len(), mails.len(), "then it is quiet");
        assert_eq!(open(&case.world, run).await[0].state.code(), "open", "and nothing has failed");
        let entries = case.told(&[zone]).await;
        assert!(entries[0].starts_with("Late: “Take the machine off the network"), "{entries:?}");

        // What is done in time rings nobody, and neither does what is stopped.
        let client = case.client(by).await;
        assert_eq!(case.press(&client, run, 1, "done", &[]).await, 303);
        case.world.pass(SignedDuration::from_mins(4)).await;
        assert_eq!(case.press(&client, run, 2, "done", &[]).await, 303);
        let stop = client.post(&format!("{}/stop", case.path(run)), &[("reason", "Over")]).await;
        assert_eq!(stop.status, 303);
        case.world.pass(SignedDuration::from_hours(5)).await;
        assert_eq!(case.world.post.mails().len(), mails.len());
    }
}

#[tokio::test]
async fn two_who_press_at_the_same_moment_do_it_once() {
    let case = Case::new().await;
    let run = started(&case.world, &case.rae, case.incident, "ransomware", Zone::Shared).await;
    let (rae, ana) = (case.client(&case.rae).await, case.client(&case.ana).await);
    let task = open(&case.world, run).await.remove(0);
    let path = format!("{}/tasks/{}", case.path(run), task.id);
    let fields = [("go", "done"), ("version", "1")];
    let (one, other) = tokio::join!(rae.post(&path, &fields), ana.post(&path, &fields));
    let mut both = [one.status.as_u16(), other.status.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [303, 422]);
    assert_eq!(open(&case.world, run).await.len(), 1);
    assert!(built_in("ransomware").is_some());
}

#[tokio::test]
async fn two_sides_that_begin_the_same_playbook_follow_it_together() {
    let case = Case::new().await;
    let (rae, ana) = (case.client(&case.rae).await, case.client(&case.ana).await);
    let list = format!("/incidents/{}/runs", case.incident);
    let begin = [("playbook", "ransomware"), ("zone", "shared")];
    let first = ana.post(&list, &begin).await;
    let second = rae.post(&list, &begin).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (303, 303), "{}", second.body);
    assert_eq!(first.location(), second.location(), "both are led to the one list of what is to be done");
    assert_eq!(rae.get(&list).await.body.matches("Being followed").count(), 1);
    // What is to be done of it stands on the pages that say what is to be done.
    let asked = "Ransomware: files are locked";
    for page in ["tasks", "handover?zone=shared"] {
        let body = rae.get(&format!("/incidents/{}/{page}", case.incident)).await.body;
        assert!(body.contains(asked) && body.contains("1 step to do"), "{page}: {body}");
        assert!(!body.contains("Nothing is open"), "{page}: {body}");
    }
    let report = ana.get(&format!("/incidents/{}/situation/next", case.incident)).await.body;
    assert!(report.contains("- Playbook “Ransomware: files are locked”: 1 step to do"), "{report}");
    // In another zone it is another list, and so it is once the first has ended.
    let own = rae.post(&list, &[("playbook", "ransomware"), ("zone", "own")]).await;
    assert_ne!(own.location(), first.location());
    let body = ana.get(&format!("/incidents/{}/tasks", case.incident)).await.body;
    assert_eq!(body.matches(asked).count(), 1, "the organisation's own is not the CERT's to see: {body}");
    let run = first.location().unwrap();
    assert_eq!(ana.post(&format!("{run}/stop"), &[("reason", "Begun too early")]).await.status, 303);
    assert_ne!(ana.post(&list, &begin).await.location(), first.location());
}

//! TLP over every door: whatever an advisory says, above GREEN a mail holds its number and link
//! alone, at RED there is no mail and no machine reads it; indicators never travel by mail.

use broadcast::{
    advisory::{Content, Platform, Update, Wording},
    alert::{actions, store},
};
use carecert::SERVICES;
use formats::Tlp;
use jiff::SignedDuration;
use proptest::prelude::*;
use testkit::world::World;

use crate::issuing::{Desk, contact, everybody, wording};

/// What no mail may hold above GREEN, in every field that takes text.
const MARKER: &str = "Zebrafish";

/// A text around the marker, hostile and plain.
fn marked() -> impl Strategy<Value = String> {
    ("[ -~]{0,20}", "[ -~é\u{2028}<>\"'&]{0,20}")
        .prop_map(|(before, after)| format!("{before}{MARKER}{after}"))
}

fn marked_wording() -> impl Strategy<Value = Wording> {
    (marked(), marked(), marked(), marked(), marked()).prop_map(|(title, summary, details, step, other)| {
        let plain = wording(&title);
        let mut content = Content { summary, details, remediation: other.clone(), ..plain.content.clone() };
        content.steps[0].text = step;
        content.platforms = vec![Platform { name: other.clone(), versions: vec![other.clone()] }];
        content.updates =
            vec![Update { date: jiff::civil::date(2026, 5, 1), title: other.clone(), text: other.clone() }];
        content.indicators = vec![format!("http://{MARKER}.example/x").parse().expect("an indicator")];
        if let Some(source) = &mut content.source {
            source.name = other;
        }
        Wording { content, ..plain }
    })
}

async fn tell(tlp: Tlp, mut wording: Wording) -> Result<(), String> {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RAA", "Trust", "trust").await;
    contact(&world, trust, "security_lead", "lead@trust.example").await;
    let desk = Desk::open(&world).await;
    wording.tlp = tlp;
    let alert = desk.delivered(&wording, &everybody()).await;
    let token = world.key(trust, "alerts:read").await;
    let machine = world.machine(&token);
    let read = [machine.get("/api/v1/alerts").await.body, machine.get("/api/v1/alerts/CC-0001").await.body];
    let mut tx = world.app.write().await.map_err(|error| error.to_string())?;
    let number = store::alert(&mut tx, alert).await.unwrap().unwrap().number;
    actions::withdraw(&mut tx, &desk.duty, number, MARKER).await.unwrap();
    tx.commit().await.unwrap();
    world.pass(SignedDuration::from_mins(1)).await;

    let mails = world.post.to("lead@trust.example");
    let wanted = if tlp == Tlp::Red { 0 } else { 2 };
    if mails.len() != wanted {
        return Err(format!("{} mails at {tlp}", mails.len()));
    }
    for mail in &mails {
        let letter = &mail.letter;
        let whole =
            format!("{}\n{}\n{}", letter.subject, letter.text, letter.html.as_deref().unwrap_or_default());
        let low = whole.to_lowercase();
        if low.contains(&format!("{}.example", MARKER.to_lowercase())) || low.contains("hxxp") {
            return Err(format!("an indicator at {tlp}: {whole}"));
        }
        if tlp >= Tlp::Amber && (whole.contains(MARKER) || whole.contains("High") || whole.contains("Trust"))
        {
            return Err(format!("more than number and link at {tlp}: {whole}"));
        }
        if !whole.contains("CC-0001") || !whole.contains(&format!("http://carecert.test/alerts/{alert}")) {
            return Err(format!("no number or link at {tlp}: {whole}"));
        }
    }
    if tlp == Tlp::Red && read.iter().any(|body| body.contains(MARKER)) {
        return Err("a machine reads RED".to_owned());
    }
    if tlp != Tlp::Red && !read[1].contains(MARKER) {
        return Err(format!("a machine does not read {tlp}"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mail_and_no_machine_says_more_than_the_marking_allows() {
    let handle = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        let config = ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() };
        proptest::test_runner::TestRunner::new(config)
            .run(&marked_wording(), |wording| {
                for tlp in Tlp::ALL {
                    let told = handle.block_on(tell(tlp, wording.clone()));
                    prop_assert!(told.is_ok(), "{}", told.unwrap_err());
                }
                Ok(())
            })
            .unwrap();
    });
}

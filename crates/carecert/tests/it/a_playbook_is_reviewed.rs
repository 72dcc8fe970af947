//! What a clinician or a translator has passed holds for the words that they read, and for no others.

use platform::access::Role;
use react::playbook::{self, built_in, draft::fields::StepFields};
use serde_json::json;

use crate::furnished_playbooks::{Desk, changing, first_step, written};

/// What stands beside Welsh that no translator has passed.
const DRAFT: &str = "<span lang=\"cy\">Drafft: heb ei adolygu gan gyfieithydd.</span>";

#[tokio::test]
async fn a_review_holds_for_the_words_that_were_read() {
    let desk = Desk::new().await;
    let (ann, dan) = (desk.client(&desk.ann).await, desk.client(&desk.dan).await);
    let hash = data_encoding::HEXLOWER.encode(&playbook::hash(&built_in("phishing").unwrap().playbook));
    let typed = |year: &'static str| {
        [
            ("kind", "clinical"),
            ("name", "Dr Quoll"),
            ("profession", "Consultant in medicine"),
            ("day-day", "31"),
            ("day-month", "5"),
            ("day-year", year),
        ]
    };
    let of = |year: &'static str| [&typed(year)[..], &[("hash", hash.as_str())][..]].concat();
    let path = "/playbooks/phishing/review";
    assert_eq!(ann.post(path, &of("2026")).await.status, 403);
    assert!(dan.post(path, &of("2027")).await.body.contains("must not be in the future"));
    let stale = [&typed("2026")[..], &[("hash", "00")][..]].concat();
    assert_eq!(dan.post(path, &stale).await.status, 409, "other words than were read");
    assert_eq!(dan.post(path, &of("2026")).await.status, 303);
    let anyone = desk.world.visitor();
    let page = anyone.get("/playbooks/phishing").await.body;
    assert!(
        page.contains("Clinically reviewed")
            && page.contains("Dr Quoll, Consultant in medicine, 31 May 2026")
    );
    assert!(!page.contains("Not clinically reviewed"), "{page}");
    // Another name leaves the steps as they were read; another caution does not.
    let change = async |caution: Option<&str>| {
        let draft_id = changing(&desk.world, &desk.ann, "phishing").await;
        written(&desk.world, &desk.ann, draft_id, |document, new_id| {
            let first = first_step(document);
            let fields = StepFields::of(document, &first).unwrap();
            if let Some(caution) = caution {
                let cautions = format!("{}\n{caution}", fields.cautions);
                return StepFields { cautions, ..fields }.write(document, &first, new_id);
            }
            document["description"] = json!("Otherwise said.");
            Ok(())
        })
        .await;
        desk.published(draft_id).await
    };
    change(None).await;
    let page = anyone.get("/playbooks/phishing").await.body;
    assert!(page.contains("Otherwise said.") && page.contains("Dr Quoll"), "{page}");
    change(Some("Mind the quoll.")).await;
    let page = anyone.get("/playbooks/phishing").await.body;
    assert!(page.contains("Mind the quoll.") && page.contains("Not clinically reviewed"), "{page}");
    assert!(!page.contains("Dr Quoll"), "{page}");
    let asked = dan.get("/playbooks/phishing/review?kind=clinical").await.body;
    assert!(asked.contains("Of earlier words") && asked.contains("Dr Quoll"), "{asked}");
    let back = [("kind", "clinical")];
    assert_eq!(dan.post(&format!("{path}/take-back"), &back).await.status, 303);
    assert_eq!(dan.post(&format!("{path}/take-back"), &back).await.status, 409);
}

#[tokio::test]
async fn welsh_is_marked_as_a_draft_until_a_translator_has_passed_it() {
    let desk = Desk::new().await;
    let (anyone, dan) = (desk.world.visitor(), desk.client(&desk.dan).await);
    let english = anyone.get("/playbooks/ransomware").await.body;
    assert!(!english.contains("Tynnwch y cebl") && english.contains("?lang=cy"), "{english}");
    let welsh = anyone.get("/playbooks/ransomware?lang=cy").await.body;
    for told in [
        DRAFT,
        "No translator has passed this Welsh text yet",
        "<html lang=\"en-GB\">",
        "lang=\"cy\">Y deng munud cyntaf",
        "Tynnwch y cebl rhwydwaith allan",
        "<strong>Cymerwch ofal:</strong> Os yw wedi&#39;i gysylltu â chlaf",
        "o fewn 2 funud",
        // What is not in Welsh stays in English.
        "The first hour",
    ] {
        assert!(welsh.contains(told), "{told}: {welsh}");
    }
    let trust = desk.world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = desk.world.signed_in(desk.world.person("Rae", Role::Responder, Some(trust)).await).await;
    let typed = [("organisation", "RWA"), ("seen", "files_locked"), ("since", "unknown"), ("go", "send")];
    let told = rae.post("/report/new", &typed).await.body;
    assert!(told.contains(DRAFT) && told.contains("<ol lang=\"cy\">"), "{told}");

    let hash = data_encoding::HEXLOWER.encode(&playbook::hash(&built_in("ransomware").unwrap().playbook));
    let passed = [
        ("kind", "welsh"),
        ("name", "Tegid Bowen"),
        ("profession", "Translator"),
        ("day-day", "1"),
        ("day-month", "6"),
        ("day-year", "2026"),
        ("hash", hash.as_str()),
    ];
    assert_eq!(dan.post("/playbooks/ransomware/review", &passed).await.status, 303);
    let welsh = anyone.get("/playbooks/ransomware?lang=cy").await.body;
    assert!(welsh.contains("Passed by a translator: Tegid Bowen, Translator, 1 June 2026"), "{welsh}");
    assert!(!welsh.contains("Drafft") && !welsh.contains("Draft"), "{welsh}");
    let told = rae.post("/report/new", &typed).await.body;
    assert!(told.contains("Tegid Bowen") && !told.contains("Drafft"), "{told}");
    // Changed in a word, it is a draft again.
    let draft_id = changing(&desk.world, &desk.ann, "ransomware").await;
    written(&desk.world, &desk.ann, draft_id, |document, new_id| {
        let first = first_step(document);
        let fields = StepFields::of(document, &first).unwrap();
        StepFields { cy_what: "Rhywbeth arall".to_owned(), ..fields }.write(document, &first, new_id)
    })
    .await;
    desk.published(draft_id).await;
    let welsh = anyone.get("/playbooks/ransomware?lang=cy").await.body;
    assert!(welsh.contains("Rhywbeth arall") && welsh.contains(DRAFT) && !welsh.contains("Tegid"), "{welsh}");
}

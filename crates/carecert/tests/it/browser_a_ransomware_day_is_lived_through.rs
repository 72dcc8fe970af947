//! A ransomware day at a trust in real browsers, by what people press and read: from a code on a telephone to the
//! lessons learned, with the alert that reaches the others.

use std::path::Path;

use carecert::SERVICES;
use jiff::SignedDuration;
use platform::{access::Role, organisation::OrganisationId};
use react::case::Zone;
use testkit::{
    browser::{Browser, Size},
    world::World,
};

use crate::{
    furnished_incidents::{number, observed, reported, sheet},
    issuing::{actor, contact},
};

const LINK: &str = "http://login.quokka-mail.net/owa";
const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const BOTH: &str = "The organisation and the CERT";

/// Somebody at a browser.
struct Person {
    browser: Browser,
    origin: String,
}

impl Person {
    async fn signed_in(
        world: &World,
        origin: &str,
        size: Size,
        (name, role, at): (&str, Role, Option<OrganisationId>),
    ) -> anyhow::Result<Self> {
        let id = world.person(name, role, at).await;
        let cookie = world.signed_in(id).await.cookie.expect("a session");
        let browser = Browser::open(size).await?;
        browser.goto(&format!("{origin}/about/cookies")).await?;
        browser.hold_cookie(&cookie).await?;
        Ok(Self { browser, origin: origin.to_owned() })
    }

    async fn at(&self, page: &str) -> anyhow::Result<&Browser> {
        self.browser.goto(&format!("{}{page}", self.origin)).await?;
        Ok(&self.browser)
    }

    /// At this page: chooses these answers, fills these fields and presses the button.
    async fn fills(
        &self,
        page: &str,
        chosen: &[&str],
        fields: &[(&str, &str)],
        button: &str,
    ) -> anyhow::Result<()> {
        let browser = self.at(page).await?;
        for choice in chosen {
            browser.choose(choice).await?;
        }
        for (label, value) in fields {
            browser.fill(label, value).await?;
        }
        browser.press(button).await?;
        browser.assert_no_sideways_scroll().await?;
        let text = browser.text().await?;
        anyhow::ensure!(!text.contains("There is a problem"), "{page}: {text}");
        Ok(())
    }

    async fn reads(&self, words: &str) -> anyhow::Result<()> {
        let text = self.browser.text().await?;
        anyhow::ensure!(text.contains(words), "\"{words}\" is not on {}: {text}", self.browser.url().await?);
        Ok(())
    }
}

/// Reports with a code, on a telephone that nobody is signed in on, and says the incident's number.
async fn report_with_a_code(origin: &str, code: &str) -> anyhow::Result<String> {
    let phone = Browser::open(Size::Phone).await?;
    phone.goto(&format!("{origin}/report/code")).await?;
    phone.fill("The next code on your sheet", code).await?;
    phone.press("Continue").await?;
    phone.choose("Files are locked, or a ransom is demanded").await?;
    phone.choose("Just now").await?;
    phone.choose("Emergency care").await?;
    phone.press("Send it now").await?;
    let text = phone.text().await?;
    assert!(text.contains("Do not switch it off"), "what to do first stands there at once: {text}");
    phone.close().await?;
    let number = text.split_whitespace().find(|word| word.starts_with("I-")).expect("a number");
    Ok(number.to_owned())
}

/// What the CERT does in its first minutes; says where the case is.
async fn take_it_on(duty: &Person, number: &str) -> anyhow::Result<String> {
    duty.at("/").await?;
    duty.reads("P1: 1 incident is to be taken on").await?;
    duty.browser.follow("P1: 1 incident is to be taken on").await?;
    duty.browser.follow(number).await?;
    let case = duty.browser.url().await?.path().to_owned();
    duty.browser.press("Take it on").await?;
    let call = [("Whom did you speak with, and what was said?", "Sam Switch: the wards’ files are locked")];
    duty.fills(
        &case,
        &["The organisation’s own number", "They confirmed that they reported it"],
        &call,
        "Keep the call",
    )
    .await?;
    duty.reads("Called back").await?;
    duty.fills(&format!("{case}/triage/kind"), &["Malicious Code: Infected System"], &[], "Save the kind")
        .await?;
    duty.fills(&format!("{case}/runs"), &["Ransomware: files are locked", BOTH], &[], "Begin").await?;
    duty.reads("What to do now").await?;
    Ok(case)
}

/// What the trust does meanwhile, on a telephone.
async fn work_on_it(lead: &Person, case: &str, note: &Path) -> anyhow::Result<()> {
    lead.at("/").await?.follow("Incident I-").await?;
    lead.at(&format!("{case}/runs")).await?.follow("Ransomware: files are locked").await?;
    lead.browser.press("Done").await?;
    lead.reads("Take the machine off the network").await?;
    let ward = [
        ("Which service?", "Emergency department"),
        ("On which systems does it rely?", "Patient administration"),
        ("Where are patients diverted to?", "Bradford Royal Infirmary"),
    ];
    lead.fills(&format!("{case}/impact/add"), &["Degraded", "Working", "Possible"], &ward, "Save").await?;
    lead.reads("Bradford Royal Infirmary").await?;
    let postponed = [("Appointments postponed", "120"), ("Procedures and operations postponed", "7")];
    lead.fills(&format!("{case}/impact/count"), &[], &postponed, "Keep it").await?;
    lead.reads("120 appointments, 7 procedures").await?;
    let message = [("Your message", "Wards 3 to 9 are on paper")];
    lead.fills(&format!("{case}/messages"), &[BOTH], &message, "Send").await?;
    let aware = [
        ("At what time?", "08:30"),
        ("Who decided that?", "Sam Switch, security lead"),
        ("Why was it then?", "Records were offered on a leak site"),
    ];
    let what = ["A breach of personal data", BOTH];
    lead.fills(&format!("{case}/clocks/aware"), &what, &aware, "Keep it").await?;
    lead.reads("4 June 2026, 08:30").await?;
    let note = note.to_str().expect("a path");
    let kept = [("What is it?", "The ransom note"), ("The file, or a picture", note)];
    lead.fills(&format!("{case}/evidence/add"), &[BOTH], &kept, "Keep it").await?;
    lead.reads("SHA-256").await
}

/// What the CERT does for the hours after it: decides, watches, reports and compares.
async fn lead_it(duty: &Person, case: &str) -> anyhow::Result<()> {
    let decision = [
        ("What was decided?", "The trust goes over to paper"),
        ("Who decided it?", "Sam Switch"),
        ("In which role?", "Incident lead"),
        ("Why?", "The wards cannot read records"),
    ];
    duty.fills(&format!("{case}/decisions/add"), &[BOTH], &decision, "Write it down").await?;
    duty.at(&format!("{case}/messages")).await?;
    duty.reads("Wards 3 to 9 are on paper").await?;
    duty.browser.press("I have read these").await?;
    let task = [("What is to be done?", "Take images of two machines")];
    duty.fills(&format!("{case}/tasks/add?zone=shared"), &[], &task, "Add the task").await?;
    let standing = [("How does it stand?", "Contained at two wards; emergency care is diverted")];
    duty.fills(&format!("{case}/situation/next"), &["Stable"], &standing, "Issue the report").await?;
    let traces = format!("{LINK}\n{HASH}");
    let traces = [("Text, mail or lines of a log", traces.as_str())];
    duty.fills(&format!("{case}/observables"), &[BOTH], &traces, "Look through it").await?;
    duty.reads("Other organisations have some of these").await
}

/// The draft that came of what two organisations have in common, as far as the approver.
async fn warn_the_others(analyst: &Person) -> anyhow::Result<String> {
    analyst.at("/").await?.follow("1 correlation is to be looked at").await?;
    analyst.browser.follow("K-").await?;
    analyst.browser.press("Draft an advisory").await?;
    let draft = analyst.browser.url().await?.path().to_owned();
    let edit = |part: &str| format!("{draft}/edit/{part}");
    analyst.fills(&edit("about"), &["High"], &[], "Save and continue").await?;
    let details = [("Threat details", "A page that asks for passwords, then files are locked.")];
    analyst.fills(&edit("details"), &[], &details, "Save and continue").await?;
    let step = [("What is to be done", "Block the link at the web proxy")];
    analyst.fills(&edit("remediation"), &[], &step, "Save and continue").await?;
    let source =
        [("Name of the definitive source", "The CERT"), ("Its web address", "https://cert.example/a")];
    analyst.fills(&edit("marking"), &["TLP:AMBER"], &source, "Save and continue").await?;
    analyst.at(&draft).await?.follow("Audience").await?;
    let audience = analyst.browser.url().await?.path().to_owned();
    let every = ["Every type of organisation"];
    analyst.fills(&format!("{audience}/types"), &every, &[], "Save and continue").await?;
    analyst.fills(&format!("{audience}/mode"), &["Must respond"], &[], "Save and continue").await?;
    analyst.at(&edit("check")).await?.press("Submit").await?;
    Ok(audience)
}

/// What is left when it is over.
async fn learn_from_it(duty: &Person, lead: &Person, case: &str) -> anyhow::Result<()> {
    let closed = [("Why is it closed?", "Systems are back, and nothing moves any more")];
    duty.fills(case, &[], &closed, "Close the incident").await?;
    let lesson = [
        ("The lesson, in a line", "Telephone numbers on paper saved an hour"),
        ("What happened?", "Nobody could sign in, and the codes on the wall worked"),
    ];
    lead.fills(&format!("{case}/lessons/add"), &[BOTH], &lesson, "Keep the lesson").await?;
    lead.browser.follow("Add an action").await?;
    lead.browser.fill("What is to be done?", "Print new codes").await?;
    lead.browser.fill("Who does it?", "Sam Switch").await?;
    for (label, value) in [("Day", "1"), ("Month", "7"), ("Year", "2026")] {
        lead.browser.fill(label, value).await?;
    }
    lead.browser.press("Add the action").await?;
    lead.reads("Print new codes").await?;
    lead.at(&format!("{case}/report")).await?;
    for told in ["Telephone numbers on paper", "The trust goes over to paper", "Emergency department"] {
        lead.reads(told).await?;
    }
    lead.browser.assert_accessible().await
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_ransomware_day_is_lived_through() -> anyhow::Result<()> {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    contact(&world, trust, "security_lead", "security@walking.example").await;
    contact(&world, other, "security_lead", "security@other.example").await;
    number(&world, trust, "0113 496 0000").await;
    let lee = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let (_, codes) = sheet(&world, &lee, trust, 5).await;
    // Another trust met the same traces days ago.
    let bea = actor(&world, "Bea Other", Role::Responder, Some(other)).await;
    let theirs = reported(&world, &bea, "RBB").await;
    observed(&world, &bea, theirs.incident, Zone::Shared, &format!("{LINK} {HASH}")).await;
    world.pass(SignedDuration::from_hours(72)).await;

    let folder = tempfile::tempdir()?;
    let note = folder.path().join("note.txt");
    std::fs::write(&note, "Your files are locked. Write to locked@quokka-mail.net")?;
    let origin = world.listen().await;
    let duty =
        Person::signed_in(&world, &origin, Size::Desktop, ("Dara Duty", Role::DutyManager, None)).await?;
    let lead =
        Person::signed_in(&world, &origin, Size::Phone, ("Sam Switch", Role::Lead, Some(trust))).await?;
    let analyst =
        Person::signed_in(&world, &origin, Size::Desktop, ("Ana Lyst", Role::Analyst, None)).await?;

    let number = report_with_a_code(&origin, &codes[0].to_string()).await?;
    let case = take_it_on(&duty, &number).await?;
    work_on_it(&lead, &case, &note).await?;
    lead_it(&duty, &case).await?;
    let audience = warn_the_others(&analyst).await?;
    duty.at("/").await?.follow("Approve or send back: Indicators of an attack").await?;
    let version = audience.rsplit('/').next().expect("a version");
    duty.at(&format!("/approvals/{version}")).await?.press("Approve").await?;
    duty.at(&format!("{audience}/publish")).await?.press("Publish").await?;
    world.pass(SignedDuration::from_secs(61)).await;
    let mail = world.post.to("security@other.example").pop().expect("the others are warned");
    assert!(!mail.letter.text.contains("Walking"), "and nobody is named: {}", mail.letter.text);
    learn_from_it(&duty, &lead, &case).await?;
    for person in [duty, lead, analyst] {
        person.browser.close().await?;
    }
    Ok(())
}

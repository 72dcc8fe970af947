//! Afterwards people write down what they learned and what follows from it. Actions outlive the incident, the CERT finds
//! what is shared, and whoever reads the case takes along a report of all that they read, as a page and as a file.

use carecert::SERVICES;
use futures::StreamExt as _;
use http::{StatusCode, header};
use jiff::SignedDuration;
use platform::{Actor, access::Role, organisation::OrganisationId};
use react::{
    case::{Zone, guest},
    follow_up::{self, FollowUpId, Owner},
    incident::{IncidentId, actions},
    lesson::{self, LessonId},
    pace,
};
use testkit::world::{Client, World};

use crate::{
    furnished_cases::{decided, follows, learned, let_in},
    furnished_incidents::{classified, reported},
    issuing::actor,
};

/// What the reader's library does not know of the tables of letters, though the standard has it, is left out of them.
fn plain_tables(document: &mut lopdf::Document) {
    for object in document.objects.values_mut() {
        let Ok(stream) = object.as_stream_mut() else { continue };
        let Ok(table) = stream.decompressed_content() else { continue };
        let table = String::from_utf8_lossy(&table);
        if table.contains("begincmap") {
            let kept =
                table.lines().filter(|line| !line.starts_with("/WMode") && !line.starts_with("/CMapVersion"));
            stream.set_plain_content(
                kept.fold(Vec::new(), |kept, line| [&kept, line.as_bytes(), b"\n"].concat()),
            );
        }
    }
}

/// What a file says, read with another library than it was written with.
pub(crate) async fn text_of_pdf(client: &Client<'_>, path: &str) -> String {
    let mut stream = client.follow(path).await;
    let mut bytes = Vec::new();
    while let Some(part) = stream.next().await {
        bytes.extend_from_slice(&part.expect("the file comes to its end"));
    }
    let mut document = lopdf::Document::load_mem(&bytes).expect("it is a PDF file");
    plain_tables(&mut document);
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    document.extract_text(&pages).expect("it has a text").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An incident in hand at a trust, and those who work on it.
struct Case<'a> {
    world: &'a World,
    trust: OrganisationId,
    id: IncidentId,
    page: String,
    rae: Actor,
    lee: Actor,
    ana: Actor,
}

impl<'a> Case<'a> {
    async fn open(world: &'a World) -> Self {
        let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
        let rae = actor(world, "Rae Responder", Role::Responder, Some(trust)).await;
        let lee = actor(world, "Lee Leader", Role::Lead, Some(trust)).await;
        let ana = actor(world, "Ana Lyst", Role::Analyst, None).await;
        let id = reported(world, &rae, "RWA").await.incident;
        let mut tx = world.app.write().await.unwrap();
        actions::take_on(&mut tx, &ana, id, 1).await.unwrap();
        tx.commit().await.unwrap();
        world.pass(SignedDuration::from_secs(1)).await;
        Self { world, trust, id, page: format!("/incidents/{id}"), rae, lee, ana }
    }

    async fn as_person(&self, who: &Actor) -> Client<'a> {
        self.world.signed_in(who.person().unwrap().id).await
    }

    async fn lesson(&self, by: &Actor, zone: Zone, text: &str) -> LessonId {
        let mut tx = self.world.app.write().await.unwrap();
        let learned = learned(self.world, text);
        let id = lesson::actions::write(&mut tx, by, self.id, zone, &learned).await.unwrap();
        tx.commit().await.unwrap();
        self.world.app.env.advance(SignedDuration::from_millis(1));
        id
    }

    async fn action(&self, by: &Actor, lesson: LessonId, title: &str, owner: Owner, days: i64) -> FollowUpId {
        let mut tx = self.world.app.write().await.unwrap();
        let wanted = follows(self.world, title, owner, days);
        let form = self.world.app.env.id();
        let id = follow_up::actions::add(&mut tx, by, (self.id, lesson), form, &wanted).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn close(&self) {
        classified(self.world, &self.ana, self.id).await;
        let mut tx = self.world.app.write().await.unwrap();
        actions::close(&mut tx, &self.ana, self.id, 2, "The wombat went home").await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// The address of a page that begins and ends so.
fn link(body: &str, base: &str, end: &str) -> String {
    let links = body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let found = links.filter(|href| href.starts_with(base)).find(|href| href.ends_with(end));
    found.unwrap_or_else(|| panic!("{base} {end}: {body}")).to_owned()
}

#[tokio::test]
async fn a_lesson_is_written_and_its_actions_outlive_the_incident() {
    let world = World::new(SERVICES).await;
    let case = Case::open(&world).await;
    let (rae, lee) = (case.as_person(&case.rae).await, case.as_person(&case.lee).await);
    let (lessons, add) = (format!("{}/lessons", case.page), format!("{}/lessons/add", case.page));
    assert!(rae.get(&lessons).await.body.contains("No lesson was written down yet"));
    let typed = [("title", ""), ("happened", "The wombat ate the cable")];
    let refused = rae.post(&add, &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for told in
        ["Select who is to read it", "Enter the lesson, in a line", "The wombat ate the cable</textarea>"]
    {
        assert!(refused.body.contains(told), "{told}: {}", refused.body);
    }
    let form = "018f0000-0000-7000-8000-000000000021";
    let typed = [
        ("form", form),
        ("zone", "shared"),
        ("title", "Cables are eaten"),
        ("happened", "The wombat ate the cable"),
        ("helped", "Paper folders"),
    ];
    for _ in 0..2 {
        assert_eq!(rae.post(&add, &typed).await.status, 303);
    }
    let page = rae.get(&lessons).await.body;
    assert_eq!(page.matches("Paper folders").count(), 1, "sent twice, it is one: {page}");
    assert!(!page.contains("What hindered"), "what is empty is left out: {page}");

    // An action has an owner and a day; a role can have it.
    let add = link(&page, &lessons, "/actions/add");
    let form = rae.get(&add).await.body;
    assert!(
        form.contains("Security lead, Walking NHS Trust") && form.contains("Duty manager, Test CSOC"),
        "{form}"
    );
    assert!(form.contains("Rae Responder") && !form.contains("Ana Lyst"), "nobody of the other side: {form}");
    let refused = rae.post(&add, &[("title", "Bury the cable")]).await;
    assert!(refused.status == 422 && refused.body.contains("Choose who does it"), "{}", refused.body);
    assert!(refused.body.contains("Enter the day until which") && refused.body.contains("Bury the cable"));
    let lead = format!("lead-{}", case.trust);
    let due = [("due-day", "30"), ("due-month", "6"), ("due-year", "2026")];
    let typed = [&[("title", "Bury the cable"), ("owner", lead.as_str())][..], &due[..]].concat();
    assert_eq!(rae.post(&add, &typed).await.status, 303);
    let ana = format!("person-{}", case.ana.person().unwrap().id);
    let theirs = [&[("title", "Another"), ("owner", ana.as_str())][..], &due[..]].concat();
    assert_eq!(rae.post(&add, &theirs).await.status, 422, "nobody gives work to a person of the other side");

    case.close().await;
    let mine = lee.get("/incidents/actions").await.body;
    assert!(mine.contains("Bury the cable") && mine.contains("Cables are eaten"), "{mine}");
    assert!(!rae.get("/incidents/actions").await.body.contains("Bury the cable"), "it is the lead’s");
    let action = link(&mine, &format!("{}/actions/", case.page), "");
    world.pass(SignedDuration::from_hours(24 * 31)).await;
    let mails: Vec<_> = world.post.to("lee.leader@example.org");
    let reminders: Vec<_> = mails.iter().filter(|mail| mail.letter.text.contains(&action)).collect();
    assert_eq!(reminders.len(), 1, "reminded once, by role");
    assert!(!reminders[0].letter.text.contains("cable"));
    assert!(lee.get("/incidents/actions").await.body.contains("Overdue"));

    // Dropped is said with the reason; done is done, and both can be opened again.
    let dropped = lee.post(&action, &[("version", "1"), ("event", "drop")]).await;
    assert!(
        dropped.status == 422 && dropped.body.contains("Write why it will not be done"),
        "{}",
        dropped.body
    );
    let why = [("version", "1"), ("event", "drop"), ("outcome", "Wombats are gone")];
    assert_eq!(lee.post(&action, &why).await.status, 303);
    assert!(!lee.get("/incidents/actions").await.body.contains("Bury the cable"));
    assert!(rae.get(&lessons).await.body.contains("Dropped"));
    assert_eq!(lee.post(&action, &why).await.status, 422, "somebody was faster");
    assert_eq!(lee.post(&action, &[("version", "2"), ("event", "reopen")]).await.status, 303);
    let hand = format!("{action}/hand");
    let rae_id = format!("person-{}", case.rae.person().unwrap().id);
    let later = [("due-day", "1"), ("due-month", "9"), ("due-year", "2026")];
    let typed = [&[("version", "3"), ("owner", rae_id.as_str())][..], &later[..]].concat();
    assert_eq!(lee.post(&hand, &typed).await.status, 303);
    assert!(rae.get("/incidents/actions").await.body.contains("Bury the cable"));
    assert_eq!(rae.post(&action, &[("version", "4"), ("event", "finish")]).await.status, 303);
    assert_eq!(rae.get("/incidents/actions").await.body.matches("Bury the cable").count(), 0);
    let timeline = rae.get(&format!("{}/timeline?kind=lesson", case.page)).await.body;
    for told in ["Lesson: Cables are eaten", "Action: Bury the cable", "is due.", "dropped.", "done."] {
        assert!(timeline.contains(told), "{told}: {timeline}");
    }
}

#[tokio::test]
async fn a_lesson_that_is_written_anew_stands_in_the_place_of_the_other_and_has_its_actions() {
    let world = World::new(SERVICES).await;
    let case = Case::open(&world).await;
    let rae = case.as_person(&case.rae).await;
    let lesson = case.lesson(&case.rae, Zone::Shared, "Numbat").await;
    case.action(&case.rae, lesson, "Feed it", Owner::Role(Role::DutyManager, None), 30).await;
    let write = format!("{}/lessons/{lesson}/write", case.page);
    assert!(rae.get(&write).await.body.contains("Numbat</textarea>"), "it begins with what was written");
    let anew = [("title", "Quokka"), ("happened", "It was a quokka"), ("helped", ""), ("hindered", "")];
    assert_eq!(rae.post(&write, &anew).await.status, 303);
    let page = rae.get(&format!("{}/lessons", case.page)).await.body;
    assert!(page.contains("Quokka") && !page.contains("Numbat") && page.contains("Feed it"), "{page}");
    // Whoever had the older one before them is told so, and loses nothing.
    let late = rae.post(&write, &anew).await;
    assert!(late.status == 422 && late.body.contains("It was a quokka</textarea>"), "{}", late.body);
    let add = format!("{}/lessons/{lesson}/actions/add", case.page);
    let typed = [
        ("title", "Late"),
        ("owner", "duty_manager"),
        ("due-day", "1"),
        ("due-month", "9"),
        ("due-year", "2026"),
    ];
    assert_eq!(rae.post(&add, &typed).await.status, 422);
    // Found is what stands.
    let ana = case.as_person(&case.ana).await;
    assert!(ana.get("/lessons?words=quok").await.body.contains("It was a quokka"));
    assert!(ana.get("/lessons?words=numbat").await.body.contains("No lesson says that"));
}

#[tokio::test]
async fn the_cert_finds_what_is_shared_and_nothing_of_what_is_not() {
    let world = World::new(SERVICES).await;
    let case = Case::open(&world).await;
    case.lesson(&case.rae, Zone::Own, "Numbat in the house").await;
    case.lesson(&case.ana, Zone::Cert, "Zebrafish at ours").await;
    for number in 0..51 {
        case.lesson(&case.rae, Zone::Shared, &format!("Wallaby {number}, and café")).await;
    }
    let ana = case.as_person(&case.ana).await;
    let first = ana.get("/lessons").await.body;
    assert!(first.contains("Wallaby 50") && !first.contains("Wallaby 0,"), "{first}");
    assert!(!first.contains("Numbat") && !first.contains("Zebrafish"), "{first}");
    let next = link(&first, "/lessons?", "").replace("&#38;", "&").replace("&amp;", "&");
    assert!(ana.get(&next).await.body.contains("Wallaby 0,"));
    // All words, folded, by their beginnings.
    let found = ana.get("/lessons?words=wall+7+CAFE").await.body;
    assert!(found.contains("Wallaby 7,") && !found.contains("Wallaby 8,"), "{found}");
    for words in ["numbat", "zebra", "wallaby+echidna"] {
        let found = ana.get(&format!("/lessons?words={words}")).await.body;
        assert!(found.contains("No lesson says that"), "{words}: {found}");
    }
    let rae = case.as_person(&case.rae).await;
    assert_eq!(rae.get("/lessons").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn ones_own_actions_are_listed_by_their_day_page_by_page_and_only_those_that_one_still_sees() {
    let world = World::new(SERVICES).await;
    let case = Case::open(&world).await;
    let lesson = case.lesson(&case.rae, Zone::Shared, "Numbat").await;
    let rae = Owner::Person(case.rae.person().unwrap().id);
    for number in 0..52 {
        case.action(&case.rae, lesson, &format!("Step {number},"), rae, 60 - number).await;
    }
    case.action(&case.rae, lesson, "Of the duty manager", Owner::Role(Role::DutyManager, None), 1).await;
    let client = case.as_person(&case.rae).await;
    let first = client.get("/incidents/actions").await.body;
    assert!(
        first.contains("Step 51,") && !first.contains("Step 1,") && !first.contains("Of the duty"),
        "{first}"
    );
    let second = client.get(&link(&first, "/incidents/actions?", "")).await.body;
    assert!(
        second.contains("Step 1,") && second.contains("Step 0,") && !second.contains("Step 2,"),
        "{second}"
    );
    let duty = actor(&world, "Dot Duty", Role::DutyManager, None).await;
    assert!(case.as_person(&duty).await.get("/incidents/actions").await.body.contains("Of the duty manager"));
    let ana = case.as_person(&case.ana).await;
    assert!(!ana.get("/incidents/actions").await.body.contains("Of the duty manager"), "she is an analyst");

    // Who is let out has nothing to do there any more, and whoever stays sees that it is nobody's.
    let supplier = world.organisation("8JA01", "Walking Supplies", "supplier").await;
    let sue = actor(&world, "Sue Supplier", Role::Lead, Some(supplier)).await;
    let guest = let_in(&world, &case.ana, case.id, "8JA01", Zone::Shared).await;
    let theirs = case.action(&case.ana, lesson, "Mend it", Owner::Role(Role::Lead, Some(supplier)), 3).await;
    let sue = case.as_person(&sue).await;
    assert!(sue.get("/incidents/actions").await.body.contains("Mend it"));
    let mut tx = world.app.write().await.unwrap();
    guest::let_out(&mut tx, &case.ana, case.id, guest).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!sue.get("/incidents/actions").await.body.contains("Mend it"));
    let page = ana.get(&format!("{}/actions/{theirs}", case.page)).await.body;
    assert!(page.contains("Nobody: choose somebody"), "{page}");
}

#[tokio::test]
async fn a_report_tells_the_whole_incident_on_a_page_and_in_a_file() {
    let world = World::new(SERVICES).await;
    let case = Case::open(&world).await;
    let lesson = case.lesson(&case.rae, Zone::Shared, "Wallabies help").await;
    case.action(&case.rae, lesson, "Keep wallabies", Owner::Role(Role::Lead, Some(case.trust)), 30).await;
    let mut tx = world.app.write().await.unwrap();
    let decision = decided(&world, "Cut <b>it</b> off: 漢字 \u{202e}evil");
    react::case::decision::actions::decide(&mut tx, &case.rae, case.id, Zone::Shared, &decision)
        .await
        .unwrap();
    let now = tx.now;
    pace::actions::mark(&mut tx, &case.rae, case.id, (pace::Mark::Contained, now)).await.unwrap();
    let form = world.app.env.id();
    react::impact::actions::count(&mut tx, &case.rae, case.id, (now, 1_234, 56), form).await.unwrap();
    tx.commit().await.unwrap();
    case.close().await;
    let rae = case.as_person(&case.rae).await;
    let (page, file) = (format!("{}/report", case.page), format!("{}/report.pdf", case.page));
    let shown = rae.get(&page).await.body;
    let answer = rae.get(&file).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/pdf");
    let name = answer.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(name.starts_with("attachment; filename=\"I-") && name.ends_with(".pdf\""), "{name}");
    let read = text_of_pdf(&rae, &file).await;
    let told = [
        "TLP:AMBER+STRICT",
        "Walking NHS Trust",
        "What was reported",
        "The Quokka ward works on paper.",
        "Closed",
        "The wombat went home",
        "Times",
        "Acknowledged",
        "Priority",
        "Appointments postponed",
        "1,234",
        "Decisions",
        "Pat, SIRO",
        "Lessons and actions",
        "Wallabies help",
        "Keep wallabies",
        "Security lead, Walking NHS Trust",
        "Timeline",
        "Taken on by the CERT.",
        "Contained: the attacker does no more.",
    ];
    for told in told {
        assert!(shown.contains(told), "the page: {told}: {shown}");
        // Within the columns of a table lines are broken, and read across.
        let begins = told.strip_suffix(" NHS Trust").unwrap_or(told);
        assert!(read.contains(begins), "the file: {told}: {read}");
    }
    assert!(!shown.contains("<b>it</b>") && read.contains("Cut <b>it</b> off"), "{read}");
    assert!(!read.contains('\u{202e}') && !read.contains("Ana Lyst"), "the CERT’s people have no names here");
    assert!(text_of_pdf(&case.as_person(&case.ana).await, &file).await.contains("Ana Lyst"));
    // Somebody of another organisation finds neither.
    let other = world.organisation("RXX", "Strange NHS Trust", "trust").await;
    let sam = case.as_person(&actor(&world, "Sam Stranger", Role::Lead, Some(other)).await).await;
    for path in [&page, &file] {
        assert_eq!(sam.get(path).await.status, StatusCode::NOT_FOUND);
    }
}

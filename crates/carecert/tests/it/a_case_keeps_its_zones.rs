//! Everything in a case stands in one of three zones, and nobody reads another one than theirs by any door: no page,
//! no list, no form, no mail, no entry of the log. For whoever sees nothing of a case there is none.

use carecert::SERVICES;
use db::{params, sql};
use http::StatusCode;
use jiff::SignedDuration;
use platform::{Actor, access::Role, organisation::OrganisationId, retention};
use react::{
    case::{Zone, guest, situation},
    incident::{self, IncidentId},
};
use testkit::world::{Client, World};

use crate::{
    an_incident_becomes_a_lesson::text_of_pdf,
    furnished_cases::{Filled, fill, issuing, let_in},
    furnished_incidents::{classified, reported},
    issuing::{actor, answers_for},
};

/// A word for each zone, which stands in everything that was written there.
const WORDS: [(Zone, &str); 3] =
    [(Zone::Own, "Numbat"), (Zone::Shared, "Wallaby"), (Zone::Cert, "Zebrafish")];

/// A case with one of everything in each zone, and three guests, each in one of them.
struct Case<'a> {
    world: &'a World,
    id: IncidentId,
    filled: Vec<(Zone, Filled)>,
    rae: Actor,
    ana: Actor,
}

impl<'a> Case<'a> {
    async fn open(world: &'a World) -> Self {
        let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
        let board = world.organisation("QWA", "Walking ICB", "icb").await;
        answers_for(world, board, trust).await;
        let rae = actor(world, "Rae Responder", Role::Responder, Some(trust)).await;
        let lee = actor(world, "Lee Leader", Role::Lead, Some(trust)).await;
        let ana = actor(world, "Ana Lyst", Role::Analyst, None).await;
        let id = reported(world, &rae, "RWA").await.incident;
        let mut filled = Vec::new();
        for (zone, word) in WORDS {
            let by = if zone == Zone::Cert { &ana } else { &rae };
            filled.push((zone, fill(world, by, id, zone, word).await));
        }
        for (code, name, zone) in
            [("8JA01", "Own", Zone::Own), ("8JA02", "Shared", Zone::Shared), ("8JA03", "Cert", Zone::Cert)]
        {
            world.organisation(code, &format!("{name} Supplies"), "supplier").await;
            let_in(world, if zone == Zone::Own { &lee } else { &ana }, id, code, zone).await;
        }
        let mut tx = world.app.write().await.unwrap();
        let report = issuing(world, 0, "Wallaby");
        situation::actions::issue(&mut tx, &ana, id, &report).await.unwrap();
        tx.commit().await.unwrap();
        Self { world, id, filled, rae, ana }
    }

    /// Somebody new of this role who is signed in.
    async fn client(&self, name: &str, role: Role, code: Option<&str>) -> Client<'a> {
        let at = match code {
            Some(code) => Some(id_of(self.world, code).await),
            None => None,
        };
        self.world.signed_in(self.world.person(name, role, at).await).await
    }

    /// The pages that list something, with the kind of thing.
    fn lists(&self) -> Vec<String> {
        ["timeline", "tasks", "notes", "messages", "decisions", "people", "lessons", "report"]
            .map(|part| format!("/incidents/{}/{part}", self.id))
            .into()
    }

    /// The pages of single things of a zone.
    fn things(&self, zone: Zone) -> Vec<String> {
        let (_, filled) = self.filled.iter().find(|(each, _)| *each == zone).expect("it was filled");
        let base = format!("/incidents/{}", self.id);
        vec![
            format!("{base}/timeline?zone={}", zone.code()),
            format!("{base}/tasks/{}", filled.task),
            format!("{base}/notes/{}", filled.note),
            format!("{base}/notes/{}?version=1", filled.note),
            format!("{base}/handover/{}", filled.handover),
            format!("{base}/actions/{}", filled.follow_up),
        ]
    }

    /// The forms that show a thing of a zone, or write in it.
    fn forms(&self, zone: Zone) -> Vec<String> {
        let (_, filled) = self.filled.iter().find(|(each, _)| *each == zone).expect("it was filled");
        let base = format!("/incidents/{}", self.id);
        vec![
            format!("{base}/timeline/{}/correct", filled.entry),
            format!("{base}/notes/{}/write", filled.note),
            format!("{base}/decisions/{}/review", filled.decision),
            format!("{base}/tasks/add?zone={}", zone.code()),
            format!("{base}/handover?zone={}", zone.code()),
            format!("{base}/lessons/{}/write", filled.lesson),
            format!("{base}/lessons/{}/actions/add", filled.lesson),
        ]
    }
}

/// Walks every door as one reader, who reads these zones and no other.
async fn walk(case: &Case<'_>, who: &str, client: &Client<'_>, reads: &[Zone]) {
    let readable = |zone: Zone| reads.contains(&zone);
    for path in case.lists() {
        let page = client.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{who} {path}");
        for (zone, word) in WORDS {
            // People's names are in lists of people, not the word.
            let told = page.body.contains(word);
            assert!(told == readable(zone), "{who} {path} {word}: {told}");
        }
    }
    for (zone, word) in WORDS {
        for path in case.things(zone).into_iter().chain(case.forms(zone)) {
            let page = client.get(&path).await;
            if readable(zone) {
                assert_eq!(page.status, StatusCode::OK, "{who} {path}");
            } else {
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{who} {path}");
                assert!(!page.body.contains(word));
            }
            for (other, word) in WORDS {
                assert!(readable(other) || !page.body.contains(word), "{who} {path} tells {word}");
            }
        }
        let fields = [("zone", zone.code()), ("happened", "now"), ("text", "Echidna")];
        let written = client.post(&format!("/incidents/{}/timeline/add", case.id), &fields).await;
        let expected = if readable(zone) { StatusCode::SEE_OTHER } else { StatusCode::NOT_FOUND };
        assert_eq!(written.status, expected, "{who} writes in {zone:?}");
        let message = client.post(&format!("/incidents/{}/messages", case.id), &fields).await;
        assert_eq!(message.status, expected, "{who} sends in {zone:?}");
    }
    // No page of a case leads where its reader finds nothing.
    let links = client.get(&format!("/incidents/{}/tasks", case.id)).await.body;
    let links = links.split("Pages of this case").nth(1).unwrap().split("</nav>").next().unwrap().to_owned();
    for href in links.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert_eq!(client.get(href).await.status, StatusCode::OK, "{who} {href}");
    }
    let reports = client.get(&format!("/incidents/{}/situation", case.id)).await;
    let report = client.get(&format!("/incidents/{}/situation/1", case.id)).await;
    let expected = if readable(Zone::Shared) { StatusCode::OK } else { StatusCode::NOT_FOUND };
    assert_eq!((reports.status, report.status), (expected, expected), "{who}");
    assert!(!report.body.contains("Numbat") && !report.body.contains("Zebrafish"));
    let times = client.get(&format!("/incidents/{}/times", case.id)).await.status;
    assert_eq!(times, expected, "{who}");
    // The file says what the page says, and the one of what is shared no more than that.
    for (query, kept) in [("", reads.to_vec()), ("?zone=shared", vec![Zone::Shared])] {
        let file = text_of_pdf(client, &format!("/incidents/{}/report.pdf{query}", case.id)).await;
        for (zone, word) in WORDS {
            let told = file.contains(word);
            assert_eq!(told, readable(zone) && kept.contains(&zone), "{who} {query} {word}: {file}");
        }
    }
}

#[tokio::test]
async fn each_reads_their_zones_by_every_door_and_nothing_else() {
    let world = World::new(SERVICES).await;
    let case = Case::open(&world).await;
    let readers = [
        ("the organisation", Role::Responder, Some("RWA"), vec![Zone::Own, Zone::Shared]),
        ("who answers for it", Role::Responder, Some("QWA"), vec![Zone::Own, Zone::Shared]),
        ("the CERT", Role::Analyst, None, vec![Zone::Shared, Zone::Cert]),
        ("a guest of the organisation", Role::Responder, Some("8JA01"), vec![Zone::Own]),
        ("a guest of both", Role::Lead, Some("8JA02"), vec![Zone::Shared]),
        ("a guest of the CERT", Role::Executive, Some("8JA03"), vec![Zone::Cert]),
    ];
    for (who, role, code, reads) in readers {
        let client = case.client(&format!("Walker {}", who.replace(' ', "")), role, code).await;
        walk(&case, who, &client, &reads).await;
    }
    // Of what is shared alone a situation report is made.
    let ana = case.client("Asa Analyst", Role::Analyst, None).await;
    let next = ana.get(&format!("/incidents/{}/situation/next", case.id)).await.body;
    assert!(next.contains("Wallaby") && !next.contains("Zebrafish") && !next.contains("Numbat"), "{next}");
    // The CERT is told of its guests and of those of what is shared, not of the organisation's own.
    let guests = ana.get(&format!("/incidents/{}/guests", case.id)).await.body;
    assert!(guests.contains("Shared Supplies") && guests.contains("Cert Supplies"), "{guests}");
    assert!(!guests.contains("Own Supplies"));
    // The auditor of the CERT reads what the CERT does, and writes nothing.
    let ada = case.client("Ada Auditor", Role::Auditor, None).await;
    let timeline = ada.get(&format!("/incidents/{}/timeline", case.id)).await.body;
    assert!(
        timeline.contains("Zebrafish") && !timeline.contains("Numbat") && !timeline.contains("Write down")
    );

    // No mail says anything but the number, and no entry of the log holds a word.
    world.work().await;
    for mail in world.post.mails() {
        let text = format!("{} {}", mail.letter.subject, mail.letter.text);
        for word in ["Numbat", "Wallaby", "Zebrafish", "Echidna", "Walking", "Supplies"] {
            assert!(!text.contains(word), "{text}");
        }
    }
    let mut snapshot = world.app.read().await.unwrap();
    let log: Vec<(String,)> = snapshot
        .all(sql!("SELECT coalesce(payload, '') FROM log_entry ORDER BY id"), params![])
        .await
        .unwrap();
    for (_, word) in WORDS {
        assert!(!log.iter().any(|(payload,)| payload.contains(word)), "{word}");
    }
}

#[tokio::test]
async fn who_is_not_in_a_case_finds_none_and_who_is_let_out_finds_none_any_more() {
    let world = World::new(SERVICES).await;
    let case = Case::open(&world).await;
    world.organisation("RXX", "Strange NHS Trust", "trust").await;
    let stranger = case.client("Sam Stranger", Role::Lead, Some("RXX")).await;
    let supplier = case.client("Gus Guest", Role::Responder, Some("8JA02")).await;
    let page = format!("/incidents/{}", case.id);
    let all = || {
        let zones = WORDS.map(|(zone, _)| zone);
        let singles = zones.into_iter().flat_map(|zone| [case.things(zone), case.forms(zone)].concat());
        let more =
            ["", "/guests", "/situation", "/situation/1", "/situation/next", "/timeline/add", "/notes/add"];
        case.lists().into_iter().chain(singles).chain(more.map(|part| format!("{page}{part}")))
    };
    for path in all() {
        assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // A guest finds the case in their list by what they may know of it, and begins at the timeline.
    let list = supplier.get("/incidents").await.body;
    assert!(list.contains("Walking NHS Trust") && list.contains(&format!("{page}/timeline")), "{list}");
    assert!(!list.contains("locked"), "what is seen stands in the report: {list}");
    assert_eq!(supplier.get(&page).await.location(), Some(format!("{page}/timeline").as_str()));
    for path in ["/guests", "/situation/next"] {
        let refused = supplier.get(&format!("{page}{path}")).await.status;
        assert!([403, 404].contains(&refused.as_u16()), "{path}");
    }
    let timeline = supplier.get(&format!("{page}/timeline")).await.body;
    assert!(
        !timeline.contains("wombat") && !timeline.contains("Quokka"),
        "no word of the report: {timeline}"
    );
    assert!(!timeline.contains("Ana Lyst"), "the CERT’s people have no names here: {timeline}");

    // A task that was given to the guest goes back when they are let out, and the case is gone for them.
    let gus = actor(&world, "Gil Guest", Role::Lead, Some(id_of(&world, "8JA02").await)).await;
    let gil = world.signed_in(gus.person().unwrap().id).await;
    let owner = format!("person-{}", gus.person().unwrap().id);
    let add = format!("{page}/tasks/add?zone=shared");
    assert_eq!(gil.post(&add, &[("title", "Bilby"), ("owner", &owner)]).await.status, 303);
    assert!(gil.get("/incidents/tasks").await.body.contains("Bilby"));
    // Nobody of the guest chooses among the organisation's people.
    let rae = format!("person-{}", case.rae.person().unwrap().id);
    assert_eq!(gil.post(&add, &[("title", "Quoll"), ("owner", &rae)]).await.status, 422);
    let mut tx = world.app.write().await.unwrap();
    let guests = guest::guests(&mut tx, case.id).await.unwrap();
    let guest = guests.iter().find(|guest| guest.code == "8JA02").unwrap();
    // Who writes in a case as a responder does not let anybody out; the CERT does.
    assert!(guest::let_out(&mut tx, &case.rae, case.id, guest.id).await.is_err());
    guest::let_out(&mut tx, &case.ana, case.id, guest.id).await.unwrap();
    tx.commit().await.unwrap();
    for path in all() {
        assert_eq!(gil.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(!gil.get("/incidents/tasks").await.body.contains("Bilby"));
    assert!(!gil.get("/incidents").await.body.contains("Walking NHS Trust"));
    let ana = case.client("Asa Analyst", Role::Analyst, None).await;
    let tasks = ana.get(&format!("{page}/tasks")).await.body;
    assert!(tasks.contains("Bilby") && tasks.contains("Nobody yet"), "{tasks}");
    assert!(ana.get(&format!("{page}/timeline")).await.body.contains("was let out"));
}

#[tokio::test]
async fn those_who_lead_let_others_in_and_out_of_what_they_write_in() {
    let world = World::new(SERVICES).await;
    let case = Case::open(&world).await;
    world.organisation("8JA09", "Late Supplies", "supplier").await;
    let rae = case.client("Ria Responder", Role::Responder, Some("RWA")).await;
    let lou = case.client("Lou Leader", Role::Lead, Some("RWA")).await;
    let page = format!("/incidents/{}/guests", case.id);
    let typed = |code: &'static str, zone: &'static str| {
        [("organisation", code), ("zone", zone), ("why", "They run the server")]
    };
    assert_eq!(rae.post(&page, &typed("8JA09", "own")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(lou.post(&page, &typed("8JA09", "cert")).await.status, StatusCode::NOT_FOUND);
    let nobody = lou.post(&page, &typed("NONE", "own")).await;
    assert!(nobody.status == 422 && nobody.body.contains("They run the server"), "{}", nobody.body);
    assert_eq!(lou.post(&page, &typed("8JA09", "own")).await.status, 303);
    assert_eq!(lou.post(&page, &typed("8JA09", "own")).await.status, 422, "it is in already");
    let shown = lou.get(&page).await.body;
    assert!(shown.contains("Late Supplies (8JA09)") && !shown.contains("Cert Supplies"), "{shown}");
    let late = case.client("Lia Late", Role::Viewer, Some("8JA09")).await;
    let timeline = late.get(&format!("/incidents/{}/timeline", case.id)).await.body;
    assert!(timeline.contains("Numbat") && !timeline.contains("Write down what happened"), "a viewer reads");
    let out = shown.split("Late Supplies").nth(1).unwrap().split("action=\"").nth(1).unwrap();
    let out = out.split('"').next().unwrap();
    assert_eq!(lou.post(out, &[]).await.status, 303);
    assert_eq!(lou.post(out, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(late.get(&format!("/incidents/{}/timeline", case.id)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn six_years_after_it_was_closed_the_words_of_a_case_are_forgotten() {
    let world = World::new(SERVICES).await;
    let case = Case::open(&world).await;
    classified(&world, &case.ana, case.id).await;
    let mut tx = world.app.write().await.unwrap();
    incident::actions::close(&mut tx, &case.ana, case.id, 1, "Over").await.unwrap();
    tx.commit().await.unwrap();
    let kept = sql!(
        "SELECT CAST(sum(n) AS BIGINT) FROM (
             SELECT count(*) AS n FROM case_entry WHERE text <> ''
             UNION ALL SELECT count(*) AS n FROM case_guest WHERE why <> ''
             UNION ALL SELECT count(*) AS n FROM case_task WHERE title <> '' OR text <> ''
             UNION ALL SELECT count(*) AS n FROM case_note WHERE title <> '' OR text <> ''
             UNION ALL SELECT count(*) AS n FROM case_note_version WHERE text <> ''
             UNION ALL SELECT count(*) AS n FROM case_decision WHERE decided <> '' OR decider <> '' OR why <> ''
             UNION ALL SELECT count(*) AS n FROM case_situation WHERE summary <> ''
             UNION ALL SELECT count(*) AS n FROM case_message WHERE text <> ''
             UNION ALL SELECT count(*) AS n FROM case_handover WHERE text <> ''
             UNION ALL SELECT count(*) AS n FROM lesson WHERE title <> '' OR happened <> '' OR helped <> ''
             UNION ALL SELECT count(*) AS n FROM lesson_word
             UNION ALL SELECT count(*) AS n FROM follow_up WHERE title <> '' OR text <> ''
             UNION ALL SELECT count(*) AS n FROM pace_wait WHERE what <> '') words"
    );
    let policy = retention::Policy::shipped();
    for (days, forgotten) in [(2_180, false), (20, true)] {
        world.app.env.advance(SignedDuration::from_hours(24 * days));
        retention::sweep(&world.app, &policy).await.unwrap();
        let left: (i64,) = world.app.read().await.unwrap().one(kept, params![]).await.unwrap();
        assert_eq!(left.0 == 0, forgotten, "{} after {days} days", left.0);
    }
    let ana = case.client("Asa Analyst", Role::Analyst, None).await;
    for path in case.lists().into_iter().chain(case.things(Zone::Shared)) {
        let page = ana.get(&path).await;
        assert!(page.status == StatusCode::OK && !page.body.contains("Wallaby"), "{path}");
    }
}

async fn id_of(world: &World, code: &str) -> OrganisationId {
    let mut snapshot = world.app.read().await.unwrap();
    platform::organisation::store::id_of(&mut snapshot, code).await.unwrap().expect("an organisation")
}

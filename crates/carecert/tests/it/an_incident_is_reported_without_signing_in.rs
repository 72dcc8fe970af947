//! With a one-time code, or by telephone: used once, guessed never, telling nothing of the organisation; and believed
//! once a number that was held before has been rung.

use carecert::SERVICES;
use db::{params, sql};
use http::StatusCode;
use jiff::SignedDuration;
use platform::{
    Actor,
    access::Role,
    organisation::contact::{self, ContactKind, ContactRole, Details},
};
use react::{
    incident::Standing,
    report::{Way, actions::Sender},
};
use testkit::world::{Client, World};

use crate::{
    furnished_incidents::{codes, facts, number, reported, sheet, standing, unknown},
    issuing::{actor, answers_for},
};

/// Somebody in a network of their own.
fn from(world: &World, network: usize) -> Client<'_> {
    let (high, low) = (network / 256, network % 256);
    world.visitor().with("x-forwarded-for", &format!("100.{high}.{low}.7"))
}

/// The sheet that somebody prints: the codes on it.
async fn printed(client: &Client<'_>, code: &str) -> Vec<String> {
    let sheet = client.post("/codes", &[("code", code), ("size", "5")]).await;
    assert!(sheet.status == 200 && sheet.headers["cache-control"] == "no-store", "{}", sheet.body);
    let cells = sheet.body.split("<strong class=\"nhsuk-u-font-size-22\">").skip(1);
    cells.map(|cell| cell.split('<').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_code_works_once_and_opens_an_empty_form() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lee = world.signed_in(world.person("Lee Leader", Role::Lead, Some(trust)).await).await;
    let ana = world.signed_in(world.person("Ana Lyst", Role::Analyst, None).await).await;
    let sheet = printed(&lee, "RWA").await;
    assert_eq!(sheet.len(), 5);
    let mut holder = world.visitor();
    // Who looks, consumes nothing: link scanners open every page.
    for _ in 0..3 {
        assert_eq!(holder.get("/report/code").await.status, 200);
    }
    assert_eq!(holder.get("/report/with-code").await.location(), Some("/report/code"));
    let typed = sheet[0].to_lowercase().replace('-', " ");
    let entered = holder.post("/report/code", &[("code", &typed)]).await;
    assert_eq!(entered.location(), Some("/report/with-code"), "{}", entered.body);
    let cookie = entered.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("Path=/report"), "{cookie}");
    holder.keep(&entered);
    let form = holder.get("/report/with-code").await.body;
    assert!(!form.contains("Walking") && !form.contains("RWA") && !form.contains("told us"), "{form}");
    let saved = holder.submit("/report/with-code", &[("care", "Numbat ward"), ("go", "save")]).await;
    assert!(saved.status == 200 && saved.body.contains("Saved."), "{}", saved.body);
    assert!(!ana.get("/incidents").await.body.contains(">I-"));
    let refused = holder.submit("/report/with-code", &[("care", "Numbat ward"), ("go", "send")]).await;
    assert!(refused.status == 422 && refused.body.contains("Numbat ward</textarea>"), "{}", refused.body);
    let sent = holder
        .submit("/report/with-code", &[("seen", "files_locked"), ("care", "Numbat ward"), ("go", "send")])
        .await;
    assert!(sent.status == 200 && sent.body.contains("The number is I-"), "{}", sent.body);
    assert!(sent.body.contains("counts as not verified") && sent.body.contains("Do not switch it off"));
    assert!(!sent.body.contains("Walking") && !sent.body.contains("already told us"), "{}", sent.body);
    // What is added stands beside it, for a day; nothing of what others add is shown.
    assert_eq!(holder.post("/report/with-code/add", &[("text", "Wombat too")]).await.status, 303);
    let held = holder.get("/report/with-code").await.body;
    assert!(
        held.contains("Wombat too") && held.contains("Numbat ward") && !held.contains("Walking"),
        "{held}"
    );
    let list = ana.get("/incidents?standing=code").await.body;
    assert!(list.contains("Walking NHS Trust") && list.contains("Code, to be called back"), "{list}");
    let page =
        format!("/incidents/0{}", list.split("/incidents/0").nth(1).unwrap().split('"').next().unwrap());
    assert!(ana.get(&page).await.body.contains("Wombat too"));
    ana.post(&format!("{page}/add"), &[("text", "The CERT says echidna")]).await;
    assert!(!holder.get("/report/with-code").await.body.contains("echidna"));
    assert!(lee.get(&page).await.body.contains("echidna"));
    world.pass(SignedDuration::from_hours(25)).await;
    assert_eq!(holder.get("/report/with-code").await.location(), Some("/report/code"));
    assert_eq!(
        holder.post("/report/with-code/add", &[("text", "Late")]).await.location(),
        Some("/report/code")
    );

    // The second report of the same is told that there is one, once it is sent and not before.
    let mut second = world.visitor();
    let entered = second.post("/report/code", &[("code", &sheet[1])]).await;
    second.keep(&entered);
    assert!(!second.get("/report/with-code").await.body.contains("told us"));
    let sent = second.submit("/report/with-code", &[("seen", "data_gone"), ("go", "send")]).await;
    assert!(sent.body.contains("already told us") && !sent.body.contains("Walking"), "{}", sent.body);
}

/// Whoever stole a code must not learn, by what their report was joined to, what others reported; and a borrowed
/// computer is left as it was found.
#[tokio::test]
async fn the_holder_of_a_code_keeps_their_own_number_and_leaves_nothing_behind() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lee = world.signed_in(world.person("Lee Leader", Role::Lead, Some(trust)).await).await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let ana = world.signed_in(world.person("Ana Lyst", Role::Analyst, None).await).await;
    let first = reported(&world, &rae, "RWA").await;
    let code = printed(&lee, "RWA").await.remove(0);
    let mut holder = world.visitor();
    let entered = holder.post("/report/code", &[("code", &code)]).await;
    holder.keep(&entered);
    let sent = holder.submit("/report/with-code", &[("seen", "data_gone"), ("go", "send")]).await;
    let number = format!("I-{}", &sent.body.split("The number is I-").nth(1).unwrap()[..9]);
    let list = ana.get("/incidents?standing=code").await.body;
    let page =
        format!("/incidents/0{}", list.split("/incidents/0").nth(1).unwrap().split('"').next().unwrap());
    // So much and no more is taken of somebody who is not known; those who are known write on.
    for more in 0..react::incident::MOST_ADDITIONS_TO_A_REPORT {
        let added = holder.post("/report/with-code/add", &[("text", &format!("More {more}"))]).await;
        assert_eq!(added.status, 303, "{}", added.body);
    }
    let refused = holder.post("/report/with-code/add", &[("text", "One more")]).await;
    assert!(refused.status == 422 && refused.body.contains("A great deal was added"), "{}", refused.body);
    assert_eq!(ana.post(&format!("{page}/add"), &[("text", "We write on")]).await.status, 303);
    let joined = ana.post(&format!("{page}/join"), &[("version", "1"), ("into", first.receipt.code())]).await;
    assert_eq!(joined.status, 303, "{}", joined.body);
    let held = holder.get("/report/with-code").await.body;
    assert!(held.contains(&number) && !held.contains(first.receipt.code()), "{number}: {held}");
    let ended = holder.post("/report/with-code/end", &[]).await;
    assert_eq!(ended.location(), Some("/report"));
    // Not even with the cookie that was deleted.
    assert_eq!(holder.get("/report/with-code").await.location(), Some("/report/code"));
}

#[tokio::test]
async fn a_wrong_a_used_and_a_revoked_code_are_answered_alike() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let other = world.organisation("RBB", "Other NHS Trust", "trust").await;
    let board = world.organisation("QQQ", "Board", "icb").await;
    answers_for(&world, board, trust).await;
    let lee = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let (id, clear) = sheet(&world, &lee, trust, 4).await;
    let ids = codes(&world, id).await;
    let lead = world.signed_in(world.person("Lou Leader", Role::Lead, Some(trust)).await).await;
    // Of other organisations, and of those who only answer for it, nobody sees or revokes a sheet.
    for (name, at) in [("Olu Other", other), ("Ben Board", board)] {
        let stranger = world.signed_in(world.person(name, Role::Lead, Some(at)).await).await;
        for door in [format!("/codes/{id}"), "/codes?code=RWA".to_owned()] {
            assert!([403, 404].contains(&stranger.get(&door).await.status.as_u16()), "{door}");
        }
        for door in [format!("/codes/{id}/revoke"), format!("/codes/{id}/{}/revoke", ids[0])] {
            assert!([403, 404].contains(&stranger.post(&door, &[]).await.status.as_u16()), "{door}");
        }
        let made = stranger.post("/codes", &[("code", "RWA"), ("size", "5")]).await;
        assert!([403, 404].contains(&made.status.as_u16()));
    }
    assert_eq!(lead.post(&format!("/codes/{id}/{}/revoke", ids[1]), &[]).await.status, 303);
    assert_eq!(lead.post(&format!("/codes/{id}/{}/revoke", ids[1]), &[]).await.status, 409);
    let visitor = world.visitor();
    let used = clear[0].to_string();
    assert_eq!(visitor.post("/report/code", &[("code", &used)]).await.status, 303);
    let revoked = clear[1].to_string();
    let mut answers = Vec::new();
    for typed in [used.as_str(), &revoked, "2222-3333-4444-5555", "nonsense", ""] {
        answers.push(visitor.post("/report/code", &[("code", typed)]).await);
    }
    lead.post(&format!("/codes/{id}/revoke"), &[]).await;
    answers.push(visitor.post("/report/code", &[("code", &clear[2].to_string())]).await);
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.body, answers[0].body);
        assert!(answer.body.contains("does not work") && !answer.headers.contains_key("set-cookie"));
    }
    let page = lead.get(&format!("/codes/{id}")).await.body;
    assert!(page.contains("Revoked") && page.contains("Used") && !page.contains(&used), "{page}");
    // The log says what was done, never a code.
    let mut snapshot = world.app.read().await.unwrap();
    let log: Vec<(String, String, String)> = snapshot
        .all(
            sql!(
                "SELECT verb, actor_kind, coalesce(payload, '') FROM log_entry
                 WHERE about_kind = 'code_sheet' ORDER BY at, id"
            ),
            params![],
        )
        .await
        .unwrap();
    let mut verbs: Vec<_> = log.iter().map(|(verb, ..)| verb.as_str()).collect();
    verbs.sort_unstable();
    assert_eq!(
        verbs,
        ["code_sheet.code_revoked", "code_sheet.made", "code_sheet.revoked", "code_sheet.used"]
    );
    assert!(log.iter().any(|(verb, kind, _)| verb == "code_sheet.used" && kind == "code"));
    assert!(!log.iter().any(|(.., payload)| payload.contains(&used)));
}

#[tokio::test]
async fn ten_thousand_guesses_lead_nowhere_and_keep_nobody_out_for_long() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let lee = actor(&world, "Lee Leader", Role::Lead, Some(trust)).await;
    let (_, clear) = sheet(&world, &lee, trust, 5).await;
    let (mut wrong, mut slowed, mut wait) = (0, 0, 0);
    // From 200 networks, fifty times each.
    for guess in 0..10_000_usize {
        let typed = format!("ABCD-EFGH-{:04}-{:04}", 2222 + guess % 7, 3333);
        let answer = from(&world, guess % 200).post("/report/code", &[("code", &typed)]).await;
        match answer.status {
            StatusCode::UNPROCESSABLE_ENTITY => wrong += 1,
            StatusCode::TOO_MANY_REQUESTS => {
                slowed += 1;
                wait = wait.max(answer.headers["retry-after"].to_str().unwrap().parse::<i64>().unwrap());
            }
            other => panic!("{other}: {}", answer.body),
        }
    }
    assert!(wrong <= 2_000 && slowed >= 8_000, "{wrong} compared, {slowed} refused");
    assert!(wait <= 900, "{wait}");
    // Whoever holds a sheet does not wait, not even in the network that the guesses come from.
    let entered = from(&world, 0).post("/report/code", &[("code", &clear[0].to_string())]).await;
    assert_eq!(entered.location(), Some("/report/with-code"), "{}", entered.body);
    let mut snapshot = world.app.read().await.unwrap();
    let begun: (i64,) = snapshot.one(sql!("SELECT count(*) FROM report"), params![]).await.unwrap();
    assert_eq!(begun.0, 1);
}

#[tokio::test]
async fn a_call_is_taken_step_by_step() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    number(&world, trust, "01632 960 000").await;
    let statement = sql!("INSERT INTO organisation_word (word, organisation_id) VALUES ('walking', ?1)");
    let mut tx = world.app.write().await.unwrap();
    tx.run(statement, params![trust]).await.unwrap();
    tx.commit().await.unwrap();
    let ana = world.signed_in(world.person("Ana Lyst", Role::Analyst, None).await).await;
    let dee = world.signed_in(world.person("Dee Manager", Role::DutyManager, None).await).await;
    let rae = world.signed_in(world.person("Rae Responder", Role::Responder, Some(trust)).await).await;
    let begun = ana.submit("/calls", &[]).await;
    let first = begun.location().unwrap().to_owned();
    let call = first.trim_end_matches("/ring").to_owned();
    let asked = ana.get(&first).await.body;
    assert!(asked.contains("0300 303 5222") && asked.contains("ring 999"), "{asked}");
    let next = ana.post(&first, &[("ring-name", "Pat Porter"), ("ring-telephone", "01632 960 123")]).await;
    assert_eq!(next.location(), Some(format!("{call}/organisation").as_str()), "{}", next.body);
    // The line breaks; somebody else goes on.
    assert!(dee.get("/calls").await.body.contains("Pat Porter 01632 960 123"));
    assert_eq!(rae.get(&first).await.status, 403);
    let sought = dee.post(&format!("{call}/organisation"), &[("named", "walking")]).await;
    assert!(dee.get("/calls").await.body.contains("“walking”"), "what was said is saved before it is found");
    let found = dee.get(sought.location().unwrap()).await.body;
    assert!(found.contains("Walking NHS Trust (RWA)") && found.contains("None of these"), "{found}");
    let none =
        dee.post(&format!("{call}/organisation"), &[("named", "walking"), ("offered", "walking")]).await;
    assert!(none.status == 422 && none.body.contains("Choose which of these it is"), "{}", none.body);
    let chosen = [("named", "walking"), ("found", "RWA")];
    let next = dee.post(&format!("{call}/organisation"), &chosen).await;
    assert_eq!(next.location(), Some(format!("{call}/seen").as_str()), "{}", next.body);
    let nothing = dee.post(&format!("{call}/send"), &[]).await;
    assert!(nothing.status == 422, "{}", nothing.body);
    for (step, fields) in [
        ("seen", vec![("seen", "system_down"), ("seen", "device_misbehaves")]),
        ("since", vec![("since", "unknown")]),
        ("care", vec![("affected", "emergency"), ("care", "Numbat ward")]),
        ("more", vec![("more", "The quokka is out")]),
    ] {
        assert_eq!(dee.post(&format!("{call}/{step}"), &fields).await.status, 303, "{step}");
    }
    let read_back = dee.get(&format!("{call}/send")).await.body;
    for said in ["Walking NHS Trust (RWA)", "Pat Porter", "A system of ours is down", "Numbat ward", "quokka"]
    {
        assert!(read_back.contains(said), "{said}: {read_back}");
    }
    let sent = dee.post(&format!("{call}/send"), &[]).await;
    assert!(sent.status == 200 && sent.body.contains("Read this out"), "{}", sent.body);
    assert!(sent.body.contains("find out what it is") && sent.body.contains("I ring back now"));
    let twice = dee.post(&format!("{call}/send"), &[]).await;
    assert!(twice.body.contains("Read this out"), "{}", twice.body);
    // A voice proves nothing: it is kept apart, and its organisation does not see it.
    let apart = dee.get("/incidents?list=apart").await.body;
    assert!(apart.contains("Walking NHS Trust") && apart.contains("Not verified"), "{apart}");
    assert!(!dee.get("/incidents").await.body.contains("Walking NHS Trust"));
    assert!(!rae.get("/incidents").await.body.contains(">I-"));
}

/// A contact with a number.
async fn contact(world: &World, name: &str, telephone: &str) -> contact::ContactId {
    let mut tx = world.app.write().await.unwrap();
    let trust = platform::organisation::store::id_of(&mut tx, "RWA").await.unwrap().unwrap();
    let details = details(name, telephone);
    let id = contact::actions::add(&mut tx, &Actor::Job("test"), trust, &details).await.unwrap();
    tx.commit().await.unwrap();
    id
}

fn details(name: &str, telephone: &str) -> Details {
    Details {
        role: ContactRole::OnCall,
        kind: ContactKind::OnCallMobile,
        name: name.to_owned(),
        email: None,
        telephone: Some(telephone.to_owned()),
    }
}

#[tokio::test]
async fn only_a_number_that_was_held_before_proves_anything() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let old = contact(&world, "Old Desk", "07700 900 001").await;
    let swapped = contact(&world, "Swapped Desk", "07700 900 002").await;
    world.pass(SignedDuration::from_hours(24 * 20)).await;
    // Somebody who has broken in changes one number and adds another, and then reports.
    let mut tx = world.app.write().await.unwrap();
    let details = details("Swapped Desk", "07700 900 666");
    contact::actions::change(&mut tx, &Actor::Job("test"), swapped, 1, &details).await.unwrap();
    tx.commit().await.unwrap();
    let new = contact(&world, "New Desk", "07700 900 667").await;
    world.pass(SignedDuration::from_hours(24 * 13)).await;
    let sent = unknown(&world, None, "Walking hospital").await;
    let ana = world.signed_in(world.person("Ana Lyst", Role::Analyst, None).await).await;
    let rae = world.signed_in(world.person("Rae Responder", Role::Responder, Some(trust)).await).await;
    let page = format!("/incidents/{}", sent.incident);
    assert!(ana.get("/incidents?list=apart").await.body.contains("“Walking hospital”"));
    let place = format!("{page}/organisation");
    assert_eq!(ana.post(&place, &[("version", "1"), ("organisation", "XXX")]).await.status, 422);
    assert_eq!(ana.post(&place, &[("version", "1"), ("organisation", "rwa")]).await.status, 303);
    assert_eq!(rae.get(&page).await.status, 404, "nobody has vouched for it");
    let shown = ana.get(&page).await.body;
    assert!(shown.contains("Old Desk, On call: 07700 900 001"), "{shown}");
    assert_eq!(shown.matches("Changed recently").count(), 2, "{shown}");
    let ring = format!("{page}/call-back");
    for wrong in [swapped.to_string(), new.to_string(), "organisation".to_owned(), "nonsense".to_owned()] {
        let fields = [("version", "2"), ("number", wrong.as_str()), ("outcome", "confirmed")];
        assert_eq!(ana.post(&ring, &fields).await.status, 422, "{wrong}");
    }
    let old = old.to_string();
    let fields = |version, outcome| {
        [("version", version), ("number", old.as_str()), ("outcome", outcome), ("note", "Spoke with Pat")]
    };
    assert_eq!(ana.post(&ring, &fields("2", "not_reached")).await.status, 303);
    assert_eq!(standing(&world, sent.incident).await.standing, Standing::Unverified);
    assert_eq!(ana.post(&ring, &fields("2", "confirmed")).await.status, 422, "somebody was faster");
    assert_eq!(ana.post(&ring, &fields("3", "confirmed")).await.status, 303);
    assert_eq!(standing(&world, sent.incident).await.standing, Standing::CalledBack);
    // It is among the incidents, with who rang and what came of it; its organisation sees it, not who was rung.
    assert!(ana.get("/incidents").await.body.contains("Walking NHS Trust"));
    assert!(!ana.get("/incidents?list=apart").await.body.contains(sent.receipt.code()));
    let kept = ana.get(&page).await.body;
    assert!(
        kept.contains("rung by Ana Lyst")
            && kept.contains("Spoke with Pat")
            && kept.contains("Nobody was reached")
    );
    let own = rae.get(&page).await.body;
    assert!(
        own.contains("They confirmed") && !own.contains("07700 900 001") && !own.contains("Spoke with"),
        "{own}"
    );
    let mut snapshot = world.app.read().await.unwrap();
    let log = sql!("SELECT count(*) FROM log_entry WHERE verb = 'incident.called_back'");
    assert_eq!(snapshot.one::<(i64,)>(log, params![]).await.unwrap().0, 2);
}

#[tokio::test]
async fn what_an_organisation_denies_is_kept_apart() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    number(&world, trust, "01632 960 000").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let sent = reported(&world, &rae, "RWA").await;
    let ana = world.signed_in(world.person("Ana Lyst", Role::Analyst, None).await).await;
    let page = format!("/incidents/{}", sent.incident);
    let denied = [("version", "1"), ("number", "organisation"), ("outcome", "refuted")];
    assert_eq!(ana.post(&format!("{page}/call-back"), &denied).await.status, 303);
    assert_eq!(standing(&world, sent.incident).await.standing, Standing::Refuted);
    let apart = ana.get("/incidents?list=apart&standing=refuted").await.body;
    assert!(apart.contains(sent.receipt.code()) && apart.contains("Not theirs"), "{apart}");
}

#[tokio::test]
async fn a_thousand_made_up_reports_are_one_mail_an_hour() {
    let world = World::new(SERVICES).await;
    world.person("Ana Lyst", Role::Analyst, None).await;
    let first = unknown(&world, None, "Quokka hospital").await;
    for _ in 0..20 {
        unknown(&world, None, "Quokka hospital").await;
    }
    world.work().await;
    let mails = world.post.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].letter.subject, format!("[{}]", first.receipt));
    assert!(!mails[0].letter.text.contains("Quokka"), "{}", mails[0].letter.text);
    // The same file again is the same report.
    let mut tx = world.app.write().await.unwrap();
    let form = tx.id();
    let sender = Sender::Unknown { organisation: None };
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let sent =
            react::report::actions::take(&mut tx, &Actor::Anyone, form, Way::Offline, sender, &facts()).await;
        numbers.push(sent.unwrap().receipt);
    }
    tx.commit().await.unwrap();
    assert_eq!(numbers[0], numbers[1]);
}

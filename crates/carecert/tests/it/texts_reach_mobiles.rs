//! A High alert does not depend on mail: mobiles are texted through a gateway that speaks as GOV.UK Notify
//! does, once each, whatever the gateway answers; what became of each is seen.

use broadcast::{
    advisory::Severity,
    alert::{AlertId, Answers, actions, store},
    audience::preview,
};
use carecert::SERVICES;
use data_encoding::BASE64URL_NOPAD;
use db::{params, sql};
use formats::Tlp;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Method, StatusCode};
use jiff::SignedDuration;
use platform::{
    Actor,
    access::Role,
    message::MessageId,
    net::{NetError, Request, Response},
    organisation::import,
    settings::Sms,
};
use serde_json::{Value as Json, json};
use sha2::Sha256;
use testkit::world::World;

use crate::issuing::{Desk, everybody, wording};

/// What the gateway shows with each receipt.
pub(crate) const TOKEN: &str = "the gateway's own bearer token";
const GATEWAY: &str = "https://notify.example";
pub(crate) const SEND: &str = "https://notify.example/v2/notifications/sms";
/// From Notify's documentation.
const SERVICE: &str = "26785a09-ab16-4eb0-8407-a37497a57506";
const SECRET: &str = "3d844edf-8d35-48ac-975b-e847b4f122b0";
const TEMPLATE: &str = "f33517ff-2a88-4f6e-b855-c550268ce08a";
const MINUTE: SignedDuration = SignedDuration::from_secs(61);

/// The settings of a gateway.
pub(crate) fn gateway() -> Sms {
    Sms {
        url: GATEWAY.to_owned(),
        key: format!("my_test-key-{SERVICE}-{SECRET}"),
        template: TEMPLATE.to_owned(),
        callback_token: Some(TOKEN.to_owned()),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as a server's turn is written")]
fn answer(status: StatusCode, body: &Json) -> Result<Response, NetError> {
    Ok(Response { status, headers: HeaderMap::new(), body: body.to_string().into_bytes() })
}

pub(crate) fn created() -> Result<Response, NetError> {
    answer(StatusCode::CREATED, &json!({ "id": "740e5834-3a29-46b4-9a6f-16142fde533a" }))
}

fn refused(status: u16, error: &str, message: &str) -> Result<Response, NetError> {
    let body = json!({ "status_code": status, "errors": [{ "error": error, "message": message }] });
    answer(StatusCode::from_u16(status).unwrap(), &body)
}

/// Two trusts with mobiles, one with a landline alone; the gateway takes what it is handed.
async fn furnished(with_texts: bool) -> World {
    let world = World::with(SERVICES, |settings| settings.sms = with_texts.then(gateway)).await;
    for code in ["RAA", "RBB", "RCC"] {
        world.organisation(code, &format!("Trust {code}"), "trust").await;
    }
    let rows = "organisation,role,kind,name,email,telephone,verified\n\
                RAA,security_lead,person,Lead,lead@raa.example,07700 900123,2026-01-05\n\
                RAA,deputy,person,Deputy,deputy@raa.example,07700 900789,2026-01-05\n\
                RBB,on_call,on_call_mobile,IT on call,,+44 (0)7700 900456,\n\
                RBB,security_lead,person,Lead of both,lead@rbb.example,07700-900-123,\n\
                RCC,on_call,on_call_mobile,Switchboard,,020 7946 0123,\n";
    let admin = Actor::Job("test");
    let report =
        import::contacts(&world.app, &admin, rows.as_bytes(), "contacts.csv", &|_| {}).await.unwrap();
    assert_eq!((report.new, report.refused), (5, 0));
    world.work().await;
    world.net.answers(SEND, created());
    world.net.asked();
    world
}

/// What was handed to the gateway: to whom, and what.
pub(crate) fn texts(asked: &[Request]) -> Vec<(String, String)> {
    let sent = asked.iter().filter(|request| request.method == Method::POST).map(|request| {
        let body: Json = serde_json::from_slice(&request.body).unwrap();
        let of = |value: &Json| value.as_str().unwrap().to_owned();
        (of(&body["phone_number"]), of(&body["personalisation"]["message"]))
    });
    let mut sent: Vec<_> = sent.collect();
    sent.sort();
    sent
}

/// The list of what became of an alert's messages, as somebody reads it who was not there before.
async fn fates(world: &World, alert: AlertId, query: &str) -> String {
    let reader =
        world.person(&format!("Audrey {}", world.app.env.below(u64::MAX)), Role::Auditor, None).await;
    world.signed_in(reader).await.get(&format!("/alerts/{alert}/deliveries?{query}")).await.body
}

#[tokio::test]
async fn each_mobile_is_texted_once_and_the_preview_says_so() {
    let world = furnished(true).await;
    let desk = Desk::open(&world).await;
    let version = desk.approved(&wording("Zebrafish"), &everybody()).await;
    let mut snapshot = world.app.read().await.unwrap();
    let figures = preview::figures(&mut snapshot, version, world.now()).await.unwrap();
    drop(snapshot);
    assert_eq!((figures.unreachable, figures.mobiles, figures.by_text_alone), (2, 2, 1));
    let duty = world.person("Dora Duty", Role::DutyManager, None).await;
    for page in [format!("/audiences/{version}"), format!("/audiences/{version}/publish")] {
        let body = world.signed_in(duty).await.get(&page).await.body;
        assert!(body.contains("2 mobile numbers, each of which gets one text"), "{page}: {body}");
    }

    let alert = desk.publish(version, Answers::Anew).await;
    world.pass(MINUTE).await;
    let asked = world.net.asked();
    let words = format!(
        "Test CSOC: Alert CC-0001 was issued. Severity: High. Acknowledge by 3 June 2026, 09:00. \
         Sign in: http://carecert.test/alerts/{alert}"
    );
    let expected = ["+447700900123", "+447700900456"].map(|to| (to.to_owned(), words.clone()));
    assert_eq!(texts(&asked), expected);
    assert!(words.len() <= 306, "two parts at the most");
    for request in &asked {
        assert_eq!((request.method.clone(), request.url.as_str()), (Method::POST, SEND));
        let body: Json = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["template_id"], TEMPLATE);
        // The token, checked by hand as the gateway would.
        let token = request.headers["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        mac.verify_slice(&BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap())
            .expect("signed by the secret");
        let part = |text: &str| -> Json {
            serde_json::from_slice(&BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()).unwrap()
        };
        let (head, claims) = signed.split_once('.').unwrap();
        assert_eq!(part(head), json!({ "typ": "JWT", "alg": "HS256" }));
        assert_eq!(part(claims), json!({ "iss": SERVICE, "iat": world.now().as_second() }));
    }
    let page = fates(&world, alert, "state=sent").await;
    assert!(page.contains("Text message") && page.contains("+447700900456"), "{page}");
    let page = fates(&world, alert, "organisation=RBB").await;
    assert!(page.contains("+447700900456") && page.contains("+447700900123"), "{page}");

    // Twelve hours later nobody has acknowledged: deputies too. Then it is withdrawn, and all are told.
    world.pass(SignedDuration::from_hours(12)).await;
    let told = texts(&world.net.asked());
    let to: Vec<_> = told.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!(to, ["+447700900123", "+447700900456", "+447700900789"]);
    assert!(told.iter().all(|(_, text)| text.contains("waits for your organisation")), "{told:?}");
    let mut tx = world.app.write().await.unwrap();
    let number = store::alert(&mut tx, alert).await.unwrap().unwrap().number;
    actions::withdraw(&mut tx, &desk.duty, number, "A mistake").await.unwrap();
    tx.commit().await.unwrap();
    world.pass(MINUTE).await;
    let told = texts(&world.net.asked());
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.iter().all(|(_, text)| text.contains("was withdrawn") && !text.contains("mistake")));
}

#[tokio::test]
async fn a_text_says_no_more_than_the_marking_allows_and_only_high_is_texted() {
    for (severity, tlp) in [
        (Severity::High, Tlp::Clear),
        (Severity::High, Tlp::Amber),
        (Severity::High, Tlp::AmberStrict),
        (Severity::High, Tlp::Red),
        (Severity::Medium, Tlp::Clear),
    ] {
        let world = furnished(true).await;
        let desk = Desk::open(&world).await;
        let mut wording = wording("Zebrafish");
        (wording.severity, wording.tlp) = (severity, tlp);
        let alert = desk.delivered(&wording, &everybody()).await;
        let texts = texts(&world.net.asked());
        if severity != Severity::High || tlp == Tlp::Red {
            assert_eq!(texts, [], "{severity:?} at {tlp}");
            continue;
        }
        assert_eq!(texts.len(), 2, "{tlp}");
        let bare = format!("CC-0001 http://carecert.test/alerts/{alert}");
        for (_, text) in texts {
            assert!(!text.contains("Zebrafish"), "{text}");
            assert_eq!(text == bare, tlp > Tlp::Green, "{tlp}: {text}");
        }
    }
}

#[tokio::test]
async fn without_a_gateway_no_text_is_written() {
    let world = furnished(false).await;
    let desk = Desk::open(&world).await;
    desk.delivered(&wording("Zebrafish"), &everybody()).await;
    world.pass(SignedDuration::from_hours(13)).await;
    let written = sql!("SELECT count(*) FROM message WHERE channel = 'sms'");
    let (count,): (i64,) = world.app.read().await.unwrap().one(written, params![]).await.unwrap();
    assert_eq!(count, 0);
    let told = json!({ "to": "07700900123", "status": "delivered" });
    let nobody = world.machine(TOKEN).post_json("/callbacks/notify", &told).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "no token was agreed");
}

#[tokio::test]
async fn what_the_gateway_refuses_is_told_and_what_it_puts_off_is_tried_again() {
    let world = furnished(true).await;
    let desk = Desk::open(&world).await;
    world.net.answers(SEND, refused(400, "ValidationError", "phone_number Not a UK mobile number"));
    let alert = desk.delivered(&wording("Refused"), &everybody()).await;
    assert_eq!(texts(&world.net.asked()).len(), 2);
    world.pass(SignedDuration::from_hours(3)).await;
    assert_eq!(world.net.asked().len(), 0, "it is not tried again");
    let page = fates(&world, alert, "state=failed").await;
    assert!(page.contains("ValidationError: phone_number Not a UK mobile number"), "{page}");
    assert_eq!(world.post.to("lead@raa.example").len(), 1, "mail does not wait for it");

    let world = furnished(true).await;
    let desk = Desk::open(&world).await;
    world.net.answers(SEND, refused(429, "RateLimitError", "not now"));
    let alert = desk.delivered(&wording("Put off"), &everybody()).await;
    let tried = texts(&world.net.asked());
    assert_eq!(tried.len(), 2);
    let page = fates(&world, alert, "state=waiting").await;
    assert!(page.contains("429: RateLimitError: not now"), "{page}");
    world.net.answers(SEND, created());
    has_none_of_them(&world).await;
    world.pass(SignedDuration::from_mins(3)).await;
    assert_eq!(texts(&world.net.asked()), tried);
    world.pass(SignedDuration::from_hours(3)).await;
    assert_eq!(world.net.asked().len(), 0);
}

/// Asked whether it has a text of a reference, the gateway has none, whichever is asked for.
async fn has_none_of_them(world: &World) {
    let statement = sql!("SELECT id FROM message WHERE channel = 'sms'");
    let ids: Vec<(MessageId,)> = world.app.read().await.unwrap().all(statement, params![]).await.unwrap();
    for (id,) in ids {
        let url = format!("{GATEWAY}/v2/notifications?reference={id}");
        world.net.answers(&url, answer(StatusCode::OK, &json!({ "notifications": [], "links": {} })));
    }
}

#[tokio::test]
async fn a_gateway_that_takes_none_is_told_of_and_no_text_is_given_up_for_it() {
    for (fault, said) in [
        (Err(NetError::Unreachable("connection refused".to_owned())), "connection refused"),
        (Err(NetError::TooSlow(std::time::Duration::from_secs(10))), "did not answer within 10 seconds"),
        (refused(401, "AuthError", "no token"), "401: AuthError: no token"),
        (refused(403, "AuthError", "Invalid token"), "403: AuthError: Invalid token"),
        (refused(503, "Exception", "Internal server error"), "503: Exception"),
    ] {
        let world = furnished(true).await;
        let desk = Desk::open(&world).await;
        world.net.answers(SEND, fault);
        let alert = desk.delivered(&wording("Put off"), &everybody()).await;
        has_none_of_them(&world).await;
        // Longer than any text is tried for.
        world.pass(SignedDuration::from_hours(10)).await;
        let page = fates(&world, alert, "state=waiting").await;
        assert!(
            page.contains(said) && page.contains("+447700900123") && page.contains("+447700900456"),
            "{page}"
        );
        let tried = texts(&world.net.asked()).len();
        assert!((8..=200).contains(&tried), "it is asked again and again: {tried}");
        let ana = world.signed_in(desk.analyst.person().unwrap().id).await;
        for path in ["/", "/incidents"] {
            let page = ana.get(path).await.body;
            assert!(page.contains("Texts do not leave") && !page.contains("Email does not leave"), "{page}");
        }
        let admin = world.signed_in(world.person("Ada Admin", Role::Admin, None).await).await;
        let jobs = admin.get("/jobs").await.body;
        assert!(jobs.contains("Texts do not leave, since 1 June 2026") && jobs.contains(said), "{jobs}");
        assert_eq!(world.post.to("lead@raa.example").len(), 1, "mail does not wait for it");

        world.net.answers(SEND, created());
        world.pass(SignedDuration::from_mins(6)).await;
        let to: Vec<_> = texts(&world.net.asked()).into_iter().map(|(to, _)| to).collect();
        assert_eq!(to, ["+447700900123", "+447700900456"], "each once");
        assert!(!ana.get("/").await.body.contains("Texts do not leave"));
    }
}

#[tokio::test]
async fn a_text_whose_answer_was_lost_is_not_sent_twice_and_one_that_fails_is_given_up() {
    let world = furnished(true).await;
    let desk = Desk::open(&world).await;
    world.net.answers(SEND, Err(NetError::TooSlow(std::time::Duration::from_secs(10))));
    desk.delivered(&wording("Lost"), &everybody()).await;
    let tried = world.net.asked();
    let body: Json = serde_json::from_slice(&tried[0].body).unwrap();
    let lost = body["reference"].as_str().unwrap().to_owned();
    let statement = sql!("SELECT id FROM message WHERE channel = 'sms'");
    let ids: Vec<(MessageId,)> = world.app.read().await.unwrap().all(statement, params![]).await.unwrap();
    let other = ids.iter().map(|(id,)| id.to_string()).find(|id| *id != lost).unwrap();
    // The gateway has the one; of the other it never says anything that can be read.
    let has = json!({ "notifications": [{ "id": "x", "reference": lost }], "links": {} });
    let url = |reference: &str| format!("{GATEWAY}/v2/notifications?reference={reference}");
    world.net.answers(&url(&lost), answer(StatusCode::OK, &has));
    world.net.answers(&url(&other), answer(StatusCode::OK, &json!({ "what": "else" })));
    world.pass(SignedDuration::from_hours(8)).await;
    let asked = world.net.asked();
    assert_eq!(texts(&asked), [], "nothing is sent before the gateway has said that it has it not");
    let asked_for = |of: &str| asked.iter().filter(|request| request.url.as_str().contains(of)).count();
    assert_eq!((asked_for(&lost), asked_for(&other)), (1, 8));
}

#[tokio::test]
async fn a_receipt_tells_what_became_of_a_text_and_a_strangers_tells_nothing() {
    let world = furnished(true).await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("Told"), &everybody()).await;
    let sent: Vec<Json> =
        world.net.asked().iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect();
    let receipt = |place: usize, to: Option<&str>, status: &str| {
        let to = to.map_or_else(|| sent[place]["phone_number"].as_str().unwrap().to_owned(), str::to_owned);
        json!({ "id": "740e5834-3a29-46b4-9a6f-16142fde533a", "reference": sent[place]["reference"], "to": to,
                "status": status, "notification_type": "sms", "template_version": 1 })
    };
    let told = |token: &str, receipt: Json| {
        let machine = world.machine(token);
        async move { machine.post_json("/callbacks/notify", &receipt).await.status }
    };
    assert_eq!(told("wrong", receipt(0, None, "delivered")).await, StatusCode::UNAUTHORIZED);
    let nobody = world.visitor().post_json("/callbacks/notify", &receipt(0, None, "delivered")).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    // Of another number than it was sent to, and of what was never sent.
    let other = Some("07700900999");
    assert_eq!(told(TOKEN, receipt(0, other, "permanent-failure")).await, StatusCode::NO_CONTENT);
    let stray = json!({ "reference": null, "to": "07700900123", "status": "delivered" });
    assert_eq!(told(TOKEN, stray).await, StatusCode::NO_CONTENT);
    let page = fates(&world, alert, "state=sent").await;
    assert!(!page.contains("Arrived"), "{page}");

    assert_eq!(told(TOKEN, receipt(0, None, "delivered")).await, StatusCode::NO_CONTENT);
    // As the gateway writes British numbers; and what arrived has arrived, whatever comes late.
    assert_eq!(told(TOKEN, receipt(0, None, "temporary-failure")).await, StatusCode::NO_CONTENT);
    let national = sent[1]["phone_number"].as_str().unwrap().replace("+44", "0");
    let failed = receipt(1, Some(&national), "permanent-failure");
    assert_eq!(told(TOKEN, failed).await, StatusCode::NO_CONTENT);
    let page = fates(&world, alert, "state=sent").await;
    assert!(page.contains("Arrived"), "{page}");
    let page = fates(&world, alert, "state=failed").await;
    assert!(page.contains("the number does not exist or takes no texts"), "{page}");
    // It says nothing that we know: taken, so that it is not told again.
    assert_eq!(told(TOKEN, receipt(1, None, "on-its-way")).await, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_update_is_texted_again() {
    let world = furnished(true).await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("First"), &everybody()).await;
    world.net.asked();
    let mut tx = world.app.write().await.unwrap();
    let number = store::alert(&mut tx, alert).await.unwrap().unwrap().number;
    tx.commit().await.unwrap();
    let version = desk.update(number).await;
    desk.approve(version).await;
    desk.publish(version, Answers::Stand).await;
    world.pass(MINUTE).await;
    let told = texts(&world.net.asked());
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|(_, text)| text.contains("is updated")), "{told:?}");
}

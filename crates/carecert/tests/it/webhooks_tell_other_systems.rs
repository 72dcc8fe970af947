//! What webhooks are told, to whom, and how it is signed.

use broadcast::{
    advisory::Wording,
    alert::{Answers, actions as alerts, store},
    audience::{Choices, Mode, Part},
    response::{self, Chosen},
};
use carecert::SERVICES;
use formats::Tlp;
use jiff::SignedDuration;
use platform::{
    Actor,
    access::Role,
    net::Reach,
    organisation::OrganisationId,
    webhook::{Format, Owner, Plan, WebhookId, actions},
};
use testkit::world::World;

use crate::{
    furnished_webhooks::{
        answers, body, fates, header, hook, kind, link, of, plan, sent, signature, stands, takes, told,
    },
    issuing::{Desk, actor, answers_for, everybody, wording},
};

const DESK: &str = "https://desk.example/hook";
const CERT: &str = "https://cert.example/hook";

fn to(code: &str) -> Choices {
    Choices { mode: Some(Mode::MustRespond), parts: vec![(Part::Organisation, vec![code.to_owned()])] }
}

async fn change(world: &World, id: WebhookId, plan: &Plan) {
    let version = stands(world, id).await.version;
    let mut tx = world.app.write().await.unwrap();
    actions::change(&mut tx, &Actor::Job("test"), id, version, plan).await.unwrap();
    tx.commit().await.unwrap();
}

async fn two_trusts(world: &World) -> (OrganisationId, OrganisationId) {
    (world.organisation("RAA", "Trust", "trust").await, world.organisation("RBB", "Elsewhere", "trust").await)
}

#[tokio::test]
async fn an_alert_is_told_at_once_and_signed_as_the_convention_says() {
    let world = World::new(SERVICES).await;
    let (trust, _) = two_trusts(&world).await;
    let (id, secret) = of(&world, trust, DESK).await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("Gateways"), &everybody()).await;
    let requests = sent(&world, DESK);
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    let secret = secret.shown();
    assert_eq!(header(request, "webhook-signature"), signature(&secret, request));
    assert_eq!(header(request, "webhook-timestamp"), world.now().as_second().to_string());
    assert_eq!(header(request, "content-type"), "application/json");
    assert_eq!((request.most, request.within.as_secs(), request.reach), (0, 10, Reach::Public));
    let told = told(&world, id).await;
    assert_eq!(header(request, "webhook-id"), told[0].0.to_string());
    assert_eq!((told[0].2.as_str(), told[0].3), ("delivered", 1));
    let said = body(request);
    assert_eq!((said["type"].as_str(), said["version"].as_i64()), (Some("alert.published"), Some(1)));
    let data = &said["data"];
    for (name, value) in [
        ("number", "CC-0001"),
        ("title", "Gateways"),
        ("severity", "high"),
        ("tlp", "green"),
        ("state", "in_force"),
        ("mode", "must_respond"),
        ("link", link(alert).as_str()),
    ] {
        assert_eq!(data[name], value, "{said}");
    }
    assert_eq!(data["id"], alert.to_string());
    assert_eq!(data["acknowledge_by"], "2026-06-03T08:00:00Z");
    // Nothing is told twice.
    world.pass(SignedDuration::from_hours(2)).await;
    assert!(sent(&world, DESK).is_empty());
}

#[tokio::test]
async fn a_chat_room_reads_a_line_in_which_no_title_calls_everybody() {
    let world = World::new(SERVICES).await;
    let (trust, _) = two_trusts(&world).await;
    let (id, _) = of(&world, trust, DESK).await;
    change(&world, id, &Plan { format: Format::Chat, ..plan(DESK) }).await;
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("<!channel> Gateways & more"), &everybody()).await;
    let request = sent(&world, DESK).remove(0);
    let text = format!(
        "[CC-0001] High: &lt;!channel&gt; Gateways &amp; more. Acknowledge by 3 June 2026, 09:00. TLP:GREEN {}",
        link(alert)
    );
    assert_eq!(body(&request), serde_json::json!({ "text": text }));
}

#[tokio::test]
async fn an_organisation_is_told_of_its_own_alerts_whoever_answers_is_too_and_the_cert_of_all() {
    let world = World::new(SERVICES).await;
    let (trust, elsewhere) = two_trusts(&world).await;
    let supplier = world.organisation("SUP", "Supplier", "supplier").await;
    answers_for(&world, supplier, trust).await;
    let urls = [DESK, "https://elsewhere.example/", "https://supplier.example/", CERT];
    of(&world, trust, urls[0]).await;
    of(&world, elsewhere, urls[1]).await;
    of(&world, supplier, urls[2]).await;
    hook(&world, Owner::Cert, urls[3]).await;
    let desk = Desk::open(&world).await;
    let kinds = || {
        let asked = world.net.asked();
        urls.map(|url| {
            let own = asked.iter().filter(|request| request.url.as_str() == url);
            own.map(kind).collect::<Vec<_>>().join(" ")
        })
    };
    let alert = desk.delivered(&wording("One"), &to("RAA")).await;
    assert_eq!(kinds(), ["alert.published", "", "alert.published", "alert.published"]);

    let responder = actor(&world, "Rhys Responder", Role::Responder, Some(trust)).await;
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &responder, alert, &Chosen::All).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    assert_eq!(kinds(), ["response.changed", "", "response.changed", "response.changed"]);

    let mut snapshot = world.app.read().await.unwrap();
    let number = store::alert(&mut snapshot, alert).await.unwrap().unwrap().number;
    drop(snapshot);
    let update = desk.update(number).await;
    desk.approve(update).await;
    desk.publish(update, Answers::Stand).await;
    world.pass(SignedDuration::from_secs(61)).await;
    assert_eq!(kinds(), ["alert.revised", "", "alert.revised", "alert.revised"]);

    let mut tx = world.app.write().await.unwrap();
    alerts::withdraw(&mut tx, &desk.duty, number, "A mistake").await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    assert_eq!(kinds(), ["alert.withdrawn", "", "alert.withdrawn", "alert.withdrawn"]);
}

#[tokio::test]
async fn what_is_said_for_many_and_a_deadline_of_many_are_told_once_and_to_each_of_its_own() {
    let world = World::new(SERVICES).await;
    let (trust, elsewhere) = two_trusts(&world).await;
    let supplier = world.organisation("SUP", "Supplier", "supplier").await;
    for organisation in [trust, elsewhere] {
        answers_for(&world, supplier, organisation).await;
    }
    of(&world, trust, DESK).await;
    hook(&world, Owner::Cert, CERT).await;
    let desk = Desk::open(&world).await;
    let parts = vec![(Part::Kind, vec!["trust".to_owned()])];
    let choices = Choices { mode: Some(Mode::MustRespond), parts };
    let late = desk.delivered(&wording("Late"), &choices).await;
    let said = desk.delivered(&wording("Said"), &choices).await;
    world.net.asked();
    let responder = actor(&world, "Sue Pplier", Role::Responder, Some(supplier)).await;
    let mut tx = world.app.write().await.unwrap();
    response::acknowledge(&mut tx, &responder, said, &Chosen::All).await.unwrap();
    tx.commit().await.unwrap();
    world.work().await;
    let asked = world.net.asked();
    let data = |url: &str| {
        let own: Vec<_> = asked.iter().filter(|request| request.url.as_str() == url).collect();
        let [one] = own.as_slice() else { panic!("{own:?}") };
        body(one)["data"].clone()
    };
    let (own, all) = (data(DESK), data(CERT));
    assert_eq!((&own["organisations"], &own["count"]), (&serde_json::json!(["RAA"]), &1.into()));
    assert_eq!((&all["organisations"], &all["count"]), (&serde_json::json!(["RAA", "RBB"]), &2.into()));
    assert_eq!((all["said"].as_str(), all["stage"].as_str()), (Some("acknowledge"), Some("in_progress")));

    world.pass(SignedDuration::from_hours(48)).await;
    let asked: Vec<_> = world.net.asked().into_iter().filter(|it| kind(it) == "alert.overdue").collect();
    let told: Vec<_> = asked
        .iter()
        .map(|request| {
            let data = body(request)["data"].clone();
            assert_eq!(
                (data["clock"].as_str(), data["id"].as_str()),
                (Some("acknowledge"), Some(&*late.to_string()))
            );
            (request.url.to_string(), data["count"].as_i64().unwrap())
        })
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.contains(&(DESK.to_owned(), 1)) && told.contains(&(CERT.to_owned(), 2)), "{told:?}");
}

#[tokio::test]
async fn a_withdrawal_is_told_to_those_who_were_told_of_the_alert() {
    let world = World::new(SERVICES).await;
    let (trust, elsewhere) = two_trusts(&world).await;
    let dead = "https://dead.example/";
    of(&world, trust, DESK).await;
    let (never, _) = of(&world, elsewhere, dead).await;
    answers(&world, dead, 500, &[]);
    let desk = Desk::open(&world).await;
    let alert = desk.delivered(&wording("One"), &everybody()).await;
    let mut tx = world.app.write().await.unwrap();
    let number = store::alert(&mut tx, alert).await.unwrap().unwrap().number;
    alerts::withdraw(&mut tx, &desk.duty, number, "A mistake").await.unwrap();
    tx.commit().await.unwrap();
    takes(&world, dead);
    world.pass(SignedDuration::from_hours(12)).await;
    let asked = world.net.asked();
    let own: Vec<_> = asked.iter().filter(|request| request.url.as_str() == DESK).collect();
    assert_eq!(own.iter().map(|it| kind(it)).collect::<Vec<_>>(), ["alert.published", "alert.withdrawn"]);
    assert_eq!(body(own[1])["data"]["withdrawn_reason"], "A mistake");
    // It was tried once before; what it was to be told no longer holds.
    assert_eq!(asked.iter().filter(|request| request.url.as_str() == dead).count(), 1);
    assert_eq!(fates(&world, never).await, ["called_back"]);
}

#[tokio::test]
async fn what_is_marked_travels_no_further_than_mail() {
    let world = World::new(SERVICES).await;
    let (trust, _) = two_trusts(&world).await;
    hook(&world, Owner::Cert, CERT).await;
    of(&world, trust, DESK).await;
    let (chat, _) = of(&world, trust, "https://chat.example/").await;
    change(&world, chat, &Plan { format: Format::Chat, ..plan("https://chat.example/") }).await;
    let desk = Desk::open(&world).await;
    let responder = actor(&world, "Rhys Responder", Role::Responder, Some(trust)).await;
    for tlp in Tlp::ALL {
        let alert = desk.delivered(&Wording { tlp, ..wording("Zebrafish") }, &everybody()).await;
        let mut tx = world.app.write().await.unwrap();
        response::acknowledge(&mut tx, &responder, alert, &Chosen::All).await.unwrap();
        tx.commit().await.unwrap();
        // Its next update is overdue.
        world.pass(SignedDuration::from_hours(73)).await;
        let mut tx = world.app.write().await.unwrap();
        let number = store::alert(&mut tx, alert).await.unwrap().unwrap().number;
        alerts::withdraw(&mut tx, &desk.duty, number, "Zebrafish").await.unwrap();
        tx.commit().await.unwrap();
        world.work().await;
        let asked = world.net.asked();
        // Four things to each of the three, and to the CERT that the other trust is late too.
        assert_eq!(asked.len(), if tlp == Tlp::Red { 0 } else { 13 }, "{tlp}: {asked:?}");
        for request in asked {
            let text = String::from_utf8(request.body.clone()).unwrap();
            assert!(text.contains(&number.to_string()) && text.contains(&link(alert)), "{text}");
            if tlp <= Tlp::Green {
                assert!(text.contains("Zebrafish"), "{text}");
                continue;
            }
            let bare = if request.url.as_str().contains("chat") {
                serde_json::json!({ "text": format!("{number} {}", link(alert)) })
            } else {
                let data = serde_json::json!({ "number": number.to_string(), "link": link(alert) });
                let timestamp = body(&request)["timestamp"].clone();
                serde_json::json!({ "type": "notice", "version": 1, "timestamp": timestamp, "data": data })
            };
            assert_eq!(body(&request), bare, "{tlp}");
        }
    }
}

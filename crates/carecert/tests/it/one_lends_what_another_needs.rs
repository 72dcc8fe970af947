//! Mutual aid: what others read of a request is what its asker saw before it was sent, and nothing of the case behind
//! it; offers are their offerer's own; no request is filled twice.

use carecert::SERVICES;
use platform::{Actor, access::Role, organisation::OrganisationId};
use react::aid::{AidError, Asked, OfferId, Reach, RequestId, Stands, State, What, actions, store};
use testkit::world::World;

use crate::{
    furnished_aid::{ask, asked, lendable, offer, offered, offers},
    furnished_incidents::reported,
    issuing::{actor, contact},
};

/// A trust in need, two that could help in its region, and one elsewhere.
struct Region {
    world: World,
    need: OrganisationId,
    near: OrganisationId,
    rae: Actor,
    bea: Actor,
    cat: Actor,
}

async fn region() -> Region {
    let world = World::new(SERVICES).await;
    let need = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let near = world.organisation("RBB", "Near NHS Trust", "trust").await;
    let third = world.organisation("RCC", "Third NHS Trust", "trust").await;
    world.organisation("A81001", "The Quokka Surgery", "gp_practice").await;
    contact(&world, need, "security_lead", "lead@walking.example").await;
    contact(&world, near, "security_lead", "lead@near.example").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(need)).await;
    let bea = actor(&world, "Bea Near", Role::Responder, Some(near)).await;
    let cat = actor(&world, "Cat Third", Role::Responder, Some(third)).await;
    Region { world, need, near, rae, bea, cat }
}

async fn request(world: &World, id: RequestId) -> store::Request {
    store::request(&mut world.app.read().await.unwrap(), id).await.unwrap().unwrap()
}

async fn accepted(world: &World, by: &Actor, id: OfferId, count: i64) -> Result<RequestId, AidError> {
    let mut tx = world.app.write().await.unwrap();
    let done = actions::accept(&mut tx, by, (id, 1), count, "Thank you").await?;
    tx.commit().await.unwrap();
    Ok(done)
}

#[tokio::test]
async fn what_others_read_is_what_the_asker_saw_before() {
    let Region { world, need, near, rae, .. } = region().await;
    let sent = reported(&world, &rae, "RWA").await;
    let lee = world.signed_in(world.person("Lee Lead", Role::Lead, Some(need)).await).await;
    let fields = [
        ("organisation", "RWA"),
        ("what", "network"),
        ("wanted", "2"),
        ("detail", "Two engineers who know firewalls"),
        ("from-day", "2"),
        ("from-month", "6"),
        ("from-year", "2026"),
        ("until-day", "9"),
        ("until-month", "6"),
        ("until-year", "2026"),
        ("place", "Numbat House"),
        ("contact-name", "Pat Porter"),
        ("contact-telephone", "01632 960 123"),
        ("reach", "region"),
        ("named", ""),
        ("is-named", "no"),
        ("is-cyber", "no"),
    ];
    let incident = sent.incident.to_string();
    let form = [&fields[..], &[("incident", incident.as_str())]].concat();
    let check = lee.post("/aid/ask", &form).await;
    assert_eq!(check.status, 200, "{}", check.body);
    world.work().await;
    assert!(world.post.to("lead@near.example").is_empty(), "nothing was sent yet");
    let hidden: Vec<(String, String)> = check
        .body
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .filter_map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"")?;
            Some((name.to_owned(), rest.split_once('"')?.0.to_owned()))
        })
        .take(fields.len() + 2)
        .collect();
    let hidden: Vec<_> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let done = lee.post("/aid/ask/send", &hidden).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let path = done.location().unwrap().to_owned();

    let bob = world.signed_in(world.person("Bob Near", Role::Responder, Some(near)).await).await;
    let read = bob.get(&path).await;
    assert_eq!(read.status, 200);
    let seen = |page: &str| {
        let rest = page.split("summary-list\">").nth(1).unwrap();
        rest.split("</dl>").next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(seen(&check.body), seen(&read.body), "what was checked is what is read");
    for hidden in
        ["Walking", "RWA", "Numbat", "Porter", "960 123", sent.receipt.code(), &incident, "yber incident"]
    {
        assert!(!read.body.contains(hidden), "{hidden}: {}", read.body);
    }
    assert!(!bob.get("/aid").await.body.contains("Walking"));
    world.work().await;
    let mails = world.post.to("lead@near.example");
    assert_eq!(mails.len(), 1);
    assert!(!mails[0].letter.text.contains("engineers") && mails[0].letter.text.contains(&path));
    // Practices are not asked by region, nobody elsewhere sees it, and the case knows of it.
    let mut snapshot = world.app.read().await.unwrap();
    let practice = platform::organisation::store::id_of(&mut snapshot, "A81001").await.unwrap();
    drop(snapshot);
    let quinn = world.signed_in(world.person("Quinn Quokka", Role::Lead, practice).await).await;
    assert_eq!(quinn.get(&path).await.status, 404);
    let timeline = lee.get(&format!("/incidents/{incident}/timeline")).await.body;
    assert!(timeline.contains("Asked others for aid, as A-"), "{timeline}");
    let asked = lee.get(&path).await.body;
    assert!(asked.contains("Shown to 2 organisations. Nobody is told who you are"), "{asked}");
    let dee = world.signed_in(world.person("Dee Duty", Role::DutyManager, None).await).await;
    let all = dee.get(&path).await.body;
    assert!(all.contains("Walking NHS Trust") && all.contains("Numbat House"), "{all}");

    // What lacks is said beside its field, and what was typed stays.
    let refused =
        lee.post("/aid/ask", &[("organisation", "RWA"), ("detail", "Wombat"), ("reach", "named")]).await;
    assert_eq!(refused.status, 422);
    for field in ["#what", "#wanted", "#from", "#until", "#place", "#contact-name", "#named", "#is-named"] {
        assert!(refused.body.contains(field), "{field}: {}", refused.body);
    }
    assert!(refused.body.contains("Wombat"));
    let not_hers = [&[("organisation", "RBB")], &fields[1..]].concat();
    let refused = lee.post("/aid/ask/send", &not_hers).await;
    assert!(refused.status == 422 && refused.body.contains("#organisation"), "{}", refused.body);
}

#[tokio::test]
async fn offers_are_their_own_and_who_is_accepted_learns_where_to_come() {
    let Region { world, need, near, rae, bea, cat } = region().await;
    let hidden = Asked { is_named: false, ..asked(&world, "RWA", &["RBB", "RCC"]) };
    let (id, shown) = ask(&world, &rae, &hidden).await;
    assert_eq!(shown, 2);
    let path = format!("/aid/{id}");
    let first = offer(&world, &bea, id, &offered(&world, "RBB", 3)).await.remove(0);
    let bob = world.signed_in(world.person("Bob Near", Role::Responder, Some(near)).await).await;
    let mut theirs = offered(&world, "RCC", 4);
    theirs.conditions = "Numbat".to_owned();
    offer(&world, &cat, id, &theirs).await;
    let page = bob.get(&path).await.body;
    assert!(!page.contains("Numbat") && !page.contains("Third NHS Trust") && !page.contains("site office"));
    // Nobody offers for others, and nobody but the asker answers.
    let mut tx = world.app.write().await.unwrap();
    let refused = actions::offer(&mut tx, &bea, id, &offered(&world, "RCC", 1)).await;
    assert!(matches!(refused, Err(AidError::NotYours(_))), "{refused:?}");
    drop(tx);
    assert!(matches!(accepted(&world, &cat, first.id, 1).await, Err(AidError::NotFound)));
    world.work().await;
    assert!(world.post.to("lead@walking.example").len() >= 2, "the asker hears of each offer");

    let lee = world.signed_in(world.person("Lee Lead", Role::Lead, Some(need)).await).await;
    let form = [("version", "1"), ("count", "3"), ("thanks", "Come to gate 2")];
    let done = lee.post(&format!("/aid/offers/{}/accept", first.id), &form).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let page = bob.get(&path).await.body;
    for shown in ["Walking NHS Trust", "The site office", "Come to gate 2", "Accepted"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let mut snapshot = world.app.read().await.unwrap();
    let third = platform::organisation::store::id_of(&mut snapshot, "RCC").await.unwrap();
    drop(snapshot);
    let cate = world.signed_in(world.person("Cate Third", Role::Viewer, third).await).await;
    assert!(!cate.get(&path).await.body.contains("Walking NHS Trust"));

    // Too many are refused, and the page says so.
    let second = offers(&world, id).await[1].id;
    let many = lee.post(&format!("/aid/offers/{second}/accept"), &form).await;
    assert_eq!(many.status, 422, "{}", many.body);
    assert!(many.body.contains("2 more are wanted"), "{}", many.body);
    let version = request(&world, id).await.version.to_string();
    let withdrawn = lee.post(&format!("{path}/withdraw"), &[("version", &version)]).await;
    assert!(withdrawn.status == 422 && withdrawn.body.contains("accepted already"), "{}", withdrawn.body);
    let ended = lee.post(&format!("{path}/end"), &[("version", &version)]).await;
    assert_eq!(ended.status, 303, "{}", ended.body);
    assert_eq!(request(&world, id).await.state, State::Ended);
    let all = offers(&world, id).await;
    assert_eq!((all[0].stands, all[1].stands), (Stands::Accepted, Stands::Declined));
    // What was lent comes back, and either side says so, once.
    let back = |version: &'static str| [("version", version)];
    assert_eq!(bob.post(&format!("/aid/offers/{}/return", first.id), &back("2")).await.status, 303);
    assert_eq!(lee.post(&format!("/aid/offers/{}/return", first.id), &back("2")).await.status, 422);
    assert_eq!(offers(&world, id).await[0].stands, Stands::Returned);
    // Who was not asked finds nothing, and the CERT asks one more while it is open.
    let (open, _) = ask(&world, &rae, &asked(&world, "RWA", &["RCC"])).await;
    assert_eq!(bob.get(&format!("/aid/{open}")).await.status, 404);
    assert_eq!(bob.post(&format!("/aid/{open}/invite"), &[("organisation", "RBB")]).await.status, 403);
    let dee = world.signed_in(world.person("Dee Duty", Role::DutyManager, None).await).await;
    assert_eq!(dee.post(&format!("/aid/{open}/invite"), &[("organisation", "rbb")]).await.status, 303);
    let twice = dee.post(&format!("/aid/{open}/invite"), &[("organisation", "RBB")]).await;
    assert!(twice.status == 422 && twice.body.contains("#organisation"));
    assert_eq!(bob.get(&format!("/aid/{open}")).await.status, 200);
}

#[tokio::test]
async fn two_acceptances_at_the_same_moment_never_fill_a_request_twice() {
    let Region { world, rae, bea, cat, .. } = region().await;
    let (id, _) = ask(&world, &rae, &asked(&world, "RWA", &["RBB", "RCC"])).await;
    offer(&world, &bea, id, &offered(&world, "RBB", 4)).await;
    let all = offer(&world, &cat, id, &offered(&world, "RCC", 4)).await;
    let (one, other) =
        tokio::join!(accepted(&world, &rae, all[0].id, 4), accepted(&world, &rae, all[1].id, 4));
    let outcomes = [one.is_ok(), other.is_ok()];
    assert_eq!(outcomes.iter().filter(|done| **done).count(), 1, "{outcomes:?}");
    let stands = request(&world, id).await;
    assert_eq!((stands.accepted, stands.state), (4, State::Open));
    let waiting = offers(&world, id).await.into_iter().find(|each| each.stands == Stands::Offered).unwrap();
    accepted(&world, &rae, waiting.id, 1).await.unwrap();
    let stands = request(&world, id).await;
    assert_eq!((stands.accepted, stands.state), (5, State::Fulfilled));
    // The same form sent again is one offer, and one request.
    let (again, _) = ask(&world, &rae, &asked(&world, "RWA", &["RBB"])).await;
    let same = offered(&world, "RBB", 1);
    offer(&world, &bea, again, &same).await;
    assert_eq!(offer(&world, &bea, again, &same).await.len(), 1);
}

#[tokio::test]
async fn what_could_be_lent_is_found_by_the_cert_and_by_those_in_need() {
    let Region { world, need, near, rae, bea, .. } = region().await;
    lendable(&world, &bea, "RBB", What::Network).await;
    let lee = world.signed_in(world.person("Lee Lead", Role::Lead, Some(need)).await).await;
    let dee = world.signed_in(world.person("Dee Duty", Role::DutyManager, None).await).await;
    assert!(dee.get("/aid/lend?what=network").await.body.contains("Near NHS Trust"));
    assert!(!dee.get("/aid/lend?what=beds").await.body.contains("Near NHS Trust"));
    assert!(
        !lee.get("/aid/lend?what=network").await.body.contains("Near NHS Trust"),
        "nothing is the matter"
    );
    reported(&world, &rae, "RWA").await;
    assert!(lee.get("/aid/lend?what=network&region=Y56").await.body.contains("Near NHS Trust"));
    let network =
        Asked { what: What::Network, reach: Reach::Offered, named: Vec::new(), ..asked(&world, "RWA", &[]) };
    let (id, shown) = ask(&world, &rae, &network).await;
    assert_eq!(shown, 1);
    assert!(dee.get(&format!("/aid/{id}")).await.body.contains("Who has said that they can lend this"));
    let mut tx = world.app.write().await.unwrap();
    let beds = Asked { what: What::Beds, form: world.app.env.id(), ..network };
    assert!(matches!(actions::ask(&mut tx, &rae, &beds).await, Err(AidError::Nobody)));
    drop(tx);
    let bob = world.signed_in(world.person("Bob Near", Role::Responder, Some(near)).await).await;
    let mut snapshot = world.app.read().await.unwrap();
    let standing = store::standing(&mut snapshot, None, None, None).await.unwrap().remove(0);
    drop(snapshot);
    assert_eq!(lee.post(&format!("/aid/lend/{}/end", standing.id), &[]).await.status, 404);
    assert_eq!(bob.post(&format!("/aid/lend/{}/end", standing.id), &[]).await.status, 303);
    assert!(!dee.get("/aid/lend").await.body.contains("Near NHS Trust"));
}

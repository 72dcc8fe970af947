//! A supplier is found by the beginnings of the words of its name: somebody chooses where several fit, nothing is
//! joined or declared by a guess, and no organisation learns which suppliers others have named.

use carecert::SERVICES;
use db::{params, sql};
use platform::access::Role;
use react::report::actions::Sent;
use testkit::world::{Client, World};

use crate::{
    furnished_aid::{used, uses},
    furnished_incidents::reported,
    issuing::actor,
};

/// A trust and a practice that use systems of two suppliers whose names begin alike, and an incident.
async fn sector() -> (World, Sent) {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    world.organisation("A81001", "The Quokka Surgery", "gp_practice").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    used(&world, &rae, "RWA", &uses("Aspen Records Ltd", "Patient records")).await;
    used(&world, &ana, "A81001", &uses("Aspen Cloud", "Appointments")).await;
    let sent = reported(&world, &rae, "RWA").await;
    (world, sent)
}

async fn duty(world: &World) -> Client<'_> {
    world.signed_in(world.person("Dee Duty", Role::DutyManager, None).await).await
}

/// Keeps a supplier of the register as organisations are taken in: with the words of its name.
async fn of_the_register(world: &World, code: &str, name: &str) {
    let id = world.organisation(code, name, "supplier").await;
    let mut tx = world.app.write().await.unwrap();
    for word in platform::fold::words(name) {
        let statement = sql!("INSERT INTO organisation_word (word, organisation_id) VALUES (?1, ?2)");
        tx.run(statement, params![word, id]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// What is told to be used: each system and whose it is.
async fn all_uses(world: &World) -> Vec<(String, String)> {
    let statement = sql!(
        "SELECT u.system, s.name FROM supplier_use u JOIN supplier s ON s.id = u.supplier_id ORDER BY u.system"
    );
    world.app.read().await.unwrap().all(statement, params![]).await.unwrap()
}

#[tokio::test]
async fn which_one_is_down_is_chosen_before_anything_is_declared() {
    let (world, sent) = sector().await;
    let dee = duty(&world).await;
    let page = format!("/incidents/{}/outage", sent.incident);
    let both = dee.get(&format!("{page}?supplier=asp&system=rota")).await;
    assert_eq!(both.status, 200);
    assert!(
        both.body.contains("Which one do you mean?") && !both.body.contains("Declare it"),
        "{}",
        both.body
    );
    let one = format!("{page}?supplier=Aspen+Cloud&#38;system=rota");
    let one =
        if both.body.contains(&one) { one } else { format!("{page}?supplier=Aspen+Cloud&amp;system=rota") };
    assert!(both.body.contains(&one) && both.body.contains("Aspen Records Ltd"), "{}", both.body);
    assert!(both.body.contains("which 1 organisation uses"), "{}", both.body);

    // One alone is shown by its whole name, and by that it is declared.
    let found = dee.get(&format!("{page}?supplier=asp+REC&system=")).await.body;
    assert!(found.contains("Aspen Records Ltd: whom it concerns"), "{found}");
    assert!(found.contains("name=\"supplier\" value=\"Aspen Records Ltd\""), "{found}");
    for unknown in ["spen", "asp+radiology", "-"] {
        let none = dee.get(&format!("{page}?supplier={unknown}&system=")).await;
        assert!(none.status == 422 && none.body.contains("No supplier is known"), "{}", none.body);
    }

    let fields = |supplier: &'static str| {
        [
            ("supplier", supplier),
            ("system", ""),
            ("told", "Numbats"),
            ("hours", "4"),
            ("since-day", "1"),
            ("since-month", "6"),
            ("since-year", "2026"),
            ("since-time", "8:30"),
        ]
    };
    let guessed = dee.post(&page, &fields("aspen")).await;
    assert!(guessed.status == 422 && guessed.body.contains("#supplier"), "{}", guessed.body);
    assert!(guessed.body.contains("Which one do you mean?"), "{}", guessed.body);
    let done = dee.post(&page, &fields("aspen rec")).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(dee.get(done.location().unwrap()).await.body.contains("Aspen Records Ltd"));
}

#[tokio::test]
async fn what_cannot_be_parted_again_is_joined_to_the_one_that_was_chosen() {
    let (world, _) = sector().await;
    let dee = duty(&world).await;
    let list = dee.get("/suppliers?q=asp+cl").await.body;
    let (_, rest) = list.split_once("href=\"/suppliers/0").expect("the supplier");
    let cloud = format!("/suppliers/0{}", rest.split_once('"').unwrap().0);
    let asked = dee.post(&format!("{cloud}/join"), &[("version", "1"), ("into", "asp")]).await;
    assert!(asked.status == 422 && asked.body.contains("#into"), "{}", asked.body);
    assert!(asked.body.contains("type=\"radio\" value=\"Aspen Records Ltd\""), "{}", asked.body);
    assert!(!asked.body.contains("value=\"Aspen Cloud\""), "never to itself: {}", asked.body);
    let joined = dee.post(&format!("{cloud}/join"), &[("version", "1"), ("into", "Aspen Records Ltd")]).await;
    assert_eq!(joined.status, 303, "{}", joined.body);
    // It is found by either name from now on.
    for words in ["asp+cl", "rec"] {
        let list = dee.get(&format!("/suppliers?q={words}")).await.body;
        assert!(list.contains("Aspen Records Ltd") && !list.contains(">Aspen Cloud"), "{words}: {list}");
    }
}

#[tokio::test]
async fn whose_a_system_is_is_chosen_or_kept_as_it_was_typed() {
    let (world, _) = sector().await;
    let dee = duty(&world).await;
    let form = |supplier: &'static str, system: &'static str, as_typed: &'static str| {
        [
            ("organisation", "RWA"),
            ("supplier", supplier),
            ("as_typed", as_typed),
            ("system", system),
            ("clinical", "no"),
            ("downtime", "Paper numbats"),
        ]
    };
    let asked = dee.post("/suppliers/add", &form("asp", "Theatres", "")).await;
    assert!(asked.status == 422 && asked.body.contains("#supplier"), "{}", asked.body);
    for offered in ["Aspen Cloud", "Aspen Records Ltd", "asp"] {
        assert!(asked.body.contains(&format!("type=\"radio\" value=\"{offered}\"")), "{}", asked.body);
    }
    assert!(asked.body.contains("None of these: it is called asp") && asked.body.contains("Paper numbats"));
    assert!(asked.body.contains("name=\"as_typed\" value=\"asp\""), "{}", asked.body);
    let chosen = dee.post("/suppliers/add", &form("Aspen Cloud", "Theatres", "asp")).await;
    assert_eq!(chosen.status, 303, "{}", chosen.body);
    let kept = dee.post("/suppliers/add", &form("asp", "Rota", "asp")).await;
    assert_eq!(kept.status, 303, "{}", kept.body);
    let new = dee.post("/suppliers/add", &form("Wombat Systems", "Wards", "")).await;
    assert_eq!(new.status, 303, "{}", new.body);
    let stands = [
        ("Appointments", "Aspen Cloud"),
        ("Patient records", "Aspen Records Ltd"),
        ("Rota", "asp"),
        ("Theatres", "Aspen Cloud"),
        ("Wards", "Wombat Systems"),
    ];
    assert_eq!(all_uses(&world).await, stands.map(|(system, name)| (system.to_owned(), name.to_owned())));
}

#[tokio::test]
async fn no_organisation_learns_what_others_have_named() {
    let (world, _) = sector().await;
    of_the_register(&world, "YGM99", "Aspen Imaging Systems").await;
    let trust = {
        let mut snapshot = world.app.read().await.unwrap();
        platform::organisation::store::id_of(&mut snapshot, "RWA").await.unwrap()
    };
    let lee = world.signed_in(world.person("Lee Lead", Role::Lead, trust).await).await;
    let form = |supplier: &'static str, system: &'static str| {
        [("organisation", "RWA"), ("supplier", supplier), ("system", system), ("clinical", "no")]
    };
    let asked = lee.post("/suppliers/add", &form("aspen", "Theatres")).await;
    assert_eq!(asked.status, 422, "{}", asked.body);
    assert!(asked.body.contains("Aspen Records Ltd"), "its own: {}", asked.body);
    assert!(asked.body.contains("Aspen Imaging Systems"), "the register's: {}", asked.body);
    assert!(!asked.body.contains("Cloud"), "another's: {}", asked.body);
    // That another one named it changes nothing for whoever types it too.
    assert_eq!(lee.post("/suppliers/add", &form("aspen cloud", "Theatres")).await.status, 303);
    let imaging = lee.post("/suppliers/add", &form("YGM99", "Imaging")).await;
    assert_eq!(imaging.status, 303, "{}", imaging.body);
    let own = lee.get("/suppliers").await.body;
    assert!(own.contains("Aspen Imaging Systems"), "{own}");

    // What stands is changed without being asked for it again.
    let (_, rest) = own.split_once("href=\"/suppliers/uses/").expect("a system");
    let path = format!("/suppliers/uses/{}", rest.split_once('"').unwrap().0);
    assert!(lee.get(&path).await.body.contains("name=\"as_typed\" value=\"Aspen Records Ltd\""));
    let fields = [
        ("version", "1"),
        ("as_typed", "Aspen Records Ltd"),
        ("supplier", "Aspen Records Ltd"),
        ("system", "Records"),
        ("clinical", "yes"),
    ];
    let changed = lee.post(&path, &fields).await;
    assert_eq!(changed.status, 303, "{}", changed.body);
}

/// Ten are offered of however many there are, at the cost of a few.
#[tokio::test]
async fn it_costs_the_same_among_many_as_among_few() {
    let mut costs = Vec::new();
    for many in [2, 60] {
        let (world, sent) = sector().await;
        let ana = actor(&world, "Ann Alyst", Role::Analyst, None).await;
        for place in 0..many {
            used(&world, &ana, "RWA", &uses(&format!("Bilby {place:03}"), "Wards")).await;
        }
        let dee = duty(&world).await;
        let before = world.app.db.statements();
        let page = dee.get(&format!("/incidents/{}/outage?supplier=bil", sent.incident)).await.body;
        let looking = world.app.db.statements() - before;
        assert_eq!(page.matches("?supplier=Bilby+").count(), many.min(10), "{page}");
        assert_eq!(page.contains("There are more"), many > 10, "{page}");
        let fields = [("organisation", "RWA"), ("supplier", "bil"), ("system", "Rota"), ("clinical", "no")];
        let before = world.app.db.statements();
        let asked = dee.post("/suppliers/add", &fields).await.body;
        costs.push((looking, world.app.db.statements() - before));
        assert_eq!(asked.matches("value=\"Bilby ").count(), many.min(10), "{asked}");
    }
    assert_eq!(costs[0], costs[1]);
}

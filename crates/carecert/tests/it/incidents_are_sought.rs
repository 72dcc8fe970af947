//! Who rings about an incident has its number at hand, or the name of their hospital: both lead to it, whatever else
//! there is.

use carecert::SERVICES;
use db::{params, sql};
use platform::{access::Role, organisation::OrganisationId};
use testkit::world::World;

use crate::{
    furnished_incidents::{reported, unknown},
    issuing::actor,
    sector_in_hand::organisations,
};

/// Gives organisations words, by which they are found.
async fn called(world: &World, organisations: &[OrganisationId], words: &[&str]) {
    let mut tx = world.app.write().await.unwrap();
    for organisation in organisations {
        for word in words {
            let statement = sql!("INSERT INTO organisation_word (word, organisation_id) VALUES (?1, ?2)");
            tx.run_later(statement, params![*word, *organisation]).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_number_leads_to_its_incident_whichever_list_it_is_in() {
    let world = World::new(SERVICES).await;
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    let ana = world.signed_in(world.person("Ana Lyst", Role::Analyst, None).await).await;
    let told = reported(&world, &rae, "RWA").await;
    let apart = unknown(&world, Some(trust), "Walking").await;
    for (sent, typed) in [(&told, told.receipt.to_string()), (&apart, apart.receipt.to_string())] {
        for typed in [typed.clone(), typed.to_lowercase(), typed.replacen('-', "", 2).replacen('I', "I-", 1)]
        {
            let answer = ana.get(&format!("/incidents?q={typed}")).await;
            assert_eq!(answer.location(), Some(format!("/incidents/{}", sent.incident).as_str()), "{typed}");
        }
    }
    let none = ana.get("/incidents?q=I-2222-2222").await;
    assert!(none.status == 200 && none.body.contains("None is like this."), "{}", none.body);
    assert!(none.body.contains("I-2222-2222"), "what was typed stays: {}", none.body);
    // The number of another's incident is nothing to an organisation.
    let other = world.organisation("RWB", "Another NHS Trust", "trust").await;
    let bea = actor(&world, "Bea Responder", Role::Responder, Some(other)).await;
    let bea = world.signed_in(bea.person().unwrap().id).await;
    let list = bea.get(&format!("/incidents?q={}", told.receipt)).await;
    assert!(list.status == 200 && !list.body.contains(told.receipt.code()), "{}", list.body);
}

#[tokio::test]
async fn words_of_an_organisation_find_its_incidents_whether_few_have_them_or_many() {
    let world = World::new(SERVICES).await;
    // As many as make a word common, so that the list is walked for it.
    let surgeries = organisations(&world, "S", "gp_practice", 1_001).await;
    called(&world, &surgeries, &["surgery"]).await;
    called(&world, &surgeries[..2], &["quokka"]).await;
    let mut sent = Vec::new();
    for (place, surgery) in surgeries[..3].iter().enumerate() {
        let ray = actor(&world, &format!("Ray {place}"), Role::Responder, Some(*surgery)).await;
        sent.push(reported(&world, &ray, &format!("S{place:04}")).await);
    }
    let trust = world.organisation("RWA", "Walking NHS Trust", "trust").await;
    let rae = actor(&world, "Rae Responder", Role::Responder, Some(trust)).await;
    sent.push(reported(&world, &rae, "RWA").await);
    let ana = actor(&world, "Ana Lyst", Role::Analyst, None).await;
    let mut tx = world.app.write().await.unwrap();
    react::incident::actions::take_on(&mut tx, &ana, sent[1].incident, 1).await.unwrap();
    tx.commit().await.unwrap();
    let ana = world.signed_in(ana.person().unwrap().id).await;
    for (asked, found) in [
        ("q=Surg", vec![0, 1, 2]),
        ("q=quok", vec![0, 1]),
        ("q=quokka+surgery", vec![0, 1]),
        ("q=quokka&state=open", vec![1]),
        ("q=surgery&state=open", vec![1]),
        ("q=quokka&state=reported&standing=session", vec![0]),
        ("q=surgery&state=reported&standing=session", vec![0, 2]),
        ("q=quokka&list=apart", vec![]),
        ("q=surgery&list=apart", vec![]),
        ("q=wombat", vec![]),
        ("q=quokka+wombat", vec![]),
        ("q=", vec![0, 1, 2, 3]),
    ] {
        let page = ana.get(&format!("/incidents?{asked}")).await.body;
        let told: Vec<usize> =
            (0..sent.len()).filter(|place| page.contains(sent[*place].receipt.code())).collect();
        assert_eq!(told, found, "{asked}");
    }
}

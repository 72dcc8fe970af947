//! The pages of organisations in a real browser: readable by all, at 400 % zoom, asking nobody else.

use std::fs::File;

use carecert::SERVICES;
use formats::ods::Format;
use platform::{
    Actor,
    access::Role,
    organisation::{import, store},
};
use testkit::{
    browser::{Browser, Size},
    world::World,
};

const CONTACTS: &str = "organisation,role,kind,name,email,telephone,verified\n\
    A81001,security_lead,person,Sam Lead,sam.lead@densham.example,01632 960 001,2026-01-05\n\
    A81001,deputy,person,Dee Deputy,dee.deputy@densham.example,,\n\
    A81001,on_call,on_call_mobile,Practice mobile,,07700 900 123,\n";

#[tokio::test(flavor = "multi_thread")]
async fn organisation_pages_work_for_everybody() -> anyhow::Result<()> {
    let world = World::new(SERVICES).await;
    let here = Actor::Job("import");
    let file = File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/broadcast/ods/etr.csv"))?;
    import::organisations(&world.app, &here, file, "etr.csv", Format::Detect, &|_| {}).await?;
    let plain = "code,name,type,region,parent,icb,address,postcode,telephone\n\
                 A81001,THE DENSHAM SURGERY,gp_practice,Y63,00K,QHM,\"The Health Centre, Lawson Street\",TS18 1HU,01642 672351\n\
                 QHM,NHS North East and North Cumbria ICB,icb,Y63,,,,,0300 0300\n";
    import::organisations(&world.app, &here, plain.as_bytes(), "plain.csv", Format::Detect, &|_| {}).await?;
    import::contacts(&world.app, &here, CONTACTS.as_bytes(), "contacts.csv", &|_| {}).await?;
    let answers = "answering,organisation,from,until,note\nQHM,A81001,2026-06-01,,Contract 7\n";
    import::answers(&world.app, &here, answers.as_bytes(), "answers.csv", &|_| {}).await?;
    world.work().await;
    let mut snapshot = world.app.read().await?;
    let practice = store::id_of(&mut snapshot, "A81001").await?.expect("it was imported");
    let board = store::id_of(&mut snapshot, "QHM").await?.expect("it was imported");
    drop(snapshot);

    let admin = world.person("Ada Admin", Role::Admin, None).await;
    let cookie = world.signed_in(admin).await.cookie.expect("a session");
    let address = world.listen().await;
    let contact = world.signed_in(admin).await.get(&format!("/organisations/{practice}")).await.body;
    let contact =
        contact.split('"').find(|part| part.starts_with("/contacts/")).expect("a contact").to_owned();
    let browser = Browser::open(Size::Desktop).await?;
    browser.goto(&format!("{address}/about/privacy")).await?;
    browser.ask::<Option<String>>(&format!("document.cookie = '{cookie}; path=/'; return null")).await?;
    for path in [
        "/organisations?q=leeds".to_owned(),
        "/organisations/unreachable".to_owned(),
        format!("/organisations/{practice}"),
        format!("/organisations/{board}"),
        format!("/organisations/{practice}/contacts/add"),
        format!("/organisations/{practice}/answering"),
        contact.clone(),
        format!("{contact}/cover"),
    ] {
        browser.goto(&format!("{address}{path}")).await?;
        browser.assert_accessible().await?;
        browser.zoom_400().await?;
        browser.assert_no_sideways_scroll().await?;
        browser.resize(Size::Desktop).await?;
    }
    browser.assert_no_foreign_requests(&address).await?;
    browser.close().await
}

//! The made-up people of the demonstration: one for each role, and two API keys.

use anyhow::Context;
use db::{DbError, Snapshot, params, sql};
use platform::{
    App,
    access::{Actor, Person, PersonId, Role, resolve},
    account::actions::{Seed, seed},
    key::{self, Scope, actions::NewKey},
    organisation::{OrganisationId, contact::Mobile},
    rota,
    settings::Hashing,
};

use super::{
    sector::{self, ICB, LONE, PRACTICE},
    story::REGIONS,
};

/// The trust whose people a visitor can be: Leeds Teaching Hospitals.
pub const TRUST: &str = "RR8";

db::record! {
    /// What a visitor types to be one of them.
    pub struct SignIn {
        /// The role, as its code; `icb` for the responder of the ICB.
        pub role: String,
        /// The address.
        pub email: String,
        /// The password.
        pub password: String,
    }
}

/// Who acts in the story.
#[derive(Clone, Debug)]
pub struct People {
    /// Writes the advisory.
    pub analyst: Actor,
    /// Approves and publishes it.
    pub duty_manager: Actor,
    /// Answers for the practices of the ICB.
    pub icb: Actor,
    /// Answers for the visitor's trust.
    pub responder: Actor,
    /// Keeps its codes.
    pub lead: Actor,
    /// Decides there about risks.
    pub executive: Actor,
    /// The only IT person of a small trust.
    pub lone: Actor,
    /// Proves the log.
    pub auditor: Actor,
    /// Those who answer for the other trusts of the story's regions, by code.
    pub trusts: Vec<Trust>,
    /// The practices that the ICB answers for, by code.
    pub practices: Vec<(OrganisationId, String)>,
}

/// A trust of the story with somebody who answers for it. They cannot sign in: nobody knows their
/// password.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Which.
    pub id: OrganisationId,
    /// Its code.
    pub code: String,
    /// Who answers.
    pub actor: Actor,
}

impl People {
    /// The trust of this code.
    pub fn trust(&self, code: &str) -> anyhow::Result<&Trust> {
        let found = self.trusts.iter().find(|trust| trust.code == code);
        found.with_context(|| format!("no trust {code} in the regions of the story"))
    }
}

/// Made-up names, so that nobody is taken for a real person.
const CAST: [(&str, &str, Role, Option<&str>); 12] = [
    ("responder", "Rhys Responder", Role::Responder, Some(TRUST)),
    ("lead", "Lena Lead", Role::Lead, Some(TRUST)),
    ("executive", "Edith Executive", Role::Executive, Some(TRUST)),
    ("viewer", "Victor Viewer", Role::Viewer, Some(TRUST)),
    ("learner", "Lou Learner", Role::Learner, Some(TRUST)),
    ("lone", "Liam Lone", Role::Responder, Some(LONE)),
    ("icb", "Ines Integrated", Role::Responder, Some(ICB)),
    ("practice", "Priya Practice", Role::Lead, Some(PRACTICE)),
    ("analyst", "Amira Analyst", Role::Analyst, None),
    ("duty_manager", "Dara Duty", Role::DutyManager, None),
    ("admin", "Adam Admin", Role::Admin, None),
    ("auditor", "Agnes Auditor", Role::Auditor, None),
];

/// The words for a part: who it is, and what they do here.
pub fn part(key: &str) -> (&'static str, &'static str) {
    match key {
        "responder" => ("Responder", "Answers the alert for a hospital trust"),
        "lead" => ("Security lead", "Also keeps the trust's contacts and staff"),
        "executive" => ("Executive (SIRO)", "Accepts a risk for the trust, or does not"),
        "viewer" => ("Viewer", "Reads what the trust may read"),
        "learner" => ("Learner", "Learns; signs in with the password alone"),
        "lone" => ("Lone IT person", "The only one at a small trust, with one mailbox"),
        "icb" => ("Responder of an ICB", "Answers for 120 practices"),
        "practice" => ("Practice manager", "Runs one of these practices, for which the ICB answers"),
        "analyst" => ("Analyst", "Judges threats and writes advisories"),
        "duty_manager" => ("Duty manager", "Approves, publishes, watches the sector"),
        "admin" => ("Administrator", "Keeps organisations, accounts and jobs"),
        "auditor" => ("Auditor", "Reads everything and changes nothing"),
        _ => ("Somebody", ""),
    }
}

/// Makes them.
pub async fn make(app: &App) -> anyhow::Result<People> {
    for (place, (key, name, role, code)) in CAST.iter().enumerate() {
        let organisation = match code {
            Some(code) => Some(organisation(&mut app.read().await?, code).await?),
            None => None,
        };
        let mut tx = app.write().await?;
        let email = match *key {
            // Their mailbox is the trust's.
            "lone" => format!("it@{}.example", LONE.to_lowercase()),
            key => format!("{key}@demo.example").replace('_', "."),
        };
        let password = phrase(tx.below(u64::MAX));
        let made = Seed { name, email: &email, role: *role, organisation, password: &password };
        seed(&mut tx, app.settings.hashing, &made).await?;
        let statement =
            sql!("INSERT INTO demo_sign_in (role, email, password, place) VALUES (?1, ?2, ?3, ?4)");
        let place = i64::try_from(place)?;
        tx.run(statement, params![*key, email, password, place]).await?;
        tx.commit().await?;
    }
    make_keys(app).await?;
    let duty_manager = actor(app, "duty_manager").await?;
    on_call(app, &duty_manager).await?;
    Ok(People {
        analyst: actor(app, "analyst").await?,
        duty_manager,
        icb: actor(app, "icb").await?,
        responder: actor(app, "responder").await?,
        lead: actor(app, "lead").await?,
        executive: actor(app, "executive").await?,
        lone: actor(app, "lone").await?,
        auditor: actor(app, "auditor").await?,
        trusts: trusts(app).await?,
        practices: sector::practices(app).await?,
    })
}

/// Gives the duty manager the mobile on which they are texted, of those numbers that are nobody's.
async fn on_call(app: &App, duty_manager: &Actor) -> anyhow::Result<()> {
    let who = duty_manager.person().context("a person")?.id;
    let mut tx = app.write().await?;
    rota::set_mobile(&mut tx, who, Mobile::read("07700 900 999").as_ref()).await?;
    tx.commit().await?;
    Ok(())
}

/// The trusts of the story's regions that nobody of the cast is at, each with a responder.
async fn trusts(app: &App) -> anyhow::Result<Vec<Trust>> {
    let statement = sql!(
        "SELECT id, code FROM organisation
         WHERE kind = 'trust' AND status = 'open' AND region IN (?1, ?2) AND code NOT IN (?3, ?4)
         ORDER BY code"
    );
    let [here, there] = REGIONS;
    let found: Vec<(OrganisationId, String)> =
        app.db.read_long().await?.all(statement, params![here, there, TRUST, LONE]).await?;
    let mut trusts = Vec::with_capacity(found.len());
    for (id, code) in found {
        let actor = responder(app, id, &code).await?;
        trusts.push(Trust { id, code, actor });
    }
    Ok(trusts)
}

async fn responder(app: &App, trust: OrganisationId, code: &str) -> anyhow::Result<Actor> {
    let mut tx = app.write().await?;
    let name = format!("Responder of {code}");
    let email = format!("responder@{}.example", code.to_lowercase());
    let password = format!("{:032x}", u128::from_le_bytes(tx.bytes()));
    let made = Seed {
        name: &name,
        email: &email,
        role: Role::Responder,
        organisation: Some(trust),
        password: &password,
    };
    let id = seed(&mut tx, Hashing::Cheap, &made).await?;
    tx.commit().await?;
    let roles = resolve::roles(&mut app.read().await?, id, app.env.now()).await?;
    Ok(Actor::Person(Person { id, name, session: app.env.id(), roles }))
}

/// Whose a key of the demonstration is: the trust's, for its ticket system.
pub const KEY_OF_TRUST: &str = "trust";
/// The CERT's own, for a system of the duty room.
pub const KEY_OF_CERT: &str = "cert";

/// A key for the trust's ticket system, given by its security lead, and one for the CERT's own systems, given
/// by its administrator.
async fn make_keys(app: &App) -> anyhow::Result<()> {
    let (lead, admin) = (actor(app, "lead").await?, actor(app, "admin").await?);
    let mut tx = app.write().await?;
    let trust = organisation(&mut tx, TRUST).await?;
    for (whose, name, by, organisation) in
        [(KEY_OF_TRUST, "Ticket system", &lead, Some(trust)), (KEY_OF_CERT, "Duty room", &admin, None)]
    {
        let new = NewKey {
            form: None,
            name: name.to_owned(),
            organisation,
            scopes: Scope::of(organisation).into(),
            days: 365,
            stands_for: organisation.into_iter().collect(),
        };
        let (_, token) = key::actions::create(&mut tx, by, &new).await?;
        tx.run(sql!("INSERT INTO demo_key (token, whose) VALUES (?1, ?2)"), params![token, whose]).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The token of the key of [`KEY_OF_TRUST`] or [`KEY_OF_CERT`]; an old demonstration has none of the CERT's.
pub async fn key_token(snapshot: &mut Snapshot, whose: &str) -> Result<Option<String>, DbError> {
    let statement = sql!("SELECT token FROM demo_key WHERE whose = ?1");
    Ok(snapshot.maybe::<(String,)>(statement, params![whose]).await?.map(|(token,)| token))
}

/// Four plain words: easy to type from one window to another, and longer than a password must be.
fn phrase(number: u64) -> String {
    const WORDS: [&str; 32] = [
        "amber", "basil", "cedar", "delta", "ember", "fjord", "grove", "hazel", "ivory", "jumbo", "kayak",
        "lemon", "maple", "nylon", "olive", "pearl", "quilt", "raven", "sandy", "tulip", "umber", "violet",
        "willow", "xenon", "yacht", "zebra", "acorn", "bison", "coral", "dune", "elder", "fern",
    ];
    let word = |place: u32| WORDS[usize::try_from((number >> (5 * place)) % 32).expect("below 32")];
    [0, 1, 2, 3].map(word).join("-")
}

async fn organisation(snapshot: &mut Snapshot, code: &str) -> anyhow::Result<OrganisationId> {
    let found: Option<(OrganisationId,)> =
        snapshot.maybe(sql!("SELECT id FROM organisation WHERE code = ?1"), params![code]).await?;
    Ok(found.with_context(|| format!("the files have no organisation {code}"))?.0)
}

/// The person of this part, acting as if signed in.
async fn actor(app: &App, key: &str) -> anyhow::Result<Actor> {
    let mut snapshot = app.read().await?;
    let statement =
        sql!("SELECT p.id, p.name FROM demo_sign_in s JOIN person p ON p.email = s.email WHERE s.role = ?1");
    let (id, name): (PersonId, String) = snapshot.one(statement, params![key]).await?;
    let roles = resolve::roles(&mut snapshot, id, app.env.now()).await?;
    Ok(Actor::Person(Person { id, name, session: app.env.id(), roles }))
}

/// The sign-ins, in the order of a story.
pub async fn sign_ins(snapshot: &mut Snapshot) -> Result<Vec<SignIn>, DbError> {
    snapshot.all(sql!("SELECT role, email, password FROM demo_sign_in ORDER BY place"), params![]).await
}

//! Twenty simulated days, a thousand organisations, each with a behaviour of its own: every message
//! is one that a naive model of the policy expects, none is missing, none is sent twice.

use std::collections::BTreeSet;

use broadcast::response::{self, Applies, Chosen, Outcome, Said};
use db::{macro_support::Uuid, params, sql};
use jiff::SignedDuration;
use platform::{
    Actor, Tx,
    access::{Person, PersonId, Role},
    organisation::OrganisationId,
};
use serde_json::Value as Json;

use crate::sector_in_hand::{alert, answers_for, contact, organisations, world};

const DAYS: u64 = 20;
const NEVER: u64 = u64::MAX;

/// What one organisation does, in hours since issue.
struct Story {
    acknowledges: u64,
    updates: Vec<u64>,
    closes: u64,
    does_not_apply: bool,
    /// Mailboxes by role, those of whoever answers for it.
    mailboxes: Vec<(&'static str, String)>,
}

/// Address, kind, clock, rung, hour of the deadline.
type Told = (String, String, String, i64, u64);

impl Story {
    /// What the policy response/1 says, written down once more by hand.
    fn expected(&self) -> Vec<Told> {
        const CONTACTS: (&str, &[&str]) = ("reminder", &["security_lead", "shared_mailbox"]);
        const DEPUTIES: (&str, &[&str]) = ("escalation", &["security_lead", "deputy", "shared_mailbox"]);
        const EXECUTIVE: (&str, &[&str]) = ("breach", &["executive"]);
        let mut rungs = Vec::new();
        for (rung, hour, tell) in
            [(0, 12, DEPUTIES), (1, 24, CONTACTS), (2, 44, CONTACTS), (3, 48, EXECUTIVE)]
        {
            if self.acknowledges >= hour {
                rungs.push(("acknowledge", rung, 48, hour, tell));
            }
        }
        if self.acknowledges != NEVER {
            let mut points = vec![self.acknowledges];
            points.extend(&self.updates);
            for (place, point) in points.iter().enumerate() {
                let next = points.get(place + 1).copied().unwrap_or(NEVER).min(self.closes);
                for (rung, hour, tell) in [(0, point + 48, CONTACTS), (1, point + 72, EXECUTIVE)] {
                    if next >= hour {
                        rungs.push(("update", rung, point + 72, hour, tell));
                    }
                }
            }
        }
        for (rung, hour, tell) in [(0, 264, CONTACTS), (1, 312, CONTACTS), (2, 336, EXECUTIVE)] {
            if self.closes >= hour {
                rungs.push(("remediate", rung, 336, hour, tell));
            }
        }
        let mut told = Vec::new();
        for (clock, rung, due, hour, (kind, roles)) in rungs {
            if hour > DAYS * 24 {
                continue;
            }
            for (role, address) in &self.mailboxes {
                if roles.contains(role) {
                    told.push((address.clone(), kind.to_owned(), clock.to_owned(), rung, due));
                }
            }
        }
        told
    }
}

/// A responder of `organisation`; only the membership matters here.
async fn responder(tx: &mut Tx, organisation: OrganisationId) -> Actor {
    let (id, membership, now): (PersonId, Uuid, _) = (tx.id(), tx.id(), tx.now);
    let row = sql!(
        "INSERT INTO membership (id, holder_id, organisation_id, role, from_at) VALUES (?1, ?2, ?3, 'responder', ?4)"
    );
    tx.run(row, params![membership, id, organisation, now]).await.unwrap();
    let roles = vec![(Some(organisation), Role::Responder)];
    Actor::Person(Person { id, name: "R".to_owned(), session: tx.id(), roles })
}

async fn mailboxes(
    tx: &mut Tx,
    organisation: OrganisationId,
    place: usize,
    at: &str,
) -> Vec<(&'static str, String)> {
    let mut made = vec![("security_lead", format!("lead@{at}.example"))];
    for (role, every) in [("shared_mailbox", 2), ("deputy", 3), ("executive", 4)] {
        if place.is_multiple_of(every) {
            made.push((role, format!("{role}@{at}.example")));
        }
    }
    for (role, address) in &made {
        contact(tx, organisation, role, address).await;
    }
    made
}

#[tokio::test]
async fn every_message_of_twenty_days_is_one_that_the_policy_asks_for() {
    let world = world().await;
    let board = organisations(&world, "Q", "icb", 1).await[0];
    let all = organisations(&world, "A", "gp_practice", 1_000).await;
    answers_for(&world, board, &all[800..]).await;
    let mut tx = world.app.write().await.unwrap();
    let of_board = mailboxes(&mut tx, board, 0, "board").await;
    let ray = responder(&mut tx, board).await;
    let mut stories = Vec::new();
    let mut actors = Vec::new();
    for (place, organisation) in all.iter().enumerate() {
        let own = mailboxes(&mut tx, *organisation, place, &format!("a{place}")).await;
        let answered = place >= 800;
        // The board acknowledges for all but twenty, and closes for all but ten.
        let (acknowledges, updates, closes) = if answered {
            (if place < 980 { 30 } else { 60 }, vec![90, 200], if place < 990 { 300 } else { NEVER })
        } else {
            let acknowledges = 1 + tx.below(70);
            let updates: Vec<_> = (1..=tx.below(5))
                .scan(acknowledges, |at, _| {
                    *at += 5 + tx.below(90);
                    Some(*at)
                })
                .collect();
            let last = updates.last().copied().unwrap_or(acknowledges);
            match tx.below(10) {
                0 => (NEVER, vec![], NEVER),
                1 | 2 => (acknowledges, updates, NEVER),
                _ => (acknowledges, updates, last + 1 + tx.below(200)),
            }
        };
        let does_not_apply = !answered && tx.below(4) == 0;
        let mailboxes = if answered { of_board.clone() } else { own };
        stories.push(Story { acknowledges, updates, closes, does_not_apply, mailboxes });
        actors.push(if answered { ray.clone() } else { responder(&mut tx, *organisation).await });
    }
    tx.commit().await.unwrap();
    let alert = alert(&world, 1, "high", "green", &all).await;
    let issued = world.now();

    for hour in 1..=DAYS * 24 {
        world.pass(SignedDuration::from_hours(1)).await;
        let mut tx = world.app.write().await.unwrap();
        for ((story, actor), organisation) in stories.iter().zip(&actors).zip(&all) {
            let only = Chosen::Only(vec![*organisation]);
            if story.acknowledges == hour {
                response::acknowledge(&mut tx, actor, alert, &only).await.unwrap();
            }
            if story.updates.contains(&hour) {
                let said = Said { applies: Some(Applies::Yes), ..Said::default() };
                response::answer(&mut tx, actor, alert, &only, &said).await.unwrap();
            }
            if story.closes == hour {
                let (applies, outcome) = if story.does_not_apply {
                    (Some(Applies::No), None)
                } else {
                    (None, Some(Outcome::Remediated))
                };
                let said = Said { applies, outcome, ..Said::reason("Not in use") };
                response::answer(&mut tx, actor, alert, &only, &said).await.unwrap();
            }
        }
        tx.commit().await.unwrap();
    }

    let expected: BTreeSet<Told> = stories.iter().flat_map(Story::expected).collect();
    let statement = sql!("SELECT address, kind, fields, state FROM message WHERE about_id = ?1");
    let rows: Vec<(String, String, String, String)> =
        world.app.db.read_long().await.unwrap().all(statement, params![alert]).await.unwrap();
    let sent: Vec<Told> = rows
        .into_iter()
        .map(|(address, kind, fields, state)| {
            assert_eq!(state, "sent");
            let fields: Json = serde_json::from_str(&fields).unwrap();
            let due = fields["due"].as_i64().unwrap() - issued.as_microsecond();
            let hour = u64::try_from(due / 3_600_000_000).unwrap();
            (
                address,
                kind,
                fields["clock"].as_str().unwrap().to_owned(),
                fields["rung"].as_i64().unwrap(),
                hour,
            )
        })
        .collect();
    assert_eq!(sent.len(), world.post.mails().len(), "each left once");
    let once: BTreeSet<Told> = sent.iter().cloned().collect();
    assert_eq!(once.len(), sent.len(), "none is there twice");
    let missing: Vec<_> = expected.difference(&once).take(5).collect();
    let surplus: Vec<_> = once.difference(&expected).take(5).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing {missing:?}, surplus {surplus:?}");
    assert!(sent.len() > 2_000, "the days were eventful: {}", sent.len());

    // The board's mailbox was told once of all those that it had not acknowledged.
    let board = world.post.to("lead@board.example");
    let first = board.iter().find(|mail| mail.letter.subject.contains("not yet acknowledged")).unwrap();
    assert!(first.letter.text.contains("and others, which the link shows"), "{}", first.letter.text);
}

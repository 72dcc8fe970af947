//! The days of those whom the service is for, lived through in real browsers on the demonstration's real data: an
//! analyst writes, a duty manager approves and publishes by telephone, a lone IT person answers, a board answers for
//! its practices but for two, a practice manager asks, and an auditor proves all of it.

use std::sync::Arc;

use carecert::demo;
use jiff::SignedDuration;
use platform::{App, app::Parts, env::Env, stop::Stop, web, web::Live, work};
use testkit::browser::{Browser, Size};

use crate::the_demonstration_is_true::made;

const TITLE: &str = "Appointment kiosks can be taken over";

/// Somebody of the demonstration at a browser.
struct Person {
    browser: Browser,
    origin: String,
}

impl Person {
    async fn signed_in(origin: &str, who: &str, size: Size) -> anyhow::Result<Self> {
        let browser = Browser::open(size).await?;
        browser.goto(&format!("{origin}/demonstration")).await?;
        browser.press(demo::part(who).0).await?;
        Ok(Self { browser, origin: origin.to_owned() })
    }

    async fn at(&self, page: &str) -> anyhow::Result<&Browser> {
        self.browser.goto(&format!("{}{page}", self.origin)).await?;
        Ok(&self.browser)
    }

    async fn follows(&self, links: &[&str]) -> anyhow::Result<()> {
        for link in links {
            self.browser.follow(link).await?;
            self.browser.assert_no_sideways_scroll().await?;
        }
        Ok(())
    }

    /// Chooses these answers and presses the button; nothing is refused.
    async fn answers(&self, chosen: &[&str], button: &str) -> anyhow::Result<()> {
        for choice in chosen {
            self.browser.choose(choice).await?;
        }
        self.presses(button).await
    }

    async fn presses(&self, button: &str) -> anyhow::Result<()> {
        self.browser.press(button).await?;
        let text = self.browser.text().await?;
        anyhow::ensure!(!text.contains("There is a problem"), "{button}: {text}");
        self.browser.assert_no_sideways_scroll().await
    }

    async fn reads(&self, words: &str) -> anyhow::Result<()> {
        let text = self.browser.text().await?;
        anyhow::ensure!(text.contains(words), "\"{words}\" is not on {}: {text}", self.browser.url().await?);
        Ok(())
    }
}

/// The demonstration with a clock that this test moves.
fn with_a_clock(made: &App) -> App {
    App::new(Parts {
        db: made.db.clone(),
        env: Env::manual(made.env.now(), 6),
        settings: made.settings.clone(),
        blobs: made.blobs.clone(),
        post: Arc::clone(&made.post),
        texts: Arc::clone(&made.texts),
        net: Arc::clone(&made.net),
        services: made.services,
        stop: Stop::default(),
        live: Live::default(),
    })
}

async fn pass(app: &App, minutes: i64) -> anyhow::Result<()> {
    for _ in 0..minutes {
        app.env.advance(SignedDuration::from_mins(1));
        work::all_due(app).await?;
    }
    Ok(())
}

/// From the most urgent threat to an advisory that waits for approval; says its number.
async fn the_analyst_writes(origin: &str) -> anyhow::Result<String> {
    let analyst = Person::signed_in(origin, "analyst", Size::Desktop).await?;
    analyst.at("/threats?status=new&exploited=yes").await?;
    let first: String =
        analyst.browser.ask("return document.querySelector('main table tbody th a').innerText").await?;
    analyst.follows(&[&first]).await?;
    analyst.reads("Triage").await?;
    analyst.presses("Claim").await?;
    analyst.presses("Start an advisory").await?;
    let edit = analyst.browser.url().await?.path().to_owned();
    analyst.follows(&["Title, summary and severity"]).await?;
    analyst.browser.fill("Title", TITLE).await?;
    analyst
        .browser
        .fill("Summary", "Whoever stands before a kiosk can take it over, and read who is here.")
        .await?;
    analyst.answers(&["High"], "Save and continue").await?;
    analyst.at(&format!("{edit}/marking")).await?;
    analyst.answers(&["TLP:GREEN"], "Save and continue").await?;
    analyst.at(&edit).await?;
    analyst.follows(&["Who will be told", "Change Types"]).await?;
    analyst.answers(&["NHS trust", "GP practice"], "Save and continue").await?;
    analyst.answers(&["South West"], "Save and continue").await?;
    for _ in ["belonging to", "named", "left out"] {
        analyst.presses("Save and continue").await?;
    }
    analyst.answers(&["Must respond"], "Save and continue").await?;
    analyst.reads("Cannot be reached").await?;
    analyst.at(&format!("{edit}/check")).await?;
    analyst.presses("Submit for approval").await?;
    analyst.browser.close().await?;
    Ok(edit.split('/').nth(2).unwrap_or_default().to_owned())
}

/// By telephone, from the first page on.
async fn the_duty_manager_publishes(origin: &str) -> anyhow::Result<()> {
    let duty = Person::signed_in(origin, "duty_manager", Size::Phone).await?;
    duty.at("/").await?;
    duty.follows(&[&format!("Approve or send back: {TITLE}")]).await?;
    duty.reads("Whoever stands before a kiosk").await?;
    duty.presses("Approve").await?;
    duty.at("/").await?;
    duty.follows(&[&format!("Publish: {TITLE}")]).await?;
    duty.reads("Acknowledge by").await?;
    duty.presses("Publish").await?;
    duty.browser.close().await
}

/// One alert from the list to an answer.
async fn answers_it(person: &Person) -> anyhow::Result<()> {
    person.follows(&["Alert applicability"]).await?;
    person.answers(&["Yes"], "Save and continue").await?;
    person.follows(&["Check your answers and send them"]).await?;
    person.presses("Send").await
}

async fn the_lone_person_answers(origin: &str, number: &str) -> anyhow::Result<()> {
    let lone = Person::signed_in(origin, "lone", Size::Phone).await?;
    lone.at("/alerts").await?;
    lone.follows(&[number]).await?;
    lone.presses("Acknowledge").await?;
    answers_it(&lone).await?;
    lone.at("/alerts").await?;
    lone.reads("In progress").await?;
    lone.browser.close().await
}

/// For all its practices but two, whose names it sees before it sends.
async fn the_board_answers_for_its_practices(origin: &str, number: &str) -> anyhow::Result<()> {
    let board = Person::signed_in(origin, "icb", Size::Desktop).await?;
    board.at("/alerts").await?;
    board.follows(&[number]).await?;
    board.presses("Acknowledge").await?;
    board.follows(&["For whom you answer"]).await?;
    let ticked: Vec<String> = board
        .browser
        .ask(
            "const boxes = [...document.querySelectorAll('main input[type=checkbox]')].slice(0, 2);
             boxes.forEach(box => box.click());
             return boxes.map(box => box.labels[0].innerText.trim());",
        )
        .await?;
    board.answers(&["All but those I tick"], "Save and continue").await?;
    anyhow::ensure!(ticked.len() == 2, "{ticked:?}");
    board.follows(&["Alert applicability"]).await?;
    board.answers(&["Yes"], "Save and continue").await?;
    board.follows(&["Check your answers and send them"]).await?;
    for name in &ticked {
        board.reads(name.lines().next().unwrap_or_default()).await?;
    }
    board.reads("Not for:").await?;
    board.presses("Send").await?;
    board.browser.close().await
}

/// Reads that somebody answers for the practice, and asks a question all the same.
async fn the_practice_manager_asks(origin: &str, number: &str) -> anyhow::Result<()> {
    let practice = Person::signed_in(origin, "practice", Size::Phone).await?;
    practice.at("/alerts").await?;
    practice.reads("is answering").await?;
    practice.follows(&[number]).await?;
    practice.follows(&["ask a question about it"]).await?;
    practice.browser.fill("Your question", "Are kiosks of 2016 meant too?").await?;
    practice.presses("Send the question").await?;
    practice.reads("Are kiosks of 2016 meant too?").await?;
    practice.browser.close().await
}

async fn the_auditor_proves_it(origin: &str, number: &str, app: &App) -> anyhow::Result<()> {
    let auditor = Person::signed_in(origin, "auditor", Size::Desktop).await?;
    auditor.at("/sector").await?;
    auditor.follows(&[number]).await?;
    auditor.reads("have it in hand").await?;
    auditor.at("/log").await?;
    auditor.follows(&["Verify the log"]).await?;
    auditor.presses("Verify").await?;
    pass(app, 1).await?;
    auditor.at("/log/verify").await?;
    auditor.reads("Whole").await?;
    let text = auditor.browser.text().await?;
    anyhow::ensure!(!text.contains("Not as it was sealed") && !text.contains("Being verified"), "{text}");
    auditor.browser.assert_accessible().await?;
    auditor.browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "listens for the browsers of this test")]
async fn browser_six_people_get_through_their_day() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let app = with_a_clock(&made(folder.path()).await);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    tokio::spawn(web::serve(listener, web::router(&app), app.stop.clone()));
    let number = the_analyst_writes(&origin).await?;
    the_duty_manager_publishes(&origin).await?;
    pass(&app, 3).await?;
    the_lone_person_answers(&origin, &number).await?;
    the_board_answers_for_its_practices(&origin, &number).await?;
    the_practice_manager_asks(&origin, &number).await?;
    pass(&app, 2).await?;
    the_auditor_proves_it(&origin, &number, &app).await?;
    app.stop.finish();
    Ok(())
}

//! The pictures of the README: that each page is still there, can be used by everybody, and shows what
//! the picture is of. `cargo xtask pictures` has them written, since no two machines draw alike.

use std::path::Path;

use carecert::demo::{self, Moment};
use platform::web;
use testkit::browser::{Browser, Size};

use crate::the_demonstration_is_true::made;

/// Where they stand.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/pictures");
/// Says that they are to be written.
const WRITE: &str = "WRITE_PICTURES";

/// A page as somebody sees it.
struct Picture {
    file: &'static str,
    who: &'static str,
    size: Size,
    /// What stands on it.
    shows: &'static str,
}

const fn of(file: &'static str, who: &'static str, size: Size, shows: &'static str) -> Picture {
    Picture { file, who, size, shows }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "listens for the browser of this test")]
async fn browser_the_pictures_of_the_readme_can_be_taken() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let app = made(folder.path()).await;
    let played = demo::moments(&mut app.read().await?).await?;
    let path = |moment| played.iter().find(|step| step.name == moment).map_or("", |step| step.path.as_str());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    tokio::spawn(web::serve(listener, web::router(&app), app.stop.clone()));
    let pictures = [
        (of("story.png", "", Size::Desktop, "Two sources, one threat"), "/"),
        (of("threats.png", "analyst", Size::Desktop, "Exploited, in medical devices"), "/threats"),
        (of("preview.png", "duty_manager", Size::Desktop, "Cannot be reached"), path(Moment::Previewed)),
        (of("sector.png", "duty_manager", Size::Desktop, "Acknowledge by"), path(Moment::Deadline)),
        (of("answer.png", "responder", Size::Phone, "Acknowledge"), path(Moment::Yours)),
        (of("report.png", "duty_manager", Size::Desktop, "What"), path(Moment::Closed)),
        (of("waits.png", "duty_manager", Size::Desktop, "What waits for you"), "/"),
    ];
    for (picture, path) in pictures {
        let browser = Browser::open(picture.size).await?;
        browser.goto(&format!("{origin}/demonstration")).await?;
        if !picture.who.is_empty() {
            let (role, _) = demo::part(picture.who);
            browser.press(role).await?;
        }
        browser.goto(&format!("{origin}{path}")).await?;
        browser.heading().await?;
        let text = browser.text().await?;
        anyhow::ensure!(text.contains(picture.shows), "{}: {text}", picture.file);
        browser.assert_accessible().await?;
        browser.assert_no_sideways_scroll().await?;
        if std::env::var_os(WRITE).is_some() {
            std::fs::create_dir_all(FOLDER)?;
            // Where a page has a chart, a list or figures the picture is of that; a scroll bar never is.
            let aimed = "document.documentElement.style.scrollbarWidth = 'none';
                         const page = location.pathname.split('/')[1];
                         const of = { threats: 'table', audiences: 'main h2' }[page] ?? '.carecert-chart';
                         if (page) document.querySelector(of)?.scrollIntoView();
                         return true;";
            browser.ask::<bool>(aimed).await?;
            browser.screenshot(&Path::new(FOLDER).join(picture.file)).await?;
        }
        browser.close().await?;
    }
    app.stop.finish();
    Ok(())
}

/// Every picture that is shown is one that the test takes, and the other way round.
#[test]
fn the_readme_shows_every_picture_and_says_what_is_on_it() {
    let readme = include_str!("../../../../README.md");
    for file in ["story", "threats", "preview", "sector", "answer", "report", "waits"] {
        let end = format!("](docs/pictures/{file}.png)");
        let before = readme.split(&end).next().filter(|before| before.len() < readme.len());
        let words = before.and_then(|before| before.rsplit("![").next()).unwrap_or_default();
        assert!(words.len() > 20, "{file}.png has no words for those who do not see it: {words:?}");
        assert!(Path::new(FOLDER).join(format!("{file}.png")).exists(), "{file}.png is not there");
    }
}

//! The browser against pages that are good, and against pages that are bad in one way each.

use super::site::Site;
use super::{Browser, Size};

/// The start of each page; the icon is there, or Chromium would complain.
macro_rules! page {
    ($body:literal) => {
        concat!(
            "<!doctype html><html lang=en><head><title>A page</title>",
            "<meta name=viewport content='width=device-width, initial-scale=1'>",
            "<link rel=icon href='/icon.svg'><link rel=stylesheet href='/style.css'></head><body>",
            $body,
            "</body></html>"
        )
    };
}

const PAGES: &[(&str, &str)] = &[
    (
        "/form",
        page!(
            "<main><h1>Report an <span>incident</span></h1><form action=/done>
             <label for=n>Your full name</label><input id=n name=n value=old>
             <label for=r>Region</label><select id=r name=r><option>North</option><option>South</option></select>
             <fieldset><legend>Urgent?</legend><input type=radio id=y name=u value=yes><label for=y>Yes</label>
             <input type=radio id=o name=u value=no><label for=o>No</label></fieldset>
             <button>Send <span>report</span></button></form><a href=/done>Cancel</a></main>"
        ),
    ),
    ("/done", page!("<main><h1>Done</h1><p>Thank you.</p></main>")),
    ("/poor", page!("<main><h1>Poor</h1><input><p class=pale>Can you read this?</p></main>")),
    ("/hidden", page!("<main><h1>Hidden</h1><a href=/done>Seen</a> <a href=/done class=ringless>Unseen</a></main>")),
    ("/mouse", page!("<main><h1>Mouse</h1><a href=/done>Keys</a> <button tabindex=-1>Mouse alone</button></main>")),
    ("/wide", page!("<main><h1>Wide</h1><p class=wide>Too wide</p></main>")),
    ("/scrolls", page!("<main><h1>Scrolls</h1><div class=scrolls tabindex=0><p class=wide>Table</p></div></main>")),
    ("/script", page!("<main><h1>Script</h1><p id=p>Without</p><script>p.textContent = 'With'</script></main>")),
    ("/elsewhere", page!("<main><h1>Elsewhere</h1><img alt=x src='http://elsewhere.test/x.png'></main>")),
    ("/icon.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
    (
        "/style.css",
        ".pale { color: #eee; background: #fff } .ringless { outline: none } .wide { width: 900px }
         .scrolls { overflow-x: auto }",
    ),
];

#[tokio::test]
async fn fills_presses_and_follows_by_what_is_written() {
    let site = Site::strict(PAGES);
    let browser = Browser::open(Size::Desktop).await.expect("a browser");
    browser.goto(&site.page("/form")).await.expect("the form");
    assert_eq!(browser.heading().await.expect("a heading"), "Report an incident");

    browser.fill("Your full name", "Ann Other").await.expect("a field");
    browser.fill("Region", "South").await.expect("a list");
    browser.choose("No").await.expect("a radio button");
    browser.press("Send report").await.expect("a button");
    assert_eq!(browser.heading().await.expect("a heading"), "Done");
    let url = browser.url().await.expect("an address");
    assert_eq!(url.query(), Some("n=Ann+Other&r=South&u=no"));
    assert!(browser.text().await.expect("text").contains("Thank you."));

    browser.goto(&site.page("/form")).await.expect("the form");
    let missing = browser.press("Delete").await.expect_err("no such button").to_string();
    assert!(missing.contains("Send report"), "{missing}");
    browser.follow("Cancel").await.expect("a link");
    assert_eq!(browser.title().await.expect("a title"), "A page");
    assert_eq!(browser.url().await.expect("an address").path(), "/done");
    browser.close().await.expect("an end");
}

#[tokio::test]
async fn axe_runs_under_a_strict_policy_and_names_each_breach() {
    let site = Site::strict(PAGES);
    let browser = Browser::open(Size::Desktop).await.expect("a browser");
    browser.goto(&site.page("/done")).await.expect("a page");
    browser.assert_accessible().await.expect("a good page");
    assert_eq!(browser.console_errors().await.expect("a log"), Vec::<String>::new());

    browser.goto(&site.page("/poor")).await.expect("a page");
    let told = browser.assert_accessible().await.expect_err("a poor page").to_string();
    assert!(told.contains("label:") && told.contains("color-contrast:"), "{told}");
}

#[tokio::test]
async fn a_request_to_another_host_is_told() {
    let (strict, open) = (Site::strict(PAGES), Site::open(PAGES));
    let browser = Browser::open(Size::Desktop).await.expect("a browser");
    browser.goto(&strict.page("/form")).await.expect("a page");
    browser.assert_no_foreign_requests(&strict.origin).await.expect("only ours");
    assert!(browser.requests().await.expect("a log").contains(&strict.page("/style.css")));

    browser.goto(&open.page("/elsewhere")).await.expect("a page");
    let told = browser.assert_no_foreign_requests(&open.origin).await.expect_err("another host");
    assert!(told.to_string().contains("http://elsewhere.test/x.png"), "{told}");
}

#[tokio::test]
async fn what_the_policy_stops_is_an_error_in_the_console() {
    let site = Site::strict(PAGES);
    let browser = Browser::open(Size::Desktop).await.expect("a browser");
    browser.goto(&site.page("/elsewhere")).await.expect("a page");
    let errors = browser.console_errors().await.expect("a log");
    assert!(errors.iter().any(|error| error.contains("Content Security Policy")), "{errors:?}");
    assert_eq!(browser.console_errors().await.expect("a log"), errors, "errors are kept");
}

#[tokio::test]
async fn tab_reaches_everything_in_order_and_shows() {
    let site = Site::strict(PAGES);
    let browser = Browser::open(Size::Desktop).await.expect("a browser");
    browser.goto(&site.page("/form")).await.expect("a page");
    let expected = ["Your full name", "Region", "Yes", "Send report", "Cancel"];
    assert_eq!(browser.tab_order().await.expect("a walk"), expected);
    assert_eq!(browser.tab_order().await.expect("a second walk"), expected);

    browser.goto(&site.page("/hidden")).await.expect("a page");
    let told = browser.tab_order().await.expect_err("a hidden focus").to_string();
    assert!(told.contains("Unseen") && !told.contains("Seen\""), "{told}");

    browser.goto(&site.page("/form")).await.expect("a page");
    browser.assert_usable_by_keyboard().await.expect("everything is reached");
    browser.goto(&site.page("/mouse")).await.expect("a page");
    let told =
        browser.assert_usable_by_keyboard().await.expect_err("a thing for the mouse alone").to_string();
    assert!(told.contains("Mouse alone") && !told.contains("Keys"), "{told}");
}

#[tokio::test]
async fn sizes_are_those_of_the_page_and_sideways_scrolling_is_told() {
    let site = Site::strict(PAGES);
    let browser = Browser::open(Size::Phone).await.expect("a browser");
    browser.goto(&site.page("/done")).await.expect("a page");
    assert_eq!(
        browser.ask::<[u32; 2]>("return [innerWidth, innerHeight]").await.expect("a size"),
        [390, 844]
    );
    let picture = tempfile::tempdir().expect("a folder");
    let picture = picture.path().join("done.png");
    browser.screenshot(&picture).await.expect("a picture");
    assert!(std::fs::read(picture).expect("a file").starts_with(b"\x89PNG"));

    browser.zoom_400().await.expect("a zoom");
    assert_eq!(browser.ask::<u32>("return innerWidth").await.expect("a width"), 320);
    browser.assert_no_sideways_scroll().await.expect("a narrow page");
    browser.goto(&site.page("/scrolls")).await.expect("a page");
    browser.assert_no_sideways_scroll().await.expect("a part that scrolls by itself");
    browser.goto(&site.page("/wide")).await.expect("a page");
    let told = browser.assert_no_sideways_scroll().await.expect_err("a wide page").to_string();
    assert!(told.contains("class=\\\"wide\\\""), "{told}");
}

#[tokio::test]
async fn pages_can_be_seen_without_their_scripts() {
    let site = Site::open(PAGES);
    let browser = Browser::open(Size::Desktop).await.expect("a browser");
    browser.goto(&site.page("/script")).await.expect("a page");
    assert_eq!(browser.text().await.expect("text"), "Script\n\nWith");
    browser.disable_scripts().await.expect("no scripts");
    browser.goto(&site.page("/script")).await.expect("a page");
    assert_eq!(browser.text().await.expect("text"), "Script\n\nWithout");
}

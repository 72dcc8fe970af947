//! A real browser for tests: headless Chromium, spoken to as a person would, by what is written on
//! the page and not by its markup.
//!
//! Everything a page must be is asked here: readable by all (`access`), driven by the keyboard alone
//! (`keyboard`), usable at 400 % zoom, silent towards other hosts (`traffic`). No browser ever
//! reaches beyond this machine: every other name fails to resolve.

mod access;
mod chromedriver;
mod find;
mod keyboard;
#[cfg(test)]
mod site;
#[cfg(test)]
mod tests;
mod traffic;

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities as _;
use thirtyfour::common::log::LoggingPrefsLogLevel;
use thirtyfour::{ChromeCapabilities, Cookie, DesiredCapabilities, WebDriver, WebElement};

use chromedriver::ChromeDriver;
use find::Kind;
use traffic::Traffic;

/// How long a page may take to come: far longer than any does, for a machine that is very busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a page that is on its way is looked for.
const PAUSE: Duration = Duration::from_millis(10);

/// The screen that a browser is opened with, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A desk: 1200 × 900.
    Desktop,
    /// A telephone held upright, with touch: 390 × 844.
    Phone,
    /// A 1280 × 1024 screen zoomed to 400 % (WCAG 2.2, 1.4.10 Reflow): 320 × 256.
    Zoomed,
}

impl Size {
    /// What `DevTools` calls it.
    fn metrics(self) -> Value {
        let (width, height, mobile) = match self {
            Self::Desktop => (1200, 900, false),
            Self::Phone => (390, 844, true),
            Self::Zoomed => (320, 256, false),
        };
        json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile })
    }
}

/// One browser with a profile of its own: no cookie, no cache, nobody signed in.
///
/// Dropping it ends it; [`Browser::close`] also waits until it has ended.
pub struct Browser {
    // Ended before the profile's folder is removed: fields are dropped in this order.
    driver: WebDriver,
    traffic: Traffic,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Opens an empty browser of this size.
    pub async fn open(size: Size) -> anyhow::Result<Self> {
        // The client that speaks to ChromeDriver is built with TLS, as the program's own is, and without a
        // provider. Another test may have installed it.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let chromedriver = ChromeDriver::get()?;
        let profile = chromedriver.profile()?;
        let driver = WebDriver::new(chromedriver.url(), capabilities(profile.path())?)
            .await
            .context("Chromium did not start.")?;
        let browser = Self { driver, traffic: Traffic::default(), _profile: profile };
        browser.resize(size).await?;
        Ok(browser)
    }

    /// Changes the size of the page.
    pub async fn resize(&self, size: Size) -> anyhow::Result<()> {
        self.devtools("Emulation.setDeviceMetricsOverride", size.metrics()).await
    }

    /// From now on the page's own scripts do not run: everything must work all the same.
    pub async fn disable_scripts(&self) -> anyhow::Result<()> {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await
    }

    /// Opens `url` and waits until the page is loaded.
    pub async fn goto(&self, url: &str) -> anyhow::Result<()> {
        self.driver.goto(url).await.with_context(|| format!("Cannot open {url}."))
    }

    /// Holds `cookie` (`name=value`) for the site that is shown, as if it had been set there.
    pub async fn hold_cookie(&self, cookie: &str) -> anyhow::Result<()> {
        let (name, value) = cookie.split_once('=').context("a cookie is name=value")?;
        self.driver.add_cookie(Cookie::new(name, value)).await?;
        Ok(())
    }

    /// Saves what is downloaded from now on in `folder`.
    pub async fn save_downloads_in(&self, folder: &Path) -> anyhow::Result<()> {
        self.devtools("Browser.setDownloadBehavior", json!({ "behavior": "allow", "downloadPath": folder }))
            .await
    }

    /// The address of the page.
    pub async fn url(&self) -> anyhow::Result<url::Url> {
        Ok(self.driver.current_url().await?)
    }

    /// The title of the page, as the browser's tab shows it.
    pub async fn title(&self) -> anyhow::Result<String> {
        Ok(self.driver.title().await?)
    }

    /// All text that can be seen.
    pub async fn text(&self) -> anyhow::Result<String> {
        self.ask("return document.body.innerText").await
    }

    /// The one main heading; fails when there is none or more than one.
    pub async fn heading(&self) -> anyhow::Result<String> {
        let script = "return [...document.querySelectorAll('h1')].map(h => h.innerText.trim())";
        let mut headings: Vec<String> = self.ask(script).await?;
        anyhow::ensure!(headings.len() == 1, "A page has one main heading, this has {headings:?}.");
        Ok(headings.remove(0))
    }

    /// Types `value` into the field with this label, in place of what stands there; in a list,
    /// chooses the option of this name.
    pub async fn fill(&self, label: &str, value: &str) -> anyhow::Result<()> {
        let field = self.find(Kind::Field, label).await?;
        if field.tag_name().await? == "select" {
            return Ok(self.find_in(Kind::Option, value, &field).await?.click().await?);
        }
        // A file is named by its path and has nothing to clear.
        if field.attr("type").await?.as_deref() != Some("file") {
            field.clear().await?;
        }
        Ok(field.send_keys(value).await?)
    }

    /// Clicks the radio button or tick box with this label.
    pub async fn choose(&self, label: &str) -> anyhow::Result<()> {
        Ok(self.find(Kind::Field, label).await?.click().await?)
    }

    /// Presses the button with this text, and waits for the page it leads to.
    pub async fn press(&self, text: &str) -> anyhow::Result<()> {
        self.leave_by(Kind::Button, text).await
    }

    /// Follows the link with this text, and waits for the page it leads to.
    pub async fn follow(&self, text: &str) -> anyhow::Result<()> {
        self.leave_by(Kind::Link, text).await
    }

    /// Writes what is on the screen to `path` as a PNG.
    pub async fn screenshot(&self, path: &Path) -> anyhow::Result<()> {
        Ok(self.driver.screenshot(path).await?)
    }

    /// Runs a script in the page and takes what it returns, for what no other method asks.
    pub async fn ask<T: serde::de::DeserializeOwned>(&self, script: &str) -> anyhow::Result<T> {
        Ok(self.driver.execute(script, Vec::new()).await?.convert()?)
    }

    /// Ends the browser, and says when that failed.
    pub async fn close(self) -> anyhow::Result<()> {
        Ok(self.driver.clone().quit().await?)
    }

    /// Clicks and waits until another document stands there, wholly loaded. The driver itself waits
    /// only for a navigation that has begun when the click returns; a form's may begin a moment later.
    async fn leave_by(&self, kind: Kind, name: &str) -> anyhow::Result<()> {
        const ARRIVED: &str = "return document.readyState === 'complete' && String(performance.timeOrigin)";
        let thing = self.find(kind, name).await?;
        let left: String = self.ask("return String(performance.timeOrigin)").await?;
        thing.click().await?;
        for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
            // Between two documents there is nobody to answer: no answer is not yet an error.
            let seen: Value = self.ask(ARRIVED).await.unwrap_or_default();
            if seen.as_str().is_some_and(|origin| origin != left) {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        anyhow::bail!("{name:?} led to no other page within {} s.", PATIENCE.as_secs())
    }

    async fn find(&self, kind: Kind, name: &str) -> anyhow::Result<WebElement> {
        find::find(&self.driver, kind, name, None).await
    }

    async fn find_in(&self, kind: Kind, name: &str, within: &WebElement) -> anyhow::Result<WebElement> {
        find::find(&self.driver, kind, name, Some(within)).await
    }

    async fn devtools(&self, method: &str, parameters: Value) -> anyhow::Result<()> {
        self.driver.cdp().send_raw(method, parameters).await?;
        Ok(())
    }
}

impl Drop for Browser {
    /// Asks the driver to end the session and does not wait: the driver library's own way blocks the
    /// test's runtime, on which the driver's answer depends, until it gives up after two minutes.
    fn drop(&mut self) {
        let session = self.driver.session_id().to_string();
        if self.driver.clone().leak().is_ok()
            && let Ok(chromedriver) = ChromeDriver::get()
        {
            chromedriver.end(&session);
        }
    }
}

fn capabilities(profile: &Path) -> anyhow::Result<ChromeCapabilities> {
    let mut chrome = DesiredCapabilities::chrome();
    for flag in [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--remote-debugging-pipe",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    ] {
        chrome.add_arg(flag)?;
    }
    chrome.add_arg(&format!("--user-data-dir={}", profile.display()))?;
    chrome.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    chrome.set_logging_prefs("performance", LoggingPrefsLogLevel::All)?;
    Ok(chrome)
}

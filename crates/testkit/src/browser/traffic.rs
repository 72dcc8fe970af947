//! What the browser asked of the network and what it complained about, since it was opened.
//!
//! `ChromeDriver` hands out each entry of its logs once, so they are gathered here.

use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use url::Url;

use super::Browser;

/// What was gathered so far.
#[derive(Default)]
pub(super) struct Traffic {
    requests: Mutex<Vec<String>>,
    complaints: Mutex<Vec<String>>,
}

impl Browser {
    /// Fails when anything but `origin` (`http://127.0.0.1:8080`) was asked for anything, whether it
    /// answered or not.
    ///
    /// What the page's Content Security Policy stopped was never sent: it is among the
    /// [`Browser::console_errors`].
    pub async fn assert_no_foreign_requests(&self, origin: &str) -> anyhow::Result<()> {
        let ours = Url::parse(origin)?.origin();
        let foreign: Vec<String> = self
            .requests()
            .await?
            .into_iter()
            .filter(|request| Url::parse(request).is_ok_and(|url| leaves(&url) && url.origin() != ours))
            .collect();
        anyhow::ensure!(foreign.is_empty(), "The page spoke to other hosts: {foreign:#?}");
        Ok(())
    }

    /// The address of every request since the browser was opened, redirects among them.
    pub async fn requests(&self) -> anyhow::Result<Vec<String>> {
        let entries = self.driver.get_log("performance").await?;
        let new = entries.iter().filter_map(|entry| request(&entry.message));
        Ok(gather(&self.traffic.requests, new))
    }

    /// Every error in the browser's console since it was opened: failed requests, scripts that
    /// threw, what the Content Security Policy stopped.
    pub async fn console_errors(&self) -> anyhow::Result<Vec<String>> {
        let entries = self.driver.browser_log().await?;
        let severe = entries.into_iter().filter(|entry| entry.level == "SEVERE");
        Ok(gather(&self.traffic.complaints, severe.map(|entry| entry.message)))
    }
}

fn gather(kept: &Mutex<Vec<String>>, new: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.extend(new);
    kept.clone()
}

/// The address in a `DevTools` event, when it is one of a request or of a socket.
fn request(event: &str) -> Option<String> {
    let event: Value = serde_json::from_str(event).ok()?;
    let parameters = &event["message"]["params"];
    let url = match event["message"]["method"].as_str()? {
        "Network.requestWillBeSent" => &parameters["request"]["url"],
        "Network.webSocketCreated" | "Network.webTransportCreated" => &parameters["url"],
        _ => return None,
    };
    url.as_str().map(str::to_owned)
}

/// Whether a request to `url` can leave the page at all: `data:` and `about:` cannot.
fn leaves(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https" | "ws" | "wss" | "ftp")
}

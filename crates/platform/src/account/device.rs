//! Browsers: the cookies that they hold, and what they are in plain words.

use http::{HeaderMap, HeaderValue, header};

use crate::{App, access::resolve};

/// The cookie by which a browser is known in which somebody has signed in before; see `lockout`.
pub const COOKIE: &str = "carecert_device";
/// A year, in seconds.
const YEAR: u32 = 365 * 24 * 60 * 60;

/// The token of the device cookie.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split("; "))
        .find_map(|cookie| cookie.strip_prefix(COOKIE)?.strip_prefix('='))
}

/// Gives the browser its session, until it is closed or the session ends.
pub(super) fn session_cookie(app: &App, token: &str) -> HeaderValue {
    cookie(app, resolve::COOKIE, token, "")
}

/// Takes the session from the browser.
pub(super) fn no_session(app: &App) -> HeaderValue {
    cookie(app, resolve::COOKIE, "", "; Max-Age=0")
}

/// Lets the browser be known again.
pub(super) fn device_cookie(app: &App, token: &str) -> HeaderValue {
    cookie(app, COOKIE, token, &format!("; Max-Age={YEAR}"))
}

fn cookie(app: &App, name: &str, token: &str, age: &str) -> HeaderValue {
    let secure = if app.settings.public_url.starts_with("https://") { "; Secure" } else { "" };
    let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    HeaderValue::from_str(&text).expect("tokens are base64url, which any header may hold")
}

/// One browser's name on each system, in the order of `SYSTEMS` below, and on none that is known.
macro_rules! words {
    ($browser:literal) => {
        [
            concat!($browser, " on an iPhone"),
            concat!($browser, " on an iPad"),
            concat!($browser, " on an Android phone or tablet"),
            concat!($browser, " on Windows"),
            concat!($browser, " on a Mac"),
            concat!($browser, " on a Chromebook"),
            concat!($browser, " on Linux"),
            $browser,
        ]
    };
}

/// The browser that names itself so, as its owner would call it. The more particular names come
/// first: nearly every browser also calls itself Safari.
pub(super) fn in_words(agent: &str) -> &'static str {
    const SYSTEMS: [&str; 7] = ["iPhone", "iPad", "Android", "Windows", "Macintosh", "CrOS", "Linux"];
    const BROWSERS: [(&str, [&str; 8]); 4] = [
        ("Edg", words!("Edge")),
        ("Firefox", words!("Firefox")),
        ("Chrom", words!("Chrome")),
        ("Safari", words!("Safari")),
    ];
    let system = SYSTEMS.iter().position(|system| agent.contains(system)).unwrap_or(SYSTEMS.len());
    BROWSERS
        .iter()
        .find(|(name, _)| agent.contains(name))
        .map_or("A browser that does not say its name", |(_, words)| words[system])
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn browsers_are_called_as_people_call_them() {
        for (agent, words) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
                "Safari on an iPhone",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            ("curl/8.5", "A browser that does not say its name"),
        ] {
            assert_eq!(in_words(agent), words);
        }
    }
}

//! The few files that pages need besides their HTML: style sheets, scripts, icons.
//!
//! They are compiled into the program, and each address carries a hash of the content, so that a
//! browser may keep a file for a year and still never shows an old one. Compressed forms are made
//! once, on the first request for a file, never for each request.

use std::io::Write as _;
use std::sync::{LazyLock, OnceLock};

use axum::body::Bytes;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, StatusCode};
use sha2::{Digest as _, Sha256};

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Every file, as (name, media type, text). A file stands after those whose addresses it holds.
///
/// The list is short and each file needs its media type, so it is written out.
const SOURCES: &[(&str, &str, &str)] = &[
    ("icon.svg", SVG, include_str!("../../assets/icon.svg")),
    ("icon-cross.svg", SVG, vendored::ICON_CROSS),
    ("icon-arrow-up.svg", SVG, vendored::ICON_ARROW_UP),
    ("icon-arrow-down.svg", SVG, vendored::ICON_ARROW_DOWN),
    ("icon-arrow-up-down.svg", SVG, vendored::ICON_ARROW_UP_DOWN),
    ("nhsuk-frontend.css", CSS, vendored::STYLE_SHEET),
    ("nhsuk-frontend.js", SCRIPT, vendored::SCRIPT),
    ("carecert.css", CSS, include_str!("../../assets/carecert.css")),
    ("init.js", SCRIPT, include_str!("../../assets/init.js")),
    ("countdown.js", SCRIPT, include_str!("../../assets/countdown.js")),
    ("live.js", SCRIPT, include_str!("../../assets/live.js")),
    ("news.js", SCRIPT, include_str!("../../assets/news.js")),
];

/// What others wrote: see `vendor/nhsuk-frontend/ORIGIN.md`.
mod vendored {
    macro_rules! nhsuk {
        ($file:literal) => {
            include_str!(concat!("../../../../vendor/nhsuk-frontend/", $file))
        };
    }
    pub(super) const STYLE_SHEET: &str = nhsuk!("nhsuk-frontend.css");
    pub(super) const SCRIPT: &str = nhsuk!("nhsuk-frontend.js");
    pub(super) const ICON_CROSS: &str = nhsuk!("icons/icon-cross.svg");
    pub(super) const ICON_ARROW_UP: &str = nhsuk!("icons/icon-arrow-up.svg");
    pub(super) const ICON_ARROW_DOWN: &str = nhsuk!("icons/icon-arrow-down.svg");
    pub(super) const ICON_ARROW_UP_DOWN: &str = nhsuk!("icons/icon-arrow-up-down.svg");
}

/// One file as it is served.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    /// First 16 hexadecimal digits of the SHA-256 of the text.
    hash: String,
    url: String,
    text: Bytes,
    brotli: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let mut ready: Vec<Asset> = Vec::with_capacity(SOURCES.len());
    for &(name, media_type, source) in SOURCES {
        let text = with_hashed_addresses(source, &ready);
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(&text)[..8]);
        let url = hashed_url(name, &hash);
        let (brotli, gzip) = (OnceLock::new(), OnceLock::new());
        let text = Bytes::from(text);
        ready.push(Asset { name, media_type, hash, url, text, brotli, gzip });
    }
    ready
});

/// The address of the asset called `name`, for templates: `/assets/carecert.0123456789abcdef.css`.
///
/// A name that is not in the list gives an address that is answered with 404, which every page
/// test notices.
pub fn url(name: &str) -> &'static str {
    find(name).map_or("/assets/unknown", |asset| asset.url.as_str())
}

/// `GET /assets/{name}`
///
/// The hash of another version is answered with what we have, uncached, since while a new version
/// is rolled out a page of one node may ask another for its style sheet.
pub async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let (plain_name, hash) = without_hash(&name);
    let Some(asset) = find(&plain_name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let caching = if hash == Some(&asset.hash) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let etag = format!("\"{}\"", asset.hash);
    let common = [(CACHE_CONTROL, caching.to_owned()), (ETAG, etag.clone())];
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|tag| tag.trim().ends_with(&etag))) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let described = [(CONTENT_TYPE, asset.media_type), (VARY, "accept-encoding")];
    if accepts(&headers, "br") {
        let body = asset.brotli.get_or_init(|| brotli(&asset.text)).clone();
        (common, described, [(CONTENT_ENCODING, "br")], body).into_response()
    } else if accepts(&headers, "gzip") {
        let body = asset.gzip.get_or_init(|| gzip(&asset.text)).clone();
        (common, described, [(CONTENT_ENCODING, "gzip")], body).into_response()
    } else {
        (common, described, asset.text.clone()).into_response()
    }
}

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// `text` with each `/assets/NAME` that it refers to replaced by the hashed address.
fn with_hashed_addresses(text: &str, ready: &[Asset]) -> String {
    ready
        .iter()
        .fold(text.to_owned(), |text, asset| text.replace(&format!("/assets/{}", asset.name), &asset.url))
}

fn hashed_url(name: &str, hash: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("/assets/{stem}.{hash}.{extension}"),
        None => format!("/assets/{name}"),
    }
}

/// The reverse of [`hashed_url`]: the plain name, and the hash if there was one.
fn without_hash(name: &str) -> (String, Option<&str>) {
    let parts: Vec<&str> = name.split('.').collect();
    match parts.as_slice() {
        [stem, hash, extension] => (format!("{stem}.{extension}"), Some(hash)),
        _ => (name.to_owned(), None),
    }
}

fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let offered = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    offered.unwrap_or_default().split(',').any(|offer| {
        let (name, weight) = offer.split_once(';').unwrap_or((offer, ""));
        let refused = matches!(weight.replace(' ', "").as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
        name.trim().eq_ignore_ascii_case(encoding) && !refused
    })
}

/// Quality 9: the design system's style sheet becomes 25.4 kB in 0.1 s; the best quality makes it
/// 23.5 kB and took 3 s.
fn brotli(text: &[u8]) -> Bytes {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 9, ..Default::default() };
    brotli::BrotliCompress(&mut &text[..], &mut compressed, &parameters)
        .expect("memory can be read and written");
    compressed.into()
}

fn gzip(text: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text).and_then(|()| encoder.finish()).expect("memory can be written").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(encoding: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, http::HeaderValue::from_static(encoding));
        headers
    }

    async fn get(name: &str, headers: HeaderMap) -> Response {
        serve(Path(name.to_owned()), headers).await
    }

    #[tokio::test]
    async fn a_hashed_address_may_be_kept_for_a_year_and_a_plain_one_may_not() {
        let hashed = url("carecert.css").trim_start_matches("/assets/");
        let kept = get(hashed, HeaderMap::new()).await;
        assert_eq!(kept.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        for name in ["carecert.css", "carecert.0000000000000000.css"] {
            let asked_again = get(name, HeaderMap::new()).await;
            assert_eq!(asked_again.status(), StatusCode::OK);
            assert_eq!(asked_again.headers()[CACHE_CONTROL], "no-cache");
        }
        assert_eq!(get("../Cargo.toml", HeaderMap::new()).await.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn a_known_etag_is_not_sent_again() {
        let first = get("init.js", HeaderMap::new()).await;
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, first.headers()[ETAG].clone());
        assert_eq!(get("init.js", headers).await.status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn the_encoding_is_one_that_the_browser_takes() {
        for (offered, chosen) in
            [("gzip, deflate, br, zstd", Some("br")), ("gzip, br;q=0", Some("gzip")), ("identity", None)]
        {
            let response = get("nhsuk-frontend.css", asking(offered)).await;
            let encoding = response.headers().get(CONTENT_ENCODING);
            assert_eq!(encoding.and_then(|value| value.to_str().ok()), chosen, "{offered}");
        }
    }

    #[test]
    fn no_asset_names_another_host_or_holds_an_address_without_hash() {
        for asset in ASSETS.iter() {
            let text =
                String::from_utf8_lossy(&asset.text).replace("http://www.w3.org/2000/svg", "").to_lowercase();
            for forbidden in ["http://", "https://", "@import", "data:", "frutiger"] {
                assert!(!text.contains(forbidden), "{} holds {forbidden}", asset.name);
            }
            for address in text.split("/assets/").skip(1) {
                let name: String = address.chars().take_while(|c| !")\"'".contains(*c)).collect();
                let (plain, hash) = without_hash(&name);
                assert_eq!(hash, find(&plain).map(|found| found.hash.as_str()), "{name}");
            }
        }
    }

    #[test]
    fn a_first_visit_loads_less_than_100_kilobytes() {
        let of_a_page = ["nhsuk-frontend.css", "carecert.css", "nhsuk-frontend.js", "init.js", "icon.svg"];
        let assets: Vec<_> = of_a_page.iter().filter_map(|name| find(name)).collect();
        let brotli: usize = assets.iter().map(|asset| brotli(&asset.text).len()).sum();
        let gzip: usize = assets.iter().map(|asset| gzip(&asset.text).len()).sum();
        println!("brotli {brotli} bytes, gzip {gzip} bytes");
        // Leaves 30 kB for the page itself.
        assert!(brotli < 70_000 && gzip < 70_000);
    }
}

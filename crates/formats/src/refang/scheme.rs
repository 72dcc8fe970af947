//! Schemes of links, as they are masked so that nobody clicks on them, and live.

/// Schemes as they are written when defanged, and live.
const SCHEMES: [(&str, &str); 23] = [
    ("hxxx", "http"),
    ("xxxxs", "https"),
    ("xxxx", "http"),
    ("hzzzps", "https"),
    ("hzzzp", "http"),
    ("h__ps", "https"),
    ("h__p", "http"),
    ("hxxps", "https"),
    ("hxxp", "http"),
    ("h**ps", "https"),
    ("h**p", "http"),
    ("hxtps", "https"),
    ("hxtp", "http"),
    ("htxps", "https"),
    ("htxp", "http"),
    ("meows", "https"),
    ("meow", "http"),
    ("fxps", "ftps"),
    ("fxp", "ftp"),
    ("ftx", "ftp"),
    ("https", "https"),
    ("http", "http"),
    ("ftp", "ftp"),
];

/// The live form of a scheme, whether it was defanged or not.
pub(crate) fn scheme(written: &str) -> Option<&'static str> {
    SCHEMES.iter().find(|(form, _)| form.eq_ignore_ascii_case(written)).map(|(_, live)| *live)
}

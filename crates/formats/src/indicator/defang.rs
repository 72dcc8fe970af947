//! Takes the teeth out of an indicator, and puts them back.

use super::IndicatorKind;

/// What people write in place of a dot, a colon, an at sign.
const TEETH: &[(&str, &str)] = &[
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("[dot]", "."),
    ("(dot)", "."),
    ("{dot}", "."),
    ("[://]", "://"),
    ("[:]", ":"),
    ("[/]", "/"),
    ("[@]", "@"),
    ("[at]", "@"),
    ("(at)", "@"),
    ("{at}", "@"),
];

/// Schemes as they are written when defanged, and live.
const SCHEMES: &[(&str, &str)] = &[
    ("hxxps", "https"),
    ("hxxp", "http"),
    ("h**ps", "https"),
    ("h**p", "http"),
    ("https", "https"),
    ("http", "http"),
    ("fxp", "ftp"),
    ("ftp", "ftp"),
];

/// The live form of an indicator that may be defanged.
pub(super) fn refang(text: &str) -> String {
    let mut live = text.to_owned();
    // "[[.]]" becomes "[.]" at first. Each round is shorter than the one before, so this ends.
    loop {
        let next = bite_once(&live);
        if next.len() == live.len() {
            break;
        }
        live = next;
    }
    match live.split_once("://") {
        Some((scheme, rest)) => match SCHEMES.iter().find(|(form, _)| form.eq_ignore_ascii_case(scheme)) {
            Some((_, known)) => format!("{known}://{rest}"),
            None => live,
        },
        None => live,
    }
}

fn bite_once(text: &str) -> String {
    let mut live = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let tooth = TEETH
            .iter()
            .find(|(form, _)| rest.get(..form.len()).is_some_and(|start| start.eq_ignore_ascii_case(form)));
        if let Some((form, meant)) = tooth {
            live.push_str(meant);
            rest = &rest[form.len()..];
        } else {
            live.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    live
}

/// The form of a live value that no program takes for a link.
pub(super) fn defang(kind: IndicatorKind, value: &str) -> String {
    match kind {
        IndicatorKind::Url => defang_url(value),
        IndicatorKind::Ipv6 => value.replace(':', "[:]"),
        IndicatorKind::Ipv4 | IndicatorKind::Domain | IndicatorKind::Email => blunt(value),
        IndicatorKind::Other => blunt(value).replace("://", "[://]"),
        IndicatorKind::FileName
        | IndicatorKind::Md5
        | IndicatorKind::Sha1
        | IndicatorKind::Sha256
        | IndicatorKind::Sha512 => value.to_owned(),
    }
}

fn defang_url(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return blunt(value) };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    // A link within the link, as phishing mails hide one, loses its teeth too.
    let path = path.replace("://", "[://]");
    let scheme = if scheme == "ftp" { "fxp".to_owned() } else { scheme.replacen("tt", "xx", 1) };
    format!("{scheme}://{}{path}", blunt(host))
}

fn blunt(text: &str) -> String {
    text.replace('.', "[.]").replace('@', "[at]")
}

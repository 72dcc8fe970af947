//! Takes the teeth out of an indicator; `crate::refang` puts them back.

use super::IndicatorKind;

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

//! What was observed, as objects of STIX 2.1 (section 6), each under the identifier that everybody else gives it.

use serde_json::{Map, Value, json};

use super::{observable_id, pattern};
use crate::ObservableKind;

/// An observable, as STIX tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// Its objects: those that it refers to, then itself.
    pub objects: Vec<Value>,
    /// What to look for, where it can be looked for.
    pub pattern: Option<String>,
}

impl Observed {
    /// The identifiers of its objects.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.objects.iter().filter_map(|object| object["id"].as_str())
    }
}

/// An observable of this kind and value; none where STIX has no object of it: vulnerabilities and techniques are told in
/// other ways, and patients' numbers never.
pub fn observed(kind: ObservableKind, value: &str) -> Option<Observed> {
    use ObservableKind::{
        AttackId, Bitcoin, Cve, Domain, Email, FilePath, Ipv4, Ipv6, Md5, NhsNumber, Onion, RegistryKey,
        Sha1, Sha256, Sha512, Url,
    };
    Some(match kind {
        Ipv4 => valued("ipv4-addr", value),
        Ipv6 => valued("ipv6-addr", value),
        Domain | Onion => valued("domain-name", value),
        Url => valued("url", &uri(value)),
        Email => valued("email-addr", value),
        Md5 => hash("MD5", value),
        Sha1 => hash("SHA-1", value),
        Sha256 => hash("SHA-256", value),
        Sha512 => hash("SHA-512", value),
        FilePath => file(value),
        RegistryKey => {
            let key = hive_in_full(value);
            one(
                "windows-registry-key",
                json!({"key": key}),
                Some(pattern::is("windows-registry-key:key", &key)),
            )
        }
        Bitcoin => one("user-account", json!({"account_type": "bitcoin", "user_id": value}), None),
        Cve | AttackId | NhsNumber => return None,
    })
}

/// An object of which all that is told contributes to its identifier.
fn one(kind: &'static str, told: Value, pattern: Option<String>) -> Observed {
    Observed { objects: vec![object(kind, told)], pattern }
}

fn object(kind: &str, told: Value) -> Value {
    let mut object = if let Value::Object(told) = told { told } else { Map::new() };
    let id = observable_id(kind, &object);
    object.insert("type".into(), kind.into());
    object.insert("spec_version".into(), "2.1".into());
    object.insert("id".into(), id.into());
    Value::Object(object)
}

fn valued(kind: &'static str, value: &str) -> Observed {
    one(kind, json!({"value": value}), Some(pattern::is(&format!("{kind}:value"), value)))
}

fn hash(algorithm: &str, value: &str) -> Observed {
    let path =
        if algorithm == "MD5" { "file:hashes.MD5".to_owned() } else { format!("file:hashes.'{algorithm}'") };
    one("file", json!({"hashes": {algorithm: value}}), Some(pattern::is(&path, value)))
}

/// A file by its path, in its folder; a folder alone where the path names no file.
fn file(path: &str) -> Observed {
    let end = path.rfind(['\\', '/']).map_or(0, |at| at + 1);
    let (folder, name) = path.split_at(end);
    // The folder's own separator goes, but for a root.
    let bare = folder.trim_end_matches(['\\', '/']);
    let folder = if bare.is_empty() || bare.ends_with(':') { folder } else { bare };
    if name.is_empty() {
        return one("directory", json!({"path": folder}), Some(pattern::is("directory:path", folder)));
    }
    if folder.is_empty() {
        return one("file", json!({"name": name}), Some(pattern::is("file:name", name)));
    }
    let directory = object("directory", json!({"path": folder}));
    let file = object("file", json!({"name": name, "parent_directory_ref": directory["id"]}));
    let pattern = pattern::are(("file:name", name), ("file:parent_directory_ref.path", folder));
    Observed { objects: vec![directory, file], pattern: Some(pattern) }
}

/// A key of the registry with its hive in full, as section 6.17 asks.
fn hive_in_full(key: &str) -> String {
    const HIVES: [(&str, &str); 6] = [
        ("HKLM", "HKEY_LOCAL_MACHINE"),
        ("HKCU", "HKEY_CURRENT_USER"),
        ("HKCR", "HKEY_CLASSES_ROOT"),
        ("HKU", "HKEY_USERS"),
        ("HKCC", "HKEY_CURRENT_CONFIG"),
        ("HKPD", "HKEY_PERFORMANCE_DATA"),
    ];
    let (hive, rest) = key.split_once('\\').unwrap_or((key, ""));
    let known = HIVES.iter().find(|(short, _)| hive.eq_ignore_ascii_case(short));
    match known {
        Some((_, full)) if rest.is_empty() => (*full).to_owned(),
        Some((_, full)) => format!("{full}\\{rest}"),
        None => key.to_owned(),
    }
}

/// A link as RFC 3986 writes it, which section 6.15 asks for: with a scheme, and what no URI has as per cent.
fn uri(link: &str) -> String {
    let mut written = String::with_capacity(link.len());
    if !link.contains("://") {
        written.push_str("http://");
    }
    for byte in link.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte) {
            written.push(char::from(byte));
        } else {
            written.extend(format!("%{byte:02X}").chars());
        }
    }
    written
}

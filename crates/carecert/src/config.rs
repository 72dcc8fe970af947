//! Settings from a TOML file and from `CARECERT_*` variables; every error at once, each with its
//! file and line.
//!
//! A setting is a row of `SETTINGS`: its name, and how its text is read. The file and the
//! variables go through the same rows, so that whatever can be written in one can be set by the
//! other: `cert.name` is `CARECERT_CERT_NAME`.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use platform::settings::{Cert, Hashing, Settings, Smtp, SmtpSecurity};
use toml::de::{DeTable, DeValue};

/// What is wrong with one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file and line, or the variable.
    pub place: String,
    /// What to do about it.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

type Read = fn(&mut Settings, &str) -> Result<(), String>;

/// Every setting: its name, and how its text is read.
const SETTINGS: &[(&str, Read)] = &[
    ("data_dir", |settings, text| set(&mut settings.data_dir, Ok(PathBuf::from(text)))),
    ("bind", |settings, text| set(&mut settings.bind, address(text))),
    ("public_url", |settings, text| set(&mut settings.public_url, public_url(text))),
    ("trusted_proxies", |settings, text| set(&mut settings.trusted_proxies, proxies(text))),
    ("database.url", |settings, text| set(&mut settings.database_url, Ok(text.to_owned()))),
    ("cert.name", |settings, text| set(&mut settings.cert.name, filled(text))),
    ("cert.telephone", |settings, text| set(&mut settings.cert.telephone, filled(text))),
    ("cert.mail_from", |settings, text| set(&mut settings.cert.mail_from, mailbox(text))),
    ("cert.data_controller", |settings, text| set(&mut settings.cert.data_controller, filled(text))),
    ("cert.privacy_email", |settings, text| set(&mut settings.cert.privacy_email, mailbox(text))),
    ("smtp.host", |settings, text| set(&mut smtp(settings).host, filled(text))),
    ("smtp.port", |settings, text| {
        set(&mut smtp(settings).port, text.parse().map_err(|_| "write a port, such as 587".to_owned()))
    }),
    ("smtp.security", |settings, text| set(&mut smtp(settings).security, security(text))),
    ("smtp.user", |settings, text| set(&mut credentials(settings).0, filled(text))),
    ("smtp.password", |settings, text| set(&mut credentials(settings).1, filled(text))),
    ("smtp.ca_file", |settings, text| set(&mut smtp(settings).ca_file, Ok(Some(PathBuf::from(text))))),
    ("release.single_person", |settings, text| set(&mut settings.single_person_release, truth(text))),
];

fn set<T>(place: &mut T, value: Result<T, String>) -> Result<(), String> {
    *place = value?;
    Ok(())
}

fn smtp(settings: &mut Settings) -> &mut Smtp {
    settings.smtp.get_or_insert_with(|| Smtp {
        host: String::new(),
        port: 587,
        security: SmtpSecurity::StartTls,
        credentials: None,
        ca_file: None,
    })
}

fn credentials(settings: &mut Settings) -> &mut (String, String) {
    smtp(settings).credentials.get_or_insert_default()
}

fn filled(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("write something here".to_owned()) } else { Ok(text.trim().to_owned()) }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("\"{text}\" is not an address and port, such as 127.0.0.1:8080"))
}

fn proxies(text: &str) -> Result<Vec<IpAddr>, String> {
    let each = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    each.map(|part| part.parse().map_err(|_| format!("\"{part}\" is not the address of a proxy"))).collect()
}

fn mailbox(text: &str) -> Result<String, String> {
    let address: Result<lettre::message::Mailbox, _> = text.parse();
    address.map(|_| text.to_owned()).map_err(|_| format!("\"{text}\" is not a mail address"))
}

fn truth(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "write true or false".to_owned())
}

fn security(text: &str) -> Result<SmtpSecurity, String> {
    match text {
        "tls" => Ok(SmtpSecurity::Tls),
        "starttls" => Ok(SmtpSecurity::StartTls),
        "plain" => Ok(SmtpSecurity::Plain),
        other => Err(format!("\"{other}\" is not tls, starttls or plain")),
    }
}

fn public_url(text: &str) -> Result<String, String> {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    if is_web && !text.ends_with('/') {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "\"{text}\" is not an address like https://alerts.example.org, without a slash at its end"
        ))
    }
}

/// What holds where nothing is said.
fn defaults() -> Settings {
    Settings {
        data_dir: PathBuf::from("carecert-data"),
        database_url: String::new(),
        bind: ([127, 0, 0, 1], 8080).into(),
        public_url: String::new(),
        cert: Cert {
            name: "Cyber security operations centre".to_owned(),
            telephone: String::new(),
            mail_from: "CareCERT <carecert@localhost>".to_owned(),
            data_controller: "the organisation that runs this service".to_owned(),
            privacy_email: "carecert@localhost".to_owned(),
        },
        smtp: None,
        demonstration: false,
        single_person_release: false,
        hashing: Hashing::Strong,
        trusted_proxies: Vec::new(),
    }
}

/// Reads the settings from `file` (its name and text) and from `variables`, which override it.
pub fn read(
    file: Option<(&str, &str)>,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Settings, Vec<Problem>> {
    let mut settings = defaults();
    let mut problems = Vec::new();
    if let Some((name, text)) = file {
        read_file(&mut settings, &mut problems, name, text);
    }
    for (variable, text) in variables {
        let name = match variable.as_str() {
            // The name that every platform uses.
            "DATABASE_URL" => "database.url".to_owned(),
            // Read elsewhere: by the tests, by the log.
            other if other.starts_with("CARECERT_TEST_") || other == "CARECERT_LOG" => continue,
            other => match other.strip_prefix("CARECERT_") {
                Some(rest) => setting_of(rest),
                None => continue,
            },
        };
        if let Err(reason) = apply(&mut settings, &name, &text) {
            problems.push(Problem { place: variable, reason });
        }
    }
    if settings.database_url.is_empty() {
        settings.database_url = format!("sqlite:{}", settings.data_dir.join("carecert.db").display());
    }
    if settings.public_url.is_empty() {
        settings.public_url = format!("http://{}", settings.bind);
    }
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

/// `CERT_DATA_CONTROLLER` names `cert.data_controller`.
fn setting_of(variable: &str) -> String {
    let lower = variable.to_lowercase();
    let known = SETTINGS.iter().find(|(name, _)| name.replace('.', "_") == lower);
    known.map_or(lower, |(name, _)| (*name).to_owned())
}

fn apply(settings: &mut Settings, name: &str, text: &str) -> Result<(), String> {
    match SETTINGS.iter().find(|(known, _)| *known == name) {
        Some((_, read)) => read(settings, text),
        None => Err(format!("there is no setting {name}. Those that there are: {}", known_names())),
    }
}

fn known_names() -> String {
    SETTINGS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn read_file(settings: &mut Settings, problems: &mut Vec<Problem>, file: &str, text: &str) {
    let place = |at: usize| format!("{file}:{}", text[..at.min(text.len())].matches('\n').count() + 1);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().map_or(0, |span| span.start);
        problems.push(Problem { place: place(at), reason: error.message().to_owned() });
    }
    let mut leaves = Vec::new();
    flatten(table.get_ref(), "", &mut leaves);
    for (name, at, value) in leaves {
        let done = value
            .and_then(|value| apply(settings, &name, &value).map_err(|reason| format!("{name}: {reason}")));
        if let Err(reason) = done {
            problems.push(Problem { place: place(at), reason });
        }
    }
}

/// The settings of a table as `section.name`, where each stands, and its text.
fn flatten(table: &DeTable<'_>, prefix: &str, leaves: &mut Vec<(String, usize, Result<String, String>)>) {
    for (key, value) in table {
        let name = format!("{prefix}{}", key.get_ref());
        let text = match value.get_ref() {
            DeValue::Table(inner) => {
                flatten(inner, &format!("{name}."), leaves);
                continue;
            }
            DeValue::String(text) => Ok(text.to_string()),
            DeValue::Boolean(truth) => Ok(truth.to_string()),
            DeValue::Integer(number) => Ok(number.as_str().to_owned()),
            DeValue::Array(items) => items
                .iter()
                .map(|item| item.get_ref().as_str().map(ToOwned::to_owned))
                .collect::<Option<Vec<_>>>()
                .map(|items| items.join(","))
                .ok_or_else(|| format!("{name}: write a list of texts")),
            _ => Err(format!("{name}: write a text, a whole number, true or false")),
        };
        leaves.push((name, key.span().start, text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str, variables: &[(&str, &str)]) -> Vec<String> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        read(Some(("carecert.toml", text)), variables)
            .err()
            .map(|problems| problems.iter().map(ToString::to_string).collect())
            .unwrap_or_default()
    }

    #[test]
    fn every_error_is_told_at_once_with_its_line() {
        let text = "bind = \"here\"\n[cert]\nname = \"\"\ntelefone = \"0300\"\n[smtp]\nport = 70000\nsecurity = \"ssl\"\n";
        let told = problems(text, &[("CARECERT_PUBLIC_URL", "alerts.example.org"), ("CARECERT_BINDD", "x")]);
        let expected = [
            "carecert.toml:1: bind: \"here\" is not an address and port",
            "carecert.toml:3: cert.name: write something here",
            "carecert.toml:4: cert.telefone: there is no setting cert.telefone",
            "carecert.toml:6: smtp.port: write a port",
            "carecert.toml:7: smtp.security: \"ssl\" is not tls, starttls or plain",
            "CARECERT_PUBLIC_URL: \"alerts.example.org\" is not an address",
            "CARECERT_BINDD: there is no setting bindd",
        ];
        assert_eq!(told.len(), expected.len(), "{told:#?}");
        for wanted in expected {
            assert!(told.iter().any(|told| told.starts_with(wanted)), "{wanted}: {told:#?}");
        }
    }

    #[test]
    fn broken_toml_is_told_with_its_line() {
        let told = problems("bind = \"127.0.0.1:1\"\nname = = 3\n", &[]);
        assert!(told.first().is_some_and(|first| first.starts_with("carecert.toml:2: ")), "{told:?}");
    }

    #[test]
    fn variables_override_the_file() {
        let file = Some(("carecert.toml", "data_dir = \"/srv/a\"\n[cert]\nname = \"A\"\n"));
        let variables =
            [("CARECERT_CERT_NAME".to_owned(), "B".to_owned()), ("HOME".to_owned(), "x".to_owned())];
        let settings = read(file, variables.into_iter()).expect("settings");
        assert_eq!(settings.cert.name, "B");
        assert_eq!(settings.database_url, "sqlite:/srv/a/carecert.db");
        assert_eq!(settings.public_url, "http://127.0.0.1:8080");
    }
}

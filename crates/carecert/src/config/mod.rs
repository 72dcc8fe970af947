//! Settings from a TOML file and from `CARECERT_*` variables; every error at once, each with its
//! file and line.
//!
//! A setting is a row of `SETTINGS`: its name, and how its text is read. The file and the
//! variables go through the same rows, so that whatever can be written in one can be set by the
//! other: `cert.name` is `CARECERT_CERT_NAME`.

mod file;

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;
use jiff::civil::{Date, Weekday};
use platform::{
    net::Allowed,
    settings::{
        Cert, Evidence, Hashing, Network, Regulators, Reports, Settings, Sms, Smtp, SmtpSecurity, TimeStamps,
        Weekly,
    },
};
use url::Url;

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
    ("database.url", |settings, text| set(&mut settings.database_url, database(text))),
    ("cert.name", |settings, text| set(&mut settings.cert.name, filled(text))),
    ("cert.telephone", |settings, text| set(&mut settings.cert.telephone, filled(text))),
    ("cert.mail_from", |settings, text| set(&mut settings.cert.mail_from, mailbox(text))),
    ("cert.data_controller", |settings, text| set(&mut settings.cert.data_controller, filled(text))),
    ("cert.privacy_email", |settings, text| set(&mut settings.cert.privacy_email, mailbox(text))),
    ("mail.bounces", |settings, text| set(&mut settings.bounces, Ok(Some(PathBuf::from(text))))),
    ("mail.bounces_to", |settings, text| set(&mut settings.cert.bounces_to, mailbox(text).map(Some))),
    ("mail.reports", |settings, text| set(&mut settings.reports.mail, Ok(Some(PathBuf::from(text))))),
    ("mail.bulletin", |settings, text| set(&mut settings.bulletin, weekly(text).map(Some))),
    ("response.policies_file", |settings, text| {
        set(&mut settings.response_policies, Ok(Some(PathBuf::from(text))))
    }),
    ("smtp.host", |settings, text| set(&mut smtp(settings).host, filled(text))),
    ("smtp.port", |settings, text| {
        set(&mut smtp(settings).port, text.parse().map_err(|_| "write a port, such as 587".to_owned()))
    }),
    ("smtp.security", |settings, text| set(&mut smtp(settings).security, security(text))),
    ("smtp.user", |settings, text| set(&mut credentials(settings).0, filled(text))),
    ("smtp.password", |settings, text| set(&mut credentials(settings).1, filled(text))),
    ("smtp.ca_file", |settings, text| set(&mut smtp(settings).ca_file, Ok(Some(PathBuf::from(text))))),
    ("smtp.dkim_key_file", |settings, text| {
        set(&mut smtp(settings).dkim_key_file, Ok(Some(PathBuf::from(text))))
    }),
    ("smtp.dkim_selector", |settings, text| set(&mut smtp(settings).dkim_selector, selector(text))),
    ("smtp.openpgp_key_file", |settings, text| {
        set(&mut smtp(settings).openpgp_key_file, Ok(Some(PathBuf::from(text))))
    }),
    ("sms.url", |settings, text| set(&mut sms(settings).url, public_url(text))),
    ("sms.key", |settings, text| set(&mut sms(settings).key, filled(text))),
    ("sms.template", |settings, text| set(&mut sms(settings).template, filled(text))),
    ("sms.callback_token", |settings, text| set(&mut sms(settings).callback_token, token(text))),
    ("network.allow", |settings, text| set(&mut settings.network.allow, networks(text))),
    ("network.proxy", |settings, text| set(&mut settings.network.proxy, proxy(text))),
    ("network.keys", |settings, text| set(&mut settings.network.keys, text.parse())),
    ("reports.age_identity_file", |settings, text| {
        set(&mut settings.reports.age_identity_file, Ok(Some(PathBuf::from(text))))
    }),
    ("clocks.country", |settings, text| set(&mut settings.regulators.country, country(text))),
    ("clocks.starts", |settings, text| set(&mut settings.regulators.starts, starts(text))),
    ("evidence.most_bytes", |settings, text| {
        set(&mut settings.evidence.most_bytes, text.parse().map_err(|_| "write a number of bytes".to_owned()))
    }),
    ("timestamp.url", |settings, text| set(&mut time_stamps(settings).url, public_url(text))),
    ("timestamp.certificate_file", |settings, text| {
        set(&mut time_stamps(settings).certificate_file, filled(text).map(PathBuf::from))
    }),
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
        dkim_key_file: None,
        dkim_selector: "carecert".to_owned(),
        openpgp_key_file: None,
    })
}

fn time_stamps(settings: &mut Settings) -> &mut TimeStamps {
    settings
        .evidence
        .time_stamps
        .get_or_insert_with(|| TimeStamps { url: String::new(), certificate_file: PathBuf::new() })
}

fn sms(settings: &mut Settings) -> &mut Sms {
    settings.sms.get_or_insert_with(|| Sms {
        url: "https://api.notifications.service.gov.uk".to_owned(),
        key: String::new(),
        template: String::new(),
        callback_token: None,
    })
}

fn selector(text: &str) -> Result<String, String> {
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let is_name = text.len() <= 60 && text.split('.').all(is_label);
    is_name
        .then(|| text.to_owned())
        .ok_or_else(|| format!("\"{text}\" is not a name in the DNS, such as carecert"))
}

/// What is wrong is told without the token.
fn token(text: &str) -> Result<Option<String>, String> {
    let is_long = text.trim().len() >= 20;
    is_long.then(|| Some(text.trim().to_owned())).ok_or_else(|| "write 20 letters or more".to_owned())
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

fn networks(text: &str) -> Result<Allowed, String> {
    let each = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let net = |part: &str| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
    let nets =
        each.map(|part| net(part).map_err(|_| format!("\"{part}\" is not a network, such as 10.1.0.0/16")));
    nets.collect::<Result<_, _>>().map(Allowed)
}

fn proxy(text: &str) -> Result<Option<Url>, String> {
    let url = Url::parse(text).ok().filter(|url| url.has_host() && ["http", "https"].contains(&url.scheme()));
    // Told without the address: it may hold a password.
    url.map(Some).ok_or_else(|| "write an address like http://proxy.example.org:3128".to_owned())
}

fn mailbox(text: &str) -> Result<String, String> {
    let address: Result<lettre::message::Mailbox, _> = text.parse();
    address.map(|_| text.to_owned()).map_err(|_| format!("\"{text}\" is not a mail address"))
}

/// What is wrong is told without the address: it may hold a password.
fn database(text: &str) -> Result<String, String> {
    let is_file = text.strip_prefix("sqlite:").is_some_and(|path| !path.is_empty());
    let is_server = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
    if is_file || is_server && db::without_secret(text).is_ok() {
        Ok(text.to_owned())
    } else {
        Err("write sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE".to_owned())
    }
}

fn weekly(text: &str) -> Result<Weekly, String> {
    let days = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let read = text.trim().split_once(' ').and_then(|(day, time)| {
        let (_, day) = days.into_iter().find(|(name, _)| day.eq_ignore_ascii_case(name))?;
        let hour = time.trim().strip_suffix(":00")?.parse().ok().filter(|hour| (0..24).contains(hour))?;
        Some(Weekly { day, hour })
    });
    read.ok_or_else(|| format!("\"{text}\" is not a day and a whole hour, such as monday 09:00"))
}

fn country(text: &str) -> Result<String, String> {
    let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code.then(|| text.to_owned()).ok_or_else(|| format!("\"{text}\" is not a country, such as GB"))
}

/// Regimes and their first days: `gb-csr-bill 2027-04-01`.
fn starts(text: &str) -> Result<BTreeMap<String, Date>, String> {
    let each = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let read = |part: &str| {
        let (id, day) = part.split_once(' ')?;
        Some((id.to_owned(), day.trim().parse().ok()?))
    };
    let wrong = |part: &str| format!("\"{part}\" is not a regime and a day, such as gb-csr-bill 2027-04-01");
    let starts =
        each.map(|part| read(part).ok_or_else(|| wrong(part))).collect::<Result<BTreeMap<_, _>, _>>()?;
    match react::regime::unknown_starts(&starts).first() {
        Some(id) => Err(format!("there is no regime \"{id}\"; /clocks/regimes lists them")),
        None => Ok(starts),
    }
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
            bounces_to: None,
            data_controller: "the organisation that runs this service".to_owned(),
            privacy_email: "carecert@localhost".to_owned(),
        },
        smtp: None,
        bounces: None,
        reports: Reports::default(),
        sms: None,
        bulletin: None,
        response_policies: None,
        demonstration: false,
        single_person_release: false,
        hashing: Hashing::Strong,
        trusted_proxies: Vec::new(),
        network: Network::default(),
        regulators: Regulators::default(),
        evidence: Evidence::default(),
    }
}

/// A setting that somebody has to make, and what for.
pub type Needed = (&'static str, &'static str);

/// What `serve` and `work` cannot do without.
pub const OF_A_SERVICE: &[Needed] =
    &[("cert.telephone", "Pages and mails tell people in trouble to ring this number")];

/// Reads the settings from `file` (its name and text) and from `variables`, which override it; those
/// in `needed` have to be there.
pub fn read(
    file: Option<(&str, &str)>,
    variables: impl Iterator<Item = (String, String)>,
    needed: &[Needed],
) -> Result<Settings, Vec<Problem>> {
    let mut settings = defaults();
    let mut problems = Vec::new();
    let mut made = HashSet::new();
    for file::Given { place, name, text } in file.map_or_else(Vec::new, |(file, text)| file::read(file, text))
    {
        if let Err(reason) = text.and_then(|text| apply(&mut settings, &name, &text)) {
            let reason = if name.is_empty() { reason } else { format!("{name}: {reason}") };
            problems.push(Problem { place, reason });
        }
        made.insert(name);
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
        made.insert(name);
    }
    for (name, what_for) in needed.iter().filter(|(name, _)| !made.contains(*name)) {
        let variable = format!("CARECERT_{}", name.replace('.', "_").to_uppercase());
        let place = file.map_or_else(|| variable.clone(), |(file, _)| file.to_owned());
        let reason = format!("{name} is not set. {what_for}: set it in a settings file, or as {variable}.");
        problems.push(Problem { place, reason });
    }
    if let Some(stamps) = &settings.evidence.time_stamps
        && (stamps.url.is_empty() || stamps.certificate_file.as_os_str().is_empty())
    {
        let place = file.map_or_else(|| "timestamp".to_owned(), |(file, _)| file.to_owned());
        let reason =
            "timestamp.url and timestamp.certificate_file are set together, or not at all".to_owned();
        problems.push(Problem { place, reason });
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

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str, variables: &[(&str, &str)]) -> Vec<String> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        read(Some(("carecert.toml", text)), variables, OF_A_SERVICE)
            .err()
            .map(|problems| problems.iter().map(ToString::to_string).collect())
            .unwrap_or_default()
    }

    #[test]
    fn a_law_is_switched_on_by_its_first_day_and_a_law_that_nobody_knows_is_refused() {
        let of = |starts: &str| {
            problems(&format!("[clocks]\ncountry = \"GB\"\nstarts = [{starts}]\n"), &[])
                .into_iter()
                .filter(|problem| problem.contains("clocks."))
                .collect::<Vec<_>>()
        };
        assert_eq!(of("\"gb-csr-bill 2027-04-01\""), Vec::<String>::new());
        assert!(of("\"gb-csr-act 2027-04-01\"")[0].contains("there is no regime \"gb-csr-act\""));
        assert!(of("\"gb-csr-bill soon\"")[0].contains("is not a regime and a day"));
        assert!(problems("[clocks]\ncountry = \"England\"\n", &[])[0].contains("is not a country"));
    }

    #[test]
    fn every_error_is_told_at_once_with_its_line() {
        let text = "bind = \"here\"\n[smtp]\nport = 70000\nsecurity = \"ssl\"\n[cert]\nname = \"\"\ntelefone = \"0300\"\n\
                    [network]\nallow = \"10.1.0.0/16, here\"\n[mail]\nbulletin = \"monday 9:30\"\n[database]\nurl = \"mysql://root:secret@host/x\"\n";
        let told = problems(text, &[("CARECERT_PUBLIC_URL", "alerts.example.org"), ("CARECERT_BINDD", "x")]);
        let expected = [
            "carecert.toml:1: bind: \"here\" is not an address and port",
            "carecert.toml:3: smtp.port: write a port",
            "carecert.toml:4: smtp.security: \"ssl\" is not tls, starttls or plain",
            "carecert.toml:6: cert.name: write something here",
            "carecert.toml:7: cert.telefone: there is no setting cert.telefone",
            "carecert.toml:9: network.allow: \"here\" is not a network",
            "carecert.toml:11: mail.bulletin: \"monday 9:30\" is not a day and a whole hour",
            "carecert.toml:13: database.url: write sqlite:PATH or postgres://",
            "CARECERT_PUBLIC_URL: \"alerts.example.org\" is not an address",
            "CARECERT_BINDD: there is no setting bindd",
            "carecert.toml: cert.telephone is not set. Pages and mails",
        ];
        assert_eq!(told.len(), expected.len(), "{told:#?}");
        for (told, wanted) in told.iter().zip(expected) {
            assert!(told.starts_with(wanted), "in the order of their lines: {wanted}: {told}");
        }
        assert!(!told.concat().contains("secret"));
    }

    #[test]
    fn broken_toml_is_told_with_its_line() {
        let number = [("CARECERT_CERT_TELEPHONE", "0300")];
        let told = problems("bind = \"127.0.0.1:1\"\nname = = 3\npublic_url = \"x\"\n", &number);
        assert_eq!(told.len(), 2, "{told:#?}");
        assert!(
            told[0].starts_with("carecert.toml:2: name: ") && !told[0].contains("no setting"),
            "{told:#?}"
        );
        assert!(told[1].starts_with("carecert.toml:3: public_url: "), "{told:#?}");
        let told = problems("bind = \"x\"\na = [\nb = \"x\"\n[cert]\nname = \"\"\n", &number);
        assert_eq!(told.len(), 2, "{told:#?}");
        assert!(told[1].starts_with("carecert.toml:2: a: unclosed array"), "{told:#?}");
        let told = problems("bind = \"127.0.0.1:1\"\n[cert\n", &number);
        assert_eq!(told.len(), 1, "{told:#?}");
        assert!(told[0].starts_with("carecert.toml:2: unclosed table"), "{told:#?}");
    }

    #[test]
    fn what_a_service_needs_is_told_with_the_rest_and_once() {
        let told = problems("[cert]\ntelephone = \"\"\n", &[]);
        assert_eq!(told, ["carecert.toml:2: cert.telephone: write something here"]);
        let told = read(None, std::iter::empty(), OF_A_SERVICE).expect_err("nothing is set");
        assert_eq!(told[0].place, "CARECERT_CERT_TELEPHONE");
        assert!(read(None, std::iter::empty(), &[]).is_ok());
    }

    #[test]
    fn variables_override_the_file() {
        let file = Some(("carecert.toml", "data_dir = \"/srv/a\"\n[cert]\nname = \"A\"\n"));
        let variables =
            [("CARECERT_CERT_NAME".to_owned(), "B".to_owned()), ("HOME".to_owned(), "x".to_owned())];
        let settings = read(file, variables.into_iter(), &[]).expect("settings");
        assert_eq!(settings.cert.name, "B");
        assert_eq!(settings.database_url, "sqlite:/srv/a/carecert.db");
        assert_eq!(settings.public_url, "http://127.0.0.1:8080");
    }
}

//! Reads `content/clocks/`, a file for each regime. What is wrong is told with the file and the field.

use std::sync::LazyLock;

use jiff::{civil::Date, tz::TimeZone};
use serde::Deserialize;

use super::{Duty, Fact, Kinds, Offset, Regime};

macro_rules! clocks {
    ($($id:literal),+ $(,)?) => {
        &[$((
            concat!("content/clocks/", $id, ".toml"),
            include_str!(concat!("../../../../content/clocks/", $id, ".toml")),
        )),+]
    };
}

/// In the order in which people see them.
const FILES: &[(&str, &str)] = clocks!["gb-uk-gdpr", "gb-nis-2018", "gb-csr-bill", "eu-nis2", "us-hipaa"];

static REGIMES: LazyLock<Vec<Regime>> =
    LazyLock::new(|| read_all(FILES).expect("a test reads the embedded clocks"));

/// All regimes.
pub fn regimes() -> &'static [Regime] {
    &REGIMES
}

/// The regime of this id.
pub fn find(id: &str) -> Option<&'static Regime> {
    regimes().iter().find(|regime| regime.id == id)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    name: String,
    about: String,
    version: i64,
    in_force_from: Option<toml::value::Datetime>,
    countries: Vec<String>,
    zone: String,
    kinds: Vec<String>,
    #[serde(default)]
    kinds_if: Vec<WrittenKinds>,
    replaces: Option<String>,
    source: String,
    url: String,
    checked: toml::value::Datetime,
    duty: Vec<WrittenDuty>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKinds {
    kinds: Vec<String>,
    only_if: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDuty {
    id: String,
    name: String,
    trigger: String,
    law: String,
    offset: toml::Value,
    after: Option<String>,
    only_if: Option<String>,
    recipient: String,
    how: String,
    link: Option<String>,
    telephone: Option<String>,
    phases: Option<String>,
    #[serde(default)]
    fact: Vec<WrittenFact>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFact {
    key: String,
    label: String,
    hint: Option<String>,
    from: Option<String>,
    #[serde(default = "asked_for")]
    required: bool,
}

const fn asked_for() -> bool {
    true
}

/// Reads them all, or tells everything that is wrong.
fn read_all(files: &[(&str, &str)]) -> Result<Vec<Regime>, String> {
    let mut wrong = Vec::new();
    let mut regimes: Vec<Regime> = Vec::new();
    for (file, text) in files {
        match read(file, text) {
            Ok(regime) if regimes.iter().any(|other| other.id == regime.id) => {
                wrong.push(format!("{file}: id: another file has \"{}\" too", regime.id));
            }
            Ok(regime) => regimes.push(regime),
            Err(error) => wrong.push(error),
        }
    }
    for regime in &regimes {
        let known = |id: &String| regimes.iter().any(|other| other.id == *id);
        if regime.replaces.as_ref().is_some_and(|id| !known(id)) {
            wrong.push(format!("{}: replaces: there is no such regime", regime.id));
        }
    }
    if wrong.is_empty() { Ok(regimes) } else { Err(wrong.join("\n")) }
}

/// Reads one file.
fn read(file: &str, text: &str) -> Result<Regime, String> {
    let written: Written = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        format!("{file}:{line}: {}", error.message())
    })?;
    compiled(written).map_err(|(field, reason)| format!("{file}: {field}: {reason}"))
}

/// The field that is wrong, and what is.
type Wrong = (String, String);

fn at<E: ToString>(field: impl Into<String>) -> impl FnOnce(E) -> Wrong {
    move |error| (field.into(), error.to_string())
}

fn compiled(written: Written) -> Result<Regime, Wrong> {
    let Written { id, name, about, version, countries, zone, source, url, replaces, .. } = written;
    let tidy = |code: &String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if let Some(code) = countries.iter().find(|code| !tidy(code)) {
        return Err(("countries".to_owned(), format!("\"{code}\" is not a country such as GB")));
    }
    for (field, text) in [("id", &id), ("name", &name), ("about", &about), ("source", &source)] {
        filled(field, text)?;
    }
    if version < 1 {
        return Err(("version".to_owned(), "versions are counted from 1".to_owned()));
    }
    address("url", Some(&url))?;
    let in_force_from = written.in_force_from.map(day).transpose().map_err(at("in_force_from"))?;
    let checked = day(written.checked).map_err(at("checked"))?;
    let conditional = |(number, each): (usize, WrittenKinds)| -> Result<_, Wrong> {
        let field = format!("kinds_if[{number}]");
        filled(&format!("{field}.only_if"), &each.only_if)?;
        Ok((kinds(&format!("{field}.kinds"), &each.kinds)?, each.only_if))
    };
    let kinds_if = written.kinds_if.into_iter().enumerate().map(conditional).collect::<Result<_, _>>()?;
    let duties = written.duty.into_iter().map(duty).collect::<Result<Vec<_>, _>>()?;
    for each in &duties {
        let known = |after: &String| duties.iter().any(|other| other.id == *after && other.id != each.id);
        if each.after.as_ref().is_some_and(|after| !known(after)) {
            return Err((format!("duty.{}.after", each.id), "there is no such duty in this file".to_owned()));
        }
    }
    Ok(Regime {
        kinds: kinds("kinds", &written.kinds)?,
        zone: TimeZone::get(&zone).map_err(at("zone"))?,
        zone_name: zone,
        id,
        name,
        about,
        version,
        in_force_from,
        countries,
        kinds_if,
        replaces,
        source,
        url,
        checked,
        duties,
    })
}

fn duty(written: WrittenDuty) -> Result<Duty, Wrong> {
    let field = |name: &str| format!("duty.{}.{name}", written.id);
    for (name, text) in [
        ("name", &written.name),
        ("law", &written.law),
        ("recipient", &written.recipient),
        ("how", &written.how),
    ] {
        filled(&field(name), text)?;
    }
    address(&field("link"), written.link.as_deref())?;
    let offset = offset(&written.offset).map_err(at(field("offset")))?;
    let trigger = written.trigger.parse().map_err(at::<String>(field("trigger")))?;
    let mut facts: Vec<Fact> = Vec::new();
    for each in written.fact {
        let of = |name: &str| format!("duty.{}.fact.{}.{name}", written.id, each.key);
        filled(&of("label"), &each.label)?;
        let from = each.from.as_deref().map(str::parse).transpose().map_err(at::<String>(of("from")))?;
        let tidy = !each.key.is_empty()
            && each.key.len() <= 40
            && each.key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if !tidy || facts.iter().any(|other| other.key == each.key) {
            return Err((of("key"), "a key is written in small letters, and once".to_owned()));
        }
        let WrittenFact { key, label, hint, required, .. } = each;
        facts.push(Fact { key, label, hint, from, required });
    }
    Ok(Duty {
        trigger,
        offset,
        facts,
        id: written.id,
        name: written.name,
        after: written.after,
        law: written.law,
        only_if: written.only_if,
        recipient: written.recipient,
        how: written.how,
        link: written.link,
        telephone: written.telephone,
        phases: written.phases,
    })
}

/// `{ hours = 72 }`, `{ days = 60 }`, `{ months = 1 }`, `{ days_after_year = 60 }` or `"without_undue_delay"`.
fn offset(value: &toml::Value) -> Result<Offset, String> {
    if value.as_str() == Some("without_undue_delay") {
        return Ok(Offset::WithoutUndueDelay);
    }
    let only = value.as_table().filter(|table| table.len() == 1).and_then(|table| table.iter().next());
    let read = only.and_then(|(name, count)| {
        let count = count.as_integer().filter(|count| (1..=10_000).contains(count))?;
        Some(match name.as_str() {
            "hours" => Offset::Hours(count),
            "days" => Offset::Days(count),
            "months" => Offset::Months(count),
            "days_after_year" => Offset::DaysAfterYear(count),
            _ => return None,
        })
    });
    read.ok_or_else(|| {
        "write { hours = 72 }, { days = 60 }, { months = 1 }, { days_after_year = 60 } or \"without_undue_delay\""
            .to_owned()
    })
}

fn kinds(field: &str, codes: &[String]) -> Result<Kinds, Wrong> {
    if codes.iter().any(|code| code == "*") {
        return Ok(Kinds::All);
    }
    let read = |code: &String| {
        code.parse().map_err(|_| (field.to_owned(), format!("\"{code}\" is no kind of organisation")))
    };
    codes.iter().map(read).collect::<Result<_, _>>().map(Kinds::These)
}

fn day(written: toml::value::Datetime) -> Result<Date, String> {
    written.to_string().parse().map_err(|_| format!("\"{written}\" is not a day, such as 2026-11-27"))
}

fn filled(field: &str, text: &str) -> Result<(), Wrong> {
    if text.trim().is_empty() { Err((field.to_owned(), "write something here".to_owned())) } else { Ok(()) }
}

fn address(field: &str, url: Option<&str>) -> Result<(), Wrong> {
    let wrong = url.is_some_and(|url| !url.starts_with("https://"));
    if wrong {
        Err((field.to_owned(), "write an address that begins with https://".to_owned()))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, fs, path::Path};

    use super::*;
    use crate::regime::{Known, Trigger};

    #[test]
    fn every_file_of_the_folder_is_read_and_says_all_that_it_has_to() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/clocks");
        let there =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let named: HashSet<_> =
            FILES.iter().map(|(file, _)| file.rsplit('/').next().unwrap().to_owned()).collect();
        assert_eq!(there.collect::<HashSet<_>>(), named);
        for (regime, (file, _)) in regimes().iter().zip(FILES) {
            assert!(file.ends_with(&format!("/{}.toml", regime.id)), "{file}");
            assert!(!regime.duties.is_empty() && !regime.countries.is_empty(), "{file}");
            for duty in &regime.duties {
                assert!(
                    duty.facts.iter().any(|fact| fact.from == Some(Known::Organisation)),
                    "{}",
                    duty.name
                );
                assert!(duty.facts.iter().filter(|fact| fact.required).count() >= 3, "{file} {}", duty.name);
            }
        }
        assert!(find("gb-csr-bill").unwrap().in_force_from.is_none());
    }

    #[test]
    fn the_hours_are_those_of_the_law() {
        let offset = |regime, duty| find(regime).unwrap().duty(duty).unwrap().offset;
        assert_eq!(offset("gb-uk-gdpr", "commissioner"), Offset::Hours(72));
        assert_eq!(offset("gb-uk-gdpr", "people"), Offset::WithoutUndueDelay);
        assert_eq!(offset("gb-nis-2018", "notification"), Offset::Hours(72));
        assert_eq!(
            [offset("gb-csr-bill", "initial"), offset("gb-csr-bill", "full")],
            [Offset::Hours(24), Offset::Hours(72)]
        );
        assert_eq!(offset("eu-nis2", "early_warning"), Offset::Hours(24));
        assert_eq!(offset("eu-nis2", "notification"), Offset::Hours(72));
        assert_eq!(offset("eu-nis2", "final"), Offset::Months(1));
        assert_eq!(offset("us-hipaa", "individuals"), Offset::Days(60));
        assert_eq!(offset("us-hipaa", "secretary_yearly"), Offset::DaysAfterYear(60));
        let people = find("gb-uk-gdpr").unwrap().duty("people").unwrap();
        assert_eq!(people.trigger, Trigger::HighRiskToPeople);
    }

    #[test]
    fn what_is_wrong_is_told_with_the_file_and_the_field() {
        let good = FILES[1].1;
        let told =
            |from: &str, to: &str| read("content/clocks/x.toml", &good.replacen(from, to, 1)).unwrap_err();
        for (from, to, expected) in [
            ("{ hours = 72 }", "{ weeks = 3 }", "content/clocks/x.toml: duty.notification.offset: write {"),
            (
                "\"significant_incident\"",
                "\"bad_luck\"",
                "content/clocks/x.toml: duty.notification.trigger: \"bad_luck\"",
            ),
            ("\"icb\"]", "\"castle\"]", "content/clocks/x.toml: kinds: \"castle\" is no kind"),
            ("\"GB\"", "\"England\"", "content/clocks/x.toml: countries: \"England\""),
            ("Europe/London", "Europe/Atlantis", "content/clocks/x.toml: zone: "),
            (
                "from = \"seen\"",
                "from = \"guessed\"",
                "content/clocks/x.toml: duty.notification.fact.nature.from: ",
            ),
            (
                "key = \"nature\"",
                "key = \"impact\"",
                "content/clocks/x.toml: duty.notification.fact.impact.key: ",
            ),
            ("https://www.dspt", "http://www.dspt", "content/clocks/x.toml: duty.notification.link: "),
            ("checked = 2026-11-27", "checked = 10:00:00", "content/clocks/x.toml: checked: "),
            ("version = 1", "version = 0", "content/clocks/x.toml: version: "),
            ("phases =", "phasen =", "unknown field `phasen`"),
            ("law = ", "lawful = ", "unknown field `lawful`"),
        ] {
            let error = told(from, to);
            assert!(error.contains(expected), "{error}");
            assert!(error.starts_with("content/clocks/x.toml:"), "{error}");
        }
    }
}

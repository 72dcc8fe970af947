//! Observables as clients send them: with an alert, or into a case.

use formats::{
    ObservableKind,
    observable::{Nesting, Observable, extract},
};
use platform::{Tx, web::Error};
use serde::{Deserialize, Serialize};

use crate::{
    case::{LONGEST, Zone},
    incident::IncidentId,
    observable::{ObservableId, actions},
    thehive::{
        Caller,
        said::{Said, Tagging},
        words::{bounded, data_types, is_of, kinds_of},
    },
};

/// The most values that are sent at once.
const MOST: usize = 100;
/// The longest value.
const LONGEST_VALUE: usize = 2_000;

/// One value, or several.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub(in crate::thehive) enum Data {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Data {
    fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(all) => all,
        }
    }
}

/// An observable, or several of one type, as a client sends it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::thehive) struct Given {
    data_type: String,
    data: Data,
    #[serde(default)]
    message: String,
    #[serde(default)]
    tags: Vec<String>,
    tlp: Option<i64>,
    pap: Option<i64>,
    #[serde(default)]
    ioc: bool,
    #[serde(default)]
    sighted: bool,
}

/// An observable that is what its sender says.
#[derive(Clone, Debug)]
pub(in crate::thehive) struct Read {
    each: Vec<Observable>,
    said: Said,
}

impl Given {
    /// What it comes to, or a sentence that says which value is none.
    pub fn read(&self) -> Result<Read, Error> {
        bounded("message", &self.message, LONGEST)?;
        if kinds_of(&self.data_type).is_none() {
            let sentence =
                format!("dataType: “{}” is not kept. These are: {}.", self.data_type, data_types());
            return Err(Error::Invalid(sentence));
        }
        let all = self.data.all();
        if all.is_empty() || all.len() > MOST {
            return Err(Error::Invalid(format!("data: Send 1 to {MOST} values.")));
        }
        let each = all.iter().map(|value| self.one(value)).collect::<Result<_, _>>()?;
        let mut said = Said::nothing();
        self.message.trim().clone_into(&mut said.text);
        said.tags = Tagging { tags: Some(self.tags.clone()), ..Tagging::default() }.after("")?;
        said.mark(self.tlp, self.pap)?;
        (said.ioc, said.sighted) = (self.ioc, self.sighted);
        Ok(Read { each, said })
    }

    fn one(&self, value: &str) -> Result<Observable, Error> {
        bounded("data", value, LONGEST_VALUE)?;
        let value = value.trim();
        let found = extract(value, Nesting::Outermost);
        if found.iter().any(|each| each.kind == ObservableKind::NhsNumber) {
            let sentence = "data: It holds what looks like a patient’s number, and is not kept.";
            return Err(Error::Invalid(sentence.to_owned()));
        }
        // A single thing and nothing around it, of the type that its sender says.
        let whole = found.into_iter().next().filter(|each| {
            each.start == 0 && each.end == value.len() as u64 && is_of(each.kind, &self.data_type)
        });
        whole.ok_or_else(|| Error::Invalid(format!("data: “{value}” is no {}.", self.data_type)))
    }
}

/// Puts observables into a zone of a case, with what was said of them; says which they are.
pub(in crate::thehive) async fn put(
    tx: &mut Tx,
    caller: &Caller,
    (case, zone): (IncidentId, Zone),
    read: Read,
) -> Result<Vec<ObservableId>, Error> {
    let ids = actions::enter_each(tx, &caller.actor, case, zone, read.each).await?;
    for id in &ids {
        // What was said of one that was there already is replaced as a whole, as an update of it would.
        read.said.keep(tx, id.0, case).await?;
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(data_type: &str, data: &str) -> Result<ObservableKind, String> {
        let given = Given {
            data_type: data_type.to_owned(),
            data: Data::One(data.to_owned()),
            message: String::new(),
            tags: Vec::new(),
            tlp: None,
            pap: None,
            ioc: false,
            sighted: false,
        };
        given.read().map(|read| read.each[0].kind).map_err(|error| error.to_string())
    }

    #[test]
    fn a_value_is_what_its_type_says_and_nothing_more() {
        assert_eq!(read("ip", "198.18.7.7"), Ok(ObservableKind::Ipv4));
        assert_eq!(read("domain", "evil-bilby[.]net"), Ok(ObservableKind::Domain));
        assert_eq!(read("url", "hxxp://evil-bilby.net/a?b=c"), Ok(ObservableKind::Url));
        assert_eq!(read("hash", &"a1".repeat(32)), Ok(ObservableKind::Sha256));
        for (data_type, data, said) in [
            ("ip", "evil-bilby.net", "is no ip"),
            ("ip", "198.18.7.7 and more", "is no ip"),
            ("ip", "", "is no ip"),
            ("user-agent", "curl", "user-agent"),
            ("file", "x", "file"),
            ("url", "https://evil-bilby.net/943-476-5919", "patient"),
        ] {
            let refused = read(data_type, data).expect_err("it is refused");
            assert!(refused.contains(said), "{data_type} {data}: {refused}");
        }
    }
}

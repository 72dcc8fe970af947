//! A row of a file as it is stored, and the hash by which the next import sees that it is the same.

use formats::ods::{OrganisationRow, display_name, regions};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{fold, organisation::Status, uk};

/// What a file tells of an organisation.
pub(super) struct Told {
    pub code: String,
    pub name: String,
    pub kind: &'static str,
    pub status: Status,
    /// Today's region.
    pub region: Option<String>,
    pub geography: Option<String>,
    pub parent: Option<String>,
    pub icb: Option<String>,
    pub address: String,
    pub postcode: Option<String>,
    pub telephone: Option<String>,
    pub opened: Option<String>,
    pub closed: Option<String>,
    /// The region that the file names, where it was abolished, and when.
    pub abolished: Option<(String, Timestamp)>,
    /// The name of the file.
    pub source: String,
    pub hash: [u8; 32],
}

impl Told {
    pub fn of(row: &OrganisationRow, file: &str) -> Self {
        let named = row.region.as_deref().and_then(regions::find);
        let abolished = named.and_then(|region| Some((region.code.clone(), uk::is_over(region.until?)?)));
        let mut told = Self {
            code: row.code.to_string(),
            name: display_name(&row.name),
            kind: row.kind.code(),
            status: row.status.into(),
            region: row.current_region().map(str::to_owned),
            geography: row.geography.clone(),
            parent: row.parent.as_ref().map(ToString::to_string),
            icb: row.icb.as_ref().map(ToString::to_string),
            address: row.address.iter().map(|line| display_name(line)).collect::<Vec<_>>().join("\n"),
            postcode: row.postcode.clone(),
            telephone: row.telephone.clone(),
            opened: row.opened.map(|day| day.to_string()),
            closed: row.closed.map(|day| day.to_string()),
            abolished,
            source: file.to_owned(),
            hash: [0; 32],
        };
        told.hash = told.digest();
        told
    }

    /// Over what is stored rather than over the file's bytes: a better table of regions, or a name
    /// that is read better, reaches the database with the next import.
    fn digest(&self) -> [u8; 32] {
        let optional = [
            &self.region,
            &self.geography,
            &self.parent,
            &self.icb,
            &self.postcode,
            &self.telephone,
            &self.opened,
            &self.closed,
        ];
        let required = [&*self.name, self.kind, self.status.code(), &self.address];
        let mut hash = Sha256::new();
        for text in
            required.into_iter().chain(optional.into_iter().map(|text| text.as_deref().unwrap_or_default()))
        {
            hash.update(text);
            hash.update([0]);
        }
        hash.finalize().into()
    }

    /// The words under which it is found. A postcode is found in one piece and in two.
    pub fn words(&self) -> impl Iterator<Item = String> {
        let postcode = self.postcode.as_deref().unwrap_or_default();
        let joined: String = postcode.split_whitespace().collect();
        let mut words = fold::words(&format!("{} {} {postcode} {joined}", self.name, self.code));
        words.dedup();
        words.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use formats::ods::{self, Format};

    use super::*;

    const ROW: &str = "code,name,type,region,postcode,parent\nA81003,VICTORIA MEDICAL PRACTICE,gp_practice,Y54,TS26 8DB,00K\n";

    fn told(text: &'static str) -> Told {
        Told::of(&ods::read(text.as_bytes(), Format::Detect).next().unwrap().unwrap(), "plain.csv")
    }

    #[test]
    fn an_abolished_region_is_history_and_never_todays() {
        let told = told(ROW);
        assert_eq!(told.region, None);
        let (code, until) = told.abolished.clone().unwrap();
        assert_eq!((code.as_str(), until.to_string().as_str()), ("Y54", "2019-03-31T23:00:00Z"));
        assert_eq!(told.name, "Victoria Medical Practice");
    }

    #[test]
    fn it_is_found_by_name_code_and_postcode() {
        let words: Vec<_> = told(ROW).words().collect();
        assert_eq!(words, ["8db", "a81003", "medical", "practice", "ts26", "ts268db", "victoria"]);
    }
}

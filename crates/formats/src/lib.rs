//! The formats that CareCERT reads and writes, as types that cannot be wrong once they exist.
//!
//! Pure: no file, network, clock or log; a caller hands in a reader or a text. What is read comes
//! from strangers, so every reader works in bounded memory, refuses with a sentence and never
//! panics.

pub mod age;
pub mod bounce;
pub mod cacao;
pub mod checksum;
pub mod csaf;
pub mod csv_rows;
pub mod cve;
pub mod cve_record;
pub mod cvss;
pub mod direction;
pub mod epss;
pub mod gunzip;
pub mod indicator;
pub mod json_items;
pub mod kev;
pub mod mail;
pub mod markdown;
mod mime;
pub mod misp;
pub mod name_uuid;
pub mod news;
pub mod observable;
pub mod ods;
pub mod ods_code;
#[cfg(feature = "openpgp")]
pub mod openpgp;
pub mod paper;
mod refang;
pub mod refusal;
pub mod sealed_zip;
pub mod size;
pub mod ssvc;
pub mod stix;
#[cfg(test)]
mod testing;
pub mod time_stamp;
pub mod tlp;
mod windows_1252;

pub use cve::CveId;
pub use cve_record::CveRecord;
pub use cvss::Cvss;
pub use indicator::Indicator;
pub use observable::{Observable, ObservableKind};
pub use ods_code::OdsCode;
pub use refusal::{Column, Refusal};
pub use tlp::Tlp;

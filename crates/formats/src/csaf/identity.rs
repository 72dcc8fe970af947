//! By what a product is known elsewhere (CSAF 2.0, 3.1.3.3): CPE, package URL, hashes, serial numbers.

use serde::Serialize;

use super::lenient::{Fields, Node};

/// What helps to find a product in somebody's inventory. CISA's documents have none of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Its Common Platform Enumeration name, as it stood there.
    pub cpe: Option<String>,
    /// Its package URL, as it stood there.
    pub purl: Option<String>,
    /// The hashes of its files.
    pub hashes: Vec<FileHashes>,
    /// Model numbers, which may hold `*` and `?` for what varies.
    pub model_numbers: Vec<String>,
    /// Serial numbers, with the same.
    pub serial_numbers: Vec<String>,
    /// Stock keeping units, with the same.
    pub skus: Vec<String>,
    /// Where its bill of materials is.
    pub sbom_urls: Vec<String>,
    /// Names in other name spaces.
    pub generic_uris: Vec<GenericUri>,
}

/// The hashes of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileHashes {
    /// The file's name.
    pub filename: Option<String>,
    /// Its hashes.
    pub hashes: Vec<FileHash>,
}

/// One hash of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileHash {
    /// By which algorithm, such as sha256, which the standard assumes where nothing is said.
    pub algorithm: String,
    /// The hash, in hexadecimal digits.
    pub value: String,
}

/// A name in another name space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GenericUri {
    /// What kind of name it is.
    pub namespace: Option<String>,
    /// The name.
    pub uri: String,
}

const IDENTITY: Fields = Fields {
    required: &[],
    optional: &[
        "cpe",
        "purl",
        "hashes",
        "model_numbers",
        "serial_numbers",
        "skus",
        "sbom_urls",
        "x_generic_uris",
    ],
};
const FILE: Fields = Fields { required: &["file_hashes", "filename"], optional: &[] };
const HASH: Fields = Fields { required: &["algorithm", "value"], optional: &[] };
const GENERIC_URI: Fields = Fields { required: &["namespace", "uri"], optional: &[] };

/// Nothing where the document says nothing that could be read.
pub(super) fn identity(node: Node<'_>) -> Option<Box<Identity>> {
    let helper = node.object(IDENTITY)?;
    let identity = Identity {
        cpe: helper.text("cpe"),
        purl: helper.text("purl"),
        hashes: helper.list("hashes", file),
        model_numbers: helper.texts("model_numbers"),
        serial_numbers: helper.texts("serial_numbers"),
        skus: helper.texts("skus"),
        sbom_urls: helper.texts("sbom_urls"),
        generic_uris: helper.list("x_generic_uris", |node| {
            let uri = node.object(GENERIC_URI)?;
            Some(GenericUri { namespace: uri.text("namespace"), uri: uri.text("uri")? })
        }),
    };
    (identity != Identity::default()).then(|| Box::new(identity))
}

fn file(node: Node<'_>) -> Option<FileHashes> {
    let file = node.object(FILE)?;
    Some(FileHashes {
        filename: file.text("filename"),
        hashes: file.list("file_hashes", |node| {
            let hash = node.object(HASH)?;
            let algorithm = hash.text("algorithm").unwrap_or_else(|| "sha256".to_owned());
            Some(FileHash { algorithm, value: hash.text("value")? })
        }),
    })
}

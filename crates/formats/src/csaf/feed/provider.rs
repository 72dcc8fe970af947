//! `provider-metadata.json` (CSAF 2.0, 7.1.7): who a provider is, where its documents and keys lie.

use std::io::Read;

use jiff::Timestamp;
use serde::Serialize;

use super::super::header::{self, Marking, Publisher};
use super::super::lenient::{self, Cx, Fields, Limits, Node, Object};
use super::super::remark::Reading;
use super::super::words::words;
use crate::Refusal;

const LIMITS: Limits = Limits { mebibytes: 4, named: "provider's metadata" };

words! {
    /// How much of section 7 a provider does (7.2).
    ProviderRole {
        /// It publishes its own documents.
        Publisher = "csaf_publisher",
        /// In the places that the standard says.
        Provider = "csaf_provider",
        /// And signed.
        TrustedProvider = "csaf_trusted_provider",
    }
}

/// What a provider says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provider {
    /// Where this file lies.
    pub canonical_url: Option<String>,
    /// Where its documents lie.
    pub distributions: Vec<ProviderDistribution>,
    /// When this file last changed.
    pub last_updated: Option<Timestamp>,
    /// Whether others may list it.
    pub may_be_listed: Option<bool>,
    /// Whether others may copy its documents.
    pub may_be_mirrored: Option<bool>,
    /// By which version of the standard it is written.
    pub metadata_version: Option<String>,
    /// Its keys.
    pub keys: Vec<OpenPgpKey>,
    /// Who it is.
    pub publisher: Publisher,
    /// How much of the standard it does.
    pub role: Option<ProviderRole>,
}

/// One way to a provider's documents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProviderDistribution {
    /// A folder with `index.txt` and `changes.csv`.
    pub directory_url: Option<String>,
    /// Feeds.
    pub feeds: Vec<RolieFeed>,
    /// Documents that say by what its entries are sorted.
    pub categories: Vec<String>,
    /// Documents that list its feeds.
    pub services: Vec<String>,
}

/// A feed of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RolieFeed {
    /// What is in it.
    pub summary: Option<String>,
    /// How far its documents may travel. A feed that is UNLABELED is told as not marked.
    pub marking: Marking,
    /// Its address, as it stood there.
    pub url: String,
}

/// A key of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenPgpKey {
    /// Its fingerprint, as it stood there.
    pub fingerprint: Option<String>,
    /// Where it lies.
    pub url: String,
}

const ROOT: Fields = Fields {
    required: &[
        "canonical_url",
        "last_updated",
        "list_on_CSAF_aggregators",
        "metadata_version",
        "mirror_on_CSAF_aggregators",
        "publisher",
        "role",
    ],
    optional: &["distributions", "public_openpgp_keys"],
};
const DISTRIBUTION: Fields = Fields { required: &[], optional: &["directory_url", "rolie"] };
const ROLIE: Fields = Fields { required: &["feeds"], optional: &["categories", "services"] };
const FEED: Fields = Fields { required: &["tlp_label", "url"], optional: &["summary"] };
const KEY: Fields = Fields { required: &["url"], optional: &["fingerprint"] };

/// Reads a provider's metadata. It is refused where it is too large, too deep, not JSON, or says
/// neither where it lies nor where documents do.
pub fn provider<R: Read>(input: R) -> Result<Reading<Provider>, Refusal> {
    let text = lenient::whole(input, LIMITS)?;
    let raw = lenient::json(&text, LIMITS)?;
    let cx = Cx::new(&text);
    let provider = cx.root(raw).object(ROOT).and_then(|root| metadata(&root));
    let remarks = cx.remarks();
    let document = provider.ok_or_else(|| {
        Refusal::at(1, "The file says nowhere where documents are; is it a provider-metadata.json?")
    })?;
    Ok(Reading { document, remarks })
}

fn metadata(root: &Object<'_>) -> Option<Provider> {
    let provider = Provider {
        canonical_url: root.text("canonical_url"),
        distributions: root.list("distributions", distribution),
        last_updated: root.moment("last_updated"),
        may_be_listed: root.truth("list_on_CSAF_aggregators"),
        may_be_mirrored: root.truth("mirror_on_CSAF_aggregators"),
        metadata_version: root.text("metadata_version"),
        keys: root.list("public_openpgp_keys", |node| {
            let key = node.object(KEY)?;
            Some(OpenPgpKey { fingerprint: key.text("fingerprint"), url: key.text("url")? })
        }),
        publisher: header::publisher(root),
        role: root.word("role"),
    };
    (provider.canonical_url.is_some() || !provider.distributions.is_empty()).then_some(provider)
}

fn distribution(node: Node<'_>) -> Option<ProviderDistribution> {
    let object = node.object(DISTRIBUTION)?;
    let rolie = object.get("rolie").and_then(|node| node.object(ROLIE));
    let distribution = ProviderDistribution {
        directory_url: object.text("directory_url"),
        feeds: rolie.as_ref().map(|rolie| rolie.list("feeds", feed)).unwrap_or_default(),
        categories: rolie.as_ref().map(|rolie| rolie.texts("categories")).unwrap_or_default(),
        services: rolie.as_ref().map(|rolie| rolie.texts("services")).unwrap_or_default(),
    };
    (distribution != ProviderDistribution::default()).then_some(distribution)
}

fn feed(node: Node<'_>) -> Option<RolieFeed> {
    let feed = node.object(FEED)?;
    let label = feed.text("tlp_label").filter(|label| !label.eq_ignore_ascii_case("UNLABELED"));
    let marking = label.map(|label| Marking::of(label, &feed)).unwrap_or_default();
    Some(RolieFeed { summary: feed.text("summary"), marking, url: feed.text("url")? })
}

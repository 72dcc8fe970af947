//! How a CSAF provider says which documents it has (CSAF 2.0, section 7): its metadata, its ROLIE
//! feeds, and the lists `changes.csv` and `index.txt`.
//!
//! Nothing is fetched here. What is read are texts of strangers, so every path and address is
//! checked before it is handed out to be followed.

mod changes;
mod index;
mod place;
mod provider;
mod rolie;

pub use changes::{Change, Changes, changes};
pub use index::{Index, index};
pub use place::{DocumentPath, Hosts, NotFollowed, address};
pub use provider::{OpenPgpKey, Provider, ProviderDistribution, ProviderRole, RolieFeed, provider};
pub use rolie::{Category, Entry, Feed, Link, feed};

#[cfg(test)]
mod tests;

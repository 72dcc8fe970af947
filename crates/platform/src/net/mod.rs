//! Requests to servers elsewhere: feeds that are followed, gateways and webhooks that are told.
//!
//! Whatever an address was typed by is a person's word, so that every request is bounded in size and
//! time and reaches no address within the network, unless the installation allows that one.

mod address;
mod client;
mod keys;
mod patience;

use std::{fmt::Debug, future::Future, pin::Pin, time::Duration};

use http::{HeaderMap, Method, StatusCode};
use url::Url;

pub use address::Allowed;
pub use client::Client;
pub use keys::Keys;
pub use patience::retry_after;

/// What is asked of a server.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// Its headers.
    pub headers: HeaderMap,
    /// What is sent along.
    pub body: Vec<u8>,
    /// The longest answer that is read, in bytes, after decompression; with 0 none is, however long it is.
    pub most: u64,
    /// When to give up, all redirects and the whole answer included.
    pub within: Duration,
    /// How far it may go.
    pub reach: Reach,
}

/// How far a request may go: by whose word the address was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To the public internet and to what the installation allows, with the keys that it holds: the
    /// CERT's own word.
    Allowed,
    /// As far, and without keys: where a list leads to that the CERT follows.
    Led,
    /// To the public internet alone, without keys and following no redirect: anybody's word.
    Public,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Response {
    /// Its status; an error status is an answer too.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// What it sent, decompressed.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// The address is none that may be asked.
    #[error("{0}")]
    Refused(String),
    /// Nobody answered.
    #[error("The server cannot be reached: {0}.")]
    Unreachable(String),
    /// The answer is longer than was allowed.
    #[error("The answer is longer than the {} that are read.", formats::size::in_words(*.0))]
    TooLarge(u64),
    /// It took too long.
    #[error("The server did not answer within {} seconds.", .0.as_secs())]
    TooSlow(Duration),
}

/// The future of [`Net::send`].
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response, NetError>> + Send + 'a>>;

/// How requests leave: [`Client`], or what a test puts in its place.
pub trait Net: Debug + Send + Sync {
    /// Asks, following up to five redirects of a `GET` and none of a `POST`, nor of what carries a key.
    fn send(&self, request: Request) -> Sending<'_>;
}

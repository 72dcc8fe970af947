//! A row of the route table: method, path, who may, what answers, and a sample request.
//!
//! The walking test sends each row's sample as every role: it must succeed for each that the rule
//! admits, and be refused for the others. A row without a working sample fails that test.

use axum::{handler::Handler, routing::MethodRouter};
use http::Method;

use crate::{App, access::Rule};

/// The largest form or JSON body: an advisory with all its texts is a tenth of it.
pub(super) const MOST: usize = 1024 * 1024;

/// One route.
#[derive(Debug)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with axum's `{placeholders}`.
    pub path: &'static str,
    /// Who may use it.
    pub rule: Rule,
    /// The sample's path; its `{placeholders}` are filled from the test's world by name.
    pub sample: &'static str,
    /// The sample's body.
    pub body: Body,
    /// The largest body, in bytes.
    pub most: usize,
    /// The answer goes on until the reader leaves, so that the test reads only its head.
    pub endless: bool,
    /// It takes as long as what is sent needs to arrive: its handler bounds each wait instead.
    pub unhurried: bool,
    /// What it takes or gives may be of any size and is not held, so that no answer is kept to be given again.
    pub streamed: bool,
    pub(super) handler: MethodRouter<App>,
}

/// What a sample request carries; placeholders are filled as in the path.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// Nothing.
    Empty,
    /// `application/x-www-form-urlencoded`
    Form(&'static str),
    /// `application/json`
    Json(&'static str),
    /// `application/octet-stream`
    Document(&'static str),
    /// `multipart/form-data` with one file, under the name `file`.
    File(&'static str),
    /// `multipart/form-data` as it is written, with `part` between its parts.
    Parts(&'static str),
}

impl Route {
    /// A page or a resource.
    pub fn get<H: Handler<T, App>, T: 'static>(path: &'static str, rule: Rule, handler: H) -> Self {
        Self::new(Method::GET, path, rule, axum::routing::get(handler))
    }

    /// A change.
    pub fn post<H: Handler<T, App>, T: 'static>(path: &'static str, rule: Rule, handler: H) -> Self {
        Self::new(Method::POST, path, rule, axum::routing::post(handler))
    }

    /// A change of what is there, as the APIs of others call it.
    pub fn patch<H: Handler<T, App>, T: 'static>(path: &'static str, rule: Rule, handler: H) -> Self {
        Self::new(Method::PATCH, path, rule, axum::routing::patch(handler))
    }

    /// A change to what is sent, as the APIs of others call it.
    pub fn put<H: Handler<T, App>, T: 'static>(path: &'static str, rule: Rule, handler: H) -> Self {
        Self::new(Method::PUT, path, rule, axum::routing::put(handler))
    }

    /// What takes something back, as the APIs of others call it.
    pub fn delete<H: Handler<T, App>, T: 'static>(path: &'static str, rule: Rule, handler: H) -> Self {
        Self::new(Method::DELETE, path, rule, axum::routing::delete(handler))
    }

    fn new(method: Method, path: &'static str, rule: Rule, handler: MethodRouter<App>) -> Self {
        let most = MOST;
        Self {
            method,
            path,
            rule,
            sample: path,
            body: Body::Empty,
            most,
            endless: false,
            unhurried: false,
            streamed: false,
            handler,
        }
    }

    /// A sample path where the placeholders' names, or a query, differ from the path's own.
    #[must_use]
    pub const fn sample(mut self, path: &'static str) -> Self {
        self.sample = path;
        self
    }

    /// The sample's form.
    #[must_use]
    pub const fn form(mut self, body: &'static str) -> Self {
        self.body = Body::Form(body);
        self
    }

    /// The sample's JSON.
    #[must_use]
    pub const fn json(mut self, body: &'static str) -> Self {
        self.body = Body::Json(body);
        self
    }

    /// The sample's document, as whatever it is.
    #[must_use]
    pub const fn document(mut self, body: &'static str) -> Self {
        self.body = Body::Document(body);
        self
    }

    /// The sample's form with a file.
    #[must_use]
    pub const fn file(mut self, body: &'static str) -> Self {
        self.body = Body::File(body);
        self
    }

    /// The sample's form with a file and other fields, as it is written.
    #[must_use]
    pub const fn parts(mut self, body: &'static str) -> Self {
        self.body = Body::Parts(body);
        self
    }

    /// Takes a larger body than others do.
    #[must_use]
    pub const fn up_to(mut self, bytes: usize) -> Self {
        self.most = bytes;
        self
    }

    /// Takes a body of any size for as long as it comes: its handler holds none of it, bounds its size and each wait, and
    /// sees itself to it that what a machine sends again is done once ([`crate::key::mark_of`]).
    #[must_use]
    pub const fn unhurried(mut self) -> Self {
        self.most = usize::MAX;
        self.unhurried = true;
        self.streamed()
    }

    /// Gives a file of any size, each time anew.
    #[must_use]
    pub const fn streamed(mut self) -> Self {
        self.streamed = true;
        self
    }

    /// Marks an answer that goes on until the reader leaves.
    #[must_use]
    pub const fn endless(mut self) -> Self {
        self.endless = true;
        self
    }
}

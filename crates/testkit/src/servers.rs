//! The servers that the program asks, in a test's hands: what each address answers is said
//! beforehand, and what was asked is kept.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use http::{HeaderMap, StatusCode};
use platform::net::{Net, NetError, Request, Response, Sending};
use tokio::sync::Semaphore;

/// Servers by the addresses they answer under; any other is unreachable.
#[derive(Debug)]
pub struct Servers {
    /// Those that take a request and do not answer it, until the gate opens; after so many more that they answer.
    silent: Mutex<HashMap<String, usize>>,
    gate: Arc<Semaphore>,
    answers: Mutex<HashMap<String, Result<Response, NetError>>>,
    asked: Mutex<Vec<Request>>,
}

impl Default for Servers {
    fn default() -> Self {
        let gate = Arc::new(Semaphore::new(0));
        Self { silent: Mutex::default(), gate, answers: Mutex::default(), asked: Mutex::default() }
    }
}

impl Servers {
    /// From now on `url` does not answer.
    pub fn falls_silent(&self, url: &str) {
        self.falls_silent_after(url, 0);
    }

    /// `url` answers so many more requests, and none from then on.
    pub fn falls_silent_after(&self, url: &str, more: usize) {
        held(&self.silent).insert(url.to_owned(), more);
    }

    /// Whether `url` keeps quiet about a request that it is sent now.
    fn is_silent(&self, url: &str) -> bool {
        held(&self.silent).get_mut(url).is_some_and(|more| {
            let silent = *more == 0;
            *more = more.saturating_sub(1);
            silent
        })
    }

    /// The patience of whoever waits for an answer is at its end.
    pub fn patience_ends(&self) {
        self.gate.close();
    }

    /// From now on `url` answers so.
    pub fn answers(&self, url: &str, answer: Result<Response, NetError>) {
        held(&self.answers).insert(url.to_owned(), answer);
    }

    /// From now on `url` answers with `body`, and `headers`.
    pub fn serves(&self, url: &str, headers: &[(&'static str, &str)], body: impl Into<Vec<u8>>) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().expect("a header")))
            .collect();
        self.answers(url, Ok(Response { status: StatusCode::OK, headers, body: body.into() }));
    }

    /// What was asked so far, oldest first; forgotten by asking.
    pub fn asked(&self) -> Vec<Request> {
        std::mem::take(&mut held(&self.asked))
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no test panics while it holds this")
}

impl Net for Servers {
    fn send(&self, request: Request) -> Sending<'_> {
        if self.is_silent(request.url.as_str()) {
            let (gate, within) = (Arc::clone(&self.gate), request.within);
            held(&self.asked).push(request);
            return Box::pin(async move {
                let _ = gate.acquire().await;
                Err(NetError::TooSlow(within))
            });
        }
        let known = held(&self.answers).get(request.url.as_str()).cloned();
        let answer =
            known.unwrap_or_else(|| Err(NetError::Unreachable("there is no such server".to_owned())));
        // As the client itself: no more than was asked for.
        let answer = answer.and_then(|mut answer| {
            if request.most == 0 {
                answer.body.clear();
            }
            let fits = answer.body.len() as u64 <= request.most;
            if fits { Ok(answer) } else { Err(NetError::TooLarge(request.most)) }
        });
        held(&self.asked).push(request);
        Box::pin(async move { answer })
    }
}

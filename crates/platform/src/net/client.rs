//! Requests over the real network, by reqwest and rustls.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http::Method;
use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::{Attempt, Policy},
};

use super::{Allowed, Keys, Net, NetError, Reach, Request, Response, Sending};
use crate::settings::Network;

/// Redirects that are followed.
const REDIRECTS: usize = 5;
const CONNECT: Duration = Duration::from_secs(10);

/// A client of other servers.
#[derive(Debug)]
pub struct Client {
    allowed: Arc<Allowed>,
    keys: Keys,
    /// Follows redirects.
    reading: reqwest::Client,
    /// Follows none: what was to be told to one server is told to no other.
    telling: reqwest::Client,
    /// Follows none, and goes to the public internet alone.
    public: reqwest::Client,
}

impl Client {
    /// A client as the settings say. Where there is a proxy, names are looked up, and judged, by it.
    #[expect(clippy::disallowed_methods, reason = "the one place that makes a client of other servers")]
    pub fn new(network: &Network) -> Result<Self, String> {
        let allowed = Arc::new(network.allow.clone());
        // Ring as everywhere; there may be one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let proxy = network.proxy.as_ref().and_then(|proxy| proxy.host_str()).map(str::to_owned);
        let client = |allowed: &Arc<Allowed>, redirects: Policy| {
            let mut builder = reqwest::Client::builder()
                .tls_backend_rustls()
                .user_agent(concat!("CareCERT/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(CONNECT)
                .dns_resolver(Judging { allowed: Arc::clone(allowed), proxy: proxy.clone() })
                .redirect(redirects)
                .referer(false)
                .no_proxy();
            if let Some(proxy) = network.proxy.clone() {
                let proxy = reqwest::Proxy::all(proxy).map_err(|error| format!("network.proxy: {error}"))?;
                builder = builder.proxy(proxy);
            }
            builder.build().map_err(|error| format!("No server can be asked: {error}"))
        };
        let judge = Arc::clone(&allowed);
        let reading = client(&allowed, Policy::custom(move |attempt| follow(&judge, attempt)))?;
        let telling = client(&allowed, Policy::none())?;
        let public = client(&Arc::default(), Policy::none())?;
        Ok(Self { reading, telling, public, allowed, keys: network.keys.clone() })
    }

    async fn answer(&self, mut request: Request) -> Result<Response, NetError> {
        let client = match request.reach {
            Reach::Allowed | Reach::Led => {
                self.allowed.check(&request.url)?;
                let has_key =
                    request.reach == Reach::Allowed && self.keys.add(&request.url, &mut request.headers);
                if request.method == Method::GET && !has_key { &self.reading } else { &self.telling }
            }
            Reach::Public => {
                Allowed::default().check(&request.url)?;
                &self.public
            }
        };
        let sent = client.request(request.method, request.url).headers(request.headers).body(request.body);
        let mut answer = sent.send().await.map_err(|error| why(&error))?;
        let mut body = Vec::new();
        // What nobody reads does not matter, however long it goes on.
        if request.most == 0 {
            return Ok(Response { status: answer.status(), headers: answer.headers().clone(), body });
        }
        // Counted as it comes, and decompressed: neither a header nor a small archive is believed.
        while let Some(part) = answer.chunk().await.map_err(|error| why(&error))? {
            if (body.len() + part.len()) as u64 > request.most {
                return Err(NetError::TooLarge(request.most));
            }
            body.extend_from_slice(&part);
        }
        Ok(Response { status: answer.status(), headers: answer.headers().clone(), body })
    }
}

impl Net for Client {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let within = request.within;
            match tokio::time::timeout(within, self.answer(request)).await {
                Ok(answer) => answer,
                Err(_) => Err(NetError::TooSlow(within)),
            }
        })
    }
}

/// A redirect is judged as the first address was, and leads from TLS to nothing less.
fn follow(allowed: &Allowed, attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let downgraded =
        attempt.url().scheme() != "https" && attempt.previous().iter().any(|url| url.scheme() == "https");
    if attempt.previous().len() > REDIRECTS {
        attempt.error(NetError::Refused(format!("It redirects more than {REDIRECTS} times.")))
    } else if downgraded {
        attempt.error(NetError::Refused("It redirects from https:// to http://.".to_owned()))
    } else if let Err(refused) = allowed.check(attempt.url()) {
        attempt.error(refused)
    } else {
        attempt.follow()
    }
}

/// Looks names up, and hands on only addresses that may be asked. The connection is made to what was
/// judged here: a name that leads elsewhere a moment later changes nothing.
struct Judging {
    allowed: Arc<Allowed>,
    /// The name of our own proxy, which lies within as a rule.
    proxy: Option<String>,
}

impl Resolve for Judging {
    #[expect(clippy::disallowed_methods, reason = "the one place that looks up other servers' names")]
    fn resolve(&self, name: Name) -> Resolving {
        let (allowed, proxy) = (Arc::clone(&self.allowed), self.proxy.clone());
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let is_proxy = proxy.is_some_and(|proxy| proxy.eq_ignore_ascii_case(&name));
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let kept: Vec<_> =
                found.iter().copied().filter(|address| is_proxy || allowed.permits(address.ip())).collect();
            if let (true, Some(first)) = (kept.is_empty(), found.first()) {
                let why = format!(
                    "{name} is not asked: it leads to {}, which is within a network of its own. Allow that \
                     network in the settings (network.allow), if it is meant.",
                    first.ip()
                );
                return Err(NetError::Refused(why).into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

/// What went wrong, at the root of it; without the address, in which a token may stand.
fn why(error: &reqwest::Error) -> NetError {
    let mut cause: &(dyn std::error::Error + 'static) = error;
    loop {
        if let Some(own) = cause.downcast_ref::<NetError>() {
            return own.clone();
        }
        match cause.source() {
            Some(source) => cause = source,
            None => return NetError::Unreachable(cause.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, response::Redirect, routing::get};
    use flate2::{Compression, write::GzEncoder};
    use http::{HeaderMap, header};
    use std::io::Write;

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a server for the client to ask")]
    async fn serve(router: Router) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    fn client(allowed: &[&str]) -> Client {
        let allow = Allowed(allowed.iter().map(|net| net.parse().unwrap()).collect());
        Client::new(&Network { allow, ..Network::default() }).unwrap()
    }

    fn ask(url: &str) -> Request {
        Request {
            method: Method::GET,
            url: url.parse().unwrap(),
            headers: HeaderMap::new(),
            body: Vec::new(),
            most: 10_000,
            within: Duration::from_secs(5),
            reach: Reach::Allowed,
        }
    }

    #[tokio::test]
    async fn what_is_within_the_network_is_asked_only_where_it_is_allowed() {
        let here = serve(Router::new().route("/", get(|| async { "feed" }))).await;
        let port = here.rsplit(':').next().unwrap();
        let answer = client(&["127.0.0.0/8"]).send(ask(&here)).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (200, b"feed".as_slice()));
        // By address, and by a name that leads there.
        for url in [here.clone(), format!("http://localhost:{port}/")] {
            let refused = client(&["10.0.0.0/8"]).send(ask(&url)).await.unwrap_err();
            assert!(
                matches!(&refused, NetError::Refused(why) if why.contains("within a network")),
                "{refused}"
            );
        }
    }

    #[tokio::test]
    async fn what_is_allowed_is_not_open_to_anybodys_word() {
        let here = serve(Router::new().route("/", get(|| async { "feed" }))).await;
        let port = here.rsplit(':').next().unwrap();
        let client = client(&["127.0.0.0/8"]);
        assert!(client.send(ask(&here)).await.is_ok());
        for url in [here.clone(), format!("http://localhost:{port}/")] {
            let refused = client.send(Request { reach: Reach::Public, ..ask(&url) }).await.unwrap_err();
            assert!(
                matches!(&refused, NetError::Refused(why) if why.contains("within a network")),
                "{refused}"
            );
        }
    }

    #[tokio::test]
    async fn an_answer_that_nobody_reads_may_be_long_or_never_end() {
        let long = || async { vec![b'a'; 5_000_000] };
        let endless = || async {
            axum::body::Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>())
        };
        let here = serve(Router::new().route("/long", get(long)).route("/endless", get(endless))).await;
        let client = client(&["127.0.0.0/8"]);
        for path in ["/long", "/endless"] {
            let answer = client.send(Request { most: 0, ..ask(&format!("{here}{path}")) }).await.unwrap();
            assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0), "{path}");
        }
    }

    #[tokio::test]
    async fn a_redirect_is_judged_like_the_first_address_and_what_is_told_is_told_once() {
        let router = Router::new()
            .route("/within", get(|| async { Redirect::to("http://10.9.9.9/secret") }))
            .route("/round", get(|| async { Redirect::to("/round") }))
            .route(
                "/once",
                get(|| async { Redirect::to("/there") }).post(|| async { Redirect::temporary("/there") }),
            )
            .route("/there", get(|| async { "there" }).post(|| async { "told elsewhere" }));
        let here = serve(router).await;
        let client = client(&["127.0.0.0/8"]);
        for (path, why) in [("/within", "10.9.9.9"), ("/round", "redirects more than 5 times")] {
            let refused = client.send(ask(&format!("{here}{path}"))).await.unwrap_err();
            assert!(matches!(&refused, NetError::Refused(told) if told.contains(why)), "{refused}");
        }
        let once = ask(&format!("{here}/once"));
        assert_eq!(client.send(once.clone()).await.unwrap().body, b"there");
        let told = client.send(Request { method: Method::POST, ..once }).await.unwrap();
        assert_eq!(told.status.as_u16(), 307);
    }

    #[tokio::test]
    async fn an_answer_is_bounded_in_size_and_time() {
        let packed = || {
            let mut packed = GzEncoder::new(Vec::new(), Compression::best());
            packed.write_all(&vec![b'a'; 50_000_000]).unwrap();
            packed.finish().unwrap()
        };
        let packed = packed();
        let bomb = || async move { ([(header::CONTENT_ENCODING, "gzip")], packed) };
        let router = Router::new()
            .route("/bomb", get(bomb))
            .route("/never", get(|| async { std::future::pending::<&str>().await }));
        let here = serve(router).await;
        let client = client(&["127.0.0.0/8"]);
        let refused = client.send(ask(&format!("{here}/bomb"))).await.unwrap_err();
        assert_eq!(refused, NetError::TooLarge(10_000));
        let within = Duration::from_millis(50);
        let refused = client.send(Request { within, ..ask(&format!("{here}/never")) }).await.unwrap_err();
        assert_eq!(refused, NetError::TooSlow(within));
        let nobody = client.send(ask("http://127.0.0.1:1/")).await.unwrap_err();
        assert!(matches!(nobody, NetError::Unreachable(_)), "{nobody}");
    }
}

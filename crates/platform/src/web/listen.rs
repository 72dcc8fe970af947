//! Connections. As axum's own `serve`, which sets no limit to how long a client may take over the
//! head of its request: some hundreds that never come to an end would hold every socket there is.

use std::{
    io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset},
    net::SocketAddr,
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::stop::Stop;

/// What the head of a request may take, and what a connection may wait for the next one.
const HEAD: Duration = Duration::from_secs(30);

/// Serves on `listener` until nothing new should be taken, then answers what was asked already.
pub async fn serve(listener: TcpListener, router: Router, stop: Stop) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let open = GracefulShutdown::new();
    loop {
        let (stream, from) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = stop.finishing() => break,
        };
        let router = router.clone();
        let service = service_fn(move |mut request: http::Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(from));
            router.clone().oneshot(request.map(Body::new))
        });
        // How a connection ended is its client's affair: there is nobody to tell.
        tokio::spawn(open.watch(http.serve_connection(TokioIo::new(stream), service)));
    }
    tokio::select! {
        () = open.shutdown() => {}
        () = stop.over() => {}
    }
}

/// The next connection, whatever becomes of those that fail.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => {
            }
            Err(error) => {
                // There are no sockets left, most likely; they come back as others end.
                tracing::warn!(%error, "no connection can be taken");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "both ends of a connection, on this machine")]
    async fn answer(request: &[u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let router = Router::new().fallback(|ConnectInfo(from): ConnectInfo<SocketAddr>| async move {
            format!("hello, {}", from.ip())
        });
        tokio::spawn(serve(listener, router, Stop::default()));
        client.write_all(request).await.unwrap();
        let mut answer = String::new();
        let read = client.read_to_string(&mut answer);
        tokio::time::timeout(HEAD * 2, read).await.expect("an end").expect("a clean one");
        answer
    }

    // The clock is moved as soon as nobody has anything to do: half a minute passes at once.
    #[tokio::test(start_paused = true)]
    async fn a_request_that_never_ends_is_not_waited_for() {
        assert_eq!(answer(b"GET / HTTP/1.1\r\nHost: x\r\nCook").await, "");
    }

    #[tokio::test]
    async fn a_handler_knows_who_asks() {
        let answer = answer(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        assert!(answer.ends_with("hello, 127.0.0.1"), "{answer}");
    }
}

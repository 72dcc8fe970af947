//! A web site of a few fixed pages, to test the browser on; it answers GET and nothing else.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

/// The policy of the real service: nothing inline, nothing from elsewhere.
const STRICT: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'";

/// Pages by their path; `style.css` is among them.
pub(super) struct Site {
    /// Where it listens, as an origin.
    pub(super) origin: String,
}

impl Site {
    /// Serves `pages`, each a path and its HTML, under a strict Content Security Policy.
    pub(super) fn strict(pages: &'static [(&'static str, &'static str)]) -> Self {
        Self::serve(pages, STRICT)
    }

    /// Serves `pages` under no policy.
    pub(super) fn open(pages: &'static [(&'static str, &'static str)]) -> Self {
        Self::serve(pages, "")
    }

    /// The address of one page.
    pub(super) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    fn serve(pages: &'static [(&'static str, &'static str)], policy: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A browser opens connections that it may never use: each has a thread of its own.
                std::thread::spawn(move || answer(&stream, pages, policy));
            }
        });
        Self { origin }
    }
}

fn answer(mut stream: &TcpStream, pages: &[(&str, &str)], policy: &str) -> Option<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let path = first.split([' ', '?']).nth(1)?;
    while !lines.next()?.ok()?.is_empty() {}
    let body = pages.iter().find(|(page, _)| *page == path).map(|(_, body)| body);
    let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
    let kind = if path == "/style.css" { "text/css" } else { "text/html" };
    let body = body.unwrap_or(&"");
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\n\
         Content-Security-Policy: {policy}\r\nConnection: close\r\n\r\n{body}",
        body.len(),
    )
    .ok()
}

//! A mail server for tests and benches: accepts what a real one would, and remembers it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use data_encoding::BASE64;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{self, pki_types::PrivateKeyDer},
};

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipient.
    pub to: String,
    /// Headers and body as they came.
    pub source: String,
    /// Whether it came under TLS.
    pub encrypted: bool,
    /// The user who signed in to send it.
    pub user: Option<String>,
}

impl Arrived {
    /// The value of the first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.source.split("\r\n\r\n").next()?;
        head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// How the server protects its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    Plain,
    /// Offers `STARTTLS`.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// The running server; it ends with the runtime that it was started on.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// The certificate for `localhost` that clients have to trust, as PEM.
    pub certificate: String,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    refusal: Arc<Mutex<Option<String>>>,
}

/// What one connection is told.
#[derive(Clone)]
struct Desk {
    security: Security,
    tls: TlsAcceptor,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    refusal: Arc<Mutex<Option<String>>>,
}

impl SmtpServer {
    /// Starts it on a free port.
    pub async fn start(security: Security) -> anyhow::Result<Self> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(anyhow::Error::msg)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)?;
        let arrived = Arc::<Mutex<Vec<Arrived>>>::default();
        let refusal = Arc::<Mutex<Option<String>>>::default();
        let desk = Desk {
            security,
            tls: TlsAcceptor::from(Arc::new(config)),
            arrived: Arc::clone(&arrived),
            refusal: Arc::clone(&refusal),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that goes away in the middle is its own matter.
                tokio::spawn(desk.clone().meet(stream));
            }
        });
        Ok(Self { address, certificate: made.cert.pem(), arrived, refusal })
    }

    /// From now on every recipient is answered so.
    pub fn refuses_recipients(&self, answer: &str) {
        *self.refusal.lock().expect("no panic while it is held") = Some(answer.to_owned());
    }

    /// Every mail so far.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().expect("no panic while it is held").clone()
    }

    /// How many mails so far.
    pub fn count(&self) -> usize {
        self.arrived.lock().expect("no panic while it is held").len()
    }
}

/// How a conversation went on.
enum Ended {
    Bye,
    StartTls,
}

impl Desk {
    async fn meet(self, stream: TcpStream) -> anyhow::Result<()> {
        stream.set_nodelay(true)?;
        if self.security == Security::Tls {
            let mut stream = BufStream::new(self.tls.accept(stream).await?);
            stream.write_all(b"220 sink\r\n").await?;
            self.talk(&mut stream, true).await?;
            return Ok(());
        }
        let mut plain = BufStream::new(stream);
        plain.write_all(b"220 sink\r\n").await?;
        if let Ended::StartTls = self.talk(&mut plain, false).await? {
            let mut stream = BufStream::new(self.tls.accept(plain.into_inner()).await?);
            self.talk(&mut stream, true).await?;
        }
        Ok(())
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufStream<S>,
        encrypted: bool,
    ) -> anyhow::Result<Ended> {
        let (mut from, mut to, mut user) = (String::new(), String::new(), None);
        loop {
            stream.flush().await?;
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(Ended::Bye);
            }
            let line = line.trim_end();
            let refusal = self.refusal.lock().expect("no panic while it is held").clone();
            let answer = match line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase().as_str()
            {
                "EHLO" if self.security == Security::StartTls && !encrypted => "250-sink\r\n250 STARTTLS",
                "EHLO" => "250-sink\r\n250 AUTH PLAIN",
                "AUTH" => {
                    let token = line.rsplit(' ').next().unwrap_or_default();
                    let decoded = BASE64.decode(token.as_bytes())?;
                    user = decoded
                        .split(|byte| *byte == 0)
                        .nth(1)
                        .map(|user| String::from_utf8_lossy(user).into_owned());
                    "235 welcome"
                }
                "MAIL" => {
                    let address = line.trim_start_matches("MAIL FROM:").split(' ').next().unwrap_or_default();
                    address.trim_matches(['<', '>']).clone_into(&mut from);
                    "250 ok"
                }
                "RCPT" if refusal.is_some() => refusal.as_deref().unwrap_or_default(),
                "RCPT" => {
                    to = line.trim_start_matches("RCPT TO:").trim_matches(['<', '>']).to_owned();
                    "250 ok"
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await?;
                    stream.flush().await?;
                    let source = read_mail(stream).await?;
                    let mail =
                        Arrived { from: from.clone(), to: to.clone(), source, encrypted, user: user.clone() };
                    self.arrived.lock().expect("no panic while it is held").push(mail);
                    "250 kept"
                }
                "STARTTLS" => {
                    stream.write_all(b"220 go on\r\n").await?;
                    stream.flush().await?;
                    return Ok(Ended::StartTls);
                }
                "QUIT" => {
                    stream.write_all(b"221 bye\r\n").await?;
                    stream.flush().await?;
                    return Ok(Ended::Bye);
                }
                _ => "250 ok",
            };
            stream.write_all(answer.as_bytes()).await?;
            stream.write_all(b"\r\n").await?;
        }
    }
}

async fn read_mail<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufStream<S>) -> anyhow::Result<String> {
    let mut source = String::new();
    loop {
        let from = source.len();
        // A mail whose end did not come was not accepted: its sender has to send it again.
        anyhow::ensure!(stream.read_line(&mut source).await? > 0, "cut off in the middle of a mail");
        if &source[from..] == ".\r\n" {
            source.truncate(from);
            return Ok(source);
        }
    }
}

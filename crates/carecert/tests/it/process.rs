//! The real process over a test's database: started, asked over the network, told to stop; and its
//! other commands, run to their end.

#![expect(clippy::disallowed_methods, reason = "speaks to the process that it started")]

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use testkit::smtp::SmtpServer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A folder with settings, on a database.
pub(crate) struct Installation {
    folder: TempDir,
    pub port: u16,
}

impl Installation {
    /// On this database, with mail to `server` where one is given.
    pub(crate) fn on(database: &str, server: Option<&SmtpServer>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = {
            let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
            free.local_addr().expect("an address").port()
        };
        let mail = server.map_or_else(String::new, |server| {
            format!("[smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"plain\"\n", server.address.port())
        });
        let text = format!(
            "data_dir = \"{}\"\nbind = \"127.0.0.1:{port}\"\n[cert]\ntelephone = \"0300\"\n[database]\nurl = \"{database}\"\n{mail}",
            folder.path().join("data").display(),
        );
        std::fs::write(folder.path().join("carecert.toml"), text).expect("written");
        Self { folder, port }
    }

    /// A place in its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `carecert ARGUMENTS… --config …`, without the environment of whoever runs the test.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = carecert(arguments);
        command.arg("--config").arg(self.path("carecert.toml"));
        command
    }

    /// The same, run to its end on a thread where it may block.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output()).await.unwrap().expect("the program starts")
    }

    /// `carecert serve`, once it answers.
    pub(crate) async fn serve(&self) -> Service {
        let log = File::options().create(true).append(true).open(self.path("log")).expect("a log");
        let child = self.command(&["serve"]).stderr(Stdio::from(log)).spawn().expect("the program starts");
        let mut service = Service(child);
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            assert!(service.0.try_wait().expect("a process").is_none(), "it did not come up: {}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        service
    }

    /// Everything that its services have written to the log.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Sends a request and leaves the connection open.
    pub(crate) async fn begin(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.expect("the service listens");
        stream.write_all(request.as_bytes()).await.expect("asked");
        stream
    }

    /// Sends a form as a browser on the same site does; the whole answer.
    pub(crate) async fn post(&self, path: &str, cookie: &str, body: &str) -> String {
        rest(self.begin(&form(path, cookie, body)).await).await
    }

    /// `GET path`; the whole answer.
    pub(crate) async fn get(&self, path: &str, cookie: &str) -> String {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        );
        rest(self.begin(&request).await).await
    }
}

/// The text of a posted form.
pub(crate) fn form(path: &str, cookie: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Everything that is still to come.
pub(crate) async fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

/// `carecert ARGUMENTS…` without settings of the surroundings.
pub(crate) fn carecert(arguments: &[&str]) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_carecert")));
    command.args(arguments).env_remove("DATABASE_URL").stdin(Stdio::null());
    command
}

/// Waits until `found` says so, or fails the test.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut found: impl FnMut() -> F) {
    let waited = async {
        while !found().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waited).await.is_ok(), "{what} did not come");
}

/// A running `carecert serve`, killed when dropped.
pub(crate) struct Service(Child);

impl Service {
    /// Sends SIGTERM, as a service manager does.
    pub(crate) fn terminate(&self) {
        let told = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        assert!(told.expect("kill is there").success());
    }

    /// How it ended.
    pub(crate) async fn ended(mut self) -> ExitStatus {
        let waiting = async {
            loop {
                if let Some(status) = self.0.try_wait().expect("a process") {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it ends")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

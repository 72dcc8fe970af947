//! A demonstration that schemathesis asks everything that the API's description allows, and much that it
//! does not: every answer has to be one that the description promises.
//!
//! A shell holds one end of a pipe, as with PostgreSQL: when ours closes, whatever closed it, the server
//! ends and its folder goes.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::Context as _;

use crate::postgres::free_port;

/// A running demonstration; ended and removed when dropped.
pub struct Server {
    server: Child,
    guard: Child,
    /// Kept open, so that the server never writes into a closed pipe.
    said: BufReader<ChildStdout>,
    folder: PathBuf,
    address: String,
    key: String,
}

impl Server {
    /// Makes and starts a demonstration on a free port of this machine alone.
    pub fn start(root: &Path) -> anyhow::Result<Self> {
        let folder = root.join("target/api");
        let data = folder.join("demo");
        if data.exists() {
            fs::remove_dir_all(&data).context("Cannot remove the demonstration of the run before.")?;
        }
        fs::create_dir_all(&data).context("Cannot make a folder for the demonstration.")?;
        let bind = format!("127.0.0.1:{}", free_port()?);
        let log = File::create(folder.join("server.log")).context("Cannot write the server's log.")?;
        let mut server = Command::new(root.join("target/debug/carecert"))
            .args(["demo", "--bind", &bind, "--dir"])
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .process_group(0)
            .spawn()
            .context("Cannot start the demonstration.")?;
        let guard = Command::new("sh")
            .args(["-c", "read -r _; kill \"$1\" 2>/dev/null; rm -rf \"$2\"", "guard"])
            .arg(server.id().to_string())
            .arg(&data)
            .stdin(Stdio::piped())
            // A Ctrl-C reaches the whole group of the terminal; the shell must outlive it to tidy up.
            .process_group(0)
            .spawn()
            .context("Cannot start a shell for the demonstration.")?;
        let output = server.stdout.take().context("The demonstration has no output.")?;
        let mut server = Self {
            server,
            guard,
            said: BufReader::new(output),
            folder,
            address: format!("http://{bind}"),
            key: String::new(),
        };
        server.wait_for_key()?;
        Ok(server)
    }

    /// The call of schemathesis, with the key that the demonstration printed.
    pub fn asked_by(&self, schemathesis: &Path) -> Command {
        let mut command = Command::new(schemathesis);
        command
            .arg("--config-file")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/schemathesis/schemathesis.toml"))
            .args(["run", "--wait-for-schema", "30", "--no-color"])
            .args(["-H", &format!("Authorization: Bearer {}", self.key)])
            .arg(format!("{}/api/openapi.json", self.address))
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        command
    }

    /// Where the server writes what it does.
    pub fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// The demonstration prints its key when it is made; it listens a moment later.
    fn wait_for_key(&mut self) -> anyhow::Result<()> {
        let mut line = String::new();
        while self.said.read_line(&mut line).context("The demonstration fell silent.")? > 0 {
            if let Some((_, rest)) = line.split_once("Bearer ") {
                self.key = rest.split('\'').next().unwrap_or_default().to_owned();
                return Ok(());
            }
            line.clear();
        }
        anyhow::bail!("The demonstration did not start: {} says why.", self.log().display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
        let _ = self.server.wait();
    }
}

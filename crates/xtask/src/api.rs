//! A demonstration that schemathesis asks everything that the API's description allows, and much that it
//! does not: every answer has to be one that the description promises. It asks twice at the same time, as an
//! organisation's system and as one of the CERT's: each key has a rate of its own.
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
    /// In the order of [`Asker::ALL`].
    keys: [String; 2],
}

/// Whose key asks.
#[derive(Clone, Copy)]
pub enum Asker {
    /// An organisation's.
    Organisation,
    /// One of the CERT's own.
    Cert,
}

impl Asker {
    /// Both, in the order in which the demonstration prints their keys.
    pub const ALL: [Self; 2] = [Self::Organisation, Self::Cert];

    /// What its files are called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Cert => "cert",
        }
    }

    /// The paths that are for it.
    const fn paths(self) -> [&'static str; 2] {
        match self {
            Self::Organisation => ["--exclude-path-regex", "^/api/v1/cert/"],
            Self::Cert => ["--include-path-regex", "^/api/v1/cert/"],
        }
    }
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
            keys: Default::default(),
        };
        server.wait_for_keys()?;
        Ok(server)
    }

    /// Begins to ask as `asker`; what schemathesis says stands in [`Self::said_to`].
    pub fn ask(&self, schemathesis: &Path, asker: Asker) -> anyhow::Result<Child> {
        let key = &self.keys[asker as usize];
        let configuration = self.folder.join(format!("{}.toml", asker.name()));
        self.find_real_ids(schemathesis, key, &configuration)?;
        let said = File::create(self.said_to(asker)).context("Cannot write what schemathesis says.")?;
        let mut command = Command::new(schemathesis);
        command
            .arg("--config-file")
            .arg(configuration)
            .args(["run", "--wait-for-schema", "30", "--no-color"])
            .args(asker.paths())
            .args(["-H", &format!("Authorization: Bearer {key}")])
            .arg(format!("{}/api/openapi.json", self.address))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(said);
        command.spawn().context("Cannot run schemathesis.")
    }

    /// Writes the configuration of a run, with what the demonstration has.
    fn find_real_ids(&self, schemathesis: &Path, key: &str, configuration: &Path) -> anyhow::Result<()> {
        const SCRIPT: &str = include_str!("schemathesis/real_ids.py");
        let given = concat!(env!("CARGO_MANIFEST_DIR"), "/src/schemathesis/schemathesis.toml");
        let status = Command::new(schemathesis.with_file_name("python"))
            .args(["-c", SCRIPT, &self.address, key])
            .arg(configuration)
            .stdin(File::open(given).context("Cannot read how schemathesis is to ask.")?)
            .status()
            .context("Cannot run Python.")?;
        anyhow::ensure!(status.success(), "The demonstration does not say what it has: the reason is above.");
        Ok(())
    }

    /// Where schemathesis writes what it found as `asker`.
    pub fn said_to(&self, asker: Asker) -> PathBuf {
        self.folder.join(format!("{}.log", asker.name()))
    }

    /// Where the server writes what it does.
    pub fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// The demonstration prints its keys once it is made, and listens already.
    fn wait_for_keys(&mut self) -> anyhow::Result<()> {
        let log = self.log();
        for key in &mut self.keys {
            let mut line = String::new();
            while !line.contains("Bearer ") {
                line.clear();
                let read = self.said.read_line(&mut line).context("The demonstration fell silent.")?;
                anyhow::ensure!(read > 0, "The demonstration did not start: {} says why.", log.display());
            }
            let shown = line.split_once("Bearer ").and_then(|(_, rest)| rest.split('\'').next());
            shown.unwrap_or_default().clone_into(key);
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
        let _ = self.server.wait();
    }
}

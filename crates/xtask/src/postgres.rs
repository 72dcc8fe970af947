//! A throw-away PostgreSQL for one run of the tests.
//!
//! A shell (`postgres.sh`) owns the server and its folder and holds one end of a pipe. When our end
//! closes, because the run is over, failed, was interrupted or was killed, the shell stops the
//! server and removes the folder. So nothing stays behind, even where no destructor runs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

/// A running server; stopped and removed when dropped.
pub struct Server {
    shell: Child,
    url: String,
}

impl Server {
    /// Starts a server on a free port of this machine alone, with a password of its own.
    pub fn start() -> anyhow::Result<Self> {
        let programs = programs()?;
        let port = free_port()?;
        let password = password()?;
        let mut shell = unprivileged()
            .args(["sh", "-c", include_str!("postgres.sh"), "postgres.sh"])
            .arg(&programs)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A Ctrl-C reaches the whole group of the terminal; the shell must outlive it to tidy up.
            .process_group(0)
            .spawn()
            .context("Cannot start a shell for PostgreSQL.")?;
        if let Some(pipe) = &mut shell.stdin {
            writeln!(pipe, "{port}\n{password}").context("PostgreSQL's shell did not listen.")?;
        }
        let mut server =
            Self { shell, url: format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres") };
        server.wait_until_ready()?;
        println!("PostgreSQL of {} listens on 127.0.0.1:{port}.", programs.display());
        Ok(server)
    }

    /// Where the tests find it, as a superuser who may create databases.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let output = self.shell.stdout.take().context("PostgreSQL's shell has no output.")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).context("PostgreSQL's shell fell silent.")?;
        anyhow::ensure!(line == "ready\n", "PostgreSQL did not start: its log stands above.");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// The folder of the newest PostgreSQL that Debian installed, or the one on the search path.
pub fn programs() -> anyhow::Result<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = debian.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((version, entry.path().join("bin")))
    });
    let newest = versions.filter(|(_, bin)| has_server(bin)).max();
    if let Some((_, bin)) = newest {
        return Ok(bin);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .find(|bin| has_server(bin))
        .context("PostgreSQL's programs initdb and postgres are not on this machine.")
}

fn has_server(bin: &Path) -> bool {
    ["initdb", "postgres", "pg_isready"].iter().all(|name| bin.join(name).is_file())
}

/// The start of a command line that is not root's, since initdb refuses root.
fn unprivileged() -> Command {
    if !crate::install::is_root() {
        return Command::new("env");
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups"]);
    command
}

/// A port that was free a moment ago.
#[expect(clippy::disallowed_methods, reason = "asks this machine for a port")]
pub fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("No port is free.")?;
    Ok(listener.local_addr()?.port())
}

/// Keeps other users of this machine out of a server that runs whatever its superuser says.
fn password() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("Cannot read randomness from the system.")?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "looks whether the server listens")]
    fn the_server_answers_and_is_gone_when_dropped() {
        let server = Server::start().expect("a server");
        let port = server.url().rsplit([':', '/']).nth(1).expect("a port").to_owned();
        let address = format!("127.0.0.1:{port}");
        assert!(std::net::TcpStream::connect(&address).is_ok());
        drop(server);
        assert!(std::net::TcpStream::connect(&address).is_err());
    }
}

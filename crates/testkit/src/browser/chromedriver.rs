//! The one `ChromeDriver` of a test process, started when the first browser is opened.
//!
//! A destructor of a `static` never runs, so a shell owns the driver and waits at a pipe whose other
//! end this process holds. However the process ends, the pipe closes, the shell kills the driver and
//! its browsers, and removes the folder of their profiles.

use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context as _, bail};

/// Starts the driver named in `$2` with its folder in `$1`, and ends both when the input closes. The
/// driver leads a process group of its own, so that its browsers die in the same instant and none
/// writes to the folder again.
const SHELL: &str = r#"
setsid "$2" --port=0 >"$1/chromedriver.log" 2>&1 &
driver=$!
read -r _
kill -KILL "-$driver"
wait "$driver" 2>/dev/null
for attempt in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$1" && break; sleep 0.2; done
"#;

/// How long a driver may take to say its port, on a machine that builds something else beside.
const PATIENCE: Duration = Duration::from_secs(30);

static DRIVER: LazyLock<Result<ChromeDriver, String>> =
    LazyLock::new(|| ChromeDriver::start().map_err(|error| format!("{error:#}")));

/// A running driver; ends with the process.
pub(super) struct ChromeDriver {
    shell: Child,
    folder: PathBuf,
    port: u16,
}

impl ChromeDriver {
    /// The driver of this process.
    pub(super) fn get() -> anyhow::Result<&'static Self> {
        DRIVER.as_ref().map_err(|error| anyhow::anyhow!("{error}"))
    }

    /// Where it listens.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A new empty folder for the profile of one browser.
    pub(super) fn profile(&self) -> anyhow::Result<tempfile::TempDir> {
        tempfile::Builder::new()
            .prefix("profile-")
            .tempdir_in(&self.folder)
            .context("Cannot make a folder for a browser's profile.")
    }

    /// Tells the driver to end a session, without waiting for its answer. One that is missed ends
    /// with the process.
    pub(super) fn end(&self, session: &str) {
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let host = format!("Host: 127.0.0.1:{}", self.port);
            let _ = write!(stream, "DELETE /session/{session} HTTP/1.1\r\n{host}\r\n\r\n");
        }
    }

    fn start() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("carecert-browser-").tempdir()?.keep();
        let mut command = Command::new("sh");
        command
            .args(["-c", SHELL, "chromedriver"])
            .arg(&folder)
            .arg("chromedriver")
            // Whatever the browser writes beside its profile goes with the folder.
            .env("HOME", &folder)
            .env("XDG_CONFIG_HOME", &folder)
            .env("XDG_CACHE_HOME", &folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // A Ctrl-C reaches the whole group of the terminal; the shell must outlive it to tidy up.
            .process_group(0);
        let shell = command.spawn().context("Cannot start a shell for chromedriver.")?;
        let mut driver = Self { shell, folder, port: 0 };
        driver.port = driver.wait_for_port()?;
        Ok(driver)
    }

    /// The port that the driver chose itself, so that two test processes never race for one.
    fn wait_for_port(&mut self) -> anyhow::Result<u16> {
        let log = self.folder.join("chromedriver.log");
        let pause = Duration::from_millis(20);
        let mut waited = Duration::ZERO;
        while waited < PATIENCE {
            if let Some(port) = port_in(&log) {
                return Ok(port);
            }
            std::thread::sleep(pause);
            waited += pause;
        }
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        drop(self.shell.stdin.take());
        bail!("chromedriver did not start; `cargo xtask test` installs it. It said: {said}");
    }
}

/// The figure in "`ChromeDriver` was started successfully on port 40001."
fn port_in(log: &Path) -> Option<u16> {
    let said = std::fs::read_to_string(log).ok()?;
    let (port, _) = said.split_once("started successfully on port ")?.1.split_once('.')?;
    port.parse().ok()
}

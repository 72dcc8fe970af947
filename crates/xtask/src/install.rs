//! Finds what the tests need on this machine and installs what is missing.
//!
//! It says what it will install before it does, and where it may not, it says what to type.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::postgres;
use crate::steps::Step;

/// The cargo-deny that `deny.toml` is written for.
const CARGO_DENY: &str = "0.20.2";

/// The cargo-fuzz that `fuzz/` is written for.
const CARGO_FUZZ: &str = "0.13.2";

/// Installs the Debian packages and Rust components that the chosen steps lack.
pub fn what_is_missing(chosen: &[Step]) -> anyhow::Result<()> {
    components(chosen)?;
    let packages = packages(chosen);
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    let Some(mut command) = as_root() else {
        anyhow::bail!(
            "Missing on this machine: {list}. Neither root nor sudo without a password is at hand: \
             ask for `apt-get install {list}`, then run this again."
        );
    };
    println!("Missing on this machine: {list}. Installing with apt-get.");
    let status = command
        .args(["sh", "-c", include_str!("install.sh"), "install.sh"])
        .args(&packages)
        .stdin(Stdio::null())
        .status()
        .context("Cannot run apt-get: this command knows Debian and its kin only.")?;
    anyhow::ensure!(status.success(), "apt-get could not install {list}: what it said is above.");
    Ok(())
}

/// The Debian packages that the chosen steps need and this machine lacks.
fn packages(chosen: &[Step]) -> Vec<&'static str> {
    let mut missing = Vec::new();
    let builds = chosen.iter().any(|step| !matches!(step, Step::Fmt | Step::Hygiene));
    if builds && !answers("cc") {
        missing.push("gcc");
        missing.push("libc6-dev");
    }
    // The test of the throw-away server is itself one of the tests of the first pass.
    let tests = chosen.iter().any(|step| matches!(step, Step::Sqlite | Step::Postgres));
    if tests && postgres::programs().is_err() {
        missing.push("postgresql");
    }
    // A time-stamping authority of the tests' own.
    if tests && !answers_to("openssl", "version") {
        missing.push("openssl");
    }
    if tests && !answers("chromium") {
        missing.push("chromium");
    }
    if tests && !answers("chromedriver") {
        missing.push("chromium-driver");
    }
    // TheHive's client is among the tests.
    if (tests || chosen.contains(&Step::Api)) && !python_makes_environments() {
        missing.push("python3-venv");
    }
    missing
}

/// Whether there is a Python that can make an environment with pip in it.
fn python_makes_environments() -> bool {
    Command::new("python3")
        .args(["-c", "import venv, ensurepip"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// rustfmt and clippy, which a minimal Rust toolchain comes without.
fn components(chosen: &[Step]) -> anyhow::Result<()> {
    for (step, program, component) in
        [(Step::Fmt, "cargo-fmt", "rustfmt"), (Step::Clippy, "cargo-clippy", "clippy")]
    {
        if chosen.contains(&step) && !answers(program) {
            println!("Missing in the Rust toolchain: {component}. Installing with rustup.");
            let status = Command::new("rustup").args(["component", "add", component]).status();
            anyhow::ensure!(
                status.is_ok_and(|status| status.success()),
                "rustup could not add {component}: install it with your Rust toolchain."
            );
        }
    }
    Ok(())
}

/// Where cargo-deny is: on the search path, or in `target/tools`, built there when it is nowhere.
pub fn cargo_deny(root: &Path) -> anyhow::Result<PathBuf> {
    if answers("cargo-deny") { Ok("cargo-deny".into()) } else { tool(root, "cargo-deny", CARGO_DENY) }
}

/// A search path on which cargo finds cargo-fuzz, after the nightly toolchain that it needs was found
/// or installed too.
pub fn cargo_fuzz(root: &Path) -> anyhow::Result<OsString> {
    let mut nightly = Command::new("cargo");
    nightly.args(["+nightly", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    if !nightly.status().is_ok_and(|status| status.success()) {
        println!("Missing: the nightly toolchain. Installing with rustup.");
        let status =
            Command::new("rustup").args(["toolchain", "install", "nightly", "--profile", "minimal"]).status();
        anyhow::ensure!(
            status.is_ok_and(|status| status.success()),
            "rustup could not install the nightly toolchain, without which nothing is fuzzed."
        );
    }
    let mut path = vec![root.join("target/tools/bin")];
    if !answers("cargo-fuzz") {
        tool(root, "cargo-fuzz", CARGO_FUZZ)?;
    }
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    Ok(std::env::join_paths(path)?)
}

/// A cargo tool in `target/tools`, built there when it is not.
fn tool(root: &Path, name: &str, version: &str) -> anyhow::Result<PathBuf> {
    let own = root.join("target/tools/bin").join(name);
    if answers(&own) {
        return Ok(own);
    }
    println!("{name} is not on this machine. Building {version} into target/tools.");
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        // Optimising it takes longer than it ever saves.
        .args(["install", name, "--locked", "--debug", "--version", version, "--root"])
        .arg(root.join("target/tools"))
        .stdin(Stdio::null())
        .status()
        .context("Cannot run cargo.")?;
    anyhow::ensure!(status.success(), "{name} {version} could not be built.");
    Ok(own)
}

/// Where schemathesis is: in an environment of its own in `target/tools`.
pub fn schemathesis(root: &Path) -> anyhow::Result<PathBuf> {
    let environment = environment(root, "schemathesis", include_str!("schemathesis/requirements.txt"))?;
    Ok(environment.join("bin/schemathesis"))
}

/// Where a Python is that has thehive4py, TheHive's own client: in an environment of its own in `target/tools`.
pub fn thehive4py(root: &Path) -> anyhow::Result<PathBuf> {
    let environment = environment(root, "thehive4py", include_str!("thehive4py/requirements.txt"))?;
    Ok(environment.join("bin/python"))
}

/// An environment of Python's in `target/tools`, which holds the versions that `requirements` names, checked by their
/// hashes; made when there is none, and anew when it names others.
fn environment(root: &Path, name: &str, requirements: &str) -> anyhow::Result<PathBuf> {
    let environment = root.join("target/tools").join(name);
    let (made_for, python) = (environment.join("made-for.txt"), environment.join("bin/python"));
    if std::fs::read_to_string(&made_for).is_ok_and(|of| of == requirements) && answers(&python) {
        return Ok(environment);
    }
    println!("{name} is not in target/tools. Installing it there with pip.");
    let required = root.join("crates/xtask/src").join(name).join("requirements.txt");
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(&environment);
    let mut fill = Command::new(&python);
    fill.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"])
        .arg(&required);
    for command in [&mut make, &mut fill] {
        let status = command.stdin(Stdio::null()).status().context("Cannot run Python.")?;
        anyhow::ensure!(status.success(), "{name} could not be installed: what pip said is above.");
    }
    std::fs::write(&made_for, requirements).context("Cannot write into target/tools.")?;
    Ok(environment)
}

/// Whether this process is root.
pub fn is_root() -> bool {
    // The owner of our own entry in /proc is whom we run as; std has no call for it.
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// The start of a command line that is root's: ours already, or through a sudo that asks nothing.
fn as_root() -> Option<Command> {
    if is_root() {
        return Some(Command::new("env"));
    }
    let sudo = Command::new("sudo").args(["-n", "true"]).stderr(Stdio::null()).status();
    let mut command = Command::new("sudo");
    command.arg("-n");
    sudo.is_ok_and(|status| status.success()).then_some(command)
}

/// Whether `program` is there and can say its version.
fn answers(program: impl AsRef<std::ffi::OsStr>) -> bool {
    answers_to(program, "--version")
}

/// The same by another argument.
fn answers_to(program: impl AsRef<std::ffi::OsStr>, argument: &str) -> bool {
    Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

//! The figures of one run, each beside its limit.

use std::time::{Duration, Instant};

/// Rows as they are measured.
pub struct Table {
    engine: &'static str,
    rows: Vec<[String; 3]>,
}

impl Table {
    /// An empty table for one engine.
    pub fn new(engine: &'static str) -> Self {
        Self { engine, rows: Vec::new() }
    }

    /// Adds a figure.
    pub fn row(&mut self, what: &str, figure: String, limit: &str) {
        eprintln!("{}: {what}: {figure} (limit: {limit})", self.engine);
        self.rows.push([what.to_owned(), figure, limit.to_owned()]);
    }

    /// Prints the table as Markdown.
    #[expect(clippy::print_stdout, reason = "the figures are what the program is for")]
    pub fn print(&self) {
        println!("\n| {} | measured | limit |\n|---|---|---|", self.engine);
        for [what, figure, limit] in &self.rows {
            println!("| {what} | {figure} | {limit} |");
        }
    }
}

/// This moment, for measuring.
#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
pub fn now() -> Instant {
    Instant::now()
}

/// A duration as people read it.
pub fn shown(duration: Duration) -> String {
    format!("{duration:.2?}")
}

/// A rate as people read it.
#[expect(clippy::cast_precision_loss, reason = "shown to people")]
pub fn rate(count: u64, duration: Duration) -> String {
    format!("{:.0} rows/s", count as f64 / duration.as_secs_f64())
}

/// The most memory this process has held, in MB (`VmHWM`).
pub fn peak_megabytes(process: &str) -> u64 {
    field(process, "VmHWM:") / 1024
}

/// A field of `/proc/PROCESS/status`, in kB.
pub fn field(process: &str, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

/// The processor time that this process has taken so far, its threads' and the kernel's for it, in steps of 10 ms: what
/// something costs also where others share the machine.
pub fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which may hold blanks, utime and stime are the 12th and 13th.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    Duration::from_millis(fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10)
}

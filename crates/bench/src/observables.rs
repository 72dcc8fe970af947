//! Observables of mixed logs, beside two passes that find nothing out: one that looks for line ends, and
//! one that looks for IPv4 addresses alone.

use std::fmt::Write as _;

use formats::observable::{Nesting, extract, read};
use regex::bytes::Regex;

use crate::table::{Table, now, shown};

const BYTES: usize = 64 * 1024 * 1024;

/// Measures it.
pub fn measure(table: &mut Table) -> anyhow::Result<()> {
    let log = log();
    let begun = now();
    let lines = memchr::memchr_iter(b'\n', &log).count();
    table.row(&format!("{lines} lines of log counted"), speed(log.len(), begun), "none set");
    let addresses = Regex::new(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")?;
    let begun = now();
    let found = addresses.find_iter(&log).count();
    table.row(&format!("{found} IPv4 addresses alone, by one pattern"), speed(log.len(), begun), "none set");
    let begun = now();
    let mut found = 0u64;
    for observable in read(log.as_slice(), Nesting::Outermost) {
        observable?;
        found += 1;
    }
    table.row(&format!("{found} observables of mixed logs"), speed(log.len(), begun), "50 MB/s a core");
    let mut slowest = (std::time::Duration::ZERO, "");
    for hostile in ["a.", "http://", "[", ".", "@", "1", "::", "\\\\", "a@a.", "[.]", "C:\\a ", "943 476 "] {
        let text = hostile.repeat(16 * 1024 / hostile.len());
        // The best of five: what the text costs, not what else the machine does.
        let costs = (0..5).map(|_| {
            let begun = now();
            std::hint::black_box(extract(&text, Nesting::Outermost));
            begun.elapsed()
        });
        slowest = slowest.max((costs.min().unwrap_or_default(), hostile));
    }
    let (cost, hostile) = slowest;
    table.row(&format!("the slowest of 12 hostile texts of 16 kB, \"{hostile}\""), shown(cost), "1 ms");
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "shown to people")]
fn speed(bytes: usize, begun: std::time::Instant) -> String {
    format!("{:.0} MB/s", bytes as f64 / 1e6 / begun.elapsed().as_secs_f64())
}

/// Lines of a web server, a firewall, a mail server, Sysmon and of prose, by turns.
fn log() -> Vec<u8> {
    let mut log = String::with_capacity(BYTES + 4096);
    for line in 0u32.. {
        if log.len() >= BYTES {
            break;
        }
        let (a, b) = (line >> 8 & 255, line & 255);
        // What a line holds differs from line to line, so that no list is asked for the same twice.
        let written = match line % 5 {
            0 => writeln!(
                log,
                "198.51.{a}.{b} - - [27/Nov/2026:10:00:00 +0000] \"GET /app/static/main.{line}.js?v=2 HTTP/1.1\" 200 {line} \"https://portal{b}.trust.nhs.uk/home\" \"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36\""
            ),
            1 => writeln!(
                log,
                "Nov 27 10:00:00 fw-01 kernel: [{line}.123456] DROP IN=eth0 OUT= MAC=00:11:22:33:44:55 SRC=10.0.{a}.{b} DST=203.0.113.{b} LEN=60 TOS=0x00 PREC=0x00 TTL=52 ID={line} DF PROTO=TCP SPT=51234 DPT=443"
            ),
            2 => writeln!(
                log,
                "Nov 27 10:00:00 mx1 postfix/smtp[7122]: {line:08X}: to=<person{line}@example.org>, relay=mx{b}.example.org[192.0.2.{b}]:25, delay=0.52, dsn=2.0.0, status=sent (250 2.0.0 OK)"
            ),
            3 => writeln!(
                log,
                "2026-11-27 10:00:00.123 EventID=1 ProcessId={line} Image=C:\\Windows\\System32\\svchost.exe CommandLine=\"svchost.exe -k netsvcs\" User=TRUST\\user{b} Hashes=SHA256={line:064x} ParentImage=C:\\Windows\\explorer.exe"
            ),
            _ => writeln!(
                log,
                "The ward was told at ten that the laboratory could not send its results, and that the downtime procedure was in force until further notice; the site manager rang the switchboard at once."
            ),
        };
        // Writing to a text does not fail.
        let _ = written;
    }
    log.into_bytes()
}

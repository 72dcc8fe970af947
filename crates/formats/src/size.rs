//! Sizes as people say them. Bounds are whole binary multiples: 64 MB reads better than 67108864 bytes.

/// A bound in words: "64 MB", "256 KB", "10000 bytes".
pub fn in_words(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")];
    match UNITS.into_iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit)) {
        Some((unit, name)) => format!("{} {name}", bytes / unit),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_bound_is_said_in_its_largest_whole_unit() {
        for (bytes, words) in [
            (64 * 1024 * 1024, "64 MB"),
            (2 * 1024 * 1024 * 1024, "2 GB"),
            (256 * 1024, "256 KB"),
            (10_000, "10000 bytes"),
            (0, "0 bytes"),
        ] {
            assert_eq!(super::in_words(bytes), words);
        }
    }
}

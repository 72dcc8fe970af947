//! A sealed file, or what only looks like one.
#![no_main]

use formats::age;

/// The key of most of the vectors that it begins with.
const KEY: &str = "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let key: age::Identity = KEY.parse().expect("a key");
    // A vector says first what is expected of it.
    let behind = bytes.windows(2).position(|two| two == b"\n\n").filter(|_| bytes.starts_with(b"expect: "));
    let file = behind.map_or(bytes, |end| &bytes[end + 2..]);
    if let Ok(text) = age::open(file, &[key.clone()]) {
        let again = age::seal(&text, &key.recipient(), &[1; 64]);
        assert_eq!(age::open(&again, &[key]).as_deref(), Ok(text.as_slice()));
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(keys) = age::identities(text)
    {
        assert!(keys.iter().all(|key| text.contains(&key.secret())));
    }
});

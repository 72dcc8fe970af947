//! Paths of files, of Windows and of Unix, and keys of the registry of Windows.
//!
//! Both may hold blanks. A blank within a path is believed where a folder's separator follows in a few
//! words; the last part of a path ends at one, unless an ending such as `.exe` follows, or a quote closes.

use super::{ObservableKind, scan::Scanner};

/// The longest path of Windows in common use, several times over.
const LONGEST: usize = 1024;
/// How far after a blank the next separator may stand.
const LONGEST_PART: usize = 48;
/// How many more words a folder's name may have.
const MOST_WORDS: usize = 4;
/// Words that part two paths rather than stand within one.
const PARTING: [&str; 23] = [
    "and", "or", "to", "the", "in", "with", "from", "for", "on", "by", "as", "is", "was", "which", "that",
    "into", "via", "using", "key", "under", "at", "then", "where",
];
/// Hives, as they are written.
const HIVES: [&[u8]; 13] = [
    b"HKEY_LOCAL_MACHINE",
    b"HKEY_CURRENT_USER",
    b"HKEY_CLASSES_ROOT",
    b"HKEY_USERS",
    b"HKEY_CURRENT_CONFIG",
    b"HKEY_PERFORMANCE_DATA",
    b"HKEY_DYN_DATA",
    b"HKLM",
    b"HKCU",
    b"HKCR",
    b"HKU",
    b"HKCC",
    b"HKPD",
];
/// Folders whose names have parting words in them.
const SPACED_FOLDERS: [&[u8]; 1] = [b"Documents and Settings"];
/// Last parts of keys that have a blank in them.
const SPACED_KEYS: [&[u8]; 15] = [
    b"Shell Folders",
    b"User Shell Folders",
    b"Image File Execution Options",
    b"Session Manager",
    b"Volatile Environment",
    b"Control Panel",
    b"Internet Settings",
    b"Windows NT",
    b"Windows Defender",
    b"Active Setup",
    b"Installed Components",
    b"Security Packages",
    b"Notification Packages",
    b"Terminal Server",
    b"Browser Helper Objects",
];
/// Folders at the root of Unix systems, those of macOS and Android too.
const ROOTS: [&[u8]; 30] = [
    b"bin",
    b"boot",
    b"data",
    b"dev",
    b"etc",
    b"home",
    b"lib",
    b"lib64",
    b"media",
    b"mnt",
    b"opt",
    b"private",
    b"proc",
    b"root",
    b"run",
    b"sbin",
    b"sdcard",
    b"srv",
    b"storage",
    b"sys",
    b"tmp",
    b"usr",
    b"var",
    b"Applications",
    b"Library",
    b"System",
    b"Users",
    b"Volumes",
    b"vendor",
    b"snap",
];
/// Methods of HTTP, after which a path is one of a site.
const METHODS: [&[u8]; 6] = [b"GET ", b"POST ", b"HEAD ", b"PUT ", b"DELETE ", b"OPTIONS "];

/// What is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    File,
    Key,
}

impl Scanner<'_, '_> {
    /// `C:\…`, whose letter stands at `start`.
    pub fn drive_path(&mut self, start: usize) -> Option<usize> {
        let before = self.before(start);
        if before.is_ascii_alphanumeric()
            || before == b'_'
            || self.byte(start + 2) == b'/' && self.byte(start + 3) == b'/'
        {
            return None;
        }
        self.windows_path(start, start + 2)
    }

    /// `\\server\share\…`, which may be escaped.
    pub fn share_path(&mut self, at: usize) -> Option<usize> {
        if self.before(at) == b'\\' || self.before(at).is_ascii_alphanumeric() {
            return None;
        }
        // As the kernel names keys and disks.
        if self.says(at, b"\\REGISTRY\\MACHINE\\") || self.says(at, b"\\REGISTRY\\USER\\") {
            let end = self.path_end(at, at + 9, Place::Key)?;
            let value = self.unescaped(at, end);
            self.tell(ObservableKind::RegistryKey, at..end, &value);
            return Some(end);
        }
        // The same as strings of programs escape it.
        if self.says(at, b"\\\\REGISTRY\\\\MACHINE\\\\") || self.says(at, b"\\\\REGISTRY\\\\USER\\\\") {
            let end = self.path_end(at, at + 10, Place::Key)?;
            let value = self.unescaped(at + 1, end);
            self.tell(ObservableKind::RegistryKey, at..end, &value);
            return Some(end);
        }
        if self.says(at, b"\\Device\\HarddiskVolume") {
            return self.windows_path(at, at + 7);
        }
        let slashes = self.bytes[at..].iter().take(5).take_while(|byte| **byte == b'\\').count();
        if !matches!(slashes, 2 | 4) {
            return None;
        }
        let server = at + slashes;
        let rest = &self.bytes[server..self.bytes.len().min(server + 80)];
        let length =
            rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b".-_@?$".contains(byte)).count();
        self.work += length;
        let after = server + length;
        let escaped = self.byte(after + 1) == b'\\';
        if length == 0 || self.byte(after) != b'\\' || escaped != (slashes == 4) {
            return None;
        }
        self.windows_path(at, after)
    }

    /// `%APPDATA%\…`
    pub fn variable_path(&mut self, at: usize) -> Option<usize> {
        let rest = &self.bytes[at + 1..self.bytes.len().min(at + 32)];
        let name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'(' | b')');
        let length = rest.iter().take_while(|byte| name(byte)).count();
        self.work += length;
        let close = at + 1 + length;
        let letters = rest.first().is_some_and(u8::is_ascii_alphabetic);
        if length < 3 || !letters || self.byte(close) != b'%' || !matches!(self.byte(close + 1), b'\\' | b'/')
        {
            return None;
        }
        self.windows_path(at, close + 1)
    }

    /// `$env:TEMP\…` of PowerShell, whose `env` is the run from `start` to `end`.
    pub fn environment_path(&mut self, start: usize, end: usize) -> Option<usize> {
        if !(self.before(start) == b'$' && end == start + 3 && self.says(start, b"env:")) {
            return None;
        }
        let rest = &self.bytes[end + 1..self.bytes.len().min(end + 32)];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        self.work += length;
        let separator = end + 1 + length;
        if length < 3 || !matches!(self.byte(separator), b'\\' | b'/') {
            return None;
        }
        self.windows_path(start - 1, separator)
    }

    fn windows_path(&mut self, start: usize, separator: usize) -> Option<usize> {
        let end = self.path_end(start, separator, Place::File)?;
        let value = self.unescaped(start, end);
        self.tell(ObservableKind::FilePath, start..end, &value);
        Some(end)
    }

    /// The key whose hive is the run from `start` to `end`.
    pub fn registry_key(&mut self, start: usize, end: usize) -> Option<usize> {
        let run = &self.bytes[start..end];
        let hive = HIVES.iter().find(|hive| run.eq_ignore_ascii_case(hive))?;
        let bracketed = self.byte(end) == b'>' && self.before(start) == b'<';
        let mut separator = end + usize::from(bracketed);
        if self.byte(separator) == b':' {
            separator += 1;
        }
        if self.byte(separator) != b'\\' {
            return None;
        }
        let start_told = start - usize::from(bracketed);
        let last = self.path_end(start_told, separator, Place::Key)?;
        let rest = self.unescaped(separator, last);
        let value = format!("{}\\{}", String::from_utf8_lossy(&hive[..]), rest.trim_start_matches('\\'));
        self.tell(ObservableKind::RegistryKey, start_told..last, &value);
        Some(last)
    }

    /// The text of a path, with each doubled separator once, but for the two of a share.
    fn unescaped(&self, start: usize, end: usize) -> String {
        let text = String::from_utf8_lossy(&self.bytes[start..end]);
        let mut value = String::with_capacity(text.len());
        let share = text.starts_with("\\\\");
        let text = text.trim_start_matches('\\');
        if share {
            value.push_str("\\\\");
        } else if self.bytes[start] == b'\\' {
            value.push('\\');
        }
        let mut before = ' ';
        for letter in text.chars() {
            if !(letter == '\\' && before == '\\') {
                value.push(letter);
            }
            before = letter;
        }
        value
    }

    /// Where a path that begins at `start`, with its first separator at `separator`, ends.
    fn path_end(&mut self, start: usize, separator: usize, place: Place) -> Option<usize> {
        let limit = self.bytes.len().min(start + LONGEST);
        if let Some(close) = self.quoted_end(start, limit, place) {
            return (close > separator + 1).then_some(close);
        }
        let mut here = separator;
        let mut part = separator;
        while here < limit {
            let byte = self.bytes[here];
            match byte {
                b'\\' => part = here + 1,
                b'/' if place == Place::File => part = here + 1,
                b' ' => match self.after_blank(part, here, limit, place) {
                    Some(next) => {
                        here = next;
                        continue;
                    }
                    None => break,
                },
                b'<' => match self.placeholder(here) {
                    Some(next) => {
                        here = next;
                        continue;
                    }
                    None => break,
                },
                b'(' | b'[' | b'{' if self.closes(here, limit) => {}
                b')' | b']' | b'}' if !self.opened(part, here) => break,
                // The drive of "\\?\C:\…".
                b':' if here == part + 1 && self.byte(here + 1) == b'\\' && self.bytes[start] == b'\\' => {}
                0..=b' ' | b'"' | b'(' | b'[' | b'|' | b'>' | b'`' | b':' | b';' | 0x7f => break,
                // "a.dll,Run": what comes after is for the file.
                // What begins after a comma is a column of a table, and ends before the next.
                b',' if self.before(start) == b','
                    || !self.byte(here + 1).is_ascii_alphanumeric()
                    || self.bytes[part..here].contains(&b'.') =>
                {
                    break;
                }
                0x80.. => {
                    let Some(letter) = self.letter(here) else { break };
                    here += letter.len_utf8();
                    continue;
                }
                _ => {}
            }
            here += 1;
        }
        self.work += here - separator;
        while here > separator && b".,;:!?'*\\".contains(&self.bytes[here - 1]) {
            // A key or folder may be written with its separator; one of them is left.
            if self.bytes[here - 1] == b'\\' && self.bytes[here - 2] != b'\\' && place == Place::Key {
                break;
            }
            here -= 1;
        }
        (here > separator + 1).then_some(here)
    }

    /// Where the quote closes that opened right before a path, on the same line.
    fn quoted_end(&mut self, start: usize, limit: usize, place: Place) -> Option<usize> {
        let quote = match self.before(start) {
            quote @ (b'"' | b'`') => quote,
            // A section of a .reg file.
            b'[' if place == Place::Key => b']',
            _ => return None,
        };
        let rest = &self.bytes[start..limit.min(start + 300)];
        let close = memchr::memchr3(quote, b'\n', b'\r', rest)?;
        self.work += close;
        let inner = &rest[..close];
        // More than a path, such as a command with its arguments: read as if there were no quotes.
        let switch =
            memchr::memmem::find(inner, b" -").is_some() || memchr::memmem::find(inner, b" /").is_some();
        let doubtful = inner.iter().skip(3).any(|byte| b"<>|:;,%".contains(byte)) || switch;
        let ends = !matches!(inner.last(), Some(b' ' | b'\\'));
        // A sentence that begins with a path.
        let name = inner.rsplit(|byte| matches!(byte, b'\\' | b'/')).next().unwrap_or_default();
        let parting = |word: &[u8]| PARTING.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()));
        let doubtful = doubtful || name.split(|byte| *byte == b' ').any(parting);
        (rest[close] == quote && !doubtful && ends).then_some(start + close)
    }

    /// Where a path goes on over the blank at `blank`, in the part that begins at `part`.
    fn after_blank(&mut self, part: usize, blank: usize, limit: usize, place: Place) -> Option<usize> {
        let until = limit.min(blank + LONGEST_PART);
        let mut words = 0;
        let mut word = blank + 1;
        let has_ending = memchr::memchr(b'.', &self.bytes[part..blank]).is_some();
        if blank == part && self.before(part) != b'\\' {
            return None;
        }
        let spaced = match place {
            Place::File => &SPACED_FOLDERS[..],
            Place::Key => &SPACED_KEYS,
        };
        // Behind its name a path does not go back into it, or it would never end.
        if let Some(name) = spaced.iter().find(|name| self.says(part, name))
            && part + name.len() > blank
            && !self.byte(part + name.len()).is_ascii_alphanumeric()
        {
            return Some(part + name.len());
        }
        for here in blank + 1..until {
            let byte = self.bytes[here];
            self.work += 1;
            let parting = |word: usize| {
                let text = &self.bytes[word..here];
                PARTING.iter().any(|known| text.eq_ignore_ascii_case(known.as_bytes()))
                    || HIVES.iter().any(|hive| text.eq_ignore_ascii_case(hive))
            };
            match byte {
                // "AppData \Local" is a slip; "and \\server" is another path.
                b'\\' if here == word => return (words == 0 && self.byte(here + 1) != b'\\').then_some(here),
                b'\\' if !parting(word) => return Some(here),
                b' ' => {
                    words += 1;
                    if here == word || words >= MOST_WORDS || parting(word) {
                        return None;
                    }
                    word = here + 1;
                }
                b'.' if place == Place::File && !has_ending && !parting(word) && words < 3 => {
                    // "my file.exe" ends in what files end in.
                    let ending = self.bytes[here + 1..]
                        .iter()
                        .take(6)
                        .take_while(|b| b.is_ascii_alphanumeric())
                        .count();
                    let after = self.byte(here + 1 + ending);
                    let file = (2..=4).contains(&ending) && !after.is_ascii_alphanumeric() && after != b'\\';
                    let known = is_file_ending(&self.bytes[here + 1..here + 1 + ending]);
                    if file {
                        return known.then_some(here + 1 + ending);
                    }
                }
                _ if byte.is_ascii_alphanumeric() || byte >= 0x80 || b"-_.()&+{}!".contains(&byte) => {}
                _ => return None,
            }
        }
        None
    }

    /// After a placeholder such as `<username>`.
    fn placeholder(&mut self, at: usize) -> Option<usize> {
        let rest = &self.bytes[at + 1..self.bytes.len().min(at + 33)];
        let length =
            rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-')).count();
        self.work += length;
        (length > 0 && rest.get(length) == Some(&b'>')).then_some(at + length + 2)
    }

    /// Whether the bracket at `at` closes within its part.
    fn closes(&mut self, at: usize, limit: usize) -> bool {
        let close = match self.bytes[at] {
            b'(' => b')',
            b'[' => b']',
            _ => b'}',
        };
        let rest = &self.bytes[at..limit.min(at + LONGEST_PART)];
        let end = rest.iter().position(|byte| matches!(byte, b'\\' | b'/' | b'\n')).unwrap_or(rest.len());
        self.work += end;
        memchr::memchr(close, &rest[..end]).is_some()
    }

    fn opened(&mut self, part: usize, at: usize) -> bool {
        let open = match self.bytes[at] {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        let here = &self.bytes[part.max(at.saturating_sub(LONGEST_PART))..at];
        self.work += here.len();
        let count = |wanted: u8| memchr::memchr_iter(wanted, here).count();
        count(open) > count(self.bytes[at])
    }

    /// `/etc/…` or `~/…`, whose first character stands at `at`.
    pub fn unix_path(&mut self, at: usize) -> Option<usize> {
        let before = self.before(at);
        let free = before.is_ascii_whitespace() || b"\"'`=([{<>,;:|".contains(&before);
        let home = self.bytes[at] == b'~';
        if !free || home && self.byte(at + 1) != b'/' {
            return None;
        }
        let from = at + 1;
        let rest = &self.bytes[from..self.bytes.len().min(from + 13)];
        let root = &rest[..rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len())];
        if !(home || ROOTS.contains(&root) && self.byte(from + root.len()) == b'/') {
            return None;
        }
        let method = |word: &&&[u8]| at >= word.len() && self.says(at - word.len(), word);
        if before == b' ' && METHODS.iter().any(|word| method(&word)) {
            return None;
        }
        let spaced = matches!(root, b"Applications" | b"Library" | b"System" | b"Users" | b"Volumes");
        let first = if home { from } else { from + root.len() };
        let end = self.unix_end(first, before, spaced);
        if end <= first + 1 || &self.bytes[at..end] == b"/dev/null" {
            return None;
        }
        let value = String::from_utf8_lossy(&self.bytes[at..end]).into_owned();
        self.tell(ObservableKind::FilePath, at..end, &value);
        Some(end)
    }

    fn unix_end(&mut self, first: usize, quote: u8, spaced: bool) -> usize {
        let limit = self.bytes.len().min(first + LONGEST);
        let mut here = first;
        let mut part = first;
        while here < limit {
            match self.bytes[here] {
                b'/' => part = here + 1,
                b' ' if spaced => match self.unix_blank(part, here, limit) {
                    Some(next) => here = next,
                    None => break,
                },
                0..=b' ' | 0x7f | b'"' | b'`' | b'<' | b'>' | b'|' | b';' | b':' | b'\\' | b'&' | b'?' => {
                    break;
                }
                b'\'' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'*' => break,
                b',' if quote == b',' || !self.byte(here + 1).is_ascii_alphanumeric() => break,
                0x80.. => match self.letter(here) {
                    Some(letter) => here += letter.len_utf8() - 1,
                    None => break,
                },
                _ => {}
            }
            here += 1;
        }
        while here > first && b".,!'".contains(&self.bytes[here - 1]) {
            here -= 1;
        }
        self.work += here - first;
        here
    }

    /// Where a path of macOS goes on over a blank: a few words with capitals, then a separator.
    fn unix_blank(&mut self, part: usize, blank: usize, limit: usize) -> Option<usize> {
        if memchr::memchr(b'.', &self.bytes[part..blank]).is_some()
            || !self.byte(blank + 1).is_ascii_uppercase()
        {
            return None;
        }
        let rest = &self.bytes[blank..limit.min(blank + LONGEST_PART)];
        self.work += rest.len();
        let length = rest.iter().position(|byte| *byte == b'/')?;
        let words = &rest[..length];
        let plain =
            words.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'.'));
        (plain && !words.ends_with(b" ")).then_some(blank + length - 1)
    }
}

/// Endings of files that stand after names with blanks.
fn is_file_ending(ending: &[u8]) -> bool {
    const ENDINGS: [&[u8]; 44] = [
        b"exe", b"dll", b"sys", b"bat", b"cmd", b"ps1", b"vbs", b"vbe", b"js", b"jse", b"hta", b"lnk",
        b"scr", b"cpl", b"msi", b"iso", b"img", b"zip", b"rar", b"7z", b"cab", b"jar", b"doc", b"docx",
        b"docm", b"xls", b"xlsx", b"xlsm", b"ppt", b"pptx", b"pdf", b"rtf", b"txt", b"log", b"dat", b"tmp",
        b"bin", b"ini", b"xml", b"htm", b"html", b"png", b"jpg", b"url",
    ];
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

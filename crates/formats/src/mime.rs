//! The little of MIME that we read: headers, the parts of one level, and their encodings.
//!
//! The crate mail-parser reads the headers and the encodings. Its reader of whole mails was weighed:
//! of 1 MB in which each mail holds another it makes 30,000 nested values, and freeing those
//! overflows the stack of a thread.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use mail_parser::{
    HeaderName, MessageParser,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};

/// A mail, or a part of one.
pub(crate) struct Entity<'a> {
    /// Its media type, such as `message` and `rfc822`.
    kind: (String, String),
    /// What stands between its parts, where it has some.
    pub boundary: Option<String>,
    encoding: String,
    /// The encoding of its letters, where it names one.
    charset: Option<String>,
    /// What a file in it is called, or nothing; `None` where it is none.
    pub file: Option<String>,
    /// What it holds, encoded as it came.
    pub body: &'a [u8],
}

impl<'a> Entity<'a> {
    /// Reads the headers of an entity.
    pub fn read(bytes: &'a [u8]) -> Self {
        let (head, body) = split(bytes);
        let headers = MessageParser::new().with_mime_headers().parse_headers(head);
        let kind = headers.as_ref().and_then(|headers| {
            headers.header(HeaderName::ContentType).and_then(|value| value.as_content_type())
        });
        let encoding = headers.as_ref().and_then(|headers| {
            headers.header(HeaderName::ContentTransferEncoding).and_then(|value| value.as_text())
        });
        let disposition = headers.as_ref().and_then(|headers| {
            headers.header(HeaderName::ContentDisposition).and_then(|value| value.as_content_type())
        });
        let called = disposition
            .and_then(|disposition| disposition.attribute("filename"))
            .or_else(|| kind.and_then(|kind| kind.attribute("name")));
        let is_file =
            called.is_some() || disposition.is_some_and(|is| is.ctype().eq_ignore_ascii_case("attachment"));
        Self {
            file: is_file.then(|| called.unwrap_or_default().to_owned()),
            charset: kind.and_then(|kind| kind.attribute("charset")).map(ToOwned::to_owned),
            kind: kind.map_or_else(Default::default, |kind| {
                (kind.ctype().to_owned(), kind.subtype().unwrap_or_default().to_owned())
            }),
            boundary: kind
                .and_then(|kind| kind.attribute("boundary"))
                .filter(|boundary| !boundary.is_empty())
                .map(ToOwned::to_owned),
            encoding: encoding.unwrap_or_default().trim().to_ascii_lowercase(),
            body,
        }
    }

    /// Its media type, such as `text/plain`; plain text where it says none.
    pub fn media_type(&self) -> String {
        match self.kind.0.as_str() {
            "" => "text/plain".to_owned(),
            kind => format!("{kind}/{}", self.kind.1).to_ascii_lowercase(),
        }
    }

    /// Whether it is of this type, and of one of these subtypes.
    pub fn is(&self, kind: &str, subtypes: &[&str]) -> bool {
        self.kind.0.eq_ignore_ascii_case(kind)
            && subtypes.iter().any(|subtype| self.kind.1.eq_ignore_ascii_case(subtype))
    }

    /// What it holds, as text; letters that cannot be read are shown as such.
    pub fn text(&self) -> String {
        let named = self.charset.as_deref().and_then(|label| Encoding::for_label(label.trim().as_bytes()));
        let bytes = self.decoded();
        // Whoever names none means ASCII, writes UTF-8, or has an old program that writes neither.
        let unnamed = if std::str::from_utf8(&bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
        named.unwrap_or(unnamed).decode(&bytes).0.into_owned()
    }

    /// What it holds, as it was before it was encoded; as it came where it cannot be decoded.
    pub fn decoded(&self) -> Cow<'a, [u8]> {
        let decoded = match self.encoding.as_str() {
            "base64" => base64_decode(self.body),
            "quoted-printable" => quoted_printable_decode(self.body),
            _ => None,
        };
        decoded.map_or(Cow::Borrowed(self.body), Cow::Owned)
    }
}

/// A mail without the line that mail servers put before it in a mailbox of many.
pub(crate) fn without_envelope(bytes: &[u8]) -> &[u8] {
    if !bytes.starts_with(b"From ") {
        return bytes;
    }
    let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1);
    &bytes[end..]
}

/// What stands before and behind the first empty line.
pub(crate) fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut start = 0;
    while let Some(length) = bytes[start..].iter().position(|byte| *byte == b'\n') {
        let end = start + length + 1;
        if matches!(&bytes[start..end], b"\n" | b"\r\n") {
            return (&bytes[..start], &bytes[end..]);
        }
        start = end;
    }
    (bytes, &[])
}

/// The fields of a head, each with its name, in their order.
pub(crate) fn fields(head: &[u8]) -> Vec<(String, String)> {
    // With one of them named, no other is read as what it usually holds: all of them as text.
    let reader = MessageParser::new().header_text(HeaderName::Subject).default_header_text();
    let read = reader.parse_headers(head);
    let headers = read.into_iter().flat_map(|message| message.parts).flat_map(|part| part.headers);
    let texts = headers.filter_map(|header| {
        let value = header.value.as_text()?.to_owned();
        Some((header.name.as_str().to_owned(), value))
    });
    texts.collect()
}

/// The first field of this name in the head of a mail.
pub(crate) fn field(mail: &[u8], name: &str) -> Option<String> {
    let found = fields(split(mail).0).into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// The parts of an entity between the lines of its boundary, `most` at most.
pub(crate) fn parts<'a>(body: &'a [u8], boundary: &str, most: usize) -> Vec<&'a [u8]> {
    let boundary = boundary.as_bytes();
    let (mut parts, mut begun, mut start) = (Vec::new(), None, 0);
    while start < body.len() && parts.len() < most {
        let length =
            body[start..].iter().position(|byte| *byte == b'\n').map_or(body.len() - start, |at| at + 1);
        let line =
            body[start..start + length].strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary));
        if let Some(behind) = line.map(<[u8]>::trim_ascii_end).filter(|rest| matches!(*rest, b"" | b"--")) {
            if let Some(begun) = begun {
                parts.push(&body[begun..start]);
            }
            if behind == b"--" {
                return parts;
            }
            begun = Some(start + length);
        }
        start += length;
    }
    // The end was cut off: what there is of the last part is read.
    if let Some(begun) = begun.filter(|begun| parts.len() < most && *begun < body.len()) {
        parts.push(&body[begun..]);
    }
    parts
}

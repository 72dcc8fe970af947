//! As much of DER (X.690) as a time stamp needs: values one after the other, each with its tag and its length.

/// A value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    pub tag: u8,
    /// What is in it.
    pub inside: &'a [u8],
    /// The whole of it, tag and length included.
    pub whole: &'a [u8],
}

impl<'a> Value<'a> {
    /// What is in it, value by value.
    pub const fn values(&self) -> Values<'a> {
        Values(self.inside)
    }

    /// The same, if it has this tag.
    pub fn tagged(self, tag: u8) -> Option<Self> {
        (self.tag == tag).then_some(self)
    }
}

/// Values one after the other; what is broken ends them.
#[derive(Clone, Debug)]
pub(super) struct Values<'a>(pub &'a [u8]);

impl<'a> Values<'a> {
    /// The next one, if it has this tag; one that has another stays the next.
    pub fn one(&mut self, tag: u8) -> Option<Value<'a>> {
        if self.0.first() == Some(&tag) { self.next() } else { None }
    }

    /// The only one there is.
    pub fn only(mut self, tag: u8) -> Option<Value<'a>> {
        let value = self.one(tag)?;
        self.0.is_empty().then_some(value)
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let (tag, rest) = self.0.split_first()?;
        let (length, rest) = length(rest)?;
        let inside = rest.get(..length)?;
        let whole = &self.0[..self.0.len() - rest.len() + length];
        self.0 = &rest[length..];
        Some(Value { tag: *tag, inside, whole })
    }
}

/// A definite length, in as few bytes as it takes.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first < 0x80 {
        return Some((usize::from(*first), rest));
    }
    let count = usize::from(*first & 0x7F);
    if !(1..=4).contains(&count) {
        return None;
    }
    let (digits, rest) = rest.split_at_checked(count)?;
    let length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
    let shortest = length >= 0x80 && digits[0] != 0;
    shortest.then_some((length, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_and_broken_ones_end_them() {
        let bytes = [0x30, 0x05, 0x02, 0x01, 0x07, 0x05, 0x00, 0x04, 0x01];
        let mut values = Values(&bytes);
        let sequence = values.one(0x30).unwrap();
        assert_eq!(sequence.whole, &bytes[..7]);
        let inner: Vec<_> = sequence.values().map(|value| (value.tag, value.inside.to_vec())).collect();
        assert_eq!(inner, [(2, vec![7]), (5, vec![])]);
        assert!(values.one(0x30).is_none() && values.next().is_none());
        for broken in [
            &[0x30, 0x80, 0, 0][..],
            &[0x30, 0x81, 0x05, 1, 2, 3, 4, 5],
            &[0x30, 0x85, 0, 0, 0, 0, 1, 0],
            &[0x30],
        ] {
            assert!(Values(broken).next().is_none(), "{broken:?}");
        }
    }
}

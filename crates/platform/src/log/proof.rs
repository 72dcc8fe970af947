//! Proofs over the tree of RFC 6962: that an entry is in it (section 2.1.1), and that an older tree is the beginning
//! of a newer one (2.1.2). Here is which subtrees a proof consists of, and how one is checked; no input or output.

use std::ops::Range;

use super::tree::{Hash, node};

/// The largest power of two below `size`, which is 2 at least.
const fn half(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}

/// The subtrees whose roots prove that the leaf at `place`, counted from 0, is in a tree of `size`: the nearest first.
pub(super) fn inclusion(place: u64, size: u64) -> Vec<Range<u64>> {
    let (mut from, mut until) = (0, size);
    let mut path = Vec::new();
    while until - from > 1 {
        let middle = from + half(until - from);
        if place < middle {
            path.push(middle..until);
            until = middle;
        } else {
            path.push(from..middle);
            from = middle;
        }
    }
    path.reverse();
    path
}

/// The subtrees whose roots prove that the tree of `old` leaves is the beginning of that of `size`: the nearest first.
pub(super) fn extension(old: u64, size: u64) -> Vec<Range<u64>> {
    let (mut from, mut until) = (0, size);
    let mut path = Vec::new();
    if old == 0 || old >= size {
        return path;
    }
    while until != old {
        let middle = from + half(until - from);
        if old <= middle {
            path.push(middle..until);
            until = middle;
        } else {
            path.push(from..middle);
            from = middle;
        }
    }
    // The old tree itself is known to whoever checks; a part of it is not.
    if from > 0 {
        path.push(from..until);
    }
    path.reverse();
    path
}

/// Whether `path` proves that the entry of this number, counted from 1, with this leaf's hash is in the log of this
/// size and root (RFC 9162, 2.1.3.2).
pub fn includes(leaf: &Hash, number: u64, path: &[Hash], size: u64, root: &Hash) -> bool {
    let Some(mut place) = number.checked_sub(1).filter(|place| *place < size) else { return false };
    let mut last = size - 1;
    let mut found = *leaf;
    for sibling in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            found = node(sibling, &found);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            found = node(&found, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && found == *root
}

/// Whether `path` proves that the log of the size and root `old` is the beginning of that of `new` (RFC 9162, 2.1.4.2).
pub fn is_consistent(old: (u64, &Hash), new: (u64, &Hash), path: &[Hash]) -> bool {
    let ((old, old_root), (size, root)) = (old, new);
    if old == size {
        return path.is_empty() && old_root == root;
    }
    if old == 0 || old > size {
        return false;
    }
    let mut rest = path.iter();
    let begin = if old.is_power_of_two() { Some(old_root) } else { rest.next() };
    let Some(begin) = begin else { return false };
    let shift = (old - 1).trailing_ones();
    let (mut place, mut last) = ((old - 1) >> shift, (size - 1) >> shift);
    let (mut before, mut after) = (*begin, *begin);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            before = node(sibling, &before);
            after = node(sibling, &after);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            after = node(&after, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && before == *old_root && after == *root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::tree::{Edge, leaf};

    fn leaves(size: u64) -> Vec<Hash> {
        (0..size).map(|number| leaf(&number.to_be_bytes())).collect()
    }

    fn root(leaves: &[Hash]) -> Hash {
        let mut edge = Edge::default();
        for leaf in leaves {
            edge.push(*leaf);
        }
        edge.root()
    }

    fn roots(leaves: &[Hash], ranges: &[Range<u64>]) -> Vec<Hash> {
        let part = |range: &Range<u64>| {
            let [from, until] = [range.start, range.end].map(|end| usize::try_from(end).unwrap());
            root(&leaves[from..until])
        };
        ranges.iter().map(part).collect()
    }

    #[test]
    fn every_leaf_of_every_small_tree_is_proven_and_nothing_else_is() {
        for size in 1..70 {
            let leaves = leaves(size);
            let whole = root(&leaves);
            for place in 0..size {
                let path = roots(&leaves, &inclusion(place, size));
                let hash = leaves[usize::try_from(place).unwrap()];
                assert!(includes(&hash, place + 1, &path, size, &whole), "{place} of {size}");
                assert!(!includes(&hash, place + 2, &path, size, &whole), "{place} of {size}");
                assert!(!includes(&leaf(b"other"), place + 1, &path, size, &whole));
                let mut bent = path.clone();
                if let Some(first) = bent.first_mut() {
                    first[0] ^= 1;
                    assert!(!includes(&hash, place + 1, &bent, size, &whole));
                }
            }
        }
    }

    #[test]
    fn every_small_tree_is_proven_to_begin_the_larger_ones() {
        for size in 1..70 {
            let leaves = leaves(size);
            let whole = root(&leaves);
            for old in 1..=size {
                let begun = root(&leaves[..usize::try_from(old).unwrap()]);
                let path = roots(&leaves, &extension(old, size));
                assert!(is_consistent((old, &begun), (size, &whole), &path), "{old} of {size}");
                let other = leaf(b"other");
                assert!(!is_consistent((old, &other), (size, &whole), &path), "{old} of {size}");
                assert!(!is_consistent((old, &begun), (size, &other), &path), "{old} of {size}");
            }
        }
    }

    #[test]
    fn the_reference_proofs_of_the_standard_have_these_subtrees() {
        // RFC 6962, section 2.1.3: a tree of seven leaves.
        assert_eq!(inclusion(0, 7), [1..2, 2..4, 4..7]);
        assert_eq!(inclusion(3, 7), [2..3, 0..2, 4..7]);
        assert_eq!(inclusion(4, 7), [5..6, 6..7, 0..4]);
        assert_eq!(inclusion(6, 7), [4..6, 0..4]);
        assert_eq!(extension(3, 7), [2..3, 3..4, 0..2, 4..7]);
        assert_eq!(extension(4, 7), vec![4..7]);
        assert_eq!(extension(6, 7), [4..6, 6..7, 0..4]);
    }
}

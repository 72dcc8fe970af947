//! The Merkle tree of RFC 6962 section 2.1, kept by its right edge alone.
//!
//! No crate was found that keeps only the edge (64 hashes at most) in a form that can be stored
//! between batches; the whole of it is below.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash of a leaf: `SHA-256(0x00 || data)`.
pub(super) fn leaf(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

pub(super) fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A tree that can grow: the roots of its complete subtrees, the largest first. The set bits of
/// `size` say how large each is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Edge {
    size: u64,
    roots: Vec<Hash>,
}

impl Edge {
    /// The edge as it was stored.
    pub(super) fn restore(size: u64, bytes: &[u8]) -> Option<Self> {
        let (roots, rest) = bytes.as_chunks::<32>();
        let whole = rest.is_empty() && roots.len() == size.count_ones() as usize;
        whole.then(|| Self { size, roots: roots.to_vec() })
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.roots.concat()
    }

    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf on the right.
    pub(super) fn push(&mut self, leaf: Hash) {
        let mut root = leaf;
        // Each trailing one of the size is a complete subtree that this leaf completes further.
        for _ in 0..self.size.trailing_ones() {
            let left = self.roots.pop().expect("one root for each set bit");
            root = node(&left, &root);
        }
        self.roots.push(root);
        self.size += 1;
    }

    /// Adds the root of a complete subtree of so many leaves on the right, to a tree of none but such.
    pub(super) fn push_complete(&mut self, root: Hash, leaves: u64) {
        let mut root = root;
        for _ in 0..(self.size / leaves).trailing_ones() {
            let left = self.roots.pop().expect("one root for each set bit");
            root = node(&left, &root);
        }
        self.roots.push(root);
        self.size += leaves;
    }

    /// The root of the whole tree; of an empty one, the hash of nothing.
    pub(super) fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        match roots.next() {
            None => Sha256::digest([]).into(),
            Some(last) => roots.fold(*last, |right, left| node(left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The leaves and roots of the reference tests of Certificate Transparency (RFC 6962).
    const LEAVES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn roots_are_those_of_the_standard() {
        let mut edge = Edge::default();
        for (data, expected) in LEAVES.iter().zip(ROOTS) {
            edge.push(leaf(data));
            assert_eq!(data_encoding::HEXLOWER.encode(&edge.root()), expected, "size {}", edge.size());
            assert_eq!(Edge::restore(edge.size(), &edge.bytes()), Some(edge.clone()));
        }
    }

    #[test]
    fn an_edge_of_the_wrong_length_is_refused() {
        assert_eq!(Edge::restore(3, &[0; 32]), None);
        assert_eq!(Edge::restore(1, &[0; 31]), None);
    }
}

//! Address to node: which node, if any, starts at an address.
//!
//! Objects that the collector lists are announced first; a bitmap with one bit for every 16-byte
//! granule, and a running count, then give each its number in address order: a dozen bits an
//! object, and objects are visited in the order in which they lie in memory. Objects that turn up
//! later (strings, numbers, what only the census knows) go to a small open-addressing table.

use super::bitmap::Bitmap;
use super::probing::Probing;

/// Number of a node.
pub type NodeId = u32;

/// Addresses of all nodes, both ways.
#[derive(Debug, Default)]
pub(super) struct AddressIndex {
    addresses: Vec<u64>,
    announced: Bitmap,
    others: Probing,
    recent: Recent,
}

/// Where addresses were found lately: names and small numbers are referred to all the time.
#[derive(Debug)]
struct Recent([(u64, NodeId); 256]);

impl Default for Recent {
    fn default() -> Self {
        Self([(0, 0); 256])
    }
}

impl AddressIndex {
    /// Announces an address before [`Self::seal`].
    #[inline]
    pub(super) fn announce(&mut self, address: u64) {
        if !self.announced.set(address) {
            self.add(address);
        }
    }

    /// How many addresses were announced.
    pub(super) fn announced(&self) -> usize {
        self.announced.len()
    }

    /// Numbers what was announced, in address order, after what was added before.
    pub(super) fn seal(&mut self) {
        self.addresses.reserve(self.announced.len() * 2);
        let first = self.addresses.len() as NodeId;
        self.announced.number(first, &mut self.addresses);
        // Room enough for most heaps, so that the table need not grow and be filled anew.
        let mut others = Probing::with_room(self.announced.len() / 2);
        if !self.others.is_empty() {
            for node in 0..first {
                others.get_or_insert(self.addresses[node as usize], node, &self.addresses);
            }
        }
        self.others = others;
    }

    /// The node at an address, added when absent.
    #[inline]
    pub(super) fn add(&mut self, address: u64) -> NodeId {
        let slot = (address >> 4 ^ address >> 12) as usize % 256;
        let (known, node) = self.recent.0[slot];
        if known == address {
            return node;
        }
        if let Some(node) = self.announced.get(address) {
            return node;
        }
        let next = self.addresses.len() as NodeId;
        let node = self.others.get_or_insert(address, next, &self.addresses);
        if node == next {
            self.addresses.push(address);
        }
        self.recent.0[slot] = (address, node);
        node
    }

    /// The node at an address.
    #[inline]
    pub(super) fn get(&self, address: u64) -> Option<NodeId> {
        self.announced.get(address).or_else(|| self.others.get(address, &self.addresses))
    }

    /// Addresses by node.
    pub(super) fn addresses(&self) -> &[u64] {
        &self.addresses
    }

    /// Bytes that the tables occupy.
    pub(super) fn bytes(&self) -> usize {
        self.addresses.len() * 8 + self.announced.bytes() + self.others.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announced_addresses_are_numbered_in_order_and_others_after_them() {
        let mut index = AddressIndex::default();
        assert_eq!(index.add(0x7fff_0000_0008), 0);
        for address in [0x5555_0000_0020, 0x10, 0x5555_0010_0010, 0x20, 0x10] {
            index.announce(address);
        }
        index.seal();
        let expected = [0x7fff_0000_0008, 0x10, 0x20, 0x5555_0000_0020, 0x5555_0010_0010];
        assert_eq!(index.addresses(), expected);
        assert_eq!(index.add(0x30), 5);
        assert_eq!(index.add(0x30), 5);
        for (node, address) in expected.into_iter().chain([0x30]).enumerate() {
            assert_eq!(index.get(address), Some(node as NodeId), "{address:#x}");
        }
        assert_eq!(index.get(0x40), None);
        assert_eq!(index.get(0x18), None);
    }

    #[test]
    fn thousands_of_others_are_found_again() {
        let mut index = AddressIndex::default();
        index.seal();
        let addresses: Vec<u64> = (1..5000).map(|number: u64| number * 24 + (number % 7) * (1 << 33)).collect();
        let nodes: Vec<NodeId> = addresses.iter().map(|&address| index.add(address)).collect();
        for (&address, &node) in addresses.iter().zip(&nodes) {
            assert_eq!(index.get(address), Some(node));
        }
        assert_eq!(index.get(0xffff_8000_0000_0010), None);
    }
}

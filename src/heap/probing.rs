//! An open-addressing table from address to node that stores only the node.

use super::index::NodeId;

/// Slots hold a node + 1; 0 is empty. The address of a node is looked up to compare.
#[derive(Debug)]
pub(super) struct Probing {
    slots: Vec<u32>,
    used: usize,
}

impl Default for Probing {
    fn default() -> Self {
        Self { slots: vec![0; 1 << 12], used: 0 }
    }
}

impl Probing {
    /// An empty table with room for so many nodes.
    pub(super) fn with_room(nodes: usize) -> Self {
        Self { slots: vec![0; (2 * nodes).next_power_of_two().max(1 << 12)], used: 0 }
    }

    /// Whether nothing was stored yet.
    pub(super) fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// The node at an address, or `next`, which is stored for it.
    #[inline]
    pub(super) fn get_or_insert(&mut self, address: u64, next: NodeId, addresses: &[u64]) -> NodeId {
        // At most half full: a probe or two on average.
        if self.used * 2 >= self.slots.len() {
            self.grow(addresses);
        }
        let at = self.find(address, addresses);
        if self.slots[at] == 0 {
            self.slots[at] = next + 1;
            self.used += 1;
        }
        self.slots[at] - 1
    }

    /// The node at an address.
    #[inline]
    pub(super) fn get(&self, address: u64, addresses: &[u64]) -> Option<NodeId> {
        self.slots[self.find(address, addresses)].checked_sub(1)
    }

    /// The slot of an address, or the empty one where it belongs.
    #[inline]
    fn find(&self, address: u64, addresses: &[u64]) -> usize {
        let mut at = self.home(address);
        loop {
            match self.slots[at].checked_sub(1) {
                Some(node) if addresses[node as usize] != address => at = (at + 1) & (self.slots.len() - 1),
                _ => return at,
            }
        }
    }

    /// Where probing starts: neighbours of 32 bytes share a line of the cache, and lines are spread
    /// by multiplicative hashing (Knuth, TAOCP 3, 6.4). What is made together is looked up together.
    #[inline]
    fn home(&self, address: u64) -> usize {
        const LINE: u64 = 16;
        let neighbour = address >> 5;
        let hash = (neighbour / LINE).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let line = hash >> (64 - self.slots.len().trailing_zeros()) & !(LINE - 1);
        (line | (neighbour % LINE)) as usize
    }

    fn grow(&mut self, addresses: &[u64]) {
        let larger = vec![0; self.slots.len() * 2];
        let nodes = std::mem::replace(&mut self.slots, larger);
        for slot in nodes.into_iter().filter(|&slot| slot != 0) {
            let at = self.find(addresses[slot as usize - 1], addresses);
            self.slots[at] = slot;
        }
    }

    /// Bytes that the table occupies.
    pub(super) fn bytes(&self) -> usize {
        self.slots.len() * 4
    }
}

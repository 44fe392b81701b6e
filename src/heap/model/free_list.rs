//! Free lists: memory that a type keeps for its next instance.

use super::machine::ModelHeap;
use super::names::Name;

/// CPython keeps so many of most kinds.
const CAPACITY: usize = 80;

#[derive(Debug, Clone)]
pub(super) struct FreeList {
    pub(super) capacity: usize,
    pub(super) addresses: Vec<u64>,
}

impl Default for FreeList {
    fn default() -> Self {
        Self { capacity: CAPACITY, addresses: Vec::new() }
    }
}

impl ModelHeap {
    /// Sets how many pieces of memory a free list keeps at most; the ones over are given back.
    pub fn set_free_list(&mut self, name: &str, capacity: usize) {
        let name = self.names.add(name);
        let list = self.free_lists.entry(name).or_default();
        list.capacity = capacity;
        list.addresses.truncate(capacity);
    }

    /// Addresses that a free list keeps; the last one is used first.
    #[must_use]
    pub fn free_list(&self, name: &str) -> &[u64] {
        let list = self.names.get(name).and_then(|name| self.free_lists.get(&name));
        list.map_or(&[], |list| &list.addresses)
    }

    /// Memory that was kept for such an object.
    pub(super) fn reuse(&mut self, name: Name) -> Option<u64> {
        self.free_lists.get_mut(&name)?.addresses.pop()
    }

    /// Whether the list takes the memory of an object.
    pub(super) fn keep(&mut self, name: Name, address: u64) -> bool {
        if name == Name::default() {
            return false;
        }
        let list = self.free_lists.entry(name).or_default();
        let room = list.addresses.len() < list.capacity;
        if room {
            list.addresses.push(address);
        }
        room
    }

    /// A full collection empties them. Source: `gc_collect_main`, `clear_freelists`.
    pub(super) fn clear_free_lists(&mut self) {
        self.free_lists.values_mut().for_each(|list| list.addresses.clear());
    }
}

//! References that no edge stands for: words in fields that `tp_traverse` leaves out, and in memory that
//! objects keep.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::heap::{Heap, NodeId, Place, Pointer};

/// Where a hidden reference is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// In the body of the object, at this offset in bytes.
    Field(u32),
    /// In memory that the object, or memory of it, points to.
    Block,
}

/// What words of memory add to a heap.
#[derive(Debug, Clone, Default)]
pub struct Hidden {
    edges: FxHashMap<NodeId, Vec<(NodeId, Via)>>,
    /// How many unexplained references of a node these words are.
    accounted: FxHashMap<NodeId, i32>,
    /// Nodes that a C static points to.
    pinned: FxHashSet<NodeId>,
}

impl Hidden {
    /// Reads the words that point to objects and to blocks. Only what has unexplained references has hidden
    /// ones; a block's words count for the objects that point to it.
    #[must_use]
    pub fn of(heap: &Heap, pointers: &[Pointer]) -> Self {
        let mut holders: FxHashMap<u64, Vec<Place>> = FxHashMap::default();
        let mut in_blocks: FxHashMap<(u64, NodeId), i32> = FxHashMap::default();
        let mut hidden = Self::default();
        for pointer in pointers {
            let Some(target) = heap.find(pointer.target) else {
                holders.entry(pointer.target).or_default().push(pointer.place);
                continue;
            };
            match pointer.place {
                _ if heap.unexplained(target) <= 0 => {}
                Place::Static { .. } | Place::Stack { .. } => {
                    hidden.pinned.insert(target);
                }
                Place::Field { node, offset } => hidden.add(&[node], target, Via::Field(offset), 1),
                Place::Block { address } | Place::Native { address } => {
                    *in_blocks.entry((address, target)).or_default() += 1;
                }
            }
        }
        let mut in_blocks: Vec<_> = in_blocks.into_iter().collect();
        in_blocks.sort_unstable();
        for ((block, target), words) in in_blocks {
            let owners = owners(&holders, block);
            let reported = |&owner: &NodeId| heap.targets(owner).iter().filter(|&&to| to == target).count() as i32;
            // The table of a set is such a block, and the set reports what is in it.
            let left = words - owners.iter().map(reported).max().unwrap_or(0);
            if left > 0 && !owners.is_empty() {
                hidden.add(&owners, target, Via::Block, left);
            }
        }
        hidden
    }

    fn add(&mut self, from: &[NodeId], target: NodeId, via: Via, references: i32) {
        *self.accounted.entry(target).or_default() += references;
        for &node in from {
            self.edges.entry(node).or_default().push((target, via));
        }
    }

    /// Hidden references of a node.
    #[must_use]
    pub fn targets(&self, node: NodeId) -> &[(NodeId, Via)] {
        self.edges.get(&node).map_or(&[], Vec::as_slice)
    }

    /// Whether a node lives without being referred to by another one, these references included.
    fn is_root(&self, heap: &Heap, node: NodeId) -> bool {
        let unexplained = heap.unexplained(node);
        heap.is_permanent(node)
            || (unexplained > 0
                && (self.pinned.contains(&node) || unexplained > self.accounted.get(&node).copied().unwrap_or(0)))
    }

    /// Nodes that no root reaches when these references count like edges, ascending: garbage, and what would
    /// be garbage if the collector saw every reference.
    #[must_use]
    pub fn lost(&self, heap: &Heap) -> Vec<NodeId> {
        let mut reached = vec![false; heap.len()];
        let mut pending: Vec<NodeId> = heap.nodes().filter(|&node| self.is_root(heap, node)).collect();
        pending.iter().for_each(|&root| reached[root as usize] = true);
        while let Some(node) = pending.pop() {
            let hidden = self.targets(node).iter().map(|(target, _)| target);
            for &target in heap.targets(node).iter().chain(hidden) {
                if !core::mem::replace(&mut reached[target as usize], true) {
                    pending.push(target);
                }
            }
        }
        heap.nodes().filter(|&node| !reached[node as usize]).collect()
    }
}

/// Objects that point to a block, or to blocks that do; none when a C static or a stack does, or nothing that is known.
fn owners(holders: &FxHashMap<u64, Vec<Place>>, block: u64) -> Vec<NodeId> {
    let (mut seen, mut pending) = (FxHashSet::from_iter([block]), vec![block]);
    let mut found = Vec::new();
    while let Some(block) = pending.pop() {
        for place in holders.get(&block).into_iter().flatten() {
            match *place {
                Place::Static { .. } | Place::Stack { .. } => return Vec::new(),
                Place::Field { node, .. } => found.push(node),
                Place::Block { address } | Place::Native { address } if seen.insert(address) => pending.push(address),
                Place::Block { .. } | Place::Native { .. } => {}
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::garbage;
    use crate::heap::{Builder, Edges};

    /// An object with a field that hides a list (1), which refers back to it.
    fn blind() -> Heap {
        let mut builder = Builder::new(Edges::Keep);
        for address in [0x10, 0x20] {
            builder.node(address);
        }
        for target in [None, Some(0x10)] {
            let (node, _) = builder.expand_next().expect("two nodes");
            builder.count(node, 1);
            target.into_iter().for_each(|target| builder.edge_to(target));
        }
        builder.finish()
    }

    fn field(target: u64, node: NodeId) -> Pointer {
        Pointer { target, place: Place::Field { node, offset: 16 }, interior: false }
    }

    #[test]
    fn without_words_nothing_is_lost_that_is_no_garbage() {
        assert_eq!(Hidden::default().lost(&blind()), garbage(&blind()));
    }

    #[test]
    fn a_hidden_field_closes_a_cycle() {
        let heap = blind();
        let hidden = Hidden::of(&heap, &[field(0x20, 0)]);
        assert_eq!(hidden.lost(&heap), [0, 1]);
        assert_eq!(hidden.targets(0), [(1, Via::Field(16))]);
    }

    #[test]
    fn a_chain_of_blocks_belongs_to_the_object_that_points_to_it() {
        let heap = blind();
        let words = [
            field(0x900, 0),
            Pointer { target: 0x990, place: Place::Block { address: 0x900 }, interior: false },
            Pointer { target: 0x20, place: Place::Native { address: 0x990 }, interior: false },
        ];
        let hidden = Hidden::of(&heap, &words);
        assert_eq!(hidden.targets(0), [(1, Via::Block)]);
        assert_eq!(hidden.lost(&heap), [0, 1]);
        assert!(Hidden::of(&heap, &words[1..]).lost(&heap).is_empty());
    }

    #[test]
    fn a_static_keeps_what_it_points_to() {
        let heap = blind();
        let word = Pointer { target: 0x20, place: Place::Static { address: 0x9000 }, interior: false };
        assert!(Hidden::of(&heap, &[field(0x20, 0), word]).lost(&heap).is_empty());
    }
}

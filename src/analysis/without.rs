//! The heap as it would be without some of its references: what would go, and what is retained.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::heap::{Heap, NodeId};

/// References that are thought away, and nodes that count for nothing.
#[derive(Debug, Clone, Default)]
pub struct Cut {
    edges: FxHashSet<(NodeId, NodeId)>,
    accounted: FxHashMap<NodeId, i32>,
    closed: FxHashSet<NodeId>,
}

impl Cut {
    /// Thinks every reference from one node to another away.
    pub fn edge(&mut self, from: NodeId, to: NodeId) {
        self.edges.insert((from, to));
    }

    /// Thinks so many of the unexplained references of a node away: whose they are is known.
    pub fn account(&mut self, node: NodeId, references: i32) {
        *self.accounted.entry(node).or_default() += references;
    }

    /// Closes a node: it is no root, and what it refers to is not held by it.
    pub fn close(&mut self, node: NodeId) {
        self.closed.insert(node);
    }

    /// Whether a node still holds what it refers to.
    #[must_use]
    pub fn is_open(&self, node: NodeId) -> bool {
        !self.closed.contains(&node)
    }

    /// Whether references from one node to another still count.
    #[must_use]
    pub fn follows(&self, from: NodeId, to: NodeId) -> bool {
        self.is_open(from) && !self.edges.contains(&(from, to))
    }

    /// Whether a node lives without being referred to by another one: it is immortal, a thread, or has
    /// references left that the model does not account for.
    #[must_use]
    pub fn is_root(&self, heap: &Heap, node: NodeId) -> bool {
        let accounted = self.accounted.get(&node).copied().unwrap_or(0);
        self.is_open(node) && (heap.is_permanent(node) || heap.unexplained(node) > accounted)
    }
}

/// For every node, whether a root reaches it when the references of `cut` are gone. Marks like
/// [`super::garbage`], which is the same question without a cut.
#[must_use]
pub fn reached(heap: &Heap, cut: &Cut) -> Vec<bool> {
    let mut reached = vec![false; heap.len()];
    let mut pending: Vec<NodeId> = heap.nodes().filter(|&node| cut.is_root(heap, node)).collect();
    for &root in &pending {
        reached[root as usize] = true;
    }
    while let Some(node) = pending.pop() {
        for &target in heap.targets(node) {
            if !reached[target as usize] && cut.follows(node, target) {
                reached[target as usize] = true;
                pending.push(target);
            }
        }
    }
    heap.nodes().filter(|&node| !cut.is_open(node)).for_each(|node| reached[node as usize] = false);
    reached
}

/// Nodes that live through `nodes` alone, these included: what would go if they went. The retained set of
/// Eclipse MAT, by two marks.
#[must_use]
pub fn retained(heap: &Heap, nodes: &[NodeId]) -> Vec<NodeId> {
    let alive = reached(heap, &Cut::default());
    let mut cut = Cut::default();
    nodes.iter().for_each(|&node| cut.close(node));
    let left = reached(heap, &cut);
    heap.nodes().filter(|&node| alive[node as usize] && !left[node as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::garbage;
    use crate::heap::{Builder, Edges};
    use proptest::prelude::*;

    /// Builds a heap from (references, targets); node 0 first.
    fn heap(objects: &[(u32, &[u64])]) -> Heap {
        let address = |node: u64| 0x1000 + 0x10 * node;
        let mut builder = Builder::new(Edges::Keep);
        for node in 0..objects.len() as u64 {
            builder.node(address(node));
        }
        for (references, targets) in objects {
            let (node, _) = builder.expand_next().expect("one node an object");
            builder.count(node, *references);
            targets.iter().for_each(|&target| builder.edge_to(address(target)));
        }
        builder.finish()
    }

    /// A copy of a module's dict (0), a function in it (1), its module (2), that one's dict (3) with the function.
    fn module() -> Heap {
        heap(&[(1, &[1]), (2, &[2]), (1, &[3]), (1, &[1])])
    }

    #[test]
    fn a_module_goes_when_its_backup_copy_goes() {
        let heap = module();
        assert_eq!(reached(&heap, &Cut::default()), [true; 4]);
        let mut cut = Cut::default();
        cut.account(0, 1);
        assert_eq!(reached(&heap, &cut), [false; 4]);
    }

    #[test]
    fn a_second_reference_to_the_copy_keeps_it() {
        let heap = heap(&[(2, &[1]), (1, &[])]);
        let mut cut = Cut::default();
        cut.account(0, 1);
        assert_eq!(reached(&heap, &cut), [true; 2]);
    }

    #[test]
    fn an_edge_that_is_cut_holds_nothing() {
        let heap = heap(&[(1, &[1, 2]), (1, &[]), (1, &[])]);
        let mut cut = Cut::default();
        cut.edge(0, 1);
        assert_eq!(reached(&heap, &cut), [true, false, true]);
    }

    #[test]
    fn what_two_share_neither_retains_alone() {
        // Two roots, each with a child of its own, and one that both have.
        let heap = heap(&[(1, &[2, 4]), (1, &[3, 4]), (1, &[]), (1, &[]), (2, &[])]);
        assert_eq!(retained(&heap, &[0]), [0, 2]);
        assert_eq!(retained(&heap, &[0, 1]), [0, 1, 2, 3, 4]);
    }

    proptest! {
        #[test]
        fn without_a_cut_it_is_the_garbage(
            objects in prop::collection::vec((0u32..2, prop::collection::vec(0u64..12, 0..4)), 12)
        ) {
            let rows: Vec<(u32, &[u64])> = objects.iter().map(|(extra, targets)| (*extra, targets.as_slice())).collect();
            let mut counted: Vec<(u32, &[u64])> = rows.clone();
            for (_, targets) in &rows {
                targets.iter().for_each(|&target| counted[target as usize].0 += 1);
            }
            let heap = heap(&counted);
            let marks = reached(&heap, &Cut::default());
            let gone: Vec<NodeId> = heap.nodes().filter(|&node| !marks[node as usize]).collect();
            prop_assert_eq!(gone, garbage(&heap));
        }
    }
}

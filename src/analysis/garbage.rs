//! Trial deletion on the model: what nothing outside reaches.
//!
//! Source: CPython's `Modules/gcmodule.c` (`deduce_unreachable`), done on counts that were copied
//! out. Nothing is freed, and no finalizer runs.

use crate::heap::{Heap, NodeId};

/// Nodes that no root reaches. Roots are nodes with unexplained references, immortal objects and
/// the model's own roots (frames). Needs a heap built with its edges.
#[must_use]
pub fn garbage(heap: &Heap) -> Vec<NodeId> {
    let mut reached = vec![false; heap.len()];
    let mut pending: Vec<NodeId> = Vec::new();
    for node in heap.nodes() {
        if heap.is_permanent(node) || heap.unexplained(node) > 0 {
            reached[node as usize] = true;
            pending.push(node);
        }
    }
    while let Some(node) = pending.pop() {
        for &target in heap.targets(node) {
            if !std::mem::replace(&mut reached[target as usize], true) {
                pending.push(target);
            }
        }
    }
    heap.nodes().filter(|&node| !reached[node as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::{Builder, Edges};

    /// Builds a heap from (address, references, targets).
    fn heap(objects: &[(u64, u32, &[u64])]) -> Heap {
        let mut builder = Builder::new(Edges::Keep);
        for (address, ..) in objects {
            builder.node(*address);
        }
        for (_, references, targets) in objects {
            let (node, _) = builder.expand_next().expect("one node an object");
            builder.count(node, *references);
            for target in *targets {
                builder.edge_to(*target);
            }
        }
        builder.finish()
    }

    #[test]
    fn a_cycle_that_nothing_holds_is_garbage() {
        let heap = heap(&[(0x10, 1, &[0x20]), (0x20, 1, &[0x10]), (0x30, 1, &[])]);
        assert_eq!(garbage(&heap), vec![0, 1]);
    }

    #[test]
    fn one_unexplained_reference_keeps_the_whole_cycle() {
        let heap = heap(&[(0x10, 2, &[0x20]), (0x20, 1, &[0x10])]);
        assert_eq!(garbage(&heap), Vec::<NodeId>::new());
        assert_eq!(heap.unexplained(0), 1);
    }
}

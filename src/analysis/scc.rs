//! Strongly connected components, iteratively, in one pass.
//!
//! Source: D. J. Pearce, "A space-efficient algorithm for finding strongly connected components"
//! (2016): one array of ranks instead of Tarjan's two plus a flag.

use crate::heap::{Heap, NodeId};

/// Result of [`components`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Components {
    /// Number of components, single nodes included.
    pub count: usize,
    /// Members of each component with more than one node, or with an edge to itself.
    pub cyclic: Vec<Vec<NodeId>>,
}

struct Search<'heap> {
    heap: &'heap Heap,
    /// 0 = unseen; then the place in `open` + 1, lowered to that of the earliest node reached;
    /// `u32::MAX` = assigned.
    rank: Vec<u32>,
    /// Visited nodes that have no component yet.
    open: Vec<NodeId>,
    /// Nodes being visited.
    path: Vec<Visit>,
    found: Components,
}

/// A node being visited, and its next edge.
#[derive(Clone, Copy)]
struct Visit {
    node: NodeId,
    next: u32,
}

/// The strongly connected components of a heap that was built with its edges.
#[must_use]
pub fn components(heap: &Heap) -> Components {
    let found = Components { count: 0, cyclic: Vec::new() };
    let mut search = Search { heap, rank: vec![0; heap.len()], open: Vec::new(), path: Vec::new(), found };
    for node in heap.nodes() {
        if search.rank[node as usize] == 0 {
            search.run(node);
        }
    }
    search.found
}

impl Search<'_> {
    fn run(&mut self, start: NodeId) {
        self.enter(start);
        while let Some(&visit) = self.path.last() {
            match self.advance(visit) {
                Some(child) => self.enter(child),
                None => self.leave(visit),
            }
        }
    }

    fn enter(&mut self, node: NodeId) {
        let targets = self.heap.targets(node);
        if targets.is_empty() {
            // Most nodes are leaves: their own component, without ever being put on a stack.
            self.rank[node as usize] = u32::MAX;
            self.found.count += 1;
            return;
        }
        self.open.push(node);
        self.rank[node as usize] = self.open.len() as u32;
        self.path.push(Visit { node, next: 0 });
    }

    /// Follows edges of `node` until one leads to an unseen node.
    fn advance(&mut self, Visit { node, next }: Visit) -> Option<NodeId> {
        let targets = self.heap.targets(node);
        let mut lowest = self.rank[node as usize];
        for (number, &target) in targets.iter().enumerate().skip(next as usize) {
            let rank = self.rank[target as usize];
            if rank == 0 {
                self.rank[node as usize] = lowest;
                // Look at this edge again on the way back: the child's rank is known then.
                if let Some(top) = self.path.last_mut() {
                    top.next = number as u32;
                }
                return Some(target);
            }
            lowest = lowest.min(rank);
        }
        self.rank[node as usize] = lowest;
        None
    }

    fn leave(&mut self, Visit { node, .. }: Visit) {
        self.path.pop();
        // A node whose rank was lowered belongs to the component of an earlier one.
        let at = self.rank[node as usize] as usize - 1;
        if self.open[at] != node {
            return;
        }
        self.found.count += 1;
        for &member in &self.open[at..] {
            self.rank[member as usize] = u32::MAX;
        }
        if self.open.len() - at > 1 || self.heap.targets(node).contains(&node) {
            self.found.cyclic.push(self.open[at..].to_vec());
        }
        self.open.truncate(at);
    }
}

#[cfg(test)]
// Two numbers at a time, each an index into several tables.
#[allow(clippy::needless_range_loop)]
mod tests {
    use super::*;
    use crate::heap::{Builder, Edges};
    use proptest::prelude::*;

    fn heap(targets: &[Vec<usize>]) -> Heap {
        let address = |node: usize| 0x1000 + 0x10 * node as u64;
        let mut builder = Builder::new(Edges::Keep);
        for node in 0..targets.len() {
            builder.node(address(node));
        }
        for row in targets {
            builder.expand_next();
            for &target in row {
                builder.edge_to(address(target));
            }
        }
        builder.finish()
    }

    /// Floyd-Warshall on booleans: slow, obvious, and written without this module.
    fn reachable(targets: &[Vec<usize>]) -> Vec<Vec<bool>> {
        let size = targets.len();
        let mut reach: Vec<Vec<bool>> =
            targets.iter().map(|row| (0..size).map(|node| row.contains(&node)).collect()).collect();
        for middle in 0..size {
            for from in 0..size {
                for to in 0..size {
                    reach[from][to] |= reach[from][middle] && reach[middle][to];
                }
            }
        }
        reach
    }

    proptest! {
        #[test]
        fn two_nodes_share_a_component_when_each_reaches_the_other(
            targets in (1usize..12).prop_flat_map(|size| {
                proptest::collection::vec(proptest::collection::vec(0..size, 0..4), size)
            })
        ) {
            let reach = reachable(&targets);
            let cyclic = components(&heap(&targets)).cyclic;
            let together = |a: usize, b: usize| {
                cyclic.iter().any(|c| c.contains(&(a as NodeId)) && c.contains(&(b as NodeId)))
            };
            for a in 0..targets.len() {
                for b in 0..targets.len() {
                    prop_assert_eq!(together(a, b), reach[a][b] && reach[b][a]);
                }
            }
        }
    }
}

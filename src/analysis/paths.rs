//! Paths from roots: who keeps an object alive, each holder once, the nearest first.

use super::without::Cut;
use crate::heap::{Heap, NodeId};

/// The references of a heap the other way round: who refers to a node.
#[derive(Debug)]
pub struct Referrers {
    first: Vec<u32>,
    sources: Vec<NodeId>,
}

impl Referrers {
    /// Turns the references of a heap round. Needs one that was built with its edges.
    #[must_use]
    pub fn of(heap: &Heap) -> Self {
        let mut first = vec![0u32; heap.len() + 1];
        for source in heap.nodes() {
            heap.targets(source).iter().for_each(|&target| first[target as usize + 1] += 1);
        }
        for node in 0..heap.len() {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut sources = vec![0; heap.edge_count()];
        for source in heap.nodes() {
            for &target in heap.targets(source) {
                let place = &mut next[target as usize];
                sources[*place as usize] = source;
                *place += 1;
            }
        }
        Self { first, sources }
    }

    /// The nodes that refer to a node, with multiplicity.
    #[must_use]
    pub fn of_node(&self, node: NodeId) -> &[NodeId] {
        &self.sources[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }
}

/// Searches from objects back to roots. Its tables serve one search after the other.
#[derive(Debug)]
pub struct Search<'a> {
    heap: &'a Heap,
    referrers: &'a Referrers,
    cut: &'a Cut,
    /// Number of the search that met a node last.
    met: Vec<u32>,
    /// The next node on the way to the target.
    next: Vec<NodeId>,
    number: u32,
}

impl<'a> Search<'a> {
    /// A search on the heap without what is cut.
    #[must_use]
    pub fn new(heap: &'a Heap, referrers: &'a Referrers, cut: &'a Cut) -> Self {
        Self { heap, referrers, cut, met: vec![0; heap.len()], next: vec![0; heap.len()], number: 0 }
    }

    /// Shortest paths from roots to a node, both ends included, the shortest first; at most `limit`.
    ///
    /// Breadth-first from the target. A path ends at the first root that it meets, so that no two have a
    /// root in common, and each root holds the target without the help of the others: the target is freed
    /// when all of them let go, and not before. Roots are those of [`Cut::is_root`], and the nodes that
    /// `is_anchor` names. A target that is a root itself gives a path of length one.
    pub fn paths(&mut self, target: NodeId, limit: usize, is_anchor: impl Fn(NodeId) -> bool) -> Vec<Vec<NodeId>> {
        self.number += 1;
        self.met[target as usize] = self.number;
        let is_root = |node: NodeId| is_anchor(node) || self.cut.is_root(self.heap, node);
        let mut roots = Vec::new();
        let mut queue = std::collections::VecDeque::from([target]);
        while let Some(node) = queue.pop_front() {
            if roots.len() == limit {
                break;
            }
            if is_root(node) {
                roots.push(node);
                if node != target {
                    continue;
                }
            }
            for &source in self.referrers.of_node(node) {
                if self.met[source as usize] != self.number && self.cut.follows(source, node) {
                    self.met[source as usize] = self.number;
                    self.next[source as usize] = node;
                    queue.push_back(source);
                }
            }
        }
        roots.into_iter().map(|root| self.path(root, target)).collect()
    }

    fn path(&self, root: NodeId, target: NodeId) -> Vec<NodeId> {
        let mut path = vec![root];
        let mut node = root;
        while node != target {
            node = self.next[node as usize];
            path.push(node);
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::without::reached;
    use crate::heap::{Builder, Edges};
    use proptest::prelude::*;

    /// Builds a heap from (unexplained references, targets); node 0 first.
    fn heap(objects: &[(u32, Vec<u64>)]) -> Heap {
        let address = |node: u64| 0x1000 + 0x10 * node;
        let mut builder = Builder::new(Edges::Keep);
        for node in 0..objects.len() as u64 {
            builder.node(address(node));
        }
        for (number, (extra, targets)) in objects.iter().enumerate() {
            let (node, _) = builder.expand_next().expect("one node an object");
            let referred = objects.iter().flat_map(|(_, targets)| targets).filter(|&&to| to == number as u64).count();
            builder.count(node, extra + referred as u32);
            targets.iter().for_each(|&target| builder.edge_to(address(target)));
        }
        builder.finish()
    }

    fn paths(heap: &Heap, cut: &Cut, target: NodeId, limit: usize) -> Vec<Vec<NodeId>> {
        Search::new(heap, &Referrers::of(heap), cut).paths(target, limit, |_| false)
    }

    #[test]
    fn each_holder_has_one_path_and_the_nearest_comes_first() {
        // 0 -> 1 -> 2 -> 5 and 3 -> 5; 4 -> 3 is behind a root already.
        let heap = heap(&[(1, vec![1]), (0, vec![2]), (0, vec![5]), (1, vec![5]), (1, vec![3]), (0, vec![])]);
        assert_eq!(paths(&heap, &Cut::default(), 5, 9), [vec![3, 5], vec![0, 1, 2, 5]]);
        assert_eq!(paths(&heap, &Cut::default(), 5, 1), [vec![3, 5]]);
    }

    #[test]
    fn a_target_that_is_a_root_has_a_path_of_its_own_and_others_as_well() {
        let heap = heap(&[(1, vec![1]), (2, vec![])]);
        assert_eq!(paths(&heap, &Cut::default(), 1, 9), [vec![1], vec![0, 1]]);
    }

    #[test]
    fn a_cycle_through_the_target_is_no_holder() {
        let heap = heap(&[(0, vec![1]), (0, vec![0])]);
        assert!(paths(&heap, &Cut::default(), 0, 9).is_empty());
    }

    #[test]
    fn a_path_stops_at_an_anchor() {
        let heap = heap(&[(1, vec![1]), (0, vec![2]), (0, vec![])]);
        let (referrers, cut) = (Referrers::of(&heap), Cut::default());
        let mut search = Search::new(&heap, &referrers, &cut);
        assert_eq!(search.paths(2, 9, |node| node == 1), [vec![1, 2]]);
        // A second search starts afresh.
        assert_eq!(search.paths(2, 9, |_| false), [vec![0, 1, 2]]);
    }

    #[test]
    fn closed_nodes_and_cut_edges_are_no_way() {
        let heap = heap(&[(1, vec![2]), (1, vec![2]), (0, vec![])]);
        let mut cut = Cut::default();
        cut.close(0);
        assert_eq!(paths(&heap, &cut, 2, 9), [vec![1, 2]]);
        cut.edge(1, 2);
        assert!(paths(&heap, &cut, 2, 9).is_empty());
    }

    proptest! {
        /// A node has a path exactly when a mark from the roots reaches it, and every path is one.
        #[test]
        fn paths_agree_with_marking(
            objects in prop::collection::vec((0u32..2, prop::collection::vec(0u64..10, 0..3)), 10),
            closed in prop::option::of(0u32..10),
        ) {
            let heap = heap(&objects);
            let mut cut = Cut::default();
            closed.into_iter().for_each(|node| cut.close(node));
            let marks = reached(&heap, &cut);
            for target in heap.nodes().filter(|&node| cut.is_open(node)) {
                let found = paths(&heap, &cut, target, 99);
                prop_assert_eq!(!found.is_empty(), marks[target as usize]);
                for path in found {
                    prop_assert!(cut.is_root(&heap, path[0]));
                    prop_assert_eq!(*path.last().expect("never empty"), target);
                    let linked = path.windows(2).all(|pair| heap.targets(pair[0]).contains(&pair[1]));
                    prop_assert!(linked);
                }
            }
        }
    }
}

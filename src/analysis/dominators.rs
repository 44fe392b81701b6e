//! The dominator tree: what would go if one object went.
//!
//! A node dominates another one when every path from a root to that one leads through it. The node that does so
//! and is nearest is the immediate dominator, and these make a tree. What a node retains is its subtree.
//!
//! Source: L. Georgiadis, R. E. Tarjan, R. F. Werneck, "Finding Dominators in Practice" (Journal of Graph
//! Algorithms and Applications 10, 2006), section 2.3: semi-NCA. Semidominators as in T. Lengauer, R. E. Tarjan,
//! "A Fast Algorithm for Finding Dominators in a Flowgraph" (1979), by path compression; then each node's
//! dominator is its nearest tree ancestor that does not come after its semidominator.

use super::without::Cut;
use crate::heap::{Heap, NodeId};

/// References between numbered nodes, and which of these live by themselves.
pub trait Graph {
    /// Number of nodes.
    fn size(&self) -> usize;
    /// What a node refers to, with multiplicity.
    fn targets(&self, node: NodeId) -> &[NodeId];
    /// Whether a node lives without being referred to.
    fn is_root(&self, node: NodeId) -> bool;
    /// Whether a reference counts.
    fn follows(&self, _from: NodeId, _to: NodeId) -> bool {
        true
    }
}

/// A heap without what is cut.
impl Graph for (&Heap, &Cut) {
    fn size(&self) -> usize {
        self.0.len()
    }
    fn targets(&self, node: NodeId) -> &[NodeId] {
        self.0.targets(node)
    }
    fn is_root(&self, node: NodeId) -> bool {
        self.1.is_root(self.0, node)
    }
    fn follows(&self, from: NodeId, to: NodeId) -> bool {
        self.1.follows(from, to) && self.1.is_open(to)
    }
}

/// The tree. Its own root stands above all roots of the graph and is no node.
#[derive(Debug)]
pub struct Dominators {
    /// Place in `order` of each node; 0 when no root reaches it.
    place: Vec<u32>,
    /// Nodes in the order in which they were met, from place 1 on: each after its dominator.
    order: Vec<NodeId>,
    /// Place of the immediate dominator of what is at each place; 0 at the top.
    dominator: Vec<u32>,
}

impl Dominators {
    /// The tree of a graph.
    #[must_use]
    pub fn of(graph: &impl Graph) -> Self {
        let walk = Walk::of(graph);
        let semi = semidominators(&walk);
        let mut dominator = walk.parent;
        for place in 1..dominator.len() {
            let mut above = dominator[place];
            while above > semi[place] {
                above = dominator[above as usize];
            }
            dominator[place] = above;
        }
        let place = walk.met.iter().map(|met| met.place).collect();
        Self { place, order: walk.order, dominator }
    }

    /// Whether a root reaches a node.
    #[must_use]
    pub fn reaches(&self, node: NodeId) -> bool {
        self.place[node as usize] != 0
    }

    /// The immediate dominator of a node; `None` when only the roots together hold it, or nothing does.
    #[must_use]
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        let above = self.dominator[self.place[node as usize] as usize];
        (above != 0).then(|| self.order[above as usize])
    }

    /// Every node that a root reaches, each after its dominator.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeId> + '_ {
        self.order[1..].iter().copied()
    }

    /// Sum of the weights of what each node retains, itself included; 0 for what no root reaches.
    #[must_use]
    pub fn retained(&self, weight: impl Fn(NodeId) -> u64) -> Vec<u64> {
        let mut by_place = vec![0u64; self.order.len()];
        let mut sums = vec![0u64; self.place.len()];
        for place in (1..self.order.len()).rev() {
            let node = self.order[place];
            let sum = by_place[place] + weight(node);
            by_place[self.dominator[place] as usize] += sum;
            sums[node as usize] = sum;
        }
        sums
    }
}

/// What is known of a node: kept together, because nodes are met at random.
#[derive(Clone, Copy)]
struct Met {
    /// See [`Dominators::place`].
    place: u32,
    /// The last of its sources; [`ROOT`] when it needs none.
    sources: u32,
}

/// A place from which a node was met again, and the source of that node before it.
#[derive(Clone, Copy)]
struct Source {
    place: u32,
    next: u32,
}

const NONE: u32 = u32::MAX;
const ROOT: u32 = u32::MAX - 1;

/// A depth-first walk from the roots, whose places are preorder numbers.
struct Walk {
    met: Vec<Met>,
    order: Vec<NodeId>,
    /// Place from which what is at a place was met first; 0 of roots, for what is above one is no concern
    /// of those below it.
    parent: Vec<u32>,
    /// Chains of sources. Most nodes have one reference, and no source but the parent.
    sources: Vec<Source>,
}

impl Walk {
    fn of(graph: &impl Graph) -> Self {
        let met = |node| Met { place: 0, sources: if graph.is_root(node) { ROOT } else { NONE } };
        let mut walk = Self {
            met: (0..graph.size() as NodeId).map(met).collect(),
            order: Vec::with_capacity(graph.size() + 1),
            parent: Vec::with_capacity(graph.size() + 1),
            sources: Vec::new(),
        };
        walk.order.push(0);
        walk.parent.push(0);
        let mut path: Vec<Visit> = Vec::new();
        for node in 0..graph.size() as NodeId {
            if let Met { place: 0, sources: ROOT } = walk.met[node as usize] {
                path.push(Visit { node, place: walk.enter(node, 0), first: 0 });
                walk.follow(graph, &mut path);
            }
        }
        walk
    }

    #[inline]
    fn enter(&mut self, node: NodeId, parent: u32) -> u32 {
        let place = self.order.len() as u32;
        self.met[node as usize].place = place;
        self.order.push(node);
        self.parent.push(parent);
        place
    }

    /// Follows the references of the node at the end of the path, and of what is met, until none is left.
    fn follow(&mut self, graph: &impl Graph, path: &mut Vec<Visit>) {
        'next: while let Some(&Visit { node, place, first }) = path.last() {
            let targets = graph.targets(node);
            for (number, &target) in targets.iter().enumerate().skip(first as usize) {
                if !graph.follows(node, target) {
                    continue;
                }
                let met = &mut self.met[target as usize];
                if met.place == 0 {
                    let parent = if met.sources == ROOT { 0 } else { place };
                    let entered = self.enter(target, parent);
                    // Most nodes are leaves, and need not be put on the path.
                    if !graph.targets(target).is_empty() {
                        path.last_mut().expect("not empty").first = number as u32 + 1;
                        path.push(Visit { node: target, place: entered, first: 0 });
                        continue 'next;
                    }
                } else if met.sources != ROOT && target != node {
                    let source = Source { place, next: met.sources };
                    met.sources = self.sources.len() as u32;
                    self.sources.push(source);
                }
            }
            path.pop();
        }
    }
}

/// A node on the path of the walk, and its next reference.
#[derive(Clone, Copy)]
struct Visit {
    node: NodeId,
    place: u32,
    first: u32,
}

/// Place of the semidominator of what is at each place.
fn semidominators(walk: &Walk) -> Vec<u32> {
    let mut forest = Forest {
        trees: walk.parent.iter().zip(0..).map(|(&ancestor, place)| Tree { ancestor, lowest: place }).collect(),
        path: Vec::new(),
    };
    let mut semidominator = walk.parent.clone();
    for place in (1..walk.order.len() as u32).rev() {
        let semi = &mut semidominator[place as usize];
        let mut next = walk.met[walk.order[place as usize] as usize].sources;
        while let Some(source) = walk.sources.get(next as usize) {
            *semi = (*semi).min(forest.lowest(source.place, place + 1));
            next = source.next;
        }
        forest.trees[place as usize].lowest = *semi;
    }
    semidominator
}

/// The part of the walk's tree that was looked at already, with compressed paths.
struct Forest {
    trees: Vec<Tree>,
    /// Serves one call after the other.
    path: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Tree {
    ancestor: u32,
    /// The lowest semidominator on the compressed path up to the ancestor; the place itself as long as it was not
    /// looked at.
    lowest: u32,
}

impl Forest {
    /// The lowest semidominator between `place` and the part that was not looked at yet, which ends before `linked`.
    #[inline]
    fn lowest(&mut self, place: u32, linked: u32) -> u32 {
        let tree = self.trees[place as usize];
        if tree.ancestor < linked { tree.lowest } else { self.compress(place, linked) }
    }

    fn compress(&mut self, place: u32, linked: u32) -> u32 {
        let mut at = place;
        let mut tree = self.trees[at as usize];
        while tree.ancestor >= linked {
            self.path.push(at);
            at = tree.ancestor;
            tree = self.trees[at as usize];
        }
        while let Some(below) = self.path.pop() {
            let below = &mut self.trees[below as usize];
            tree.lowest = tree.lowest.min(below.lowest);
            *below = tree;
        }
        tree.lowest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{reached, retained};
    use crate::heap::{Builder, Edges};
    use proptest::prelude::*;

    /// Builds a heap from (unexplained references, targets); node 0 first.
    fn heap(objects: &[(u32, Vec<u64>)]) -> Heap {
        let address = |node: u64| 0x1000 + 0x10 * node;
        let mut counts: Vec<u32> = objects.iter().map(|(extra, _)| *extra).collect();
        objects.iter().flat_map(|(_, targets)| targets).for_each(|&target| counts[target as usize] += 1);
        let mut builder = Builder::new(Edges::Keep);
        for node in 0..objects.len() as u64 {
            builder.node(address(node));
        }
        for (count, (_, targets)) in counts.into_iter().zip(objects) {
            let (node, _) = builder.expand_next().expect("one node an object");
            builder.count(node, count);
            targets.iter().for_each(|&target| builder.edge_to(address(target)));
        }
        builder.finish()
    }

    fn parents(heap: &Heap) -> Vec<Option<NodeId>> {
        let tree = Dominators::of(&(heap, &Cut::default()));
        heap.nodes().map(|node| tree.parent(node)).collect()
    }

    #[test]
    fn what_two_roots_share_has_no_dominator() {
        // 0 -> 2 -> 3, 1 -> 3, 3 -> 4
        let heap = heap(&[(1, vec![2]), (1, vec![3]), (0, vec![3]), (0, vec![4]), (0, vec![])]);
        assert_eq!(parents(&heap), [None, None, Some(0), None, Some(3)]);
    }

    #[test]
    fn the_example_of_lengauer_and_tarjan() {
        // R A B C D E F G H I J K L of figure 1, as 0 to 12.
        let targets: [&[u64]; 13] =
            [&[1, 2, 3], &[4], &[1, 4, 5], &[6, 7], &[12], &[8], &[9], &[9, 10], &[5, 11], &[11], &[9], &[9, 0], &[8]];
        let objects: Vec<_> = targets.iter().enumerate().map(|(n, row)| (u32::from(n == 0), row.to_vec())).collect();
        let expected = [0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 7, 0, 4];
        let found: Vec<_> = parents(&heap(&objects)).into_iter().skip(1).collect();
        assert_eq!(found, expected[1..].iter().map(|&node| Some(node)).collect::<Vec<_>>());
    }

    #[test]
    fn a_list_as_long_as_a_heap_needs_no_stack() {
        let size = 300_000u64;
        let objects: Vec<_> =
            (0..size).map(|n| (u32::from(n == 0), if n + 1 < size { vec![n + 1, n / 2] } else { vec![] })).collect();
        let heap = heap(&objects);
        let tree = Dominators::of(&(&heap, &Cut::default()));
        assert_eq!(tree.retained(|_| 1)[7], size - 7);
        assert_eq!(tree.parent(size as NodeId - 1), Some(size as NodeId - 2));
    }

    fn objects(size: usize) -> impl Strategy<Value = Vec<(u32, Vec<u64>)>> {
        let row = (prop::bool::weighted(0.15), prop::collection::vec(0..size as u64, 0..4));
        prop::collection::vec(row.prop_map(|(root, targets)| (u32::from(root), targets)), size)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// The definition: a node dominates what is not reached without it, and the nearest such node is the parent.
        #[test]
        fn a_dominator_is_what_nothing_is_reached_without(
            objects in (1usize..24).prop_flat_map(objects),
            closed in prop::option::of(0u32..24),
        ) {
            let heap = heap(&objects);
            let mut cut = Cut::default();
            closed.into_iter().for_each(|node| cut.close(node));
            let alive = reached(&heap, &cut);
            let without: Vec<Vec<bool>> = heap.nodes().map(|node| {
                let mut without = cut.clone();
                without.close(node);
                reached(&heap, &without)
            }).collect();
            let dominates = |a: NodeId, b: NodeId| a != b && !without[a as usize][b as usize];
            let tree = Dominators::of(&(&heap, &cut));
            for node in heap.nodes() {
                prop_assert_eq!(tree.reaches(node), alive[node as usize]);
                if alive[node as usize] {
                    let above: Vec<NodeId> =
                        heap.nodes().filter(|&a| alive[a as usize] && dominates(a, node)).collect();
                    let nearest = above.iter().copied().find(|&a| above.iter().all(|&b| a == b || dominates(b, a)));
                    prop_assert_eq!(tree.parent(node), nearest);
                }
            }
        }

        /// The other way to the same sum: two marks for each node.
        #[test]
        fn what_is_retained_agrees_with_marking(objects in (1usize..60).prop_flat_map(objects)) {
            let heap = heap(&objects);
            let tree = Dominators::of(&(&heap, &Cut::default()));
            let weight = |node: NodeId| 3 + u64::from(node) * 7;
            let sums = tree.retained(weight);
            for node in heap.nodes() {
                let sum: u64 = retained(&heap, &[node]).into_iter().map(weight).sum();
                prop_assert_eq!(sums[node as usize], sum);
            }
        }
    }
}

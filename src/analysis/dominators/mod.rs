//! The dominator tree: what would go if one object went.
//!
//! A node dominates another one when every path from a root to that one leads through it. The node that does so
//! and is nearest is the immediate dominator, and these make a tree. What a node retains is its subtree.
//!
//! Source: L. Georgiadis, R. E. Tarjan, R. F. Werneck, "Finding Dominators in Practice" (Journal of Graph
//! Algorithms and Applications 10, 2006), section 2.3: semi-NCA. Semidominators as in T. Lengauer, R. E. Tarjan,
//! "A Fast Algorithm for Finding Dominators in a Flowgraph" (1979), by path compression; then each node's
//! dominator is its nearest tree ancestor that does not come after its semidominator.

mod forest;
#[cfg(test)]
mod tests;
mod walk;

use self::forest::semidominators;
use self::walk::Walk;
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

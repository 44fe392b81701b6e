//! Cycles among some nodes of a heap: their components, the shortest way round, and what hangs off.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::hidden::Hidden;
use super::scc::components;
use crate::heap::{Builder, Edges, Heap, NodeId};

/// So many edges are looked at in the search for one shortest cycle, at most.
const PATIENCE: usize = 4_000_000;

/// Some nodes of a heap, with the references among them; hidden ones count like all others. Nodes are those
/// of the heap.
#[derive(Debug)]
pub struct Island {
    nodes: Vec<NodeId>,
    places: FxHashMap<NodeId, u32>,
    /// Node `n` of this heap is `nodes[n]`.
    inner: Heap,
}

impl Island {
    /// The island of `nodes`, each of which is named once.
    #[must_use]
    pub fn new(heap: &Heap, hidden: &Hidden, nodes: Vec<NodeId>) -> Self {
        let mut builder = Builder::new(Edges::Keep);
        let places: FxHashMap<NodeId, u32> =
            nodes.iter().map(|&node| (node, builder.node(heap.address(node)))).collect();
        for &node in &nodes {
            builder.expand_next();
            let targets = heap.targets(node).iter().chain(hidden.targets(node).iter().map(|(target, _)| target));
            for target in targets.filter(|target| places.contains_key(target)) {
                builder.edge_to(heap.address(*target));
            }
        }
        Self { nodes, places, inner: builder.finish() }
    }

    /// Its nodes.
    #[must_use]
    pub fn nodes(&self) -> &[NodeId] {
        &self.nodes
    }

    /// Targets of a node's references, with multiplicity.
    pub fn targets(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let place = self.places.get(&node).copied();
        place.into_iter().flat_map(|place| self.inner.targets(place)).map(|&target| self.nodes[target as usize])
    }

    /// Its strongly connected components that have a cycle, each in the order of its nodes.
    #[must_use]
    pub fn components(&self) -> Vec<Vec<NodeId>> {
        let mut found = components(&self.inner).cyclic;
        for component in &mut found {
            component.sort_unstable();
            component.iter_mut().for_each(|place| *place = self.nodes[*place as usize]);
        }
        found.sort_unstable();
        found
    }

    /// Everything that some nodes reach, these included.
    #[must_use]
    pub fn reach(&self, from: &[NodeId]) -> FxHashSet<NodeId> {
        let mut reached: FxHashSet<NodeId> = from.iter().copied().collect();
        let mut pending = from.to_vec();
        while let Some(node) = pending.pop() {
            pending.extend(self.targets(node).filter(|&target| reached.insert(target)));
        }
        reached
    }

    /// What would go with some nodes, these included: what they reach, and nothing outside of that. `count`
    /// gives a node's references.
    #[must_use]
    pub fn retained(&self, from: &[NodeId], count: impl Fn(NodeId) -> i64) -> Vec<NodeId> {
        let mut reached = self.reach(from);
        let mut inside: FxHashMap<NodeId, i64> = FxHashMap::default();
        for &node in &reached {
            self.targets(node).for_each(|target| *inside.entry(target).or_default() += 1);
        }
        let own: FxHashSet<NodeId> = from.iter().copied().collect();
        let is_shared = |node: &NodeId| !own.contains(node) && count(*node) > inside.get(node).copied().unwrap_or(0);
        let mut pending: Vec<NodeId> = reached.iter().copied().filter(is_shared).collect();
        for node in &pending {
            reached.remove(node);
        }
        while let Some(node) = pending.pop() {
            pending.extend(self.targets(node).filter(|target| !own.contains(target) && reached.remove(target)));
        }
        let mut kept: Vec<NodeId> = reached.into_iter().collect();
        kept.sort_unstable();
        kept
    }

    /// The shortest cycles within `component` through each of `starts`, only those as short as any: each
    /// begins with its start and ends with the node that refers to it.
    #[must_use]
    pub fn shortest(&self, component: &[NodeId], starts: &[NodeId]) -> Vec<Vec<NodeId>> {
        let inside: FxHashSet<NodeId> = component.iter().copied().collect();
        let (mut best, mut found) = (usize::MAX, Vec::new());
        let mut patience = PATIENCE;
        for &start in starts {
            if let Some(path) = self.path(&inside, start, start, best, &mut patience) {
                if path.len() < best {
                    best = path.len();
                    found.clear();
                }
                found.push(path);
            }
        }
        found
    }

    /// The shortest way from one node to another within a component, without the last: at least one step,
    /// at most `longest`.
    #[must_use]
    pub fn way(&self, component: &[NodeId], from: NodeId, to: NodeId) -> Option<Vec<NodeId>> {
        let inside = component.iter().copied().collect();
        self.path(&inside, from, to, usize::MAX, &mut PATIENCE.clone())
    }

    fn path(
        &self,
        inside: &FxHashSet<NodeId>,
        from: NodeId,
        to: NodeId,
        longest: usize,
        patience: &mut usize,
    ) -> Option<Vec<NodeId>> {
        let mut parents: FxHashMap<NodeId, (NodeId, usize)> = FxHashMap::default();
        let mut pending = VecDeque::from([(from, 1)]);
        while let Some((node, length)) = pending.pop_front() {
            if length > longest {
                return None;
            }
            for target in self.targets(node) {
                *patience = patience.checked_sub(1)?;
                if target == to {
                    return Some(trail(&parents, from, node));
                }
                if inside.contains(&target) && target != from && !parents.contains_key(&target) {
                    parents.insert(target, (node, length));
                    pending.push_back((target, length + 1));
                }
            }
        }
        None
    }
}

fn trail(parents: &FxHashMap<NodeId, (NodeId, usize)>, from: NodeId, last: NodeId) -> Vec<NodeId> {
    let mut path = vec![last];
    while let Some(&(parent, _)) = path.last().filter(|&&node| node != from).and_then(|node| parents.get(node)) {
        path.push(parent);
    }
    path.reverse();
    path
}

#[cfg(test)]
#[path = "cycles_tests.rs"]
mod tests;

//! What the collector would see of what is lost.
//!
//! Source: CPython 3.12, `Modules/gcmodule.c`: `update_refs`, `subtract_refs`, `move_unreachable` and
//! `move_legacy_finalizer_reachable`, on counts that were copied out.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::analysis::Island;
use crate::heap::NodeId;
use crate::sys::{self, Capture, Facts};

/// Facts of the nodes of an island, and the collector's verdict on those that are lost.
pub(super) struct View {
    facts: FxHashMap<NodeId, Facts>,
    lost: FxHashSet<NodeId>,
    /// References to a lost object that the collector does not see come from lost ones.
    held: FxHashSet<NodeId>,
    /// What such objects reach: alive to the collector.
    alive: FxHashSet<NodeId>,
    /// What an object with `tp_del` reaches: given up.
    given_up: FxHashSet<NodeId>,
}

impl View {
    pub(super) fn new(capture: &Capture, island: &Island, lost: &[NodeId]) -> Self {
        let facts: FxHashMap<NodeId, Facts> =
            island.nodes().iter().filter_map(|&node| Some((node, sys::facts(capture, node)?))).collect();
        let lost: FxHashSet<NodeId> = lost.iter().copied().collect();
        let mut view = Self {
            facts,
            lost,
            held: FxHashSet::default(),
            alive: FxHashSet::default(),
            given_up: FxHashSet::default(),
        };
        view.held = view.roots();
        view.alive = view.spread(view.held.iter().copied());
        let legacy = |node: &NodeId| view.facts[node].legacy && !view.alive.contains(node);
        view.given_up = view.spread(view.tracked().filter(legacy));
        view
    }

    /// What is known of a node of the island; it is no thread.
    pub(super) fn facts(&self, node: NodeId) -> &Facts {
        &self.facts[&node]
    }

    /// Whether nothing reaches a node, hidden references included.
    pub(super) fn is_lost(&self, node: NodeId) -> bool {
        self.lost.contains(&node)
    }

    /// Lost objects that the collector looks at.
    fn tracked(&self) -> impl Iterator<Item = NodeId> {
        self.lost.iter().copied().filter(|node| self.facts.get(node).is_some_and(|facts| facts.tracked))
    }

    /// Objects with more references than the collector sees among what is lost.
    fn roots(&self) -> FxHashSet<NodeId> {
        let mut visited: FxHashMap<NodeId, u32> = FxHashMap::default();
        for node in self.tracked() {
            self.facts[&node].visits.iter().for_each(|&target| *visited.entry(target).or_default() += 1);
        }
        let seen = |node: NodeId| visited.get(&node).copied().unwrap_or(0);
        self.tracked().filter(|&node| self.facts[&node].references.is_none_or(|count| count > seen(node))).collect()
    }

    /// What some objects reach as the collector goes, these included.
    fn spread(&self, from: impl Iterator<Item = NodeId>) -> FxHashSet<NodeId> {
        let mut reached: FxHashSet<NodeId> = from.collect();
        let mut pending: Vec<NodeId> = reached.iter().copied().collect();
        while let Some(node) = pending.pop() {
            let visits = self.facts.get(&node).into_iter().flat_map(|facts| &facts.visits);
            pending.extend(visits.copied().filter(|target| self.lost.contains(target) && reached.insert(*target)));
        }
        reached
    }

    /// Whether the collector takes an object for garbage.
    pub(super) fn is_garbage(&self, node: NodeId) -> bool {
        self.is_lost(node) && self.facts[&node].tracked && !self.alive.contains(&node)
    }

    /// Whether references that the collector does not see hold an object.
    pub(super) fn is_held(&self, node: NodeId) -> bool {
        self.held.contains(&node)
    }

    /// Whether an object with `tp_del` reaches an object.
    pub(super) fn is_given_up(&self, node: NodeId) -> bool {
        self.given_up.contains(&node)
    }

    /// Whether a reference is one that the collector sees.
    pub(super) fn is_seen(&self, from: NodeId, to: NodeId) -> bool {
        self.facts[&from].visits.contains(&to)
    }
}

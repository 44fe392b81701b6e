//! The walk that dominators are made from: who is met from where, first and again.

use super::Graph;
use crate::heap::NodeId;

/// What is known of a node: kept together, because nodes are met at random.
#[derive(Clone, Copy)]
pub(super) struct Met {
    /// Place in the order of the walk; 0 when it was not met.
    pub(super) place: u32,
    /// The last of its sources; [`ROOT`] when it needs none.
    pub(super) sources: u32,
}

/// A place from which a node was met again, and the source of that node before it.
#[derive(Clone, Copy)]
pub(super) struct Source {
    pub(super) place: u32,
    pub(super) next: u32,
}

const NONE: u32 = u32::MAX;
const ROOT: u32 = u32::MAX - 1;

/// A depth-first walk from the roots, whose places are preorder numbers.
pub(super) struct Walk {
    pub(super) met: Vec<Met>,
    pub(super) order: Vec<NodeId>,
    /// Place from which what is at a place was met first; 0 of roots, for what is above one is no concern
    /// of those below it.
    pub(super) parent: Vec<u32>,
    /// Chains of sources. Most nodes have one reference, and no source but the parent.
    pub(super) sources: Vec<Source>,
}

impl Walk {
    pub(super) fn of(graph: &impl Graph) -> Self {
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

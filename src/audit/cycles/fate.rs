//! What becomes of a component, why, and the shortest cycles in it that show this.

use super::view::View;
use crate::analysis::{Hidden, Island, Via};
use crate::findings::Fate;
use crate::heap::NodeId;
use crate::sys::{self, Author, Authors, Capture, Describer};

/// So many cycles of a component are compared at most.
const MOST_STARTS: usize = 64;

/// A component's fate.
pub(super) struct Verdict {
    pub(super) fate: Fate,
    pub(super) reason: String,
    /// Cycles that show it, each from the member that closes it on.
    pub(super) paths: Vec<Vec<NodeId>>,
}

pub(super) struct Judge<'a> {
    capture: &'a Capture,
    hidden: &'a Hidden,
    island: &'a Island,
    view: &'a View,
    authors: Authors,
    pub(super) describer: Describer<'a>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(capture: &'a Capture, hidden: &'a Hidden, island: &'a Island, view: &'a View) -> Self {
        Self { capture, hidden, island, view, authors: Authors::new(), describer: Describer::new(capture) }
    }

    /// The fate of a component; `None` when it only goes on living through another one, or is alive.
    pub(super) fn verdict(&mut self, component: &[NodeId]) -> Option<Verdict> {
        if !component.iter().all(|&node| self.view.is_lost(node)) {
            return self.resurrected(component);
        }
        let tracked: Vec<NodeId> = component.iter().copied().filter(|&node| self.view.facts(node).tracked).collect();
        if tracked.is_empty() || tracked.iter().any(|&node| !self.view.is_garbage(node)) {
            return self.invisible(component);
        }
        if component.iter().any(|&node| self.view.is_given_up(node)) {
            return self.legacy(component);
        }
        if let Some(verdict) = self.uncleared(component).or_else(|| self.resurrected(component)) {
            return Some(verdict);
        }
        let paths = self.shortest(component, component.to_vec());
        Some(Verdict { fate: Fate::Collectable, reason: String::new(), paths })
    }

    /// Held by a reference that the collector does not see, within the component.
    fn invisible(&mut self, component: &[NodeId]) -> Option<Verdict> {
        let inside = |node: &NodeId| component.binary_search(node).is_ok();
        let mut edges: Vec<(bool, Author, NodeId, NodeId)> = Vec::new();
        for &from in component {
            for to in self.island.targets(from).filter(inside) {
                if !self.view.is_seen(from, to) {
                    edges.push((!self.view.is_held(to), self.authors.of(self.capture, from), from, to));
                }
            }
        }
        edges.sort_unstable();
        edges.dedup();
        let first = *edges.first()?;
        let same = edges.into_iter().take_while(|edge| (edge.0, edge.1) == (first.0, first.1));
        let ways = same.take(MOST_STARTS).filter_map(|(.., from, to)| {
            let back = if from == to { Vec::new() } else { self.island.way(component, to, from)? };
            Some([vec![from], back].concat())
        });
        let mut paths: Vec<Vec<NodeId>> = ways.collect();
        let shortest = paths.iter().map(Vec::len).min()?;
        paths.retain(|path| path.len() == shortest);
        let reason = paths.iter().map(|path| self.blind(path)).min()?;
        paths.retain(|path| self.blind(path) == reason);
        Some(Verdict { fate: Fate::Invisible, reason, paths })
    }

    /// Why the collector does not see the first reference of a path.
    fn blind(&mut self, path: &[NodeId]) -> String {
        let (from, to) = (path[0], *path.get(1).unwrap_or(&path[0]));
        let Some((name, has_traverse)) = self.authors.visitor(self.capture, from) else { return String::new() };
        let its_type = sys::type_of(self.capture, from) == Some(to);
        match (has_traverse, its_type, self.via(from, to)) {
            (false, true, _) => format!("`{name}` has no tp_traverse, so that instances hide their type"),
            (false, false, _) => format!("`{name}` refers to objects and has no tp_traverse"),
            (true, ..) if !self.view.facts(from).tracked => {
                format!("an instance of `{name}` is not tracked by the collector")
            }
            (true, true, _) => format!("tp_traverse of `{name}` does not visit the type of the instance"),
            (true, false, Some(Via::Field(offset))) => {
                format!("tp_traverse of `{name}` does not visit the field at offset {offset}")
            }
            (true, false, Some(Via::Block)) => {
                format!("tp_traverse of `{name}` does not visit what the instance keeps in other memory")
            }
            (true, false, None) => {
                format!("tp_traverse of `{name}` does not visit {}", self.describer.refers(from, to))
            }
        }
    }

    /// Where a hidden reference is kept; `None` when the model knows it as an edge.
    pub(super) fn via(&self, from: NodeId, to: NodeId) -> Option<Via> {
        self.hidden.targets(from).iter().find(|(target, _)| *target == to).map(|(_, via)| *via)
    }

    fn legacy(&mut self, component: &[NodeId]) -> Option<Verdict> {
        let starts: Vec<NodeId> = component.iter().copied().filter(|&node| self.view.facts(node).legacy).collect();
        let name = self.describer.type_name(*starts.first()?);
        let paths = self.shortest(component, starts);
        Some(Verdict { fate: Fate::Uncollectable, reason: format!("`{name}` has the legacy finalizer tp_del"), paths })
    }

    /// A cycle of members none of which lets go when the collector says so.
    fn uncleared(&mut self, component: &[NodeId]) -> Option<Verdict> {
        let rigid: Vec<NodeId> = component.iter().copied().filter(|&node| !self.view.facts(node).clears).collect();
        if rigid.is_empty() {
            return None;
        }
        let rigid = Island::new(&self.capture.heap, self.hidden, rigid);
        let inner = rigid.components().into_iter().next()?;
        let starts = self.best(inner.clone());
        let name = self.describer.type_name(*starts.first()?);
        let paths = rigid.shortest(&inner, &starts);
        let reason = match inner.len() {
            1 => format!("`{name}` has no tp_clear"),
            _ => format!("neither `{name}` nor another member of the cycle has a tp_clear"),
        };
        Some(Verdict { fate: Fate::Uncollectable, reason, paths })
    }

    /// The finalizer of a member has run, and it lives again.
    fn resurrected(&mut self, component: &[NodeId]) -> Option<Verdict> {
        let starts: Vec<NodeId> = component.iter().copied().filter(|&node| self.view.facts(node).finalized).collect();
        let first = *starts.first()?;
        let name = self.describer.type_name(first);
        let finalizer = self.view.facts(first).finalizer;
        let again = if self.view.is_lost(first) { "; the collector frees it without it" } else { "" };
        let reason = format!("the {finalizer} of `{name}` has run, and will not run again{again}");
        Some(Verdict { fate: Fate::Resurrected, reason, paths: self.shortest(component, starts) })
    }

    /// The shortest cycles through those of `starts` whose types say most. Each begins with the member that says
    /// most.
    fn shortest(&mut self, component: &[NodeId], starts: Vec<NodeId>) -> Vec<Vec<NodeId>> {
        let starts = self.best(starts);
        let paths = self.island.shortest(component, &starts);
        let first = paths.iter().map(|path| self.authors.of(self.capture, path[0])).min();
        paths.into_iter().filter(|path| Some(self.authors.of(self.capture, path[0])) == first).collect()
    }

    /// Those of some nodes whose types say most, at most [`MOST_STARTS`]: of the interpreter's types and of what
    /// they make, which is in cycles by nature, all.
    fn best(&mut self, nodes: Vec<NodeId>) -> Vec<NodeId> {
        let mut ranked: Vec<(Author, NodeId)> =
            nodes.into_iter().map(|node| (self.authors.of(self.capture, node), node)).collect();
        ranked.sort_unstable();
        let most = ranked.first().map_or(Author::Interpreter, |(author, _)| match author {
            Author::Definition => Author::Interpreter,
            author => *author,
        });
        let same = ranked.into_iter().take_while(|(author, _)| *author <= most);
        same.take(MOST_STARTS).map(|(_, node)| node).collect()
    }
}

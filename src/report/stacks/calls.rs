//! The stacks of all findings as one tree, outermost frame first.
//!
//! The nodes are in one list and point to each other by number, so that a stack of any depth needs
//! no recursion.

use super::super::visible::CELL;
use super::frame::{MISSING, class, in_between, name, whole};
use super::weight::{Unit, Weight};
use crate::document::{Finding, Frame, Trace};
use std::collections::BTreeMap;

/// What tells one node from its siblings, and what is written on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Call {
    /// Class of the style sheet.
    pub(super) class: &'static str,
    /// The function.
    pub(super) name: String,
    /// The whole frame, for the tooltip.
    pub(super) whole: String,
}

/// A frame in a context, and all that was born under it.
pub(super) struct Node {
    pub(super) call: Call,
    pub(super) weight: Weight,
    pub(super) children: Vec<usize>,
}

/// The tree; node 0 is its root, and stands for all.
pub(super) struct Calls {
    pub(super) nodes: Vec<Node>,
    pub(super) stacks: u64,
}

impl Calls {
    /// Stacks that weigh nothing in `unit` are left out. Children are heaviest first, then by name.
    pub(super) fn of(findings: &[Finding], unit: Unit) -> Self {
        let root = Call { class: "all", name: String::new(), whole: String::new() };
        let mut calls =
            Self { nodes: vec![Node { call: root, weight: Weight::default(), children: vec![] }], stacks: 0 };
        let mut index: BTreeMap<(usize, Call), usize> = BTreeMap::new();
        let traces = findings.iter().flat_map(|finding| &finding.traces);
        for trace in traces.filter(|trace| unit.of_trace(trace) > 0) {
            calls.stacks += 1;
            calls.nodes[0].weight.add(trace);
            let mut at = 0;
            for call in path(trace) {
                let next = calls.nodes.len();
                let child = *index.entry((at, call.clone())).or_insert(next);
                if child == next {
                    calls.nodes.push(Node { call, weight: Weight::default(), children: vec![] });
                    calls.nodes[at].children.push(child);
                }
                calls.nodes[child].weight.add(trace);
                at = child;
            }
        }
        calls.sort(unit);
        calls
    }

    fn sort(&mut self, unit: Unit) {
        for at in 0..self.nodes.len() {
            let mut children = std::mem::take(&mut self.nodes[at].children);
            let node = |child: usize| &self.nodes[child];
            children.sort_by(|a, b| {
                let heavier = unit.of(node(*b).weight).cmp(&unit.of(node(*a).weight));
                heavier.then_with(|| node(*a).call.cmp(&node(*b).call))
            });
            self.nodes[at].children = children;
        }
    }

    /// Takes out the outer frames that all stacks share when they are many; gives how many they were.
    pub(super) fn without_common(&mut self) -> usize {
        let mut chain = vec![];
        let mut at = 0;
        while let [only] = self.nodes[at].children[..] {
            if self.nodes[only].weight != self.nodes[0].weight {
                break;
            }
            chain.push(only);
            at = only;
        }
        // The last one stays, it is where the stacks part. A single stack does not part at all.
        if chain.len() <= 3 || self.nodes[at].children.is_empty() {
            return 0;
        }
        self.nodes[0].children = vec![at];
        chain.len() - 1
    }
}

/// The calls of a stack, outermost first; a run of interpreter and system frames is one.
fn path(trace: &Trace) -> Vec<Call> {
    let mut path = vec![];
    if trace.truncated {
        path.push(Call { class: "system", name: MISSING.into(), whole: MISSING.into() });
    }
    let frames: Vec<&Frame> = trace.frames.iter().rev().collect();
    for run in frames.chunk_by(|a, b| in_between(a) && in_between(b)) {
        path.push(match run {
            [frame] => Call { class: class(frame.origin), name: name(frame, CELL), whole: whole(frame, true) },
            _ => Call { class: "interpreter", name: "interpreter".into(), whole: "interpreter frames".into() },
        });
    }
    path
}

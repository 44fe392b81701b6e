//! The stacks of all findings as one tree, outermost frame first.
//!
//! The nodes are in one list and point to each other by number, so that a stack of any depth needs
//! no recursion. A document can have a million distinct frames, of which a few hundred are drawn: a
//! node borrows its frame, and becomes words only when it is drawn.

use super::super::visible::{CELL, visible};
use super::frame::{MISSING, class, in_between, name, whole};
use super::weight::{Unit, Weight};
use crate::document::{Finding, Frame, Trace};
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};

/// What a node stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Call<'a> {
    /// All stacks.
    All,
    /// The frames that truncated stacks lack.
    Missing,
    /// Interpreter and system frames in a row.
    Between,
    Frame(&'a Frame),
}

/// What tells a frame from its siblings.
type Key<'a> = (&'static str, &'a str, &'a str, u32, &'a str, &'a str);

impl<'a> Call<'a> {
    /// The address within the library matters only where no line is known.
    fn key(self) -> Key<'a> {
        match self {
            Self::All => ("all", "", "", 0, "", ""),
            Self::Missing => ("system", MISSING, "", 0, "", ""),
            Self::Between => ("interpreter", "", "", 0, "", ""),
            Self::Frame(frame) => {
                let offset = if frame.line > 0 { "" } else { frame.offset.as_str() };
                (class(frame.origin), &frame.function, &frame.file, frame.line, &frame.module, offset)
            }
        }
    }

    /// Class of the style sheet.
    pub(super) fn class(self) -> &'static str {
        self.key().0
    }

    /// The function.
    pub(super) fn name(self) -> String {
        match self {
            Self::All => String::new(),
            Self::Missing => MISSING.into(),
            Self::Between => "interpreter".into(),
            Self::Frame(frame) => visible(&name(frame, CELL), 80),
        }
    }

    /// The whole frame, for the tooltip.
    pub(super) fn whole(self) -> String {
        match self {
            Self::Between => "interpreter frames".into(),
            Self::Frame(frame) => visible(&whole(frame, true), 160),
            other => other.name(),
        }
    }
}

/// A frame in a context, and all that was born under it.
pub(super) struct Node<'a> {
    pub(super) call: Call<'a>,
    pub(super) weight: Weight,
    parent: u32,
}

/// The tree; node 0 is its root, and stands for all.
pub(super) struct Calls<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) stacks: u64,
    /// Children of all nodes, those of one side by side: of node `n` from `starts[n]` on.
    children: Vec<u32>,
    starts: Vec<u32>,
    /// From here on the tree is drawn: the frame where the stacks part.
    top: usize,
}

impl<'a> Calls<'a> {
    /// Stacks that weigh nothing in `unit` are left out.
    pub(super) fn of(findings: &'a [Finding], unit: Unit) -> Self {
        let mut nodes = vec![Node { call: Call::All, weight: Weight::default(), parent: 0 }];
        let mut index = Index::default();
        let mut stacks = 0;
        let mut calls = Vec::new();
        let traces = findings.iter().flat_map(|finding| &finding.traces);
        for trace in traces.filter(|trace| unit.of_trace(trace) > 0) {
            stacks += 1;
            nodes[0].weight.add(trace);
            path(trace, &mut calls);
            let mut at = 0;
            for call in &calls {
                at = index.child(&mut nodes, at, *call);
                nodes[at as usize].weight.add(trace);
            }
        }
        let (children, starts) = side_by_side(&nodes);
        Self { nodes, stacks, children, starts, top: 0 }
    }

    fn plain_children(&self, at: usize) -> &[u32] {
        &self.children[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// The children of a node, heaviest first, then by name.
    pub(super) fn children(&self, at: usize, unit: Unit) -> Vec<usize> {
        if at == 0 && self.top > 0 {
            return vec![self.top];
        }
        let mut children: Vec<usize> = self.plain_children(at).iter().map(|child| *child as usize).collect();
        children.sort_by(|a, b| {
            let (a, b) = (&self.nodes[*a], &self.nodes[*b]);
            unit.of(b.weight).cmp(&unit.of(a.weight)).then_with(|| a.call.key().cmp(&b.call.key()))
        });
        children
    }

    /// Takes out the outer frames that all stacks share when they are many; gives how many they were.
    pub(super) fn without_common(&mut self) -> usize {
        let mut shared = 0;
        let mut at = 0;
        while let [only] = *self.plain_children(at) {
            if self.nodes[only as usize].weight != self.nodes[0].weight {
                break;
            }
            shared += 1;
            at = only as usize;
        }
        // The last one stays, it is where the stacks part. A single stack does not part at all.
        if shared <= 3 || self.plain_children(at).is_empty() {
            return 0;
        }
        self.top = at;
        shared - 1
    }
}

/// Nodes by parent and digest of their key; of equal digests the second takes the next number.
#[derive(Default)]
struct Index {
    known: FxHashMap<(u32, u64), u32>,
}

impl Index {
    /// The child of a node for a call, made when there is none.
    fn child<'a>(&mut self, nodes: &mut Vec<Node<'a>>, parent: u32, call: Call<'a>) -> u32 {
        let key = call.key();
        let mut hasher = FxHasher::default();
        key.hash(&mut hasher);
        let mut digest = hasher.finish();
        let next = u32::try_from(nodes.len()).expect("fewer than 2^32 frames in a document");
        loop {
            let child = *self.known.entry((parent, digest)).or_insert(next);
            if child == next {
                nodes.push(Node { call, weight: Weight::default(), parent });
                return child;
            }
            if nodes[child as usize].call.key() == key {
                return child;
            }
            digest = digest.wrapping_add(1);
        }
    }
}

/// Children of all nodes by parent, and where those of each begin.
fn side_by_side(nodes: &[Node<'_>]) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0u32; nodes.len() + 1];
    for node in &nodes[1..] {
        starts[node.parent as usize + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    let mut children = vec![0u32; nodes.len() - 1];
    let mut free = starts.clone();
    for (number, node) in nodes.iter().enumerate().skip(1) {
        let place = &mut free[node.parent as usize];
        children[*place as usize] = number as u32;
        *place += 1;
    }
    (children, starts)
}

/// The calls of a stack, outermost first; a run of interpreter and system frames is one.
fn path<'a>(trace: &'a Trace, calls: &mut Vec<Call<'a>>) {
    calls.clear();
    if trace.truncated {
        calls.push(Call::Missing);
    }
    let mut run = 0;
    for frame in trace.frames.iter().rev() {
        run = if in_between(frame) { run + 1 } else { 0 };
        match run {
            0 | 1 => calls.push(Call::Frame(frame)),
            _ => *calls.last_mut().expect("a run has begun") = Call::Between,
        }
    }
}

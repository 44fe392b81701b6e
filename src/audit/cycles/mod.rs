//! Reference cycles on the model: what a call leaves behind for the collector, and what the collector will
//! make of it. No Python code runs, and nothing is freed.

mod fate;
mod groups;
mod view;
mod window;

pub(crate) use window::{CycleWindow, predicted};

use rustc_hash::FxHashSet;

use self::fate::{Judge, Verdict};
use self::groups::Groups;
use self::view::View;
use super::PSEUDO_IMMORTAL;
use crate::analysis::{Hidden, Island};
use crate::findings::Cycle;
use crate::heap::{NodeId, Pointer};
use crate::sys::{self, Capture};

/// Equal cycles, and every object that is in one of them.
#[derive(Debug)]
pub(crate) struct Circle {
    pub(crate) cycle: Cycle,
    pub(crate) nodes: Vec<NodeId>,
}

/// Cycles that one of `nodes` is in and that nothing outside reaches, or that a finalizer brought back: the
/// worst fate first. `pointers` are the words that point to these nodes, and to blocks that were born with them.
///
/// Valid for a capture since which nothing has run.
pub(crate) fn of_objects(
    capture: &Capture,
    nodes: &[NodeId],
    pointers: &[Pointer],
    subject: &str,
    scope: &[String],
) -> Vec<Circle> {
    let heap = &capture.heap;
    let hidden = Hidden::of(heap, pointers);
    let lost = hidden.lost(heap);
    let wanted: FxHashSet<NodeId> = nodes.iter().copied().filter(|&node| is_mortal(capture, node)).collect();
    // What is alive matters only when a finalizer brought it back.
    let came_back = wanted.iter().any(|&node| sys::is_finalized(capture, node));
    let alive = wanted.iter().copied().filter(|_| came_back);
    let mut members: Vec<NodeId> = lost.iter().copied().chain(alive).collect();
    members.sort_unstable();
    members.dedup();
    let island = Island::new(heap, &hidden, members);
    let view = View::new(capture, &island, &lost);
    let mut judge = Judge::new(capture, &hidden, &island, &view);
    let mut groups = Groups::new(capture, &island, &view);
    for component in island.components() {
        if component.iter().any(|node| wanted.contains(node))
            && let Some(Verdict { fate, reason, paths }) = judge.verdict(&component)
        {
            groups.add(&component, fate, reason, paths, &mut judge);
        }
    }
    groups.finish(subject, scope)
}

fn is_mortal(capture: &Capture, node: NodeId) -> bool {
    let heap = &capture.heap;
    node as usize >= capture.roots && !heap.is_permanent(node) && heap.unexplained(node) < PSEUDO_IMMORTAL
}

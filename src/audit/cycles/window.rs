//! A window without collections, and what is garbage at its end.

use rustc_hash::FxHashSet;

use super::view::View;
use super::{is_mortal, of_objects};
use crate::analysis::{Hidden, Island, garbage};
use crate::audit::landmarks;
use crate::audit::measurement::next_run;
use crate::event::RunId;
use crate::findings::Cycle;
use crate::heap::{Edges, NodeId, Pointer};
use crate::sys::{self, Capture, Describer};

/// The window of a search for cycles. The caller keeps the collector off while it is open.
#[derive(Debug, Default)]
pub(crate) struct CycleWindow {
    scope: Vec<String>,
    run: Option<RunId>,
    /// What was garbage to the model before, and stays so: earlier cycles that the collector cannot free.
    before: FxHashSet<u64>,
    /// Births are recorded as long as there is a window.
    _awake: sys::Awake,
}

impl CycleWindow {
    /// A window for which these modules or distributions are blamed; none for every extension.
    pub(crate) fn of(scope: Vec<String>) -> Self {
        sys::watch_libraries(&scope);
        Self { scope, ..Self::default() }
    }

    /// Settles, looks what is garbage all the same, and opens the window.
    pub(crate) fn open(&mut self) {
        sys::settle(sys::THOROUGH);
        let heap = sys::capture(Edges::Keep, sys::BEFORE_ANY_RUN, landmarks()).heap;
        self.before = garbage(&heap).into_iter().map(|node| heap.address(node)).collect();
        sys::watch_libraries(&self.scope);
        let run = next_run();
        self.run = Some(run);
        sys::stamp(run);
    }

    /// Closes the window.
    pub(crate) fn close(&mut self) {
        sys::stamp(RunId::NOBODY);
    }

    /// The cycles that were made or let go of since it was opened. Nothing may have run since it was closed.
    pub(crate) fn cycles(&self, subject: &str) -> Vec<Cycle> {
        let Some(run) = self.run else { return Vec::new() };
        let capture = sys::capture(Edges::Keep, run, landmarks());
        let heap = &capture.heap;
        let old = |node: &NodeId| self.before.contains(&heap.address(*node));
        let born = capture.born.iter().filter_map(|(_, object)| heap.find((*object)?));
        let born: Vec<NodeId> = born.filter(|node| !old(node)).collect();
        let pointers = words(&capture, &born);
        let nodes: Vec<NodeId> = garbage(heap).into_iter().filter(|node| !old(node)).chain(born).collect();
        of_objects(&capture, &nodes, &pointers, subject, &self.scope).into_iter().map(|circle| circle.cycle).collect()
    }
}

/// Words that point to what was born and has unexplained references, and to the memory that was born.
fn words(capture: &Capture, born: &[NodeId]) -> Vec<Pointer> {
    let heap = &capture.heap;
    let suspects = born.iter().filter(|&&node| is_mortal(capture, node) && heap.unexplained(node) > 0);
    let mut addresses: Vec<u64> = suspects.map(|&node| heap.address(node)).collect();
    if addresses.is_empty() {
        return Vec::new();
    }
    addresses.extend(capture.born.iter().filter(|(_, object)| object.is_none()).map(|(block, _)| block.address));
    sys::pointers(capture, &addresses, sys::Interpreter::Skip, &sys::StaleWords::default())
}

/// What the next full collection takes for garbage: address and type of each object. What the model takes for
/// garbage and the collector does not is marked.
pub(crate) fn predicted() -> Vec<(u64, String, bool)> {
    let capture = sys::capture(Edges::Keep, sys::BEFORE_ANY_RUN, landmarks());
    let lost = garbage(&capture.heap);
    let island = Island::new(&capture.heap, &Hidden::default(), lost.clone());
    let view = View::new(&capture, &island, &lost);
    let mut describer = Describer::new(&capture);
    let tracked = lost.into_iter().filter(|&node| view.facts(node).tracked);
    tracked.map(|node| (capture.heap.address(node), describer.type_name(node), view.is_garbage(node))).collect()
}

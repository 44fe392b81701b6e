//! Memory that holds objects: the words in it, and how people know it.

use rustc_hash::FxHashMap;

use crate::analysis::Search;
use crate::audit::places;
use crate::audit::words::{Words, block_of};
use crate::heap::{NodeId, Place};
use crate::sys::Capture;

/// Words, and the ways to the objects that some of them are in.
#[derive(Clone, Copy)]
pub(super) struct Memory<'a> {
    pub(super) words: &'a Words,
    /// The best path to each object with a hidden field.
    pub(super) routes: &'a FxHashMap<NodeId, Vec<NodeId>>,
    pub(super) scope: &'a [String],
}

impl Memory<'_> {
    /// `native block of 24 bytes, allocated in hold (holders.c:12)`
    pub(super) fn name(&self, address: u64) -> String {
        places::memory(address, self.scope).unwrap_or_else(|| format!("memory at {address:#x}"))
    }

    /// `a C frame of wait (threads.c:12), in thread …`
    pub(super) fn stack(&self, thread: u32, address: u64) -> String {
        places::stack(thread, address)
    }
}

/// Paths to the objects in whose hidden fields words are that lead to some things.
pub(super) fn routes(
    capture: &Capture,
    words: &mut Words,
    search: &mut Search<'_>,
    things: impl Iterator<Item = u64>,
    is_anchor: &dyn Fn(NodeId) -> bool,
) -> FxHashMap<NodeId, Vec<NodeId>> {
    /// Ways that are compared: one from a name says more than a shorter one.
    const WAYS: usize = 16;
    let mut routes = FxHashMap::default();
    let mut pending: Vec<u64> = things.collect();
    let mut seen: rustc_hash::FxHashSet<u64> = pending.iter().copied().collect();
    while let Some(thing) = pending.pop() {
        for &place in words.to(thing) {
            pending.extend(block_of(place).filter(|block| seen.insert(*block)));
            let Place::Field { node, .. } = place else { continue };
            if !routes.contains_key(&node) {
                let paths = search.paths(node, WAYS, is_anchor);
                let named = paths.iter().find(|path| is_anchor(path[0])).or(paths.first());
                routes.extend(named.map(|path| (node, path.clone())));
            }
        }
    }
    let roots = routes.values().map(|path| path[0]).filter(|&root| root as usize >= capture.roots && !is_anchor(root));
    words.look(capture, roots.map(|root| capture.heap.address(root)).collect::<Vec<u64>>().into_iter());
    routes
}

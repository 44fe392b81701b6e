//! Counts of all objects by type, in tracemalloc's manner.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::{PSEUDO_IMMORTAL, landmarks};
use crate::heap::Edges;
use crate::sys::{self, Describer};

/// All objects of one type at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Statistic {
    pub(crate) type_name: String,
    pub(crate) count: u64,
    /// Sum of unexplained references.
    pub(crate) unexplained: i64,
    /// Shallow bytes.
    pub(crate) size: u64,
}

/// Settles and counts, by type name.
///
/// From the first call on births are recorded until the process ends: somebody compares moments.
pub(crate) fn statistics() -> Vec<Statistic> {
    static WATCHING: OnceLock<sys::Awake> = OnceLock::new();
    WATCHING.get_or_init(sys::Awake::new);
    sys::settle(sys::THOROUGH);
    let capture = sys::capture(Edges::Count, sys::BEFORE_ANY_RUN, landmarks());
    let mut describer = Describer::new(&capture);
    let mut found: FxHashMap<String, Statistic> = FxHashMap::default();
    for node in capture.heap.nodes().skip(capture.roots) {
        let name = describer.type_name(node);
        let size = describer.size(node);
        let entry = found.entry(name).or_default();
        entry.count += 1;
        entry.size += size;
        let unexplained = capture.heap.unexplained(node);
        entry.unexplained += if unexplained < PSEUDO_IMMORTAL { i64::from(unexplained) } else { 0 };
    }
    let mut all: Vec<Statistic> =
        found.into_iter().map(|(type_name, statistic)| Statistic { type_name, ..statistic }).collect();
    all.sort_by(|a, b| a.type_name.cmp(&b.type_name));
    all
}

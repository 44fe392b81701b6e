//! How well the model explains this process: what `refaudit doctor` shows.

use super::{PSEUDO_IMMORTAL, landmarks};
use crate::analysis::{Cut, Dominators, components, garbage};
use crate::heap::Edges;
use crate::sys::{self, Describer};

/// An object with references that the model cannot account for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unaccounted {
    pub(crate) type_name: String,
    pub(crate) label: String,
    /// Unexplained references before statics are looked at; negative = over-explained.
    pub(crate) references: i64,
    /// Words in static areas that explain some of them.
    pub(crate) statics: i64,
    /// The likely holder, in words.
    pub(crate) holder: String,
}

/// The model of this process in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    pub(crate) objects: usize,
    pub(crate) edges: usize,
    /// Bytes of the model, outside of the Python heap.
    pub(crate) bytes: usize,
    pub(crate) complete: bool,
    /// Sum of unexplained references of mortal objects.
    pub(crate) unexplained: i64,
    /// What is left of it when static areas are searched.
    pub(crate) remaining: i64,
    /// Sum of over-explained references.
    pub(crate) negative: i64,
    /// Objects that nothing reaches in the model; 0 in a settled process.
    pub(crate) garbage: usize,
    pub(crate) components: usize,
    pub(crate) unaccounted: Vec<Unaccounted>,
}

/// Settles (unless told otherwise) and examines the process.
pub(crate) fn diagnose(settle: bool) -> Diagnosis {
    if settle {
        sys::settle(sys::THOROUGH);
    }
    let capture = sys::capture(Edges::Keep, sys::BEFORE_ANY_RUN, landmarks());
    let heap = &capture.heap;
    let odd = heap.nodes().skip(capture.roots).filter(|&node| heap.unexplained(node) != 0);
    let odd: Vec<_> = odd.filter(|&node| heap.unexplained(node) < PSEUDO_IMMORTAL).collect();
    let addresses: Vec<u64> = odd.iter().map(|&node| heap.address(node)).collect();
    let pointers = sys::pointers(&capture, &addresses, sys::Interpreter::Search, &sys::StaleWords::default());
    let mut describer = Describer::new(&capture);
    let mut found = Diagnosis {
        objects: heap.len() - capture.roots,
        edges: heap.edge_count(),
        bytes: heap.bytes(),
        complete: capture.complete,
        unexplained: 0,
        remaining: 0,
        negative: 0,
        garbage: garbage(heap).len(),
        components: components(heap).count,
        unaccounted: Vec::new(),
    };
    let mut statics = rustc_hash::FxHashMap::<u64, (i64, Option<crate::heap::Place>)>::default();
    for pointer in &pointers {
        let entry = statics.entry(pointer.target).or_default();
        entry.0 += 1;
        entry.1 = entry.1.or(Some(pointer.place));
    }
    for node in odd {
        let references = i64::from(heap.unexplained(node));
        let (words, place) = statics.get(&heap.address(node)).copied().unwrap_or_default();
        let explained = words.min(references.max(0));
        found.unexplained += references.max(0);
        found.negative += references.min(0);
        found.remaining += references.max(0) - explained;
        found.unaccounted.push(Unaccounted {
            type_name: describer.type_name(node),
            label: describer.label(node),
            references,
            statics: explained,
            holder: place.map_or_else(|| likely(&capture, node), |place| describer.place(place).1),
        });
    }
    found.unaccounted.sort_by(|a, b| {
        (b.references - b.statics, &a.type_name, &a.label).cmp(&(a.references - a.statics, &b.type_name, &b.label))
    });
    found
}

/// Seconds that the parts of a snapshot take, and what it is of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    pub(crate) snapshot: f64,
    pub(crate) unexplained: f64,
    pub(crate) components: f64,
    pub(crate) objects: usize,
    pub(crate) bytes: usize,
}

/// Takes a snapshot with its edges, and times its parts. For the benchmarks.
pub(crate) fn time_snapshot() -> Timing {
    let timed = std::time::Instant::now();
    let capture = sys::capture(Edges::Keep, sys::BEFORE_ANY_RUN, landmarks());
    let snapshot = timed.elapsed().as_secs_f64();
    let timed = std::time::Instant::now();
    std::hint::black_box(sys::summarise(&capture, None));
    let unexplained = timed.elapsed().as_secs_f64();
    let timed = std::time::Instant::now();
    std::hint::black_box(components(&capture.heap));
    let components = timed.elapsed().as_secs_f64();
    Timing { snapshot, unexplained, components, objects: capture.heap.len(), bytes: capture.heap.bytes() }
}

/// Seconds to search for words that point to objects, and how many were found. For the benchmarks.
pub(crate) fn time_holders(addresses: &[u64]) -> (f64, usize) {
    let capture = sys::capture(Edges::Keep, sys::BEFORE_ANY_RUN, landmarks());
    let timed = std::time::Instant::now();
    let found = sys::pointers(&capture, addresses, sys::Interpreter::Skip, &sys::StaleWords::default());
    (timed.elapsed().as_secs_f64(), found.len())
}

/// Takes a snapshot with its edges and, when asked to, makes its dominator tree with the retained size of every
/// object. For the benchmarks, which time it from outside: the CPU's time is told there.
pub(crate) fn snapshot_and_dominators(tree: bool) {
    let capture = sys::capture(Edges::Keep, sys::BEFORE_ANY_RUN, landmarks());
    if tree {
        let tree = Dominators::of(&(&capture.heap, &Cut::default()));
        std::hint::black_box(tree.retained(|_| 1));
    }
    std::hint::black_box(&capture);
}

/// Who probably holds an object that no word in sight points to.
fn likely(capture: &sys::Capture, node: crate::heap::NodeId) -> String {
    if capture.heap.unexplained(node) < 0 {
        "over-explained: a borrowed reference is visited".into()
    } else {
        "memory from malloc, or the stack of a running C function".into()
    }
}

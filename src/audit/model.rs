//! The live process as a model heap, and what special builds of CPython count.

use super::{PSEUDO_IMMORTAL, landmarks};
use crate::heap::model::{Facts, ModelHeap, Rules};
use crate::heap::{Edges, NodeId};
use crate::sys::{self, Capture, Describer};

/// What 3.11 gives its static objects as a first count (`_PyObject_IMMORTAL_REFCNT`), without counting it.
const STATIC_COUNT: i64 = 999_999_999;

/// An object of the process, in words and numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) address: u64,
    pub(crate) type_name: String,
    pub(crate) label: String,
    /// `None` for an immortal object.
    pub(crate) references: Option<i64>,
    pub(crate) bytes: u64,
}

fn capture() -> Capture {
    sys::capture(Edges::Keep, sys::BEFORE_ANY_RUN, landmarks())
}

/// A copy of the process, as it is: nothing is collected before.
pub(crate) fn model(rules: Rules) -> ModelHeap {
    let capture = capture();
    let mut describer = Describer::new(&capture);
    ModelHeap::from_graph(rules, &capture.heap, |node| {
        let seen = sys::collectable(&capture, node);
        Facts {
            type_name: describer.type_name(node),
            size: describer.size(node),
            gc: seen.gc,
            clear: seen.clear,
            finalizer: seen.finalizer,
            legacy_del: seen.legacy_del,
        }
    })
}

/// How many references of the heap refer to each node.
fn inward(capture: &Capture) -> Vec<u32> {
    let mut inward = vec![0; capture.heap.len()];
    capture.heap.nodes().flat_map(|node| capture.heap.targets(node)).for_each(|&to| inward[to as usize] += 1);
    inward
}

fn references(capture: &Capture, inward: &[u32], node: NodeId) -> Option<i64> {
    let explained = i64::from(inward[node as usize]);
    (!capture.heap.is_permanent(node)).then(|| i64::from(capture.heap.unexplained(node)) + explained)
}

/// The sum of all reference counts, those of dict keys among them; immortal objects are left out.
pub(crate) fn total_references() -> i64 {
    let capture = capture();
    let inward = inward(&capture);
    let counts = capture.heap.nodes().skip(capture.roots).filter_map(|node| references(&capture, &inward, node));
    let gained = |count: i64| if count > i64::from(PSEUDO_IMMORTAL) { count - STATIC_COUNT } else { count };
    let tables: i64 = capture.heap.nodes().map(|node| sys::key_tables(&capture, node)).sum();
    counts.map(gained).sum::<i64>() + tables
}

/// Every object, or those of exactly one type: by its address, or by its name.
pub(crate) fn live_objects(type_address: Option<u64>, type_name: Option<&str>) -> Vec<Row> {
    let capture = capture();
    let inward = inward(&capture);
    let mut describer = Describer::new(&capture);
    let mut rows = Vec::new();
    for node in capture.heap.nodes().skip(capture.roots) {
        if type_address.is_some() && sys::type_address(&capture, node) != type_address {
            continue;
        }
        let name = describer.type_name(node);
        if type_name.is_none_or(|wanted| wanted == name) {
            rows.push(Row {
                address: capture.heap.address(node),
                type_name: name,
                label: describer.label(node),
                references: references(&capture, &inward, node),
                bytes: describer.size(node),
            });
        }
    }
    rows
}

/// The object that is still of that type at an address.
fn still_there(
    capture: &Capture,
    describer: &mut Describer<'_>,
    (address, type_name): &(u64, String),
) -> Option<NodeId> {
    capture.heap.find(*address).filter(|&node| describer.type_name(node) == *type_name)
}

/// Labels of objects, each an address and a type; `None` for one that is gone.
pub(crate) fn describe(objects: &[(u64, String)]) -> Vec<Option<String>> {
    let capture = capture();
    let mut describer = Describer::new(&capture);
    let mut label = |object| still_there(&capture, &mut describer, object).map(|node| describer.label(node));
    objects.iter().map(&mut label).collect()
}

/// How one object refers to another, in words; `None` when one is gone, or the reference is.
pub(crate) fn describe_reference(from: &(u64, String), to: &(u64, String)) -> Option<String> {
    let capture = capture();
    let mut describer = Describer::new(&capture);
    let from = still_there(&capture, &mut describer, from)?;
    let to = still_there(&capture, &mut describer, to)?;
    capture.heap.targets(from).contains(&to).then(|| describer.refers(from, to))
}

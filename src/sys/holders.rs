//! Conservative search for words that point to suspects.
//!
//! Looks where the edge function cannot: writable data of loaded libraries, bodies of objects
//! beyond what `tp_traverse` reports, and live blocks that are no objects. Done once, in batch, at
//! a quiescent point: inside the leaking call's frames stale words would lie. The suspects stand
//! in tables outside of all that is searched.

use core::ops::Range;

use pyo3::ffi;
use rustc_hash::{FxHashMap, FxHashSet};

use super::capture::{Capture, is_dead_frame};
use super::cpython::{Object, Type, owned_blocks, read};
use super::hook::CENSUS;
use super::probe::copied;
use super::segments::{all_segments, interpreter_state, segments};
use crate::event::{Block, Domain, Route};
use crate::heap::{Heap, NodeId, Place, Pointer};

/// So much of a native block is searched at most: mappings can have any size.
const MOST_OF_A_BLOCK: u64 = 64 << 20;
/// Largest block that pymalloc serves itself.
const SMALL: u64 = 512;

/// Suspects with a range that rules most words out at once.
struct Suspects {
    addresses: FxHashSet<u64>,
    /// Native blocks in order of address: C++ and Rust often keep a pointer into the middle of one,
    /// which LeakSanitizer counts as a pointer to it, too.
    spans: Vec<Range<u64>>,
    range: Range<u64>,
}

impl Suspects {
    fn new(addresses: &[u64]) -> Self {
        let native = |&address: &u64| CENSUS.find(address).filter(|block| block.domain == Domain::Native);
        let mut spans: Vec<Range<u64>> =
            addresses.iter().filter_map(native).map(|block| block.address..block.address + reach(&block)).collect();
        spans.sort_unstable_by_key(|span| span.start);
        let ends = addresses.iter().map(|address| address + 1).chain(spans.iter().map(|span| span.end));
        let range = addresses.iter().copied().min().unwrap_or(0)..ends.max().unwrap_or(0);
        Self { addresses: addresses.iter().copied().collect(), spans, range }
    }

    /// The suspect that a word points to.
    #[inline]
    fn meant(&self, word: u64) -> Option<u64> {
        if !self.range.contains(&word) {
            return None;
        }
        if self.addresses.contains(&word) {
            return Some(word);
        }
        let span = self.spans[..self.spans.partition_point(|span| span.start <= word)].last()?;
        (word < span.end).then_some(span.start)
    }

    /// Calls `hit` with the address of each word of a stretch that points to a suspect.
    #[inline]
    fn search(&self, stretch: Range<u64>, mut hit: impl FnMut(u64, u64)) {
        for at in stretch.step_by(8) {
            // SAFETY: callers pass stretches of live, readable memory.
            let word: u64 = unsafe { read(at, 0) };
            if let Some(target) = self.meant(word) {
                hit(at, target);
            }
        }
    }

    /// The same for memory that may be gone: a native block that somebody freed unseen. It is read by
    /// the kernel, which says so instead of crashing.
    fn search_copy(&self, stretch: Range<u64>, mut hit: impl FnMut(u64)) {
        let mut copy = [0u64; 512];
        let mut at = stretch.start;
        while at < stretch.end.min(stretch.start + MOST_OF_A_BLOCK) {
            let Ok(words) = copied(at, &mut copy[..((stretch.end - at) / 8).min(512) as usize]) else { return };
            words.iter().filter_map(|&word| self.meant(word)).for_each(&mut hit);
            at += 4096;
        }
    }
}

/// How far pointers into a native block reach. The bins of glibc's `malloc` point to free chunks 16
/// bytes before their memory, which is in the last word of the block before when that uses it.
fn reach(block: &Block) -> u64 {
    const HEADER: u64 = 8;
    let chunk = ((block.size + HEADER + 15) & !15).max(32);
    if block.route == Route::Mmap { block.size } else { block.size.min(chunk - 16) }.max(1)
}

/// Whether the interpreter's own state is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interpreter {
    /// Yes: to see how well the model explains a process.
    Search,
    /// No: its emptied free lists and argument slots are full of stale words.
    Skip,
}

/// Every word in sight that points to one of `addresses`.
pub(crate) fn pointers(capture: &Capture, addresses: &[u64], interpreter: Interpreter) -> Vec<Pointer> {
    let suspects = Suspects::new(addresses);
    let mut found = Vec::new();
    let state = interpreter_state();
    // Our own statics hold our own types.
    let searched = if interpreter == Interpreter::Search { all_segments() } else { segments() };
    for segment in searched {
        suspects.search(segment.range, |at, target| {
            if interpreter == Interpreter::Search || !state.iter().any(|range| range.contains(&at)) {
                found.push(Pointer { target, place: Place::Static { address: at } });
            }
        });
    }
    if interpreter == Interpreter::Search {
        for range in state.into_iter().skip(1) {
            suspects.search(range, |at, target| found.push(Pointer { target, place: Place::Static { address: at } }));
        }
    }
    let arrays = hidden_fields(capture, &suspects, &mut found);
    blocks(&capture.heap, &suspects, &arrays, &mut found);
    found
}

/// Searches the bodies of objects. Returns the arrays of plain containers, whose words are edges.
fn hidden_fields(capture: &Capture, suspects: &Suspects, found: &mut Vec<Pointer>) -> FxHashSet<u64> {
    let mut arrays = FxHashSet::default();
    search_objects(capture, suspects, &mut arrays, |node, offset, target| {
        found.push(Pointer { target, place: Place::Field { node, offset } });
    });
    arrays
}

/// Calls `hit` with node, offset and target for each word of an object that points to one of
/// `blocks`: its array, its table, its buffer.
pub(super) fn each_object_word(capture: &Capture, blocks: &FxHashSet<u64>, hit: impl FnMut(NodeId, u32, u64)) {
    let blocks: Vec<u64> = blocks.iter().copied().collect();
    search_objects(capture, &Suspects::new(&blocks), &mut FxHashSet::default(), hit);
}

fn search_objects(
    capture: &Capture,
    suspects: &Suspects,
    arrays: &mut FxHashSet<u64>,
    mut hit: impl FnMut(NodeId, u32, u64),
) {
    let heap = &capture.heap;
    let mut bodies: FxHashMap<u64, Body> = FxHashMap::default();
    for node in heap.nodes().skip(capture.roots) {
        // SAFETY: a node of the capture just made; nothing has run since.
        let object = unsafe { Object::new(heap.address(node)) };
        for target in owned_blocks(object) {
            arrays.insert(target);
            if suspects.addresses.contains(&target) {
                hit(node, 0, target);
            }
        }
        match *bodies.entry(object.kind().address()).or_insert_with(|| Body::of(object)) {
            Body::Plain => {}
            Body::Fields(size) => fields(heap, node, size, suspects, &mut hit),
            // A static type is shorter than its metatype says, and may end where memory ends.
            Body::Class(size) if is_heap_type(object) => fields(heap, node, size, suspects, |node, offset, target| {
                if heap.find(target).is_none() {
                    hit(node, offset, target);
                }
            }),
            Body::Class(_) => {}
        }
    }
}

/// What the body of a type's instances may hide.
#[derive(Clone, Copy)]
enum Body {
    /// Nothing: no references, all of them reported, or borrowed ones.
    Plain,
    /// So many bytes of fields.
    Fields(u64),
    /// The same of a class, where only blocks count: it caches borrowed references.
    Class(u64),
}

impl Body {
    fn of(object: Object) -> Self {
        let kind = object.kind();
        let plain = ffi::Py_TPFLAGS_LONG_SUBCLASS
            | ffi::Py_TPFLAGS_UNICODE_SUBCLASS
            | ffi::Py_TPFLAGS_BYTES_SUBCLASS
            | ffi::Py_TPFLAGS_TUPLE_SUBCLASS
            | ffi::Py_TPFLAGS_LIST_SUBCLASS
            | ffi::Py_TPFLAGS_DICT_SUBCLASS;
        // SAFETY: a live object; the check only reads its type.
        let weak = unsafe { ffi::PyWeakref_Check(object.as_ptr()) != 0 };
        if weak || (kind.has(plain) && !kind.is_heap()) {
            Self::Plain
        } else if kind.has(ffi::Py_TPFLAGS_TYPE_SUBCLASS) {
            Self::Class(kind.basic_size() as u64)
        } else {
            Self::Fields(kind.basic_size() as u64)
        }
    }
}

fn is_heap_type(object: Object) -> bool {
    // SAFETY: asked of classes only.
    unsafe { Type::new(object.address()) }.is_heap()
}

fn fields(heap: &Heap, node: NodeId, size: u64, suspects: &Suspects, mut hit: impl FnMut(NodeId, u32, u64)) {
    let body = heap.address(node);
    let mut words: Vec<(u64, u64)> = Vec::new();
    // The count and the type come first.
    suspects.search(body + 16..body + size.max(16) / 8 * 8, |at, target| words.push((at, target)));
    for (number, &(at, target)) in words.iter().enumerate() {
        let reported = heap.targets(node).iter().filter(|&&edge| heap.address(edge) == target).count();
        let earlier = words[..number].iter().filter(|word| word.1 == target).count();
        if earlier >= reported {
            hit(node, (at - body) as u32, target);
        }
    }
}

/// Searches live blocks that hold no object and are no container's array.
fn blocks(heap: &Heap, suspects: &Suspects, arrays: &FxHashSet<u64>, found: &mut Vec<Pointer>) {
    CENSUS.for_each(|block| {
        // Within the block: what comes after a short one is its neighbour.
        let starts = [0, 16, 32].into_iter().filter(|&skip| skip < block.size);
        let is_object = starts.map(|skip| block.address + skip).any(|start| heap.find(start).is_some());
        if is_object || arrays.contains(&block.address) || is_dead_frame(&block) {
            return;
        }
        // The first word of a small block that nobody wrote to is pymalloc's link to the block that
        // was free next, and very often born next.
        let skip = if block.size <= SMALL { 8 } else { 0 };
        let end = block.address + block.size / 8 * 8;
        if block.domain == Domain::Native {
            suspects.search_copy(block.address..end, |target| {
                found.push(Pointer { target, place: Place::Native { address: block.address } });
            });
            return;
        }
        suspects.search((block.address + skip).min(end)..end, |_, target| {
            found.push(Pointer { target, place: Place::Block { address: block.address } });
        });
    });
}

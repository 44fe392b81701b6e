//! Fills the model heap from the live interpreter.
//!
//! No Python object is created and no Python code runs: enumeration, edges and counts are read,
//! and every table lives outside the Python heap. The GIL is held throughout.

use pyo3::ffi;
use rustc_hash::FxHashSet;

use super::cpython::{
    EdgeWalk, Object, Type, dict, is_linked, list, lookup_of, read, thread_references, threads, tracked,
};
use super::holders::each_object_word;
use super::hook::{CENSUS, newest_serial};
use super::segments::extension_segments;
use crate::event::{Block, Domain, RunId, Serial};
use crate::heap::{Builder, Edges, Heap, Snapshot, Unexplained};

/// How far ahead objects are fetched into the cache, and then the tables that they point to.
const OBJECTS_AHEAD: usize = 12;
const TABLES_AHEAD: usize = 6;

/// A filled model heap, and what only the walk could know.
pub(crate) struct Capture {
    pub(crate) heap: Heap,
    /// Live blocks that were born in an audited run, with the object that lives in each.
    pub(crate) born: Vec<(Block, Option<u64>)>,
    /// How many of the first nodes are threads, not objects.
    pub(crate) roots: usize,
    /// Whether every object that the collector tracks was found.
    pub(crate) complete: bool,
    /// The heap's edges were asked for, and would have taken more than the budget.
    pub(crate) without_edges: bool,
}

/// A heap that is too large for its budget even without its edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge {
    /// Bytes that it would take.
    pub(crate) bytes: u64,
}

/// Objects that are needed to recognise others; made once, at start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Landmarks {
    general_lookup: u64,
    interned_marker: u64,
    /// The dict for extensions, to which only the C structure of the interpreter's state refers.
    interpreter_dict: u64,
}

impl Landmarks {
    /// Makes them. They live as long as the process.
    pub(crate) fn new() -> Self {
        // SAFETY: the GIL is held; plain constructors. The references are kept on purpose.
        unsafe {
            let marker = ffi::PyUnicode_InternFromString(c"<refaudit interned marker>".as_ptr());
            // Made when it is first asked for, and that is not to be within an audit.
            let interpreter_dict = ffi::PyInterpreterState_GetDict(ffi::PyInterpreterState_Get()) as u64;
            let (dict, number) = (ffi::PyDict_New(), ffi::PyLong_FromLong(7));
            ffi::PyDict_SetItem(dict, number, number);
            let general_lookup = lookup_of(Object::new(dict as u64));
            ffi::Py_DECREF(dict);
            ffi::Py_DECREF(number);
            Self { general_lookup, interned_marker: marker as u64, interpreter_dict }
        }
    }
}

/// An edge walk that knows the landmarks.
pub(super) fn prepared_walk(landmarks: Landmarks) -> EdgeWalk {
    let mut walk = EdgeWalk::default();
    walk.dicts.general_lookup = landmarks.general_lookup;
    walk.dicts.interned_marker = landmarks.interned_marker;
    walk
}

/// What to capture since, when no run has begun.
pub(crate) const BEFORE_ANY_RUN: RunId = RunId(u32::MAX);

/// Fills a model heap. Blocks count as born when their run is `since` or later.
pub(crate) fn capture(mode: Edges, since: RunId, landmarks: Landmarks) -> Capture {
    capture_within(u64::MAX, mode, since, landmarks).expect("nothing is too large for this")
}

/// The same within so many bytes: without edges where they do not fit.
///
/// # Errors
/// [`TooLarge`] when nothing fits; nothing has been looked at then.
pub(crate) fn capture_within(
    budget: u64,
    mode: Edges,
    since: RunId,
    landmarks: Landmarks,
) -> Result<Capture, TooLarge> {
    let mut walk = prepared_walk(landmarks);
    let mut heap = Builder::new(mode);
    let roots = threads();
    for &root in &roots {
        heap.node(root);
    }
    let complete = tracked(|object| heap.announce(object));
    let without_edges = heap.expected_bytes(mode) > budget;
    if without_edges {
        let bytes = heap.expected_bytes(Edges::Count);
        if bytes > budget {
            return Err(TooLarge { bytes });
        }
        heap.set_mode(Edges::Count);
    }
    heap.seal();
    expand(&mut heap, &mut walk, &roots, landmarks.interpreter_dict);
    statically_held(&mut heap, &walk);
    expand_strays(&mut heap, &mut walk);
    let mut born: Vec<(Block, Option<u64>)> = Vec::new();
    // Before the first run there is nothing to look for.
    let interesting = |block: &Block| block.run >= since && block.run != RunId::NOBODY && !is_dead_frame(block);
    if since != BEFORE_ANY_RUN {
        CENSUS.for_each(|block| {
            if interesting(&block) {
                born.push((block, None));
            }
        });
    }
    // In order of birth: what is looked at first in one run is looked at first in the others.
    born.sort_unstable_by_key(|(block, _)| block.serial);
    for (block, object) in &mut born {
        *object = resolve(block, &heap, &walk);
        if let Some(address) = *object {
            heap.node(address);
        }
    }
    expand_strays(&mut heap, &mut walk);
    Ok(Capture { heap: heap.finish(), born, roots: roots.len(), complete, without_edges })
}

/// Expands nodes until none is left; the first ones are the `roots`, with the first of which the interpreter's own
/// reference to its dict is counted.
fn expand(heap: &mut Builder, walk: &mut EdgeWalk, roots: &[u64], interpreter_dict: u64) {
    while let Some((node, address)) = heap.expand_next() {
        if (node as usize) < roots.len() {
            heap.permanent(node);
            if node == 0 && interpreter_dict != 0 {
                heap.edge_to(interpreter_dict);
            }
            thread_references(address, heap);
            continue;
        }
        if let Some(ahead) = heap.upcoming(OBJECTS_AHEAD) {
            prefetch(ahead);
        }
        if let Some(ahead) = heap.upcoming(TABLES_AHEAD) {
            // SAFETY: a mentioned object, as below.
            prefetch(table_of(unsafe { Object::new(ahead) }));
        }
        // SAFETY: tracked by the collector, or referred to by a live object, under the GIL.
        let object = unsafe { Object::new(address) };
        match object.reference_count() {
            Some(count) => heap.count(node, count),
            None => heap.permanent(node),
        }
        walk.references(object, heap);
    }
}

/// Mentions objects that only a C static refers to and the collector has not been told of: an
/// untracked dict there keeps its keys and values alive all the same.
fn statically_held(heap: &mut Builder, walk: &EdgeWalk) {
    for segment in extension_segments() {
        for at in segment.range.step_by(8) {
            // SAFETY: writable data of a loaded library.
            let word: u64 = unsafe { read(at, 0) };
            if word.is_multiple_of(16) && word > 0xffff && resolve_at(word, heap, walk) {
                heap.node(word);
            }
        }
    }
}

/// Whether a live object of a known type starts at an address.
fn resolve_at(address: u64, heap: &Builder, walk: &EdgeWalk) -> bool {
    [0, 16, 32].into_iter().any(|skip| {
        let block = CENSUS.find(address - skip);
        block.is_some_and(|block| block.domain == Domain::Object && resolve(&block, heap, walk) == Some(address))
    })
}

/// Expands objects that only the census knows. One that the collector has not been told of may be
/// half built, so its `tp_traverse` is not called unless it is a plain container.
fn expand_strays(heap: &mut Builder, walk: &mut EdgeWalk) {
    while let Some((node, address)) = heap.expand_next() {
        // SAFETY: resolved to a live object of a known type, or referred to by one.
        let object = unsafe { Object::new(address) };
        match object.reference_count() {
            Some(count) => heap.count(node, count),
            None => heap.permanent(node),
        }
        if is_settled(object) {
            walk.references(object, heap);
        } else if object.kind().is_heap() {
            heap.edge_to(object.kind().address());
        }
    }
}

fn is_settled(object: Object) -> bool {
    let plain = [&raw mut ffi::PyTuple_Type, &raw mut ffi::PyDict_Type, &raw mut ffi::PyList_Type];
    // SAFETY: the function reads the collector's header, which every object of such a type has.
    !object.is_gc()
        || plain.iter().any(|&kind| object.kind().address() == kind as u64)
        || unsafe { ffi::PyObject_GC_IsTracked(object.as_ptr()) } != 0
}

/// The table of a plain container; of another object, the object itself.
#[inline(always)]
fn table_of(object: Object) -> u64 {
    let kind = object.kind().address();
    if kind == &raw const ffi::PyDict_Type as u64 {
        object.word(dict::MA_KEYS)
    } else if kind == &raw const ffi::PyList_Type as u64 {
        object.word(list::OB_ITEM)
    } else {
        object.address()
    }
}

#[inline(always)]
fn prefetch(address: u64) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint; it reads nothing that the program could notice.
    unsafe {
        core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(address as *const i8);
    }
}

/// Whether a block is a frame that a code object keeps for its next call (3.10): it is full of
/// stale words, and nobody's leak.
#[cfg(not(Py_3_11))]
pub(super) fn is_dead_frame(block: &Block) -> bool {
    const HEADER: u64 = 16;
    if block.domain != Domain::Object || block.size < HEADER + 16 {
        return false;
    }
    // SAFETY: inside a live block of that size.
    let (count, kind) = unsafe { (read::<u64>(block.address + HEADER, 0), read::<u64>(block.address + HEADER, 8)) };
    count == 0 && kind == &raw const ffi::PyFrame_Type as u64
}
/// From 3.11 on frames are no blocks.
#[cfg(Py_3_11)]
pub(super) fn is_dead_frame(_: &Block) -> bool {
    false
}

/// The object that lives in a block: the word where its type should be is a known type, the object
/// starts just as far into the block as that type's instances do, and the words before it are what
/// they are for an object that the collector has not been told of.
fn resolve(block: &Block, heap: &Builder, walk: &EdgeWalk) -> Option<u64> {
    if block.domain != Domain::Object {
        return None;
    }
    let starts_at = |skip: u64| {
        if block.size < skip + 16 {
            return false;
        }
        let address = block.address + skip;
        // SAFETY: inside a live block of that size.
        let (count, kind) = unsafe { (read::<u64>(address, 0), read::<u64>(address, 8)) };
        if !walk.types.contains(&kind) || count as u32 == 0 || is_linked(count) {
            return false;
        }
        // SAFETY: `types` holds live types only.
        let kind = unsafe { Type::new(kind) };
        kind.pre_header() == skip
            && (heap.contains(address) || !kind.has(ffi::Py_TPFLAGS_HAVE_GC) || is_untracked(address))
    };
    [0, 16, 32].into_iter().find(|&skip| starts_at(skip)).map(|skip| block.address + skip)
}

/// Whether the collector's header before an object says that it is not tracked.
fn is_untracked(address: u64) -> bool {
    const HEADER: u64 = 16;
    // SAFETY: the first word of the header, inside the object's block.
    unsafe { read::<u64>(address - HEADER, 0) == 0 }
}

/// The block that an object lives in, if it was born under the hooks.
pub(super) fn block_of(object: Object) -> Option<Block> {
    CENSUS.find(object.address() - object.kind().pre_header())
}

/// The blocks that were born in an audited run, without what is nobody's leak: immortal objects, and
/// the buffers of objects that were there before.
fn survivors(capture: &Capture, newest: u64) -> Vec<Block> {
    let heap = &capture.heap;
    let loose: FxHashSet<u64> =
        capture.born.iter().filter(|(_, object)| object.is_none()).map(|(block, _)| block.address).collect();
    let buffers = if loose.is_empty() { FxHashSet::default() } else { buffers_in_use(capture, &loose, newest) };
    let is_mortal = |address: u64| heap.find(address).is_none_or(|node| !heap.is_permanent(node));
    let lives_on = |(block, object): &&(Block, Option<u64>)| match object {
        Some(address) => is_mortal(*address),
        None => !buffers.contains(&block.address),
    };
    capture.born.iter().filter(lives_on).map(|(block, _)| *block).collect()
}

/// Those of `blocks` that an object which was there before points to.
fn buffers_in_use(capture: &Capture, blocks: &FxHashSet<u64>, newest: u64) -> FxHashSet<u64> {
    let born: FxHashSet<u64> = capture.born.iter().filter_map(|(_, object)| *object).collect();
    let mut found = FxHashSet::default();
    each_object_word(capture, blocks, |node, _, target| {
        let address = capture.heap.address(node);
        // An object from a free list may bear no run's stamp and still be new: its buffer then is
        // the only witness.
        // SAFETY: a node of the capture just made; nothing has run since.
        let is_new = block_of(unsafe { Object::new(address) }).is_some_and(|block| block.serial.0 > newest);
        if !is_new && !born.contains(&address) {
            found.insert(target);
        }
    });
    found
}

/// Counts an object as born in a run, if it is still the same one and is not counted already.
pub(crate) fn adopt_stray(capture: &mut Capture, address: u64, serial: Serial, run: RunId) {
    if capture.heap.find(address).is_none() {
        return;
    }
    // SAFETY: a node of the capture just made; nothing has run since.
    let block = block_of(unsafe { Object::new(address) });
    if let Some(block) = block.filter(|block| block.serial == serial && block.run == RunId::NOBODY) {
        capture.born.push((Block { run, ..block }, Some(address)));
    }
}

/// Reduces a capture to what later differences need. Objects of `older` that are still alive are
/// kept even when their count is explained now.
pub(crate) fn summarise(capture: &Capture, older: Option<&Snapshot>) -> Snapshot {
    let heap = &capture.heap;
    let mut snapshot = Snapshot {
        unexplained: rustc_hash::FxHashMap::default(),
        survivors: survivors(capture, older.map_or(0, |older| older.newest)),
        newest: newest_serial(),
        objects: heap.len(),
    };
    let unexplained = heap.nodes().filter(|&node| heap.unexplained(node) != 0);
    let explained = older.iter().flat_map(|older| older.unexplained.keys()).filter_map(|&address| heap.find(address));
    for node in unexplained.chain(explained.filter(|&node| !heap.is_permanent(node))) {
        // SAFETY: a node of the capture just made; nothing has run since.
        let object = unsafe { Object::new(heap.address(node)) };
        let block = block_of(object);
        snapshot.unexplained.entry(heap.address(node)).or_insert_with(|| Unexplained {
            references: heap.unexplained(node),
            serial: block.map_or(Serial::UNKNOWN, |block| block.serial),
            run: block.map_or(RunId::NOBODY, |block| block.run),
            type_address: object.kind().address(),
        });
    }
    snapshot
}

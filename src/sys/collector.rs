//! What the collector would see of the nodes of a capture.

use core::ffi::{c_int, c_void};

use pyo3::ffi;
use rustc_hash::FxHashMap;

use super::capture::{Capture, block_of};
use super::cpython::{Object, Type, each_generation, type_name};
use super::libraries::loaded;
use crate::event::{Block, Origin};
use crate::heap::NodeId;

/// What the collector knows of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// It looks at this object at all.
    pub(crate) tracked: bool,
    /// References that `tp_traverse` visits, with multiplicity; none when it is not tracked.
    pub(crate) visits: Vec<NodeId>,
    /// The reference count; `None` for an immortal object.
    pub(crate) references: Option<u32>,
    /// Its type lets go of references when the collector says so.
    pub(crate) clears: bool,
    /// Its type has the legacy finalizer `tp_del`.
    pub(crate) legacy: bool,
    /// Its finalizer has run, and it lives again.
    pub(crate) finalized: bool,
    /// `__del__`, `tp_finalize`, `tp_del`, or nothing.
    pub(crate) finalizer: &'static str,
}

/// Argument of the visitor.
struct Visit<'capture> {
    capture: &'capture Capture,
    found: Vec<NodeId>,
}

extern "C" fn visit(target: *mut ffi::PyObject, argument: *mut c_void) -> c_int {
    // SAFETY: `argument` is the `Visit` that `facts` below passed, alive during the call.
    let visit = unsafe { &mut *argument.cast::<Visit<'_>>() };
    visit.found.extend(visit.capture.heap.find(target as u64));
    0
}

fn object(capture: &Capture, node: NodeId) -> Option<Object> {
    // SAFETY: an object node of a capture since which nothing has run.
    (node as usize >= capture.roots).then(|| unsafe { Object::new(capture.heap.address(node)) })
}

/// What the collector knows of a node; `None` for a thread. Valid only until Python code runs again.
pub(crate) fn facts(capture: &Capture, node: NodeId) -> Option<Facts> {
    let object = object(capture, node)?;
    let kind = object.kind();
    let tracked = object.is_tracked();
    let mut seen = Visit { capture, found: Vec::new() };
    if tracked {
        object.traverse(visit, (&raw mut seen).cast());
    }
    Some(Facts {
        tracked,
        visits: seen.found,
        references: object.reference_count(),
        clears: kind.clears(),
        legacy: kind.has_legacy_finalizer(),
        finalized: is_finalized(capture, node),
        finalizer: kind.finalizer(),
    })
}

/// Whether the finalizer of an object has run, and it lives again.
pub(crate) fn is_finalized(capture: &Capture, node: NodeId) -> bool {
    object(capture, node).is_some_and(|object| object.is_finalized() && !object.kind().finalizer().is_empty())
}

/// Weak references to an object.
pub(crate) fn weak_references(capture: &Capture, node: NodeId) -> u32 {
    object(capture, node).map_or(0, Object::weak_references)
}

/// The block that an object lives in, if it was born under the hooks.
pub(crate) fn birth(capture: &Capture, node: NodeId) -> Option<Block> {
    block_of(object(capture, node)?)
}

/// The type of an object, as a node.
pub(crate) fn type_of(capture: &Capture, node: NodeId) -> Option<NodeId> {
    capture.heap.find(object(capture, node)?.kind().address())
}

/// Generations of some objects, 0 the youngest; without those that are not tracked. Empty where the
/// interpreter does not tell.
pub(crate) fn generations(capture: &Capture, nodes: &[NodeId]) -> FxHashMap<NodeId, u8> {
    let mut wanted: FxHashMap<u64, NodeId> = nodes.iter().map(|&node| (capture.heap.address(node), node)).collect();
    let mut found = FxHashMap::default();
    if !wanted.is_empty() {
        each_generation(|address, generation| {
            found.extend(wanted.remove(&address).map(|node| (node, generation)));
            !wanted.is_empty()
        });
    }
    found
}

/// How much of an object's type somebody wrote who could change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Author {
    /// A type of an extension.
    Extension,
    /// A Python class.
    Class,
    /// It is a function, a class or a module: known by its name.
    Definition,
    /// A type of the interpreter.
    Interpreter,
}

/// Tells who wrote the types of objects.
pub(crate) struct Authors {
    code: Vec<core::ops::Range<u64>>,
    known: FxHashMap<u64, Author>,
}

impl Authors {
    pub(crate) fn new() -> Self {
        let extensions = loaded().into_iter().filter(|library| library.origin == Origin::Extension && !library.own);
        Self { code: extensions.map(|library| library.span.clone()).collect(), known: FxHashMap::default() }
    }

    /// Who wrote the type of a node.
    pub(crate) fn of(&mut self, capture: &Capture, node: NodeId) -> Author {
        let Some(object) = object(capture, node) else { return Author::Interpreter };
        let kind = object.kind();
        let is_function = kind.address() == &raw const ffi::PyFunction_Type as u64;
        if is_function || kind.has(ffi::Py_TPFLAGS_TYPE_SUBCLASS) || kind.is_subtype_of(&raw mut ffi::PyModule_Type) {
            return Author::Definition;
        }
        let code = &self.code;
        *self.known.entry(kind.address()).or_insert_with(|| author(kind, code))
    }
}

impl Authors {
    /// The type that decides what the collector sees of an object: its own, or of a Python class the base of an
    /// extension. Its name, and whether it shows the collector anything.
    pub(crate) fn visitor(&self, capture: &Capture, node: NodeId) -> Option<(String, bool)> {
        let kind = object(capture, node)?.kind();
        let mut bases = core::iter::successors(Some(kind), |kind| kind.base().filter(|_| kind.is_heap()));
        let meant = bases.find(|base| is_in(base.keeping(), &self.code)).unwrap_or(kind);
        Some((type_name(meant), meant.has_traverse()))
    }
}

fn is_in(mut functions: impl Iterator<Item = u64>, code: &[core::ops::Range<u64>]) -> bool {
    functions.any(|function| code.iter().any(|span| span.contains(&function)))
}

fn author(kind: Type, code: &[core::ops::Range<u64>]) -> Author {
    if is_in(kind.functions(), code) {
        Author::Extension
    } else if kind.is_heap() {
        Author::Class
    } else {
        Author::Interpreter
    }
}

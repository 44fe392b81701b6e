//! Words for what was captured: type names, labels, sizes, places.

use rustc_hash::FxHashMap;

use super::capture::{Capture, block_of};
use super::cpython::{Object, Type, label, module_of, owned_blocks, reference, thing, thread_reference, type_name};
use super::hook::CENSUS;
use super::segments::{Segment, segments, symbol};
use crate::heap::{NodeId, Place};

/// Describes nodes of a capture. Valid only until Python code runs again.
pub(crate) struct Describer<'capture> {
    capture: &'capture Capture,
    names: FxHashMap<u64, String>,
    segments: Vec<Segment>,
}

impl<'capture> Describer<'capture> {
    pub(crate) fn new(capture: &'capture Capture) -> Self {
        Self { capture, names: FxHashMap::default(), segments: segments() }
    }

    fn object(&self, node: NodeId) -> Option<Object> {
        let is_object = node as usize >= self.capture.roots;
        // SAFETY: an object node of a capture since which nothing has run.
        is_object.then(|| unsafe { Object::new(self.capture.heap.address(node)) })
    }

    /// Qualified name of a node's type; `thread` for a root.
    pub(crate) fn type_name(&mut self, node: NodeId) -> String {
        let Some(object) = self.object(node) else { return "thread".into() };
        let kind = object.kind();
        self.names.entry(kind.address()).or_insert_with(|| type_name(kind)).clone()
    }

    /// Roughly what `repr` would say.
    pub(crate) fn label(&self, node: NodeId) -> String {
        self.object(node).map_or_else(|| "a running frame".into(), label)
    }

    /// What a node is called in a chain of references.
    pub(crate) fn thing(&self, node: NodeId) -> String {
        self.object(node).map_or_else(|| "thread".into(), thing)
    }

    /// Whether a node is a thread, not an object.
    pub(crate) fn is_thread(&self, node: NodeId) -> bool {
        (node as usize) < self.capture.roots
    }

    /// How a node refers to another one, in words.
    pub(crate) fn refers(&self, from: NodeId, to: NodeId) -> String {
        let target = self.capture.heap.address(to);
        match self.object(from) {
            Some(object) => reference(object, target),
            None => self.thread(from, to).0,
        }
    }

    /// The same for a thread, and whether what refers there is a handled or a raised exception.
    pub(crate) fn thread(&self, from: NodeId, to: NodeId) -> (String, bool) {
        let (thread, target) = (self.capture.heap.address(from), self.capture.heap.address(to));
        thread_reference(thread, target)
            .map_or_else(|| ("a frame".into(), false), |found| (found.words, found.exception))
    }

    /// Whether it is only frames of refaudit that make a thread refer to a node.
    pub(crate) fn is_own_frame(&self, from: NodeId, to: NodeId) -> bool {
        let (thread, target) = (self.capture.heap.address(from), self.capture.heap.address(to));
        thread_reference(thread, target).is_some_and(|found| found.own)
    }

    /// The shallow size of a node and of the blocks that it owns outright, in bytes.
    pub(crate) fn whole_size(&self, node: NodeId) -> u64 {
        let owned = self.object(node).into_iter().flat_map(owned_blocks);
        self.size(node) + owned.filter_map(|address| CENSUS.find(address)).map(|block| block.size).sum::<u64>()
    }

    /// Whether a node is a type that was made at run time, and owned by its instances.
    pub(crate) fn is_heap_type(&self, node: NodeId) -> bool {
        self.object(node).is_some_and(|object| {
            // SAFETY: an instance of `type` is a live type.
            object.kind().has(pyo3::ffi::Py_TPFLAGS_TYPE_SUBCLASS) && unsafe { Type::new(object.address()) }.is_heap()
        })
    }

    /// Whether an object is an entry of the table in which a class keeps its subclasses: a weak
    /// reference to a class, or the number of its address. It goes when the class goes.
    pub(crate) fn is_subclass_entry(&mut self, node: NodeId, container: NodeId) -> bool {
        /// `wr_object`
        const REFERENT: usize = 16;
        let Some(object) = self.object(node) else { return false };
        if self.type_name(container) != "dict" {
            return false;
        }
        let class = match self.type_name(node).as_str() {
            "weakref.ReferenceType" | "weakref" => object.word(REFERENT),
            "int" => self.label(node).parse().unwrap_or(0),
            _ => 0,
        };
        let Some(class) = self.capture.heap.find(class).and_then(|class| self.object(class)) else { return false };
        class.kind().has(pyo3::ffi::Py_TPFLAGS_TYPE_SUBCLASS)
    }

    /// Whether people know this very object by name: a module, a function, a singleton.
    pub(crate) fn is_named(&mut self, node: NodeId) -> bool {
        matches!(
            self.type_name(node).as_str(),
            "module" | "function" | "builtin_function_or_method" | "NoneType" | "bool" | "ellipsis" | "type"
        )
    }

    /// Whether everybody refers to this object all the time: `None`, numbers, interned names.
    pub(crate) fn is_common(&mut self, node: NodeId) -> bool {
        matches!(
            self.type_name(node).as_str(),
            "NoneType"
                | "bool"
                | "ellipsis"
                | "NotImplementedType"
                | "int"
                | "str"
                | "bytes"
                | "tuple"
                | "float"
                | "type"
        )
    }

    /// Whether everybody refers to this very object all the time, so that one gain says little.
    pub(crate) fn is_singleton(&mut self, node: NodeId) -> bool {
        matches!(self.type_name(node).as_str(), "NoneType" | "bool" | "ellipsis" | "NotImplementedType" | "int")
    }

    /// Shallow size in bytes.
    pub(crate) fn size(&self, node: NodeId) -> u64 {
        self.object(node)
            .map_or(0, |object| block_of(object).map_or_else(|| object.kind().basic_size() as u64, |block| block.size))
    }

    /// Where a word was found: `kind` and text of a holder.
    pub(crate) fn place(&mut self, place: Place) -> (&'static str, String) {
        match place {
            Place::Static { address } => ("static", self.static_word(address)),
            Place::Field { node, offset } => (
                "field",
                format!("a field at offset {offset} of `{}` that its tp_traverse does not visit", self.type_name(node)),
            ),
            Place::Block { address } => ("block", format!("a block of memory at {address:#x}")),
            Place::Native { address } => ("native", format!("native memory of an extension at {address:#x}")),
            Place::Stack { .. } => ("stack", "a C frame of another thread".into()),
        }
    }

    fn static_word(&self, address: u64) -> String {
        let segment = self.segments.iter().find(|segment| segment.range.contains(&address));
        let (library, offset) = segment.map_or(("?", address), |s| (s.file_name(), address - s.base()));
        match symbol(address) {
            Some(name) => format!("a C static of {library}+{offset:#x} (near {name})"),
            None => format!("a C static of {library}+{offset:#x}"),
        }
    }
}

/// Whether an object of a capture is part of refaudit: a function, a method, or an instance of it.
pub(crate) fn is_own(capture: &Capture, address: u64) -> bool {
    const OWN: &str = "refaudit.";
    // The first nodes are threads, whose state is a block of memory that can survive as well.
    if capture.heap.find(address).is_none_or(|node| (node as usize) < capture.roots) {
        return false;
    }
    // SAFETY: an object of a capture since which nothing has run.
    let object = unsafe { Object::new(address) };
    let name = type_name(object.kind());
    match name.as_str() {
        // The type that a method belongs to, in `d_type`.
        // SAFETY: a method descriptor refers to a live type.
        "method_descriptor" => type_name(unsafe { Type::new(object.word(16)) }).starts_with(OWN),
        "function" | "builtin_function_or_method" | "method" => {
            module_of(object).is_some_and(|m| m.starts_with("refaudit"))
        }
        _ => name.starts_with(OWN),
    }
}

//! The one edge function: which strong references an object holds.
//!
//! Used for in-degrees and for marking alike; two functions that differ in one edge would make
//! live objects look like garbage. `tp_traverse` alone is not enough: it leaves out what cannot
//! take part in a cycle (strings, code fields) and what authors forget (the type).

use core::ffi::{c_int, c_void};

use pyo3::ffi;
use rustc_hash::{FxHashMap, FxHashSet};

#[cfg(Py_3_12)]
use super::compat::code;
use super::compat::{CODE_FIELDS, descr, heaptype, list, module, object, tuple, r#type};
use super::dicts::{DictWalk, has_embedded_values};
use super::object::{Object, Type, read};
use super::text::type_name;
use crate::heap::Builder;

/// How the references of a type's instances are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walk {
    /// No references, or none that can be seen.
    Leaf,
    Tuple,
    List,
    Dict,
    Code,
    /// `type` and its subclasses.
    Class,
    /// `tp_traverse`, and what it leaves out.
    Traverse(Extra),
    /// A heap type without the collector: only the reference to the type itself.
    OnlyType,
}

/// What `tp_traverse` leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extra {
    Nothing,
    DictKeys,
    DescriptorNames,
    ModuleName,
}

/// The walks of types met lately, a slot for each hash of the type's address.
#[derive(Debug)]
struct Recent([(u64, (Walk, bool)); 64]);

impl Default for Recent {
    fn default() -> Self {
        Self([(0, (Walk::Leaf, false)); 64])
    }
}

impl Recent {
    #[inline(always)]
    fn slot(address: u64) -> usize {
        (address >> 5 ^ address >> 11) as usize % 64
    }
}

/// What edge walks need to remember during one snapshot.
#[derive(Debug, Default)]
pub(in crate::sys) struct EdgeWalk {
    pub(in crate::sys) dicts: DictWalk,
    walks: FxHashMap<u64, (Walk, bool)>,
    recent: Recent,
    /// Every type that was met, as object or as type of one.
    pub(in crate::sys) types: FxHashSet<u64>,
    /// Heap types whose `tp_traverse` does not visit the type of the instance.
    pub(in crate::sys) silent_types: FxHashSet<u64>,
}

/// Argument of the visitor.
struct Visit<'heap> {
    heap: &'heap mut Builder,
    own_type: u64,
    saw_own_type: bool,
    /// The dict of an instance with a managed one, or null.
    own_dict: u64,
    saw_own_dict: bool,
}

extern "C" fn visit(target: *mut ffi::PyObject, argument: *mut c_void) -> c_int {
    // SAFETY: `argument` is the `Visit` that `traverse` below passed, alive during the call.
    let visit = unsafe { &mut *argument.cast::<Visit<'_>>() };
    if !target.is_null() {
        visit.saw_own_type |= target as u64 == visit.own_type;
        visit.saw_own_dict |= target as u64 == visit.own_dict;
        visit.heap.edge_to(target as u64);
    }
    0
}

impl EdgeWalk {
    /// Adds every strong reference of `object`, the node being expanded.
    #[inline]
    pub(in crate::sys) fn references(&mut self, object: Object, heap: &mut Builder) {
        let kind = object.kind();
        let slot = Recent::slot(kind.address());
        let (walk, heap_type) = match self.recent.0[slot] {
            (address, found) if address == kind.address() => found,
            _ => self.walk_of(kind, slot),
        };
        match walk {
            Walk::Leaf => {}
            Walk::Tuple => array(object.address() + tuple::OB_ITEM as u64, object.word(object::OB_SIZE), heap),
            Walk::List => array(object.word(list::OB_ITEM), object.word(object::OB_SIZE), heap),
            // Either the instance that the values live in reports them or its dict does; which one
            // depends on the patch release (gh-130327), so the dict is asked.
            Walk::Dict if has_embedded_values(object) => {
                self.traverse(object, kind, heap_type, heap);
                self.extra(Extra::DictKeys, object, heap);
            }
            Walk::Dict => self.dicts.references(object, heap),
            Walk::Code => code_fields(object, heap),
            Walk::Class => self.class(object, heap),
            Walk::OnlyType => heap.edge_to(kind.address()),
            Walk::Traverse(extra) => {
                self.traverse(object, kind, heap_type, heap);
                self.extra(extra, object, heap);
            }
        }
    }

    #[cold]
    fn walk_of(&mut self, kind: Type, slot: usize) -> (Walk, bool) {
        let types = &mut self.types;
        let found = *self.walks.entry(kind.address()).or_insert_with(|| {
            types.insert(kind.address());
            (classify(kind), kind.is_heap())
        });
        self.recent.0[slot] = (kind.address(), found);
        found
    }

    fn traverse(&mut self, object: Object, kind: Type, heap_type: bool, heap: &mut Builder) {
        let own_dict = managed_dict(object, kind);
        let mut argument =
            Visit { heap, own_type: kind.address(), saw_own_type: false, own_dict, saw_own_dict: own_dict == 0 };
        object.traverse(visit, (&raw mut argument).cast());
        let Visit { saw_own_type, saw_own_dict, .. } = argument;
        // Some releases of 3.13 report the values of a managed dict instead of the dict (gh-130327).
        if !saw_own_dict {
            heap.edge_to(own_dict);
        }
        // Every instance of a heap type owns a reference to it, whether it says so or not.
        if heap_type && !saw_own_type {
            heap.edge_to(kind.address());
            self.silent_types.insert(kind.address());
        }
    }

    fn extra(&mut self, extra: Extra, object: Object, heap: &mut Builder) {
        match extra {
            Extra::Nothing => {}
            Extra::DictKeys => self.dicts.hidden_keys(object, heap),
            Extra::DescriptorNames => fields(object, &[descr::D_NAME, descr::D_QUALNAME], heap),
            Extra::ModuleName => fields(object, &[module::MD_NAME], heap),
        }
    }

    fn class(&mut self, object: Object, heap: &mut Builder) {
        self.types.insert(object.address());
        // SAFETY: an instance of `type` is a live type.
        let class = unsafe { Type::new(object.address()) };
        if class.is_heap() {
            let metatype = object.kind();
            self.traverse(object, metatype, metatype.is_heap(), heap);
            fields(
                object,
                &[heaptype::HT_NAME, heaptype::HT_QUALNAME, heaptype::HT_SLOTS, r#type::TP_SUBCLASSES],
                heap,
            );
            self.dicts.cached_keys(object.word(heaptype::HT_CACHED_KEYS), heap);
        } else {
            // `tp_base` of a static type is borrowed. From 3.12 on `tp_subclasses` of a builtin
            // one is a small index.
            fields(object, &[r#type::TP_BASES, r#type::TP_MRO, r#type::TP_CACHE], heap);
            static_dict(object, heap);
            if object.word(r#type::TP_SUBCLASSES) > 4096 {
                fields(object, &[r#type::TP_SUBCLASSES], heap);
            }
        }
    }
}

fn classify(kind: Type) -> Walk {
    let exactly = |known: *mut ffi::PyTypeObject| kind.address() == known as u64;
    macro_rules! known {
        ($name:ident) => {
            &raw mut ffi::$name
        };
    }
    if exactly(known!(PyTuple_Type)) {
        Walk::Tuple
    } else if exactly(known!(PyList_Type)) {
        Walk::List
    } else if exactly(known!(PyDict_Type)) {
        Walk::Dict
    } else if exactly(known!(PyCode_Type)) {
        Walk::Code
    } else if kind.has(ffi::Py_TPFLAGS_TYPE_SUBCLASS) {
        Walk::Class
    } else if is_frozen_dict(kind) {
        if kind.is_heap() { Walk::Traverse(Extra::DictKeys) } else { Walk::Dict }
    } else if type_name(kind) == "functools._lru_list_elem" {
        // The cache reports the references of its links, their type included.
        Walk::Leaf
    } else if !kind.has(ffi::Py_TPFLAGS_HAVE_GC) {
        if kind.is_heap() { Walk::OnlyType } else { Walk::Leaf }
    } else if kind.has(ffi::Py_TPFLAGS_DICT_SUBCLASS) {
        Walk::Traverse(Extra::DictKeys)
    } else if kind.is_subtype_of(known!(PyModule_Type)) {
        Walk::Traverse(Extra::ModuleName)
    } else if [
        known!(PyMethodDescr_Type),
        known!(PyWrapperDescr_Type),
        known!(PyGetSetDescr_Type),
        known!(PyMemberDescr_Type),
        known!(PyClassMethodDescr_Type),
    ]
    .into_iter()
    .any(exactly)
    {
        Walk::Traverse(Extra::DescriptorNames)
    } else {
        Walk::Traverse(Extra::Nothing)
    }
}

/// The dict that an instance keeps in front of its head, when its values live inside it (3.13+).
#[cfg(Py_3_13)]
#[inline(always)]
fn managed_dict(object: Object, kind: Type) -> u64 {
    const MANAGED_DICT: core::ffi::c_ulong = 1 << 4;
    // SAFETY: such an instance has the word before its head.
    if kind.has(MANAGED_DICT) { unsafe { read(object.address() - 24, 0) } } else { 0 }
}
/// Before 3.13 `tp_traverse` reports it.
#[cfg(not(Py_3_13))]
#[inline(always)]
fn managed_dict(_: Object, _: Type) -> u64 {
    0
}

/// 3.15's `frozendict` is laid out and traversed like a dict, but not one of its subclasses.
fn is_frozen_dict(kind: Type) -> bool {
    #[cfg(Py_3_15)]
    {
        unsafe extern "C" {
            static mut PyFrozenDict_Type: ffi::PyTypeObject;
        }
        kind.is_subtype_of(&raw mut PyFrozenDict_Type)
    }
    #[cfg(not(Py_3_15))]
    {
        let _ = kind;
        false
    }
}

#[inline]
fn array(items: u64, count: u64, heap: &mut Builder) {
    for number in 0..count as usize {
        // SAFETY: a live tuple's or list's own items, which may be null while it is being built.
        let item: u64 = unsafe { read(items, number * 8) };
        if item != 0 {
            heap.edge_to(item);
        }
    }
}

fn fields(object: Object, offsets: &[usize], heap: &mut Builder) {
    for &offset in offsets {
        let target = object.word(offset);
        if target != 0 {
            heap.edge_to(target);
        }
    }
}

fn code_fields(object: Object, heap: &mut Builder) {
    fields(object, CODE_FIELDS, heap);
    #[cfg(Py_3_12)]
    {
        let cached = object.word(code::_CO_CACHED);
        for number in 0..4 {
            // SAFETY: `_co_cached` is null or a live struct of four pointers.
            let target: u64 = if cached == 0 { 0 } else { unsafe { read(cached, number * 8) } };
            if target != 0 {
                heap.edge_to(target);
            }
        }
    }
}

#[cfg(not(Py_3_12))]
fn static_dict(object: Object, heap: &mut Builder) {
    fields(object, &[r#type::TP_DICT], heap);
}

/// From 3.12 on a builtin type's dict belongs to the interpreter.
#[cfg(Py_3_12)]
fn static_dict(object: Object, heap: &mut Builder) {
    unsafe extern "C" {
        fn PyType_GetDict(kind: *mut ffi::PyTypeObject) -> *mut ffi::PyObject;
    }
    // SAFETY: a live type; the function looks the dict up and takes a reference.
    let dict = unsafe { PyType_GetDict(object.as_ptr().cast()) };
    if !dict.is_null() {
        heap.edge_to(dict as u64);
        // SAFETY: gives that reference back; the type still holds its own.
        unsafe { ffi::Py_DECREF(dict) };
    }
}

//! What the collector would do with an object of a capture: its header, and the slots of its type.

use pyo3::ffi;

use super::capture::Capture;
use super::cpython::{Object, Type, dict, heaptype, read};
use crate::heap::NodeId;

/// How the collector sees one object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Collectable {
    /// It is tracked, so that `tp_traverse` is called.
    pub(crate) gc: bool,
    /// Its type has `tp_clear`.
    pub(crate) clear: bool,
    /// Its type has `tp_finalize`.
    pub(crate) finalizer: bool,
    /// Its type has the legacy `tp_del`.
    pub(crate) legacy_del: bool,
}

/// How the collector sees a node; a thread is none of its business. Valid only until Python code runs again.
pub(crate) fn collectable(capture: &Capture, node: NodeId) -> Collectable {
    if (node as usize) < capture.roots {
        return Collectable::default();
    }
    // SAFETY: an object node of a capture since which nothing has run.
    let object = unsafe { Object::new(capture.heap.address(node)) };
    // SAFETY: a live object's type is a live type, whose slots are only looked at.
    let kind = unsafe { &*(object.kind().address() as *const ffi::PyTypeObject) };
    // SAFETY: the function reads the collector's header, which `is_gc` says is there.
    let gc = object.is_gc() && unsafe { ffi::PyObject_GC_IsTracked(object.as_ptr()) } != 0;
    Collectable {
        gc,
        clear: kind.tp_clear.is_some(),
        finalizer: kind.tp_finalize.is_some(),
        legacy_del: kind.tp_del.is_some(),
    }
}

/// How many tables of dict keys a node refers to: a dict its own or a shared one, a class the one that its
/// instances share. They are no objects, but a debug build counts references to them like those to objects.
/// Source: `Objects/dictobject.c`, `dictkeys_incref`.
pub(crate) fn key_tables(capture: &Capture, node: NodeId) -> i64 {
    /// `_Py_IMMORTAL_REFCNT` at its smallest: the table of empty dicts from 3.12 on.
    const IMMORTAL: i64 = 0x3fff_ffff;
    if (node as usize) < capture.roots {
        return 0;
    }
    // SAFETY: an object node of a capture since which nothing has run.
    let object = unsafe { Object::new(capture.heap.address(node)) };
    let table = if object.kind().has(ffi::Py_TPFLAGS_DICT_SUBCLASS) {
        object.word(dict::MA_KEYS)
    // SAFETY: an instance of `type` is a live type.
    } else if object.kind().has(ffi::Py_TPFLAGS_TYPE_SUBCLASS) && unsafe { Type::new(object.address()) }.is_heap() {
        object.word(heaptype::HT_CACHED_KEYS)
    } else {
        0
    };
    // SAFETY: the table of a live dict or class, which begins with its count.
    i64::from(table != 0 && (0..IMMORTAL).contains(&unsafe { read::<i64>(table, 0) }))
}

/// Address of the type of an object of a capture; `None` for a thread.
pub(crate) fn type_address(capture: &Capture, node: NodeId) -> Option<u64> {
    let is_object = node as usize >= capture.roots;
    // SAFETY: an object node of a capture since which nothing has run.
    is_object.then(|| unsafe { Object::new(capture.heap.address(node)) }.kind().address())
}

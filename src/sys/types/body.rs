//! Words of an instance's body that point to live objects: what it may hold, whether it says so or not.

use pyo3::ffi;

use super::live::live;
use crate::sys::cpython::Object;

/// A word of a body that points to a live object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BodyWord {
    /// In bytes from the start of the object.
    pub(crate) offset: u64,
    /// The object's address.
    pub(crate) target: u64,
}

/// Looks through the `tp_basicsize` bytes of an instance. The head, the list of weak references (which are
/// borrowed) and words that point to the instance itself are left out; so are types, whose bodies cache
/// borrowed references.
pub(crate) fn body_words(object: *mut ffi::PyObject) -> Vec<BodyWord> {
    // SAFETY: callers pass a live object under the GIL.
    let object = unsafe { Object::new(object as u64) };
    let kind = object.kind();
    if kind.has(ffi::Py_TPFLAGS_TYPE_SUBCLASS) {
        return Vec::new();
    }
    // SAFETY: a live type.
    let weak = unsafe { (*(kind.address() as *const ffi::PyTypeObject)).tp_weaklistoffset } as usize;
    // The count and the type come first, the number of items next where there are items.
    let first = if item_size(kind.address()) == 0 { 16 } else { 24 };
    (first..kind.basic_size() / 8 * 8)
        .step_by(8)
        .filter(|&offset| offset != weak)
        .map(|offset| BodyWord { offset: offset as u64, target: object.word(offset) })
        .filter(|word| word.target != object.address() && live(word.target).is_some())
        .collect()
}

fn item_size(kind: u64) -> isize {
    // SAFETY: a live type.
    unsafe { (*(kind as *const ffi::PyTypeObject)).tp_itemsize }
}

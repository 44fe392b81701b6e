//! Whether an object lives at an address that nobody vouches for, and what it is.

use pyo3::ffi;
use pyo3::prelude::*;

use crate::sys::cpython::{Object, Type, head, is_linked, label, type_name};
use crate::sys::probe::{Refusal, copied};

/// What can be said of a live object without running any of its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    /// `module.qualname` of its type.
    pub(crate) type_name: String,
    /// Roughly what `repr` would say.
    pub(crate) label: String,
    /// Whether the collector could have a part in freeing it.
    pub(crate) is_gc: bool,
}

/// Whether addresses can be looked at safely. Where the kernel forbids that, nothing here may be asked.
pub(crate) fn can_look() -> bool {
    let witness = 1u64;
    copied(&raw const witness as u64, &mut [0]) != Err(Refusal::Forbidden)
}

/// The live object at an address. Every step is read by the kernel: a wild address is no object, and no crash.
///
/// A freed block of pymalloc begins with the link to the next free one, where a count of references would be
/// (CPython `Objects/obmalloc.c`, `pymalloc_free`); the last one has a null link, and no object has the count 0.
pub(in crate::sys) fn live(address: u64) -> Option<Object> {
    let [count, kind] = words(address)?;
    if count as u32 == 0 || is_linked(count) {
        return None;
    }
    let [_, metatype] = words(kind)?;
    let is_type = flags(metatype)? & ffi::Py_TPFLAGS_TYPE_SUBCLASS != 0;
    let is_ready = flags(kind)? & ffi::Py_TPFLAGS_READY != 0;
    // SAFETY: it has a count and a type that is ready, and the GIL is held.
    (is_type && is_ready).then(|| unsafe { Object::new(address) })
}

fn words(address: u64) -> Option<[u64; 2]> {
    let mut words = [0; 2];
    if address < 0x1_0000 || !address.is_multiple_of(8) {
        return None;
    }
    copied(address, &mut words).ok()?;
    Some(words)
}

fn flags(kind: u64) -> Option<u64> {
    let at = kind.checked_add(core::mem::offset_of!(ffi::PyTypeObject, tp_flags) as u64)?;
    Some(words(at)?[0])
}

/// The object at an address in words; `None` when none is alive there.
pub(crate) fn known_object(address: u64) -> Option<Known> {
    let object = live(address)?;
    Some(Known { type_name: type_name(object.kind()), label: label(object), is_gc: object.is_gc() })
}

/// Counts of references; `None` where no mortal object lives.
pub(crate) fn counts(addresses: &[u64]) -> Vec<Option<u32>> {
    addresses.iter().map(|&address| live(address).and_then(Object::reference_count)).collect()
}

/// New references to the live ones among some objects, in order.
pub(crate) fn hold(addresses: &[u64]) -> Vec<*mut ffi::PyObject> {
    let found = addresses.iter().filter_map(|&address| live(address)).map(Object::as_ptr);
    // SAFETY: live objects under the GIL; the caller owns the references.
    found.inspect(|&object| unsafe { ffi::Py_INCREF(object) }).collect()
}

/// Takes over a reference that `hold` made.
pub(crate) fn owned(py: Python<'_>, object: *mut ffi::PyObject) -> Bound<'_, PyAny> {
    // SAFETY: the reference is the caller's own, of a live object.
    unsafe { Bound::from_owned_ptr(py, object) }
}

/// A type that was handed in by Python code.
pub(super) fn kind_of(kind: *mut ffi::PyObject) -> Type {
    // SAFETY: callers have checked that it is a type, and hold it.
    unsafe { Type::new(kind as u64) }
}

/// Where an object's type stands, for those who compare it.
pub(super) fn type_word(address: u64) -> Option<u64> {
    let [count, kind] = words(address)?;
    debug_assert_eq!(head::OB_TYPE, 8);
    (count as u32 != 0 && !is_linked(count)).then_some(kind)
}

//! One call of an instance's `tp_traverse`, with a visitor that only writes down.

use core::ffi::{c_int, c_void};

use pyo3::ffi;

use crate::sys::cpython::Object;
use crate::sys::hook::newest_serial;

/// Visits beyond this number are not written down.
const MOST: usize = 1 << 20;

/// What a call of `tp_traverse` visited.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Visits {
    /// Addresses in order, as often as they were visited.
    pub(crate) targets: Vec<u64>,
    /// How many blocks were born in the heap of Python meanwhile. A collection happens in the middle of any
    /// allocation, so that a traversal must make none.
    pub(crate) born: u64,
}

extern "C" fn write_down(target: *mut ffi::PyObject, argument: *mut c_void) -> c_int {
    // SAFETY: `argument` is the list that `visits` passed, alive during the call.
    let targets = unsafe { &mut *argument.cast::<Vec<u64>>() };
    if targets.len() < MOST {
        targets.push(target as u64);
    }
    0
}

/// Calls `tp_traverse`; `None` for an object that the collector does not know.
pub(crate) fn visits(object: *mut ffi::PyObject) -> Option<Visits> {
    // SAFETY: callers pass a live object under the GIL.
    let object = unsafe { Object::new(object as u64) };
    if !object.is_gc() {
        return None;
    }
    let mut targets: Vec<u64> = Vec::with_capacity(64);
    let before = newest_serial();
    object.traverse(write_down, (&raw mut targets).cast());
    let born = newest_serial() - before;
    // `Py_VISIT` leaves null out; a traversal that does not would crash in a collection, not here.
    Some(Visits { targets, born })
}

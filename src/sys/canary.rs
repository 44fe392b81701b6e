//! Objects for the canary and for the tests: compiled code that leaks on purpose.

use pyo3::ffi;

/// A list that loses a reference, and a bytes object that is never freed, until it is buried.
pub(crate) struct Canary {
    list: *mut ffi::PyObject,
    bytes: *mut ffi::PyObject,
}

impl Canary {
    /// Makes the list. `None` without memory.
    pub(crate) fn hatch() -> Option<Self> {
        // SAFETY: the GIL is held.
        let list = unsafe { ffi::PyList_New(0) };
        (!list.is_null()).then_some(Self { list, bytes: core::ptr::null_mut() })
    }

    /// Address of the list.
    pub(crate) fn address(&self) -> u64 {
        self.list as u64
    }

    /// Leaks a reference to the list, and a fresh object. Returns the address of its block.
    pub(crate) fn leak(&mut self) -> u64 {
        leak_reference(self.list);
        // SAFETY: the GIL is held; the bytes are left uninitialised and never read.
        self.bytes = unsafe { ffi::PyBytes_FromStringAndSize(core::ptr::null(), 100) };
        self.bytes as u64
    }

    /// Gives everything back.
    pub(crate) fn bury(&mut self) {
        // SAFETY: both references of the list and the one of the bytes are ours.
        unsafe {
            ffi::Py_DECREF(self.list);
            ffi::Py_XDECREF(self.bytes);
        }
        self.bytes = core::ptr::null_mut();
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        // SAFETY: the reference that `hatch` made. The address stays comparable as a number.
        unsafe { ffi::Py_XDECREF(self.list) };
    }
}

/// Takes a reference to an object and never gives it back.
pub(crate) fn leak_reference(object: *mut ffi::PyObject) {
    // SAFETY: a live object, and the GIL is held.
    unsafe { ffi::Py_INCREF(object) };
}

/// Gives back a reference that was never taken. The object must have others.
pub(crate) fn over_release(object: *mut ffi::PyObject) {
    // SAFETY: callers pass objects that something else keeps alive.
    unsafe { ffi::Py_DECREF(object) };
}

/// Allocates a block and forgets it.
pub(crate) fn leak_block(size: usize) {
    // SAFETY: the GIL is held.
    let block = unsafe { ffi::PyMem_Malloc(size) };
    core::hint::black_box(block);
}

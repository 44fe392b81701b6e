//! Typed pointers: a live object and a live type, checked once when they are made.

use core::ffi::{c_int, c_void};

use pyo3::ffi;

use super::compat::{self, PRE_HEADER_FLAGS, object, r#type};

/// Reads a value at an offset from an address.
///
/// # Safety
/// `address + offset` lies inside live, initialised memory that holds a `T`.
#[inline(always)]
pub(in crate::sys) unsafe fn read<T: Copy>(address: u64, offset: usize) -> T {
    // SAFETY: the caller's promise; unaligned, because packed C layouts exist.
    unsafe { ((address as usize + offset) as *const T).read_unaligned() }
}

/// A live Python object. Exists only while the GIL is held and no Python code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sys) struct Object(u64);

/// A live Python type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::sys) struct Type(u64);

impl Object {
    /// # Safety
    /// `address` is that of a live object, and stays so while the value is used.
    #[inline(always)]
    pub(in crate::sys) unsafe fn new(address: u64) -> Self {
        Self(address)
    }

    #[inline(always)]
    pub(in crate::sys) fn address(self) -> u64 {
        self.0
    }

    #[inline(always)]
    pub(in crate::sys) fn as_ptr(self) -> *mut ffi::PyObject {
        self.0 as *mut ffi::PyObject
    }

    #[inline(always)]
    pub(in crate::sys) fn kind(self) -> Type {
        Type(self.word(object::OB_TYPE))
    }

    /// A word of the object's own body.
    #[inline(always)]
    pub(in crate::sys) fn word(self, offset: usize) -> u64 {
        // SAFETY: a live object (type invariant), and callers pass offsets of its own layout.
        unsafe { read(self.0, offset) }
    }

    /// `None` for an immortal object.
    #[inline(always)]
    pub(in crate::sys) fn reference_count(self) -> Option<u32> {
        compat::reference_count(self.word(object::OB_REFCNT))
    }

    /// Whether the collector knows this very object (`PyObject_IS_GC`).
    pub(in crate::sys) fn is_gc(self) -> bool {
        let kind = self.kind();
        if !kind.has(ffi::Py_TPFLAGS_HAVE_GC) {
            return false;
        }
        // SAFETY: a live type (type invariant).
        let is_gc = unsafe { (*(kind.0 as *const ffi::PyTypeObject)).tp_is_gc };
        // SAFETY: `tp_is_gc` takes any instance of its type and only looks.
        is_gc.is_none_or(|is_gc| unsafe { is_gc(self.as_ptr()) != 0 })
    }

    /// Calls `tp_traverse`. Returns without doing so when the object is not the collector's: on a
    /// static type it would be a fatal error.
    #[inline(always)]
    pub(in crate::sys) fn traverse(
        self,
        visit: extern "C" fn(*mut ffi::PyObject, *mut c_void) -> c_int,
        argument: *mut c_void,
    ) {
        // SAFETY: a live type (type invariant of `Type`).
        let traverse = unsafe { (*(self.kind().0 as *const ffi::PyTypeObject)).tp_traverse };
        if let Some(traverse) = traverse {
            // SAFETY: the object is tracked or wholly built, and `visit` returns 0 and never unwinds.
            unsafe { traverse(self.as_ptr(), visit, argument) };
        }
    }
}

impl Type {
    /// # Safety
    /// `address` is that of a live type, and stays so while the value is used.
    pub(in crate::sys) unsafe fn new(address: u64) -> Self {
        Self(address)
    }

    #[inline(always)]
    pub(in crate::sys) fn address(self) -> u64 {
        self.0
    }

    #[inline(always)]
    pub(in crate::sys) fn as_object(self) -> Object {
        Object(self.0)
    }

    #[inline(always)]
    pub(in crate::sys) fn flags(self) -> u64 {
        self.as_object().word(r#type::TP_FLAGS)
    }

    #[inline(always)]
    pub(in crate::sys) fn has(self, flag: core::ffi::c_ulong) -> bool {
        self.flags() & flag != 0
    }

    pub(in crate::sys) fn is_heap(self) -> bool {
        self.has(ffi::Py_TPFLAGS_HEAPTYPE)
    }

    /// `tp_basicsize`, in bytes.
    pub(in crate::sys) fn basic_size(self) -> usize {
        self.as_object().word(r#type::TP_BASICSIZE) as usize
    }

    /// Bytes between the start of an instance's block and the instance.
    #[inline(always)]
    pub(in crate::sys) fn pre_header(self) -> u64 {
        pre_header_of(self.flags())
    }

    pub(in crate::sys) fn is_subtype_of(self, base: *mut ffi::PyTypeObject) -> bool {
        // SAFETY: both are live types; the function only reads their bases.
        unsafe { ffi::PyType_IsSubtype(self.0 as *mut ffi::PyTypeObject, base) != 0 }
    }
}

#[inline(always)]
fn pre_header_of(flags: u64) -> u64 {
    let collector = if flags & ffi::Py_TPFLAGS_HAVE_GC != 0 { 16 } else { 0 };
    let managed = if flags & PRE_HEADER_FLAGS != 0 { 16 } else { 0 };
    collector + managed
}

/// Bytes between the start of an instance's block and the instance, for the reference tracer.
///
/// # Safety
/// `kind` points to a live type.
#[cfg(Py_3_13)]
#[inline(always)]
pub(in crate::sys) unsafe fn pre_header(kind: *const ffi::PyTypeObject) -> u64 {
    // SAFETY: the caller's promise.
    pre_header_of(unsafe { read(kind as u64, r#type::TP_FLAGS) })
}

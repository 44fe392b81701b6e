//! A module's definition: the public `struct PyModuleDef`, of the same layout from 3.10 to 3.15.

use core::ffi::CStr;

use pyo3::ffi;

use super::slots::{Slot, slots_at};
use crate::sys::probe::{Refusal, copied};

/// A live definition. Definitions are static data of a library or blocks that are never freed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Definition(*mut ffi::PyModuleDef);

impl Definition {
    /// # Safety
    /// `pointer` is null or leads to a definition; `None` for null.
    pub(super) unsafe fn new(pointer: *mut ffi::PyModuleDef) -> Option<Self> {
        (!pointer.is_null()).then_some(Self(pointer))
    }

    /// The definition at an address; `None` when there is no memory, or something else.
    pub(super) fn at(address: u64) -> Option<Self> {
        const WORDS: usize = size_of::<ffi::PyModuleDef>() / 8;
        let moduledef = &raw const ffi::PyModuleDef_Type as u64;
        let definition = Self(address as *mut ffi::PyModuleDef);
        if address == 0 || !address.is_multiple_of(8) {
            return None;
        }
        let kind = match copied(address, &mut [0; WORDS]) {
            Ok(words) => words[1],
            Err(Refusal::Unmapped) => return None,
            // Then the address must be right.
            Err(Refusal::Forbidden) => definition.fields().m_base.ob_base.ob_type as u64,
        };
        (kind == moduledef).then_some(definition)
    }

    pub(super) fn address(self) -> u64 {
        self.0 as u64
    }

    pub(super) fn as_ptr(self) -> *mut ffi::PyModuleDef {
        self.0
    }

    fn fields(self) -> &'static ffi::PyModuleDef {
        // SAFETY: a live definition (type invariant); the reference is used for one field and dropped
        // before any code that writes to it runs.
        unsafe { &*self.0 }
    }

    /// `m_name`; empty when there is none.
    pub(super) fn name(self) -> String {
        let name = self.fields().m_name;
        // SAFETY: a NUL-terminated text that lives as long as the definition.
        if name.is_null() { String::new() } else { unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned() }
    }

    /// `m_size`: bytes of the module's state; -1 for one that keeps its state in C variables.
    pub(super) fn size(self) -> i64 {
        self.fields().m_size as i64
    }

    /// `m_index`: its place in `modules_by_index`; 0 before it was initialised.
    pub(super) fn index(self) -> isize {
        self.fields().m_base.m_index
    }

    /// Address of `m_copy`, the backup copy of the module's dict; 0 without one.
    pub(super) fn copy(self) -> u64 {
        self.fields().m_base.m_copy as u64
    }

    /// Whether `m_init` is set: CPython calls it on a second import.
    pub(super) fn has_init(self) -> bool {
        self.fields().m_base.m_init.is_some()
    }

    pub(super) fn has_methods(self) -> bool {
        self.fields().m_methods as usize != 0
    }

    pub(super) fn has_slots(self) -> bool {
        !self.fields().m_slots.is_null()
    }

    pub(super) fn slots(self) -> Vec<Slot> {
        // SAFETY: an array of slots that ends with a zero, as CPython itself walks it.
        unsafe { slots_at(self.fields().m_slots as u64) }
    }

    pub(super) fn has_traverse(self) -> bool {
        self.fields().m_traverse.is_some()
    }

    pub(super) fn has_clear(self) -> bool {
        self.fields().m_clear.is_some()
    }

    /// `m_free` as it stands there now.
    pub(super) fn free(self) -> Option<ffi::freefunc> {
        self.fields().m_free
    }

    /// Replaces `m_free`.
    pub(super) fn set_free(self, free: ffi::freefunc) {
        // SAFETY: definitions are writable (CPython writes their index), and the GIL is held.
        unsafe { (*self.0).m_free = Some(free) };
    }

    /// Gives back the backup copy of the module's dict.
    pub(super) fn clear_copy(self) {
        // SAFETY: the definition owns the reference (`fix_up_extension`, `Python/import.c`); the field is
        // empty before the dict can run any code.
        unsafe {
            let copy = core::mem::replace(&mut (*self.0).m_base.m_copy, core::ptr::null_mut());
            ffi::Py_XDECREF(copy);
        }
    }
}

//! The function that gives back what an instance of a type holds.

use pyo3::ffi;

use crate::sys::libraries::code_at;

/// `tp_dealloc` of a live type: its library, and one past its first byte as the library's file counts addresses,
/// which is how return addresses are looked up.
pub(crate) fn deallocator(kind: u64) -> Option<(u32, u64)> {
    // SAFETY: the caller knows of a live type at the address, and the GIL is held.
    let function = unsafe { (*(kind as *const ffi::PyTypeObject)).tp_dealloc }?;
    let (library, offset) = code_at(function as *const () as u64)?;
    Some((library, offset + 1))
}

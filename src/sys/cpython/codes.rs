//! Code objects: what names a place in them.

use pyo3::ffi;

use super::compat::code;
use super::object::{Object, read};
use super::text::text;
use crate::sys::stack::Code;

/// Longest file or function name that is copied, in characters.
const NAME: usize = 4096;

/// Whether an address that a frame refers to is a code object's.
pub(in crate::sys) fn is_code(address: u64) -> bool {
    // SAFETY: a frame refers to it, so a live object stands there.
    unsafe { Object::new(address) }.kind().address() == &raw const ffi::PyCode_Type as u64
}

/// What copies the facts of a code object, and where its instructions begin. The object must be one.
/// Nothing is allocated in Python's heap, and no code runs.
pub(in crate::sys) fn code_facts(object: Object) -> (impl Fn() -> Code, u64) {
    #[cfg(Py_3_11)]
    let start = object.address() + code::CO_CODE_ADAPTIVE as u64;
    #[cfg(not(Py_3_11))]
    let start = 0;
    (move || copy(object), start)
}

fn copy(object: Object) -> Code {
    #[cfg(Py_3_11)]
    const NAME_FIELD: usize = code::CO_QUALNAME;
    #[cfg(not(Py_3_11))]
    const NAME_FIELD: usize = code::CO_NAME;
    let field = |offset| text(object.word(offset), NAME).unwrap_or_default();
    // SAFETY: a field of a live code object.
    let first_line: i32 = unsafe { read(object.address(), code::CO_FIRSTLINENO) };
    Code {
        file: field(code::CO_FILENAME),
        name: field(NAME_FIELD),
        first_line: first_line.max(0) as u32,
        lines: bytes(object.word(code::CO_LINETABLE)),
    }
}

fn bytes(address: u64) -> Vec<u8> {
    let pointer = address as *mut ffi::PyObject;
    // SAFETY: null, or the line table of a live code object: a `bytes`, which never changes.
    unsafe {
        if pointer.is_null() || ffi::PyBytes_CheckExact(pointer) == 0 {
            return Vec::new();
        }
        core::slice::from_raw_parts(ffi::PyBytes_AS_STRING(pointer).cast(), ffi::Py_SIZE(pointer) as usize).to_vec()
    }
}

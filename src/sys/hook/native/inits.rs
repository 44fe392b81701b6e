//! Hooks on the functions of CPython that init functions of modules call.
//!
//! They run under the GIL, in an import: unlike the others they may take a lock and allocate. Each is
//! entered by a few instructions that pass the return address on, which tells whose call it is.

use core::arch::naked_asm;
use core::ffi::{c_int, c_void};

use pyo3::ffi::{PyModuleDef, PyObject};

use super::original::Original;
use super::record::keeping_errno;
use crate::sys::modules::{Api, record_init};

pub(super) static DEF_INIT: Original<extern "C-unwind" fn(*mut PyModuleDef) -> *mut PyObject> = Original::new();
pub(super) static CREATE: Original<extern "C-unwind" fn(*mut PyModuleDef, c_int) -> *mut PyObject> = Original::new();
pub(super) static FROM_DEF: Original<extern "C-unwind" fn(*mut PyModuleDef, *mut PyObject, c_int) -> *mut PyObject> =
    Original::new();
pub(super) static FROM_SLOTS: Original<extern "C-unwind" fn(*mut c_void, *mut PyObject) -> *mut PyObject> =
    Original::new();

/// `PyModuleDef_Init`
#[unsafe(naked)]
pub(super) extern "C-unwind" fn def_init(_: *mut PyModuleDef) -> *mut PyObject {
    naked_asm!("mov rsi, [rsp]", "jmp {}", sym def_init_from)
}

extern "C-unwind" fn def_init_from(definition: *mut PyModuleDef, caller: *const c_void) -> *mut PyObject {
    note(Api::DefInit, definition.cast(), caller);
    DEF_INIT.get()(definition)
}

/// `PyModule_Create2`
#[unsafe(naked)]
pub(super) extern "C-unwind" fn create(_: *mut PyModuleDef, _: c_int) -> *mut PyObject {
    naked_asm!("mov rdx, [rsp]", "jmp {}", sym create_from)
}

extern "C-unwind" fn create_from(definition: *mut PyModuleDef, api: c_int, caller: *const c_void) -> *mut PyObject {
    note(Api::Create, definition.cast(), caller);
    CREATE.get()(definition, api)
}

/// `PyModule_FromDefAndSpec2`
#[unsafe(naked)]
pub(super) extern "C-unwind" fn from_def(_: *mut PyModuleDef, _: *mut PyObject, _: c_int) -> *mut PyObject {
    naked_asm!("mov rcx, [rsp]", "jmp {}", sym from_def_from)
}

extern "C-unwind" fn from_def_from(
    definition: *mut PyModuleDef,
    spec: *mut PyObject,
    api: c_int,
    caller: *const c_void,
) -> *mut PyObject {
    note(Api::FromDef, definition.cast(), caller);
    FROM_DEF.get()(definition, spec, api)
}

/// `PyModule_FromSlotsAndSpec` (3.15)
#[unsafe(naked)]
pub(super) extern "C-unwind" fn from_slots(_: *mut c_void, _: *mut PyObject) -> *mut PyObject {
    naked_asm!("mov rdx, [rsp]", "jmp {}", sym from_slots_from)
}

extern "C-unwind" fn from_slots_from(slots: *mut c_void, spec: *mut PyObject, caller: *const c_void) -> *mut PyObject {
    note(Api::FromSlots, slots, caller);
    FROM_SLOTS.get()(slots, spec)
}

fn note(api: Api, argument: *mut c_void, caller: *const c_void) {
    // SAFETY: the argument that the library passes to the function of this name.
    keeping_errno(|| unsafe { record_init(api, argument, caller) });
}

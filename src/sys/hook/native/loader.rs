//! Hooks on the interpreter's loading and unloading of extensions.
//!
//! A module that is imported during the audit is redirected when it is mapped and before its
//! `PyInit` runs. Its constructors have run by then: what they took is not seen. Everything that
//! the interpreter loads passes here, whatever the kind of import; a path from it always has a
//! slash, so that it does not matter whose search path `dlopen` uses.

use core::ffi::{c_char, c_int, c_void};

use super::original::Original;
use super::record::{forked, keeping_errno};
use crate::sys::imports::sync_again;
use crate::sys::stack;

pub(super) static OPEN: Original<extern "C-unwind" fn(*const c_char, c_int) -> *mut c_void> = Original::new();
pub(super) static CLOSE: Original<extern "C-unwind" fn(*mut c_void) -> c_int> = Original::new();

pub(super) extern "C-unwind" fn dlopen(path: *const c_char, mode: c_int) -> *mut c_void {
    let handle = OPEN.get()(path, mode);
    if !handle.is_null() && !path.is_null() {
        keeping_errno(catch_up);
    }
    handle
}

pub(super) extern "C-unwind" fn dlclose(handle: *mut c_void) -> c_int {
    let result = CLOSE.get()(handle);
    if result == 0 {
        keeping_errno(catch_up);
    }
    result
}

/// Import tables and stacks as of what is loaded now.
fn catch_up() {
    sync_again();
    if !forked() {
        stack::refresh();
    }
}

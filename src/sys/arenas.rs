//! The arenas that pymalloc holds from the system, counted at its arena allocator.
//!
//! As for the domains (see `hook/allocator.rs`): functions that ignore their context, the original
//! in a static that is filled before, installed once and never removed.

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

use pyo3::ffi::{self, PyObjectArenaAllocator};

static INSTALLED: AtomicBool = AtomicBool::new(false);
/// Bytes mapped less bytes unmapped since the installation. Interpreters with a GIL of their own
/// share the allocator.
static HELD: AtomicI64 = AtomicI64::new(0);

struct Original(UnsafeCell<PyObjectArenaAllocator>);
// SAFETY: written once under the GIL before a hook can read it, never afterwards.
unsafe impl Sync for Original {}
static ORIGINAL: Original =
    Original(UnsafeCell::new(PyObjectArenaAllocator { ctx: core::ptr::null_mut(), alloc: None, free: None }));

fn original() -> PyObjectArenaAllocator {
    // SAFETY: filled before the hooks are installed; nothing writes it again.
    unsafe { *ORIGINAL.0.get() }
}

extern "C" fn map(_: *mut c_void, size: usize) -> *mut c_void {
    let original = original();
    let Some(function) = original.alloc else { return core::ptr::null_mut() };
    let arena = function(original.ctx, size);
    if !arena.is_null() {
        HELD.fetch_add(size as i64, Relaxed);
    }
    arena
}

extern "C" fn unmap(_: *mut c_void, arena: *mut c_void, size: usize) {
    let original = original();
    if let Some(function) = original.free {
        function(original.ctx, arena, size);
        HELD.fetch_sub(size as i64, Relaxed);
    }
}

/// Wraps pymalloc's arena allocator. Idempotent; call with the GIL held.
pub(crate) fn watch_arenas() {
    if INSTALLED.swap(true, Relaxed) {
        return;
    }
    // SAFETY: fills the static it is given, which no hook reads yet.
    unsafe { ffi::PyObject_GetArenaAllocator(ORIGINAL.0.get()) };
    let mut ours = PyObjectArenaAllocator { ctx: core::ptr::null_mut(), alloc: Some(map), free: Some(unmap) };
    // SAFETY: wraps the allocator that was current and returns its arenas unchanged.
    unsafe { ffi::PyObject_SetArenaAllocator(&raw mut ours) };
}

/// Bytes of arenas mapped less those unmapped since [`watch_arenas`].
pub(super) fn held() -> i64 {
    HELD.load(Relaxed)
}

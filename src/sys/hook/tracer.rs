//! The reference tracer (3.13+): births from free lists, which no allocator sees.
//!
//! Only the CREATE event is used. DESTROY is lost in several releases (gh-125703, gh-130382,
//! gh-156371), so the free of the block is the truth about deaths. There is one slot in the
//! process and tracemalloc takes it: whoever had it before is called on, and the state is checked
//! at each snapshot.

use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use core::sync::atomic::Ordering::Relaxed;

use pyo3::ffi::PyObject;

use super::allocator::CENSUS;
use super::stamp::{JUST_BORN, next_serial, stamped};
use crate::event::RunId;
use crate::sys::cpython::pre_header;
use crate::sys::stack::{capture, holder_state, registers};

type Tracer = unsafe extern "C" fn(*mut PyObject, c_int, *mut c_void) -> c_int;
const CREATE: c_int = 0;

unsafe extern "C" {
    fn PyRefTracer_SetTracer(tracer: Option<Tracer>, data: *mut c_void) -> c_int;
    fn PyRefTracer_GetTracer(data: *mut *mut c_void) -> Option<Tracer>;
}

/// The tracer that was there before us, and its data.
struct Previous(UnsafeCell<(Option<Tracer>, *mut c_void)>);
// SAFETY: read and written with the GIL held only.
unsafe impl Sync for Previous {}
static PREVIOUS: Previous = Previous(UnsafeCell::new((None, core::ptr::null_mut())));

/// # Safety
/// For the interpreter only, which calls it with a new object and the GIL held.
unsafe extern "C" fn trace(object: *mut PyObject, event: c_int, _: *mut c_void) -> c_int {
    if event == CREATE {
        // SAFETY: on CREATE the type is set and the object is whole enough to read it.
        let block = object as u64 - unsafe { pre_header((*object).ob_type) };
        let run = stamped();
        // What did not come from the allocator just now came from a free list.
        if run != RunId::NOBODY && JUST_BORN.swap(0, Relaxed) != block {
            CENSUS.restamp(block, next_serial(), run.0, capture(registers(), holder_state()));
        }
    }
    // SAFETY: written before this function was installed; the GIL is held here.
    let (previous, data) = unsafe { *PREVIOUS.0.get() };
    match previous {
        // SAFETY: the previous owner's function with the previous owner's data.
        Some(previous) => unsafe { previous(object, event, data) },
        None => 0,
    }
}

fn current() -> (Option<Tracer>, *mut c_void) {
    let mut data = core::ptr::null_mut();
    // SAFETY: writes the data pointer; the GIL is held.
    let tracer = unsafe { PyRefTracer_GetTracer(&raw mut data) };
    (tracer, data)
}

/// Whether the slot is ours.
pub(crate) fn is_active() -> bool {
    current().0.map(|f| f as usize) == Some(trace as *const () as usize)
}

/// Whether somebody else has the slot.
pub(crate) fn is_foreign() -> bool {
    current().0.is_some() && !is_active()
}

/// Takes the slot and calls on whoever had it. Idempotent.
pub(crate) fn install() {
    if !is_active() {
        // SAFETY: the GIL is held; `trace` is not installed, so nobody reads PREVIOUS.
        unsafe { *PREVIOUS.0.get() = current() };
        // SAFETY: `trace` calls no Python API, allocates nothing and never unwinds.
        unsafe { PyRefTracer_SetTracer(Some(trace), core::ptr::null_mut()) };
    }
}

/// Gives the slot back to whoever had it, unless it was taken from us meanwhile.
pub(crate) fn remove() {
    if is_active() {
        // SAFETY: as above.
        let (tracer, data) = unsafe { *PREVIOUS.0.get() };
        // SAFETY: puts back what was found.
        unsafe { PyRefTracer_SetTracer(tracer, data) };
    }
}

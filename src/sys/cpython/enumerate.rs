//! Every object that the collector tracks, without creating one.

#[cfg(Py_3_12)]
use pyo3::ffi;

/// Calls `found` with the address of every tracked object.
#[cfg(Py_3_12)]
pub(in crate::sys) fn tracked(mut found: impl FnMut(u64)) -> bool {
    use core::ffi::{c_int, c_void};

    unsafe extern "C" {
        /// Documented since 3.12: the callback returns 1 to go on.
        fn PyUnstable_GC_VisitObjects(
            callback: extern "C" fn(*mut ffi::PyObject, *mut c_void) -> c_int,
            argument: *mut c_void,
        );
    }
    extern "C" fn visit<F: FnMut(u64)>(object: *mut ffi::PyObject, argument: *mut c_void) -> c_int {
        // SAFETY: `argument` is the closure below, alive during the call.
        let found = unsafe { &mut *argument.cast::<F>() };
        found(object as u64);
        1
    }
    fn call<F: FnMut(u64)>(found: &mut F) {
        // SAFETY: the GIL is held; the callback creates no object and never unwinds.
        unsafe { PyUnstable_GC_VisitObjects(visit::<F>, core::ptr::from_mut(found).cast()) };
    }
    call(&mut found);
    true
}

/// Calls `found` with the address of every tracked object. Returns whether the lists were found.
///
/// Up to 3.11 there is no function for this, and `gc.get_objects` would add a reference to each.
/// So the lists are walked.
#[cfg(not(Py_3_12))]
pub(in crate::sys) fn tracked(mut found: impl FnMut(u64)) -> bool {
    use super::collector::generation0;
    use super::object::read;
    const GENERATION: u64 = 24;
    const HEADER: u64 = 16;

    let Some(generation0) = generation0() else { return false };
    // The three generations, then (after `generation0` itself) the frozen objects.
    let heads = [3, 2, 1].map(|back| generation0 - back * GENERATION).into_iter().chain([generation0 + 8]);
    for head in heads {
        // SAFETY: `_gc_next` of a list head or of a member; the list stands still under the GIL.
        let next = |at: u64| unsafe { read::<u64>(at, 0) } & !3;
        let mut at = next(head);
        while at != head {
            found(at + HEADER);
            at = next(at);
        }
    }
    true
}

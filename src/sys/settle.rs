//! Quietens the interpreter before a snapshot.

use pyo3::ffi;

/// Rounds of collection at most: finalizers may make new garbage.
pub(crate) const THOROUGH: usize = 5;
/// One round: what finalizers leave behind then looks like a survivor, and is looked at again.
pub(crate) const QUICK: usize = 1;

/// Collects until nothing is left to collect, or so many rounds, which also empties every free list, and clears the
/// type cache (its entries hold references to names and to `None` up to 3.11). The collector is
/// left enabled or disabled as found. Returns how many objects were collected.
pub(crate) fn settle(rounds: usize) -> isize {
    // SAFETY: the GIL is held. `PyGC_Collect` does nothing while the collector is disabled, so it
    // is enabled meanwhile; pending exceptions are kept by it.
    unsafe {
        let was_enabled = ffi::PyGC_Enable() != 0;
        let mut collected = 0;
        for _ in 0..rounds {
            let found = ffi::PyGC_Collect();
            collected += found;
            if found == 0 {
                break;
            }
        }
        if !was_enabled {
            ffi::PyGC_Disable();
        }
        ffi::PyType_ClearCache();
        collected
    }
}

//! What tests and benchmarks need of the watch on reference counts.

use std::collections::BTreeMap;

use pyo3::exceptions::{PyMemoryError, PyRuntimeError};
use pyo3::prelude::*;

use crate::sys::watch::{self, Births, guard};

/// Guards every block of the object domain of these sizes until `_guard_end`. Raises RuntimeError with the reason when
/// nothing can be guarded.
#[pyfunction]
#[pyo3(name = "_guard_all")]
pub(super) fn guard_all(least: u64, most: u64) -> PyResult<()> {
    if guard::guard_all(least, most) { Ok(()) } else { Err(PyRuntimeError::new_err(watch::notes().join("; "))) }
}

/// Watches the next objects whose blocks have such a size, `before` bytes of which stand before the object: at most so
/// many. Raises RuntimeError with the reason when nothing can be guarded.
#[pyfunction]
#[pyo3(name = "_guard_births")]
pub(super) fn guard_births(size: u64, before: u64, most: u32) -> PyResult<()> {
    if !watch::open_record() {
        return Err(PyMemoryError::new_err("no memory for a record of reference counts"));
    }
    guard::arm_at_any_time(&[Births { size, before, stacks: Vec::new() }], most);
    if guard::is_armed() { Ok(()) } else { Err(PyRuntimeError::new_err(watch::notes().join("; "))) }
}

/// Address of a guarded object that is none: 32 bytes before it and its first 16 are read-only, 2,000 behind are not.
/// It is never freed.
#[pyfunction]
#[pyo3(name = "_guard_block")]
pub(super) fn guard_block() -> PyResult<u64> {
    guard::block().ok_or_else(|| PyRuntimeError::new_err("nothing is armed, or there is no room"))
}

/// A run begins, as far as guard pages are concerned.
#[pyfunction]
#[pyo3(name = "_guard_next_run")]
pub(super) fn guard_next_run() {
    guard::check();
}

/// Ends what `_guard_all` or `_guard_births` began; returns what could not be watched.
#[pyfunction]
#[pyo3(name = "_guard_end")]
pub(super) fn guard_end() -> Vec<String> {
    guard::end();
    watch::notes()
}

/// Whether the object at an address is guarded.
#[pyfunction]
#[pyo3(name = "_guard_watches")]
pub(super) fn guard_watches(object: u64) -> bool {
    guard::watches(object)
}

/// How often what happened since the last arming.
#[pyfunction]
#[pyo3(name = "_guard_statistics")]
pub(super) fn guard_statistics() -> BTreeMap<&'static str, u64> {
    guard::statistics().into_iter().collect()
}

/// Changes of reference counts so far, in order: object, count before, count after, thread, stack.
#[pyfunction]
#[pyo3(name = "_watch_events")]
pub(super) fn watch_events() -> Vec<(u64, i64, i64, u32, u32)> {
    watch::events()
        .into_iter()
        .map(|event| (event.object, event.before, event.after, event.thread, event.stack.0))
        .collect()
}

/// Forgets all changes.
#[pyfunction]
#[pyo3(name = "_watch_forget")]
pub(super) fn watch_forget() {
    watch::forget();
}

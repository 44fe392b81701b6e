//! Functions of module audits that look into the process.

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use serde_json::json;

use super::to_json;
use crate::findings::life_cycle::Facts;
use crate::sys;

/// Records from now on which module definitions extensions hand to CPython. Idempotent.
#[pyfunction]
pub(super) fn watch_inits() {
    sys::watch_inits();
}

/// What was recorded, as a JSON list of {library, api, def, name, m_size, calls, frees}.
#[pyfunction]
pub(super) fn inits() -> PyResult<String> {
    let rows: Vec<_> = sys::inits()
        .into_iter()
        .map(|init| {
            json!({
                "library": init.library, "api": init.api, "def": init.def, "name": init.name,
                "m_size": init.m_size, "calls": init.calls, "frees": init.frees,
            })
        })
        .collect();
    to_json(&rows)
}

/// What a module's definition and library say, as JSON. Definition 0 is looked for.
#[pyfunction]
#[pyo3(signature = (module, def_ = 0))]
pub(super) fn module_facts(module: &Bound<'_, PyAny>, def_: u64) -> PyResult<String> {
    let facts = sys::module_facts(module.as_ptr(), def_);
    to_json(&Facts {
        init: facts.init.to_owned(),
        m_size: facts.m_size,
        slots: facts.slots.into_iter().map(str::to_owned).collect(),
        multiple_interpreters: facts.multiple_interpreters.to_owned(),
        gil: facts.gil.to_owned(),
        has_methods: facts.has_methods,
        traverse: facts.traverse,
        clear: facts.clear,
        free: facts.free,
        static_types: facts.static_types,
        abi3: facts.abi3,
        exports_slots: facts.exports_slots,
        framework: facts.framework.to_owned(),
    })
}

/// Address of the definition that a module was made from; 0 when it has none, or no longer knows it.
#[pyfunction]
pub(super) fn module_def(module: &Bound<'_, PyAny>) -> u64 {
    sys::module_def(module.as_ptr())
}

/// CPython's import caches and what they have of some definitions, as JSON of addresses.
#[pyfunction]
pub(super) fn import_caches(defs: Vec<u64>) -> PyResult<String> {
    let caches = sys::import_caches(&defs);
    to_json(&json!({
        "by_index": caches.by_index, "extensions": caches.extensions,
        "copies": caches.copies, "entries": caches.entries,
    }))
}

/// Clears what the caches have of a module; what was cleared, in words. Destructive.
#[pyfunction]
pub(super) fn forget_import(name: &str, file: &str, def_: u64) -> PyResult<String> {
    sys::forget_import(name, file, def_).map_err(PyRuntimeError::new_err)
}

/// Address and serial of birth; 0 for an object whose birth was not seen.
#[pyfunction]
pub(super) fn identify(object: &Bound<'_, PyAny>) -> (u64, u64) {
    sys::identify(object.as_ptr())
}

/// Whether the object of `identify` is still there. Raises ValueError for serial 0.
#[pyfunction]
pub(super) fn is_alive(address: u64, serial: u64) -> PyResult<bool> {
    sys::is_alive(address, serial).ok_or_else(|| PyValueError::new_err("the birth of this object was not seen"))
}

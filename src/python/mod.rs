//! The Python module `refaudit._refaudit`: the only place where errors become exceptions.

mod breakpoint;
mod cycles;
mod examine;
mod import_model;
mod layers;
mod life_cycle;
mod measurement;
mod model_heap;
mod modules;
mod support;
mod trace;
mod types;
mod watch;

use pyo3::prelude::*;

/// Compiled core of refaudit. Use the names of the package `refaudit` instead.
#[pymodule]
mod _refaudit {
    #[pymodule_export]
    use super::breakpoint::{
        called_functions, effect, effect_names, imported_counts, imported_dropped, watch_calls, watch_counts,
        watched_counts,
    };
    #[pymodule_export]
    use super::cycles::{PyCycleWindow, garbage};
    #[pymodule_export]
    use super::examine::{examine, retained};
    #[pymodule_export]
    use super::import_model::PyImportModel;
    #[pymodule_export]
    use super::layers::PyLayers;
    #[pymodule_export]
    use super::life_cycle::{judge_module, render_module};
    #[pymodule_export]
    use super::measurement::PyMeasurement;
    #[pymodule_export]
    use super::model_heap::{PyModelHeap, describe, describe_reference, live_objects, total_refcount};
    #[pymodule_export]
    use super::modules::{
        forget_import, identify, import_caches, inits, is_alive, module_def, module_facts, watch_inits,
    };
    #[pymodule_export]
    use super::support::{
        leak_block, leak_reference, limit_stack_table, native_awake, native_blocks, native_sync, over_release,
        snapshot_and_dominators, time_holders, time_snapshot, time_unwinding, unwinding_agrees,
    };
    #[pymodule_export]
    use super::trace::{PyRefTrace, render_history};
    #[pymodule_export]
    use super::types::{
        body_words, instances_of, judge_types, known_object, objects_at, parked, reference_counts, render_types,
        type_facts, visits,
    };
    #[pymodule_export]
    use super::watch::{
        guard_all, guard_births, guard_block, guard_end, guard_next_run, guard_statistics, guard_watches, watch_events,
        watch_forget,
    };
    #[pymodule_export]
    use super::{
        canary, check_hooks, diagnose, install, layouts, render, render_folder, self_check, set_memory_budget,
        set_stack_depth, set_tracer, settle, statistics, trust,
    };
}

use std::sync::Mutex;

use pyo3::exceptions::{PyMemoryError, PyRuntimeError, PyValueError};

use crate::audit::{self, Watch};
use crate::document::Document;
use crate::report::{self, Format};
use crate::sys;

/// What happened to the hooks of this process so far.
static WATCH: Mutex<Option<Watch>> = Mutex::new(None);

fn with_watch<T>(look: impl FnOnce(&mut Watch) -> T) -> T {
    let mut watch = WATCH.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    look(watch.get_or_insert_with(Watch::default))
}

/// Compares private layouts with known objects. Raises RuntimeError when they do not fit.
#[pyfunction]
fn self_check(py: Python<'_>) -> PyResult<()> {
    audit::self_check(py.version_info().minor).map_err(PyRuntimeError::new_err)
}

/// Wraps the three allocator domains and the arena allocator. Idempotent.
#[pyfunction]
fn install() -> PyResult<()> {
    if !sys::install() {
        return Err(PyMemoryError::new_err("no address space for the table of live blocks"));
    }
    sys::watch_arenas();
    Ok(())
}

/// Leaks on purpose and looks whether that is found; returns the complaint, or None.
#[pyfunction]
fn canary() -> Option<String> {
    let result = audit::canary();
    let complaint = result.clone().err();
    with_watch(|watch| watch.canary = Some(result));
    complaint
}

/// Looks at every hook, and puts lost ones back.
#[pyfunction]
fn check_hooks(tracemalloc_is_tracing: bool, frozen: usize, notes: Vec<String>) {
    with_watch(|watch| {
        watch.check(tracemalloc_is_tracing);
        if frozen > 0 {
            watch.other(
                "gc.freeze was used: frozen garbage is not collected, and older Pythons do not list frozen objects",
            );
        }
        for note in &notes {
            watch.note(note);
        }
    });
}

/// Takes or gives back the reference tracer (3.13+); does nothing on older versions.
#[pyfunction]
#[cfg_attr(not(Py_3_13), allow(unused_variables))]
fn set_tracer(active: bool) {
    #[cfg(Py_3_13)]
    if active { sys::install_tracer() } else { sys::remove_tracer() }
}

/// The trust block of an audit document with or without findings, as JSON. What was noted since the last one is in it, and
/// is forgotten then: the next audit begins with hooks that were put back.
#[pyfunction]
fn trust(found: bool) -> PyResult<String> {
    to_json(&with_watch(|watch| {
        let trust = audit::trust(watch, found);
        watch.forget();
        trust
    }))
}

/// Collects until nothing is left, empties free lists and the type cache; returns what it collected.
#[pyfunction]
fn settle() -> isize {
    sys::settle(sys::THOROUGH)
}

/// (type name, objects, unexplained references, bytes) for every type, after settling.
#[pyfunction]
fn statistics() -> Vec<(String, u64, i64, u64)> {
    audit::statistics().into_iter().map(|s| (s.type_name, s.count, s.unexplained, s.size)).collect()
}

/// How well the model explains this process, as a dict.
#[pyfunction]
#[pyo3(signature = (settle = true))]
fn diagnose(py: Python<'_>, settle: bool) -> PyResult<Bound<'_, PyAny>> {
    use pyo3::types::{PyDict, PyDictMethods};
    let found = audit::diagnose(settle);
    let dict = PyDict::new(py);
    for (name, number) in [
        ("objects", found.objects as i64),
        ("edges", found.edges as i64),
        ("bytes", found.bytes as i64),
        ("unexplained", found.unexplained),
        ("remaining", found.remaining),
        ("negative", found.negative),
        ("garbage", found.garbage as i64),
        ("components", found.components as i64),
    ] {
        dict.set_item(name, number)?;
    }
    dict.set_item("complete", found.complete)?;
    let rows: Vec<_> = found
        .unaccounted
        .into_iter()
        .map(|row| (row.type_name, row.label, row.references, row.statics, row.holder))
        .collect();
    dict.set_item("unaccounted", rows)?;
    Ok(dict.into_any())
}

/// Sets how many Python and native frames of a stack are recorded at most; 0 for none of that kind.
#[pyfunction]
fn set_stack_depth(python: u32, native: u32) {
    sys::limit_stacks(python, native);
}

/// Sets how many bytes the model heap may take; 0 for half of what the system has to spare.
#[pyfunction]
fn set_memory_budget(bytes: u64) {
    audit::set_budget(bytes);
}

/// Private offsets of this build by name, for the comparison with CPython's headers.
#[pyfunction]
fn layouts() -> std::collections::BTreeMap<String, usize> {
    sys::layouts().into_iter().collect()
}

/// Renders an audit document (JSON text) in a format of [`Format::from_suffix`]; paths begin at `root`.
#[pyfunction]
#[pyo3(signature = (document, format, root = ""))]
fn render(document: &str, format: &str, root: &str) -> PyResult<String> {
    let document = Document::from_json(document).map_err(|error| PyValueError::new_err(error.to_string()))?;
    let format = Format::from_suffix(format).map_err(|error| PyValueError::new_err(error.to_string()))?;
    report::render(&document, format, root).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

/// The page of an audit document (JSON text) as files of a folder, by name.
#[pyfunction]
fn render_folder(document: &str) -> PyResult<Vec<(&'static str, String)>> {
    let document = Document::from_json(document).map_err(|error| PyValueError::new_err(error.to_string()))?;
    report::render_folder(&document).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

fn to_json(value: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

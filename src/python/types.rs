//! Functions of type audits that look at a type or at one instance, and the judgement.

use std::collections::BTreeMap;

use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyType;
use serde_json::json;

use super::to_json;
use crate::document::TypesDocument;
use crate::report::{self, Format};
use crate::sys;

/// What a type says of itself, as JSON. `sample` is any class made by a `class` statement.
#[pyfunction]
pub(super) fn type_facts(kind: &Bound<'_, PyAny>, sample: &Bound<'_, PyType>) -> PyResult<String> {
    let facts = sys::type_facts(as_type(kind)?, sample.as_ptr());
    let members: Vec<_> = facts
        .members
        .iter()
        .map(|member| json!({"name": member.name, "offset": member.offset, "readonly": member.readonly}))
        .collect();
    to_json(&json!({
        "name": facts.name, "library": facts.library, "heap": facts.is_heap, "gc": facts.has_gc,
        "subclassable": facts.is_subclassable, "immutable": facts.is_immutable,
        "instantiable": facts.is_instantiable, "dict": facts.has_dict, "traverse": facts.traverse,
        "clear": facts.clear, "finalizer": facts.finalizer, "legacy_del": facts.legacy_del,
        "traverse_at": facts.traverse_at, "made_by_type": facts.made_by_type, "members": members,
        "settable": facts.settable,
    }))
}

/// Calls `tp_traverse`: how often each address was visited, in order of address, and how many blocks were born
/// meanwhile; None for an object that the collector does not know. Anything may happen.
#[pyfunction]
pub(super) fn visits(object: &Bound<'_, PyAny>) -> Option<(Vec<(u64, u64)>, u64)> {
    let visits = sys::visits(object.as_ptr())?;
    let mut times: BTreeMap<u64, u64> = BTreeMap::new();
    for target in visits.targets {
        *times.entry(target).or_default() += 1;
    }
    Some((times.into_iter().collect(), visits.born))
}

/// Offset and address of each word of an instance's body that points to a live object.
#[pyfunction]
pub(super) fn body_words(object: &Bound<'_, PyAny>) -> Vec<(u64, u64)> {
    sys::body_words(object.as_ptr()).into_iter().map(|word| (word.offset, word.target)).collect()
}

/// Type name, label, and whether it takes part in collection, of the live object at an address; None when there
/// is none. Raises RuntimeError where the kernel forbids such looks.
#[pyfunction]
pub(super) fn known_object(address: u64) -> PyResult<Option<(String, String, bool)>> {
    if !sys::can_look() {
        return Err(PyRuntimeError::new_err("process_vm_readv is forbidden here: no address can be looked at"));
    }
    Ok(sys::known_object(address).map(|known| (known.type_name, known.label, known.is_gc)))
}

/// Counts of references by address; None for an immortal object, and where no object lives.
#[pyfunction]
pub(super) fn reference_counts(addresses: Vec<u64>) -> Vec<Option<u32>> {
    sys::counts(&addresses)
}

/// The live objects at some addresses.
#[pyfunction]
pub(super) fn objects_at<'py>(py: Python<'py>, addresses: Vec<u64>) -> Vec<Bound<'py, PyAny>> {
    let found = sys::hold(&addresses);
    found.into_iter().map(|object| sys::owned(py, object)).collect()
}

/// At most `most` live instances of exactly this type.
#[pyfunction]
pub(super) fn instances_of<'py>(kind: &Bound<'py, PyAny>, most: usize) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let found = sys::instances(as_type(kind)?, most);
    Ok(objects_at(kind.py(), found))
}

/// Whether the collector still tracks a dead instance whose block was not given back; None for any other address.
#[pyfunction]
pub(super) fn parked(address: u64, is_gc: bool) -> Option<bool> {
    sys::parked(address, is_gc)
}

fn as_type(kind: &Bound<'_, PyAny>) -> PyResult<*mut pyo3::ffi::PyObject> {
    // Not `isinstance`, which asks `__class__`.
    let is_type = kind.get_type().is_subclass_of::<PyType>()?;
    if is_type { Ok(kind.as_ptr()) } else { Err(PyTypeError::new_err("not a type")) }
}

fn refused(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Judges an observation: the types document, as JSON. All three are JSON objects: the observation, and `tool`
/// and `interpreter` as in the audit document. Raises ValueError for anything else.
#[pyfunction]
pub(super) fn judge_types(observed: &str, tool: &str, interpreter: &str) -> PyResult<String> {
    let document = TypesDocument::of(
        serde_json::from_str(observed).map_err(refused)?,
        serde_json::from_str(tool).map_err(refused)?,
        serde_json::from_str(interpreter).map_err(refused)?,
    );
    Ok(document.to_json())
}

/// Renders a types document (JSON text). Raises ValueError for another text, and for a format that has no meaning
/// for it.
#[pyfunction]
pub(super) fn render_types(document: &str, format: &str) -> PyResult<String> {
    let document = TypesDocument::from_json(document).map_err(refused)?;
    report::render_types(&document, Format::from_suffix(format).map_err(refused)?).map_err(refused)
}

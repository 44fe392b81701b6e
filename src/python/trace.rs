//! `RefTrace`: a watch on the reference count of one object.

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use super::to_json;
use crate::audit::Trace;
use crate::report;

/// A watch on one object, by its address: it keeps nothing alive.
#[pyclass(name = "RefTrace", module = "refaudit._refaudit")]
pub(super) struct PyRefTrace {
    trace: Option<Trace>,
}

#[pymethods]
impl PyRefTrace {
    /// Begins to watch the object at an address.
    #[new]
    fn new(address: u64) -> Self {
        Self { trace: Some(Trace::begin(address)) }
    }

    /// Ends the watch; the ledger of what was seen, as JSON. Raises RuntimeError the second time.
    #[pyo3(signature = (scope = Vec::new()))]
    fn finish(&mut self, scope: Vec<String>) -> PyResult<String> {
        let trace = self.trace.take().ok_or_else(|| PyRuntimeError::new_err("the watch has ended"))?;
        to_json(&trace.finish(&scope))
    }
}

/// The history of a watch, a ledger as JSON, as text. Raises ValueError for anything else.
#[pyfunction]
pub(super) fn render_history(ledger: &str) -> PyResult<String> {
    let ledger = serde_json::from_str(ledger).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(report::render_history(&ledger))
}

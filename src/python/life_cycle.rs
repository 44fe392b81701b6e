//! Module audits: from what child processes observed to a document, and from that to a report.

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::document::ModuleDocument;
use crate::report::{self, Format, ReportError};

fn refused(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Judges an observation: the module document, as JSON. All three are JSON objects: the observation, and
/// `tool` and `interpreter` as in the audit document. Raises ValueError for anything else.
#[pyfunction]
pub(super) fn judge_module(observed: &str, tool: &str, interpreter: &str) -> PyResult<String> {
    let document = ModuleDocument::of(
        serde_json::from_str(observed).map_err(refused)?,
        serde_json::from_str(tool).map_err(refused)?,
        serde_json::from_str(interpreter).map_err(refused)?,
    );
    Ok(document.to_json())
}

/// Renders a module document (JSON text); paths begin at `root`. Raises ValueError for another text, and for a
/// format that has no meaning for it.
#[pyfunction]
#[pyo3(signature = (document, format, root = ""))]
pub(super) fn render_module(document: &str, format: &str, root: &str) -> PyResult<String> {
    let document = ModuleDocument::from_json(document).map_err(refused)?;
    let format = Format::from_suffix(format).map_err(refused)?;
    report::render_module(&document, format, root).map_err(|error| match error {
        ReportError::Template(_) => PyRuntimeError::new_err(error.to_string()),
        other => refused(other),
    })
}

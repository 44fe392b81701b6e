//! `CycleWindow`: a window whose cycles are listed at its end.

use pyo3::prelude::*;

use super::to_json;
use crate::audit::{self, CycleWindow};

/// A window in which the caller keeps the collector off.
#[pyclass(name = "CycleWindow", module = "refaudit._refaudit")]
pub(super) struct PyCycleWindow {
    inner: CycleWindow,
}

#[pymethods]
impl PyCycleWindow {
    #[new]
    #[pyo3(signature = (scope = Vec::new()))]
    fn new(scope: Vec<String>) -> Self {
        Self { inner: CycleWindow::of(scope) }
    }

    /// Settles, and opens the window.
    fn open(&mut self) {
        self.inner.open();
    }

    /// Closes the window.
    fn close(&mut self) {
        self.inner.close();
    }

    /// The cycles that were made or let go of in the window; a list as JSON. Nothing may have run since.
    fn cycles(&self, subject: &str) -> PyResult<String> {
        to_json(&self.inner.cycles(subject))
    }
}

/// Test support: what is garbage to the model among the objects that the collector tracks: address, type, and
/// whether the next full collection sees it. Collects nothing.
#[pyfunction(name = "_garbage")]
pub(super) fn garbage() -> Vec<(u64, String, bool)> {
    audit::predicted()
}

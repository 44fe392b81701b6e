//! `Layers`: what each layer of memory held at one moment.

use pyo3::prelude::*;

use super::to_json;
use crate::audit::{Reading, measure_layers};
use crate::sys::Awake;

/// A reading of every layer of memory, taken when it is made.
#[pyclass(name = "Layers", module = "refaudit._refaudit", frozen)]
pub(super) struct PyLayers {
    reading: Reading,
    /// What comes between two readings must be recorded.
    _awake: Awake,
}

#[pymethods]
impl PyLayers {
    #[new]
    fn new() -> Self {
        let _awake = Awake::new();
        Self { reading: measure_layers(), _awake }
    }

    /// By how much each layer grew since, in bytes, as JSON.
    fn growth(&self) -> PyResult<String> {
        to_json(&measure_layers().growth_since(&self.reading))
    }
}

//! `Measurement`: one measurement, all of its state in Rust memory.

use pyo3::prelude::*;

use super::to_json;
use crate::audit::Measurement;
use crate::sys;

/// A baseline, runs, and what each of them did not give back.
#[pyclass(name = "Measurement", module = "refaudit._refaudit")]
pub(super) struct PyMeasurement {
    inner: Measurement,
    /// Collect only once before a snapshot: a screening, which what it suspects is repeated after.
    #[pyo3(get, set)]
    quick: bool,
}

#[pymethods]
impl PyMeasurement {
    #[new]
    #[pyo3(signature = (scope = Vec::new()))]
    fn new(scope: Vec<String>) -> Self {
        Self { inner: Measurement::of(scope), quick: false }
    }

    /// There will be one run only, which must make do with less evidence. Said before the baseline.
    fn single(&mut self) {
        self.inner.single = true;
    }

    /// Starts anew from the last snapshot of another measurement.
    fn adopt(&mut self, other: PyRef<'_, Self>) {
        self.inner.adopt(&other.inner);
    }

    /// Watches the objects of another measurement's last findings, or with `wide` all that are as large.
    fn watch(&mut self, found: PyRef<'_, Self>, wide: bool) {
        self.inner.watch(&found.inner, wide);
    }

    /// Settles and takes a snapshot: the baseline, then one after each run.
    fn snapshot(&mut self) {
        self.inner.snapshot(if self.quick { sys::QUICK } else { sys::THOROUGH });
    }

    /// Opens the window of the next run; returns its number, from 0.
    fn open(&mut self) -> usize {
        self.inner.open()
    }

    /// Closes the window.
    fn close(&mut self) {
        self.inner.close();
    }

    /// Makes the window blind until `resume`.
    fn pause(&mut self) {
        self.inner.pause();
    }

    /// Ends a pause.
    fn resume(&mut self) {
        self.inner.resume();
    }

    /// Numbers of the runs that have survivors.
    fn survivor_runs(&self) -> Vec<usize> {
        self.inner.survivor_runs()
    }

    /// Whether an object that was there before gained or lost unexplained references.
    fn gained(&self) -> bool {
        self.inner.gained()
    }

    /// Looks for holders and judges; findings as JSON.
    fn findings(&mut self, subject: &str) -> PyResult<String> {
        to_json(&self.inner.findings(subject))
    }

    /// What the survivors retained at the last findings: rows of a table, a list as JSON.
    fn dominators(&self) -> PyResult<String> {
        to_json(&self.inner.dominators())
    }

    /// What is alive of each run that the last snapshot saw, leak or not; a list as JSON.
    fn residues(&self) -> PyResult<String> {
        to_json(&self.inner.residues())
    }

    /// How many objects or blocks of a type were alive at the last findings, for each run of birth.
    fn alive(&self, type_name: &str) -> Vec<u64> {
        self.inner.alive(type_name)
    }
}

//! Who holds objects that should be gone, for module audits.

use pyo3::prelude::*;

use super::to_json;
use crate::audit;

/// Chains to the objects of `targets`, each (label, address), and what holds them without CPython's import
/// caches, as JSON. Settle before; hold none of the objects.
#[pyfunction]
pub(super) fn examine(
    targets: Vec<(String, u64)>,
    defs: Vec<u64>,
    package: &str,
    files: Vec<String>,
    most: usize,
) -> PyResult<String> {
    to_json(&audit::examine(&targets, &defs, package, &files, most))
}

/// Objects and bytes that live through the objects at some addresses alone, these included.
#[pyfunction]
pub(super) fn retained(addresses: Vec<u64>) -> (u64, u64) {
    audit::retained(&addresses)
}

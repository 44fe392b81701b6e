//! What only tests and benchmarks of refaudit call.

use std::collections::BTreeMap;

use pyo3::prelude::*;

use crate::audit;
use crate::sys;

/// Benchmark support: seconds for the parts of one snapshot, and its size.
#[pyfunction(name = "_benchmark_snapshot")]
pub(super) fn time_snapshot() -> BTreeMap<&'static str, f64> {
    let timing = audit::time_snapshot();
    [
        ("snapshot_seconds", timing.snapshot),
        ("unexplained_seconds", timing.unexplained),
        ("components_seconds", timing.components),
        ("objects", timing.objects as f64),
        ("bytes", timing.bytes as f64),
    ]
    .into()
}

/// Benchmark support: seconds to search for words that point to objects, and how many were found.
#[pyfunction(name = "_benchmark_holders")]
pub(super) fn time_holders(addresses: Vec<u64>) -> (f64, usize) {
    audit::time_holders(&addresses)
}

/// Benchmark support: a snapshot, and with `tree` its dominator tree with all retained sizes.
#[pyfunction(name = "_benchmark_dominators")]
pub(super) fn snapshot_and_dominators(tree: bool) {
    audit::snapshot_and_dominators(tree);
}

/// Benchmark support: nanoseconds to unwind the caller's native stack, and how many frames it has.
#[pyfunction(name = "_benchmark_unwind")]
pub(super) fn time_unwinding(iterations: u32) -> BTreeMap<&'static str, f64> {
    let timing = sys::time_unwinding(iterations.max(1));
    [
        ("frames", timing.frames as f64),
        ("refaudit", timing.remembered),
        ("walk", timing.walked),
        ("backtrace", timing.reference),
    ]
    .into()
}

/// Test support: compares the caller's native stack with that of the `backtrace` crate; the complaint,
/// or None.
#[pyfunction(name = "_unwinding_agrees")]
pub(super) fn unwinding_agrees() -> Option<String> {
    sys::unwinding_agrees().err()
}

/// Test support: room for so many frames in the table of stacks.
#[pyfunction(name = "_limit_stack_table")]
pub(super) fn limit_stack_table(frames: u32) {
    sys::limit_stack_table(frames);
}

/// Test support: takes a reference and never gives it back.
#[pyfunction(name = "_leak_reference")]
pub(super) fn leak_reference(object: &Bound<'_, PyAny>) {
    sys::leak_reference(object.as_ptr());
}

/// Test support: gives back a reference that was never taken.
#[pyfunction(name = "_over_release")]
pub(super) fn over_release(object: &Bound<'_, PyAny>) {
    sys::over_release(object.as_ptr());
}

/// Test support: allocates a PyMem block and forgets it.
#[pyfunction(name = "_leak_block")]
pub(super) fn leak_block(size: usize) {
    sys::leak_block(size);
}

/// Test support: redirects the import tables of loaded libraries; returns what is not seen.
#[pyfunction(name = "_native_sync")]
pub(super) fn native_sync(scope: Vec<String>) -> Vec<String> {
    sys::watch_libraries(&scope);
    sys::native::notes()
}

/// Test support: whether the birth of native blocks is recorded.
#[pyfunction(name = "_native_awake")]
pub(super) fn native_awake(awake: bool) {
    if awake { sys::native::wake() } else { sys::native::sleep() }
}

/// Test support: (address, size, route) of the live native blocks.
#[pyfunction(name = "_native_blocks")]
pub(super) fn native_blocks() -> Vec<(u64, u64, &'static str)> {
    sys::native::blocks().into_iter().map(|block| (block.address, block.size, block.route.name())).collect()
}

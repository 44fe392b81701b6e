//! Leaks that safe Rust allows; each function has a clean twin.

mod native;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PyString};

static SERIAL: AtomicU64 = AtomicU64::new(0);
static HISTORY: PyOnceLock<Py<PyList>> = PyOnceLock::new();
static KEPT: Mutex<Vec<Py<PyAny>>> = Mutex::new(Vec::new());

/// A new string, different each time.
fn fresh_text(py: Python<'_>) -> Py<PyString> {
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    PyString::new(py, &format!("fresh text number {serial}")).unbind()
}

/// Holds an object without showing it to the collector.
#[pyclass]
struct Blind {
    next: Option<Py<PyAny>>,
}

#[pymethods]
impl Blind {
    #[new]
    fn new() -> Self {
        Self { next: None }
    }

    fn link(&mut self, next: Py<PyAny>) {
        self.next = Some(next); // LEAK: RA103, for want of a `__traverse__`
    }
}

/// The same, shown to the collector.
#[pyclass]
struct Seeing {
    next: Option<Py<PyAny>>,
}

#[pymethods]
impl Seeing {
    #[new]
    fn new() -> Self {
        Self { next: None }
    }

    fn link(&mut self, next: Py<PyAny>) {
        self.next = Some(next);
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.next.as_ref().map_or(Ok(()), |next| visit.call(next))
    }

    fn __clear__(&mut self) {
        self.next = None;
    }
}

#[pymodule]
mod pyo3leaks {
    #[pymodule_export]
    use super::native::{
        clean_arc, clean_box, clean_c_string, clean_rc, clean_vec, clean_zeroed, leaky_arc, leaky_box,
        leaky_c_string, leaky_rc, leaky_vec, leaky_zeroed,
    };
    #[pymodule_export]
    use super::{Blind, Seeing};
    use super::*;

    #[pyfunction]
    fn leaky_forget(py: Python<'_>) {
        std::mem::forget(fresh_text(py)); // LEAK: RA103
    }

    #[pyfunction]
    fn clean_forget(py: Python<'_>) {
        drop(fresh_text(py));
    }

    #[pyfunction]
    fn leaky_into_ptr(py: Python<'_>) -> bool {
        let list = PyList::empty(py);
        list.into_ptr().is_null() // LEAK: RA103
    }

    #[pyfunction]
    fn clean_into_ptr(py: Python<'_>) -> bool {
        let list = PyList::empty(py);
        list.as_ptr().is_null()
    }

    #[pyfunction]
    fn leaky_clone(thing: Bound<'_, PyAny>) -> bool {
        let copy = thing.clone();
        copy.into_ptr().is_null() // LEAK: RA101
    }

    #[pyfunction]
    fn clean_clone(thing: Bound<'_, PyAny>) -> bool {
        let copy = thing.clone();
        copy.as_ptr().is_null()
    }

    /// What the list lends, taken for a new reference.
    #[pyfunction]
    fn leaky_owned(items: Bound<'_, PyList>) -> PyResult<usize> {
        let item = unsafe { pyo3::ffi::PyList_GetItem(items.as_ptr(), 0) };
        let first = unsafe { Bound::from_owned_ptr(items.py(), item) }; // LEAK: RA201
        first.len()
    }

    #[pyfunction]
    fn clean_owned(items: Bound<'_, PyList>) -> PyResult<usize> {
        let item = unsafe { pyo3::ffi::PyList_GetItem(items.as_ptr(), 0) };
        let first = unsafe { Bound::from_borrowed_ptr(items.py(), item) };
        first.len()
    }

    #[pyfunction]
    fn leaky_history(py: Python<'_>) -> PyResult<()> {
        let history = HISTORY.get_or_init(py, || PyList::empty(py).unbind()).bind(py);
        history.append(PyList::empty(py)) // LEAK: RA104
    }

    #[pyfunction]
    fn clean_history(py: Python<'_>) -> PyResult<()> {
        let history = HISTORY.get_or_init(py, || PyList::empty(py).unbind()).bind(py);
        history.call_method0("clear")?;
        history.append(PyList::empty(py))
    }

    #[pyfunction]
    fn leaky_kept(thing: Py<PyAny>) {
        let mut kept = KEPT.lock().expect("no panic while it is held");
        kept.push(thing); // LEAK: RA101
    }

    #[pyfunction]
    fn clean_kept(thing: Py<PyAny>) {
        let mut kept = KEPT.lock().expect("no panic while it is held");
        kept.clear();
        kept.push(thing);
    }
}

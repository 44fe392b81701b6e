//! What PyO3 allows, with and without `unsafe`. `LEAK <name>` as in ../../c/planted.h.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

#[pymodule]
mod forgetful {
    use super::*;

    #[pyfunction]
    fn clone_forgotten(thing: &Bound<'_, PyAny>) {
        std::mem::forget(thing.clone()); // LEAK clone_forgotten
    }

    #[pyfunction]
    fn pointer_of_own(factory: &Bound<'_, PyAny>) -> PyResult<bool> {
        let made = factory.call0()?; // LEAK pointer_of_own
        Ok(made.into_ptr().is_null())
    }

    /// The result of the call is a new reference; the wrapper for borrowed ones takes another.
    #[pyfunction]
    fn borrowed_from_new(owner: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = owner.py();
        // SAFETY: the pointers are valid; that the count is wrong is what this is for.
        let item = unsafe {
            let new = ffi::PyObject_GetAttrString(owner.as_ptr(), c"item".as_ptr()); // LEAK borrowed_from_new
            Bound::from_borrowed_ptr_or_err(py, new)?
        };
        item.is_truthy()
    }

    /// A box that is never opened again.
    #[pyfunction]
    fn leaked_box(thing: Bound<'_, PyAny>) -> usize {
        let kept = thing.clone().unbind(); // LEAK leaked_box
        Box::into_raw(Box::new(kept)) as usize & 1
    }

    /// The list takes a reference of its own.
    #[pyfunction]
    fn appended_pointer(thing: Bound<'_, PyAny>) -> PyResult<usize> {
        let list = PyList::empty(thing.py());
        // SAFETY: both are valid; what `into_ptr` gave away is what this is for.
        let failed = unsafe {
            let owned = thing.clone().into_ptr(); // LEAK appended_pointer
            ffi::PyList_Append(list.as_ptr(), owned)
        };
        Ok(list.len() + usize::from(failed != 0))
    }

    /// The early return forgets what the good path releases.
    #[pyfunction]
    fn early_return(thing: &Bound<'_, PyAny>) -> PyResult<usize> {
        let dict = PyDict::new(thing.py());
        let raw = thing.clone().into_ptr(); // LEAK early_return
        if dict.set_item(PyList::empty(thing.py()), thing).is_err() {
            return Ok(0);
        }
        // SAFETY: it was taken above.
        unsafe { ffi::Py_DECREF(raw) };
        Ok(dict.len())
    }

    /// Called with a pointer that is borrowed.
    #[pyfunction]
    fn owned_from_borrowed(thing: &Bound<'_, PyAny>) -> PyResult<bool> {
        // SAFETY: the pointer is valid; that it is not owned is what this is for.
        let item = unsafe { Bound::from_owned_ptr(thing.py(), thing.as_ptr()) };
        let truth = item.is_truthy()?;
        drop(item); // LEAK owned_from_borrowed
        Ok(truth)
    }
}

//! Makes CPython's import caches forget a module. Destructive: for a process that ends soon.

use core::ffi::c_int;

use pyo3::{PyErr, Python, ffi};

use super::caches::{by_index, entry};
use super::definition::Definition;

type Clear = unsafe extern "C" fn(*mut ffi::PyObject, *mut ffi::PyObject) -> c_int;

/// Clears the entry in `modules_by_index`, the backup copy and the cached definition of a module that was
/// imported from a file; a builtin has no file. Says in words what was cleared.
///
/// # Errors
/// No definition, or CPython refuses.
pub(crate) fn forget_import(name: &str, file: &str, def: u64) -> Result<String, String> {
    let definition = Definition::at(def).ok_or_else(|| format!("there is no definition at {def:#x}"))?;
    let file = if file.is_empty() { name } else { file };
    let mut cleared = Vec::new();
    let by_index = by_index().ok_or("modules_by_index was not found")?;
    if entry(by_index, definition).is_some() {
        // SAFETY: a definition whose index is a place of the list that has a module: the other cases
        // are fatal errors (`_modules_by_index_clear_one`, `Python/import.c`).
        if definition.has_slots() || unsafe { ffi::PyState_RemoveModule(definition.as_ptr()) } != 0 {
            return Err(failure("PyState_RemoveModule"));
        }
        cleared.push("its entry in modules_by_index");
    }
    let had_copy = definition.copy() != 0;
    cleared.extend(clear_cache(name, file, definition)?);
    if definition.copy() != 0 {
        definition.clear_copy();
    }
    if had_copy {
        cleared.push("the backup copy of its dict (m_copy)");
    }
    if cleared.is_empty() {
        return Ok("nothing: the import caches have nothing of it".to_owned());
    }
    Ok(format!("cleared {}", cleared.join(", ")))
}

/// 3.12 on: an exported test helper clears what is left.
#[cfg(Py_3_12)]
fn clear_cache(name: &str, file: &str, definition: Definition) -> Result<Option<&'static str>, String> {
    // Without these two a definition is not cached as one of single-phase initialisation.
    if definition.has_slots() || (!definition.has_init() && definition.copy() == 0) {
        return Ok(None);
    }
    // SAFETY: a NUL-terminated name, looked for everywhere.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"_PyImport_ClearExtension".as_ptr()) };
    if found.is_null() {
        return Err("this interpreter has no _PyImport_ClearExtension".to_owned());
    }
    // SAFETY: `int _PyImport_ClearExtension(PyObject *name, PyObject *filename)` (`Python/import.c`).
    let clear: Clear = unsafe { core::mem::transmute(found) };
    let (name, file) = (Text::new(name)?, Text::new(file)?);
    // SAFETY: two live texts, which it only compares.
    if unsafe { clear(name.0, file.0) } != 0 {
        return Err(failure("_PyImport_ClearExtension"));
    }
    if definition.has_init() || definition.copy() != 0 {
        return Err("_PyImport_ClearExtension knows it under another name or file".to_owned());
    }
    Ok(Some("the cached definition"))
}

/// 3.10, 3.11: the definition is a value of a dict.
#[cfg(not(Py_3_12))]
fn clear_cache(name: &str, file: &str, _: Definition) -> Result<Option<&'static str>, String> {
    let _: Option<Clear> = None;
    let Some(extensions) = super::caches::extensions() else { return Ok(None) };
    let (name, file) = (Text::new(name)?, Text::new(file)?);
    // SAFETY: live objects; deleting a definition's entry runs no code, and an absent one is no harm.
    unsafe {
        let key = ffi::PyTuple_Pack(2, file.0, name.0);
        let gone = !key.is_null() && ffi::PyDict_DelItem(extensions as *mut ffi::PyObject, key) == 0;
        ffi::Py_XDECREF(key);
        ffi::PyErr_Clear();
        Ok(gone.then_some("the cached definition"))
    }
}

/// An owned `str`.
struct Text(*mut ffi::PyObject);

impl Text {
    fn new(text: &str) -> Result<Self, String> {
        // SAFETY: UTF-8 of a given length.
        let made = unsafe { ffi::PyUnicode_FromStringAndSize(text.as_ptr().cast(), text.len() as isize) };
        if made.is_null() { Err(failure("PyUnicode_FromStringAndSize")) } else { Ok(Self(made)) }
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        // SAFETY: the reference that the constructor made, under the GIL.
        unsafe { ffi::Py_DECREF(self.0) };
    }
}

/// The pending exception in words, and it is no longer pending.
fn failure(function: &str) -> String {
    let pending = Python::attach(|py| PyErr::take(py).map(|error| error.to_string()));
    format!("{function} failed: {}", pending.as_deref().unwrap_or("no reason given"))
}

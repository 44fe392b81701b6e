//! CPython's import caches, found without private offsets.
//!
//! `modules_by_index` is an ordinary list (`PyInterpreterState`): the one that has `sys` and `builtins`
//! at the places that their definitions say. The cache of definitions was a dict up to 3.11 (`extensions`,
//! `Python/import.c`): the one whose values are all definitions; later it is no object. The backup copy
//! is in the definition (`m_copy`).

use pyo3::ffi;

use super::definition::Definition;
use super::object::Module;
use crate::sys::cpython::tracked;

/// What is in the import caches, in addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ImportCaches {
    /// The list `modules_by_index`.
    pub(crate) by_index: Option<u64>,
    /// The dict `extensions` (3.10, 3.11).
    pub(crate) extensions: Option<u64>,
    /// Definition, backup copy of the module's dict.
    pub(crate) copies: Vec<(u64, u64)>,
    /// Definition, module that `modules_by_index` has for it.
    pub(crate) entries: Vec<(u64, u64)>,
}

/// Looks for the caches, and for what they have of some definitions. Addresses that are no definitions
/// (exported slots) have nothing there.
pub(crate) fn import_caches(defs: &[u64]) -> ImportCaches {
    let by_index = by_index();
    let known: Vec<Definition> = defs.iter().filter_map(|&def| Definition::at(def)).collect();
    let copies = known.iter().map(|def| (def.address(), def.copy())).filter(|(_, copy)| *copy != 0);
    let entries = known.iter().filter_map(|def| Some((def.address(), entry(by_index?, *def)?)));
    ImportCaches { by_index, extensions: extensions(), copies: copies.collect(), entries: entries.collect() }
}

/// The module that `modules_by_index` has for a definition.
pub(super) fn entry(by_index: u64, definition: Definition) -> Option<u64> {
    let index = definition.index();
    // 0 is nobody's place: indexes are given from 1 on.
    let found = if index > 0 { item(by_index as *mut ffi::PyObject, index)? } else { return None };
    // SAFETY: the address of a singleton.
    (found != unsafe { ffi::Py_None() }).then_some(found as u64)
}

/// The list `modules_by_index` of this interpreter.
pub(super) fn by_index() -> Option<u64> {
    let known = [Module::named(c"sys")?, Module::named(c"builtins")?];
    let places = known.map(|module| Some((module.definition()?.index(), module.address())));
    let [Some(sys), Some(builtins)] = places else { return None };
    let has = |list: *mut ffi::PyObject, (index, module): (isize, u64)| {
        item(list, index).is_some_and(|found| found as u64 == module)
    };
    let list_type = &raw mut ffi::PyList_Type;
    only(|object| is_exactly(object, list_type) && has(object, sys) && has(object, builtins) && is_plain(object))
}

/// Whether a list has nothing but modules and None.
fn is_plain(list: *mut ffi::PyObject) -> bool {
    // SAFETY: a live list of live objects under the GIL.
    unsafe {
        (0..ffi::PyList_GET_SIZE(list)).all(|place| {
            let found = ffi::PyList_GET_ITEM(list, place);
            found == ffi::Py_None() || ffi::PyModule_Check(found) != 0
        })
    }
}

/// The dict of definitions.
#[cfg(not(Py_3_12))]
pub(super) fn extensions() -> Option<u64> {
    let dict_type = &raw mut ffi::PyDict_Type;
    only(|object| is_exactly(object, dict_type) && has_definitions_only(object))
}

/// The cache of definitions is no object.
#[cfg(Py_3_12)]
pub(super) fn extensions() -> Option<u64> {
    None
}

#[cfg(not(Py_3_12))]
fn has_definitions_only(dict: *mut ffi::PyObject) -> bool {
    let moduledef = &raw mut ffi::PyModuleDef_Type;
    let (mut position, mut value, mut count) = (0, core::ptr::null_mut(), 0);
    // SAFETY: a live dict that nobody changes meanwhile; the references are borrowed.
    unsafe {
        while ffi::PyDict_Next(dict, &raw mut position, core::ptr::null_mut(), &raw mut value) != 0 {
            if !is_exactly(value, moduledef) {
                return false;
            }
            count += 1;
        }
    }
    count > 0
}

fn is_exactly(object: *mut ffi::PyObject, kind: *mut ffi::PyTypeObject) -> bool {
    // SAFETY: callers pass live objects.
    unsafe { ffi::Py_TYPE(object) == kind }
}

/// An item of a list, borrowed; `None` beyond its end.
fn item(list: *mut ffi::PyObject, index: isize) -> Option<*mut ffi::PyObject> {
    // SAFETY: a live list under the GIL, and the place is one of its own.
    unsafe {
        if index < 0 || index >= ffi::PyList_GET_SIZE(list) {
            return None;
        }
        Some(ffi::PyList_GET_ITEM(list, index)).filter(|item| !item.is_null())
    }
}

/// The only tracked object that is wanted; `None` when there are several, for then none is certain.
fn only(wanted: impl Fn(*mut ffi::PyObject) -> bool) -> Option<u64> {
    let mut found = Vec::new();
    let complete = tracked(|address| {
        if wanted(address as *mut ffi::PyObject) {
            found.push(address);
        }
    });
    match found[..] {
        [one] if complete => Some(one),
        _ => None,
    }
}

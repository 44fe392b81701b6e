//! Whose source a frame's line stands in.

use super::super::trace::{Frame, Origin};

/// Whether a function was compiled into the extension from somebody else's source: containers of the
/// language's library, glue of a binding library.
#[must_use]
pub fn is_borrowed(frame: &Frame) -> bool {
    const FOLDERS: [&str; 9] = [
        "/include/c++/",
        "/rustc/",
        "/.cargo/registry/",
        "/include/pybind11/",
        "/include/nanobind/",
        "/nanobind/src/",
        "/robin_map/",
        "/usr/include/",
        // Functions of later versions of CPython's API, as inlined functions (python/pythoncapi-compat).
        "/pythoncapi_compat.h",
    ];
    const LANGUAGES: [&str; 5] = ["std::", "__gnu_cxx::", "alloc::", "core::", "hashbrown::"];
    FOLDERS.iter().any(|part| frame.file.contains(part))
        || (frame.file.is_empty()
            && LANGUAGES.iter().any(|name| frame.function.trim_start_matches('<').starts_with(name)))
}

/// Whether a line is the author's own, and one where a reference is taken on purpose: not CPython's headers, not what
/// Cython adds to every module, not the inside of a binding library.
pub(super) fn is_own(frame: &Frame) -> bool {
    const LIBRARIES: [&str; 5] = ["pybind11::", "nanobind::", "pyo3::", "pyo3_ffi::", "boost::python::"];
    const HEADERS: [&str; 3] = ["/include/python", "/Include/", "/cpython/"];
    let name = frame.function.trim_start_matches('<');
    let foreign = is_borrowed(frame)
        || HEADERS.iter().any(|folder| frame.file.contains(folder))
        || LIBRARIES.iter().any(|library| name.starts_with(library))
        || is_counting(name)
        || name.starts_with("__Pyx_")
        || name.starts_with("__pyx_tp_");
    frame.origin == Origin::Extension && !foreign
}

/// Whether a function was generated to call the author's: it takes references to arguments and gives them back.
/// `__Pyx_NewRef` is what Cython takes them by; `__pyfunction_` and `__pymethod_` begin PyO3's wrappers.
pub(super) fn is_glue(frame: &Frame) -> bool {
    ["__Pyx_NewRef", "__Pyx_XNewRef", "__pyfunction_", "__pymethod_"].iter().any(|part| frame.function.contains(part))
}

/// CPython's own counting, which debug information calls a function.
pub(super) fn is_counting(function: &str) -> bool {
    let name = function.trim_start_matches('_');
    ["Py_INCREF", "Py_XINCREF", "Py_DECREF", "Py_XDECREF", "Py_NewRef", "Py_XNewRef", "Py_CLEAR", "Py_SETREF"]
        .contains(&name)
}

/// Whether the function is of a class of C++ in a header, or an inlined one of a `.pxd`: such hold references for others,
/// and rather the function that needed it is named.
pub(super) fn is_helper(frame: &Frame) -> bool {
    let ends = |suffixes: &[&str]| suffixes.iter().any(|end| frame.file.ends_with(end));
    ends(&[".hh", ".hpp", ".hxx", ".inl", ".pxd"]) || (ends(&[".h"]) && is_cpp(frame))
}

/// Whether it is a function of C in a header: a helper or a function like any other, as what it does will tell.
pub(super) fn may_be_helper(frame: &Frame) -> bool {
    frame.file.ends_with(".h") && !is_cpp(frame)
}

/// C++ names have their parameters, or at least their class or namespace.
fn is_cpp(frame: &Frame) -> bool {
    frame.function.contains("::") || frame.function.contains('(')
}

//! Which binding generator made a library, by a text that every library of its kind carries.

use memchr::memmem;

/// Texts by framework, the one that can carry another's first: a PyO3 library can have cffi's parts.
///
/// Sources: PyO3 `src/panic.rs`, nanobind `src/nb_internals.cpp` (or, linked against its library, the names
/// of that one's symbols), pybind11 `include/pybind11/detail/internals.h`, Cython
/// `Cython/Utility/ImportExport.c` and `Exceptions.c`, mypyc `codegen/emitmodule.py` (names of groups),
/// cffi `cffi/_cffi_include.h`.
const MARKERS: [(&str, &[&[u8]]); 6] = [
    ("pyo3", &[b"pyo3_runtime.PanicException"]),
    ("nanobind", &[b"nanobind.nb_method", b"N8nanobind6detail"]),
    ("pybind11", &[b"__pybind11_internals_v"]),
    ("cython", &[b"cython_runtime"]),
    ("mypyc", &[b"__mypyc"]),
    ("cffi", &[b"_init_cffi_1_0_external_module"]),
];

/// The framework of a library; empty for none that is known.
pub(super) fn of(path: &str, bytes: &[u8]) -> &'static str {
    let has = |marker: &&[u8]| memmem::find(bytes, marker).is_some();
    let found = MARKERS.iter().find(|(_, markers)| markers.iter().any(has)).map_or("", |(name, _)| name);
    // cffi's own library defines the function that the others ask for.
    let file = path.rsplit('/').next().unwrap_or(path);
    if found == "cffi" && file.starts_with("_cffi_backend.") { "" } else { found }
}

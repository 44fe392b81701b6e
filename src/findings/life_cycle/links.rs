//! Where things are documented.

pub(super) const ISOLATING: &str = "https://docs.python.org/3/howto/isolating-extensions.html";
pub(super) const HEAP_TYPES: &str = "https://docs.python.org/3/howto/isolating-extensions.html#heap-types";
pub(super) const MODULE: &str = "https://docs.python.org/3/c-api/module.html";
pub(super) const FREE_THREADING: &str = "https://docs.python.org/3/howto/free-threading-extensions.html";
pub(super) const MEMORY: &str = "https://docs.python.org/3/c-api/memory.html";
pub(super) const PEP_489: &str = "https://peps.python.org/pep-0489/";
pub(super) const PEP_630: &str = "https://peps.python.org/pep-0630/";
pub(super) const PEP_684: &str = "https://peps.python.org/pep-0684/";
pub(super) const PEP_703: &str = "https://peps.python.org/pep-0703/";
pub(super) const PEP_793: &str = "https://peps.python.org/pep-0793/";
pub(super) const CYTHON: &str =
    "https://cython.readthedocs.io/en/latest/src/userguide/source_files_and_compilation.html";
pub(super) const CYTHON_FREE_THREADING: &str =
    "https://cython.readthedocs.io/en/latest/src/userguide/freethreading.html";
pub(super) const PYO3: &str = "https://pyo3.rs/latest/module.html";
pub(super) const PYO3_FREE_THREADING: &str = "https://pyo3.rs/latest/free-threading.html";
pub(super) const PYBIND11: &str = "https://pybind11.readthedocs.io/en/stable/advanced/misc.html";
pub(super) const NANOBIND: &str = "https://nanobind.readthedocs.io/en/latest/";
pub(super) const NANOBIND_FREE_THREADING: &str = "https://nanobind.readthedocs.io/en/latest/free_threaded.html";
pub(super) const MYPYC: &str = "https://mypyc.readthedocs.io/";

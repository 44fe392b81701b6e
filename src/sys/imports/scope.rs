//! How far a library is redirected.

use crate::event::Origin;
use crate::sys::libraries::Library;

/// How far the imports of a library are redirected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Taking and giving back.
    Both,
    /// As [`Reach::Both`], but for `mmap`: the library's own allocator takes its heap with it.
    WithoutMaps,
    /// Giving back only, so that a block that another module frees is forgotten.
    GivingBack,
    /// As [`Reach::GivingBack`], and `dlclose`: an extension of the standard library.
    Standard,
    /// `dlopen` and `dlclose` only: the interpreter itself.
    Interpreter,
    /// Nothing.
    Untouched,
}

/// Parts of the C library: what they free among themselves is theirs.
const UNTOUCHED: [&str; 9] = [
    "libc.so.6",
    "libm.so.6",
    "libpthread.so.0",
    "libdl.so.2",
    "librt.so.1",
    "libutil.so.1",
    "ld-linux-x86-64.so.2",
    "linux-vdso.so.1",
    "linux-gate.so.1",
];

/// The reach of a library that does not carry its own allocator.
pub(super) fn reach(library: &Library, scope: &[String]) -> Reach {
    let name = file_name(&library.path);
    if library.own || UNTOUCHED.contains(&name) {
        Reach::Untouched
    } else if library.span.contains(&(pyo3::ffi::PyMem_Malloc as *const () as u64)) {
        Reach::Interpreter
    } else if library.origin == Origin::Interpreter {
        Reach::Standard
    } else if library.origin == Origin::Extension && covers(scope, &library.path) {
        Reach::Both
    } else {
        Reach::GivingBack
    }
}

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A name as it is compared: distributions write `-`, folders `_`.
pub(super) fn normalised(name: &str) -> String {
    name.trim().replace('-', "_").to_lowercase()
}

/// Whether one of the names (all of them when there is none) is a module or distribution whose
/// library stands at a path: `name/x.so`, `name.cpython-311.so`, `name.libs/y.so`; `a.b` is `a/b.so`.
pub(super) fn covers(scope: &[String], path: &str) -> bool {
    let path = normalised(path);
    let components: Vec<&str> = path.split('/').collect();
    scope.is_empty() || scope.iter().any(|name| stands_in(name, &components))
}

fn stands_in(name: &str, components: &[&str]) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    let Some((last, folders)) = parts.split_last() else { return false };
    let is =
        |component: &str| component.strip_prefix(last).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    !last.is_empty()
        && components
            .windows(parts.len())
            .any(|window| window[..folders.len()] == *folders && is(window[folders.len()]))
}

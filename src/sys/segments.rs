//! Static areas: the writable data of every loaded library.
//!
//! Taken from program headers, not from the neighbours in the process's memory map: anonymous
//! arenas next to a library gave thousands of false hits.

use core::ops::Range;
use std::sync::Arc;

use super::dynamic_symbol::dynamic_symbol;
use super::libraries::{Library, loaded};

/// A stretch of writable static data.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    library: Arc<Library>,
    /// First and one past the last address of its words.
    pub(crate) range: Range<u64>,
}

impl Segment {
    /// File name of the library, without its folder.
    pub(crate) fn file_name(&self) -> &str {
        self.library.path.rsplit('/').next().unwrap_or("?")
    }

    /// Load address: what offsets are counted from.
    pub(crate) fn base(&self) -> u64 {
        self.library.base
    }
}

/// The writable segments of all loaded libraries except our own.
pub(crate) fn segments() -> Vec<Segment> {
    of_libraries(|library| !library.own)
}

/// The writable segments of all loaded libraries.
pub(crate) fn all_segments() -> Vec<Segment> {
    of_libraries(|_| true)
}

/// The writable segments of libraries other than the interpreter's and our own.
pub(crate) fn extension_segments() -> Vec<Segment> {
    let runtime = interpreter_state().first().map_or(0, |range| range.start);
    of_libraries(|library| !library.own && !library.span.contains(&runtime))
}

fn of_libraries(wanted: impl Fn(&Library) -> bool) -> Vec<Segment> {
    let libraries = loaded().into_iter().filter(|library| wanted(library));
    let parts = |library: Arc<Library>| {
        let ranges = library.writable.clone().into_iter();
        // Words are compared at 8-byte alignment.
        ranges.map(move |part| Segment { library: Arc::clone(&library), range: (part.start + 7) & !7..part.end & !7 })
    };
    libraries.flat_map(parts).collect()
}

/// Memory of the interpreter itself: `_PyRuntime`, then what it keeps outside of it (3.10).
pub(crate) fn interpreter_state() -> Vec<Range<u64>> {
    unsafe extern "C" {
        static _PyRuntime: u8;
    }
    let start = &raw const _PyRuntime as u64;
    let runtime = dynamic_symbol(start).map_or(start..start, |symbol| start..start.max(symbol.span.end));
    #[cfg(Py_3_11)]
    return Vec::from([runtime]);
    #[cfg(not(Py_3_11))]
    // SAFETY: the GIL is held. Up to 3.10 the interpreter's state comes from malloc.
    unsafe {
        let interpreter = pyo3::ffi::PyInterpreterState_Get() as u64;
        let usable = libc::malloc_usable_size(interpreter as *mut core::ffi::c_void) as u64;
        Vec::from([runtime, interpreter..interpreter + usable / 8 * 8])
    }
}

/// Nearest exported symbol at or before an address, as `name+8`; `None` when there is none.
pub(crate) fn symbol(address: u64) -> Option<String> {
    let found = dynamic_symbol(address)?;
    let offset = address - found.span.start;
    Some(if offset == 0 { found.name } else { format!("{}+{offset}", found.name) })
}

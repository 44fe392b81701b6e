//! Instances of a type that are there already, and those that a free list keeps.

use pyo3::ffi;
use rustc_hash::FxHashSet;

use super::live::{kind_of, type_word};
use crate::event::Domain;
use crate::sys::cpython::{Object, read, tracked};
use crate::sys::hook::CENSUS;

/// Addresses of at most `most` live instances of exactly this type: those that the collector tracks, and of a
/// type without it those in blocks that were born under the hooks.
pub(crate) fn instances(kind: *mut ffi::PyObject, most: usize) -> Vec<u64> {
    let kind = kind_of(kind);
    let mut found: FxHashSet<u64> = FxHashSet::default();
    if kind.has(ffi::Py_TPFLAGS_HAVE_GC) {
        tracked(|address| {
            // SAFETY: a tracked object, under the GIL.
            let is_one = unsafe { Object::new(address) }.kind() == kind;
            if is_one && found.len() < most {
                found.insert(address);
            }
        });
    } else {
        let skip = kind.pre_header();
        CENSUS.for_each(|block| {
            let address = block.address + skip;
            if found.len() < most
                && block.domain == Domain::Object
                && block.size >= skip + kind.basic_size() as u64
                && type_word(address) == Some(kind.address())
            {
                found.insert(address);
            }
        });
    }
    let mut found: Vec<u64> = found.into_iter().collect();
    found.sort_unstable();
    found
}

/// Of an instance whose block outlived it: `Some(whether the collector still tracks it)` when its count is 0, as
/// in a free list; `None` when it is alive, or its memory is gone.
pub(crate) fn parked(address: u64, is_gc: bool) -> Option<bool> {
    const HEADER: u64 = 16;
    let block = [0, 16, 32].into_iter().find_map(|skip| CENSUS.find(address - skip))?;
    if block.domain == Domain::Native {
        return None;
    }
    // SAFETY: words inside a block that the census knows as allocated, and the header before the object.
    let (count, header) =
        unsafe { (read::<u64>(address, 0), if is_gc { read::<u64>(address - HEADER, 0) } else { 0 }) };
    (count as u32 == 0).then_some(header != 0)
}

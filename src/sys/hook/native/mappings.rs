//! Hooks on memory maps.

use core::ffi::{c_int, c_void};
use core::ops::Range;

use super::original::Original;
use super::record::awake;
use super::spans::{cut, moved, note};

const PAGE: u64 = 4096;
type Map = extern "C-unwind" fn(*mut c_void, usize, c_int, c_int, c_int, i64) -> *mut c_void;

pub(super) static MMAP: Original<Map> = Original::new();
pub(super) static MMAP64: Original<Map> = Original::new();
pub(super) static MUNMAP: Original<extern "C-unwind" fn(*mut c_void, usize) -> c_int> = Original::new();
pub(super) static MREMAP: Original<unsafe extern "C-unwind" fn(*mut c_void, usize, usize, c_int, ...) -> *mut c_void> =
    Original::new();

/// The pages of a mapping; `None` for what the kernel refuses.
fn pages(start: *mut c_void, length: usize) -> Option<Range<u64>> {
    let (start, length) = (start as u64, (length as u64).checked_next_multiple_of(PAGE)?);
    (start.is_multiple_of(PAGE) && length > 0).then_some(())?;
    Some(start..start.checked_add(length)?)
}

#[inline(always)]
fn mapped(
    original: &Original<Map>,
    (wish, length, protection): (*mut c_void, usize, c_int),
    (flags, file, offset): (c_int, c_int, i64),
) -> *mut c_void {
    let start = original.get()(wish, length, protection, flags, file, offset);
    if start == libc::MAP_FAILED {
        return start;
    }
    if let Some(pages) = pages(start, length) {
        if flags & libc::MAP_FIXED != 0 {
            // It replaced whatever was there.
            cut(&pages);
        }
        // Memory that only this process has: anonymous, or a private copy of a file.
        if flags & (libc::MAP_ANONYMOUS | libc::MAP_PRIVATE) != 0 && awake() {
            note(&pages, length as u64);
        }
    }
    start
}

pub(super) extern "C-unwind" fn mmap(
    wish: *mut c_void,
    length: usize,
    protection: c_int,
    flags: c_int,
    file: c_int,
    offset: i64,
) -> *mut c_void {
    mapped(&MMAP, (wish, length, protection), (flags, file, offset))
}

pub(super) extern "C-unwind" fn mmap64(
    wish: *mut c_void,
    length: usize,
    protection: c_int,
    flags: c_int,
    file: c_int,
    offset: i64,
) -> *mut c_void {
    mapped(&MMAP64, (wish, length, protection), (flags, file, offset))
}

pub(super) extern "C-unwind" fn munmap(start: *mut c_void, length: usize) -> c_int {
    // Forgotten first: afterwards another thread may be given the pages.
    let cut = pages(start, length).map(|pages| cut(&pages));
    let result = MUNMAP.get()(start, length);
    if result != 0
        && let Some(cut) = cut
    {
        cut.undo();
    }
    result
}

/// `mremap` is variadic; the fifth argument is there only with `MREMAP_FIXED`, and passed on as it is.
pub(super) extern "C-unwind" fn mremap(
    old: *mut c_void,
    old_length: usize,
    length: usize,
    flags: c_int,
    wish: *mut c_void,
) -> *mut c_void {
    let stays = flags & libc::MREMAP_DONTUNMAP != 0 || old_length == 0;
    let cut_out = pages(old, old_length).filter(|_| !stays).map(|pages| cut(&pages));
    // SAFETY: the caller's own arguments.
    let start = unsafe { MREMAP.get()(old, old_length, length, flags, wish) };
    let Some(cut_out) = cut_out else { return start };
    if start == libc::MAP_FAILED {
        cut_out.undo();
    } else if let Some(new) = pages(start, length) {
        if flags & libc::MREMAP_FIXED != 0 {
            cut(&new);
        }
        moved(&cut_out, &new, length as u64);
    }
    start
}

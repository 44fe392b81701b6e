//! The guarded range and its alias: two mappings of the same memory, of which one can be read-only.
//!
//! ```text
//! guarded:  | ... before, count, type | body ...      | ... count, type | body ...
//!             read-only page            body pages      read-only page
//! ```
//!
//! An object's first 16 bytes, `ob_refcnt` and `ob_type`, end its read-only page: its address is a multiple of 16, as
//! CPython's allocator promises, and system calls can write into its body. Reads never fault.

use core::ops::Range;
use core::ptr;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::Release};

pub(super) const PAGE: u64 = 4096;
/// Bytes of an object that stand on the read-only page.
pub(super) const HEAD: u64 = 16;
/// Size of the range: 32 768 objects of one body page each, far more than there may be mappings by default.
pub(super) const SIZE: u64 = 256 << 20;
pub(super) const PAGES: usize = (SIZE / PAGE) as usize;
/// Where no address of a process is, so that one comparison tells what lies in the range even when there is none.
const NOWHERE: u64 = 1 << 63;

static START: AtomicU64 = AtomicU64::new(NOWHERE);
static ALIAS: AtomicU64 = AtomicU64::new(0);
/// Pages that were ever given out: the first so many.
static USED: AtomicUsize = AtomicUsize::new(0);

/// Whether an address lies in the guarded range.
#[inline(always)]
pub(super) fn holds(address: u64) -> bool {
    address.wrapping_sub(START.load(Relaxed)) < SIZE
}

pub(super) fn is_open() -> bool {
    START.load(Relaxed) != NOWHERE
}

/// Address of a page by its number.
pub(super) fn page(number: usize) -> u64 {
    START.load(Relaxed) + number as u64 * PAGE
}

/// Number of the page that an address of the range lies in.
pub(super) fn number(address: u64) -> usize {
    ((address - START.load(Relaxed)) / PAGE) as usize
}

/// The same memory, writable.
pub(super) fn alias(address: u64) -> u64 {
    address.wrapping_add(distance())
}

/// From a guarded address to its alias.
pub(super) fn distance() -> u64 {
    ALIAS.load(Relaxed).wrapping_sub(START.load(Relaxed))
}

/// So many pages that were never used.
pub(super) fn fresh(pages: usize) -> Option<usize> {
    fresh_before(pages, PAGES)
}

/// The same, where they end before a page.
pub(super) fn fresh_before(pages: usize, limit: usize) -> Option<usize> {
    let first = USED.load(Relaxed);
    let end = first.checked_add(pages).filter(|&end| end <= limit)?;
    USED.store(end, Relaxed);
    Some(first)
}

/// All that was ever given out.
pub(super) fn used() -> Range<u64> {
    let start = START.load(Relaxed);
    start..start + USED.load(Relaxed) as u64 * PAGE
}

/// The whole range.
pub(super) fn all() -> Range<u64> {
    let start = START.load(Relaxed);
    start..start + SIZE
}

/// Makes pages read-only or writable; whether that worked. Good in signal handlers.
pub(super) fn protect(pages: &Range<u64>, writable: bool) -> bool {
    let protection = if writable { libc::PROT_READ | libc::PROT_WRITE } else { libc::PROT_READ };
    let length = (pages.end - pages.start) as usize;
    // SAFETY: pages of our own mapping.
    length == 0 || unsafe { libc::mprotect(pages.start as *mut _, length, protection) == 0 }
}

/// Reserves the range and its alias, once. The error says what was refused.
pub(super) fn open() -> Result<(), String> {
    if is_open() {
        return Ok(());
    }
    let failed = |what: &str| Err(format!("{what}: {}", std::io::Error::last_os_error()));
    // SAFETY: a NUL-terminated name; the result is checked.
    let file = unsafe { libc::memfd_create(c"refaudit".as_ptr(), libc::MFD_CLOEXEC) };
    if file < 0 {
        return failed("the system gives no memory file (memfd_create)");
    }
    // SAFETY: a file of our own.
    let sized = unsafe { libc::ftruncate(file, SIZE as libc::off_t) == 0 };
    let (guarded, alias) = if sized { (map(file), map(file)) } else { (libc::MAP_FAILED, libc::MAP_FAILED) };
    let result = if guarded == libc::MAP_FAILED || alias == libc::MAP_FAILED {
        let result = failed("the system gives no address space for two mappings of 256 MiB");
        for pages in [guarded, alias].into_iter().filter(|&pages| pages != libc::MAP_FAILED) {
            // SAFETY: a mapping of our own that nobody has seen.
            unsafe { libc::munmap(pages, SIZE as usize) };
        }
        result
    } else {
        ALIAS.store(alias as u64, Relaxed);
        START.store(guarded as u64, Release);
        Ok(())
    };
    // SAFETY: a file of our own; the mappings keep its memory.
    unsafe { libc::close(file) };
    result
}

fn map(file: i32) -> *mut libc::c_void {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_SHARED | libc::MAP_NORESERVE;
    // SAFETY: a shared mapping of our own file at an address of the kernel's choice touches nothing.
    unsafe { libc::mmap(ptr::null_mut(), SIZE as usize, protection, flags, file, 0) }
}

/// In a forked child: puts private memory with these contents in the place of both mappings.
///
/// The two are no longer the same memory, so that nothing can be guarded here any more.
pub(super) fn make_private(contents: *const u8, length: usize) -> bool {
    let start = START.load(Relaxed);
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: replaces a mapping of our own; what stood in it is written into it again below.
    let pages = unsafe { libc::mmap(start as *mut _, SIZE as usize, protection, flags, -1, 0) };
    if pages == libc::MAP_FAILED {
        return false;
    }
    // SAFETY: the caller's copy of the first `length` bytes; the child has one thread.
    unsafe {
        ptr::copy_nonoverlapping(contents, pages.cast(), length);
        libc::munmap(ALIAS.load(Relaxed) as *mut _, SIZE as usize);
    }
    ALIAS.store(start, Relaxed);
    true
}

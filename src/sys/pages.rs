//! The allocator of our own tables: large ones get huge pages of their own.
//!
//! A snapshot of a million objects touches some 70 MB for the first time. In pages of 4 KiB the
//! faults alone cost a quarter of its time. Small allocations go to the system's allocator.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr;
use core::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::alloc::System;

/// Size and alignment of a huge page.
const HUGE: usize = 2 << 20;

/// Large allocations from `mmap`, all others from the system.
struct Pages;

#[global_allocator]
static PAGES: Pages = Pages;

/// Bytes that are taken: of small allocations, and of large ones.
static ON_HEAP: AtomicI64 = AtomicI64::new(0);
static MAPPED: AtomicI64 = AtomicI64::new(0);

/// What refaudit's own Rust code holds: without it, its models would look like growth of the
/// audited program.
pub(super) struct Taken {
    /// Bytes on the C heap.
    pub(super) heap: i64,
    /// Bytes in mappings of our own.
    pub(super) mapped: i64,
}

/// What is held now.
pub(super) fn taken() -> Taken {
    Taken { heap: ON_HEAP.load(Relaxed), mapped: MAPPED.load(Relaxed) }
}

/// Counts an allocation that succeeded.
fn counted(block: *mut u8, counter: &AtomicI64, size: usize) -> *mut u8 {
    if !block.is_null() {
        counter.fetch_add(size as i64, Relaxed);
    }
    block
}

fn is_large(layout: &Layout) -> bool {
    layout.size() >= HUGE && layout.align() <= HUGE
}

fn whole_pages(layout: &Layout) -> usize {
    layout.size().div_ceil(HUGE) * HUGE
}

/// Maps zeroed memory aligned to huge pages; null without memory.
fn map(size: usize) -> *mut u8 {
    let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: an anonymous private mapping at an address of the kernel's choice touches nothing.
    let start = unsafe { libc::mmap(ptr::null_mut(), size + HUGE, protection, flags | libc::MAP_NORESERVE, -1, 0) };
    if start == libc::MAP_FAILED {
        return ptr::null_mut();
    }
    let skip = (start as usize).next_multiple_of(HUGE) - start as usize;
    // SAFETY: `skip` is at most HUGE, so both ends and the middle lie inside the mapping just made.
    unsafe {
        let aligned = start.byte_add(skip);
        if skip > 0 {
            libc::munmap(start, skip);
        }
        if skip < HUGE {
            libc::munmap(aligned.byte_add(size), HUGE - skip);
        }
        libc::madvise(aligned, size, libc::MADV_HUGEPAGE);
        aligned.cast()
    }
}

// SAFETY: large and small layouts go to one allocator each, by the same test on both ways; `map`
// returns zeroed memory of at least the size and alignment asked for, or null.
unsafe impl GlobalAlloc for Pages {
    /// # Safety
    /// As for [`GlobalAlloc`].
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_large(&layout) {
            return counted(map(whole_pages(&layout)), &MAPPED, whole_pages(&layout));
        }
        // SAFETY: the caller's promise, passed on.
        counted(unsafe { System.alloc(layout) }, &ON_HEAP, layout.size())
    }

    /// # Safety
    /// As for [`GlobalAlloc`].
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if is_large(&layout) {
            // Fresh mappings are zeroed.
            return counted(map(whole_pages(&layout)), &MAPPED, whole_pages(&layout));
        }
        // SAFETY: the caller's promise, passed on.
        counted(unsafe { System.alloc_zeroed(layout) }, &ON_HEAP, layout.size())
    }

    /// # Safety
    /// As for [`GlobalAlloc`].
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if is_large(&layout) {
            // SAFETY: `block` came from `map` with the same layout (caller's promise).
            unsafe { libc::munmap(block.cast(), whole_pages(&layout)) };
            MAPPED.fetch_sub(whole_pages(&layout) as i64, Relaxed);
        } else {
            // SAFETY: `block` came from `System` with the same layout (caller's promise).
            unsafe { System.dealloc(block, layout) };
            ON_HEAP.fetch_sub(layout.size() as i64, Relaxed);
        }
    }
}

//! A forked child gets guarded objects of its own: shared memory would let its counts reach the parent.
//!
//! What was ever given out is copied before the fork, while the forking thread holds the slots. The child puts private
//! memory with these contents in the place of both mappings. Nothing is guarded in it any more: it has no record.

use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering::Relaxed};
use std::sync::Once;

use super::{births, packed, region, signals, slots};

static COPY: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());
/// This process was forked from one that guarded objects.
static IN_CHILD: AtomicBool = AtomicBool::new(false);

/// Follows forks from now on. Idempotent.
pub(super) fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the handlers copy memory and set flags, and their library is never unloaded.
        unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
    });
}

/// Whether this process is a child that can guard nothing.
pub(super) fn is_child() -> bool {
    IN_CHILD.load(Relaxed)
}

fn length() -> usize {
    let used = region::used();
    (used.end - used.start) as usize
}

extern "C" fn before() {
    slots::lock();
    let length = length();
    if length == 0 {
        return;
    }
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: an anonymous private mapping at an address of the kernel's choice touches nothing.
    let pages = unsafe { libc::mmap(ptr::null_mut(), length, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if pages != libc::MAP_FAILED {
        // SAFETY: as many bytes of the range, which is readable, as the mapping has.
        unsafe { ptr::copy_nonoverlapping(region::used().start as *const u8, pages.cast(), length) };
        COPY.store(pages.cast(), Relaxed);
    }
}

fn drop_copy() {
    let copy = COPY.swap(ptr::null_mut(), Relaxed);
    if !copy.is_null() {
        // SAFETY: the mapping of `before`, as long as it was then: nothing was given out meanwhile.
        unsafe { libc::munmap(copy.cast(), length()) };
    }
}

extern "C" fn in_parent() {
    drop_copy();
    slots::unlock();
}

extern "C" fn in_child() {
    if length() > 0 {
        births::want_nothing();
        let copy = COPY.load(Relaxed);
        // Without a copy the parent's memory as it is now has to do: it is read before it is replaced.
        let shared = region::alias(region::used().start) as *const u8;
        IN_CHILD.store(true, Relaxed);
        if !region::make_private(if copy.is_null() { shared } else { copy }, length()) {
            // The child would write into its parent's objects.
            // SAFETY: ends the process.
            unsafe { libc::abort() };
        }
        slots::forget();
        packed::forget();
        signals::remove();
        drop_copy();
    }
    slots::unlock();
}

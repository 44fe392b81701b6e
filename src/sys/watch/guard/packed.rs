//! A mode for tests: every block of some sizes stands in read-only memory, one behind the other.
//!
//! Nothing is recorded; every store to an object's body has to be performed. Each block follows 16 bytes that hold its
//! size, and freed blocks are re-used by those of the same size, rounded up to 16.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use super::region;
use super::slots::{lock, unlock};

static ON: AtomicBool = AtomicBool::new(false);
/// Smallest and largest block that is placed; none while the largest is 0.
static LEAST: AtomicU64 = AtomicU64::new(0);
static MOST: AtomicU64 = AtomicU64::new(0);
static NEXT: AtomicU64 = AtomicU64::new(0);
const CLASSES: usize = 64;
static FREE: [AtomicU64; CLASSES] = [const { AtomicU64::new(0) }; CLASSES];

/// Whether the range is packed. It stays so.
#[inline(always)]
pub(super) fn is_on() -> bool {
    ON.load(Relaxed)
}

/// Packs the range, which nobody has used yet. Whether that worked.
pub(super) fn begin(least: u64, most: u64) -> bool {
    let Some(first) = region::fresh(1).filter(|&first| first == 0) else { return false };
    NEXT.store(region::page(first), Relaxed);
    LEAST.store(least.max(16), Relaxed);
    MOST.store(most.min(16 * CLASSES as u64 - 16), Relaxed);
    ON.store(true, Relaxed);
    region::protect(&region::all(), false)
}

/// Places no more blocks, and makes the memory writable.
pub(super) fn end() {
    MOST.store(0, Relaxed);
    region::protect(&region::all(), true);
}

/// In a forked child, whose pages are all writable: places no more blocks.
pub(super) fn forget() {
    MOST.store(0, Relaxed);
}

/// An instruction was not understood.
pub(super) fn give_up() {
    region::protect(&region::all(), true);
}

/// The word of the alias at an address.
fn cell(address: u64) -> &'static AtomicU64 {
    // SAFETY: the alias of an address of the range, a multiple of 16; always mapped.
    unsafe { AtomicU64::from_ptr(region::alias(address) as *mut u64) }
}

pub(super) fn take(size: u64, zeroed: bool) -> Option<u64> {
    if !(LEAST.load(Relaxed)..=MOST.load(Relaxed)).contains(&size) {
        return None;
    }
    let class = size.div_ceil(16) as usize;
    lock();
    let free = FREE[class].load(Relaxed);
    let block = if free != 0 {
        FREE[class].store(cell(free).load(Relaxed), Relaxed);
        Some(free)
    } else {
        let next = NEXT.load(Relaxed);
        let end = next + 16 + class as u64 * 16;
        // At most one page more than there was.
        let fits = end <= region::used().end || region::fresh(1).is_some();
        if fits {
            NEXT.store(end, Relaxed);
        }
        fits.then_some(next + 16)
    };
    unlock();
    let block = block?;
    cell(block - 16).store(size, Relaxed);
    if zeroed {
        // SAFETY: our own block, through the alias.
        unsafe { core::ptr::write_bytes(region::alias(block) as *mut u8, 0, size as usize) };
    }
    Some(block)
}

pub(super) fn size(block: u64) -> u64 {
    cell(block - 16).load(Relaxed)
}

pub(super) fn give_back(block: u64) {
    let class = size(block).div_ceil(16) as usize;
    lock();
    cell(block).store(FREE[class].load(Relaxed), Relaxed);
    FREE[class].store(block, Relaxed);
    unlock();
}

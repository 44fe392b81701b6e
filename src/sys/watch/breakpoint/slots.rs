//! The watched objects, as a signal handler finds them.

use core::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use crate::event::Mechanism;
use crate::sys::cpython::{Object, head, is_linked, read};
use crate::sys::stack::Registers;
use crate::sys::watch::record::{Change, note_change};

/// Debug registers of the processor that hold an address.
pub(super) const REGISTERS: usize = 4;

/// One watched object.
pub(super) struct Slot {
    /// 0 for none.
    object: AtomicU64,
    /// The last one, whether or not it is watched still: its last signal may be on the way.
    last: AtomicU64,
    /// Its count as it was last seen.
    count: AtomicI64,
}

static SLOTS: [Slot; REGISTERS] =
    [const { Slot { object: AtomicU64::new(0), last: AtomicU64::new(0), count: AtomicI64::new(0) } }; REGISTERS];
/// What is written to find out whether breakpoints work.
static PROBE: AtomicU64 = AtomicU64::new(0);
/// What stood there at the last hit.
static PROBED: AtomicU64 = AtomicU64::new(0);

/// What an event on an address carries, so that it is known for ours.
pub(super) fn cookie(address: u64) -> u64 {
    address ^ &raw const SLOTS as u64
}

/// Whether an event carries [`cookie`] of what is watched, or was just now.
pub(super) fn is_cookie(data: u64) -> bool {
    let address = data ^ &raw const SLOTS as u64;
    address == probe() || SLOTS.iter().any(|slot| slot.last.load(Relaxed) == address)
}

/// The count of a live object, or of one that just died; `None` for an immortal one, and where a link of a free list
/// stands in the count's place.
fn count(address: u64) -> Option<i64> {
    // SAFETY: the address was that of a live object; blocks of pymalloc stay mapped while the process runs, and what
    // cannot be moved was there before the audit.
    let (word, count) = unsafe { (read::<u64>(address, head::OB_REFCNT), Object::new(address).reference_count()) };
    // An over-released object's count is below zero: all bits above it are set, too.
    let linked = is_linked(word) && word >> 32 != u64::from(u32::MAX);
    if linked { None } else { count.map(|count| i64::from(count as i32)) }
}

/// Whether the count of a live object ever changes.
pub(super) fn counts(address: u64) -> bool {
    count(address).is_some()
}

/// Watches objects, at most [`REGISTERS`].
pub(super) fn fill(objects: &[u64]) {
    for (slot, &object) in SLOTS.iter().zip(objects) {
        slot.count.store(count(object).unwrap_or(0), Relaxed);
        slot.last.store(object, Relaxed);
        slot.object.store(object, Relaxed);
    }
}

/// Watches nothing.
pub(super) fn empty() {
    SLOTS.iter().for_each(|slot| slot.object.store(0, Relaxed));
}

/// Where a breakpoint is tried out.
pub(super) fn probe() -> u64 {
    &raw const PROBE as u64
}

/// Writes there; whether that was seen.
pub(super) fn was_seen() -> bool {
    let new = PROBE.fetch_add(1, Relaxed) + 1;
    PROBED.load(Relaxed) == new
}

/// A breakpoint was hit. Which one is not always known: whichever count changed tells.
pub(super) fn hit(at: Registers) {
    PROBED.store(PROBE.load(Relaxed), Relaxed);
    for slot in &SLOTS {
        let object = slot.object.load(Relaxed);
        let Some(after) = (object != 0).then(|| count(object)).flatten() else { continue };
        let before = slot.count.swap(after, Relaxed);
        if before != after {
            note_change(Change { object, before, after, mechanism: Mechanism::Breakpoint }, at);
        }
    }
}

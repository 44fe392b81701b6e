//! Guard pages: each write to a watched reference count is seen, on any number of objects, without privileges.
//!
//! An object that is watched is born on a page of its own that is read-only, while a second mapping of the same memory
//! is not. A write faults; the handler decodes the instruction, performs it on the second mapping, notes the change,
//! and goes on behind it. The page is never writable meanwhile, so that no other thread's write is missed, and a count
//! is changed in one piece, so that none is lost.
//!
//! Where the object goes: [`region`]. Which births are meant: [`births`]. What a write does: [`writes`]. Live objects
//! stay where they are when the watch ends, on pages that are writable then.

mod births;
mod code;
mod counters;
mod forks;
mod operation;
mod packed;
mod processor;
mod refusals;
mod region;
mod signals;
mod slots;
mod store;
mod writes;

use core::ffi::{c_int, c_void};
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

pub(crate) use counters::values as statistics;

use super::Births;
use super::record::{Change, append, note};
use crate::event::{Mechanism, StackId};
use crate::sys::hook::give_back_masks;
use counters::COUNTERS;

/// Births are placed now.
static ARMED: AtomicBool = AtomicBool::new(false);

/// What stands behind our handler of a signal, when we have one now.
pub(super) fn chain(signal: c_int) -> Option<&'static super::chain::Chain> {
    signals::chain(signal)
}

/// Guards objects that are born from now on, at most `per_run` of a kind in each run. Call with the GIL held. What
/// cannot be guarded is noted.
pub(in crate::sys) fn arm(births: &[Births], per_run: u32) {
    if !births.is_empty() {
        begin(births, per_run, false);
    }
}

/// [`arm`], with births outside of any run, too.
pub(crate) fn arm_at_any_time(births: &[Births], per_run: u32) {
    begin(births, per_run, true);
}

fn begin(births: &[Births], per_run: u32, any_time: bool) {
    let (good, bad): (Vec<_>, Vec<_>) = births.iter().cloned().partition(|births| {
        births.before % 16 == 0
            && (births.before + region::HEAD..births.before + region::HEAD + slots::LARGEST_BODY).contains(&births.size)
    });
    for births in bad {
        note(format!("objects of {} bytes cannot be guarded: too large, or placed oddly", births.size));
    }
    counters::clear();
    if ready() {
        slots::limit(refusals::most_objects());
        births::want(&good, per_run, any_time);
    }
}

/// Whether all is there that guarding needs; otherwise the reason is noted.
fn ready() -> bool {
    let reason = if forks::is_child() {
        Some("this is a forked child of a process that guarded objects".to_owned())
    } else {
        refusals::reason().or_else(|| region::open().err()).or_else(|| (!slots::open()).then(|| "no memory".to_owned()))
    };
    if let Some(reason) = reason {
        note(format!("no guard pages: {reason}"));
        return false;
    }
    processor::prepare();
    forks::watch();
    super::signals::watch_others();
    // The decoder builds its tables at its first use.
    code::decode(ready as *const () as u64);
    let installed = signals::install();
    if !installed {
        note("no guard pages: the signal handlers cannot be installed".into());
    }
    ARMED.store(installed, Relaxed);
    installed
}

/// A run begins: each kind may be sampled again. Looks whether faults still come to us.
pub(in crate::sys) fn next_run() {
    if !ARMED.load(Relaxed) || forks::is_child() {
        return;
    }
    if let Some(reason) = refusals::reason_now() {
        note(format!("guard pages were given up: {reason}"));
        disarm();
    } else {
        signals::install();
        births::next_run();
    }
}

/// Ends the watch. Objects that were placed live on as any others.
pub(in crate::sys) fn disarm() {
    births::want_nothing();
    if !ARMED.swap(false, Relaxed) || forks::is_child() {
        return;
    }
    if packed::is_on() {
        packed::end()
    } else {
        slots::disarm()
    }
    signals::remove();
    give_back_masks();
    counters::notes().into_iter().for_each(note);
}

/// Whether births are placed now.
pub(crate) fn is_armed() -> bool {
    ARMED.load(Relaxed)
}

/// [`next_run`], for tests.
pub(crate) fn check() {
    next_run();
}

/// [`disarm`], for tests.
pub(crate) fn end() {
    disarm();
}

/// Whether the object at an address is live and guarded now.
pub(crate) fn watches(object: u64) -> bool {
    region::holds(object) && !packed::is_on() && slots::watches(object)
}

/// For tests: places every block of `least` to `most` bytes, until [`disarm`], and records nothing. Whether that worked:
/// not when anything was guarded in this process before.
pub(crate) fn guard_all(least: u64, most: u64) -> bool {
    counters::clear();
    let begun = ready() && packed::begin(least, most);
    if begun {
        births::want_all();
    }
    begun
}

/// For tests: the address of an object that is none, 32 bytes into a guarded block.
pub(crate) fn block() -> Option<u64> {
    const BEFORE: u64 = 32;
    slots::take(2048, BEFORE, true).map(|block| block + BEFORE)
}

// --- For the allocator's hook ---------------------------------------------------------------------

/// Whether a block of a size may have to be placed: one load, one test.
#[inline(always)]
pub(in crate::sys) fn wants(size: usize) -> bool {
    births::wants(size as u64)
}

/// Whether [`place`] may say yes to a block of a size that [`wants`] said yes to: before its stack is looked at.
#[cold]
#[inline(never)]
pub(in crate::sys) fn may_place(size: usize) -> bool {
    packed::is_on() || births::may_choose(size as u64)
}

/// A guarded block for a birth, or null when this one is not wanted.
#[cold]
#[inline(never)]
pub(in crate::sys) fn place(size: usize, zeroed: bool, stack: StackId) -> *mut c_void {
    let size = size as u64;
    if packed::is_on() {
        return packed::take(size, zeroed).map_or(ptr::null_mut(), |block| block as *mut c_void);
    }
    let Some(before) = births::chosen(size, stack) else { return ptr::null_mut() };
    if let Some(block) = slots::take(size, before, zeroed) {
        COUNTERS.placed.fetch_add(1, Relaxed);
        block as *mut c_void
    } else {
        COUNTERS.no_room.fetch_add(1, Relaxed);
        births::not_placed(size);
        ptr::null_mut()
    }
}

/// Whether a block was placed by [`place`]: one load, one comparison.
#[inline(always)]
pub(in crate::sys) fn holds(block: *mut c_void) -> bool {
    region::holds(block as u64)
}

/// Size of a placed block.
pub(in crate::sys) fn size(block: *mut c_void) -> usize {
    let block = block as u64;
    if packed::is_on() { packed::size(block) as usize } else { slots::size(block).unwrap_or(0) as usize }
}

/// Resizes a placed block where it is; `false` when there is no room.
pub(in crate::sys) fn resize(block: *mut c_void, size: usize) -> bool {
    !packed::is_on() && slots::resize(block as u64, size as u64)
}

/// Moves the first bytes of another block into one that was placed just now. What is resized has one reference, the
/// one that it was born with at `stack`.
pub(in crate::sys) fn fill(block: *mut c_void, from: *const c_void, length: usize, stack: StackId) {
    // SAFETY: both blocks have so many bytes; the alias of ours is always writable.
    unsafe { ptr::copy_nonoverlapping(from.cast::<u8>(), region::alias(block as u64) as *mut u8, length) };
    if let Some(object) = slots::object(block as u64)
        && writes::count_of(object) == 1
    {
        append(Change { object, before: 0, after: 1, mechanism: Mechanism::GuardPage }, stack);
    }
}

/// Frees a placed block.
#[cold]
pub(in crate::sys) fn give_back(block: *mut c_void) {
    if packed::is_on() { packed::give_back(block as u64) } else { slots::give_back(block as u64) }
}

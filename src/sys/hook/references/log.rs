//! The log of what extensions did to reference counts: appended to, never searched while an audit runs.
//!
//! One line of 24 bytes: the object with the kind of operation in its highest byte, the return address, and thread and
//! run. Its pages are touched as they are needed.

use core::ffi::c_void;
use core::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

use rustc_hash::FxHashSet;

use crate::event::{Mechanism, RefEvent, RunId};
use crate::sys::cpython::Object;
use crate::sys::hook::stamped;
use crate::sys::stack;
use crate::sys::watch::own_thread;

/// Operations that find room: 96 MB when all of it is used.
const ROOM: usize = 1 << 22;
/// Where the kind of operation stands beside an address, which has 47 bits.
const KIND: u32 = 56;
const ADDRESS: u64 = (1 << KIND) - 1;

const INCREMENT: u64 = 1;
const DECREMENT: u64 = 2;
/// The last reference goes.
const DEATH: u64 = 3;

#[repr(C)]
struct Line {
    /// 0 while it is being written.
    object: AtomicU64,
    caller: AtomicU64,
    thread: AtomicU32,
    run: AtomicU32,
}

static LINES: AtomicPtr<Line> = AtomicPtr::new(core::ptr::null_mut());
static USED: AtomicUsize = AtomicUsize::new(0);
static AWAKE: AtomicBool = AtomicBool::new(false);

/// Records from now on; what was recorded before is forgotten.
pub(in crate::sys) fn wake() {
    if LINES.load(Acquire).is_null() {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let (size, access) = (ROOM * size_of::<Line>(), libc::PROT_READ | libc::PROT_WRITE);
        // SAFETY: an anonymous private mapping at an address of the kernel's choice touches nothing.
        let pages = unsafe { libc::mmap(core::ptr::null_mut(), size, access, flags, -1, 0) };
        if pages == libc::MAP_FAILED {
            return;
        }
        LINES.store(pages.cast(), Release);
    }
    forget();
    AWAKE.store(true, Release);
}

/// Records nothing from now on. What was recorded stays.
pub(in crate::sys) fn sleep() {
    AWAKE.store(false, Relaxed);
}

/// Forgets what was recorded: a measurement begins.
pub(in crate::sys) fn forget() {
    let lines = LINES.load(Acquire);
    let used = USED.load(Acquire).min(ROOM);
    if !lines.is_null() && used > 0 {
        // SAFETY: inside the mapping of `wake`; its pages read as zero afterwards, which is what an unused line is.
        unsafe { libc::madvise(lines.cast(), used * size_of::<Line>(), libc::MADV_DONTNEED) };
    }
    USED.store(0, Release);
}

/// Operations since [`forget`] that found no room.
pub(in crate::sys) fn dropped() -> u64 {
    USED.load(Relaxed).saturating_sub(ROOM) as u64
}

/// Bytes of the log that were written.
pub(in crate::sys) fn touched_bytes() -> i64 {
    (USED.load(Relaxed).min(ROOM) * size_of::<Line>()) as i64
}

/// A reference is taken: by the extension, whose code goes on at `caller`.
pub(super) extern "C" fn note_increment(object: *mut c_void, caller: u64) {
    if AWAKE.load(Relaxed) && count(object).is_some() {
        append(object as u64, INCREMENT, caller);
    }
}

/// A reference is given back; perhaps it is the last.
pub(super) extern "C" fn note_decrement(object: *mut c_void, caller: u64) {
    if AWAKE.load(Relaxed)
        && let Some(count) = count(object)
    {
        append(object as u64, if count == 1 { DEATH } else { DECREMENT }, caller);
    }
}

/// The extension gave back the last reference itself.
pub(super) extern "C" fn note_death(object: *mut c_void, caller: u64) {
    if AWAKE.load(Relaxed) && !object.is_null() {
        append(object as u64, DEATH, caller);
    }
}

/// The count before the operation; `None` for null and for an immortal object.
#[inline(always)]
fn count(object: *mut c_void) -> Option<u32> {
    if object.is_null() {
        return None;
    }
    // SAFETY: the extension hands a live object to a function that counts its references, with the GIL held.
    unsafe { Object::new(object as u64) }.reference_count()
}

#[inline(always)]
fn append(object: u64, kind: u64, caller: u64) {
    let lines = LINES.load(Acquire);
    let number = USED.fetch_add(1, Relaxed);
    if number >= ROOM {
        return;
    }
    // SAFETY: not null while awake; inside the mapping, which is never unmapped; all zero is valid.
    let line = unsafe { &*lines.add(number) };
    line.caller.store(caller, Relaxed);
    line.thread.store(own_thread(), Relaxed);
    line.run.store(stamped().0, Relaxed);
    line.object.store(object & ADDRESS | kind << KIND, Release);
}

/// What was recorded of some objects, in order. `before` is 0, and `after` the change; at a death they are 1 and 0.
///
/// An address may have been that of several objects, one after the other.
pub(in crate::sys) fn imported(addresses: &[u64]) -> Vec<RefEvent> {
    let lines = LINES.load(Acquire);
    let used = if lines.is_null() { 0 } else { USED.load(Acquire).min(ROOM) };
    let wanted: FxHashSet<u64> = addresses.iter().copied().collect();
    let read = |number: usize| {
        // SAFETY: as in `append`.
        let line = unsafe { &*lines.add(number) };
        let word = line.object.load(Acquire);
        let object = word & ADDRESS;
        if !wanted.contains(&object) {
            return None;
        }
        let (before, after) = match word >> KIND {
            INCREMENT => (0, 1),
            DECREMENT => (0, -1),
            DEATH => (1, 0),
            _ => return None,
        };
        Some(RefEvent {
            object,
            before,
            after,
            thread: line.thread.load(Relaxed),
            run: RunId(line.run.load(Relaxed)),
            stack: stack::of_caller(line.caller.load(Relaxed)),
            mechanism: Mechanism::ImportTable,
        })
    };
    (0..used).filter_map(read).collect()
}

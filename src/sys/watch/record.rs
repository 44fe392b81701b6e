//! The record of all changes that were seen: a table in a mapping of its own, filled without a lock.

use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::event::{Mechanism, RefEvent, RunId, StackId};
use crate::sys::hook::stamped;
use crate::sys::stack::{self, Registers};

/// Changes that find room: 48 MB when all of it is used.
const ROOM: usize = 1 << 20;

/// One line. Written once, and valid from when `state` says so.
#[repr(C)]
struct Line {
    object: AtomicU64,
    before: AtomicU64,
    after: AtomicU64,
    thread: AtomicU32,
    run: AtomicU32,
    stack: AtomicU32,
    /// 0 while it is being written; then the mechanism's number + 1.
    state: AtomicU32,
}

static LINES: AtomicPtr<Line> = AtomicPtr::new(core::ptr::null_mut());
static USED: AtomicUsize = AtomicUsize::new(0);
static NOTES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// What a mechanism saw.
#[derive(Debug, Clone, Copy)]
pub(in crate::sys) struct Change {
    pub(in crate::sys) object: u64,
    pub(in crate::sys) before: i64,
    pub(in crate::sys) after: i64,
    pub(in crate::sys) mechanism: Mechanism,
}

/// Makes room for the record. Call before anything is watched; idempotent. Whether there is room.
pub(crate) fn open() -> bool {
    if !LINES.load(Ordering::Acquire).is_null() {
        return true;
    }
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    let size = ROOM * size_of::<Line>();
    // SAFETY: an anonymous private mapping at an address of the kernel's choice touches nothing.
    let pages = unsafe { libc::mmap(core::ptr::null_mut(), size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if pages == libc::MAP_FAILED {
        return false;
    }
    LINES.store(pages.cast(), Ordering::Release);
    true
}

/// Writes a change down, with the stack that begins at an instruction. For signal handlers: takes no lock.
///
/// `at` are the registers of the code that made the change, its `pc` one past an address inside the
/// instruction (as a return address is).
pub(in crate::sys) fn note_change(change: Change, at: Registers) {
    let stack = stack::capture_at(at, stack::own_state());
    append(change, stack);
}

/// Writes a change down whose stack is known.
pub(in crate::sys) fn append(change: Change, stack: StackId) {
    let lines = LINES.load(Ordering::Acquire);
    let number = USED.fetch_add(1, Ordering::Relaxed);
    if lines.is_null() || number >= ROOM {
        return;
    }
    // SAFETY: inside the mapping of `open`, which is never unmapped; every line is atomics, all zero valid.
    let line = unsafe { &*lines.add(number) };
    line.object.store(change.object, Ordering::Relaxed);
    line.before.store(change.before as u64, Ordering::Relaxed);
    line.after.store(change.after as u64, Ordering::Relaxed);
    line.thread.store(thread(), Ordering::Relaxed);
    line.run.store(stamped().0, Ordering::Relaxed);
    line.stack.store(stack.0, Ordering::Relaxed);
    line.state.store(change.mechanism as u32 + 1, Ordering::Release);
}

/// The calling thread's number; remembered, since asking costs a system call.
pub(in crate::sys) fn thread() -> u32 {
    thread_local!(static NUMBER: core::cell::Cell<u32> = const { core::cell::Cell::new(0) });
    match NUMBER.get() {
        0 => {
            // SAFETY: no arguments, cannot fail.
            let number = unsafe { libc::gettid() } as u32;
            NUMBER.set(number);
            number
        }
        number => number,
    }
}

/// All that was seen since [`forget`], in order.
pub(crate) fn events() -> Vec<RefEvent> {
    let lines = LINES.load(Ordering::Acquire);
    let used = if lines.is_null() { 0 } else { USED.load(Ordering::Acquire).min(ROOM) };
    let read = |number: usize| {
        // SAFETY: as in `append`.
        let line = unsafe { &*lines.add(number) };
        let mechanism = match line.state.load(Ordering::Acquire) {
            1 => Mechanism::GuardPage,
            2 => Mechanism::Breakpoint,
            3 => Mechanism::ImportTable,
            _ => return None,
        };
        Some(RefEvent {
            object: line.object.load(Ordering::Relaxed),
            before: line.before.load(Ordering::Relaxed) as i64,
            after: line.after.load(Ordering::Relaxed) as i64,
            thread: line.thread.load(Ordering::Relaxed),
            run: RunId(line.run.load(Ordering::Relaxed)),
            stack: StackId(line.stack.load(Ordering::Relaxed)),
            mechanism,
        })
    };
    (0..used).filter_map(read).collect()
}

/// Changes that found no room.
pub(crate) fn dropped() -> u64 {
    USED.load(Ordering::Relaxed).saturating_sub(ROOM) as u64
}

/// Empties the record. Only while nothing is watched.
pub(crate) fn forget() {
    let lines = LINES.load(Ordering::Acquire);
    if !lines.is_null() {
        for number in 0..USED.load(Ordering::Acquire).min(ROOM) {
            // SAFETY: as in `append`.
            unsafe { &*lines.add(number) }.state.store(0, Ordering::Relaxed);
        }
    }
    USED.store(0, Ordering::Release);
    NOTES.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

/// Says what could not be watched. Not for signal handlers.
pub(in crate::sys) fn note(text: String) {
    let mut notes = NOTES.lock().unwrap_or_else(PoisonError::into_inner);
    if !notes.contains(&text) {
        notes.push(text);
    }
}

/// What could not be watched since [`forget`].
pub(crate) fn notes() -> Vec<String> {
    NOTES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

//! Hooks on the functions that block signals: those that a watch needs stay open, and the thread is told that they are
//! blocked as it asked.
//!
//! What it asked for is done when the watch is over: at once in the thread that ends it, in any other at its next call
//! of these functions. Good in signal handlers.

use core::cell::Cell;
use core::ffi::c_int;
use core::ptr;

use libc::sigset_t;

use super::original::Original;
use crate::sys::watch::needed_signals;

type Function = extern "C" fn(c_int, *const sigset_t, *mut sigset_t) -> c_int;

pub(super) static THREAD: Original<Function> = Original::new();
pub(super) static PROCESS: Original<Function> = Original::new();

thread_local! {
    /// Signals that the thread believes blocked and that are not, a bit for each.
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

/// `pthread_sigmask`
pub(super) extern "C" fn of_thread(how: c_int, new: *const sigset_t, old: *mut sigset_t) -> c_int {
    exchange(how, new, old, |how, new, old| THREAD.get()(how, new, old))
}

/// `sigprocmask`
pub(super) extern "C" fn of_process(how: c_int, new: *const sigset_t, old: *mut sigset_t) -> c_int {
    exchange(how, new, old, |how, new, old| PROCESS.get()(how, new, old))
}

/// Blocks what the calling thread asked for during a watch that is over.
pub(in crate::sys) fn give_back() {
    // SAFETY: reads a set and writes the calling thread's own mask.
    block_late(needed_signals(), |how, new, old| unsafe { libc::pthread_sigmask(how, new, old) });
}

/// Blocks what was asked for and is needed no longer.
fn block_late(needed: u64, original: impl Fn(c_int, *const sigset_t, *mut sigset_t) -> c_int) {
    let late = ASKED.get() & !needed;
    if late != 0 && original(libc::SIG_BLOCK, ptr::from_ref(&set(late)), ptr::null_mut()) == 0 {
        ASKED.set(ASKED.get() & needed);
    }
}

fn exchange(
    how: c_int,
    new: *const sigset_t,
    old: *mut sigset_t,
    original: impl Fn(c_int, *const sigset_t, *mut sigset_t) -> c_int,
) -> c_int {
    let needed = needed_signals();
    if needed | ASKED.get() == 0 {
        return original(how, new, old);
    }
    block_late(needed, &original);
    let before = ASKED.get();
    // SAFETY: null, or a set, as the function demands of its caller.
    let wanted = unsafe { new.as_ref() }.map(signals);
    let result = match wanted {
        None => original(how, new, old),
        Some(wanted) => {
            let open = if how == libc::SIG_UNBLOCK { wanted } else { wanted & !needed };
            original(how, ptr::from_ref(&set(open)), old)
        }
    };
    // SAFETY: as above; filled by the original when that did not fail.
    if let Some(old) = unsafe { old.as_mut() }.filter(|_| result == 0) {
        *old = set(signals(old) | before);
    }
    if let Some(wanted) = wanted.filter(|_| result == 0) {
        ASKED.set(match how {
            libc::SIG_BLOCK => before | wanted & needed,
            libc::SIG_UNBLOCK => before & !wanted,
            // SIG_SETMASK
            _ => wanted & needed,
        });
    }
    result
}

/// The signals of a set, a bit for each, that of signal 1 the lowest: Linux has no more than 64.
fn signals(set: &sigset_t) -> u64 {
    // SAFETY: a set begins with a word that holds all that exist.
    unsafe { ptr::from_ref(set).cast::<u64>().read() }
}

fn set(signals: u64) -> sigset_t {
    // SAFETY: plain numbers, all zero valid; a set begins with a word that holds all that exist.
    unsafe {
        let mut set: sigset_t = core::mem::zeroed();
        (&raw mut set).cast::<u64>().write(signals);
        set
    }
}

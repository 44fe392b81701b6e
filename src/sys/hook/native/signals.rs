//! Hooks on the functions that install signal handlers: as long as a watch needs a signal, others' handlers of it come
//! behind the watch's own. Good in signal handlers.

use core::ffi::c_int;

use libc::{sigaction, sighandler_t};

use super::original::Original;
use crate::sys::watch::exchange_action;

pub(super) static ACTION: Original<extern "C" fn(c_int, *const sigaction, *mut sigaction) -> c_int> = Original::new();
pub(super) static SIGNAL: Original<extern "C" fn(c_int, sighandler_t) -> sighandler_t> = Original::new();

/// `sigaction`
pub(super) extern "C" fn action(signal: c_int, new: *const sigaction, old: *mut sigaction) -> c_int {
    // SAFETY: null, or an action, as the function demands of its caller.
    let (wanted, told) = unsafe { (new.as_ref().copied(), old.as_mut()) };
    match exchange_action(signal, wanted) {
        Some(before) => {
            if let Some(told) = told {
                *told = before;
            }
            0
        }
        None => ACTION.get()(signal, new, old),
    }
}

/// `signal`, with the meaning of BSD that glibc gives it: system calls go on, the signal is blocked in its handler.
pub(super) extern "C" fn signal(signal: c_int, handler: sighandler_t) -> sighandler_t {
    // SAFETY: all zero is a valid action.
    let mut wanted: sigaction = unsafe { core::mem::zeroed() };
    wanted.sa_sigaction = handler;
    wanted.sa_flags = libc::SA_RESTART;
    match exchange_action(signal, Some(wanted)) {
        Some(before) => before.sa_sigaction,
        None => SIGNAL.get()(signal, handler),
    }
}

//! The signals that a watch needs now, and everybody else who has a use for them.
//!
//! A fault or a trap that finds its signal blocked ends the process. So, as long as a watch needs them, handlers that are
//! installed come behind ours, and what threads block goes on to reach them: [`crate::sys::hook::native`] asks here.

use core::ffi::c_int;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::chain::Chain;
use super::{breakpoint, guard};

/// What programs do about signals passes through the hooks from the first watch on.
static WATCHING: AtomicBool = AtomicBool::new(false);

/// Sees to it that handlers and masks of others pass through the hooks. Call before anything is watched.
pub(super) fn watch_others() {
    WATCHING.store(true, Relaxed);
    crate::sys::imports::sync_calls();
}

/// Whether what programs do about signals is to be seen.
pub(in crate::sys) fn watching_signals() -> bool {
    WATCHING.load(Relaxed)
}

/// What stands behind ours. Guard pages are in front where both are watching.
fn last(signal: c_int) -> Option<&'static Chain> {
    breakpoint::chain(signal).or_else(|| guard::chain(signal))
}

/// What is done at a signal behind us, and what from now on; `None` when the signal is none of ours now. Good in
/// signal handlers.
pub(in crate::sys) fn exchange_action(signal: c_int, new: Option<libc::sigaction>) -> Option<libc::sigaction> {
    let chain = last(signal)?;
    let before = chain.load();
    if let Some(new) = new {
        chain.store(&new);
    }
    Some(before)
}

/// The signals that no thread may block now: a bit for each, that of signal 1 the lowest. Good in signal handlers.
pub(in crate::sys) fn needed() -> u64 {
    let ours = [libc::SIGSEGV, libc::SIGTRAP].into_iter().filter(|&signal| last(signal).is_some());
    ours.map(|signal| 1 << (signal - 1)).sum()
}

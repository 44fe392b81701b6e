//! Hooks on the functions of the C API that return a reference, new or borrowed, or take over one of the caller's, where
//! an extension in scope imports them: the *effect* of each call, with the address that it returns to.
//!
//! Put into import tables when somebody first wants to know, and recorded from [`wake`] to [`sleep`].

mod notes;
mod slots;
mod trampolines;

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

pub(in crate::sys) use slots::function;
pub(in crate::sys) use trampolines::is_ours;

use super::native::{Hook, forked};

/// Calls pass through here from the first time on that somebody wants to know of them.
static WATCHING: AtomicBool = AtomicBool::new(false);

/// Whether calls are to be seen.
pub(in crate::sys) fn watching_calls() -> bool {
    WATCHING.load(Relaxed)
}

/// The hooks, for import tables.
pub(super) fn hooks() -> Vec<Hook> {
    slots::hooks()
}

/// The names of the functions whose calls can be seen.
pub(in crate::sys) fn names() -> Vec<String> {
    slots::all().map(|slot| slot.name.to_string_lossy().into_owned()).collect()
}

/// Records calls from now on, as long as births are recorded. Call with the GIL held.
pub(in crate::sys) fn wake() {
    if forked() || !super::references::is_awake() {
        return;
    }
    WATCHING.store(true, Relaxed);
    crate::sys::imports::sync_calls();
    trampolines::AWAKE.store(true, Relaxed);
}

/// Records no calls from now on.
pub(in crate::sys) fn sleep() {
    trampolines::AWAKE.store(false, Relaxed);
}

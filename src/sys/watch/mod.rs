//! Watching reference counts: which objects, and what is seen to happen to them.
//!
//! Everybody who sees a change writes it into one [`record`]; what is watched is said by a [`Plan`].

pub(crate) mod breakpoint;
mod chain;
pub(crate) mod guard;
mod own_stack;
mod record;
mod signals;

pub(in crate::sys) use record::thread as own_thread;
pub(crate) use record::{dropped, events, forget, notes, open as open_record};
pub(in crate::sys) use signals::{exchange_action, needed as needed_signals, watching_signals};

use crate::event::{RefEvent, Serial};
use crate::sys::hook::calls;

/// What is to be watched.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// Objects that are yet to be born.
    pub(crate) births: Vec<Births>,
    /// Objects that are there already, the most important first.
    pub(crate) objects: Vec<u64>,
    /// At most so many objects of one kind in each run.
    pub(crate) per_run: u32,
}

/// Births that are worth watching.
#[derive(Debug, Clone)]
pub(crate) struct Births {
    /// Size of their blocks in bytes, what stands before the object included.
    pub(crate) size: u64,
    /// Bytes of a block before its object: the collector's, and pointers to its dict.
    pub(crate) before: u64,
    /// Stacks of birth, of which the innermost native frames and the first Python frame count; none for
    /// every birth of that size, as where objects come back from free lists.
    pub(crate) stacks: Vec<crate::event::StackId>,
}

/// Watches what a plan says until it is dropped. One at a time.
#[derive(Debug)]
pub(crate) struct Watching(());

impl Watching {
    /// Begins to watch. What cannot be watched is told by [`notes`], never by silence. Call with the GIL held.
    pub(crate) fn begin(plan: &Plan) -> Self {
        forget();
        if record::open() {
            // In this order: guard pages see to it that their handlers of signals stay in front.
            if !plan.objects.is_empty() {
                breakpoint::arm(&plan.objects);
            }
            if plan.births.iter().any(|births| births.stacks.is_empty()) {
                // What a free list holds when a run begins was born before it.
                guard::arm_at_any_time(&plan.births, plan.per_run);
            } else {
                guard::arm(&plan.births, plan.per_run);
            }
        } else {
            record::note("no memory for a record of reference counts".into());
        }
        calls::wake();
        Self(())
    }

    /// A run begins: each kind of birth may be sampled again.
    pub(crate) fn next_run(&self) {
        guard::next_run();
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        calls::sleep();
        guard::disarm();
        breakpoint::disarm();
    }
}

/// What extensions in scope did to the references of some objects since the measurement began, through functions that
/// they import. In order. Each object stands with its birth; when that is unknown, an address may have been that of
/// several objects, one after the other.
pub(crate) fn imported(objects: &[(u64, Serial)]) -> Vec<RefEvent> {
    crate::sys::hook::references::imported(objects)
}

/// Forgets what [`imported`] would tell: a measurement begins.
pub(crate) fn forget_imported() {
    crate::sys::hook::references::forget();
}

/// Operations that found no room in what [`imported`] tells of.
pub(crate) fn dropped_imported() -> u64 {
    crate::sys::hook::references::dropped()
}

/// Test support: records calls that return references or take them over, from now on or no longer.
pub(crate) fn watch_calls(watch: bool) {
    if watch { calls::wake() } else { calls::sleep() }
}

/// The names of the functions whose calls are seen while something is watched.
pub(crate) fn called_functions() -> Vec<String> {
    calls::names()
}

//! Hardware breakpoints on reference counts: at most four objects, wherever they are and whoever writes.
//!
//! Two routes lead to the debug registers: perf events, and a child that sets them through ptrace. Which one works is
//! tried out on a word of our own; what refuses both is said with the setting that would permit it.

mod perf;
mod registers;
mod slots;
mod threads;
mod trap;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub(super) use trap::chain;

use super::record::{self, note};
use crate::event::RefEvent;
use crate::sys::hook::give_back_masks;

/// How breakpoints are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// Events of `perf_event_open`, which threads inherit.
    Perf,
    /// The debug registers, by way of ptrace: of the threads that are there.
    Registers,
}

/// Breakpoints that are set, until this is dropped.
enum Armed {
    Perf(#[expect(dead_code, reason = "closes the events when dropped")] perf::Events),
    Registers(registers::Armed),
}

static ARMED: Mutex<Option<Armed>> = Mutex::new(None);

fn armed() -> MutexGuard<'static, Option<Armed>> {
    ARMED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note_failure(what: &str) {
    note(format!("hardware breakpoints: {what}"));
}

/// Watches the counts of live objects, the first four of them that have one that changes. Call with the GIL held, and
/// with the objects held. What is not watched is noted.
pub(in crate::sys) fn arm(objects: &[u64]) {
    arm_by(objects, &[Route::Perf, Route::Registers]);
}

/// [`arm`], by the first of the routes that works.
pub(crate) fn arm_by(objects: &[u64], routes: &[Route]) {
    disarm();
    let counted: Vec<u64> = objects.iter().copied().filter(|&object| slots::counts(object)).collect();
    if counted.len() < objects.len() {
        let immortal = objects.len() - counted.len();
        note_failure(&format!("{immortal} objects are immortal: their counts never change and were not watched"));
    }
    if counted.len() > slots::REGISTERS {
        let left_out = counted.len() - slots::REGISTERS;
        note_failure(&format!("{left_out} objects were not watched: the processor has four debug registers"));
    }
    let watched = &counted[..counted.len().min(slots::REGISTERS)];
    if watched.is_empty() {
        return;
    }
    if let Some(reason) = threads::refusal() {
        return note_failure(&reason);
    }
    super::signals::watch_others();
    let (threads, deaf) = threads::sorted();
    for thread in deaf {
        note_failure(&format!("thread {thread} blocks SIGTRAP: what it does was not watched"));
    }
    if !trap::install() {
        return note_failure("the handler of SIGTRAP could not be installed");
    }
    let set = routes.iter().find_map(|&route| set(route, watched, &threads).map_err(|why| note_failure(&why)).ok());
    if set.is_none() {
        slots::empty();
        trap::remove();
        trap::expect_registers(false);
    }
    *armed() = set;
}

/// Tries a route out, and then sets breakpoints by it.
fn set(route: Route, objects: &[u64], threads: &[i32]) -> Result<Armed, String> {
    const DEAF: &str = "a breakpoint was set, but this machine does not report its hits";
    // SAFETY: no arguments, cannot fail.
    let own = unsafe { libc::gettid() };
    if !threads.contains(&own) {
        return Err("this thread blocks SIGTRAP".to_owned());
    }
    match route {
        Route::Perf => {
            let probe = perf::Events::open(&[slots::probe()], &[own])?;
            slots::was_seen().then_some(()).ok_or(DEAF)?;
            drop(probe);
            slots::fill(objects);
            perf::Events::open(objects, threads).map(Armed::Perf)
        }
        Route::Registers => {
            trap::expect_registers(true);
            let probe = registers::Armed::set(&[slots::probe()], &[own])?;
            slots::was_seen().then_some(()).ok_or(DEAF)?;
            drop(probe);
            slots::fill(objects);
            let armed = registers::Armed::set(objects, threads)?;
            note_failure("threads that began during the watch were not watched (perf events would be)");
            Ok(Armed::Registers(armed))
        }
    }
}

/// Ends the watch.
pub(in crate::sys) fn disarm() {
    if armed().take().is_some() {
        trap::remove();
        trap::expect_registers(false);
        slots::empty();
        give_back_masks();
    }
}

/// Test support: [`arm_by`] with a record of its own. Call with the GIL held, and with the objects held.
pub(crate) fn begin(objects: &[u64], routes: &[Route]) {
    disarm();
    record::forget();
    if record::open() {
        arm_by(objects, routes);
    }
}

/// Test support: ends the watch; what was seen, and what could not be watched.
pub(crate) fn end() -> (Vec<RefEvent>, Vec<String>) {
    disarm();
    (record::events(), record::notes())
}

//! What the log says of some objects, as events.

use rustc_hash::{FxHashMap, FxHashSet};

use super::log::{Kind, Noted, lines};
use crate::event::{Mechanism, RefEvent, Serial};
use crate::sys::hook::calls;
use crate::sys::stack;

/// What was recorded of some objects, in order. Each stands with the birth that it came from, and what was recorded
/// before that is of another object at its address; [`Serial::UNKNOWN`] for all that was recorded of an address, which
/// may have been that of several objects, one after the other.
///
/// Only operations are known, not counts: those of functions that count are 0 and the change, at a death 1 and 0. Those of
/// [`Mechanism::CallEffect`] are 0 and 1 where the call that is told first returned the only reference to an object whose
/// birth is known, and else 1 and what is left or gained.
pub(in crate::sys) fn imported(objects: &[(u64, Serial)]) -> Vec<RefEvent> {
    let births: FxHashMap<u64, Serial> = objects.iter().copied().collect();
    let mut met = FxHashSet::default();
    let told = |noted: Noted| {
        let birth = *births.get(&noted.object).filter(|birth| noted.serial >= **birth)?;
        let is_first = met.insert(noted.object) && birth != Serial::UNKNOWN;
        event(&noted, is_first)
    };
    lines().filter_map(told).collect()
}

fn event(noted: &Noted, is_first: bool) -> Option<RefEvent> {
    let called = || calls::function(noted.slot);
    let (before, after, function) = match noted.kind {
        Kind::Increment => (0, 1, None),
        Kind::Decrement => (0, -1, None),
        Kind::Death => (1, 0, None),
        Kind::Stolen => (2, 1, Some(called()?.0)),
        Kind::Returned | Kind::ReturnedAlone => match called()? {
            (function, true) => (1, 1, Some(function)),
            (function, false) if is_first && noted.kind == Kind::ReturnedAlone => (0, 1, Some(function)),
            (function, false) => (1, 2, Some(function)),
        },
    };
    Some(RefEvent {
        object: noted.object,
        before,
        after,
        thread: noted.thread,
        run: noted.run,
        stack: stack::of_call(noted.caller, function),
        mechanism: if function.is_some() { Mechanism::CallEffect } else { Mechanism::ImportTable },
    })
}

//! The reference ledger: what was seen happen to reference counts, object by object, life by life.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::event::RefEvent;

/// The life of one object, as far as it was watched. An address that is used again begins another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Address of the object.
    pub object: u64,
    /// Which life at this address it is, from 0.
    pub life: u32,
    /// Its birth was seen.
    pub from_birth: bool,
    /// Its death was seen.
    pub ended: bool,
    /// What happened, in order.
    pub events: Vec<RefEvent>,
}

impl History {
    fn new(object: u64, life: u32, from_birth: bool) -> Self {
        Self { object, life, from_birth, ended: false, events: Vec::new() }
    }

    /// Writes to the count itself were seen, and so all of them.
    #[must_use]
    pub fn sees_counts(&self) -> bool {
        self.events.iter().any(|event| event.mechanism.sees_counts())
    }

    /// References gained over all that was seen, the first one of a birth included.
    #[must_use]
    pub fn balance(&self) -> i64 {
        self.events.iter().map(RefEvent::change).sum()
    }
}

/// Events sorted into lives: a birth begins one, a death ends one. By address, then by life.
///
/// At an address where writes were seen, the calls of imported functions that made some of them are left out: they say
/// nothing new, and were recorded apart, so that nobody can tell which of the lives there they belong to.
#[must_use]
pub fn histories(events: &[RefEvent]) -> Vec<History> {
    let is_call = |event: &RefEvent| !event.mechanism.sees_counts();
    let written: FxHashSet<u64> = events.iter().filter(|event| !is_call(event)).map(|event| event.object).collect();
    let mut lives: FxHashMap<u64, Vec<History>> = FxHashMap::default();
    for event in events.iter().filter(|event| !(is_call(event) && written.contains(&event.object))) {
        let lives = lives.entry(event.object).or_default();
        if lives.last().is_none_or(|last| last.ended || event.is_birth()) {
            lives.push(History::new(event.object, lives.len() as u32, event.is_birth()));
        }
        if let Some(current) = lives.last_mut() {
            current.events.push(*event);
            current.ended = event.is_death();
        }
    }
    let mut all: Vec<History> = lives.into_values().flatten().collect();
    all.sort_by_key(|history| (history.object, history.life));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Mechanism, RunId, StackId};

    fn event(object: u64, (before, after): (i64, i64), mechanism: Mechanism) -> RefEvent {
        RefEvent { object, before, after, thread: 1, run: RunId(1), stack: StackId(1), mechanism }
    }

    #[test]
    fn calls_say_nothing_of_an_object_whose_writes_were_seen() {
        let write = |counts| event(16, counts, Mechanism::GuardPage);
        let events = [
            write((0, 1)),
            write((1, 0)),
            write((0, 1)),
            write((1, 2)),
            // Recorded apart: these calls are of the first life, and would end the second one.
            event(16, (1, 0), Mechanism::ImportTable),
            event(32, (0, 1), Mechanism::ImportTable),
        ];
        let lives = histories(&events);
        let told: Vec<_> = lives.iter().map(|life| (life.object, life.life, life.ended, life.events.len())).collect();
        assert_eq!(told, [(16, 0, true, 2), (16, 1, false, 2), (32, 0, false, 1)]);
    }
}

//! The reference ledger: what was seen happen to reference counts, object by object, life by life.

use rustc_hash::FxHashMap;

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

    /// References gained over all that was seen, the first one of a birth included.
    #[must_use]
    pub fn balance(&self) -> i64 {
        self.events.iter().map(RefEvent::change).sum()
    }
}

/// Events sorted into lives: a birth begins one, a death ends one. By address, then by life.
#[must_use]
pub fn histories(events: &[RefEvent]) -> Vec<History> {
    let mut lives: FxHashMap<u64, Vec<History>> = FxHashMap::default();
    for event in events {
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

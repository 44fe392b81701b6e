//! What is kept of a moment: the few objects with unexplained references, and the survivors.

use rustc_hash::FxHashMap;

use crate::event::{Block, RunId, Serial};

/// One object whose reference count the model could not fully explain (or could before).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unexplained {
    /// Unexplained references; may be 0 when it was not in the snapshot before.
    pub references: i32,
    /// Order of birth, so that a re-used address is not mistaken for the old object.
    pub serial: Serial,
    /// Run of birth.
    pub run: RunId,
    /// Address of its type.
    pub type_address: u64,
}

/// A moment, reduced to what differences need. Lives outside the Python heap.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// By address.
    pub unexplained: FxHashMap<u64, Unexplained>,
    /// Live blocks that were born in an audited run.
    pub survivors: Vec<Block>,
    /// Every serial up to this one was born before the snapshot.
    pub newest: u64,
    /// Objects counted.
    pub objects: usize,
}

/// Unexplained references gained (or lost, when negative) by an object that was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Address of the object.
    pub address: u64,
    /// Its type.
    pub type_address: u64,
    /// Its birth.
    pub serial: Serial,
    /// Before and after.
    pub before: i32,
    /// See `before`.
    pub after: i32,
}

impl Change {
    /// References gained; negative when lost.
    #[must_use]
    pub fn gain(&self) -> i64 {
        i64::from(self.after) - i64::from(self.before)
    }
}

impl Snapshot {
    /// Objects born since an older snapshot, outside of any run as far as their stamp says, that have
    /// unexplained references; by address.
    #[must_use]
    pub fn strays_since(&self, older: &Self) -> Vec<(u64, Serial)> {
        let is_stray =
            |entry: &&Unexplained| entry.run == RunId::NOBODY && entry.references > 0 && entry.serial.0 > older.newest;
        let strays = self.unexplained.iter().filter(|(_, entry)| is_stray(entry));
        let mut strays: Vec<(u64, Serial)> = strays.map(|(&address, entry)| (address, entry.serial)).collect();
        strays.sort_unstable();
        strays
    }

    /// What changed since an older snapshot, for objects that were alive in both, by address.
    #[must_use]
    pub fn changes_since(&self, older: &Self) -> Vec<Change> {
        let mut changes: Vec<Change> = self
            .unexplained
            .iter()
            .filter(|(_, entry)| entry.serial.0 <= older.newest)
            .filter_map(|(&address, entry)| {
                let before = match older.unexplained.get(&address) {
                    Some(old) if old.serial == entry.serial && old.type_address == entry.type_address => old.references,
                    _ => 0,
                };
                (before != entry.references).then_some(Change {
                    address,
                    type_address: entry.type_address,
                    serial: entry.serial,
                    before,
                    after: entry.references,
                })
            })
            .collect();
        changes.sort_unstable_by_key(|change| change.address);
        changes
    }
}

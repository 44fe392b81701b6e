//! Words that point to things, and those that point to the memory that these words are in.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::heap::{Place, Pointer};
use crate::sys::{self, Capture, Interpreter, StaleWords};

/// From word to word so often at most.
const ROUNDS: usize = 4;
/// More things than so many are not followed: it is a whole data structure that borrows.
const MOST: usize = 100_000;

/// The words that were found, by what they point to.
#[derive(Debug, Default)]
pub(super) struct Words {
    pointers: Vec<Pointer>,
    places: FxHashMap<u64, Vec<Place>>,
    searched: FxHashSet<u64>,
}

impl Words {
    /// The words of `pointers`, and those that point to the blocks that they are in, and so on. `known` were
    /// searched for.
    pub(super) fn followed(capture: &Capture, pointers: Vec<Pointer>, known: impl Iterator<Item = u64>) -> Self {
        let mut words = Self { searched: known.collect(), ..Self::default() };
        words.follow(capture, pointers);
        words
    }

    /// Looks for words that point to some more things, and follows these likewise.
    pub(super) fn look(&mut self, capture: &Capture, addresses: impl Iterator<Item = u64>) {
        let new: Vec<u64> = addresses.filter(|address| self.searched.insert(*address)).collect();
        if !new.is_empty() {
            self.follow(capture, look(capture, &new));
        }
    }

    fn follow(&mut self, capture: &Capture, mut found: Vec<Pointer>) {
        for _ in 0..ROUNDS {
            let blocks = found.iter().filter_map(|pointer| block_of(pointer.place));
            let blocks: Vec<u64> = blocks.filter(|block| self.searched.insert(*block)).collect();
            self.add(found);
            if blocks.is_empty() || self.searched.len() > MOST {
                return;
            }
            found = look(capture, &blocks);
        }
        self.add(found);
    }

    fn add(&mut self, found: Vec<Pointer>) {
        for pointer in &found {
            self.places.entry(pointer.target).or_default().push(pointer.place);
        }
        self.pointers.extend(found);
    }

    /// All of them.
    pub(super) fn pointers(&self) -> &[Pointer] {
        &self.pointers
    }

    /// The words that point to something.
    pub(super) fn to(&self, address: u64) -> &[Place] {
        self.places.get(&address).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Words that point to some addresses: in the interpreter's own state as well, but not in our own.
fn look(capture: &Capture, addresses: &[u64]) -> Vec<Pointer> {
    let mut found = sys::pointers(capture, addresses, Interpreter::Search, &StaleWords::default());
    found.retain(|pointer| match pointer.place {
        Place::Static { address } => !sys::is_own_static(address),
        _ => true,
    });
    found
}

/// The block of memory that a word is in.
pub(super) fn block_of(place: Place) -> Option<u64> {
    match place {
        Place::Block { address } | Place::Native { address } => Some(address),
        _ => None,
    }
}

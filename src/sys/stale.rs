//! Words that pointed to where nothing lived before an audit began.
//!
//! Live blocks are full of them: a table that is longer than its contents, a struct nobody zeroed. When the
//! next object is born at such an address the old word seems to hold it. That cannot be seen afterwards, so
//! it is noted beforehand.

use rustc_hash::FxHashMap;

use super::capture::Capture;
use super::cpython::read;
use super::hook::CENSUS;
use super::segments::segments;
use crate::event::{Block, Domain};

/// Objects start so far into their blocks.
const STARTS: [u64; 3] = [0, 16, 32];

/// Where such words are, and what they say.
#[derive(Debug, Default)]
pub(crate) struct StaleWords(FxHashMap<u64, u64>);

impl StaleWords {
    /// Notes the words of static data and of blocks that hold no object, where they point into memory that
    /// pymalloc has handed out before, but neither to a block nor to an object of now. The GIL is held, and nothing runs meanwhile.
    pub(crate) fn of(capture: &Capture) -> Self {
        let mut plain: Vec<Block> = Vec::new();
        let (mut lowest, mut highest) = (u64::MAX, 0);
        CENSUS.for_each(|block| {
            if block.domain == Domain::Object {
                (lowest, highest) = (lowest.min(block.address), highest.max(block.address + block.size));
            }
            let is_object = STARTS.iter().any(|skip| capture.heap.find(block.address + skip).is_some());
            if block.domain != Domain::Native && !is_object {
                plain.push(block);
            }
        });
        let mut words = Self::default();
        let mut note = |from: u64, to: u64| {
            for at in (from..to).step_by(8) {
                // SAFETY: writable data of a loaded library, or inside a live block.
                let word: u64 = unsafe { read(at, 0) };
                let points_to_nothing = || CENSUS.find(word).is_none() && capture.heap.find(word).is_none();
                if (lowest..highest).contains(&word) && word.is_multiple_of(16) && points_to_nothing() {
                    words.0.insert(at, word);
                }
            }
        };
        segments().into_iter().for_each(|segment| note(segment.range.start, segment.range.end));
        plain.into_iter().for_each(|block| note(block.address, block.address + block.size / 8 * 8));
        words
    }

    /// Whether a word said the same already before the object was born that it points to.
    pub(crate) fn has(&self, at: u64, word: u64) -> bool {
        self.0.get(&at) == Some(&word)
    }
}

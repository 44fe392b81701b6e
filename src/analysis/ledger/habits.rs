//! What happens to objects that do not leak: the evidence that those which do are held against.

use rustc_hash::FxHashMap;

use super::pairing::Paired;
use super::step::Step;

/// Where objects of the same birth that died took references and gave them back.
#[derive(Debug, Clone, Default)]
pub struct Habits {
    histories: u64,
    pairs: FxHashMap<(u32, u32), u64>,
    changes: FxHashMap<u32, i64>,
}

impl Habits {
    /// Adds one history, as it was paired.
    pub fn add(&mut self, steps: &[Step], paired: &Paired) {
        self.histories += 1;
        for (number, step) in steps.iter().enumerate() {
            *self.changes.entry(step.site).or_default() += step.change;
            if step.change < 0
                && let Some((partner, _)) = paired.pairs[number]
            {
                *self.pairs.entry((steps[partner].site, step.site)).or_default() += 1;
            }
        }
    }

    /// How often what is taken at one place is given back at another.
    pub(super) fn pairs(&self, taken: u32, given: u32) -> u64 {
        self.pairs.get(&(taken, given)).copied().unwrap_or(0)
    }

    /// Nothing to compare with.
    pub(super) fn is_empty(&self) -> bool {
        self.histories == 0
    }

    /// References gained (or lost) at a place by each of them, on average.
    pub(super) fn rate(&self, site: u32) -> f64 {
        if self.histories == 0 {
            return 0.0;
        }
        self.changes.get(&site).copied().unwrap_or(0) as f64 / self.histories as f64
    }

    /// The places where what is taken at one is given back.
    pub(super) fn releases_of(&self, taken: u32) -> impl Iterator<Item = u32> {
        self.pairs.keys().filter(move |(take, _)| *take == taken).map(|(_, given)| *given)
    }
}

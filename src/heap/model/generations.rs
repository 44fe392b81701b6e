//! Generations: lists of what the collector tracks, and when it runs by itself.

use super::machine::ModelHeap;
use super::object::{Id, Mark};

/// What differs between versions of CPython.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Default thresholds of the three generations.
    pub thresholds: [u64; 3],
    /// A collection runs inside the allocation that asks for it, before the new object is tracked. From 3.12
    /// on it runs at the next check of the eval breaker (gh-97922), when the new object is there.
    pub inside_allocation: bool,
}

impl Rules {
    /// The rules of Python 3.`minor`.
    ///
    /// 3.14.0 to 3.14.4 collected in increments, with two generations. This is not modelled: the rules for
    /// 3.14 are those of 3.14.5, which went back to three.
    #[must_use]
    pub fn of(minor: u8) -> Self {
        Self { thresholds: [if minor >= 13 { 2000 } else { 700 }, 10, 10], inside_allocation: minor < 12 }
    }
}

/// An entry is stale when its object is freed, or has a newer one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    id: Id,
    number: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Generations {
    pub(super) rules: Rules,
    pub(super) enabled: bool,
    pub(super) collecting: bool,
    pub(super) thresholds: [u64; 3],
    /// Allocations minus deallocations; for an older generation, collections of the one below.
    pub(super) counts: [u64; 3],
    /// What survived the last full collection, and what has reached the oldest generation since.
    pub(super) long_lived_total: u64,
    pub(super) long_lived_pending: u64,
    lists: [Vec<Entry>; 3],
    entries: u64,
}

impl Generations {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            enabled: true,
            collecting: false,
            thresholds: rules.thresholds,
            counts: [0; 3],
            long_lived_total: 0,
            long_lived_pending: 0,
            lists: Default::default(),
            entries: 0,
        }
    }
}

impl ModelHeap {
    /// Puts an object at the end of a generation, out of the one that it is in.
    pub(super) fn track(&mut self, id: Id, generation: usize) {
        let generations = &mut self.generations;
        generations.entries += 1;
        generations.lists[generation].push(Entry { id, number: generations.entries });
        let object = &mut self.objects[id.0 as usize];
        object.entry = generations.entries;
        object.generation = generation as u8;
        object.mark = Mark::Outside;
    }

    /// Takes everything out of a generation and the younger ones, in the order of the collector's list.
    pub(super) fn take_generations(&mut self, oldest: usize) -> Vec<Id> {
        let mut taken = std::mem::take(&mut self.generations.lists[oldest]);
        for younger in 0..oldest {
            taken.append(&mut self.generations.lists[younger]);
        }
        let is_current = |entry: &Entry| {
            let object = &self.objects[entry.id.0 as usize];
            object.alive && object.entry == entry.number
        };
        taken.into_iter().filter(is_current).map(|entry| entry.id).collect()
    }

    pub(super) fn count_allocation(&mut self) {
        self.generations.counts[0] += 1;
    }

    /// Source: `PyObject_GC_Del`.
    pub(super) fn count_deallocation(&mut self) {
        self.generations.counts[0] = self.generations.counts[0].saturating_sub(1);
    }

    /// Collects when the youngest generation is over its threshold: the oldest one that is over its own.
    /// Source: `gc_alloc` (3.10, 3.11) and `_PyObject_GC_Link` (3.12, 3.13); `gc_collect_generations`.
    pub(super) fn collect_if_due(&mut self) {
        let state = &self.generations;
        let over = |generation: usize| state.counts[generation] > state.thresholds[generation];
        if !state.enabled || state.collecting || state.thresholds[0] == 0 || !over(0) {
            return;
        }
        // The 25 % rule: a full collection waits until there is enough that it has not seen.
        let is_too_early = state.long_lived_pending < state.long_lived_total / 4;
        let due = (0..3).rev().find(|&generation| over(generation) && !(generation == 2 && is_too_early));
        if let Some(generation) = due {
            self.collect_generation(generation);
        }
    }
}

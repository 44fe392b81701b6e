//! From a capture and the changes of all runs to evidence: grouped, with holders and words.

use super::groups::Groups;
use crate::analysis::{Clue, Role, Survivor, roles};
use crate::event::{Block, RunId};
use crate::findings::Evidence;
use crate::sys::{self, Capture, Describer};

/// References that one object gained in each run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gain {
    pub(super) address: u64,
    pub(super) per_run: Vec<i64>,
    /// Unexplained references after the last run.
    pub(super) left: i32,
}

/// Collects the evidence of a measurement of `runs` runs.
pub(super) fn collect(
    capture: &Capture,
    gains: &[Gain],
    runs: usize,
    subject: &str,
    number_of: &dyn Fn(RunId) -> Option<usize>,
) -> Evidence {
    let born: Vec<Born> = capture.born.iter().filter_map(|entry| Born::new(capture, entry, number_of)).collect();
    let addresses: Vec<u64> =
        born.iter().map(|born| born.survivor.address).chain(gains.iter().map(|gain| gain.address)).collect();
    let pointers =
        if addresses.is_empty() { Vec::new() } else { sys::pointers(capture, &addresses, sys::Interpreter::Skip) };
    let mut describer = Describer::new(capture);
    let mut groups = Groups::new(runs);
    for gain in gains {
        groups.reference(capture, gain, &pointers, &mut describer);
    }
    let survivors: Vec<Survivor> = born.iter().map(|born| born.survivor).collect();
    let roles = roles(&capture.heap, &survivors, &pointers);
    for (number, role) in roles.iter().enumerate() {
        if let Role::Culprit(clue) = role {
            if let (Some(node), Clue::Container(container)) = (born[number].survivor.node, *clue)
                && describer.is_subclass_entry(node, container)
            {
                continue;
            }
            let victims = roles.iter().zip(&born).filter(|(role, _)| **role == Role::Victim(number));
            groups.survivor(capture, &born[number], *clue, victims.map(|(_, born)| born), &mut describer);
        }
    }
    Evidence { subject: subject.into(), suspects: groups.finish() }
}

/// A survivor and its block.
pub(super) struct Born {
    pub(super) survivor: Survivor,
    pub(super) block: Block,
}

impl Born {
    /// `None` for what is immortal by design (interned names on 3.12) or of another measurement.
    fn new(
        capture: &Capture,
        entry: &(Block, Option<u64>),
        number_of: &dyn Fn(RunId) -> Option<usize>,
    ) -> Option<Self> {
        let (block, object) = *entry;
        let node = object.and_then(|address| capture.heap.find(address));
        if node.is_some_and(|node| capture.heap.is_permanent(node)) {
            return None;
        }
        let survivor = Survivor { address: object.unwrap_or(block.address), node, run: number_of(block.run)? };
        Some(Self { survivor, block })
    }
}

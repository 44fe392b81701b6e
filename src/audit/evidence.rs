//! From a capture and the changes of all runs to evidence: grouped, with holders and words.

use rustc_hash::FxHashMap;

use super::groups::{Groups, name};
use super::vote::vote;
use crate::analysis::{Clue, Pattern, Role, Survivor, pattern, roles};
use crate::event::{Block, Domain, RunId};
use crate::findings::Evidence;
use crate::heap::{Place, Pointer};
use crate::sys::{self, Capture, Describer, StaleWords};

/// References that one object gained in each run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gain {
    pub(super) address: u64,
    pub(super) per_run: Vec<i64>,
    /// Unexplained references after the last run.
    pub(super) left: i32,
}

/// The evidence, and what it was taken from: things are numbered, survivors before gains.
pub(super) struct Collected {
    pub(super) evidence: Evidence,
    pub(super) born: Vec<Born>,
    pub(super) roles: Vec<Role>,
    pub(super) gains: Vec<Gain>,
    /// Words that point to them.
    pub(super) pointers: Vec<Pointer>,
}

/// Collects the evidence of a measurement of `runs` runs.
pub(super) fn collect(
    capture: &Capture,
    gains: &[Gain],
    runs: usize,
    subject: &str,
    scope: &[String],
    stale: &StaleWords,
    number_of: &dyn Fn(RunId) -> Option<usize>,
) -> Collected {
    let mut born: Vec<Born> = capture.born.iter().filter_map(|entry| Born::new(capture, entry, number_of)).collect();
    if capture.without_edges {
        // Whether a container holds it cannot be seen: only what has references too many is certain.
        let too_many = |node| capture.heap.unexplained(node) > 0;
        born.retain(|born| born.survivor.node.is_none_or(too_many));
    }
    let addresses: Vec<u64> =
        born.iter().map(|born| born.survivor.address).chain(gains.iter().map(|gain| gain.address)).collect();
    let pointers = if addresses.is_empty() {
        Vec::new()
    } else {
        sys::pointers(capture, &addresses, sys::Interpreter::Skip, stale)
    };
    let mut describer = Describer::new(capture);
    let mut groups = Groups::new(runs, scope);
    for (number, gain) in gains.iter().enumerate() {
        groups.reference(capture, (born.len() + number, gain), &pointers, &mut describer);
    }
    let survivors: Vec<Survivor> = born.iter().map(|born| born.survivor).collect();
    let mut roles = roles(&capture.heap, &survivors, &pointers);
    vote(&born, &mut roles, scope, &mut describer);
    for (number, role) in roles.iter().enumerate() {
        if let Role::Culprit(clue) = role {
            if let (Some(node), Clue::Container(container)) = (born[number].survivor.node, *clue)
                && describer.is_subclass_entry(node, container)
            {
                continue;
            }
            let victims = roles.iter().zip(&born).filter(|(role, _)| **role == Role::Victim(number));
            groups.survivor(capture, (number, &born[number]), *clue, victims.map(|(_, born)| born), &mut describer);
        }
    }
    for (number, culprit) in last_values(&born, &roles, runs, &mut describer) {
        let clue = Clue::Word(Place::Block { address: born[culprit].survivor.address });
        groups.survivor(capture, (number, &born[number]), clue, core::iter::empty(), &mut describer);
    }
    let evidence = Evidence { subject: subject.into(), suspects: groups.finish() };
    Collected { evidence, born, roles, gains: gains.to_vec(), pointers }
}

/// Native blocks that only a block keeps which is itself no leak, each with that block: the last of
/// many equal leaks is often still in the memory of a dead object that its module keeps for later.
fn last_values(born: &[Born], roles: &[Role], runs: usize, describer: &mut Describer<'_>) -> Vec<(usize, usize)> {
    let is_block = |number: usize| born[number].survivor.node.is_none() && born[number].block.domain != Domain::Native;
    let mut counts: FxHashMap<String, Vec<i64>> = FxHashMap::default();
    for (number, _) in roles.iter().enumerate().filter(|(n, role)| matches!(role, Role::Culprit(_)) && is_block(*n)) {
        let name = name(&born[number], describer).1;
        counts.entry(name).or_insert_with(|| vec![0; runs])[born[number].survivor.run] += 1;
    }
    let mut passing = |culprit: usize| {
        is_block(culprit)
            && counts.get(&name(&born[culprit], describer).1).is_some_and(|c| pattern(c) != Pattern::EveryRun)
    };
    let victims = roles.iter().enumerate().filter_map(|(number, role)| match role {
        Role::Victim(culprit) if born[number].block.domain == Domain::Native => Some((number, *culprit)),
        _ => None,
    });
    victims.filter(|&(_, culprit)| passing(culprit)).collect()
}

/// How many of each type are alive, for each run they were born in: culprits and what they keep.
pub(super) fn alive(
    capture: &Capture,
    runs: usize,
    number_of: &dyn Fn(RunId) -> Option<usize>,
) -> FxHashMap<String, Vec<u64>> {
    let mut describer = Describer::new(capture);
    let mut counts: FxHashMap<String, Vec<u64>> = FxHashMap::default();
    for born in capture.born.iter().filter_map(|entry| Born::new(capture, entry, number_of)) {
        counts.entry(name(&born, &mut describer).1).or_insert_with(|| vec![0; runs])[born.survivor.run] += 1;
    }
    counts
}

/// A survivor and its block.
pub(super) struct Born {
    pub(super) survivor: Survivor,
    pub(super) block: Block,
}

impl Born {
    /// `None` for what is immortal by design (interned names on 3.12) or of another measurement.
    pub(super) fn new(
        capture: &Capture,
        entry: &(Block, Option<u64>),
        number_of: &dyn Fn(RunId) -> Option<usize>,
    ) -> Option<Self> {
        let (block, object) = *entry;
        let node = object.and_then(|address| capture.heap.find(address));
        if node.is_some_and(|node| capture.heap.is_permanent(node)) {
            return None;
        }
        let native = block.domain == Domain::Native;
        let survivor = Survivor { address: object.unwrap_or(block.address), node, run: number_of(block.run)?, native };
        Some(Self { survivor, block })
    }
}

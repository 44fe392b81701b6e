//! Suspects of one kind, type and holder, summed up.

use rustc_hash::FxHashMap;

use super::evidence::{Born, Gain};
use crate::analysis::{Clue, Pattern, pattern};
use crate::event::Block;
use crate::findings::{Holder, Kept, Suspect, Thing};
use crate::heap::{NodeId, Place, Pointer};
use crate::sys::{Capture, Describer};

/// What one group of suspects has in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    thing: Thing,
    type_name: String,
    holder: &'static str,
    /// Objects that people know by name are groups of their own.
    own: u64,
}

pub(super) struct Groups {
    runs: usize,
    suspects: FxHashMap<Key, Suspect>,
}

impl Groups {
    pub(super) fn new(runs: usize) -> Self {
        Self { runs, suspects: FxHashMap::default() }
    }

    /// Adds what one object gained.
    pub(super) fn reference(
        &mut self,
        capture: &Capture,
        gain: &Gain,
        pointers: &[Pointer],
        describer: &mut Describer<'_>,
    ) {
        let Some(node) = capture.heap.find(gain.address) else { return };
        let heap_type = describer.is_heap_type(node);
        if self.runs == 1 && describer.is_singleton(node) {
            return;
        }
        let thing = if heap_type { Thing::TypeReference } else { Thing::Reference };
        let type_name = describer.type_name(node);
        let place = pointers.iter().find(|pointer| pointer.target == gain.address).map(|pointer| pointer.place);
        let holder = place.map_or_else(nothing, |place| word(place, describer));
        let own = if heap_type || describer.is_named(node) { gain.address } else { 0 };
        // A loss is proof when fewer references are left than the interpreter itself holds.
        let lost = gain.per_run.iter().sum::<i64>() < 0;
        let exact = if lost { gain.left < 0 } else { place.is_none() && !describer.is_common(node) };
        let key = Key { thing, type_name: type_name.clone(), holder: if lost { "lost" } else { "" }, own };
        let suspect = self.suspects.entry(key).or_insert_with(|| Suspect {
            thing,
            type_name,
            object_label: describer.label(node),
            address: gain.address,
            per_run: vec![0; self.runs],
            bytes: 0,
            holder,
            keeps: Vec::new(),
            exact: true,
        });
        for (sum, count) in suspect.per_run.iter_mut().zip(&gain.per_run) {
            *sum += count;
        }
        suspect.exact &= exact;
    }

    /// Adds a culprit and what it keeps alive.
    pub(super) fn survivor<'b>(
        &mut self,
        capture: &Capture,
        born: &Born,
        clue: Clue,
        victims: impl Iterator<Item = &'b Born>,
        describer: &mut Describer<'_>,
    ) {
        let holder = clue_holder(clue, describer);
        let thing = if born.survivor.node.is_some() { Thing::Object } else { Thing::Block };
        let type_name = born.survivor.node.map_or_else(|| block_name(&born.block), |node| describer.type_name(node));
        let kind = holder_kind(clue);
        let exact = clue == Clue::Nothing && born.survivor.node.is_some_and(|node| capture.heap.unexplained(node) > 0);
        let key = Key { thing, type_name: type_name.clone(), holder: kind, own: 0 };
        let suspect = self.suspects.entry(key).or_insert_with(|| Suspect {
            thing,
            type_name,
            object_label: born.survivor.node.map_or_else(String::new, |node| describer.label(node)),
            address: born.survivor.address,
            per_run: vec![0; self.runs],
            bytes: 0,
            holder,
            keeps: Vec::new(),
            exact: true,
        });
        suspect.per_run[born.survivor.run] += 1;
        suspect.bytes += born.block.size;
        suspect.exact &= exact;
        for victim in victims {
            suspect.bytes += victim.block.size;
            let name = victim.survivor.node.map_or_else(|| "block".into(), |node| describer.type_name(node));
            keep(&mut suspect.keeps, name, victim.block.size);
        }
    }

    /// All suspects, in no particular order.
    pub(super) fn finish(self) -> Vec<Suspect> {
        joined(self.suspects.into_iter().collect())
    }
}

/// Joins groups that differ by holder only when none of them, but all together, show in every run:
/// a stale word somewhere can give one of many equal leaks another holder.
fn joined(groups: Vec<(Key, Suspect)>) -> Vec<Suspect> {
    let mut by_type: FxHashMap<(Thing, String, u64), Vec<Suspect>> = FxHashMap::default();
    for (key, suspect) in groups {
        by_type.entry((key.thing, key.type_name, key.own)).or_default().push(suspect);
    }
    by_type
        .into_values()
        .flat_map(|mut same| {
            let every_run = |suspect: &Suspect| pattern(&suspect.per_run) == Pattern::EveryRun;
            if same.len() > 1 && !same.iter().any(every_run) {
                same.sort_by_key(|suspect| {
                    (suspect.holder.kind == "field", suspect.holder.kind != "nothing", suspect.address)
                });
                let whole = same.iter().skip(1).fold(same[0].clone(), sum);
                if every_run(&whole) {
                    return vec![whole];
                }
            }
            same
        })
        .collect()
}

fn sum(mut whole: Suspect, part: &Suspect) -> Suspect {
    for (sum, count) in whole.per_run.iter_mut().zip(&part.per_run) {
        *sum += count;
    }
    whole.bytes += part.bytes;
    whole.exact &= part.exact;
    whole.keeps.extend(part.keeps.iter().cloned());
    whole
}

fn keep(keeps: &mut Vec<Kept>, type_name: String, bytes: u64) {
    match keeps.iter_mut().find(|kept| kept.type_name == type_name) {
        Some(kept) => {
            kept.count += 1;
            kept.bytes += bytes;
        }
        None => keeps.push(Kept { type_name, count: 1, bytes }),
    }
}

fn block_name(block: &Block) -> String {
    format!("{} bytes from the {} domain", block.size, block.domain.name())
}

fn nothing() -> Holder {
    Holder { kind: "nothing".into(), text: "nothing that could be seen".into() }
}

fn word(place: Place, describer: &mut Describer<'_>) -> Holder {
    let (kind, text) = describer.place(place);
    Holder { kind: kind.into(), text }
}

fn holder_kind(clue: Clue) -> &'static str {
    match clue {
        Clue::Nothing => "nothing",
        Clue::Word(Place::Static { .. }) => "static",
        Clue::Word(Place::Field { .. }) => "field",
        Clue::Word(Place::Block { .. }) => "block",
        Clue::Container(_) => "container",
        Clue::Cycle => "cycle",
    }
}

fn clue_holder(clue: Clue, describer: &mut Describer<'_>) -> Holder {
    match clue {
        Clue::Nothing => nothing(),
        Clue::Word(place) => word(place, describer),
        Clue::Container(node) => Holder { kind: "container".into(), text: container(node, describer) },
        Clue::Cycle => Holder { kind: "cycle".into(), text: "a reference cycle among what survives".into() },
    }
}

fn container(node: NodeId, describer: &mut Describer<'_>) -> String {
    format!("`{}` {}", describer.type_name(node), describer.label(node))
}

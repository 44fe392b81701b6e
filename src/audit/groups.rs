//! Suspects of one kind, type and holder, summed up.

use rustc_hash::FxHashMap;

use super::evidence::{Born, Gain};
use super::stacks::{self, Share};
use crate::analysis::{Clue, Pattern, pattern};
use crate::event::{Block, Domain};
use crate::findings::{Finding, Frame, Holder, Kept, Suspect, Thing};
use crate::heap::{NodeId, Place, Pointer};
use crate::sys::{self, Capture, Describer};

/// What one group of suspects has in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    thing: Thing,
    type_name: String,
    holder: &'static str,
    /// Where it was born.
    site: Option<Frame>,
    /// Objects that people know by name are groups of their own.
    own: u64,
}

pub(super) struct Groups<'s> {
    runs: usize,
    scope: &'s [String],
    suspects: FxHashMap<Key, Group>,
}

/// A suspect, and the stacks that its parts were born at.
struct Group {
    suspect: Suspect,
    shares: Vec<Share>,
}

impl<'s> Groups<'s> {
    pub(super) fn new(runs: usize, scope: &'s [String]) -> Self {
        Self { runs, scope, suspects: FxHashMap::default() }
    }

    /// Adds what one object gained, and the number that it is known by.
    pub(super) fn reference(
        &mut self,
        capture: &Capture,
        (number, gain): (usize, &Gain),
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
        // C code lets go of objects as well: of another one in every run when it keeps the last of a chain.
        if lost && gain.left >= 0 && self.runs > 1 && pattern(&gain.per_run) != Pattern::EveryRun {
            return;
        }
        let exact = if lost { gain.left < 0 } else { place.is_none() && !describer.is_common(node) };
        let key = Key { thing, type_name: type_name.clone(), holder: if lost { "lost" } else { "" }, site: None, own };
        let label = describer.label(node);
        let suspect = &mut self.group(key, label, gain.address, holder).suspect;
        suspect.place = suspect.place.or(place);
        suspect.members.push(number);
        for (sum, count) in suspect.per_run.iter_mut().zip(&gain.per_run) {
            *sum += count;
        }
        suspect.exact &= exact;
    }

    /// Adds a culprit, the number that it is known by, and what it keeps alive.
    pub(super) fn survivor<'b>(
        &mut self,
        capture: &Capture,
        (number, born): (usize, &Born),
        clue: Clue,
        victims: impl Iterator<Item = &'b Born>,
        describer: &mut Describer<'_>,
    ) {
        let (holder, runs) = (clue_holder(clue, born.survivor.node, describer), self.runs);
        let (thing, type_name, label) = name(born, describer);
        let kind = holder_kind(clue);
        let exact = clue == Clue::Nothing && born.survivor.node.is_some_and(|node| capture.heap.unexplained(node) > 0);
        let site = stacks::site(born.block.stack, self.scope);
        let stale = thing == Thing::Object && sys::may_be_stale(&type_name);
        let group =
            self.group(Key { thing, type_name, holder: kind, site, own: 0 }, label, born.survivor.address, holder);
        let suspect = &mut group.suspect;
        suspect.place = suspect.place.or(place_of(clue));
        suspect.members.push(number);
        suspect.per_run[born.survivor.run] += 1;
        suspect.exact &= exact;
        let mut share = Share { stack: born.block.stack, blocks: 1, bytes: born.block.size, stale };
        for victim in victims {
            share.blocks += 1;
            share.bytes += victim.block.size;
            let name = victim.survivor.node.map_or_else(|| "block".into(), |node| describer.type_name(node));
            keep(&mut suspect.keeps, name, victim.block.size);
        }
        suspect.bytes += share.bytes;
        suspect.bytes_per_run.resize(runs, 0);
        suspect.bytes_per_run[born.survivor.run] += share.bytes;
        group.shares.push(share);
    }

    fn group(&mut self, key: Key, object_label: String, address: u64, holder: Holder) -> &mut Group {
        let (thing, type_name, runs) = (key.thing, key.type_name.clone(), self.runs);
        self.suspects.entry(key).or_insert_with(|| Group {
            suspect: Suspect {
                thing,
                type_name,
                object_label,
                address,
                per_run: vec![0; runs],
                bytes: 0,
                bytes_per_run: Vec::new(),
                site: None,
                traces: Vec::new(),
                holder,
                place: None,
                members: Vec::new(),
                keeps: Vec::new(),
                exact: true,
            },
            shares: Vec::new(),
        })
    }

    /// All suspects, in no particular order.
    pub(super) fn finish(self) -> Vec<Suspect> {
        let scope = self.scope;
        joined(self.suspects.into_iter().collect()).into_iter().map(|group| group.located(scope)).collect()
    }
}

impl Group {
    /// The suspect with its stacks by name; the most costly one tells the site.
    fn located(self, scope: &[String]) -> Suspect {
        let mut suspect = self.suspect;
        let shares = stacks::summed(self.shares);
        suspect.site = shares
            .iter()
            .find_map(|share| stacks::site(share.stack, scope))
            .map(|frame| stacks::with_source(frame, scope));
        suspect.traces = shares.iter().take(Finding::MOST_TRACES).map(|&share| stacks::trace(share, scope)).collect();
        suspect
    }
}

/// What a survivor is, the name of its type, and its label.
pub(super) fn name(born: &Born, describer: &mut Describer<'_>) -> (Thing, String, String) {
    match born.survivor.node {
        Some(node) => (Thing::Object, describer.type_name(node), describer.label(node)),
        None if born.block.domain == Domain::Native => {
            (Thing::NativeBlock, format!("{} block", born.block.route.name()), bytes(born.block.size))
        }
        None => (Thing::Block, block_name(&born.block), String::new()),
    }
}

fn bytes(size: u64) -> String {
    format!("{size} byte{}", if size == 1 { "" } else { "s" })
}

/// Joins groups of one site that differ by holder: a stale word somewhere can give one of many equal
/// leaks another one, and the last of them is often still in a variable. Where the site may be that of
/// an earlier object, groups of different sites are joined as well.
fn joined(groups: Vec<(Key, Group)>) -> Vec<Group> {
    type Common = (Thing, String, u64, Option<Frame>);
    let mut by_site: FxHashMap<Common, Vec<Group>> = FxHashMap::default();
    for (key, group) in groups {
        let site = key.site.filter(|_| !group.shares.iter().any(|share| share.stale));
        by_site.entry((key.thing, key.type_name, key.own, site)).or_default().push(group);
    }
    by_site.into_iter().flat_map(|((thing, ..), same)| joined_by_site(same, thing == Thing::NativeBlock)).collect()
}

fn every_run(group: &Group) -> bool {
    pattern(&group.suspect.per_run) == Pattern::EveryRun
}

/// Objects that something holds are joined with others only when none of the groups, but all of them
/// together, show in every run.
fn joined_by_site(mut same: Vec<Group>, native: bool) -> Vec<Group> {
    same.sort_by_key(|Group { suspect, .. }| {
        (suspect.holder.kind == "field", suspect.holder.kind != "nothing", suspect.address)
    });
    if same.len() > 1 && (native || !same.iter().any(every_run)) {
        let whole = sum(same.iter());
        if every_run(&whole) {
            return vec![whole];
        }
    }
    same
}

/// All groups as one, which is called like the first.
fn sum<'g>(mut groups: impl Iterator<Item = &'g Group>) -> Group {
    let first = groups.next().expect("only groups that there are");
    let mut whole = Group { suspect: first.suspect.clone(), shares: first.shares.clone() };
    for Group { suspect, shares } in groups {
        add(&mut whole.suspect.per_run, &suspect.per_run);
        whole.suspect.bytes_per_run.resize(suspect.bytes_per_run.len(), 0);
        add(&mut whole.suspect.bytes_per_run, &suspect.bytes_per_run);
        whole.suspect.bytes += suspect.bytes;
        whole.suspect.exact &= suspect.exact;
        whole.suspect.members.extend(&suspect.members);
        whole.suspect.keeps.extend(suspect.keeps.iter().cloned());
        whole.shares.extend(shares);
    }
    whole
}

fn add<N: Copy + core::ops::AddAssign>(sums: &mut [N], counts: &[N]) {
    for (sum, &count) in sums.iter_mut().zip(counts) {
        *sum += count;
    }
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
        Clue::Word(Place::Native { .. }) => "native",
        Clue::Word(Place::Stack { .. }) => "stack",
        Clue::Container(_) => "container",
        Clue::Cycle => "cycle",
    }
}

fn place_of(clue: Clue) -> Option<Place> {
    match clue {
        Clue::Word(place) => Some(place),
        _ => None,
    }
}

fn clue_holder(clue: Clue, node: Option<NodeId>, describer: &mut Describer<'_>) -> Holder {
    match clue {
        Clue::Nothing => nothing(),
        Clue::Word(place) => word(place, describer),
        Clue::Container(holder) => Holder { kind: "container".into(), text: container(holder, node, describer) },
        Clue::Cycle => Holder { kind: "cycle".into(), text: "a reference cycle among what survives".into() },
    }
}

fn container(holder: NodeId, held: Option<NodeId>, describer: &mut Describer<'_>) -> String {
    match held.filter(|_| describer.is_thread(holder)) {
        Some(held) => format!("a running thread: {}", describer.thread(holder, held).0),
        None => format!("`{}` {}", describer.type_name(holder), describer.label(holder)),
    }
}

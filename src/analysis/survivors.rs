//! Among what survives a run: who is the culprit, and who is only kept by one.
//!
//! A leaked list keeps its items and its array alive; they are its victims, not leaks of their
//! own. Culprits are the survivors that something outside the survivors holds, or nothing at all.
//! What is kept by a survivor of another run is a culprit too: that survivor grows with each run.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::heap::{Heap, NodeId, Place, Pointer};

/// A block that was born in an audited run and is still alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survivor {
    /// Address of the object, or of the block when it is none.
    pub address: u64,
    /// Its node, when it is an object.
    pub node: Option<NodeId>,
    /// Number of the run that it was born in.
    pub run: usize,
    /// It is memory that an extension took from the system.
    pub native: bool,
}

/// What is known of the holder of a culprit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clue {
    /// Nothing that could be seen points to it.
    Nothing,
    /// A word in memory points to it.
    Word(Place),
    /// An object refers to it in plain sight.
    Container(NodeId),
    /// Only survivors refer to it, in a cycle that the collector does not free.
    Cycle,
}

/// The part that a survivor plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Not given back.
    Culprit(Clue),
    /// Kept alive by the culprit with this number.
    Victim(usize),
}

/// The roles of all survivors, in their order.
#[must_use]
pub fn roles(heap: &Heap, survivors: &[Survivor], pointers: &[Pointer]) -> Vec<Role> {
    let mut search = Search::new(heap, survivors);
    search.collect_edges();
    for pointer in pointers {
        search.add_pointer(*pointer);
    }
    search.assign()
}

/// How much a place says about what it holds: a static more than a block, and native memory least, which may only
/// borrow.
fn weight(place: Place) -> u8 {
    match place {
        Place::Static { .. } => 4,
        Place::Field { .. } => 3,
        Place::Block { .. } => 2,
        Place::Stack { .. } => 1,
        Place::Native { .. } => 0,
    }
}

/// Whether a word at a place often is an old one: nobody cleans memory that is allocated, nor a stack.
fn may_be_stale(place: Place) -> bool {
    matches!(place, Place::Block { .. } | Place::Native { .. } | Place::Stack { .. })
}

struct Search<'a> {
    heap: &'a Heap,
    survivors: &'a [Survivor],
    by_address: FxHashMap<u64, usize>,
    by_node: FxHashMap<NodeId, usize>,
    /// Survivors that a survivor keeps alive.
    keeps: Vec<Vec<usize>>,
    /// Objects that native memory points to.
    about: Vec<Vec<usize>>,
    /// The first outside object that refers to a survivor.
    container: Vec<Option<NodeId>>,
    /// The best word outside of the survivors that points to a survivor.
    word: Vec<Option<Place>>,
    /// Words inside other survivors that point to a survivor.
    inner_words: Vec<u32>,
}

impl<'a> Search<'a> {
    fn new(heap: &'a Heap, survivors: &'a [Survivor]) -> Self {
        let numbered = || survivors.iter().enumerate();
        Self {
            heap,
            survivors,
            by_address: numbered().map(|(number, s)| (s.address, number)).collect(),
            by_node: numbered().filter_map(|(number, s)| Some((s.node?, number))).collect(),
            keeps: vec![Vec::new(); survivors.len()],
            about: vec![Vec::new(); survivors.len()],
            container: vec![None; survivors.len()],
            word: vec![None; survivors.len()],
            inner_words: vec![0; survivors.len()],
        }
    }

    fn collect_edges(&mut self) {
        for source in self.heap.nodes() {
            for target in self.heap.targets(source) {
                let Some(&kept) = self.by_node.get(target) else { continue };
                match self.by_node.get(&source) {
                    Some(&keeper) => self.keeps[keeper].push(kept),
                    None => self.container[kept] = self.container[kept].or(Some(source)),
                }
            }
        }
    }

    fn add_pointer(&mut self, pointer: Pointer) {
        let Some(&kept) = self.by_address.get(&pointer.target) else { return };
        let keeper = match pointer.place {
            Place::Static { .. } | Place::Stack { .. } => None,
            Place::Field { node, .. } => self.by_node.get(&node).copied(),
            Place::Block { address } | Place::Native { address } => self.by_address.get(&address).copied(),
        };
        match keeper {
            Some(keeper) if keeper == kept => {}
            // Whether native memory owns the object or only knows its address cannot be seen: it stays
            // a culprit of its own, and the memory goes with it.
            Some(keeper) if self.survivors[keeper].native && self.survivors[kept].node.is_some() => {
                self.about[keeper].push(kept);
                self.note_word(kept, pointer.place);
            }
            Some(keeper) => {
                self.keeps[keeper].push(kept);
                self.inner_words[kept] += 1;
            }
            None => self.note_word(kept, pointer.place),
        }
    }

    fn note_word(&mut self, kept: usize, place: Place) {
        if self.word[kept].is_none_or(|known| weight(place) > weight(known)) {
            self.word[kept] = Some(place);
        }
    }

    /// What holds a survivor from outside, if anything does.
    fn outside(&self, number: usize) -> Option<Clue> {
        let unexplained = self.survivors[number].node.map(|node| self.heap.unexplained(node));
        match (unexplained, self.word[number], self.container[number]) {
            // References of an object that only the words of other survivors can explain.
            (Some(references @ 1..), None, _) if references as u32 <= self.inner_words[number] => {
                self.container[number].map(Clue::Container)
            }
            (Some(1..), None, _) => Some(Clue::Nothing),
            // Memory is full of words that once pointed to something. A survivor that points to a block says more.
            (None, Some(place), _) if may_be_stale(place) && self.inner_words[number] > 0 => None,
            (Some(1..) | None, Some(place), _) => Some(Clue::Word(place)),
            (_, _, Some(container)) => Some(Clue::Container(container)),
            (None, None, None) if self.inner_words[number] == 0 => Some(Clue::Nothing),
            _ => None,
        }
    }

    fn assign(&self) -> Vec<Role> {
        let mut roles: Vec<Option<Role>> = vec![None; self.survivors.len()];
        let clues: Vec<Option<Clue>> = (0..self.survivors.len()).map(|number| self.outside(number)).collect();
        // What native memory is about decides what that memory is, even where memory of another run links it.
        let (tables, others): (Vec<usize>, Vec<usize>) = (0..clues.len()).partition(|&n| !self.about[n].is_empty());
        let known = others.into_iter().filter(|&n| clues[n].is_some());
        // Those that nothing holds come first: what both they and a cache keep is their victim.
        let (lost, held): (Vec<usize>, Vec<usize>) = known.partition(|&n| clues[n] == Some(Clue::Nothing));
        for &number in lost.iter().chain(&held) {
            roles[number] = clues[number].map(Role::Culprit);
        }
        for &number in lost.iter().chain(&held) {
            self.spread(number, &mut roles);
        }
        for &number in &tables {
            roles[number] = roles[number].or_else(|| self.culprit_of(number, &roles).map(Role::Victim));
        }
        for (number, clue) in self.kept_across_runs() {
            self.accuse(number, clue, &mut roles);
        }
        for &number in &tables {
            clues[number].into_iter().for_each(|clue| self.accuse(number, clue, &mut roles));
        }
        // What is left is kept by survivors of its own run only: cycles, each with one culprit.
        for number in self.cycle_order() {
            self.accuse(number, Clue::Cycle, &mut roles);
        }
        roles.into_iter().map(|role| role.unwrap_or(Role::Culprit(Clue::Nothing))).collect()
    }

    /// Makes a survivor without a role a culprit, and what it keeps its victims.
    fn accuse(&self, number: usize, clue: Clue, roles: &mut [Option<Role>]) {
        if roles[number].is_none() {
            roles[number] = Some(Role::Culprit(clue));
            self.spread(number, roles);
        }
    }

    /// The culprit of the same run that native memory is about.
    fn culprit_of(&self, number: usize, roles: &[Option<Role>]) -> Option<usize> {
        let run = self.survivors[number].run;
        let same_run = self.about[number].iter().filter(|&&object| self.survivors[object].run == run);
        same_run.copied().find_map(|object| match roles[object]? {
            Role::Culprit(_) => Some(object),
            Role::Victim(culprit) => Some(culprit),
        })
    }

    /// Survivors that a survivor of another run keeps, with that one as the clue. Memory that one of its own
    /// run keeps goes with that: the word in the other one may be old.
    fn kept_across_runs(&self) -> Vec<(usize, Clue)> {
        let run = |number: usize| self.survivors[number].run;
        let mut at_home = vec![false; self.survivors.len()];
        for (keeper, kept) in self.keeps.iter().enumerate() {
            kept.iter().filter(|&&kept| run(kept) == run(keeper)).for_each(|&kept| at_home[kept] = true);
        }
        let mut found = Vec::new();
        for (keeper, kept) in self.keeps.iter().enumerate() {
            let Survivor { node, address, .. } = self.survivors[keeper];
            let clue = node.map_or(Clue::Word(Place::Block { address }), Clue::Container);
            let goes_with = |kept: usize| at_home[kept] && self.survivors[kept].node.is_none();
            let others = kept.iter().filter(|&&kept| run(kept) != run(keeper) && !goes_with(kept));
            found.extend(others.map(|&kept| (kept, clue)));
        }
        found
    }

    /// Objects before blocks, and those with unexplained references first: they close the cycle.
    fn cycle_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.survivors.len()).collect();
        order.sort_by_key(|&number| match self.survivors[number].node {
            Some(node) if self.heap.unexplained(node) > 0 => 0,
            Some(_) => 1,
            None => 2,
        });
        order
    }

    fn spread(&self, culprit: usize, roles: &mut [Option<Role>]) {
        let mut pending = VecDeque::from([culprit]);
        while let Some(keeper) = pending.pop_front() {
            for &kept in &self.keeps[keeper] {
                if roles[kept].is_none() && self.survivors[kept].run == self.survivors[culprit].run {
                    roles[kept] = Some(Role::Victim(culprit));
                    pending.push_back(kept);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::{Builder, Edges};

    #[test]
    fn items_of_a_lost_list_are_its_victims() {
        let mut builder = Builder::new(Edges::Keep);
        for address in [0x10, 0x20] {
            builder.node(address);
        }
        let (list, _) = builder.expand_next().expect("the list");
        builder.count(list, 1);
        builder.edge_to(0x20);
        let (item, _) = builder.expand_next().expect("its item");
        builder.count(item, 1);
        let heap = builder.finish();
        let survivors = [
            Survivor { address: 0x20, node: Some(item), run: 0, native: false },
            Survivor { address: 0x10, node: Some(list), run: 0, native: false },
            Survivor { address: 0x100, node: None, run: 0, native: false },
        ];
        let array = Pointer::to_start(0x100, Place::Field { node: list, offset: 24 });
        assert_eq!(
            roles(&heap, &survivors, &[array]),
            [Role::Victim(1), Role::Culprit(Clue::Nothing), Role::Victim(1)]
        );
    }

    #[test]
    fn a_static_word_explains_a_survivor() {
        let mut builder = Builder::new(Edges::Keep);
        builder.node(0x10);
        let (node, _) = builder.expand_next().expect("one node");
        builder.count(node, 1);
        let heap = builder.finish();
        let place = Place::Static { address: 0x9000 };
        let found = roles(
            &heap,
            &[Survivor { address: 0x10, node: Some(node), run: 0, native: false }],
            &[Pointer::to_start(0x10, place)],
        );
        assert_eq!(found, [Role::Culprit(Clue::Word(place))]);
    }

    #[test]
    fn native_memory_goes_with_the_object_that_it_is_about() {
        let mut builder = Builder::new(Edges::Keep);
        builder.node(0x10);
        let (node, _) = builder.expand_next().expect("one node");
        builder.count(node, 1);
        let heap = builder.finish();
        let place = Place::Native { address: 0x100 };
        let survivors = [
            Survivor { address: 0x100, node: None, run: 0, native: true },
            Survivor { address: 0x10, node: Some(node), run: 0, native: false },
        ];
        assert_eq!(
            roles(&heap, &survivors, &[Pointer::to_start(0x10, place)]),
            [Role::Victim(1), Role::Culprit(Clue::Word(place))]
        );
    }

    /// The entries of a C++ hash map are one list: each run's entry points to that of the run before.
    #[test]
    fn an_entry_goes_with_its_object_although_the_next_run_s_entry_links_it() {
        let mut builder = Builder::new(Edges::Keep);
        for address in [0x10, 0x20] {
            builder.node(address);
        }
        let objects = [(); 2].map(|()| {
            let (node, _) = builder.expand_next().expect("two nodes");
            builder.count(node, 1);
            node
        });
        let heap = builder.finish();
        let object =
            |run: usize| Survivor { address: 0x10 * (run as u64 + 1), node: Some(objects[run]), run, native: false };
        let entry = |run: usize| Survivor { address: 0x100 * (run as u64 + 1), node: None, run, native: true };
        let word = |from, to| Pointer::to_start(to, Place::Native { address: from });
        let pointers = [word(0x100, 0x10), word(0x200, 0x20), word(0x200, 0x100), word(0x900, 0x200)];
        let found = roles(&heap, &[object(0), entry(0), object(1), entry(1)], &pointers);
        assert_eq!([found[1], found[3]], [Role::Victim(0), Role::Victim(2)]);
    }

    #[test]
    fn an_old_word_in_memory_does_not_take_a_block_from_its_owner() {
        let (owner, buffer) = (0x100, 0x200);
        let block = |address| Survivor { address, node: None, run: 0, native: true };
        let word = |place| Pointer { target: buffer, place, interior: false };
        let found = |place| {
            let heap = Builder::new(Edges::Keep).finish();
            roles(&heap, &[block(owner), block(buffer)], &[word(Place::Native { address: owner }), word(place)])
        };
        assert_eq!(found(Place::Native { address: 0x900 }), [Role::Culprit(Clue::Nothing), Role::Victim(0)]);
        // A static is where somebody put it.
        let place = Place::Static { address: 0x900 };
        assert_eq!(found(place), [Role::Culprit(Clue::Nothing), Role::Culprit(Clue::Word(place))]);
    }

    #[test]
    fn a_cycle_of_blocks_has_one_culprit_whatever_another_run_left_in_memory() {
        let heap = Builder::new(Edges::Keep).finish();
        let block = |address, run| Survivor { address, node: None, run, native: true };
        let word = |from, to| Pointer { target: to, place: Place::Native { address: from }, interior: false };
        let survivors = [block(0x100, 0), block(0x200, 0), block(0x300, 1), block(0x400, 1)];
        let circles = [word(0x100, 0x200), word(0x200, 0x100), word(0x300, 0x400), word(0x400, 0x300)];
        let old = word(0x100, 0x400);
        let expected = [Role::Culprit(Clue::Cycle), Role::Victim(0), Role::Culprit(Clue::Cycle), Role::Victim(2)];
        assert_eq!(roles(&heap, &survivors, &circles), expected);
        assert_eq!(roles(&heap, &survivors, &[&circles[..], &[old]].concat()), expected);
    }

    #[test]
    fn a_cycle_that_survives_has_one_culprit() {
        let mut builder = Builder::new(Edges::Keep);
        for address in [0x10, 0x20] {
            builder.node(address);
        }
        for other in [0x20, 0x10] {
            let (node, _) = builder.expand_next().expect("two nodes");
            builder.count(node, 1);
            builder.edge_to(other);
        }
        let heap = builder.finish();
        let survivors =
            [0x10, 0x20].map(|address| Survivor { address, node: heap.find(address), run: 0, native: false });
        assert_eq!(roles(&heap, &survivors, &[]), [Role::Culprit(Clue::Cycle), Role::Victim(0)]);
    }
}

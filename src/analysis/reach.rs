//! Reachability classes: whether anything still reaches what survives, in Valgrind's words.
//!
//! Edges are the references that `tp_traverse` reports and the words that it does not report. Source:
//! Valgrind's manual, Memcheck, "Memory leak detection".

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::survivors::Survivor;
use crate::heap::{Heap, NodeId, Place, Pointer};

/// Reachability of a leaked thing, in Valgrind's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Nothing in the process points to it, or only things in a cycle with it that is lost as a whole.
    DefinitelyLost,
    /// Only lost things point to it: it would go if they went.
    IndirectlyLost,
    /// Only memory points to it that may just borrow, or keep an old word.
    PossiblyLost,
    /// Something that is reached from a root holds it.
    StillReachable,
}

impl Reach {
    /// Whether nothing that could be held points to it.
    #[must_use]
    pub fn is_lost(self) -> bool {
        matches!(self, Self::DefinitelyLost | Self::IndirectlyLost)
    }
}

/// The class of each survivor, in their order.
///
/// `pointers` are the words that point to survivors, and those that point to the blocks that such words are
/// in. Still reachable is what a thread, an immortal object, a static, or an object that was there before
/// leads to. A block of memory that nothing points to may be held by memory that nobody saw, or only borrow:
/// an object that it points to is possibly lost, and so is what only a pointer into its middle reaches. All
/// else is lost: definitely where the first loss is, or where a count has references that no word explains.
#[must_use]
pub fn reach(heap: &Heap, survivors: &[Survivor], pointers: &[Pointer]) -> Vec<Reach> {
    let graph = Graph::new(heap, survivors, pointers);
    let mut marks = vec![None; graph.size];
    graph.mark(&mut marks, graph.roots(survivors, pointers), Reach::StillReachable);
    let lost = Lost::new(&graph, &marks);
    let first = lost.first();
    let borrowed = graph.borrowed(pointers, &marks, &lost.held_by_blocks(&first));
    graph.mark(&mut marks, borrowed, Reach::PossiblyLost);
    let class = |survivor: &Survivor| {
        let vertex = graph.vertex(survivor.address)?;
        marks[vertex as usize].or_else(|| first.contains_key(&vertex).then_some(Reach::DefinitelyLost)).or_else(|| {
            let references = heap.unexplained(survivor.node?);
            (references > graph.words_to(vertex)).then_some(Reach::DefinitelyLost)
        })
    };
    survivors.iter().map(|survivor| class(survivor).unwrap_or(Reach::IndirectlyLost)).collect()
}

/// A vertex: a node of the heap, or after these a block.
type Vertex = u32;

/// The heap together with the words that are not in it.
struct Graph<'a> {
    heap: &'a Heap,
    blocks: FxHashMap<u64, Vertex>,
    /// Words by the vertex that they stand in: where they point to, and whether into its middle.
    words: FxHashMap<Vertex, Vec<(Vertex, bool)>>,
    /// Words in other vertices that point to one.
    counts: FxHashMap<Vertex, i32>,
    size: usize,
}

impl<'a> Graph<'a> {
    fn new(heap: &'a Heap, survivors: &[Survivor], pointers: &[Pointer]) -> Self {
        let of_word = |pointer: &Pointer| match pointer.place {
            Place::Block { address } | Place::Native { address } => Some(address),
            _ => None,
        };
        let loose = survivors.iter().filter(|survivor| survivor.node.is_none()).map(|survivor| survivor.address);
        let mut blocks = FxHashMap::default();
        for address in loose.chain(pointers.iter().filter_map(of_word)) {
            let next = (heap.len() + blocks.len()) as Vertex;
            blocks.entry(address).or_insert(next);
        }
        let size = heap.len() + blocks.len();
        let mut graph = Self { heap, blocks, words: FxHashMap::default(), counts: FxHashMap::default(), size };
        for pointer in pointers {
            let (Some(from), Some(to)) = (graph.holder(pointer.place), graph.vertex(pointer.target)) else { continue };
            graph.words.entry(from).or_default().push((to, pointer.interior));
            *graph.counts.entry(to).or_default() += i32::from(from != to);
        }
        graph
    }

    fn vertex(&self, address: u64) -> Option<Vertex> {
        self.blocks.get(&address).copied().or_else(|| self.heap.find(address))
    }

    /// The vertex that a word stands in; `None` for a root.
    fn holder(&self, place: Place) -> Option<Vertex> {
        match place {
            Place::Static { .. } | Place::Stack { .. } => None,
            Place::Field { node, .. } => Some(node),
            Place::Block { address } | Place::Native { address } => self.blocks.get(&address).copied(),
        }
    }

    fn is_block(&self, vertex: Vertex) -> bool {
        vertex as usize >= self.heap.len()
    }

    fn words_to(&self, vertex: Vertex) -> i32 {
        self.counts.get(&vertex).copied().unwrap_or(0)
    }

    fn targets(&self, vertex: Vertex) -> impl Iterator<Item = (Vertex, bool)> {
        let edges: &[NodeId] = if self.is_block(vertex) { &[] } else { self.heap.targets(vertex) };
        let words = self.words.get(&vertex).map(Vec::as_slice).unwrap_or_default();
        edges.iter().map(|&target| (target, false)).chain(words.iter().copied())
    }

    /// What is reached in any case. An object that was there before and got hold of a survivor was
    /// reached in that run.
    fn roots(&self, survivors: &[Survivor], pointers: &[Pointer]) -> Vec<Vertex> {
        let new: FxHashSet<NodeId> = survivors.iter().filter_map(|survivor| survivor.node).collect();
        let lives =
            |node: &NodeId| self.heap.is_permanent(*node) || (self.heap.unexplained(*node) > 0 && !new.contains(node));
        let held = pointers.iter().filter(|pointer| self.holder(pointer.place).is_none() && !pointer.interior);
        self.heap.nodes().filter(lives).chain(held.filter_map(|pointer| self.vertex(pointer.target))).collect()
    }

    /// What a pointer into its middle reaches, and what blocks that nothing points to have words of.
    fn borrowed(&self, pointers: &[Pointer], marks: &[Option<Reach>], by_blocks: &[Vertex]) -> Vec<Vertex> {
        let reaches = |pointer: &&Pointer| {
            pointer.interior && self.holder(pointer.place).is_none_or(|holder| marks[holder as usize].is_some())
        };
        let inside = pointers.iter().filter(reaches).filter_map(|pointer| self.vertex(pointer.target));
        inside.chain(by_blocks.iter().copied()).collect()
    }

    /// Marks what has no mark yet and is reached from some vertices. Only what is possibly lost anyway
    /// goes on through the middle of a block.
    fn mark(&self, marks: &mut [Option<Reach>], from: Vec<Vertex>, reach: Reach) {
        let mut pending = from;
        while let Some(vertex) = pending.pop() {
            if marks[vertex as usize].is_none() {
                marks[vertex as usize] = Some(reach);
                let goes_on = |interior: bool| reach == Reach::PossiblyLost || !interior;
                pending
                    .extend(self.targets(vertex).filter(|(_, interior)| goes_on(*interior)).map(|(target, _)| target));
            }
        }
    }
}

/// What no root reaches, with the references inside of it.
struct Lost<'a> {
    graph: &'a Graph<'a>,
    vertices: Vec<Vertex>,
    places: FxHashMap<Vertex, usize>,
    targets: Vec<Vec<usize>>,
    sources: Vec<Vec<usize>>,
}

impl<'a> Lost<'a> {
    fn new(graph: &'a Graph<'a>, marks: &[Option<Reach>]) -> Self {
        let vertices: Vec<Vertex> = (0..graph.size as Vertex).filter(|&v| marks[v as usize].is_none()).collect();
        let places: FxHashMap<Vertex, usize> = vertices.iter().enumerate().map(|(place, &v)| (v, place)).collect();
        let inside = |&vertex: &Vertex| graph.targets(vertex).filter_map(|(to, _)| places.get(&to).copied()).collect();
        let targets: Vec<Vec<usize>> = vertices.iter().map(inside).collect();
        let mut sources = vec![Vec::new(); vertices.len()];
        for (place, row) in targets.iter().enumerate() {
            row.iter().for_each(|&target| sources[target].push(place));
        }
        Self { graph, vertices, places, targets, sources }
    }

    /// The members of components that nothing lost points to from outside, each with the number of its
    /// component.
    ///
    /// Source: the second pass of Kosaraju's algorithm: in reverse order of finishing, what was not reached
    /// yet is in a component without predecessors, and all that reaches it is that component.
    fn first(&self) -> FxHashMap<Vertex, usize> {
        // Such components have no member in common, so that one table serves them all.
        let (mut seen, mut members) = (vec![false; self.vertices.len()], vec![false; self.vertices.len()]);
        let mut found = FxHashMap::default();
        for place in self.finished().into_iter().rev() {
            if !seen[place] {
                spread(place, &self.targets, &mut seen);
                let component = spread(place, &self.sources, &mut members);
                found.extend(component.into_iter().map(|member| (self.vertices[member], place)));
            }
        }
        found
    }

    /// All places, each after what it reaches, unless that reaches it, too.
    fn finished(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.vertices.len());
        let mut seen = vec![false; self.vertices.len()];
        for start in 0..self.vertices.len() {
            let mut path = if std::mem::replace(&mut seen[start], true) { Vec::new() } else { vec![(start, 0)] };
            while let Some((place, next)) = path.last_mut() {
                match self.targets[*place].get(*next) {
                    Some(&target) => {
                        *next += 1;
                        if !std::mem::replace(&mut seen[target], true) {
                            path.push((target, 0));
                        }
                    }
                    None => {
                        order.push(*place);
                        path.pop();
                    }
                }
            }
        }
        order
    }

    /// Objects that words in blocks point to which nothing points to, or only blocks of that kind.
    fn held_by_blocks(&self, first: &FxHashMap<Vertex, usize>) -> Vec<Vertex> {
        let with_objects: FxHashSet<usize> = first
            .iter()
            .filter(|(vertex, _)| !self.graph.is_block(**vertex))
            .map(|(_, component)| *component)
            .collect();
        let alone = first.iter().filter(|(_, component)| !with_objects.contains(component)).map(|(&vertex, _)| vertex);
        let (mut pending, mut objects) = (alone.collect::<Vec<Vertex>>(), Vec::new());
        let mut seen: FxHashSet<Vertex> = pending.iter().copied().collect();
        while let Some(block) = pending.pop() {
            for &target in &self.targets[self.places[&block]] {
                let target = self.vertices[target];
                if !self.graph.is_block(target) {
                    objects.push(target);
                } else if seen.insert(target) {
                    pending.push(target);
                }
            }
        }
        objects
    }
}

/// Marks what one place reaches by some edges and was not marked yet, and lists it.
fn spread(start: usize, edges: &[Vec<usize>], seen: &mut [bool]) -> Vec<usize> {
    let mut found = vec![start];
    seen[start] = true;
    let mut next = 0;
    while let Some(&place) = found.get(next) {
        next += 1;
        for &target in &edges[place] {
            if !std::mem::replace(&mut seen[target], true) {
                found.push(target);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Reach::{DefinitelyLost, IndirectlyLost, PossiblyLost, StillReachable};
    use super::*;
    use crate::heap::{Builder, Edges};
    use proptest::prelude::*;

    fn address(node: usize) -> u64 {
        0x1000 + 0x10 * node as u64
    }

    fn block(number: usize) -> u64 {
        0x10_0000 + 0x100 * number as u64
    }

    /// Builds a heap from (references beside those of the heap, targets); node 0 first.
    fn heap(objects: &[(u32, Vec<usize>)]) -> Heap {
        let mut builder = Builder::new(Edges::Keep);
        for node in 0..objects.len() {
            builder.node(address(node));
        }
        for (number, (extra, targets)) in objects.iter().enumerate() {
            let (node, _) = builder.expand_next().expect("one node an object");
            let referred = objects.iter().flat_map(|(_, targets)| targets).filter(|&&to| to == number).count();
            builder.count(node, extra + referred as u32);
            targets.iter().for_each(|&target| builder.edge_to(address(target)));
        }
        builder.finish()
    }

    fn object(node: usize) -> Survivor {
        Survivor { address: address(node), node: Some(node as NodeId), run: 0, native: false }
    }

    fn native(number: usize) -> Survivor {
        Survivor { address: block(number), node: None, run: 0, native: true }
    }

    fn in_native(number: usize) -> Place {
        Place::Native { address: block(number) }
    }

    const STATIC: Place = Place::Static { address: 0x9000 };

    #[test]
    fn a_lost_list_is_lost_definitely_and_its_items_indirectly() {
        let heap = heap(&[(1, vec![1]), (0, vec![])]);
        assert_eq!(reach(&heap, &[object(0), object(1)], &[]), [DefinitelyLost, IndirectlyLost]);
        // An item with a reference of its own would not go with the list.
        let heap = self::heap(&[(1, vec![1]), (1, vec![])]);
        assert_eq!(reach(&heap, &[object(0), object(1)], &[]), [DefinitelyLost, DefinitelyLost]);
    }

    #[test]
    fn every_member_of_a_lost_cycle_is_lost_definitely() {
        let heap = heap(&[(0, vec![1]), (1, vec![0, 2]), (0, vec![])]);
        let survivors = [object(0), object(1), object(2)];
        assert_eq!(reach(&heap, &survivors, &[]), [DefinitelyLost, DefinitelyLost, IndirectlyLost]);
    }

    #[test]
    fn what_was_there_before_holds() {
        let heap = heap(&[(1, vec![1]), (0, vec![])]);
        assert_eq!(reach(&heap, &[object(1)], &[]), [StillReachable]);
        // Unless only the survivor leads there.
        let heap = self::heap(&[(1, vec![1]), (0, vec![2]), (0, vec![])]);
        assert_eq!(reach(&heap, &[object(0), object(2)], &[]), [DefinitelyLost, IndirectlyLost]);
    }

    #[test]
    fn a_static_a_stack_and_a_block_of_theirs_hold() {
        let heap = heap(&[(1, vec![])]);
        for place in [STATIC, Place::Stack { thread: 1, address: 0x7000 }] {
            assert_eq!(reach(&heap, &[object(0)], &[Pointer::to_start(address(0), place)]), [StillReachable]);
            let words = [Pointer::to_start(address(0), in_native(0)), Pointer::to_start(block(0), place)];
            assert_eq!(reach(&heap, &[object(0)], &words), [StillReachable]);
        }
    }

    #[test]
    fn a_hidden_field_holds_as_long_as_its_object_is_held() {
        let word = |node| Pointer::to_start(address(1), Place::Field { node, offset: 16 });
        let held = heap(&[(1, vec![]), (1, vec![])]);
        assert_eq!(reach(&held, &[object(1)], &[word(0)]), [StillReachable]);
        assert_eq!(reach(&held, &[object(0), object(1)], &[word(0)]), [DefinitelyLost, IndirectlyLost]);
        // A wrapper and a block that know each other.
        let both = [
            Pointer::to_start(block(0), Place::Field { node: 0, offset: 16 }),
            Pointer::to_start(address(0), in_native(0)),
        ];
        assert_eq!(reach(&held, &[object(0), native(0)], &both), [DefinitelyLost; 2]);
    }

    #[test]
    fn memory_that_nothing_points_to_may_only_borrow() {
        let heap = heap(&[(1, vec![1]), (0, vec![])]);
        let words = [Pointer::to_start(address(0), in_native(0))];
        assert_eq!(reach(&heap, &[object(0), object(1)], &words), [PossiblyLost; 2]);
        assert_eq!(reach(&heap, &[object(0), native(0)], &words), [PossiblyLost, DefinitelyLost]);
        let chain = [words[0], Pointer::to_start(block(0), in_native(1))];
        let survivors = [object(0), native(0), native(1)];
        assert_eq!(reach(&heap, &survivors, &chain), [PossiblyLost, IndirectlyLost, DefinitelyLost]);
    }

    #[test]
    fn a_pointer_into_the_middle_is_a_possibility() {
        let heap = heap(&[(1, vec![])]);
        let inside = |place| Pointer { target: block(0), place, interior: true };
        let word = Pointer::to_start(address(0), in_native(0));
        assert_eq!(reach(&heap, &[object(0), native(0)], &[word, inside(STATIC)]), [PossiblyLost; 2]);
        let start = Pointer::to_start(block(0), STATIC);
        assert_eq!(reach(&heap, &[object(0), native(0)], &[word, inside(STATIC), start]), [StillReachable; 2]);
    }

    /// The definitions word for word, on a matrix of who reaches whom.
    fn naive(objects: &[(u32, Vec<usize>)], old: usize, blocks: usize, words: &[(usize, usize, bool)]) -> Vec<Reach> {
        let (nodes, size) = (objects.len(), objects.len() + blocks);
        let is_word = |from, to| words.iter().any(|&(f, t, _)| (f, t) == (from, to));
        let edge = |from: usize, to: usize| (from < nodes && objects[from].1.contains(&to)) || is_word(from, to);
        let exact = |from: usize, to: usize| {
            (from < nodes && objects[from].1.contains(&to)) || words.contains(&(from, to, false))
        };
        // `size` stands for the statics.
        let root = |v: usize| words.contains(&(size, v, false)) || (v < old && objects[v].0 > 0);
        let mut still: Vec<bool> = (0..size).map(root).collect();
        for _ in 0..size {
            for to in 0..size {
                still[to] |= (0..size).any(|from| still[from] && exact(from, to));
            }
        }
        let mut paths = vec![vec![false; size]; size];
        for _ in 0..size {
            for (from, to) in (0..size).flat_map(|from| (0..size).map(move |to| (from, to))) {
                let lost = !still[from] && !still[to];
                paths[from][to] = lost && (edge(from, to) || (0..size).any(|by| paths[from][by] && edge(by, to)));
            }
        }
        let first = |v: usize| !still[v] && (0..size).all(|from| !paths[from][v] || paths[v][from]);
        let is_alone = |v: usize| v >= nodes && first(v) && (0..nodes).all(|from| !paths[from][v]);
        let mut alone: Vec<bool> = (0..size).map(is_alone).collect();
        for _ in 0..size {
            for to in nodes..size {
                alone[to] |= (0..size).any(|from| alone[from] && !still[to] && edge(from, to));
            }
        }
        let inside = |v: usize| words.contains(&(size, v, true)) || (0..size).any(|f| still[f] && is_word(f, v));
        let maybe = |v: usize| inside(v) || (v < nodes && (0..size).any(|from| alone[from] && edge(from, v)));
        let mut possible: Vec<bool> = (0..size).map(|v| !still[v] && maybe(v)).collect();
        for _ in 0..size {
            for to in 0..size {
                possible[to] |= !still[to] && (0..size).any(|from| possible[from] && edge(from, to));
            }
        }
        let class = |v: usize| {
            let to = words.iter().filter(|&&(from, to, _)| to == v && from != v && from < size).count();
            match (still[v], possible[v], first(v) || (v < nodes && objects[v].0 as usize > to)) {
                (true, ..) => StillReachable,
                (_, true, _) => PossiblyLost,
                (.., true) => DefinitelyLost,
                _ => IndirectlyLost,
            }
        };
        (old..size).map(class).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn it_agrees_with_the_definitions(
            objects in prop::collection::vec((0u32..3, prop::collection::vec(0usize..7, 0..3)), 7),
            old in 0usize..3,
            words in prop::collection::vec((0usize..12, 0usize..11, prop::bool::weighted(0.2)), 0..9),
        ) {
            const NODES: usize = 7;
            const BLOCKS: usize = 4;
            // Only blocks have a middle.
            let words: Vec<_> = words.into_iter().map(|(from, to, inside)| (from, to, inside && to >= NODES)).collect();
            let heap = heap(&objects);
            let vertex = |v: usize| if v < NODES { address(v) } else { block(v - NODES) };
            let place = |v: usize| match v {
                ..NODES => Place::Field { node: v as NodeId, offset: 16 },
                11 => STATIC,
                _ => in_native(v - NODES),
            };
            let pointers: Vec<Pointer> = words.iter()
                .map(|&(from, to, interior)| Pointer { target: vertex(to), place: place(from), interior }).collect();
            let survivors: Vec<Survivor> = (old..NODES).map(object).chain((0..BLOCKS).map(native)).collect();
            prop_assert_eq!(reach(&heap, &survivors, &pointers), naive(&objects, old, BLOCKS, &words));
        }
    }
}

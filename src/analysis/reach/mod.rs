//! Reachability classes: whether anything still reaches what survives, in Valgrind's words.
//!
//! Edges are the references that `tp_traverse` reports and the words that it does not report. Source:
//! Valgrind's manual, Memcheck, "Memory leak detection".

mod lost;
#[cfg(test)]
mod tests;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use self::lost::Lost;
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

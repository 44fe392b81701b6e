//! What survivors retain: for each finding the sum, and for all of them a table.

use rustc_hash::{FxHashMap, FxHashSet};

use super::dominator_rows::Rows;
use super::evidence::Born;
use crate::analysis::{Additions, Cut, Dominators, Overlay};
use crate::event::Domain;
use crate::findings::{Dominator, Finding};
use crate::heap::{NodeId, Place, Pointer};
use crate::sys::{self, Capture, Describer};

/// Fills what each finding retains, and gives the table of what was born.
///
/// `members` are the numbers of the things of each finding, those of `born` first; `pointers` the words that
/// point to what was born.
pub(super) fn fill(
    capture: &Capture,
    born: &[Born],
    pointers: &[Pointer],
    members: &[&[usize]],
    findings: &mut [Finding],
) -> Vec<Dominator> {
    let nodes = Nodes::new(capture, born, pointers);
    let (mut taken, mut groups) = (FxHashSet::default(), Vec::new());
    for members in members {
        let addresses = members.iter().filter_map(|&member| Some(born.get(member)?.survivor.address));
        let members = addresses.filter_map(|address| nodes.by_address.get(&address).copied());
        groups.push(members.filter(|&node| taken.insert(node)).collect::<Vec<NodeId>>());
    }
    let (cut, additions) = nodes.additions(capture, pointers, groups);
    let tree = Dominators::of(&Overlay::new(&capture.heap, &cut, &additions));
    let mut describer = Describer::new(capture);
    let mut rows = Rows::new(&nodes, &tree, &additions.groups, &mut describer);
    for (number, finding) in findings.iter_mut().enumerate() {
        finding.retained = rows.retained((nodes.size() + number) as NodeId);
    }
    rows.table()
}

/// Numbers for the objects of a heap and for the blocks that survive.
pub(super) struct Nodes<'a> {
    objects: usize,
    /// Blocks that are no objects and no part of one: their nodes follow those of the heap.
    pub(super) blocks: Vec<&'a Born>,
    /// Whatever was born, by address.
    by_address: FxHashMap<u64, NodeId>,
    /// Nodes of what was born, refaudit's own left out.
    pub(super) born: FxHashSet<NodeId>,
}

impl<'a> Nodes<'a> {
    fn new(capture: &Capture, born: &'a [Born], pointers: &[Pointer]) -> Self {
        // The table of a dict and the array of a list count as parts of these.
        let parts: FxHashSet<u64> = pointers.iter().filter(|p| is_part(p)).map(|p| p.target).collect();
        let mut nodes = Self {
            objects: capture.heap.len(),
            blocks: Vec::new(),
            by_address: FxHashMap::default(),
            born: FxHashSet::default(),
        };
        for one in born {
            let address = one.survivor.address;
            let node = match one.survivor.node {
                Some(node) => node,
                None if parts.contains(&address) => continue,
                None => {
                    nodes.blocks.push(one);
                    (nodes.objects + nodes.blocks.len() - 1) as NodeId
                }
            };
            nodes.by_address.insert(address, node);
            if !sys::is_own(capture, address) {
                nodes.born.insert(node);
            }
        }
        nodes
    }

    /// The block of a node; `None` for an object.
    pub(super) fn block(&self, node: NodeId) -> Option<&'a Born> {
        (node as usize).checked_sub(self.objects).and_then(|number| self.blocks.get(number).copied())
    }

    /// Objects and blocks: the number of the first group.
    pub(super) fn size(&self) -> usize {
        self.objects + self.blocks.len()
    }

    /// Whose word a pointer is, when that was born as well, or is an object.
    fn keeper(&self, place: Place) -> Option<NodeId> {
        match place {
            Place::Field { node, .. } => Some(node),
            Place::Block { address } | Place::Native { address } => self.by_address.get(&address).copied(),
            _ => None,
        }
    }

    /// References that only words of memory tell of, and what they account for.
    ///
    /// As [`crate::analysis::roles`] has it: native memory may only borrow an object, and words of survivors
    /// account for an object's references when no other word points to it.
    fn additions(&self, capture: &Capture, pointers: &[Pointer], groups: Vec<Vec<NodeId>>) -> (Cut, Additions) {
        let mut additions = Additions { blocks: self.blocks.len(), groups, ..Additions::default() };
        let mut outside: FxHashSet<NodeId> = FxHashSet::default();
        let mut words: FxHashMap<NodeId, i32> = FxHashMap::default();
        let mut referred: FxHashSet<NodeId> = FxHashSet::default();
        for pointer in pointers.iter().filter(|pointer| !is_part(pointer)) {
            let Some(&target) = self.by_address.get(&pointer.target) else { continue };
            let is_object = self.block(target).is_none();
            let counts = |keeper: &NodeId| {
                let native = self.block(*keeper).is_some_and(|born| born.block.domain == Domain::Native);
                !is_object || (self.born.contains(keeper) && !native)
            };
            match self.keeper(pointer.place).filter(counts) {
                Some(keeper) if keeper == target => {}
                Some(keeper) => {
                    additions.references.push((keeper, target));
                    referred.insert(target);
                    *words.entry(target).or_default() += 1;
                }
                None => drop(outside.insert(target)),
            }
        }
        let mut cut = Cut::default();
        for (&target, &words) in words.iter().filter(|(target, _)| (**target as usize) < self.objects) {
            if !outside.contains(&target) && capture.heap.unexplained(target) <= words {
                cut.account(target, words);
            }
        }
        let blocks = (self.objects..self.size()).map(|node| node as NodeId);
        additions.roots = blocks.filter(|node| outside.contains(node) || !referred.contains(node)).collect();
        (cut, additions)
    }
}

/// Whether a word is that of a container for its own table: the search tells so by the offset 0.
fn is_part(pointer: &Pointer) -> bool {
    matches!(pointer.place, Place::Field { offset: 0, .. })
}

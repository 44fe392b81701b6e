//! A heap with more nodes: blocks that are no objects, and groups of nodes that stand and fall together.

use super::dominators::Graph;
use super::without::Cut;
use crate::heap::{Heap, NodeId};

/// What is added to a heap. Nodes are numbered on from those of the heap: first the blocks, then the groups.
#[derive(Debug, Default)]
pub struct Additions {
    /// How many blocks there are.
    pub blocks: usize,
    /// References that the heap does not know, from and to nodes of the heap and blocks.
    pub references: Vec<(NodeId, NodeId)>,
    /// Blocks that live by themselves.
    pub roots: Vec<NodeId>,
    /// Nodes of each group; none in two of them.
    pub groups: Vec<Vec<NodeId>>,
}

/// The heap and the additions as one graph, in which whatever refers to a member of a group refers to the group,
/// and the group to its members.
///
/// So a group dominates what lives through all of its members together. A member that only another
/// group keeps alive counts as alive for what the rest of its own group refers to: where leaks keep each other,
/// less is said to be retained than is.
#[derive(Debug)]
pub struct Overlay {
    first: Vec<u32>,
    edges: Vec<NodeId>,
    roots: Vec<bool>,
}

impl Overlay {
    /// The heap without what is cut, with additions.
    #[must_use]
    pub fn new(heap: &Heap, cut: &Cut, additions: &Additions) -> Self {
        let groups = heap.len() + additions.blocks;
        let size = groups + additions.groups.len();
        let mut group_of: Vec<NodeId> = (0..size as NodeId).collect();
        for (number, members) in additions.groups.iter().enumerate() {
            members.iter().for_each(|&member| group_of[member as usize] = (groups + number) as NodeId);
        }
        let mut roots = vec![false; size];
        let alone = heap.nodes().filter(|&node| cut.is_root(heap, node)).chain(additions.roots.iter().copied());
        alone.for_each(|node| roots[group_of[node as usize] as usize] = true);
        let mut references = additions.references.clone();
        references.sort_unstable();
        let mut references = references.into_iter().peekable();
        let (mut first, mut edges) = (Vec::with_capacity(size + 1), Vec::with_capacity(heap.edge_count()));
        for node in 0..groups as NodeId {
            first.push(edges.len() as u32);
            let known = if (node as usize) < heap.len() { heap.targets(node) } else { &[] };
            let followed = known.iter().filter(|&&target| cut.follows(node, target) && cut.is_open(target));
            edges.extend(followed.map(|&target| group_of[target as usize]));
            while let Some((_, target)) = references.next_if(|(from, _)| *from == node) {
                edges.push(group_of[target as usize]);
            }
        }
        for members in &additions.groups {
            first.push(edges.len() as u32);
            edges.extend(members);
        }
        first.push(edges.len() as u32);
        Self { first, edges, roots }
    }
}

impl Graph for Overlay {
    fn size(&self) -> usize {
        self.roots.len()
    }
    fn targets(&self, node: NodeId) -> &[NodeId] {
        &self.edges[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }
    fn is_root(&self, node: NodeId) -> bool {
        self.roots[node as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Dominators;
    use crate::heap::{Builder, Edges};

    /// 0 and 1 live by themselves; both refer to 2, and 2 to 3.
    fn heap() -> Heap {
        let mut builder = Builder::new(Edges::Keep);
        for node in 0..4 {
            builder.node(0x1000 + 0x10 * node);
        }
        for (count, targets) in [(1, vec![2]), (1, vec![2]), (2, vec![3]), (1, vec![])] {
            let (node, _) = builder.expand_next().expect("one node an object");
            builder.count(node, count);
            targets.into_iter().for_each(|target: u64| builder.edge_to(0x1000 + 0x10 * target));
        }
        builder.finish()
    }

    #[test]
    fn a_group_retains_what_its_members_share() {
        let additions = Additions { groups: vec![vec![0, 1]], ..Additions::default() };
        let overlay = Overlay::new(&heap(), &Cut::default(), &additions);
        let tree = Dominators::of(&overlay);
        assert_eq!(tree.parent(2), Some(4));
        assert_eq!(tree.retained(|node| u64::from(node < 4)), [1, 1, 2, 1, 4]);
    }

    #[test]
    fn a_block_hangs_below_who_points_to_it_or_by_itself() {
        let mut additions = Additions { blocks: 2, references: vec![(3, 4)], ..Additions::default() };
        let tree = Dominators::of(&Overlay::new(&heap(), &Cut::default(), &additions));
        assert_eq!((tree.parent(4), tree.reaches(5)), (Some(3), false));
        additions.roots.push(5);
        let tree = Dominators::of(&Overlay::new(&heap(), &Cut::default(), &additions));
        assert!(tree.reaches(5) && tree.parent(5).is_none());
    }
}

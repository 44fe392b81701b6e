//! Semidominators, by path compression on the part of the walk that was looked at already.

use super::walk::Walk;

/// Place of the semidominator of what is at each place.
pub(super) fn semidominators(walk: &Walk) -> Vec<u32> {
    let mut forest = Forest {
        trees: walk.parent.iter().zip(0..).map(|(&ancestor, place)| Tree { ancestor, lowest: place }).collect(),
        path: Vec::new(),
    };
    let mut semidominator = walk.parent.clone();
    for place in (1..walk.order.len() as u32).rev() {
        let semi = &mut semidominator[place as usize];
        let mut next = walk.met[walk.order[place as usize] as usize].sources;
        while let Some(source) = walk.sources.get(next as usize) {
            *semi = (*semi).min(forest.lowest(source.place, place + 1));
            next = source.next;
        }
        forest.trees[place as usize].lowest = *semi;
    }
    semidominator
}

/// The part of the walk's tree that was looked at already, with compressed paths.
struct Forest {
    trees: Vec<Tree>,
    /// Serves one call after the other.
    path: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Tree {
    ancestor: u32,
    /// The lowest semidominator on the compressed path up to the ancestor; the place itself as long as it was not
    /// looked at.
    lowest: u32,
}

impl Forest {
    /// The lowest semidominator between `place` and the part that was not looked at yet, which ends before `linked`.
    #[inline]
    fn lowest(&mut self, place: u32, linked: u32) -> u32 {
        let tree = self.trees[place as usize];
        if tree.ancestor < linked { tree.lowest } else { self.compress(place, linked) }
    }

    fn compress(&mut self, place: u32, linked: u32) -> u32 {
        let mut at = place;
        let mut tree = self.trees[at as usize];
        while tree.ancestor >= linked {
            self.path.push(at);
            at = tree.ancestor;
            tree = self.trees[at as usize];
        }
        while let Some(below) = self.path.pop() {
            let below = &mut self.trees[below as usize];
            tree.lowest = tree.lowest.min(below.lowest);
            *below = tree;
        }
        tree.lowest
    }
}

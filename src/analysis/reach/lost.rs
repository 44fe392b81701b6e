//! The part of the heap that no root reaches, and where its losses begin.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Graph, Reach, Vertex};

/// What no root reaches, with the references inside of it.
pub(super) struct Lost<'a> {
    graph: &'a Graph<'a>,
    vertices: Vec<Vertex>,
    places: FxHashMap<Vertex, usize>,
    targets: Vec<Vec<usize>>,
    sources: Vec<Vec<usize>>,
}

impl<'a> Lost<'a> {
    pub(super) fn new(graph: &'a Graph<'a>, marks: &[Option<Reach>]) -> Self {
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
    pub(super) fn first(&self) -> FxHashMap<Vertex, usize> {
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
    pub(super) fn held_by_blocks(&self, first: &FxHashMap<Vertex, usize>) -> Vec<Vertex> {
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

//! What would be freed if a reference, a root or an object of a model heap went.
//!
//! Asked in two ways that know nothing of each other: marks from the roots say what would be out of reach, and
//! a copy of the heap that carries it out says what becomes of that.

use rustc_hash::FxHashSet;

use super::without::{Cut, reached};
use crate::heap::model::{Id, Misuse, ModelHeap, What};
use crate::heap::{Heap, NodeId};

/// What is thought away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Without {
    /// One reference, by its name.
    Edge(Id, String),
    /// One reference, by what it refers to.
    Link(Id, Id),
    /// Everything that holds the object and is no object of the heap.
    Root(Id),
    /// The object itself.
    Object(Id),
}

/// What would be out of reach, in the order of the ids; the three parts make it up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WhatIf {
    /// Freed by reference counting, at once, in this order.
    pub at_once: Vec<Id>,
    /// Freed by the next full collection.
    pub collected: Vec<Id>,
    /// Out of reach and never freed: in a cycle that the collector does not see or gives up on, or brought
    /// back by a finalizer.
    pub lost: Vec<Id>,
}

impl WhatIf {
    /// All that would be out of reach.
    pub fn all(&self) -> impl Iterator<Item = Id> + '_ {
        self.at_once.iter().chain(&self.collected).chain(&self.lost).copied()
    }
}

/// What would be freed; the heap itself stays as it is. Garbage that is there already does not count.
///
/// # Errors
/// [`Misuse`] when what is thought away is not there.
pub fn without(heap: &ModelHeap, what: &Without) -> Result<WhatIf, Misuse> {
    let mut copy = heap.clone();
    let first = copy.events().len();
    carry_out(&mut copy, what)?;
    let then = copy.events().len();
    copy.collect(2)?;
    let gone = out_of_reach(heap, what);
    let freed = |events: std::ops::Range<usize>| -> Vec<Id> {
        let freed = copy.events()[events].iter().filter(|event| event.what == What::Freed);
        freed.map(|event| event.id).filter(|id| gone.contains(id)).collect()
    };
    let (at_once, collected) = (freed(first..then), freed(then..copy.events().len()));
    let seen: FxHashSet<Id> = at_once.iter().chain(&collected).copied().collect();
    let mut lost: Vec<Id> = gone.into_iter().filter(|id| !seen.contains(id)).collect();
    lost.sort_unstable();
    Ok(WhatIf { at_once, collected, lost })
}

fn carry_out(copy: &mut ModelHeap, what: &Without) -> Result<(), Misuse> {
    match what {
        Without::Edge(from, name) => copy.unlink(*from, name),
        Without::Link(from, to) => copy.unlink_target(*from, *to),
        Without::Root(id) => copy.let_go(*id),
        Without::Object(id) => copy.detach(*id),
    }
}

fn out_of_reach(heap: &ModelHeap, what: &Without) -> FxHashSet<Id> {
    let (graph, ids) = heap.to_graph(None);
    let node = |id: Id| ids.binary_search(&id).expect("the object is alive") as NodeId;
    let mut cut = Cut::default();
    match what {
        Without::Edge(from, name) => {
            let edges = heap.edges(*from).unwrap_or_default();
            let edge = edges.iter().find(|&&edge| heap.edge_name(edge) == name);
            edge.into_iter().for_each(|edge| cut_one(&graph, &mut cut, node(*from), node(edge.to)));
        }
        Without::Link(from, to) => cut_one(&graph, &mut cut, node(*from), node(*to)),
        Without::Root(_) => {}
        Without::Object(id) => cut.close(node(*id)),
    }
    let before = reached(&graph, &Cut::default());
    let after = match what {
        Without::Root(id) => reached(&heap.to_graph(Some(*id)).0, &cut),
        _ => reached(&graph, &cut),
    };
    let was_held = |node: NodeId| before[node as usize] && !after[node as usize];
    graph.nodes().filter(|&node| was_held(node)).map(|node| ids[node as usize]).collect()
}

/// A second reference between the same two holds what the first one held.
fn cut_one(graph: &Heap, cut: &mut Cut, from: NodeId, to: NodeId) {
    if graph.targets(from).iter().filter(|&&target| target == to).count() == 1 {
        cut.edge(from, to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::model::{Finalizer, Rules, Spec};
    use proptest::prelude::*;

    fn heap(size: usize) -> (ModelHeap, Vec<Id>) {
        let mut heap = ModelHeap::new(Rules::of(12));
        let ids = (0..size).map(|_| heap.alloc(Spec::default())).collect();
        (heap, ids)
    }

    #[test]
    fn the_three_fates_are_told_apart() {
        let (mut heap, ids) = heap(4);
        let phoenix = heap.alloc(Spec { finalizer: Finalizer::parse("resurrects").ok(), ..Spec::default() });
        let links = [(0, 1, "plain"), (0, 2, "cycle"), (2, 3, "a"), (3, 2, "b")];
        for (from, to, name) in links {
            heap.link(ids[from], ids[to], name, false).expect("alive");
        }
        heap.link(ids[0], phoenix, "phoenix", false).expect("alive");
        for &id in ids[1..].iter().chain([&phoenix]) {
            heap.decref(id).expect("owned");
        }
        let found = without(&heap, &Without::Object(ids[0])).expect("alive");
        assert_eq!(found.at_once, [ids[0], ids[1]]);
        assert_eq!(found.collected, [ids[3], ids[2]]);
        assert_eq!(found.lost, [phoenix]);
        assert_eq!(heap.len(), 5);
        assert!(without(&heap, &Without::Edge(ids[0], "none".into())).is_err());
    }

    #[test]
    fn a_second_reference_holds_what_the_first_one_held() {
        let (mut heap, ids) = heap(2);
        heap.link(ids[0], ids[1], "one", false).expect("alive");
        heap.link(ids[0], ids[1], "two", false).expect("alive");
        heap.decref(ids[1]).expect("owned");
        assert_eq!(without(&heap, &Without::Edge(ids[0], "one".into())), Ok(WhatIf::default()));
        heap.unlink(ids[0], "two").expect("its edge");
        assert_eq!(without(&heap, &Without::Link(ids[0], ids[1])).map(|found| found.at_once), Ok(vec![ids[1]]));
    }

    #[test]
    fn the_root_of_an_immortal_object_can_be_thought_away() {
        let (mut heap, ids) = heap(1);
        let forever = heap.alloc(Spec { immortal: true, ..Spec::default() });
        heap.link(forever, ids[0], "it", false).expect("alive");
        heap.decref(ids[0]).expect("owned");
        let found = without(&heap, &Without::Root(forever)).expect("alive");
        assert_eq!(found.at_once, [forever, ids[0]]);
    }

    proptest! {
        /// Marks and machine agree: without finalizers and blind types nothing is lost, and nothing else freed.
        #[test]
        fn marks_and_machine_agree(
            edges in prop::collection::vec((0usize..10, 0usize..10), 0..24),
            owned in prop::collection::vec(any::<bool>(), 10),
            at in 0usize..10,
            question in 0usize..3,
        ) {
            let (mut heap, ids) = heap(10);
            for (number, (from, to)) in edges.iter().enumerate() {
                heap.link(ids[*from], ids[*to], &number.to_string(), false).expect("alive");
            }
            for (&id, _) in ids.iter().zip(&owned).filter(|(_, owned)| !**owned) {
                heap.decref(id).expect("owned");
            }
            heap.collect(2).expect("a generation");
            prop_assume!(heap.is_alive(ids[at]) == Ok(true));
            let what = match (question, heap.edges(ids[at]).expect("alive").first()) {
                (0, Some(&edge)) => Without::Edge(ids[at], heap.edge_name(edge).to_owned()),
                (1, _) => Without::Root(ids[at]),
                _ => Without::Object(ids[at]),
            };
            let found = without(&heap, &what).expect("alive");
            prop_assert!(found.lost.is_empty());
            let mut copy = heap.clone();
            carry_out(&mut copy, &what).expect("alive");
            copy.collect(2).expect("a generation");
            let mut freed: Vec<Id> = found.all().collect();
            freed.sort_unstable();
            let dead: Vec<Id> = heap.alive().filter(|&id| copy.is_alive(id) == Ok(false)).collect();
            prop_assert_eq!(freed, dead);
        }
    }
}

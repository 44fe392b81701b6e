//! The model heap as a graph for the analyses, and a captured graph as a model heap.

use super::generations::Rules;
use super::machine::ModelHeap;
use super::names::Name;
use super::object::{Edge, Id, Mark, Object};
use crate::heap::{Builder, Edges, Heap};

/// What a graph does not say about one of its objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Qualified type.
    pub type_name: String,
    /// Shallow size in bytes.
    pub size: u64,
    /// The collector can visit it, and its type has `tp_clear`.
    pub gc: bool,
    /// See `gc`.
    pub clear: bool,
    /// Its type has a legacy `tp_del`.
    pub legacy_del: bool,
    /// Its type has a `tp_finalize`.
    pub finalizer: bool,
}

impl ModelHeap {
    /// The living objects and their references as nodes and edges; nodes are in the order of the ids. Only
    /// other objects hold `unrooted`.
    #[must_use]
    pub fn to_graph(&self, unrooted: Option<Id>) -> (Heap, Vec<Id>) {
        // Addresses may have served twice, so numbers stand for them.
        let place = |id: Id| (u64::from(id.0) + 1) * 16;
        let ids: Vec<Id> = self.alive().collect();
        let mut builder = Builder::new(Edges::Keep);
        ids.iter().for_each(|&id| builder.announce(place(id)));
        builder.seal();
        for &id in &ids {
            let object = &self.objects[id.0 as usize];
            let (node, _) = builder.expand_next().expect("one node for each object");
            if unrooted == Some(id) {
                builder.count(node, object.inward);
            } else if object.immortal {
                builder.permanent(node);
            } else {
                builder.count(node, u32::try_from(object.references).unwrap_or(u32::MAX));
            }
            let targets = object.edges.iter().map(|edge| edge.to);
            let living = targets.filter(|to| self.objects[to.0 as usize].alive);
            living.for_each(|to| builder.edge_to(place(to)));
        }
        (builder.finish(), ids)
    }

    /// A heap from a captured graph: an object for each node, with its number. All are old, as nobody knows
    /// better; references have no names.
    pub fn from_graph(rules: Rules, heap: &Heap, mut facts: impl FnMut(u32) -> Facts) -> Self {
        let mut model = Self::new(rules);
        let mut inward = vec![0u32; heap.len()];
        heap.nodes().flat_map(|node| heap.targets(node)).for_each(|&target| inward[target as usize] += 1);
        for node in heap.nodes() {
            let facts = facts(node);
            let immortal = heap.is_permanent(node);
            let inward = inward[node as usize];
            let edges = heap.targets(node).iter();
            let object = Object {
                address: heap.address(node),
                size: facts.size,
                type_name: model.names.add(&facts.type_name),
                label: Name::default(),
                references: i64::from(heap.unexplained(node)) + i64::from(inward),
                inward,
                edges: edges.map(|&to| Edge { name: Name::default(), to: Id(to), hidden: false }).collect(),
                extra: None,
                alive: true,
                gc: facts.gc,
                clear: facts.clear,
                immortal,
                finalized: false,
                mark: Mark::Outside,
                generation: 2,
                entry: 0,
                gc_refs: 0,
            };
            model.objects.push(object);
            if facts.legacy_del || facts.finalizer {
                let extra = model.extra(Id(node));
                extra.legacy_del = facts.legacy_del;
                extra.finalizer = Some(super::Finalizer::default());
            }
            if facts.gc && !immortal {
                model.track(Id(node), 2);
            }
        }
        model.live = model.objects.len();
        model.generations.long_lived_total = model.live as u64;
        model.next_address = (0..heap.len() as u32).map(|node| heap.address(node) + 16).max().unwrap_or(0).max(0x1000);
        model
    }
}

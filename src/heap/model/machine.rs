//! The heap: objects, references between them, and what a program does with them.

use rustc_hash::FxHashMap;

use super::error::Misuse;
use super::event::{Event, What};
use super::free_list::FreeList;
use super::generations::{Generations, Rules};
use super::names::{Name, Names};
use super::object::{Edge, Extra, Id, Mark, Object, Spec};
use super::release::Task;

/// Addresses that the model gives out start here, and are so far apart.
const FIRST_ADDRESS: u64 = 0x1000;
const STEP: u64 = 0x10;

/// Objects with reference counts, and the collector that watches them.
#[derive(Debug, Clone)]
pub struct ModelHeap {
    pub(super) objects: Vec<Object>,
    pub(super) names: Names,
    pub(super) generations: Generations,
    pub(super) free_lists: FxHashMap<Name, FreeList>,
    pub(super) garbage: Vec<Id>,
    pub(super) tasks: Vec<Task>,
    pub(super) live: usize,
    events: Vec<Event>,
    pub(super) next_address: u64,
}

impl ModelHeap {
    /// An empty heap.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            objects: Vec::new(),
            names: Names::default(),
            generations: Generations::new(rules),
            free_lists: FxHashMap::default(),
            garbage: Vec::new(),
            tasks: Vec::new(),
            live: 0,
            events: Vec::new(),
            next_address: FIRST_ADDRESS,
        }
    }

    /// A new object; the caller owns the one reference to it. May collect before or after, as the version does.
    pub fn alloc(&mut self, spec: Spec) -> Id {
        let list = self.names.add(&spec.free_list);
        let kept = self.reuse(list);
        let counts = spec.gc && kept.is_none();
        if counts {
            self.count_allocation();
            if self.generations.rules.inside_allocation {
                self.collect_if_due();
            }
        }
        let address = kept.unwrap_or_else(|| self.fresh_address());
        let id = self.put(address, &spec);
        if counts && !self.generations.rules.inside_allocation {
            self.collect_if_due();
        }
        id
    }

    fn fresh_address(&mut self) -> u64 {
        let address = self.next_address;
        self.next_address += STEP;
        address
    }

    /// Adds an object at an address, with one reference, tracked as young.
    fn put(&mut self, address: u64, spec: &Spec) -> Id {
        let id = Id(u32::try_from(self.objects.len()).expect("fewer objects than numbers"));
        let slots = spec.slots.iter().map(|slot| self.names.add(slot)).collect();
        let extra = Extra {
            finalizer: spec.finalizer.clone(),
            legacy_del: spec.legacy_del,
            free_list: self.names.add(&spec.free_list),
            slots,
            ..Extra::default()
        };
        let has_extra = spec.finalizer.is_some() || spec.legacy_del || !spec.free_list.is_empty();
        let object = Object {
            address,
            size: spec.size,
            type_name: self.names.add(&spec.type_name),
            label: self.names.add(&spec.label),
            references: 1,
            inward: 0,
            edges: Vec::new(),
            extra: (has_extra || !spec.slots.is_empty()).then(|| Box::new(extra)),
            alive: true,
            gc: spec.gc,
            clear: spec.clear,
            immortal: spec.immortal,
            finalized: false,
            mark: Mark::Outside,
            generation: 0,
            entry: 0,
            gc_refs: 0,
        };
        self.objects.push(object);
        self.live += 1;
        // Immortal objects are none of the collector's business (PEP 683).
        if spec.gc && !spec.immortal {
            self.track(id, 0);
        }
        id
    }

    /// Makes one object refer to another, by a strong reference of its own. A hidden one is not visited by
    /// `tp_traverse`.
    ///
    /// # Errors
    /// [`Misuse`] when one of them is not there, or the name is taken or no slot.
    pub fn link(&mut self, from: Id, to: Id, name: &str, hidden: bool) -> Result<(), Misuse> {
        self.living(from)?;
        self.living(to)?;
        let number = self.names.add(name);
        if self.objects[from.0 as usize].edges.iter().any(|edge| edge.name == number) {
            return Err(Misuse::EdgeTaken { from, name: name.into() });
        }
        let at = self.place_of(from, number).ok_or_else(|| Misuse::NoSlot { from, name: name.into() })?;
        self.take_reference(to);
        self.objects[to.0 as usize].inward += 1;
        self.objects[from.0 as usize].edges.insert(at, Edge { name: number, to, hidden });
        Ok(())
    }

    /// Where a new reference belongs among those that an object has.
    fn place_of(&self, from: Id, name: Name) -> Option<usize> {
        let object = &self.objects[from.0 as usize];
        let slots = object.extra.as_ref().map_or(&[][..], |extra| &extra.slots);
        if slots.is_empty() {
            return Some(object.edges.len());
        }
        let rank = |wanted: Name| slots.iter().position(|&slot| slot == wanted);
        let own = rank(name)?;
        Some(object.edges.iter().filter(|edge| rank(edge.name) < Some(own)).count())
    }

    /// Takes a reference away again.
    ///
    /// # Errors
    /// [`Misuse`] when the object is not there, or has no such reference.
    pub fn unlink(&mut self, from: Id, name: &str) -> Result<(), Misuse> {
        self.living(from)?;
        let target = self.names.get(name).and_then(|name| self.remove_edge(from, name));
        let target = target.ok_or_else(|| Misuse::NoEdge { from, name: name.into() })?;
        self.run(Task::Release(target));
        Ok(())
    }

    /// Takes one reference to `to` away, whatever its name.
    ///
    /// # Errors
    /// [`Misuse`] when one of them is not there, or there is no such reference.
    pub fn unlink_target(&mut self, from: Id, to: Id) -> Result<(), Misuse> {
        self.living(from)?;
        self.living(to)?;
        let edges = &mut self.objects[from.0 as usize].edges;
        let at = edges.iter().position(|edge| edge.to == to);
        let at = at.ok_or_else(|| Misuse::NoEdge { from, name: format!("to object {}", to.0) })?;
        edges.remove(at);
        self.objects[to.0 as usize].inward -= 1;
        self.run(Task::Release(to));
        Ok(())
    }

    /// Adds a reference that no object of the heap has: `Py_INCREF`.
    ///
    /// # Errors
    /// [`Misuse`] when the object is not there.
    pub fn incref(&mut self, id: Id) -> Result<(), Misuse> {
        self.living(id)?;
        self.take_reference(id);
        Ok(())
    }

    /// Gives up one reference: `Py_DECREF`. At zero the object is freed at once.
    ///
    /// # Errors
    /// [`Misuse`] when the object is not there, as its count is 0 already.
    pub fn decref(&mut self, id: Id) -> Result<(), Misuse> {
        self.living(id)?;
        self.run(Task::Release(id));
        Ok(())
    }

    /// `gc.garbage.clear()`.
    pub fn clear_garbage(&mut self) {
        let garbage = std::mem::take(&mut self.garbage);
        garbage.into_iter().for_each(|id| self.run(Task::Release(id)));
    }

    /// Everything that happened so far, in order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    pub(super) fn record(&mut self, what: What, id: Id, other: Option<Id>) {
        self.events.push(Event { what, id, other });
    }

    pub(super) fn take_reference(&mut self, id: Id) {
        let object = &mut self.objects[id.0 as usize];
        object.references += i64::from(!object.immortal);
    }

    pub(super) fn remove_edge(&mut self, from: Id, name: Name) -> Option<Id> {
        let edges = &mut self.objects[from.0 as usize].edges;
        let at = edges.iter().position(|edge| edge.name == name)?;
        let target = edges.remove(at).to;
        self.objects[target.0 as usize].inward -= 1;
        Some(target)
    }

    pub(super) fn extra(&mut self, id: Id) -> &mut Extra {
        self.objects[id.0 as usize].extra.get_or_insert_default()
    }
}

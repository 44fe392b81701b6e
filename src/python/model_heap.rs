//! `ModelHeap`: the model heap that Python code can build, and ask "what if".

use std::collections::BTreeMap;

use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;

use crate::analysis::{Without, without};
use crate::audit;
use crate::heap::model::{Finalizer, Id, Misuse, ModelHeap, Rules, Spec};

/// (what, object, referent or None).
type Event = (&'static str, u32, Option<u32>);

/// Objects, references and a collector by CPython's rules; objects are numbers.
#[pyclass(name = "ModelHeap", module = "refaudit._refaudit")]
pub(super) struct PyModelHeap {
    heap: ModelHeap,
}

fn raised(misuse: Misuse) -> PyErr {
    match misuse {
        Misuse::Unknown(_) => PyKeyError::new_err(misuse.to_string()),
        _ => PyValueError::new_err(misuse.to_string()),
    }
}

fn numbers(ids: impl IntoIterator<Item = Id>) -> Vec<u32> {
    ids.into_iter().map(|id| id.0).collect()
}

impl PyModelHeap {
    /// Carries something out, and tells what happened meanwhile.
    fn events_of(&mut self, act: impl FnOnce(&mut ModelHeap) -> Result<(), Misuse>) -> PyResult<Vec<Event>> {
        let first = self.heap.events().len();
        act(&mut self.heap).map_err(raised)?;
        Ok(self.events_since(first))
    }

    fn ask<T>(&self, question: impl FnOnce(&ModelHeap) -> Result<T, Misuse>) -> PyResult<T> {
        question(&self.heap).map_err(raised)
    }
}

#[pymethods]
impl PyModelHeap {
    #[new]
    fn new(minor: u8) -> Self {
        Self { heap: ModelHeap::new(Rules::of(minor)) }
    }

    /// A copy of this process: an object for each object, all in the oldest generation.
    #[staticmethod]
    fn capture(py: Python<'_>) -> Self {
        Self { heap: audit::model(Rules::of(py.version_info().minor)) }
    }

    #[pyo3(signature = (type_name, label, size, gc, immortal, finalizer, legacy_del, free_list, clear, slots))]
    #[allow(clippy::too_many_arguments, reason = "the Python front names them")]
    fn alloc(
        &mut self,
        type_name: String,
        label: String,
        size: u64,
        gc: bool,
        immortal: bool,
        finalizer: Option<&str>,
        legacy_del: bool,
        free_list: String,
        clear: bool,
        slots: Vec<String>,
    ) -> PyResult<u32> {
        let finalizer = finalizer.map(Finalizer::parse).transpose().map_err(raised)?;
        let spec = Spec { type_name, label, size, gc, clear, immortal, finalizer, legacy_del, free_list, slots };
        Ok(self.heap.alloc(spec).0)
    }

    fn weakref(&mut self, referent: u32, callback: bool) -> PyResult<u32> {
        self.heap.weakref(Id(referent), callback).map(|id| id.0).map_err(raised)
    }

    fn link(&mut self, from: u32, to: u32, name: &str, hidden: bool) -> PyResult<()> {
        self.heap.link(Id(from), Id(to), name, hidden).map_err(raised)
    }

    fn unlink(&mut self, from: u32, name: &str) -> PyResult<Vec<Event>> {
        self.events_of(|heap| heap.unlink(Id(from), name))
    }

    fn unlink_target(&mut self, from: u32, to: u32) -> PyResult<Vec<Event>> {
        self.events_of(|heap| heap.unlink_target(Id(from), Id(to)))
    }

    fn incref(&mut self, id: u32) -> PyResult<()> {
        self.heap.incref(Id(id)).map_err(raised)
    }

    fn decref(&mut self, id: u32) -> PyResult<Vec<Event>> {
        self.events_of(|heap| heap.decref(Id(id)))
    }

    fn collect(&mut self, generation: usize) -> PyResult<Vec<Event>> {
        self.events_of(|heap| heap.collect(generation))
    }

    fn clear_garbage(&mut self) -> PyResult<Vec<Event>> {
        self.events_of(|heap| {
            heap.clear_garbage();
            Ok(())
        })
    }

    fn event_count(&self) -> usize {
        self.heap.events().len()
    }

    fn events_since(&self, first: usize) -> Vec<Event> {
        let events = self.heap.events().get(first..).unwrap_or_default();
        events.iter().map(|event| (event.what.name(), event.id.0, event.other.map(|id| id.0))).collect()
    }

    /// (freed at once, freed by a collection, lost).
    fn without(&self, kind: &str, id: u32, name: &str, to: u32) -> PyResult<(Vec<u32>, Vec<u32>, Vec<u32>)> {
        let what = match kind {
            "edge" => Without::Edge(Id(id), name.to_owned()),
            "link" => Without::Link(Id(id), Id(to)),
            "root" => Without::Root(Id(id)),
            _ => Without::Object(Id(id)),
        };
        let found = self.ask(|heap| without(heap, &what))?;
        Ok((numbers(found.at_once), numbers(found.collected), numbers(found.lost)))
    }

    /// Objects and bytes by type.
    fn by_type(&self, ids: Vec<u32>) -> PyResult<BTreeMap<String, (u64, u64)>> {
        let mut found: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for id in ids {
            let (name, size) = self.ask(|heap| Ok((heap.type_name(Id(id))?.to_owned(), heap.size(Id(id))?)))?;
            let entry = found.entry(name).or_default();
            *entry = (entry.0 + 1, entry.1 + size);
        }
        Ok(found)
    }

    /// Objects that are alive, of one type if it is given.
    fn live_objects(&self, type_name: Option<&str>) -> Vec<u32> {
        let is_asked = |id: &Id| type_name.is_none() || self.heap.type_name(*id).ok() == type_name;
        numbers(self.heap.alive().filter(is_asked))
    }

    fn find(&self, address: u64) -> Option<u32> {
        self.heap.alive().find(|&id| self.heap.address(id) == Ok(address)).map(|id| id.0)
    }

    fn is_alive(&self, id: u32) -> PyResult<bool> {
        self.ask(|heap| heap.is_alive(Id(id)))
    }

    fn refcount(&self, id: u32) -> PyResult<Option<i64>> {
        self.ask(|heap| heap.references(Id(id)))
    }

    fn unexplained(&self, id: u32) -> PyResult<i64> {
        self.ask(|heap| heap.unexplained(Id(id)))
    }

    fn total_refcount(&self) -> i64 {
        self.heap.total_references()
    }

    /// (name, target, hidden) of each reference.
    fn edges(&self, id: u32) -> PyResult<Vec<(String, u32, bool)>> {
        let edges = self.heap.edges(Id(id)).map_err(raised)?;
        Ok(edges.iter().map(|&edge| (self.heap.edge_name(edge).to_owned(), edge.to.0, edge.hidden)).collect())
    }

    fn referrers(&self, id: u32) -> PyResult<Vec<u32>> {
        self.ask(|heap| heap.is_alive(Id(id)))?;
        Ok(numbers(self.heap.referrers(Id(id))))
    }

    fn weakrefs(&self, id: u32) -> PyResult<Vec<u32>> {
        self.ask(|heap| heap.is_alive(Id(id)))?;
        Ok(numbers(self.heap.weakrefs(Id(id)).iter().copied()))
    }

    fn referent(&self, id: u32) -> PyResult<Option<u32>> {
        self.ask(|heap| heap.is_alive(Id(id)))?;
        Ok(self.heap.referent(Id(id)).map(|id| id.0))
    }

    fn type_name(&self, id: u32) -> PyResult<String> {
        self.ask(|heap| heap.type_name(Id(id)).map(str::to_owned))
    }

    fn own_label(&self, id: u32) -> PyResult<String> {
        self.ask(|heap| heap.label(Id(id)).map(str::to_owned))
    }

    fn size(&self, id: u32) -> PyResult<u64> {
        self.ask(|heap| heap.size(Id(id)))
    }

    fn address(&self, id: u32) -> PyResult<u64> {
        self.ask(|heap| heap.address(Id(id)))
    }

    fn generation(&self, id: u32) -> PyResult<Option<u8>> {
        self.ask(|heap| heap.generation(Id(id)))
    }

    fn garbage(&self) -> Vec<u32> {
        numbers(self.heap.garbage().iter().copied())
    }

    fn set_free_list(&mut self, name: &str, capacity: usize) {
        self.heap.set_free_list(name, capacity);
    }

    fn free_list(&self, name: &str) -> Vec<u64> {
        self.heap.free_list(name).to_vec()
    }

    fn set_threshold(&mut self, first: u64, second: u64, third: u64) {
        self.heap.set_thresholds([first, second, third]);
    }

    fn get_threshold(&self) -> (u64, u64, u64) {
        self.heap.thresholds().into()
    }

    fn get_count(&self) -> (u64, u64, u64) {
        self.heap.counts().into()
    }

    fn enable(&mut self) {
        self.heap.set_enabled(true);
    }

    fn disable(&mut self) {
        self.heap.set_enabled(false);
    }

    fn isenabled(&self) -> bool {
        self.heap.is_enabled()
    }
}

/// The sum of all reference counts of this process, as far as the model sees.
#[pyfunction]
pub(super) fn total_refcount() -> i64 {
    audit::total_references()
}

/// Labels of objects, each (address, type name), that are still there.
#[pyfunction]
pub(super) fn describe(objects: Vec<(u64, String)>) -> Vec<Option<String>> {
    audit::describe(&objects)
}

/// How one object refers to another, if both are still there.
#[pyfunction]
pub(super) fn describe_reference(from: (u64, String), to: (u64, String)) -> Option<String> {
    audit::describe_reference(&from, &to)
}

/// (address, type name, label, reference count or None, bytes) of every object, or of those of one type.
#[pyfunction]
pub(super) fn live_objects(
    type_address: Option<u64>,
    type_name: Option<&str>,
) -> Vec<(u64, String, String, Option<i64>, u64)> {
    let rows = audit::live_objects(type_address, type_name);
    rows.into_iter().map(|row| (row.address, row.type_name, row.label, row.references, row.bytes)).collect()
}

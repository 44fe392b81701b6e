//! What a program may ask of a heap.

use super::error::Misuse;
use super::machine::ModelHeap;
use super::object::{Edge, Id, Object};

impl ModelHeap {
    fn object(&self, id: Id) -> Result<&Object, Misuse> {
        self.objects.get(id.0 as usize).ok_or(Misuse::Unknown(id))
    }

    /// The object, if it is alive.
    pub(super) fn living(&self, id: Id) -> Result<&Object, Misuse> {
        let object = self.object(id)?;
        if object.alive {
            return Ok(object);
        }
        Err(Misuse::Freed { id, kind: self.names.text(object.type_name).into() })
    }

    /// Objects that are alive, in the order in which they were made.
    pub fn alive(&self) -> impl Iterator<Item = Id> + '_ {
        let numbered = (0u32..).zip(&self.objects);
        numbered.filter(|(_, object)| object.alive).map(|(number, _)| Id(number))
    }

    /// How many objects are alive.
    #[must_use]
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether no object is alive.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Whether an object is alive.
    ///
    /// # Errors
    /// [`Misuse::Unknown`] when there has never been one.
    pub fn is_alive(&self, id: Id) -> Result<bool, Misuse> {
        Ok(self.object(id)?.alive)
    }

    /// Reference count; `None` for an immortal object.
    ///
    /// # Errors
    /// [`Misuse`] when the object is not there.
    pub fn references(&self, id: Id) -> Result<Option<i64>, Misuse> {
        self.living(id).map(|object| (!object.immortal).then_some(object.references))
    }

    /// References that no object of the heap has: roots hold it. 0 for an immortal object.
    ///
    /// # Errors
    /// [`Misuse`] when the object is not there.
    pub fn unexplained(&self, id: Id) -> Result<i64, Misuse> {
        let object = self.living(id)?;
        Ok(if object.immortal { 0 } else { object.references - i64::from(object.inward) })
    }

    /// The sum of all reference counts, as `sys.gettotalrefcount` gives it; without immortal objects.
    #[must_use]
    pub fn total_references(&self) -> i64 {
        self.objects.iter().filter(|object| object.alive && !object.immortal).map(|object| object.references).sum()
    }

    /// What an object refers to, in the order in which it lets go.
    ///
    /// # Errors
    /// [`Misuse`] when the object is not there.
    pub fn edges(&self, id: Id) -> Result<&[Edge], Misuse> {
        self.living(id).map(|object| object.edges.as_slice())
    }

    /// The name of a reference.
    #[must_use]
    pub fn edge_name(&self, edge: Edge) -> &str {
        self.names.text(edge.name)
    }

    /// Objects that refer to an object, each once.
    #[must_use]
    pub fn referrers(&self, id: Id) -> Vec<Id> {
        let refers = |from: &Id| self.objects[from.0 as usize].edges.iter().any(|edge| edge.to == id);
        self.alive().filter(refers).collect()
    }

    /// Type of an object, freed ones included.
    ///
    /// # Errors
    /// [`Misuse::Unknown`] when there has never been one.
    pub fn type_name(&self, id: Id) -> Result<&str, Misuse> {
        self.object(id).map(|object| self.names.text(object.type_name))
    }

    /// Label of an object, freed ones included.
    ///
    /// # Errors
    /// [`Misuse::Unknown`] when there has never been one.
    pub fn label(&self, id: Id) -> Result<&str, Misuse> {
        self.object(id).map(|object| self.names.text(object.label))
    }

    /// Shallow size in bytes, of freed ones too.
    ///
    /// # Errors
    /// [`Misuse::Unknown`] when there has never been one.
    pub fn size(&self, id: Id) -> Result<u64, Misuse> {
        self.object(id).map(|object| object.size)
    }

    /// Where an object is, or was: a free list may have given the place to another one since.
    ///
    /// # Errors
    /// [`Misuse::Unknown`] when there has never been one.
    pub fn address(&self, id: Id) -> Result<u64, Misuse> {
        self.object(id).map(|object| object.address)
    }

    /// The generation that an object is in; `None` when the collector does not track it.
    ///
    /// # Errors
    /// [`Misuse`] when the object is not there.
    pub fn generation(&self, id: Id) -> Result<Option<u8>, Misuse> {
        self.living(id).map(|object| (object.gc && !object.immortal).then_some(object.generation))
    }

    /// Objects that the collector has given up on.
    #[must_use]
    pub fn garbage(&self) -> &[Id] {
        &self.garbage
    }

    /// `gc.get_count()`.
    #[must_use]
    pub fn counts(&self) -> [u64; 3] {
        self.generations.counts
    }

    /// `gc.get_threshold()`.
    #[must_use]
    pub fn thresholds(&self) -> [u64; 3] {
        self.generations.thresholds
    }

    /// `gc.set_threshold()`; 0 for the first one turns automatic collection off.
    pub fn set_thresholds(&mut self, thresholds: [u64; 3]) {
        self.generations.thresholds = thresholds;
    }

    /// `gc.enable()` and `gc.disable()`.
    pub fn set_enabled(&mut self, enabled: bool) {
        self.generations.enabled = enabled;
    }

    /// `gc.isenabled()`.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.generations.enabled
    }
}

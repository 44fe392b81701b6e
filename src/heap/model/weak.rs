//! Weak references: objects of their own, in a list of what they refer to.
//!
//! Source: `Objects/weakrefobject.c`: `weakref___new__` (one without a callback is made once and shared),
//! `insert_weakref`, `PyObject_ClearWeakRefs`.

use super::error::Misuse;
use super::event::What;
use super::machine::ModelHeap;
use super::object::{Id, Spec, Weak};
use super::release::Task;

impl ModelHeap {
    /// `weakref.ref(referent)`, or with a callback. The caller owns a reference to the answer.
    ///
    /// # Errors
    /// [`Misuse`] when the referent is not there.
    pub fn weakref(&mut self, referent: Id, callback: bool) -> Result<Id, Misuse> {
        self.living(referent)?;
        let shared = self.weakrefs(referent).iter().copied().find(|&weakref| !self.has_callback(weakref));
        if let (Some(shared), false) = (shared, callback) {
            self.take_reference(shared);
            return Ok(shared);
        }
        let weakref = self.alloc(Spec { type_name: "weakref.ReferenceType".into(), size: 72, ..Spec::default() });
        if let Err(gone) = self.living(referent).map(|_| ()) {
            // It was in a cycle that nobody owned, and the allocation has collected.
            self.run(Task::Release(weakref));
            return Err(gone);
        }
        self.extra(weakref).weak = Some(Weak { referent: Some(referent), callback });
        let has_shared = self.weakrefs(referent).iter().any(|&other| !self.has_callback(other));
        self.extra(referent).weakrefs.insert(usize::from(has_shared), weakref);
        Ok(weakref)
    }

    /// Weak references to an object, in the order in which their callbacks run.
    #[must_use]
    pub fn weakrefs(&self, id: Id) -> &[Id] {
        self.objects[id.0 as usize].extra.as_ref().map_or(&[], |extra| &extra.weakrefs)
    }

    /// What a weak reference refers to; `None` once it is cleared, and for any other object.
    #[must_use]
    pub fn referent(&self, id: Id) -> Option<Id> {
        self.weak(id).and_then(|weak| weak.referent)
    }

    pub(super) fn has_callback(&self, id: Id) -> bool {
        self.weak(id).is_some_and(|weak| weak.callback)
    }

    fn weak(&self, id: Id) -> Option<Weak> {
        self.objects[id.0 as usize].extra.as_ref().and_then(|extra| extra.weak)
    }

    /// Clears all weak references to an object; which ones those were.
    pub(super) fn take_weakrefs(&mut self, id: Id) -> Vec<Id> {
        let taken = self.objects[id.0 as usize].extra.as_mut().map(|extra| std::mem::take(&mut extra.weakrefs));
        let taken = taken.unwrap_or_default();
        for &weakref in &taken {
            if let Some(weak) = &mut self.extra(weakref).weak {
                weak.referent = None;
            }
            self.record(What::WeakrefCleared, weakref, Some(id));
        }
        taken
    }

    /// Makes a weak reference forget its referent, which will not call it back.
    pub(super) fn clear_weakref(&mut self, id: Id) {
        let Some(referent) = self.referent(id) else { return };
        self.extra(referent).weakrefs.retain(|&weakref| weakref != id);
        if let Some(weak) = &mut self.extra(id).weak {
            weak.referent = None;
        }
    }
}

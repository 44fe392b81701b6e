//! What happens when a reference count reaches zero.
//!
//! Source: `Objects/typeobject.c`, `subtype_dealloc`: finalizer, weak references, `tp_del`, fields, memory.
//! CPython recurses (and defers what is nested deeply); here a stack of tasks does the same in the same order.

use super::error::Misuse;
use super::event::What;
use super::finalizer::Action;
use super::machine::ModelHeap;
use super::object::Id;

/// What is left to do; the last one first.
#[derive(Debug, Clone)]
pub(super) enum Task {
    /// Gives up one reference.
    Release(Id),
    /// Carries out an action of a finalizer.
    Act(Id, Action),
    /// `tp_finalize` has returned: the object may be back.
    AfterFinalize(Id),
    /// The same for `tp_del`.
    AfterDel(Id),
    /// The fields are gone: gives the memory back.
    GiveBack(Id),
}

impl ModelHeap {
    /// Gives up every reference to an object that no object of the heap has; an immortal one becomes mortal.
    ///
    /// # Errors
    /// [`Misuse`] when the object is not there.
    pub fn let_go(&mut self, id: Id) -> Result<(), Misuse> {
        self.living(id)?;
        let object = &mut self.objects[id.0 as usize];
        if object.immortal {
            object.immortal = false;
            object.references = i64::from(object.inward) + 1;
            if object.gc {
                self.track(id, 2);
            }
        }
        for _ in 0..self.unexplained(id)? {
            // A finalizer may have brought it back, with a reference of its own.
            if self.objects[id.0 as usize].alive {
                self.run(Task::Release(id));
            }
        }
        Ok(())
    }

    /// Takes every reference to an object away.
    ///
    /// # Errors
    /// [`Misuse`] when the object is not there.
    pub fn detach(&mut self, id: Id) -> Result<(), Misuse> {
        self.living(id)?;
        for from in self.referrers(id) {
            self.objects[from.0 as usize].edges.retain(|edge| edge.to != id);
        }
        // Their references are nobody's now, and go with the others.
        self.objects[id.0 as usize].inward = 0;
        self.let_go(id)
    }

    pub(super) fn run(&mut self, task: Task) {
        self.tasks.push(task);
        self.drain();
    }

    pub(super) fn drain(&mut self) {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Release(id) => self.release(id),
                Task::Act(id, action) => self.act(id, &action),
                Task::AfterFinalize(id) => {
                    if !self.is_back(id) {
                        self.dismantle(id);
                    }
                }
                Task::AfterDel(id) => {
                    if !self.is_back(id) {
                        self.free(id);
                    }
                }
                Task::GiveBack(id) => self.give_back(id),
            }
        }
    }

    fn release(&mut self, id: Id) {
        let object = &mut self.objects[id.0 as usize];
        if object.immortal {
            return;
        }
        if !object.alive {
            self.record(What::Dangling, id, None);
            return;
        }
        object.references -= 1;
        if object.references > 0 {
            return;
        }
        // The collector's flag is what remembers that a finalizer has run: without it, it runs each time.
        if object.has_tp_finalize() && !(object.gc && object.finalized) {
            object.finalized = true;
            object.references = 1;
            self.record(What::Finalized, id, None);
            self.tasks.push(Task::AfterFinalize(id));
            self.push_actions(id);
        } else {
            self.dismantle(id);
        }
    }

    /// Whether a finalizer has brought the object back. It was untracked, and is young again.
    fn is_back(&mut self, id: Id) -> bool {
        let object = &mut self.objects[id.0 as usize];
        object.references -= 1;
        if object.references == 0 {
            return false;
        }
        if object.gc {
            self.track(id, 0);
        }
        self.record(What::Resurrected, id, None);
        true
    }

    fn dismantle(&mut self, id: Id) {
        for weakref in self.take_weakrefs(id) {
            if self.has_callback(weakref) {
                self.record(What::Callback, weakref, Some(id));
            }
        }
        if self.objects[id.0 as usize].has_tp_del() {
            self.objects[id.0 as usize].references = 1;
            self.record(What::Deleted, id, None);
            self.tasks.push(Task::AfterDel(id));
            self.push_actions(id);
        } else {
            self.free(id);
        }
    }

    fn free(&mut self, id: Id) {
        self.record(What::Freed, id, None);
        self.clear_weakref(id);
        self.objects[id.0 as usize].alive = false;
        self.live -= 1;
        self.tasks.push(Task::GiveBack(id));
        let edges = std::mem::take(&mut self.objects[id.0 as usize].edges);
        self.push_releases(edges.iter().map(|edge| edge.to));
    }

    fn give_back(&mut self, id: Id) {
        let object = &self.objects[id.0 as usize];
        let (gc, address) = (object.gc, object.address);
        let list = object.extra.as_ref().map(|extra| extra.free_list).unwrap_or_default();
        let kept = self.keep(list, address);
        if gc && !kept {
            self.count_deallocation();
        }
    }

    fn act(&mut self, id: Id, action: &Action) {
        match action {
            Action::Resurrect => self.take_reference(id),
            Action::Drop(name) => {
                if let Some(target) = self.names.get(name).and_then(|name| self.remove_edge(id, name)) {
                    self.tasks.push(Task::Release(target));
                }
            }
        }
    }

    /// The actions of an object's finalizer, the first on top.
    pub(super) fn push_actions(&mut self, id: Id) {
        let extra = self.objects[id.0 as usize].extra.as_ref();
        let actions = extra.and_then(|extra| extra.finalizer.clone()).unwrap_or_default().actions;
        self.tasks.extend(actions.into_iter().rev().map(|action| Task::Act(id, action)));
    }

    /// What `tp_clear` of an object drops, the first on top.
    pub(super) fn push_cleared(&mut self, id: Id) {
        let edges = &mut self.objects[id.0 as usize].edges;
        let cleared: Vec<Id> = edges.iter().filter(|edge| !edge.hidden).map(|edge| edge.to).collect();
        edges.retain(|edge| edge.hidden);
        self.push_releases(cleared.into_iter());
    }

    fn push_releases(&mut self, targets: impl DoubleEndedIterator<Item = Id>) {
        for target in targets.rev() {
            self.objects[target.0 as usize].inward -= 1;
            self.tasks.push(Task::Release(target));
        }
    }
}

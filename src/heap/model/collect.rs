//! One collection, step by step. Source: `Modules/gcmodule.c`, `gc_collect_main`.

use super::deduce::Deduced;
use super::error::Misuse;
use super::event::What;
use super::machine::ModelHeap;
use super::object::{Id, Mark};
use super::release::Task;

impl ModelHeap {
    /// `gc.collect(generation)`; what happened is in the record.
    ///
    /// # Errors
    /// [`Misuse::Generation`] for any number but 0, 1 and 2.
    pub fn collect(&mut self, generation: usize) -> Result<(), Misuse> {
        if generation > 2 {
            return Err(Misuse::Generation(generation));
        }
        self.collect_generation(generation);
        Ok(())
    }

    pub(super) fn collect_generation(&mut self, generation: usize) {
        self.record(What::Collection, Id(generation as u32), None);
        self.generations.collecting = true;
        if generation < 2 {
            self.generations.counts[generation + 1] += 1;
        }
        self.generations.counts[..=generation].fill(0);
        let old = (generation + 1).min(2);
        let young = self.take_generations(generation);
        let Deduced { reachable, mut unreachable } = self.deduce_unreachable(young);
        self.promote(&reachable, generation, old);
        let legacy = self.take_legacy(&mut unreachable);
        self.handle_weakrefs(&unreachable, old);
        self.finalize_garbage(&unreachable);
        let final_unreachable = self.handle_resurrected(unreachable, old);
        self.delete_garbage(&final_unreachable, old);
        self.handle_legacy(&legacy, old);
        if generation == 2 {
            self.clear_free_lists();
        }
        self.generations.collecting = false;
    }

    fn promote(&mut self, reachable: &[Id], generation: usize, old: usize) {
        match generation {
            1 => self.generations.long_lived_pending += reachable.len() as u64,
            2 => {
                self.generations.long_lived_pending = 0;
                self.generations.long_lived_total = reachable.len() as u64;
            }
            _ => {}
        }
        reachable.iter().for_each(|&id| self.track(id, old));
    }

    /// Clears every weak reference to the trash, and calls the callbacks of those that are no trash
    /// themselves.
    fn handle_weakrefs(&mut self, trash: &[Id], old: usize) {
        let mut to_call = Vec::new();
        for &id in trash {
            self.clear_weakref(id);
            for weakref in self.take_weakrefs(id) {
                let object = &self.objects[weakref.0 as usize];
                if self.has_callback(weakref) && object.mark != Mark::Trash {
                    self.take_reference(weakref);
                    to_call.push((weakref, id));
                }
            }
        }
        for &(weakref, _) in &to_call {
            self.track(weakref, old);
        }
        for (weakref, referent) in to_call {
            self.record(What::Callback, weakref, Some(referent));
            self.run(Task::Release(weakref));
        }
    }

    /// `tp_finalize`, once in the life of an object (PEP 442). May free some by reference counting.
    fn finalize_garbage(&mut self, trash: &[Id]) {
        for &id in trash {
            let object = &mut self.objects[id.0 as usize];
            if object.alive && !object.finalized && object.has_tp_finalize() {
                object.finalized = true;
                self.take_reference(id);
                self.record(What::Finalized, id, None);
                self.tasks.push(Task::Release(id));
                self.push_actions(id);
                self.drain();
            }
        }
    }

    /// What a finalizer has brought back lives on; the rest is still unreachable.
    fn handle_resurrected(&mut self, trash: Vec<Id>, old: usize) -> Vec<Id> {
        let is_trash = |id: &Id| {
            let object = &self.objects[id.0 as usize];
            object.alive && object.mark == Mark::Trash
        };
        let left: Vec<Id> = trash.into_iter().filter(is_trash).collect();
        let Deduced { reachable, unreachable } = self.deduce_unreachable(left);
        for &id in &reachable {
            self.record(What::Resurrected, id, None);
            self.track(id, old);
        }
        unreachable
    }

    /// Breaks the cycles: `tp_clear`, one object after the other.
    fn delete_garbage(&mut self, trash: &[Id], old: usize) {
        for &id in trash {
            let object = &self.objects[id.0 as usize];
            if !object.alive {
                continue;
            }
            if object.clear {
                self.take_reference(id);
                self.tasks.push(Task::Release(id));
                self.push_cleared(id);
                self.drain();
            }
            // Still alive: it may die later.
            if self.objects[id.0 as usize].alive && self.objects[id.0 as usize].mark == Mark::Trash {
                self.track(id, old);
            }
        }
    }

    /// Those with a `tp_del` go to `garbage`; what they reach only stays.
    fn handle_legacy(&mut self, legacy: &[Id], old: usize) {
        for &id in legacy {
            // What was about to be freed and is back has left the collector's list, and is young again.
            if !self.objects[id.0 as usize].alive || self.objects[id.0 as usize].mark != Mark::Legacy {
                continue;
            }
            if self.objects[id.0 as usize].has_tp_del() {
                self.take_reference(id);
                self.garbage.push(id);
                self.record(What::Garbage, id, None);
            }
            self.track(id, old);
        }
    }
}

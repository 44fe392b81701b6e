//! Which objects of a generation nothing outside of it reaches.
//!
//! Source: `Modules/gcmodule.c`, `deduce_unreachable`: `update_refs`, `subtract_refs`, `move_unreachable`.

use super::machine::ModelHeap;
use super::object::{Id, Mark};

/// A generation in two parts, each in the order of the collector's list.
pub(super) struct Deduced {
    pub(super) reachable: Vec<Id>,
    /// These are marked as trash.
    pub(super) unreachable: Vec<Id>,
}

impl ModelHeap {
    pub(super) fn deduce_unreachable(&mut self, young: Vec<Id>) -> Deduced {
        for &id in &young {
            let object = &mut self.objects[id.0 as usize];
            object.gc_refs = object.references;
            object.mark = Mark::Young;
        }
        for &id in &young {
            self.visit(id, |heap, target| heap.objects[target.0 as usize].gc_refs -= 1);
        }
        self.move_unreachable(young)
    }

    /// A negative count means one reference too few. The release build of CPython wraps it around and keeps
    /// the object, so any count but 0 is a reference from outside.
    fn move_unreachable(&mut self, mut queue: Vec<Id>) -> Deduced {
        let (mut reachable, mut tentative) = (Vec::new(), Vec::new());
        let mut next = 0;
        while let Some(&id) = queue.get(next) {
            next += 1;
            let object = &mut self.objects[id.0 as usize];
            if object.gc_refs == 0 {
                object.mark = Mark::Tentative;
                tentative.push(id);
                continue;
            }
            reachable.push(id);
            self.objects[id.0 as usize].mark = Mark::Outside;
            let mut rescued = Vec::new();
            self.visit(id, |heap, target| {
                let object = &mut heap.objects[target.0 as usize];
                if object.mark == Mark::Tentative {
                    object.mark = Mark::Young;
                    object.gc_refs = 1;
                    rescued.push(target);
                } else if object.mark == Mark::Young && object.gc_refs == 0 {
                    object.gc_refs = 1;
                }
            });
            queue.append(&mut rescued);
        }
        tentative.retain(|id| self.objects[id.0 as usize].mark == Mark::Tentative);
        tentative.iter().for_each(|id| self.objects[id.0 as usize].mark = Mark::Trash);
        Deduced { reachable, unreachable: tentative }
    }

    /// Everything that `tp_traverse` of an object visits, if it is being looked at.
    fn visit(&mut self, id: Id, mut see: impl FnMut(&mut Self, Id)) {
        for at in 0..self.objects[id.0 as usize].edges.len() {
            let edge = self.objects[id.0 as usize].edges[at];
            let target = &self.objects[edge.to.0 as usize];
            if !edge.hidden && target.alive && matches!(target.mark, Mark::Young | Mark::Tentative) {
                see(self, edge.to);
            }
        }
    }

    /// Takes what has a `tp_del`, and what that reaches, out of the trash.
    /// Source: `move_legacy_finalizers`, `move_legacy_finalizer_reachable`.
    pub(super) fn take_legacy(&mut self, unreachable: &mut Vec<Id>) -> Vec<Id> {
        let is_legacy = |id: &Id| self.objects[id.0 as usize].has_tp_del();
        let mut legacy: Vec<Id> = unreachable.iter().copied().filter(is_legacy).collect();
        legacy.iter().for_each(|id| self.objects[id.0 as usize].mark = Mark::Legacy);
        let mut next = 0;
        while let Some(&id) = legacy.get(next) {
            next += 1;
            let reached: Vec<Id> = self.objects[id.0 as usize].visited().collect();
            for target in reached {
                let object = &mut self.objects[target.0 as usize];
                if object.mark == Mark::Trash {
                    object.mark = Mark::Legacy;
                    legacy.push(target);
                }
            }
        }
        unreachable.retain(|id| self.objects[id.0 as usize].mark == Mark::Trash);
        legacy
    }
}

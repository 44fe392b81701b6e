//! Objects as numbers, and who refers to whom.

use std::collections::VecDeque;

use super::what::What;

/// Number of an object. Never given out twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u32);

#[derive(Debug, Clone)]
struct Object {
    what: What,
    interpreter: usize,
    alive: bool,
    /// How it refers to others, and to whom: at most one for a name.
    refers: Vec<(&'static str, Id)>,
}

/// All objects that ever were.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    objects: Vec<Object>,
}

impl World {
    pub(super) fn create(&mut self, what: What, interpreter: usize) -> Id {
        self.objects.push(Object { what, interpreter, alive: true, refers: Vec::new() });
        Id(u32::try_from(self.objects.len() - 1).expect("a model has few objects"))
    }

    fn object(&self, id: Id) -> &Object {
        &self.objects[id.0 as usize]
    }

    pub(super) fn exists(&self, id: Id) -> bool {
        (id.0 as usize) < self.objects.len()
    }

    pub(super) fn is_alive(&self, id: Id) -> bool {
        self.object(id).alive
    }

    pub(super) fn what(&self, id: Id) -> What {
        self.object(id).what
    }

    /// Makes `from` refer to `to` under a name, in place of what that was before.
    pub(super) fn set(&mut self, from: Id, name: &'static str, to: Id) {
        self.unset(from, name);
        self.objects[from.0 as usize].refers.push((name, to));
    }

    pub(super) fn unset(&mut self, from: Id, name: &'static str) {
        self.objects[from.0 as usize].refers.retain(|(known, _)| *known != name);
    }

    pub(super) fn unset_all(&mut self, from: Id) {
        self.objects[from.0 as usize].refers.clear();
    }

    pub(super) fn get(&self, from: Id, name: &str) -> Option<Id> {
        self.object(from).refers.iter().find(|(known, _)| *known == name).map(|(_, to)| *to)
    }

    pub(super) fn references(&self, from: Id) -> Vec<(&'static str, Id)> {
        self.object(from).refers.clone()
    }

    /// Living objects of one sort.
    pub(super) fn living(&self, what: What) -> Vec<Id> {
        self.ids().filter(|id| self.is_alive(*id) && self.what(*id) == what).collect()
    }

    fn ids(&self) -> impl Iterator<Item = Id> + use<> {
        (0..u32::try_from(self.objects.len()).unwrap_or(u32::MAX)).map(Id)
    }

    /// What needs nobody to keep it and is still there, in order of creation.
    pub(super) fn living_roots(&self) -> Vec<Id> {
        self.ids().filter(|id| self.is_alive(*id) && self.what(*id).is_root()).collect()
    }

    fn refcount(&self, id: Id) -> usize {
        let living = self.objects.iter().filter(|object| object.alive);
        living.flat_map(|object| &object.refers).filter(|(_, to)| *to == id).count()
    }

    fn kill(&mut self, id: Id) {
        let object = &mut self.objects[id.0 as usize];
        object.alive = false;
        object.refers.clear();
    }

    /// Reference counting: what nobody refers to dies, and what only it referred to. Returns the dead.
    pub(super) fn release(&mut self) -> Vec<Id> {
        let mut dead = Vec::new();
        loop {
            let next = self.ids().find(|id| self.is_alive(*id) && !self.what(*id).is_root() && self.refcount(*id) == 0);
            let Some(id) = next else { return dead };
            self.kill(id);
            dead.push(id);
        }
    }

    /// One collection of an interpreter: what is not reachable dies, cycles or not. Returns the dead.
    /// It only sees objects that were made there; the others count as reachable.
    pub(super) fn collect(&mut self, interpreter: usize) -> Vec<Id> {
        let mut dead = self.release();
        let starts = self.ids().filter(|id| {
            let object = self.object(*id);
            object.alive && (object.what.is_root() || object.interpreter != interpreter)
        });
        let reached = self.reach(starts.collect());
        for id in self.ids() {
            if self.is_alive(id) && !reached[id.0 as usize] {
                self.kill(id);
                dead.push(id);
            }
        }
        dead.extend(self.release());
        dead
    }

    /// What outlives its interpreter is leaked on purpose, up to 3.11 (gh-92036).
    /// Source: CPython 3.11 `Modules/gcmodule.c`, `gc_fini_untrack`.
    pub(super) fn pin(&mut self, interpreter: usize) {
        let ended = self.create(What::Ended, interpreter);
        let outlive = self.ids().filter(|id| {
            let object = self.object(*id);
            object.alive && object.interpreter == interpreter && !object.what.is_root()
        });
        let references = outlive.map(|id| ("leaked", id)).collect();
        self.objects[ended.0 as usize].refers = references;
    }

    fn reach(&self, starts: Vec<Id>) -> Vec<bool> {
        let mut reached = vec![false; self.objects.len()];
        let mut waiting = starts;
        while let Some(id) = waiting.pop() {
            if self.is_alive(id) && !std::mem::replace(&mut reached[id.0 as usize], true) {
                waiting.extend(self.object(id).refers.iter().map(|(_, to)| *to));
            }
        }
        reached
    }

    /// The shortest chain from a root that `allowed` lets through, root first; empty without one.
    pub(super) fn chain(&self, target: Id, allowed: impl Fn(What) -> bool) -> Vec<(Id, &'static str)> {
        let roots = self.ids().filter(|id| self.is_alive(*id) && self.what(*id).is_root() && allowed(self.what(*id)));
        let mut waiting: VecDeque<Vec<(Id, &'static str)>> = roots.map(|id| vec![(id, "")]).collect();
        let mut seen = vec![false; self.objects.len()];
        while let Some(path) = waiting.pop_front() {
            let last = path[path.len() - 1].0;
            if last == target {
                return path;
            }
            for (name, to) in &self.object(last).refers {
                if !std::mem::replace(&mut seen[to.0 as usize], true) {
                    let mut longer = path.clone();
                    longer.push((*to, name));
                    waiting.push_back(longer);
                }
            }
        }
        Vec::new()
    }
}

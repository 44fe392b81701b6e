//! Objects as numbers, and who refers to whom.

use std::collections::VecDeque;

/// Number of an object. Never given out twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u32);

/// What an object is. The roots come first: they live as long as their interpreter or the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// `sys.modules` of an interpreter.
    SysModules,
    /// `modules_by_index` of an interpreter.
    ByIndex,
    /// The dict of an interpreter (`PyInterpreterState_GetDict`), where frameworks keep their caches.
    InterpreterDict,
    /// A variable of the program.
    Local,
    /// `PyModuleDef`, with `m_base.m_copy`.
    Definition,
    /// The entry of the `extensions` cache.
    CacheEntry,
    /// A C static of the module.
    Static,
    /// The interpreter that made an object, and ended before it.
    Ended,
    /// The module object.
    Module,
    /// The module's dict.
    Dict,
    /// The backup copy of a module's dict.
    Copy,
    /// A heap type of the module.
    Type,
    /// A function of the module.
    Function,
    /// A list of the module.
    Items,
}

impl What {
    /// A root needs nobody to keep it.
    #[must_use]
    pub fn is_root(self) -> bool {
        self.holder() != "" && !matches!(self, Self::Copy)
    }

    /// Belongs to CPython's import caches.
    #[must_use]
    pub fn is_import_cache(self) -> bool {
        matches!(self, Self::ByIndex | Self::Definition | Self::CacheEntry)
    }

    /// Name of a thing that keeps others, in plain words; empty for contents of a module.
    fn holder(self) -> &'static str {
        match self {
            Self::SysModules => "sys.modules",
            Self::ByIndex => "modules_by_index",
            Self::InterpreterDict => "the interpreter's dict",
            Self::Local => "a local variable",
            Self::Definition => "the module's definition",
            Self::CacheEntry => "the extensions cache",
            Self::Static => "a C static",
            Self::Ended => "an interpreter that ended",
            Self::Copy => "the backup copy (m_copy)",
            _ => "",
        }
    }

    /// In plain words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Module => "the module object",
            Self::Dict => "the module's dict",
            Self::Type => "its type",
            Self::Function => "its function",
            Self::Items => "its list",
            _ => self.holder(),
        }
    }
}

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

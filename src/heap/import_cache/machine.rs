//! The machine: what an import, and what comes after it, does to the objects.

use super::kind::{Interpreters, ModuleKind, Origin, Shape};
use super::world::{Id, What, World};

/// An import that raises ImportError, with CPython's reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused(pub &'static str);

/// How often the module's functions were called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// `PyInit_`, or the export hook.
    pub init: u32,
    /// `Py_mod_exec`; with single-phase init, how often init filled a new module.
    pub exec: u32,
    /// `m_free`.
    pub free: u32,
}

/// The roots of one interpreter.
#[derive(Debug, Clone)]
pub(super) struct Interpreter {
    pub(super) modules: Id,
    pub(super) by_index: Id,
    pub(super) dict: Id,
    pub(super) local: Id,
    pub(super) isolated: bool,
    pub(super) ended: bool,
}

/// One process that imports one module.
#[derive(Debug, Clone)]
pub struct Machine {
    pub(super) minor: u8,
    pub(super) shape: Shape,
    pub(super) world: World,
    pub(super) interpreters: Vec<Interpreter>,
    pub(super) definition: Id,
    pub(super) entry: Id,
    pub(super) statics: Id,
    /// The `extensions` cache knows the module.
    pub(super) cached: bool,
    /// Modules that CPython knows the definition of; m_free is only called for these.
    pub(super) defined: Vec<Id>,
    pub(super) counts: Counts,
}

impl Machine {
    /// A process of Python 3.`minor`, in which nothing has been imported yet.
    #[must_use]
    pub fn new(minor: u8, shape: Shape) -> Self {
        let mut world = World::default();
        let definition = world.create(What::Definition, 0);
        let entry = world.create(What::CacheEntry, 0);
        let statics = world.create(What::Static, 0);
        let mut machine = Self {
            minor,
            shape,
            world,
            interpreters: Vec::new(),
            definition,
            entry,
            statics,
            cached: false,
            defined: Vec::new(),
            counts: Counts::default(),
        };
        machine.open(false);
        machine
    }

    /// Opens an interpreter, isolated (its own GIL, 3.12+) or not; returns its number. 0 is the main one.
    pub fn open(&mut self, isolated: bool) -> usize {
        let number = self.interpreters.len();
        let mut root = |what| self.world.create(what, number);
        let (modules, by_index) = (root(What::SysModules), root(What::ByIndex));
        let (dict, local) = (root(What::InterpreterDict), root(What::Local));
        self.interpreters.push(Interpreter { modules, by_index, dict, local, isolated, ended: false });
        number
    }

    /// `local = importlib.import_module(name)` in an interpreter.
    ///
    /// # Errors
    /// [`Refused`] when CPython raises ImportError.
    pub fn import(&mut self, interpreter: usize) -> Result<Id, Refused> {
        let at = self.interpreters[interpreter].clone();
        let module = match self.world.get(at.modules, "module") {
            Some(module) => module,
            None => self.load(interpreter).inspect_err(|_| self.settle())?,
        };
        self.world.set(at.local, "module", module);
        self.settle();
        Ok(module)
    }

    /// Source: CPython 3.12 `Python/import.c`, `_imp_create_dynamic_impl`; the same for builtins.
    fn load(&mut self, interpreter: usize) -> Result<Id, Refused> {
        let module = if self.shape.origin == Origin::Frozen {
            self.fresh(interpreter, false)
        } else if self.shape.kind.is_single_phase() {
            return self.load_single_phase(interpreter);
        } else {
            self.load_multi_phase(interpreter)?
        };
        self.world.set(self.interpreters[interpreter].modules, "module", module);
        Ok(module)
    }

    /// Multi-phase init: no cache of CPython's is asked, or told.
    /// Source: CPython 3.12 `Objects/moduleobject.c`, `PyModule_FromDefAndSpec2`.
    fn load_multi_phase(&mut self, interpreter: usize) -> Result<Id, Refused> {
        self.counts.init += 1;
        let at = self.interpreters[interpreter].clone();
        if at.isolated && self.shape.interpreters != Interpreters::PerInterpreterGil {
            return Err(Refused("does not support loading in subinterpreters"));
        }
        let keeper = match self.shape.kind {
            ModuleKind::MultiPhaseCached => Some(self.statics),
            ModuleKind::MultiPhaseFramework => Some(at.dict),
            _ => None,
        };
        if let Some(known) = keeper.and_then(|keeper| self.world.get(keeper, "module")) {
            self.counts.exec += 1;
            self.add_functions(known, interpreter);
            return Ok(known);
        }
        let module = self.fresh(interpreter, true);
        if let Some(keeper) = keeper {
            self.world.set(keeper, "module", module);
        }
        Ok(module)
    }

    /// A new module with its contents, as its own code makes them.
    pub(super) fn fresh(&mut self, interpreter: usize, defined: bool) -> Id {
        self.counts.exec += 1;
        let module = self.empty(interpreter);
        if defined {
            self.defined.push(module);
        }
        self.add_functions(module, interpreter);
        let kind = self.world.create(What::Type, interpreter);
        let items = self.world.create(What::Items, interpreter);
        // A type is in its own `tp_mro`: only a collection frees it.
        self.world.set(kind, "tp_mro", kind);
        let dict = self.dict_of(module);
        for (name, object) in [("Thing", kind), ("items", items)] {
            self.world.set(dict, name, object);
            if self.shape.state {
                self.world.set(module, name, object);
            }
        }
        if self.shape.state {
            self.world.set(kind, "ht_module", module);
        }
        module
    }

    /// A module object with an empty dict.
    pub(super) fn empty(&mut self, interpreter: usize) -> Id {
        let module = self.world.create(What::Module, interpreter);
        let dict = self.world.create(What::Dict, interpreter);
        self.world.set(module, "__dict__", dict);
        module
    }

    /// New function objects, in place of those that the module has. Each holds the module; one of
    /// frozen Python code holds its globals.
    fn add_functions(&mut self, module: Id, interpreter: usize) {
        if !self.shape.has_functions() {
            return;
        }
        let function = self.world.create(What::Function, interpreter);
        let dict = self.dict_of(module);
        self.world.set(dict, "ping", function);
        if self.shape.origin == Origin::Frozen {
            self.world.set(function, "__globals__", dict);
        } else {
            self.world.set(function, "__self__", module);
        }
    }

    pub(super) fn dict_of(&self, module: Id) -> Id {
        self.world.get(module, "__dict__").expect("a module has a dict")
    }

    /// Drops the program's variable.
    pub fn drop_local(&mut self, interpreter: usize) {
        self.world.unset(self.interpreters[interpreter].local, "module");
        self.settle();
    }

    /// `sys.modules.pop(name, None)`.
    pub fn delete(&mut self, interpreter: usize) {
        self.world.unset(self.interpreters[interpreter].modules, "module");
        self.settle();
    }

    /// `gc.collect()`.
    pub fn collect(&mut self, interpreter: usize) {
        let dead = self.world.collect(interpreter);
        self.bury(&dead);
    }

    /// What reference counting does at once.
    pub(super) fn settle(&mut self) {
        let dead = self.world.release();
        self.bury(&dead);
    }

    /// A module that is freed calls the m_free of its definition, if it has one.
    pub(super) fn bury(&mut self, dead: &[Id]) {
        let calls = dead.iter().filter(|id| self.defined.contains(id)).count();
        self.counts.free += u32::try_from(calls).expect("a model has few modules");
    }

    /// How often the module's functions were called until now.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Whether an object is alive; false for a number that was never given out.
    #[must_use]
    pub fn is_alive(&self, id: Id) -> bool {
        self.world.exists(id) && self.world.is_alive(id)
    }

    /// What the program's variable refers to.
    #[must_use]
    pub fn local(&self, interpreter: usize) -> Option<Id> {
        self.world.get(self.interpreters[interpreter].local, "module")
    }

    /// An attribute of a living module: `Thing`, `items`, `ping` or `__dict__`.
    #[must_use]
    pub fn attribute(&self, module: Id, name: &str) -> Option<Id> {
        let dict = self.is_alive(module).then(|| self.world.get(module, "__dict__")).flatten()?;
        if name == "__dict__" { Some(dict) } else { self.world.get(dict, name) }
    }

    /// How many interpreters there have been.
    #[must_use]
    pub fn interpreters(&self) -> usize {
        self.interpreters.len()
    }

    /// The interpreter has not ended.
    #[must_use]
    pub fn is_open(&self, interpreter: usize) -> bool {
        self.interpreters.get(interpreter).is_some_and(|at| !at.ended)
    }
}

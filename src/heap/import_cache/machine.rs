//! The machine: what an import, and what comes after it, does to the objects.

use super::kind::{Origin, Shape};
use super::what::What;
use super::world::{Id, World};

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
}

//! Single-phase init and the caches that come with it.

use super::machine::{Machine, Refused};
use super::what::What;
use super::world::Id;

const REFUSED: Refused = Refused("does not support loading in subinterpreters");

/// From 3.13 on, the first import runs in the main interpreter whoever asks (gh-117953), and the
/// entry of the `extensions` cache has a reference to the backup copy of its own.
const RUNS_IN_MAIN: u8 = 13;

impl Machine {
    pub(super) fn load_single_phase(&mut self, interpreter: usize) -> Result<Id, Refused> {
        if self.cached {
            return self.reload(interpreter);
        }
        if self.minor >= RUNS_IN_MAIN && interpreter != 0 {
            self.run_in_main();
            return self.reload(interpreter);
        }
        let module = self.run_init(interpreter);
        if self.interpreters[interpreter].isolated {
            return Err(REFUSED);
        }
        self.remember(interpreter, module);
        self.install(interpreter, module);
        Ok(module)
    }

    /// Calls `PyInit_`.
    fn run_init(&mut self, interpreter: usize) -> Id {
        self.counts.init += 1;
        if !self.shape.kind.keeps_itself() {
            let module = self.fresh(interpreter, true);
            if self.shape.reference {
                self.world.set(self.statics, "cache", module);
            }
            return module;
        }
        self.world.get(self.statics, "module").unwrap_or_else(|| {
            let module = self.fresh(interpreter, true);
            self.world.set(self.statics, "module", module);
            module
        })
    }

    /// The module that is made there is given up at once; what stays is what the caches took.
    /// Source: CPython 3.13 `Python/import.c`, `import_run_extension`.
    fn run_in_main(&mut self) {
        let module = self.run_init(0);
        self.remember(0, module);
        self.settle();
    }

    /// Fills the caches. Source: CPython 3.12 `Python/import.c`, `fix_up_extension`; 3.13
    /// `update_global_state_for_extension`.
    fn remember(&mut self, interpreter: usize, module: Id) {
        if self.shape.kind.is_basic() {
            let copy = self.world.create(What::Copy, interpreter);
            for (name, object) in self.world.references(self.dict_of(module)) {
                self.world.set(copy, name, object);
            }
            self.world.set(self.definition, "m_copy", copy);
            if self.minor >= RUNS_IN_MAIN {
                self.world.set(self.entry, "m_dict", copy);
            }
        }
        // With m_size >= 0, only what the main interpreter imported is remembered.
        self.cached |= self.shape.kind.is_basic() || interpreter == 0;
    }

    /// Source: CPython 3.12 `Python/import.c`, `import_find_extension`; 3.13
    /// `reload_singlephase_extension`.
    fn reload(&mut self, interpreter: usize) -> Result<Id, Refused> {
        if self.interpreters[interpreter].isolated {
            return Err(REFUSED);
        }
        let module = if !self.shape.kind.is_basic() {
            self.run_init(interpreter)
        } else if let Some(copy) = self.copy() {
            // A module without definition, whose dict is filled from the backup copy.
            let module = self.empty(interpreter);
            let dict = self.dict_of(module);
            for (name, object) in self.world.references(copy) {
                self.world.set(dict, name, object);
            }
            module
        } else {
            // An interpreter that ended took the copy along: init runs again, as at first.
            let module = self.run_init(interpreter);
            self.remember(interpreter, module);
            module
        };
        self.install(interpreter, module);
        Ok(module)
    }

    /// From 3.13 on it is the cache entry's reference that counts (`get_cached_m_dict`).
    fn copy(&self) -> Option<Id> {
        let (holder, name) =
            if self.minor >= RUNS_IN_MAIN { (self.entry, "m_dict") } else { (self.definition, "m_copy") };
        self.world.get(holder, name)
    }

    fn install(&mut self, interpreter: usize, module: Id) {
        let at = self.interpreters[interpreter].clone();
        self.world.set(at.by_index, "module", module);
        self.world.set(at.modules, "module", module);
        self.settle();
    }
}

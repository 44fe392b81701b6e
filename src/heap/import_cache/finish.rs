//! The end of an interpreter, and of the process.

use super::machine::Machine;

impl Machine {
    /// `Py_EndInterpreter`; of interpreter 0, the finalization of the process.
    pub fn end(&mut self, interpreter: usize) {
        self.finalize_modules(interpreter);
        if interpreter == 0 && self.minor >= 13 {
            // `_PyImport_Fini` destroys the table, and with it both references to the backup copy
            // (`del_extensions_cache_value`).
            self.world.unset_all(self.entry);
            self.world.unset(self.definition, "m_copy");
            self.cached = false;
            self.settle();
        }
        self.clear_interpreter(interpreter);
        self.interpreters[interpreter].ended = true;
    }

    /// Source: CPython 3.12 `Python/pylifecycle.c`, `finalize_modules`.
    fn finalize_modules(&mut self, interpreter: usize) {
        let at = self.interpreters[interpreter].clone();
        let named = self.world.get(at.modules, "module");
        self.world.unset_all(at.modules);
        self.world.unset_all(at.local);
        self.collect(interpreter);
        // Modules that outlive that have their dicts cleared (`_PyModule_Clear`).
        if let Some(module) = named.filter(|module| self.world.is_alive(*module)) {
            self.world.unset_all(self.dict_of(module));
            self.settle();
        }
        // `_PyImport_ClearModulesByIndex`: a module without definition leads to no backup copy.
        if self.world.get(at.by_index, "module").is_some_and(|module| self.defined.contains(&module)) {
            self.world.unset(self.definition, "m_copy");
        }
        self.world.unset_all(at.by_index);
        self.settle();
        self.collect(interpreter);
    }

    /// The interpreter's dict, then the last collection. Source: CPython 3.12 `Python/pystate.c`,
    /// `interpreter_clear`.
    fn clear_interpreter(&mut self, interpreter: usize) {
        self.world.unset_all(self.interpreters[interpreter].dict);
        self.settle();
        self.collect(interpreter);
        if interpreter != 0 && self.minor < 12 {
            self.world.pin(interpreter);
        }
    }
}

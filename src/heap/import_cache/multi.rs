//! Multi-phase init, which knows no caches but those of the module and its framework.

use super::kind::{Interpreters, ModuleKind};
use super::machine::{Machine, Refused};
use super::world::Id;

impl Machine {
    /// Multi-phase init: no cache of CPython's is asked, or told.
    /// Source: CPython 3.12 `Objects/moduleobject.c`, `PyModule_FromDefAndSpec2`.
    pub(super) fn load_multi_phase(&mut self, interpreter: usize) -> Result<Id, Refused> {
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
}

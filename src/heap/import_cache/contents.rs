//! What a module is made of, and who in it refers to whom.

use super::kind::Origin;
use super::machine::Machine;
use super::what::What;
use super::world::Id;

impl Machine {
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
    pub(super) fn add_functions(&mut self, module: Id, interpreter: usize) {
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
}

//! What can be asked of the machine.

use super::machine::{Counts, Machine};
use super::what::What;
use super::world::Id;

/// Which objects are alive after the drop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stays {
    /// The module object.
    pub module: bool,
    /// Its dict.
    pub dict: bool,
    /// Its heap types.
    pub types: bool,
    /// Its functions.
    pub functions: bool,
    /// The backup copy of its dict.
    pub copy: bool,
    /// Its entry of `modules_by_index`.
    pub index_entry: bool,
}

impl Machine {
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

    /// Which objects of the module are alive, by sort.
    #[must_use]
    pub fn stays(&self) -> Stays {
        let any = |what| self.living(what) > 0;
        let index_entry = self.interpreters.iter().any(|at| self.world.get(at.by_index, "module").is_some());
        Stays {
            module: any(What::Module),
            dict: any(What::Dict),
            types: any(What::Type),
            functions: any(What::Function),
            copy: any(What::Copy),
            index_entry,
        }
    }

    /// The chain that keeps an object, in words, root first; empty for one that is not kept.
    #[must_use]
    pub fn why(&self, id: Id) -> Vec<String> {
        if !self.is_alive(id) {
            return Vec::new();
        }
        let chain = self.world.chain(id, |_| true);
        let words = |(id, name): &(Id, &str)| match *name {
            "" | "module" | "m_copy" | "m_dict" => self.world.what(*id).words().to_string(),
            name => format!("{} ({name})", self.world.what(*id).words()),
        };
        chain.iter().map(words).collect()
    }

    /// Living modules, dicts, types, functions, lists and backup copies.
    #[must_use]
    pub fn living(&self, what: What) -> usize {
        self.world.living(what).len()
    }
}

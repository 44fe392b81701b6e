//! What stays of a module that was imported and dropped, and why.

use super::kind::{ModuleKind, Shape};
use super::machine::Machine;
use super::queries::Stays;
use super::what::What;
use super::world::Id;

/// Does a module of this kind unload, as far as its initialization decides?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The module object and its dict are freed.
    Unloads,
    /// CPython's import caches keep it.
    KeptByCaches,
    /// The module's own static, or its framework's cache, keeps it.
    KeptByModule,
    /// Its kind is not known.
    Unknown,
}

impl Outcome {
    /// As in audit documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unloads => "unloads",
            Self::KeptByCaches => "kept-by-caches",
            Self::KeptByModule => "kept-by-module",
            Self::Unknown => "unknown",
        }
    }
}

/// What is to be expected of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prediction {
    /// Does it unload?
    pub outcome: Outcome,
    /// Why, in plain words: one sentence.
    pub why: String,
    /// What stays.
    pub stays: Stays,
    /// A second import gives the very same module object.
    pub same_module: bool,
    /// A second import gives the same contents.
    pub same_contents: bool,
    /// A second import calls the init function again.
    pub init_again: bool,
}

/// Imports a plain module of this kind in Python 3.`minor`, drops it, collects, and looks.
#[must_use]
pub fn predict(kind: ModuleKind, minor: u8) -> Prediction {
    if kind == ModuleKind::Unknown {
        return Prediction {
            outcome: Outcome::Unknown,
            why: sentence(kind, minor),
            stays: Stays::default(),
            same_module: false,
            same_contents: false,
            init_again: false,
        };
    }
    let mut machine = Machine::new(minor, Shape::of(kind));
    let first = machine.import(0).expect("the main interpreter refuses nothing");
    let contents = machine.attribute(first, "items");
    machine.drop_local(0);
    machine.delete(0);
    machine.collect(0);
    let stays = machine.stays();
    let outcome = machine.outcome(first, stays);
    let before = machine.counts().init;
    let second = machine.import(0).expect("the main interpreter refuses nothing");
    let same_contents = machine.attribute(second, "items") == contents;
    let init_again = machine.counts().init > before;
    let why = sentence(kind, minor);
    Prediction { outcome, why, stays, same_module: first == second, same_contents, init_again }
}

impl Machine {
    fn outcome(&self, module: Id, stays: Stays) -> Outcome {
        let own = |what: What| !what.is_import_cache();
        if !stays.module && !stays.dict {
            Outcome::Unloads
        } else if self.world.chain(module, own).is_empty() {
            Outcome::KeptByCaches
        } else {
            Outcome::KeptByModule
        }
    }
}

/// In plain words; what it says is held against the machine in the tests.
fn sentence(kind: ModuleKind, minor: u8) -> String {
    let copy = "CPython keeps a backup copy of its dict (`m_copy`) and an entry in `modules_by_index`";
    let copied = "re-import gives a new module object that shares the old contents";
    match kind {
        ModuleKind::Basic => {
            let twice = if minor >= 13 { ", which the `extensions` cache holds as well" } else { "" };
            format!(
                "single-phase init with m_size = -1, so {copy}; its functions are in the copy{twice}, and hold \
                 the first module object; {copied}"
            )
        }
        ModuleKind::BasicWithoutMethods => {
            format!("single-phase init with m_size = -1, so {copy}; {copied}, and takes over the entry")
        }
        ModuleKind::Reinit => "single-phase init with m_size >= 0, so CPython keeps an entry in `modules_by_index`; \
                               re-import calls the init function again, and the new module takes over the entry"
            .into(),
        ModuleKind::ReinitCached => "single-phase init that gives out the module object which a C static keeps; \
                                     CPython keeps an entry in `modules_by_index` besides"
            .into(),
        ModuleKind::MultiPhaseCached => {
            "multi-phase init, but a C static keeps the module object, and re-import gives it out again".into()
        }
        ModuleKind::MultiPhaseFramework => {
            "multi-phase init, but its framework keeps the module object in the interpreter's dict, and re-import \
             gives it out again"
                .into()
        }
        ModuleKind::MultiPhase => {
            "multi-phase init: no import cache of CPython keeps it, and re-import makes a new one".into()
        }
        ModuleKind::ExportSlots => {
            "exported slots: no import cache of CPython keeps it, and re-import makes a new one".into()
        }
        ModuleKind::Unknown => "how it is initialized is not known".into(),
    }
}

//! What a module is like, as far as the import caches care.

use serde::{Deserialize, Serialize};

/// How a module is initialized, and whether it keeps itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModuleKind {
    /// Single-phase init with `m_size` -1 and functions.
    Basic,
    /// Single-phase init with `m_size` -1 and no functions.
    BasicWithoutMethods,
    /// Single-phase init with `m_size` 0 or more.
    Reinit,
    /// Single-phase init that gives out an object kept in a C static (mypyc, Cython before 3, old PyO3).
    ReinitCached,
    /// Multi-phase init (PEP 489).
    MultiPhase,
    /// Multi-phase init whose exec keeps the module in a C static (Cython).
    MultiPhaseCached,
    /// Multi-phase init whose framework caches the module (pybind11).
    MultiPhaseFramework,
    /// Exported slots (PEP 793, 3.15).
    ExportSlots,
    /// Not told.
    Unknown,
}

impl ModuleKind {
    /// Every kind that the model knows how to import.
    pub const KNOWN: [Self; 8] = [
        Self::Basic,
        Self::BasicWithoutMethods,
        Self::Reinit,
        Self::ReinitCached,
        Self::MultiPhase,
        Self::MultiPhaseCached,
        Self::MultiPhaseFramework,
        Self::ExportSlots,
    ];

    /// Its init function makes the module itself, and CPython's import caches remember it.
    #[must_use]
    pub fn is_single_phase(self) -> bool {
        matches!(self, Self::Basic | Self::BasicWithoutMethods | Self::Reinit | Self::ReinitCached)
    }

    /// `m_size` is -1: "does not support being initialized again".
    #[must_use]
    pub fn is_basic(self) -> bool {
        matches!(self, Self::Basic | Self::BasicWithoutMethods)
    }

    /// A C static of the module keeps it.
    #[must_use]
    pub fn keeps_itself(self) -> bool {
        matches!(self, Self::ReinitCached | Self::MultiPhaseCached)
    }

    /// The first minor version of Python 3 that can import it.
    #[must_use]
    pub fn since(self) -> u8 {
        if self == Self::ExportSlots { 15 } else { 10 }
    }
}

/// Where the code of a module comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A shared library.
    #[default]
    Library,
    /// `PyImport_Inittab`. Differs in the key of the cache alone: (name, name).
    Builtin,
    /// Frozen Python code, which no import cache knows.
    Frozen,
}

/// What the slot `Py_mod_multiple_interpreters` declares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Interpreters {
    /// `Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED`.
    NotSupported,
    /// `Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED`, also what an absent slot means.
    #[default]
    Supported,
    /// `Py_MOD_PER_INTERPRETER_GIL_SUPPORTED`.
    PerInterpreterGil,
}

/// A module to be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    /// How it is initialized.
    pub kind: ModuleKind,
    /// Where it comes from.
    pub origin: Origin,
    /// It has module state, which refers to its contents, and its types hold the module.
    pub state: bool,
    /// A C static holds a reference to each module that init made, the last one only, but init never
    /// looks at it.
    pub reference: bool,
    /// Declared support of sub-interpreters.
    pub interpreters: Interpreters,
}

impl Shape {
    /// The plain module of a kind.
    #[must_use]
    pub fn of(kind: ModuleKind) -> Self {
        Self { kind, origin: Origin::default(), state: false, reference: false, interpreters: Interpreters::default() }
    }

    /// Whether the module has functions; each of them holds it (`m_self`).
    #[must_use]
    pub fn has_functions(self) -> bool {
        self.kind != ModuleKind::BasicWithoutMethods
    }
}

//! What the child processes of a module audit saw, before anything is concluded from it.

use serde::{Deserialize, Serialize};

use crate::findings::holding::Chain;
use crate::findings::{Finding, Site};

/// Everything that was observed of one subject.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Observed {
    /// Name that was asked for: `mypkg._native`, `lxml`.
    pub name: String,
    /// Top-level name; everything at or below it is dropped before judging.
    pub package: String,
    /// What the name turned out to be.
    pub subject: Subject,
    /// What the child processes did, in order.
    pub steps: Vec<Step>,
    /// The extension modules that were looked at: the one asked for, or all that importing the package loaded.
    pub members: Vec<Member>,
    /// What importing leaves behind after everything was dropped; `None` when it could not be measured.
    pub residue: Option<Residue>,
    /// Import, drop, collect, repeated.
    pub reload: Option<Reload>,
    /// Sub-interpreters, one row a kind.
    pub interpreters: Vec<InterpreterRun>,
    /// What importing costs.
    pub cost: Option<Cost>,
    /// What could not be seen, in sentences.
    pub notes: Vec<String>,
}

/// What a name turned out to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// An extension module in a shared library.
    Extension,
    /// A module that is compiled into the interpreter.
    Builtin,
    /// A frozen module.
    Frozen,
    /// A module of Python source.
    Python,
    /// A package whose import loads extension modules of its own.
    Package,
    /// A package without `__init__`.
    NamespacePackage,
    /// Something in `sys.modules` that is no module.
    NotAModule,
    /// It could not be imported.
    #[default]
    Unknown,
}

/// What became of one child process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// `survey`, `life`, `reload`, `confirm`, `interpreters`.
    pub name: String,
    /// `ok`, `failed` (an exception), `exited`, `died` (a signal), `timeout` or `skipped`.
    pub outcome: String,
    /// Wall time in seconds.
    pub seconds: f64,
    /// The exception, the signal and the last thing that it did, or why it was skipped; empty for `ok`.
    pub detail: String,
}

/// One extension module.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Member {
    /// Full name.
    pub name: String,
    /// Path of its library; empty for a builtin.
    pub file: String,
    /// What its definition says.
    pub facts: Facts,
    /// How often its init function was called until the drop; `None` when that could not be counted.
    pub init_calls: Option<u64>,
    /// How often `m_free` was called for it until the drop; `None` when that could not be counted.
    pub free_calls: Option<u64>,
    /// Still in `sys.modules`, or an attribute of its parent, after the drop.
    pub named: Option<bool>,
    /// Its module object is alive after the drop.
    pub module_alive: Option<bool>,
    /// Its dict is alive.
    pub dict_alive: Option<bool>,
    /// Heap types that it made.
    pub types: Population,
    /// Functions that it made.
    pub functions: Population,
    /// The backup copy of its dict (`m_copy`) is alive; `None` when it never has one.
    pub copy_alive: Option<bool>,
    /// `modules_by_index` has an entry of it; `None` when it never has one.
    pub index_alive: Option<bool>,
    /// Chains to the survivors, at most a few for each.
    pub holders: Vec<Chain>,
    /// The same question asked on the model.
    pub what_if: Option<WhatIf>,
    /// What a second import gives.
    pub reimport: Option<Reimport>,
}

/// Objects of one kind that importing made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Population {
    /// How many were made.
    pub made: u64,
    /// How many of them are alive after the drop.
    pub alive: u64,
    /// Names of some that are.
    pub names: Vec<String>,
}

/// What a module's definition says, read before and after its init function ran.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// `single-phase`, `multi-phase`, `export-slots` (3.15) or `unknown`.
    pub init: String,
    /// `m_size`; `None` when there is no definition in sight.
    pub m_size: Option<i64>,
    /// Names of the slots in order: `Py_mod_exec`.
    pub slots: Vec<String>,
    /// `not-supported`, `supported` or `per-interpreter-gil`; empty when the slot is absent.
    pub multiple_interpreters: String,
    /// `used` or `not-used`; empty when the slot is absent.
    pub gil: String,
    /// Whether it defines functions (`m_methods`).
    pub has_methods: bool,
    /// `m_traverse` is there.
    pub traverse: bool,
    /// `m_clear` is there.
    pub clear: bool,
    /// `m_free` is there.
    pub free: bool,
    /// Names of types of the library that are static, not from `PyType_FromSpec`.
    pub static_types: Vec<String>,
    /// Built for the stable ABI.
    pub abi3: bool,
    /// Exports `PyModExport_<name>`.
    pub exports_slots: bool,
    /// `cython`, `pybind11`, `nanobind`, `pyo3`, `mypyc`, `cffi`; empty for none that is known.
    pub framework: String,
}

/// The answer of the model: would the module go if CPython's import caches let go?
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WhatIf {
    /// The model says that it would.
    pub unloads: bool,
    /// What would still hold it, in words; empty when nothing.
    pub remaining: String,
    /// The caches were cleared in a child process, and it did; `None` when that could not be tried.
    pub confirmed: Option<bool>,
    /// Why it could not be tried, or how it was.
    pub detail: String,
}

/// What a second import gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reimport {
    /// `fresh`, `shared` (a new module object with the old contents), `same`, `refused` or `died` (with the process).
    pub outcome: String,
    /// The init function was called again.
    pub init_again: Option<bool>,
    /// The exception of a refusal.
    pub detail: String,
}

/// What importing left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Residue {
    /// Python objects born during the import that are alive after the drop.
    pub objects: u64,
    /// How many of these objects are heap types.
    pub types: u64,
    /// Blocks that are no objects.
    pub blocks: u64,
    /// Bytes of both, native ones apart.
    pub bytes: u64,
    /// Native blocks.
    pub native_blocks: u64,
    /// Their bytes.
    pub native_bytes: u64,
    /// By type, the most costly first.
    pub rows: Vec<ResidueRow>,
}

/// One type's part of a residue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResidueRow {
    /// Type name, or the block in words.
    pub type_name: String,
    /// How many.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Where most of them were born.
    pub site: Option<Site>,
}

/// Import, drop, collect, repeated in one process.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reload {
    /// Cycles counted, warm-ups apart.
    pub cycles: u64,
    /// The exception of a module that refuses to be imported again; empty when it does not.
    pub refused: String,
    /// Objects not given back, for each counted cycle.
    pub objects: Vec<u64>,
    /// Blocks that are no objects, native ones included.
    pub blocks: Vec<u64>,
    /// Heap types.
    pub types: Vec<u64>,
    /// Bytes of all.
    pub bytes: Vec<u64>,
    /// What leaks in each cycle, with sites.
    pub findings: Vec<Finding>,
}

/// Sub-interpreters of one kind that import the module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InterpreterRun {
    /// `legacy` (shared GIL) or `isolated` (its own GIL, 3.12+).
    pub kind: String,
    /// `loads`, `refused` (ImportError), `failed` (another exception), `died` or `unavailable`.
    pub outcome: String,
    /// The exception, the signal, or why there are no such interpreters.
    pub detail: String,
    /// Mortal objects of the module that the main interpreter and the sub-interpreter have in common.
    pub shared: Vec<String>,
    /// Bytes not given back for each interpreter that was created, used and ended, beyond what one
    /// without the module keeps.
    pub bytes: Vec<i64>,
    /// Blocks, likewise.
    pub blocks: Vec<i64>,
}

/// What importing costs; dependencies are what it imports from outside of its own package.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cost {
    /// Milliseconds of the whole import in a process that has nothing of it yet.
    pub milliseconds: f64,
    /// Milliseconds when the dependencies are there already; `None`, as below, when not measured.
    pub own_milliseconds: Option<f64>,
    /// Modules outside of the package that importing it loads.
    pub dependencies: Vec<String>,
    /// Objects born in its own import and alive after it.
    pub objects: Option<u64>,
    /// Blocks that are no objects, native ones included.
    pub blocks: Option<u64>,
    /// Bytes of all.
    pub bytes: Option<u64>,
    /// Bytes of the module objects and their dicts alone.
    pub shallow_bytes: Option<u64>,
    /// Bytes of the objects that only the package's modules keep alive.
    pub retained_bytes: Option<u64>,
}

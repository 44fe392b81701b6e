//! What CPython does with extension modules, as a state machine: import, `del sys.modules[name]`,
//! collection, re-import, sub-interpreters, finalization. It predicts which objects stay, and why.
//!
//! Objects are numbers with references between them, so "alive" is what the references say. Nothing
//! here looks at a process; `tests/integration/test_import_model.py` holds the machine against real
//! interpreters, step by step.
//!
//! Source: `Python/import.c` of CPython 3.10 to 3.15 (`import_find_extension`, `fix_up_extension`,
//! `reload_singlephase_extension`, `import_run_extension`), `Python/pylifecycle.c` (`finalize_modules`).

mod contents;
mod drawing;
mod finish;
mod kind;
mod machine;
mod multi;
mod predict;
mod queries;
mod single;
#[cfg(test)]
mod tests;
mod what;
mod world;

pub use kind::{Interpreters, ModuleKind, Origin, Shape};
pub use machine::{Counts, Machine, Refused};
pub use predict::{Outcome, Prediction, predict};
pub use queries::Stays;
pub use what::What;
pub use world::Id;

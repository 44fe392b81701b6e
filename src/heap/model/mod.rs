//! A heap that can be asked "what if": objects, references and a collector that follow CPython's rules, as a
//! state machine.
//!
//! Nothing here looks at a process, and no Python code runs: a finalizer is a description of what it does.
//! `tests/integration/test_model_heap.py` runs random programs on real interpreters and on this machine, step
//! by step.
//!
//! Source: `Modules/gcmodule.c` of CPython 3.10 to 3.12 and `Python/gc.c` of 3.13 (`gc_collect_main`),
//! `Objects/typeobject.c` (`subtype_dealloc`), `Objects/object.c` (`PyObject_CallFinalizerFromDealloc`),
//! `Objects/weakrefobject.c`, PEP 442 (safe object finalization), PEP 683 (immortal objects).

mod collect;
mod deduce;
mod error;
mod event;
mod finalizer;
mod free_list;
mod generations;
mod graph;
mod machine;
mod names;
mod object;
mod queries;
mod release;
#[cfg(test)]
mod tests;
mod weak;

pub use error::Misuse;
pub use event::{Event, What};
pub use finalizer::Finalizer;
pub use generations::Rules;
pub use graph::Facts;
pub use machine::ModelHeap;
pub use object::{Edge, Id, Spec};

//! The collector's protocol, type by type: from what was observed to checks and verdicts.
//!
//! The child processes of `refaudit.audit_types` write down an [`Observed`]; nothing here looks at a process.
//! Source of the rules: CPython's "Supporting Cyclic Garbage Collection", "Isolating Extension Modules", and
//! what 3.9 changed for heap types.

mod collector;
mod dealloc;
mod judge;
mod observed;
#[cfg(test)]
mod tests;
mod traversal;
mod verdict;
mod words;

pub use judge::judge_types;
pub use observed::{
    Derived, Ending, Facts, Instance, Ledger, Member, Observed, ObservedType, ProcessStep, Source, Target,
};
pub use verdict::{Check, CheckAnswer, JudgedTypes, Protocol, TypeVerdict, TypesVerdict};

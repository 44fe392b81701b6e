//! The life cycle of an extension module: from what was observed to a verdict, levels and advice.
//!
//! The child processes of `refaudit.audit_module` write down an [`Observed`]; nothing here looks at
//! a process.

mod advice;
mod gil;
mod held;
mod holders;
mod judge;
mod kind;
mod levels;
mod links;
mod observed;
mod prediction;
mod readiness;
#[cfg(test)]
mod sample;
mod sentence;
#[cfg(test)]
mod tests;
mod verdict;
mod whole;
mod words;

pub use crate::findings::holding::{Chain, Link, Root};
pub use judge::judge_module;
pub use kind::kind_of;
pub use observed::{
    Cost, Facts, InterpreterRun, Member, Observed, Population, Reimport, Reload, Residue, ResidueRow, Step, Subject,
    WhatIf,
};
pub use verdict::{Advice, Answer, Judged, JudgedMember, Kind, Level, ModuleVerdict, ReadinessRow};

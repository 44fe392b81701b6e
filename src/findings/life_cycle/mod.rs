//! The life cycle of an extension module: from what was observed to a verdict, levels and advice.
//!
//! The child processes of `refaudit.audit_module` write down an [`Observed`]; nothing here looks at
//! a process.

mod holding;
mod observed;
mod verdict;

pub use holding::{Chain, Link, Root};
pub use observed::{
    Cost, Facts, InterpreterRun, Member, Observed, Population, Reimport, Reload, Residue, ResidueRow, Step, Subject,
    WhatIf,
};
pub use verdict::{Advice, Answer, Judged, JudgedMember, Kind, Level, ModuleVerdict, ReadinessRow};

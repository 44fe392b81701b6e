//! What is concluded from an observation.

use serde::{Deserialize, Serialize};

use super::observed::{Member, Observed};
pub use crate::heap::import_cache::ModuleKind as Kind;

/// Does the module unload?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModuleVerdict {
    /// There is nothing to judge: no extension module.
    NotApplicable,
    /// The module object and its dict are freed.
    Unloads,
    /// The program that imported it uses it: no fault of the module.
    KeptByProgram,
    /// CPython's import caches keep it, and nothing else.
    KeptByCaches,
    /// A static, a hidden field or a framework's cache keeps it.
    KeptByModule,
    /// It could not be audited: see the steps.
    NotAudited,
}

/// The answer of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Reached.
    Yes,
    /// Not reached.
    No,
    /// There is nothing of the sort.
    NotApplicable,
    /// Could not be seen. Never to be shown as reached.
    NotSeen,
}

/// One rung of the ladder from "name gone" to "library unmapped".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Stable name: `name`, `module`, `state`, `types`, `functions`, `caches`, `residue`, `library`.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// Reached or not.
    pub answer: Answer,
    /// In a sentence.
    pub detail: String,
    /// Numbers of the chains of [`Member::holders`] that explain a no.
    pub holders: Vec<usize>,
}

/// What to do, and where that is documented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// In a sentence.
    pub text: String,
    /// A link; empty for none.
    pub link: String,
}

/// How ready a module is for one PEP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadinessRow {
    /// `PEP 489`.
    pub pep: String,
    /// `Multi-phase initialization`.
    pub title: String,
    /// Whether it is.
    pub ready: Answer,
    /// What to change, or why nothing is to be.
    pub change: String,
    /// Where it is documented.
    pub link: String,
}

/// A member with what was concluded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedMember {
    /// What was seen.
    pub observed: Member,
    /// Its kind in the model.
    pub kind: Kind,
    /// Verdict on this module.
    pub verdict: ModuleVerdict,
    /// In plain words.
    pub sentence: String,
    /// What the model of the import caches says before anything is looked at.
    pub predicted: ModuleVerdict,
    /// Why, in plain words.
    pub prediction: String,
    /// The ladder.
    pub levels: Vec<Level>,
    /// What to do.
    pub advice: Vec<Advice>,
    /// Readiness for PEP 489, 630, 684, 703 and 793.
    pub readiness: Vec<ReadinessRow>,
}

/// A whole audit with what was concluded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// What was seen of the whole; its `members` are empty, they are in [`Self::members`].
    pub observed: Observed,
    /// The worst verdict of the members.
    pub verdict: ModuleVerdict,
    /// In plain words.
    pub sentence: String,
    /// The members, the one asked for first.
    pub members: Vec<JudgedMember>,
}

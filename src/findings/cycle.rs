//! A reference cycle: who refers to whom, and whether the collector will free it.

use serde::{Deserialize, Serialize};

use super::dominator::Retained;
use super::finding::Kept;
use super::trace::{Site, Trace};

/// What becomes of a cycle that nothing outside reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// The collector cannot see it: a type without `tp_traverse`, or a field that is not visited.
    Invisible,
    /// The collector finds it and gives up: a legacy `tp_del`, or nobody clears it.
    Uncollectable,
    /// The collector finds it, and a finalizer brings it back.
    Resurrected,
    /// The collector frees it when it runs: latency, not a leak.
    Collectable,
}

/// One member on the shortest cycle, and how it refers to the next one (the last one to the first).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The member, as [`super::Link::what`].
    pub what: String,
    /// Qualified type.
    pub type_name: String,
    /// How it refers to the next member, as [`super::Link::by`].
    pub by: String,
    /// The collector does not see this reference.
    pub hidden: bool,
    /// Shallow size in bytes.
    pub bytes: u64,
    /// Generation it is in: 0 is young; `None` when it is not tracked or cannot be told.
    pub generation: Option<u8>,
    /// Finalizer of its type: `__del__`, `tp_finalize`, `tp_del`; empty when there is none.
    pub finalizer: String,
    /// Weak references to it.
    pub weak_references: u32,
    /// The frame to blame for its allocation.
    pub site: Option<Site>,
    /// Where it was born.
    pub trace: Option<Trace>,
}

/// Equal cycles as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cycle {
    /// Test or call it belongs to: a [`crate::document::Test::id`].
    pub subject: String,
    /// What becomes of it.
    pub fate: Fate,
    /// Why, in words: which type or field; empty when it is collectable.
    pub reason: String,
    /// How many equal ones there are.
    pub count: u64,
    /// The shortest cycle through one of them.
    pub steps: Vec<Step>,
    /// Position in `steps` of the member whose type closes the cycle, the extension's own first.
    pub closed_by: u32,
    /// Everything in one strongly connected component, by type.
    pub members: Vec<Kept>,
    /// What one component keeps alive, itself included.
    pub retained: Retained,
    /// One sentence for a person.
    pub message: String,
    /// Stable across runs and machines: hash of fate, subject, types and edges of the steps.
    pub fingerprint: String,
}

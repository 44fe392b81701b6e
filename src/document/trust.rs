//! The trust block: what an audit could and could not see.

use serde::{Deserialize, Serialize};

/// State of one hook at the end of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// `raw`, `mem`, `object` (allocator domains), `reference-tracer`, `import-tables` (native memory) or
    /// `native-stacks`.
    pub name: String,
    /// `active`, `lost`, `wrapped` (someone hooked after us and calls us), or `absent`.
    pub state: String,
    /// Who took it, or why it is absent; empty when active.
    pub detail: String,
}

/// How far an audit can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// Whether a verdict may be drawn at all.
    pub valid: bool,
    /// Why not; empty when valid.
    pub reason: String,
    /// `found`: the reference and the block leaked on purpose at start were found, and nothing
    /// else was. Anything else says what happened instead.
    pub canary: String,
    /// Every hook and its state.
    pub hooks: Vec<Hook>,
    /// Events that could not be recorded.
    pub dropped: u64,
    /// What this audit could not see, in sentences.
    pub unseen: Vec<String>,
    /// Who else uses tracemalloc, the reference tracer or `gc.freeze`.
    pub others: Vec<String>,
    /// Everything else worth knowing: threads left running, a disabled collector.
    pub notes: Vec<String>,
}

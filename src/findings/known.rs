//! What a baseline knows of a finding: the record of earlier sessions that a project keeps.

use serde::{Deserialize, Serialize};

/// How a finding compares with the baseline's entry of the same fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The baseline has no such entry.
    New,
    /// There before, and not worse: neither more per run nor clearly more bytes per run.
    Unchanged,
    /// There before, and worse now.
    Grown,
}

/// What the baseline says of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Compared with the baseline.
    pub state: State,
    /// Day on which the baseline took it in, `2026-11-22`; empty for what is new.
    pub first_seen: String,
}

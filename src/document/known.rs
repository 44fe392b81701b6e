//! What was known before the session: its baseline, and the suppressions that were in force.

use serde::{Deserialize, Serialize};

/// The baseline that a session was compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// Name of its file, without folders.
    pub name: String,
    /// Entries that were looked for and not found any more.
    pub gone: Vec<Gone>,
    /// Entries whose test did not run, so that nothing can be said of them.
    pub not_run: u64,
}

/// An entry of the baseline that the session did not find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// The finding's fingerprint.
    pub fingerprint: String,
    /// Its rule, `RA101`.
    pub rule: String,
    /// Its test.
    pub subject: String,
    /// Its sentence when it was taken in.
    pub message: String,
}

/// A suppression: what a project decided not to be told of, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// Its name, or the pattern itself where it has none.
    pub name: String,
    /// Why it is there; empty when nobody said.
    pub reason: String,
    /// Where it is written: `pyproject.toml`, `refaudit.supp:12`.
    pub source: String,
    /// Last day on which it holds, `2026-12-31`; empty for no end.
    pub expires: String,
    /// Whether that day is over: then it suppresses nothing.
    pub expired: bool,
    /// How many findings it took out of the document; 0 tells that it is not needed any more.
    pub findings: u64,
}

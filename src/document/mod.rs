//! The audit document: the versioned JSON record of one audited session.
//!
//! It is the only thing that crosses from the audited process to the reports. It holds strings and
//! numbers, never objects, and the same document always serialises to the same bytes. The JSON
//! Schema is `docs/reference/audit-document.schema.json`.

mod known;
mod layers;
mod life_cycle;
mod trust;
mod type_audit;

pub use crate::findings::life_cycle as module;
pub use crate::findings::type_audit as types;
pub use crate::findings::{
    Account, Action, Balance, Chain, Cycle, Dominator, Entry, Fate, Finding, Frame, Holder, Kept, Known, Ledger,
    LedgerPlace, Link, Mechanism, Origin, Reach, Reached, Retained, Root, Sampled, Site, SourceLine, State, Step,
    Trace, Verdict,
};
pub use known::{Baseline, Gone, Suppression};
pub use layers::Layers;
pub use life_cycle::ModuleDocument;
pub use trust::{Hook, Trust};
pub use type_audit::TypesDocument;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Name that every audit document carries in `format`.
pub const FORMAT: &str = "refaudit-audit";
/// Version of the document's layout. A reader refuses a newer one.
pub const VERSION: u32 = 1;

/// One audited session: what was run, what was found, and how far to trust it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Always [`FORMAT`].
    pub format: String,
    /// Layout version, [`VERSION`] when written by this build.
    pub version: u32,
    /// The program that wrote it.
    pub tool: Tool,
    /// The interpreter that was audited.
    pub interpreter: Interpreter,
    /// What was audited, in words: `check(mod.func)` or `pytest`.
    pub subject: String,
    /// The verdict of the whole session.
    pub outcome: Outcome,
    /// Every finding, most certain and most costly first.
    pub findings: Vec<Finding>,
    /// Reference cycles that were asked for, the worst fate and the most costly first.
    #[serde(default)]
    pub cycles: Vec<Cycle>,
    /// What the survivors retain, as a tree: the most costly first, each row after its parent.
    #[serde(default)]
    pub dominators: Vec<Dominator>,
    /// Every audited test or call, in the order in which it ran.
    pub tests: Vec<Test>,
    /// How much each layer of memory grew; `None` when it was not measured.
    #[serde(default)]
    pub layers: Option<Layers>,
    /// What the session was compared with; `None` without a baseline.
    #[serde(default)]
    pub baseline: Option<Baseline>,
    /// The suppressions in force, unused ones included.
    #[serde(default)]
    pub suppressions: Vec<Suppression>,
    /// What was hooked, what could not be seen, and who else was there.
    pub trust: Trust,
}

/// The program that wrote a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `refaudit`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The interpreter that was audited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// `CPython`.
    pub implementation: String,
    /// `3.12.1`.
    pub version: String,
    /// `linux-x86_64`.
    pub platform: String,
    /// `release` or `debug`.
    pub build: String,
}

/// The verdict of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing leaks, as far as could be seen.
    Clean,
    /// Findings, all of them known to the baseline and none of them worse.
    Known,
    /// Only findings that a repetition could not confirm.
    Maybe,
    /// At least one leak or over-release.
    Leak,
    /// The audit cannot be trusted; see [`Trust::reason`]. Never to be shown as clean.
    Invalid,
}

/// One audited test or call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Test {
    /// pytest node id, or the name of the checked function.
    pub id: String,
    /// Verdict of this test alone.
    pub outcome: Outcome,
    /// How often it ran: warm-ups not counted, then counted runs.
    pub warmup: u32,
    /// Counted runs.
    pub runs: u32,
    /// Number of findings that belong to it.
    pub findings: u32,
}

/// Why a text is not an audit document that this build can read.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Not JSON, or not of the expected shape.
    #[error("not an audit document: {0}")]
    Malformed(#[from] serde_json::Error),
    /// JSON, but of another program.
    #[error("not an audit document: format is `{found}`, expected `{expected}`")]
    Foreign {
        /// The document's `format`, cut.
        found: String,
        /// The format that was to be read.
        expected: &'static str,
    },
    /// Written by a newer refaudit.
    #[error("audit document has version {found}, this refaudit reads up to {known}; upgrade refaudit to read it")]
    Newer {
        /// The document's version.
        found: u64,
        /// The newest version that this build reads.
        known: u32,
    },
}

/// What says which document it is; everything else is skipped. Whatever it is, it is looked at later.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Header {
    format: serde_json::Value,
    version: serde_json::Value,
}

/// Reads a document of one format, up to one version. A large one is never in memory as a tree of values.
fn read<T: DeserializeOwned>(text: &str, expected: &'static str, known: u32) -> Result<T, DocumentError> {
    let header = match serde_json::from_str(text) {
        // JSON, but no object: of another program.
        Err(error) if error.is_data() => Header::default(),
        header => header?,
    };
    let format = header.format.as_str().unwrap_or("");
    if format != expected {
        return Err(DocumentError::Foreign { found: format.chars().take(40).collect(), expected });
    }
    if let Some(found) = header.version.as_u64()
        && found > u64::from(known)
    {
        return Err(DocumentError::Newer { found, known });
    }
    Ok(serde_json::from_str(text)?)
}

/// A document as indented JSON with a final newline; every field is a string, a number or a list of them.
fn write(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("document fields are plain data");
    text.push('\n');
    text
}

impl Document {
    /// Reads a document from JSON.
    ///
    /// # Errors
    /// [`DocumentError`] when the text is corrupt, foreign, or of a newer version.
    pub fn from_json(text: &str) -> Result<Self, DocumentError> {
        read(text, FORMAT, VERSION)
    }

    /// The document as indented JSON with a final newline; the same document gives the same bytes.
    ///
    /// # Panics
    /// Never: every field is a string, a number or a list of them.
    #[must_use]
    pub fn to_json(&self) -> String {
        write(self)
    }
}

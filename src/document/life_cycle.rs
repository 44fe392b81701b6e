//! The document of a module audit: the same idea as the audit document, for one module's life cycle.

use serde::{Deserialize, Serialize};

use super::{DocumentError, Interpreter, Tool, read, write};
use crate::findings::life_cycle::{Judged, Observed, judge_module};

/// One audited module or package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModuleDocument {
    /// Always [`ModuleDocument::FORMAT`].
    pub format: String,
    /// Layout version, [`ModuleDocument::VERSION`] when written by this build.
    pub version: u32,
    /// The program that wrote it.
    pub tool: Tool,
    /// The interpreter that the child processes ran on.
    pub interpreter: Interpreter,
    /// What was seen and concluded.
    #[serde(flatten)]
    pub judged: Judged,
}

impl ModuleDocument {
    /// Name that every such document carries in `format`.
    pub const FORMAT: &str = "refaudit-module";
    /// Version of the layout.
    pub const VERSION: u32 = 1;

    /// Judges what the child processes saw. An interpreter whose version cannot be read is taken for an old one,
    /// in which nothing newer is available.
    #[must_use]
    pub fn of(observed: Observed, tool: Tool, interpreter: Interpreter) -> Self {
        let minor = interpreter.version.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or(0);
        let judged = judge_module(observed, minor);
        Self { format: Self::FORMAT.into(), version: Self::VERSION, tool, interpreter, judged }
    }

    /// Reads a document from JSON.
    ///
    /// # Errors
    /// [`DocumentError`] when the text is corrupt, foreign, or of a newer version.
    pub fn from_json(text: &str) -> Result<Self, DocumentError> {
        read(text, Self::FORMAT, Self::VERSION)
    }

    /// The document as indented JSON with a final newline; the same document gives the same bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        write(self)
    }
}

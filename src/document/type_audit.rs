//! The document of a type audit: the collector's protocol of every type of a package.

use serde::{Deserialize, Serialize};

use super::{DocumentError, Interpreter, Tool, read, write};
use crate::findings::type_audit::{JudgedTypes, Observed, judge_types};

/// The types of one module or package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TypesDocument {
    /// Always [`TypesDocument::FORMAT`].
    pub format: String,
    /// Layout version, [`TypesDocument::VERSION`] when written by this build.
    pub version: u32,
    /// The program that wrote it.
    pub tool: Tool,
    /// The interpreter that the child processes ran on.
    pub interpreter: Interpreter,
    /// What was seen and concluded.
    #[serde(flatten)]
    pub judged: JudgedTypes,
}

impl TypesDocument {
    /// Name that every such document carries in `format`.
    pub const FORMAT: &str = "refaudit-types";
    /// Version of the layout.
    pub const VERSION: u32 = 1;

    /// Judges what the child processes saw.
    #[must_use]
    pub fn of(observed: Observed, tool: Tool, interpreter: Interpreter) -> Self {
        let judged = judge_types(observed);
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

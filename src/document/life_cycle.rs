//! The document of a module audit: the same idea as the audit document, for one module's life cycle.

use serde::{Deserialize, Serialize};

use super::{Interpreter, Tool};
use crate::findings::life_cycle::Judged;

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
}

//! Where a thing was born: hybrid stacks, and the frame of them that is blamed.

use serde::{Deserialize, Serialize};

pub use crate::event::Origin;

/// One frame of a hybrid stack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Frame {
    /// Whose code it is.
    pub origin: Origin,
    /// Demangled name of the function (`__qualname__` or `co_name` for Python); empty when unknown.
    pub function: String,
    /// Source file as the compiler recorded it, `.pyx` file for Cython; empty when unknown.
    pub file: String,
    /// Line in `file`, from 1; 0 when unknown.
    pub line: u32,
    /// File name of the library, without its folder; empty for Python.
    pub module: String,
    /// Offset of the call in the library as its own addresses count, `0x1a2b`; empty for Python.
    pub offset: String,
    /// The compiler put this function into its caller, the next frame.
    pub inlined: bool,
    /// `function` is only the nearest exported symbol before the address: the module is stripped.
    pub guess: bool,
}

/// A distinct stack of birth among those of a finding, and what of it is still alive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Innermost first.
    pub frames: Vec<Frame>,
    /// Objects and blocks born there that are alive, over all counted runs.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The memory may have been re-used through a free list since: before Python 3.13 nobody is
    /// told of that, so the stack may be of an object that lived there earlier.
    pub stale: bool,
    /// Outer frames are missing: the stack was deeper than was asked for.
    pub truncated: bool,
}

/// A line of source around a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceLine {
    /// Its number, from 1.
    pub number: u32,
    /// Its text without the line break.
    pub text: String,
}

/// The frame that is blamed: the innermost one of an extension in scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The frame. Where functions were inlined, the outermost of them: the extension's own line
    /// rather than a container's header.
    pub frame: Frame,
    /// Source around the line, when the file was there; empty otherwise.
    pub source: Vec<SourceLine>,
}

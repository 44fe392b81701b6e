//! From an address in a library, or an instruction of a code object, to function, file and line.
//!
//! Reads files only through [`Files`]; knows nothing of the process that is audited.
//!
//! [`Symbolizer`] answers for native code: DWARF of the library or of its separate debug file, else
//! the symbol tables; C++ and Rust names demangled, what Cython generated mapped back to the `.pyx`.
//! It also names static variables. [`python_line`] answers for code objects. Both take bytes as they come: a truncated or corrupt
//! file gives an answer without names, never a panic.

use std::path::Path;
use std::sync::Arc;

mod cython;
mod data_table;
mod debug_file;
mod demangle;
mod dwarf;
mod elf;
mod excerpt;
mod library;
mod line_table;
mod sections;
mod symbolizer;
mod table;
mod variables;

#[cfg(test)]
mod tests;

pub use line_table::{LineFormat, LineTable, python_line};
pub use symbolizer::{Located, Symbolizer, Variable};

/// The bytes of a file, shared. `as_ref` gives the same bytes every time.
pub type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Where the bytes of files come from.
pub trait Files: Send + Sync {
    /// The whole file, or `None` when it cannot be read or is no regular file: opening a device or
    /// a pipe could wait for ever.
    fn open(&self, path: &Path) -> Option<Bytes>;
}

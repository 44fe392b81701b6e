//! The layered picture: how much each layer of memory grew during an audit.

use serde::{Deserialize, Serialize};

/// Growth of each layer between the first and the last snapshot, in bytes; negative when it shrank.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layers {
    /// Live blocks of CPython's object domain: the Python objects.
    pub objects: i64,
    /// Live blocks of CPython's mem and raw domains: buffers of objects, and what extensions take there.
    pub blocks: i64,
    /// Live native blocks of the modules under audit: `malloc`, `operator new`, `mmap`.
    pub native: i64,
    /// Arenas that pymalloc holds from the system, in use or not.
    pub arenas: i64,
    /// What the C library's allocator counts as in use (`mallinfo2`: `uordblks` + `hblkhd`).
    pub heap_in_use: i64,
    /// What it keeps for later (`mallinfo2`: `fordblks`).
    pub heap_free: i64,
    /// Resident set of the process, without pages of files.
    pub resident: i64,
}

//! What would go if one thing went.

use serde::{Deserialize, Serialize};

/// What lives through a thing alone, the thing included (Eclipse MAT: retained set).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retained {
    /// Objects and blocks.
    pub objects: u64,
    /// Their shallow sizes, in bytes.
    pub bytes: u64,
}

impl core::ops::AddAssign for Retained {
    fn add_assign(&mut self, other: Self) {
        self.objects += other.objects;
        self.bytes += other.bytes;
    }
}

/// One row of the table of dominators: things of one type that one row above retains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dominator {
    /// Number of the row above in the table; `None` at the top.
    pub parent: Option<u32>,
    /// Qualified type, or the name of a block.
    pub type_name: String,
    /// Label of one of them.
    pub label: String,
    /// How many things the row stands for.
    pub count: u64,
    /// Their own bytes.
    pub shallow: u64,
    /// What lives through them alone.
    pub retained: Retained,
}

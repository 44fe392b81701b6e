//! What a measurement saw, grouped, before any rule has judged it.

use super::finding::{Holder, Kept};
use super::trace::{Site, Trace};

/// What kind of thing is not given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Thing {
    /// A reference to an object that was there before the run.
    Reference,
    /// A reference to a heap type that was there before the run.
    TypeReference,
    /// A Python object that was born in the run.
    Object,
    /// A PyMem block that is no object.
    Block,
    /// Memory that an extension took from the system.
    NativeBlock,
}

/// Things of one kind and type, with their counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// What it is.
    pub thing: Thing,
    /// Qualified type name; for a block, its domain and size in words.
    pub type_name: String,
    /// Label of one of them.
    pub object_label: String,
    /// Address of one of them.
    pub address: u64,
    /// Addresses of all of them, where they were born in a run; empty for references.
    pub members: Vec<u64>,
    /// Gained (or lost, when negative) in each counted run.
    pub per_run: Vec<i64>,
    /// Bytes over all runs, with what they keep alive.
    pub bytes: u64,
    /// The same for each run; empty for references.
    pub bytes_per_run: Vec<u64>,
    /// The frame to blame.
    pub site: Option<Site>,
    /// Distinct stacks of birth, the most costly first.
    pub traces: Vec<Trace>,
    /// What keeps them alive.
    pub holder: Holder,
    /// What they keep alive.
    pub keeps: Vec<Kept>,
    /// One observation is proof: every reference that could be seen is accounted for, and the
    /// object is no singleton that half the interpreter refers to.
    pub exact: bool,
}

/// Everything that one measurement saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Test or call.
    pub subject: String,
    /// Suspects in no particular order.
    pub suspects: Vec<Suspect>,
}

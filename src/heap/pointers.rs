//! Words of memory that equal a suspect's address: evidence for holders the collector cannot see.

use super::graph::NodeId;

/// Where a word that points to a suspect was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the writable data of a loaded library.
    Static {
        /// Address of the word.
        address: u64,
    },
    /// In the body of an object, at a place that its `tp_traverse` does not report.
    Field {
        /// The object.
        node: NodeId,
        /// Offset in its body, in bytes.
        offset: u32,
    },
    /// In a live block that is no object.
    Block {
        /// Start of the block.
        address: u64,
    },
    /// In memory that an extension took from the system. It may own the reference, or only borrow it,
    /// as the tables do in which binding libraries find an object by its address.
    Native {
        /// Start of the block.
        address: u64,
    },
    /// In the stack of another thread, which waits: a variable of C code, or a word that it left there.
    Stack {
        /// The thread, as the system numbers it.
        thread: u32,
        /// Address of the word.
        address: u64,
    },
}

/// One such word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointer {
    /// Address of the suspect that it points to.
    pub target: u64,
    /// Where it was found.
    pub place: Place,
    /// It points into the suspect, not to its start.
    pub interior: bool,
}

impl Pointer {
    /// A word that points to the start of a suspect.
    #[must_use]
    pub fn to_start(target: u64, place: Place) -> Self {
        Self { target, place, interior: false }
    }
}

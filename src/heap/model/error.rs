//! What a program may not ask of the model heap.

use super::object::Id;

/// A mistake of the caller; the heap is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// There has never been such an object.
    #[error("there is no object {}", .0.0)]
    Unknown(Id),
    /// The object is gone.
    #[error("object {} ({kind}) is freed: its reference count is 0 already", .id.0)]
    Freed {
        /// Which one.
        id: Id,
        /// Its type.
        kind: String,
    },
    /// There is no such reference to take away.
    #[error("object {} has no reference called `{name}`", .from.0)]
    NoEdge {
        /// Whose it would be.
        from: Id,
        /// Its name.
        name: String,
    },
    /// The name is in use.
    #[error("object {} has a reference called `{name}` already: unlink it first", .from.0)]
    EdgeTaken {
        /// Whose it is.
        from: Id,
        /// Its name.
        name: String,
    },
    /// The object was made with a fixed set of slots.
    #[error("object {} has no slot `{name}`", .from.0)]
    NoSlot {
        /// Whose it would be.
        from: Id,
        /// The name that is none of its slots.
        name: String,
    },
    /// Generations are 0, 1 and 2.
    #[error("there is no generation {0}: they are 0, 1 and 2")]
    Generation(usize),
    /// A finalizer in words that mean nothing.
    #[error("unknown finalizer `{0}`: expected `runs`, `resurrects` or `drops NAME`, or several with commas")]
    Finalizer(String),
}

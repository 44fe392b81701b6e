//! What happened to the objects, in order.

use super::object::Id;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// `tp_finalize` (`__del__`) ran.
    Finalized,
    /// The legacy `tp_del` ran.
    Deleted,
    /// It was about to be freed, and its finalizer brought it back.
    Resurrected,
    /// A weak reference forgot its referent.
    WeakrefCleared,
    /// The callback of a weak reference ran.
    Callback,
    /// The object was freed.
    Freed,
    /// The collector gave up on it: it is in `garbage`.
    Garbage,
    /// Something freed was released once more: a crash in CPython.
    Dangling,
    /// A collection began; the object is none.
    Collection,
}

impl What {
    /// The name used in Python.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Finalized => "finalized",
            Self::Deleted => "deleted",
            Self::Resurrected => "resurrected",
            Self::WeakrefCleared => "weakref-cleared",
            Self::Callback => "callback",
            Self::Freed => "freed",
            Self::Garbage => "garbage",
            Self::Dangling => "dangling",
            Self::Collection => "collection",
        }
    }
}

/// One thing that happened to one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub what: What,
    /// To which object; for a [`What::Collection`], the number of the generation.
    pub id: Id,
    /// The referent of a weak reference.
    pub other: Option<Id>,
}

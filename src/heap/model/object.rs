//! One object of the model heap, and how it is asked for.

use super::finalizer::Finalizer;
use super::names::Name;

/// An object of a model heap, alive or freed. Never used again for another object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u32);

/// A strong reference from one object to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    pub(super) name: Name,
    /// What it refers to.
    pub to: Id,
    /// `tp_traverse` does not visit it, and `tp_clear` does not drop it.
    pub hidden: bool,
}

/// What an object is to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// Qualified type.
    pub type_name: String,
    /// What it is called in answers.
    pub label: String,
    /// Shallow size in bytes.
    pub size: u64,
    /// Its type has `Py_TPFLAGS_HAVE_GC` and `tp_traverse`.
    pub gc: bool,
    /// Its type has `tp_clear`.
    pub clear: bool,
    /// Its count never changes (PEP 683).
    pub immortal: bool,
    /// What its finalizer does; `None` when it has none.
    pub finalizer: Option<Finalizer>,
    /// The finalizer is a `tp_del`, not a `tp_finalize`.
    pub legacy_del: bool,
    /// Name of the free list that its memory goes to; empty for none.
    pub free_list: String,
    /// Names of its references in the order in which they are visited and dropped; empty when that is the
    /// order in which they were made.
    pub slots: Vec<String>,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            type_name: "object".into(),
            label: String::new(),
            size: 0,
            gc: true,
            clear: true,
            immortal: false,
            finalizer: None,
            legacy_del: false,
            free_list: String::new(),
            slots: Vec::new(),
        }
    }
}

/// A weak reference's own part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Weak {
    /// `None` once cleared.
    pub(super) referent: Option<Id>,
    pub(super) callback: bool,
}

/// What few objects have.
#[derive(Debug, Clone, Default)]
pub(super) struct Extra {
    pub(super) finalizer: Option<Finalizer>,
    pub(super) legacy_del: bool,
    pub(super) free_list: Name,
    pub(super) slots: Vec<Name>,
    pub(super) weak: Option<Weak>,
    /// Weak references to it, in the order of CPython's list.
    pub(super) weakrefs: Vec<Id>,
}

/// Where an object is in a collection that is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Not being looked at.
    Outside,
    /// In the generation that is collected.
    Young,
    /// In it, and nothing has reached it so far.
    Tentative,
    /// Unreachable.
    Trash,
    /// Unreachable, and a `tp_del` reaches it.
    Legacy,
}

#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) address: u64,
    pub(super) size: u64,
    pub(super) type_name: Name,
    pub(super) label: Name,
    pub(super) references: i64,
    /// How many references of other objects point to it.
    pub(super) inward: u32,
    pub(super) edges: Vec<Edge>,
    pub(super) extra: Option<Box<Extra>>,
    pub(super) alive: bool,
    pub(super) gc: bool,
    pub(super) clear: bool,
    pub(super) immortal: bool,
    /// `tp_finalize` has run: it never runs again (PEP 442).
    pub(super) finalized: bool,
    pub(super) mark: Mark,
    pub(super) generation: u8,
    /// Number of its last entry in a list of the collector.
    pub(super) entry: u64,
    /// References from outside the generation that is collected.
    pub(super) gc_refs: i64,
}

impl Object {
    pub(super) fn has_tp_finalize(&self) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.finalizer.is_some() && !extra.legacy_del)
    }

    pub(super) fn has_tp_del(&self) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.legacy_del)
    }

    pub(super) fn visited(&self) -> impl Iterator<Item = Id> + '_ {
        self.edges.iter().filter(|edge| !edge.hidden).map(|edge| edge.to)
    }
}

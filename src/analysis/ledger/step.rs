//! One change of a reference count, as plain as the rules need it.

use serde::{Deserialize, Serialize};

/// What the ledger says about the reference that is not given back (or given back too often).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Account {
    /// One place is named. A guess, with its reason.
    Named,
    /// Several places could be it; the likeliest is first.
    Ambiguous,
    /// Nothing was seen that could be named; the notes say why.
    Unseen,
}

/// What an entry of a history was, by the code that did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The object came into being.
    Born,
    /// Code of an extension counted itself: `Py_INCREF`, `Py_DECREF` and what is made of them.
    Inlined,
    /// A function of the C API returned a new reference to the extension.
    NewReference,
    /// A function of the C API stored a reference of its own: in a container, an attribute, a variable.
    Stored,
    /// A function of the C API gave a reference back, or stole the extension's.
    Released,
    /// A container that died gave its reference back.
    Deallocated,
    /// The interpreter ran Python code.
    Python,
    /// Nothing of the above could be told.
    Unknown,
}

/// One change of the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// References more or fewer.
    pub change: i64,
    /// What it was.
    pub action: Action,
    /// Code of an audited extension did it, or called the function that did.
    pub extension: bool,
    /// Generated code or a binding library took it for the author's code, or gave it back.
    pub glue: bool,
    /// The call of the function that did it: a number of [`super::Activations`].
    pub activation: u32,
    /// The function as its author wrote it, which the compiler may have put into the activation's.
    pub function: u32,
    /// The line, and the function of the C API called there; equal for equal places.
    pub site: u32,
    /// The very instruction of that call of a function of the C API; `None` where none was called.
    pub call: Option<u32>,
    /// Who did it, as the kernel numbers threads.
    pub thread: u32,
}

impl Step {
    /// A reference that belongs to a function of the extension until it gives it away.
    pub(super) fn is_taken(&self) -> bool {
        self.change > 0
            && self.extension
            && matches!(self.action, Action::Born | Action::Inlined | Action::NewReference)
    }

    /// A reference that belongs to a container or another thing of the interpreter's.
    pub(super) fn is_stored(&self) -> bool {
        self.change > 0 && self.action == Action::Stored
    }

    /// A reference that Python code or the interpreter took on its own account.
    pub(super) fn is_pythons(&self) -> bool {
        self.change > 0 && !self.is_taken() && !self.is_stored()
    }
}

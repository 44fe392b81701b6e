//! The reference ledger of a finding: where its references were taken, and which one is not given back.

use serde::{Deserialize, Serialize};

mod books;
mod build;
mod calls;
mod companions;
mod own;
mod reading;
#[cfg(test)]
mod tests;
mod tree;

pub use crate::analysis::ledger::{Account, Action};
pub use crate::event::Mechanism;
pub use build::{Given, build};
pub use own::is_borrowed;

use super::trace::{Frame, SourceLine};

/// One change of the count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Counted run, from 1; 0 outside of any.
    pub run: u32,
    /// Thread, numbered in order of appearance from 1.
    pub thread: u32,
    /// References more or fewer.
    pub change: i64,
    /// The count after it; `None` where only the operation was seen.
    pub count: Option<i64>,
    /// How it was seen.
    pub mechanism: Mechanism,
    /// What it was.
    pub action: Action,
    /// Function of the C API that the extension called; empty when it counted itself, or when unknown.
    pub function: String,
    /// Where: a number of [`Ledger::stacks`].
    pub stack: u32,
    /// Which frame of that stack did it: the author's own rather than a header's or a library's.
    pub frame: u32,
    /// The entry that gives this reference back (or that took it), as the rules pair them.
    pub pair: Option<u32>,
    /// Which pairing rule it was, by its name in the documentation; empty for an entry without a pair.
    pub rule: String,
}

/// A place in the extension's code, and what it did in the histories that were looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The frame: the extension's own line.
    pub frame: Frame,
    /// The inline chain and the callers of it in the extension, outwards, without the frame itself.
    pub callers: Vec<Frame>,
    /// `Py_INCREF` or the like, or the function of the C API. `tp_dealloc` where this is not what took the references
    /// but what has to give them back: those of instances to their type.
    pub function: String,
    /// References taken here, over all histories.
    pub taken: u64,
    /// References given back here.
    pub released: u64,
    /// Of those taken here, how many nothing gives back.
    pub unpaired: i64,
    /// Source around the line, where it is there.
    pub source: Vec<SourceLine>,
}

/// A row of the balance tree: a function, and what it and what it calls took and gave back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Steps from the root.
    pub depth: u32,
    /// The function, with the line of the call in it.
    pub frame: Frame,
    /// References taken in it and below.
    pub taken: u64,
    /// References given back in it and below.
    pub released: u64,
}

/// How much was watched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampled {
    /// Objects of the finding whose history is known.
    pub watched: u64,
    /// Objects that the finding is about.
    pub of: u64,
    /// Changes of counts that were recorded for them.
    pub events: u64,
    /// Changes that could not be recorded for want of room; those histories have gaps.
    pub dropped: u64,
}

/// Where the references of a finding were taken and given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// How sure it is.
    pub account: Account,
    /// Why, in one sentence; says that it is a guess.
    pub reason: String,
    /// The places that may be to blame, the likeliest first. For an over-release: what gives back too much.
    pub places: Vec<Place>,
    /// Where the function that took it was last seen to touch the object: the release is missing after it.
    pub last_seen: Option<Frame>,
    /// Where the release is missing, as far as what became of other objects tells: the function that took the reference
    /// leaves such to another one, which gives back all but these.
    pub missing: Option<Frame>,
    /// The whole history of one of the objects.
    pub history: Vec<Entry>,
    /// Stacks of the entries, innermost first.
    pub stacks: Vec<Vec<Frame>>,
    /// Taken and given back by function, outermost first, each row after its parent.
    pub balance: Vec<Balance>,
    /// What was watched.
    pub sampled: Sampled,
    /// What could not be seen, as sentences.
    pub notes: Vec<String>,
}

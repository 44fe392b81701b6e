//! Whether anything in the process still reaches a leaked thing.

use serde::{Deserialize, Serialize};

/// Reachability of a leaked thing, in Valgrind's words.
///
/// Source: Valgrind's manual, Memcheck, "Memory leak detection".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Nothing in the process points to it, or only things in a cycle with it that is lost as a whole.
    DefinitelyLost,
    /// Only lost things point to it: it would go if they went.
    IndirectlyLost,
    /// Only memory points to it that may just borrow, or keep an old word.
    PossiblyLost,
    /// Something that is reached from a root holds it.
    StillReachable,
}

/// How many things of a finding are reached in which way, with what they keep alive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// See [`Reach::DefinitelyLost`].
    pub definitely_lost: u64,
    /// See [`Reach::IndirectlyLost`].
    pub indirectly_lost: u64,
    /// See [`Reach::PossiblyLost`].
    pub possibly_lost: u64,
    /// See [`Reach::StillReachable`].
    pub still_reachable: u64,
}

//! Whether anything in the process still reaches a leaked thing.

use serde::{Deserialize, Serialize};

pub use crate::analysis::Reach;

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

impl Reached {
    /// Counts one more.
    pub fn add(&mut self, reach: Reach) {
        *match reach {
            Reach::DefinitelyLost => &mut self.definitely_lost,
            Reach::IndirectlyLost => &mut self.indirectly_lost,
            Reach::PossiblyLost => &mut self.possibly_lost,
            Reach::StillReachable => &mut self.still_reachable,
        } += 1;
    }
}

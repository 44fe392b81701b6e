//! From evidence to findings: rules that say what a leak is, and in which words.

mod cycle;
mod cycle_words;
mod dominator;
mod evidence;
mod finding;
mod fingerprint;
mod holding;
mod judge;
mod known;
mod ledger;
pub mod life_cycle;
mod reach;
mod sentence;
mod trace;
pub mod type_audit;

pub use cycle::{Cycle, Fate, Step};
pub use cycle_words::{known_as, without_number};
pub use dominator::{Dominator, Retained};
pub use evidence::{Evidence, Suspect, Thing};
pub use finding::{Finding, Holder, Kept, Verdict};
pub use holding::{Chain, Link, Root};
pub use judge::{is_finding, judge};
pub use known::{Known, State};
pub use ledger::{
    Account, Action, Balance, Entry, Given, Ledger, Mechanism, Place as LedgerPlace, Sampled, build, is_borrowed,
};
pub use reach::{Reach, Reached};
pub use sentence::still_held;
pub use trace::{Frame, Origin, Site, SourceLine, Trace};

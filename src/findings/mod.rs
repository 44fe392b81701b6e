//! From evidence to findings: rules that say what a leak is, and in which words.

mod evidence;
mod finding;
mod fingerprint;
mod judge;
pub mod life_cycle;
mod sentence;
mod trace;

pub use evidence::{Evidence, Suspect, Thing};
pub use finding::{Finding, Holder, Kept, Verdict};
pub use judge::judge;
pub use trace::{Frame, Origin, Site, SourceLine, Trace};

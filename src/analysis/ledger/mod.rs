//! The reference ledger's reasoning: which reference was given back by what, and which one by nobody.
//!
//! A history of an object is a list of steps, each a reference more or less. [`pair`] applies the rules of
//! [`Rule`] one after the other; [`guess`] lets several histories vote, and holds those of objects that did not
//! leak against them. Both are explained in `docs/explanation/reference-ledger.md`.

mod activation;
mod api;
mod candidates;
mod guess;
mod habits;
mod pairing;
mod rule;
mod step;
#[cfg(test)]
mod tests;
mod verdict;

pub use activation::Activations;
pub use api::{action_inside, counts_for_caller, puts_in, takes_apart};
pub use guess::{Blame, Guess, guess};
pub use habits::Habits;
pub use pairing::{Paired, pair};
pub use rule::Rule;
pub use step::{Account, Action, Step};

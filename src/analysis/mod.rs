//! Pure functions over the model heap.

mod garbage;
mod growth;
mod scc;
mod survivors;

pub use garbage::garbage;
pub use growth::{Pattern, pattern};
pub use scc::{Components, components};
pub use survivors::{Clue, Role, Survivor, roles};

//! Pure functions over the model heap.

mod dominators;
mod garbage;
mod growth;
mod overlay;
mod paths;
mod scc;
mod survivors;
mod without;

pub use dominators::{Dominators, Graph};
pub use garbage::garbage;
pub use growth::{Pattern, pattern};
pub use overlay::{Additions, Overlay};
pub use paths::{Referrers, Search};
pub use scc::{Components, components};
pub use survivors::{Clue, Role, Survivor, roles};
pub use without::{Cut, reached, retained};

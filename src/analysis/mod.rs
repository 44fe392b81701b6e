//! Pure functions over the model heap.

mod cycles;
mod garbage;
mod growth;
mod hidden;
mod paths;
mod scc;
mod survivors;
mod without;

pub use cycles::Island;
pub use garbage::garbage;
pub use growth::{Pattern, pattern};
pub use hidden::{Hidden, Via};
pub use paths::{Referrers, Search};
pub use scc::{Components, components};
pub use survivors::{Clue, Role, Survivor, roles};
pub use without::{Cut, reached, retained};

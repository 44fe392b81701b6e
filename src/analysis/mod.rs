//! Pure functions over the model heap.

mod garbage;
mod growth;
mod paths;
mod scc;
mod survivors;
mod what_if;
mod without;

pub use garbage::garbage;
pub use growth::{Pattern, pattern};
pub use paths::{Referrers, Search};
pub use scc::{Components, components};
pub use survivors::{Clue, Role, Survivor, roles};
pub use what_if::{WhatIf, Without, without};
pub use without::{Cut, reached, retained};

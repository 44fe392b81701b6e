//! Pure functions over the model heap.

mod cycles;
mod dominators;
mod garbage;
mod growth;
mod hidden;
pub mod ledger;
mod overlay;
mod paths;
mod reach;
mod scc;
mod survivors;
mod what_if;
mod without;

pub use cycles::Island;
pub use dominators::{Dominators, Graph};
pub use garbage::garbage;
pub use growth::{Pattern, pattern};
pub use hidden::{Hidden, Via};
pub use overlay::{Additions, Overlay};
pub use paths::{Referrers, Search};
pub use reach::{Reach, reach};
pub use scc::{Components, components};
pub use survivors::{Clue, Role, Survivor, roles};
pub use what_if::{WhatIf, Without, without};
pub use without::{Cut, reached, retained};

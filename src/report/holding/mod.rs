//! Who holds a thing and whether it can be freed: reachability, paths from roots, cycles, what is retained.

mod chain;
mod cycle;
mod cycle_picture;
mod cycle_text;
mod dominators;
mod path;
mod path_text;
mod picture;
mod words;

pub(super) use chain::{ChainView, LinkView};
pub(super) use cycle::{CycleView, cycles};
pub(super) use cycle_text::{cycle_lines, cycles_text};
pub(super) use dominators::{DominatorRow, dominator_rows, dominators_text};
pub(super) use path::PathView;
pub(super) use path_text::path_lines;
pub(super) use words::{reach, retained};

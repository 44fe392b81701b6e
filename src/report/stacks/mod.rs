//! Hybrid stacks made fit to be read: frames in words, folded stacks, their bytes by call and by line.

mod alive;
mod calls;
mod excerpt;
mod fold;
mod frame;
mod icicle;
mod lines;
mod view;
mod weight;

pub(super) use alive::{Alive, Language, alive};
pub(super) use excerpt::excerpt;
pub(super) use frame::{MISSING, name, place, short, whole};
pub(super) use icicle::{Icicle, icicle};
pub(super) use lines::{birth_lines, site_lines, source_lines, stack_lines};
pub(super) use view::{SiteView, Stacks};
pub(super) use weight::{Weight, weight_of};

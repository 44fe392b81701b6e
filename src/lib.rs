#![doc = include_str!("../docs/explanation/rooms.md")]

pub mod analysis;
pub mod document;
pub mod event;
pub mod findings;
pub mod heap;
pub mod report;
pub mod symbols;

#[cfg(feature = "python")]
mod audit;
#[cfg(feature = "python")]
mod python;
#[cfg(feature = "python")]
mod sys;

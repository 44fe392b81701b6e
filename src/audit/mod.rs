//! The audit: opens windows, takes snapshots, and turns what changed into evidence.
//!
//! Ties the rooms together inside the audited process; knows nothing of PyO3.

mod budget;
mod canary;
mod cycles;
mod doctor;
mod dominator_rows;
mod dominators;
mod evidence;
mod examine;
mod explain;
mod groups;
mod layers;
mod ledger;
mod measurement;
mod model;
mod places;
mod residue;
mod selfcheck;
mod stacks;
mod statistics;
mod trust;
mod vote;
mod watch;
mod words;

pub(crate) use budget::set_budget;
pub(crate) use canary::canary;
pub(crate) use cycles::{CycleWindow, predicted};
pub(crate) use doctor::{diagnose, snapshot_and_dominators, time_holders, time_snapshot};
pub(crate) use examine::{examine, retained};
pub(crate) use layers::{Reading, measure as measure_layers};
pub(crate) use measurement::Measurement;
pub(crate) use model::{describe, describe_reference, live_objects, model, total_references};
pub(crate) use selfcheck::self_check;
pub(crate) use stacks::frames_of;
pub(crate) use statistics::statistics;
pub(crate) use trust::{Watch, trust};
pub(crate) use watch::Trace;

use std::sync::OnceLock;

use crate::sys::Landmarks;

/// More references than this are no count: 3.11 starts its static objects at 999 999 999.
const PSEUDO_IMMORTAL: i32 = 100_000_000;

static LANDMARKS: OnceLock<Landmarks> = OnceLock::new();

/// Objects by which the interpreter's own tables are recognised.
fn landmarks() -> Landmarks {
    *LANDMARKS.get_or_init(Landmarks::new)
}

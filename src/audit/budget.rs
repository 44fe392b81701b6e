//! How much memory the model heap may take, and what is said when that is not enough.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::landmarks;
use crate::event::RunId;
use crate::heap::Edges;
use crate::sys::{self, Capture};

/// Bytes; 0 = half of what the system has to spare.
static BUDGET: AtomicU64 = AtomicU64::new(0);
/// What was left out for want of memory.
static SHORTAGE: Mutex<Shortage> = Mutex::new(Shortage::None);

/// What could not be done within the budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shortage {
    /// Nothing.
    None,
    /// Holders were not looked for, in words.
    Holders(String),
    /// No snapshot could be taken, in words.
    Snapshot(String),
}

/// Sets the budget in bytes; 0 for half of what the system has to spare.
pub(crate) fn set_budget(bytes: u64) {
    BUDGET.store(bytes, Relaxed);
}

/// What was left out since the last call of [`forget_shortage`].
pub(crate) fn shortage() -> Shortage {
    SHORTAGE.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
}

/// Begins anew.
pub(crate) fn forget_shortage() {
    note(Shortage::None);
}

fn note(shortage: Shortage) {
    *SHORTAGE.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = shortage;
}

/// A capture within the budget; `None` when not even one without edges fits. Either is noted.
pub(crate) fn capture(mode: Edges, since: RunId) -> Option<Capture> {
    let budget = match BUDGET.load(Relaxed) {
        0 => sys::memory_to_spare() / 2,
        bytes => bytes,
    };
    match sys::capture_within(budget, mode, since, landmarks()) {
        Ok(capture) => {
            if capture.without_edges {
                note(Shortage::Holders(format!(
                    "who holds what: a model heap with its references would have taken more than the {} that it may \
                     take (set_memory_budget)",
                    megabytes(budget)
                )));
            }
            Some(capture)
        }
        Err(too_large) => {
            note(Shortage::Snapshot(format!(
                "the model heap would take {}, more than the {} that it may take (set_memory_budget); nothing was \
                 compared",
                megabytes(too_large.bytes),
                megabytes(budget)
            )));
            None
        }
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

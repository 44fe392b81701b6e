//! What births are stamped with: the run that is audited, and a number that orders them.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use crate::event::RunId;

/// The run that births are stamped with; 0 outside of any, [`ASLEEP`] while nothing is audited.
pub(super) static RUN: AtomicU32 = AtomicU32::new(ASLEEP);
/// Births are not recorded: what comes into being now was there before the next audit.
pub(super) const ASLEEP: u32 = u32::MAX;
/// How many want births to be recorded.
static AWAKE: AtomicU32 = AtomicU32::new(0);
/// Births so far, counted under the GIL. Two interpreters with a GIL of their own may give the
/// same number twice, which is harmless: identity is address and serial together.
static SERIAL: AtomicU64 = AtomicU64::new(1);

/// The newest block of the object domain: the tracer need not stamp what was stamped just now.
#[cfg(Py_3_13)]
pub(super) static JUST_BORN: AtomicU64 = AtomicU64::new(0);

#[inline(always)]
pub(super) fn next_serial() -> u64 {
    // A plain load and store: under the GIL nobody else counts, and an atomic addition costs more
    // than all the rest of the hook.
    let serial = SERIAL.load(Relaxed);
    SERIAL.store(serial + 1, Relaxed);
    serial
}

/// For whoever does not hold the GIL.
#[inline(always)]
pub(super) fn next_serial_shared() -> u64 {
    SERIAL.fetch_add(1, Relaxed)
}

/// Stamps births from now on with a run; [`RunId::NOBODY`] ends it.
pub(crate) fn stamp(run: RunId) {
    if !super::native::forked() {
        RUN.store(run.0, Relaxed);
    }
}

/// The run that births are stamped with now.
pub(crate) fn stamped() -> RunId {
    match RUN.load(Relaxed) {
        ASLEEP => RunId::NOBODY,
        run => RunId(run),
    }
}

/// As long as one of these lives births are recorded; otherwise allocations only pass through.
#[derive(Debug)]
pub(crate) struct Awake {
    first: bool,
}

impl Awake {
    /// Begins to record, if nobody did. Call with the GIL held.
    pub(crate) fn new() -> Self {
        let first = AWAKE.fetch_add(1, Relaxed) == 0 && !super::native::forked();
        if first {
            stamp(RunId::NOBODY);
            super::native::wake();
        }
        Self { first }
    }

    /// Whether nothing was recorded before: then free lists hold blocks that nobody knows.
    pub(crate) fn is_first(&self) -> bool {
        self.first
    }
}

impl Default for Awake {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        if AWAKE.fetch_sub(1, Relaxed) == 1 {
            RUN.store(ASLEEP, Relaxed);
            super::native::sleep();
        }
    }
}

/// Records no births in a forked child: its other threads are gone, and with them what they held.
pub(super) fn stop_in_child() {
    RUN.store(ASLEEP, Relaxed);
}

/// The newest serial given so far.
pub(crate) fn newest_serial() -> u64 {
    SERIAL.load(Relaxed) - 1
}

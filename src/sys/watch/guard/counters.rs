//! How often what happened, and what could not be done.

use core::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};

/// Longest instruction.
const LONGEST: usize = 15;

/// Counts since the last arming.
pub(super) struct Counters {
    /// Blocks that were placed.
    pub(super) placed: AtomicU64,
    /// Blocks that were wanted and found no room.
    pub(super) no_room: AtomicU64,
    /// Writes to guarded pages.
    pub(super) writes: AtomicU64,
    /// Of these, performed for the writer.
    pub(super) performed: AtomicU64,
    /// Of these, executed by the writer on the alias.
    pub(super) stepped: AtomicU64,
    /// Of these, not understood: the object is watched no longer.
    pub(super) given_up: AtomicU64,
    /// Changes of a count.
    pub(super) changes: AtomicU64,
}

pub(super) static COUNTERS: Counters = Counters {
    placed: AtomicU64::new(0),
    no_room: AtomicU64::new(0),
    writes: AtomicU64::new(0),
    performed: AtomicU64::new(0),
    stepped: AtomicU64::new(0),
    given_up: AtomicU64::new(0),
    changes: AtomicU64::new(0),
};

impl Counters {
    fn all(&self) -> [(&'static str, &AtomicU64); 7] {
        [
            ("placed", &self.placed),
            ("no_room", &self.no_room),
            ("writes", &self.writes),
            ("performed", &self.performed),
            ("stepped", &self.stepped),
            ("given_up", &self.given_up),
            ("changes", &self.changes),
        ]
    }
}

/// The first instruction that was not understood.
static CODE: [AtomicU8; LONGEST] = [const { AtomicU8::new(0) }; LONGEST];
static KNOWN: AtomicU32 = AtomicU32::new(0);

/// Counts an instruction that was not understood. Good in signal handlers.
pub(super) fn not_understood(pc: u64) {
    COUNTERS.given_up.fetch_add(1, Relaxed);
    if KNOWN.swap(1, Relaxed) == 0 {
        let in_page = LONGEST.min(4096 - (pc & 4095) as usize);
        for (number, byte) in CODE[..in_page].iter().enumerate() {
            // SAFETY: the page that the processor executes an instruction of.
            byte.store(unsafe { (pc as *const u8).add(number).read() }, Relaxed);
        }
    }
}

/// Starts from 0.
pub(super) fn clear() {
    COUNTERS.all().into_iter().for_each(|(_, counter)| counter.store(0, Relaxed));
    CODE.iter().for_each(|byte| byte.store(0, Relaxed));
    KNOWN.store(0, Relaxed);
}

/// Names and values of all counts.
pub(crate) fn values() -> Vec<(&'static str, u64)> {
    COUNTERS.all().into_iter().map(|(name, counter)| (name, counter.load(Relaxed))).collect()
}

/// What was not seen, as sentences.
pub(super) fn notes() -> Vec<String> {
    let mut notes = Vec::new();
    let given_up = COUNTERS.given_up.load(Relaxed);
    if given_up > 0 {
        let code: Vec<String> = CODE.iter().map(|byte| format!("{:02x}", byte.load(Relaxed))).collect();
        notes.push(format!(
            "{given_up} watched object(s) were written by an instruction that is not understood ({}); \
             from then on their reference counts were not watched",
            code.join(" ")
        ));
    }
    let no_room = COUNTERS.no_room.load(Relaxed);
    if no_room > 0 {
        notes.push(format!(
            "{no_room} object(s) were not watched for want of mappings: each takes two, and a quarter of those that \
             vm.max_map_count leaves is used"
        ));
    }
    notes
}

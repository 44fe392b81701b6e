//! The canary: leaks on purpose, and is found, or no audit of this process is valid.

use super::landmarks;
use crate::event::RunId;
use crate::heap::Edges;
use crate::sys::{self, Canary};

/// Run number that no measurement uses: the last one that fits into a census record.
const RUN: RunId = RunId((1 << 24) - 1);

/// Leaks one reference and one object through compiled code, looks for exactly that, and gives
/// both back.
///
/// # Errors
/// What happened instead, in words.
pub(crate) fn canary() -> Result<(), String> {
    let _awake = sys::Awake::new();
    let mut bird = Canary::hatch().ok_or("no memory for the canary")?;
    sys::settle(sys::THOROUGH);
    let before = sys::summarise(&sys::capture(Edges::Count, RUN, landmarks()), None);
    sys::stamp(RUN);
    let leaked = bird.leak();
    sys::stamp(RunId::NOBODY);
    sys::settle(sys::THOROUGH);
    let after = sys::summarise(&sys::capture(Edges::Count, RUN, landmarks()), Some(&before));
    let changes = after.changes_since(&before);
    let survivors: Vec<u64> = after.survivors.iter().map(|block| block.address).collect();
    bird.bury();
    let gained = changes.iter().find(|change| change.address == bird.address()).map_or(0, |change| change.gain());
    if gained != 1 {
        return Err(format!("one reference was leaked on purpose and {gained} were found"));
    }
    if survivors != [leaked] {
        return Err(format!("one object was leaked on purpose and {} survivors were found", survivors.len()));
    }
    if changes.len() != 1 {
        return Err(format!("the counts of {} other objects changed meanwhile", changes.len() - 1));
    }
    Ok(())
}

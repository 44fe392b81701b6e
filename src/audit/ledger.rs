//! From recorded changes of counts to the ledger of a finding.

use crate::findings::{Account, Ledger, Sampled};
use crate::heap::History;

/// What the histories of a finding's objects say about the reference that is not given back. `kept` is how many
/// references one of the objects has too many (negative: too few).
pub(super) fn ledger(histories: &[History], kept: i64, of: u64, scope: &[String], notes: Vec<String>) -> Ledger {
    let _ = (kept, scope);
    let events = histories.iter().map(|history| history.events.len() as u64).sum();
    Ledger {
        account: Account::Unseen,
        reason: String::new(),
        places: Vec::new(),
        last_seen: None,
        history: Vec::new(),
        stacks: Vec::new(),
        balance: Vec::new(),
        sampled: Sampled { watched: histories.len() as u64, of, events, dropped: 0 },
        notes,
    }
}

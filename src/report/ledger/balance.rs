//! The balance tree: subtrees that give back what they take are folded into their first row.

use super::super::visible::{count, grouped, signed};
use super::place::{at, name};
use crate::document::{Balance, Ledger};
use serde::Serialize;

/// Rows that are shown.
const MOST: usize = 60;

#[derive(Serialize)]
pub(in crate::report) struct BalanceRow {
    /// At most 8, for the style sheet.
    pub(super) depth: u32,
    pub(super) name: String,
    pub(super) place: String,
    pub(super) taken: String,
    pub(super) released: String,
    pub(super) kept: String,
    pub(super) balanced: bool,
    /// `3 lines folded`; empty where nothing is.
    pub(super) folded: String,
}

/// The rows that are shown, and how many there is no room for.
pub(super) fn rows(ledger: &Ledger) -> (Vec<BalanceRow>, usize) {
    let mut rows = Vec::new();
    let mut number = 0;
    while let Some(row) = ledger.balance.get(number) {
        let below = ledger.balance[number + 1..].iter().take_while(|other| other.depth > row.depth).count();
        let balanced = row.taken == row.released;
        let folded = if balanced { below } else { 0 };
        rows.push(view(row, folded));
        number += 1 + folded;
    }
    let left_out = rows.len().saturating_sub(MOST);
    rows.truncate(MOST);
    (rows, left_out)
}

fn view(row: &Balance, folded: usize) -> BalanceRow {
    let kept = (row.taken as i64).saturating_sub(row.released as i64);
    BalanceRow {
        depth: row.depth.min(8),
        name: name(&row.frame),
        place: if row.frame.line > 0 || !row.frame.offset.is_empty() { at(&row.frame) } else { String::new() },
        taken: grouped(row.taken),
        released: grouped(row.released),
        kept: if kept == 0 { "balanced".into() } else { signed(kept) },
        balanced: kept == 0,
        folded: if folded > 0 { format!("{} folded", count(folded as u64, "row", "rows")) } else { String::new() },
    }
}

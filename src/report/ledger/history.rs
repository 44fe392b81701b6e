//! The history of one object, entry by entry.

use super::super::visible::{CELL, visible};
use super::place::{at, frame_of, name};
use crate::document::{Action, Entry, Frame, Ledger, Mechanism};
use serde::Serialize;

/// Rows that are shown; the history is whole in the JSON document.
const MOST: usize = 60;
/// Rows before the guilty one, where not all are shown.
const BEFORE: usize = 20;

/// One row: a change, or a transient up and down in one.
#[derive(Serialize, Clone)]
pub(in crate::report) struct EntryRow {
    /// Number of the entry, from 1.
    pub(super) number: usize,
    pub(super) run: u32,
    pub(super) thread: u32,
    pub(super) change: i64,
    /// `+1`, `-1`, `+1/-1`.
    pub(super) mark: String,
    /// The count afterwards; the sum of what was seen where the count itself was not.
    pub(super) count: i64,
    pub(super) what: String,
    pub(super) place: String,
    pub(super) pair: String,
    pub(super) guilty: bool,
}

/// The rows, and how many are left out before and after them.
#[derive(Serialize)]
pub(in crate::report) struct Rows {
    pub(super) rows: Vec<EntryRow>,
    pub(super) before: usize,
    pub(super) after: usize,
    pub(super) has_threads: bool,
    /// Counts are sums of what was seen.
    pub(super) relative: bool,
}

impl Rows {
    pub(super) fn of(ledger: &Ledger) -> Self {
        let all = all(ledger);
        let guilty = all.iter().position(|row| row.guilty).unwrap_or(0);
        let start = if all.len() <= MOST { 0 } else { guilty.saturating_sub(BEFORE).min(all.len() - MOST) };
        let end = all.len().min(start + MOST);
        Self {
            rows: all[start..end].to_vec(),
            before: start,
            after: all.len() - end,
            has_threads: ledger.history.iter().any(|entry| entry.thread > 1),
            relative: ledger.history.iter().any(|entry| !entry.mechanism.sees_counts()),
        }
    }
}

/// The rows as steps: what each did to the count, the frame that did it, and whether it is what is blamed.
pub(in crate::report) fn history_steps(ledger: &Ledger) -> Vec<(String, Option<&Frame>, bool)> {
    let step = |row: &EntryRow| {
        let frame = ledger.history.get(row.number - 1).and_then(|entry| frame_of(ledger, entry));
        (format!("{}, count {}: {}; {}", row.mark, row.count, row.what, row.pair), frame, row.guilty)
    };
    Rows::of(ledger).rows.iter().map(step).collect()
}

fn all(ledger: &Ledger) -> Vec<EntryRow> {
    let mut rows: Vec<EntryRow> = Vec::new();
    let mut sum = 0_i64;
    for (number, entry) in ledger.history.iter().enumerate() {
        sum = entry.change.saturating_add(sum);
        let count = entry.count.unwrap_or(sum);
        let with_last = number.checked_sub(1).map(|last| last as u32);
        if entry.rule == "same-call"
            && entry.change == -1
            && entry.pair == with_last
            && let Some(last) = rows.last_mut()
        {
            last.mark = "+1/-1".into();
            last.pair = "a transient".into();
            last.change = 0;
            last.count = count;
            continue;
        }
        rows.push(row(ledger, number, entry, count));
    }
    rows
}

fn row(ledger: &Ledger, number: usize, entry: &Entry, count: i64) -> EntryRow {
    let frame = frame_of(ledger, entry);
    EntryRow {
        number: number + 1,
        run: entry.run,
        thread: entry.thread,
        change: entry.change,
        mark: format!("{:+}", entry.change),
        count,
        what: what(entry, frame),
        place: frame.map_or_else(|| "not recorded".into(), |frame| format!("{} {}", name(frame), at(frame))),
        pair: match entry.pair {
            Some(pair) => format!("with {} ({})", u64::from(pair) + 1, visible(&entry.rule, 40)),
            None if entry.mechanism == Mechanism::CallEffect => "no call is known to pair it with".into(),
            None if entry.change > 0 => "nothing gives it back".into(),
            None => "nothing had taken it".into(),
        },
        guilty: is_guilty(ledger, entry),
    }
}

/// Whether an entry is what the first place is blamed for.
fn is_guilty(ledger: &Ledger, entry: &Entry) -> bool {
    let (Some(first), Some(frame)) = (ledger.places.first(), frame_of(ledger, entry)) else { return false };
    let blamed = &first.frame;
    let same = (&frame.function, &frame.file, frame.line, &frame.module)
        == (&blamed.function, &blamed.file, blamed.line, &blamed.module);
    let sign = if first.unpaired < 0 { entry.change < 0 } else { entry.change > 0 };
    entry.pair.is_none()
        && same
        && sign
        && entry.function == first.function
        && (frame.line > 0 || frame.offset == blamed.offset)
}

/// What happened, in words.
pub(super) fn what(entry: &Entry, frame: Option<&Frame>) -> String {
    let function = visible(&entry.function, CELL);
    let by = |words: &str| if function.is_empty() { words.to_owned() } else { format!("{words} by {function}") };
    match entry.action {
        Action::Born if frame.is_none() => by("born"),
        Action::Born => by("born"),
        Action::Inlined => function,
        Action::NewReference => by("new reference"),
        Action::Stored => by("stored"),
        Action::Released => by("given back"),
        Action::Deallocated => by("container freed"),
        Action::Python => "Python code".into(),
        Action::Unknown => by("unknown"),
    }
}

//! A ledger as lines of plain text.

use super::super::lines::{Lines, WIDTH, clipped};
use super::super::visible::{SENTENCE, visible};
use super::balance::rows;
use super::history::Rows;
use super::place::PlaceView;
use super::sentence::{guess, sentence};
use super::view::sampled;
use crate::document::{Finding, Ledger};

const INDENT: &str = "                  ";
const DEEPER: &str = "                                 ";
/// Notes that are shown.
const MOST_NOTES: usize = 12;

/// The sentence, the places, the history and the balance tree of a finding that was explained.
pub(in crate::report) fn ledger_lines(page: &mut Lines, finding: &Finding) {
    let Some(ledger) = finding.ledger.as_deref() else { return };
    page.detail("explained", &visible(&sentence(finding, ledger), SENTENCE));
    page.detail("", &visible(&guess(ledger), SENTENCE));
    places(page, ledger);
    history(page, ledger);
    balance(page, ledger);
    page.detail("watched", &sampled(ledger));
    for note in ledger.notes.iter().take(MOST_NOTES) {
        page.detail("unseen", &visible(note, SENTENCE));
    }
}

/// The history of a watch on one object, and what could not be seen of it.
pub(in crate::report) fn history_text(ledger: &Ledger) -> String {
    let mut page = Lines::default();
    if ledger.history.is_empty() {
        page.detail("history", "nothing was seen to happen to the count");
    }
    history(&mut page, ledger);
    for note in ledger.notes.iter().take(MOST_NOTES) {
        page.detail("unseen", &visible(note, SENTENCE));
    }
    page.done()
}

fn places(page: &mut Lines, ledger: &Ledger) {
    for (number, place) in PlaceView::all(ledger).into_iter().enumerate() {
        let by = if place.by.is_empty() { String::new() } else { format!(" by {}", place.by) };
        let label = if number == 0 { "place" } else { "" };
        page.detail(label, &format!("{}{}  {}{by}: {}", place.rank, place.name, place.place, place.amount));
        for caller in &place.callers {
            page.wrap_after(&format!("{INDENT}  "), &format!("{INDENT}    "), caller);
        }
        let digits = place.source.iter().map(|line| line.number.to_string().len()).max().unwrap_or(0);
        for line in &place.source {
            let mark = if line.blamed { '>' } else { ' ' };
            let text = format!("{INDENT}{mark} {:>5} {:>digits$} | {}", line.mark, line.number, line.text);
            page.raw(&clipped(text.trim_end(), WIDTH));
        }
    }
}

fn history(page: &mut Lines, ledger: &Ledger) {
    let rows = Rows::of(ledger);
    if rows.rows.is_empty() {
        return;
    }
    page.detail("history", "change, count, what and where; ! marks what is blamed");
    if rows.before > 0 {
        page.wrap(INDENT, &format!("({} earlier)", rows.before));
    }
    let mut run = None;
    for row in &rows.rows {
        if run.replace(row.run) != Some(row.run) {
            page.wrap(INDENT, &if row.run == 0 { "outside of any run".into() } else { format!("run {}", row.run) });
        }
        let mark = if row.guilty { '!' } else { ' ' };
        let thread = if rows.has_threads { format!(", thread {}", row.thread) } else { String::new() };
        let first = format!("{INDENT}{mark}{:>3} {:>5} {:>3}  ", row.number, row.mark, row.count);
        page.wrap_after(&first, DEEPER, &format!("{}, {}; {}{thread}", row.what, row.place, row.pair));
    }
    if rows.after > 0 {
        page.wrap(INDENT, &format!("({} later, in the JSON document)", rows.after));
    }
}

fn balance(page: &mut Lines, ledger: &Ledger) {
    let (rows, left_out) = rows(ledger);
    for (number, row) in rows.iter().enumerate() {
        let indent = "  ".repeat(row.depth as usize);
        let place = if row.place.is_empty() { String::new() } else { format!(" {}", row.place) };
        let folded = if row.folded.is_empty() { String::new() } else { format!(" [{}]", row.folded) };
        let text = format!("{}{place}  +{} -{}  {}{folded}", row.name, row.taken, row.released, row.kept);
        if number == 0 {
            page.detail("balance", &text);
        } else {
            page.wrap_after(&format!("{INDENT}{indent}"), &format!("{INDENT}{indent}    "), &text);
        }
    }
    if left_out > 0 {
        page.detail("", &format!("and {left_out} more rows"));
    }
}

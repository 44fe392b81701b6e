//! The table of dominators: what the survivors retain, as a tree.

use super::super::lines::{Lines, WIDTH, clipped};
use super::super::pieces::breakable;
use super::super::visible::{CELL, bytes, grouped, visible};
use crate::document::{Document, Dominator};
use serde::Serialize;

/// Rows in plain text, and on a page.
const MOST_LINES: usize = 40;
const MOST_ROWS: usize = 200;
/// Levels that are indented; deeper ones stand below each other.
const DEEPEST: usize = 8;

/// A row as the HTML template is given it.
#[derive(Serialize)]
pub(in crate::report) struct DominatorRow {
    depth: usize,
    type_name: Vec<String>,
    label: String,
    other: bool,
    count: String,
    shallow: String,
    objects: String,
    retained: String,
    /// Part of the most costly row, in percent.
    width: String,
}

/// The rows of a document's table, each with its depth.
pub(in crate::report) fn dominator_rows(doc: &Document) -> Vec<DominatorRow> {
    let most = doc.dominators.iter().map(|row| row.retained.bytes).max().unwrap_or(0).max(1) as f64;
    let rows = doc.dominators.iter().zip(depths(&doc.dominators)).take(MOST_ROWS);
    rows.map(|(row, depth)| DominatorRow {
        depth: depth.min(DEEPEST),
        type_name: breakable(&visible(&row.type_name, CELL)),
        label: visible(&row.label, CELL),
        other: is_other(row),
        count: grouped(row.count),
        shallow: bytes(row.shallow),
        objects: grouped(row.retained.objects),
        retained: bytes(row.retained.bytes),
        width: format!("{:.1}", row.retained.bytes as f64 / most * 100.0),
    })
    .collect()
}

fn is_other(row: &Dominator) -> bool {
    row.type_name == "other" && row.label.is_empty()
}

/// How deep each row is; a parent that does not come before its row, as no writer makes, is none.
fn depths(rows: &[Dominator]) -> Vec<usize> {
    let mut depths: Vec<usize> = Vec::with_capacity(rows.len());
    for row in rows {
        let above = row.parent.and_then(|parent| depths.get(parent as usize));
        depths.push(above.map_or(0, |depth| depth + 1));
    }
    depths
}

/// The section of the table; nothing where there are no rows.
pub(in crate::report) fn dominators_text(page: &mut Lines, doc: &Document) {
    if doc.dominators.is_empty() {
        return;
    }
    page.title("WHAT THE SURVIVORS RETAIN");
    page.wrap("", "Born in the audit and still alive: each type below what alone keeps it alive.");
    page.raw("     retained   objects        own  type");
    for (row, depth) in doc.dominators.iter().zip(depths(&doc.dominators)).take(MOST_LINES) {
        let what = if is_other(row) { "others".to_owned() } else { visible(&row.type_name, CELL) };
        let line = format!(
            "{:>13} {:>9} {:>10}  {}{} x {what}",
            bytes(row.retained.bytes),
            grouped(row.retained.objects),
            bytes(row.shallow),
            "  ".repeat(depth.min(DEEPEST)),
            grouped(row.count),
        );
        page.raw(&clipped(&line, WIDTH));
    }
    if doc.dominators.len() > MOST_LINES {
        let more = grouped((doc.dominators.len() - MOST_LINES) as u64);
        page.wrap("     ", &format!("and {more} more rows, in the JSON document"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn rows_are_as_deep_as_their_parents_say() {
        let mut doc = sample::leaks();
        assert_eq!(depths(&doc.dominators)[..4], [0, 1, 2, 1]);
        // A reader is not led in a circle.
        doc.dominators[0].parent = Some(0);
        doc.dominators[1].parent = Some(900);
        assert_eq!(depths(&doc.dominators)[..3], [0, 0, 1]);
    }
}

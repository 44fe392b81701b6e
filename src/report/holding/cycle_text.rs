//! Reference cycles as lines of plain text.

use super::super::lines::Lines;
use super::super::stacks::birth_lines;
use super::super::visible::{CELL, NAME, SENTENCE, bytes, grouped, visible};
use super::chain::plain;
use super::cycle::{births, cycles, notes};
use super::cycle_picture::MOST;
use super::words::{fate, how_many, retained};
use crate::document::{Cycle, Document, Kept, Step};

/// Cycles that are shown.
const MOST_CYCLES: usize = 40;
/// Stacks of birth of each.
const MOST_STACKS: usize = 2;
const INDENT: &str = "                  ";

/// `list of 1 [0] -> T .next -> list of 1`.
pub(super) fn in_words(cycle: &Cycle) -> String {
    let mut words = String::new();
    for step in cycle.steps.iter().take(MOST) {
        words.push_str(&format!("{} {} \u{2192} ", plain(&step.what), step.by));
    }
    let end = cycle.steps.first().filter(|_| cycle.steps.len() <= MOST);
    words + &end.map_or_else(|| "\u{2026}".into(), |first| plain(&first.what))
}

/// The section of all cycles; nothing where there are none.
pub(in crate::report) fn cycles_text(page: &mut Lines, doc: &Document) {
    let cycles = cycles(doc);
    if cycles.is_empty() {
        return;
    }
    page.title("REFERENCE CYCLES");
    for (number, cycle) in cycles.iter().take(MOST_CYCLES).enumerate() {
        if number > 0 {
            page.blank();
        }
        let (word, ..) = fate(cycle.fate);
        let head = format!("{}  {}", word.to_uppercase(), how_many(cycle.count));
        page.wrap_after(&format!("{:>3}. ", number + 1), "     ", &head);
        page.wrap("     ", &visible(&cycle.message, SENTENCE));
        page.detail("test", &visible(&cycle.subject, NAME));
        cycle_lines(page, cycle);
        for (what, step) in births(cycle).into_iter().take(MOST_STACKS) {
            birth_lines(page, &visible(&plain(what), CELL), step);
        }
        page.detail("fingerprint", &visible(&cycle.fingerprint, 40));
    }
    if cycles.len() > MOST_CYCLES {
        page.wrap("     ", &format!("and {} more, in the JSON document", grouped((cycles.len() - MOST_CYCLES) as u64)));
    }
}

/// What becomes of a cycle, its members in order, and what it keeps alive.
pub(in crate::report) fn cycle_lines(page: &mut Lines, cycle: &Cycle) {
    let (word, _, becomes) = fate(cycle.fate);
    page.detail("cycle", &format!("{word}: {becomes}"));
    if !cycle.reason.is_empty() {
        page.detail("because", &visible(&cycle.reason, SENTENCE));
    }
    for (number, step) in cycle.steps.iter().take(MOST).enumerate() {
        member(page, number, step, number == cycle.closed_by as usize, cycle.steps.len());
    }
    if cycle.steps.len() > MOST {
        page.detail("", &format!("and {} more members", grouped((cycle.steps.len() - MOST) as u64)));
    }
    let members: Vec<String> = cycle.members.iter().take(12).map(kept).collect();
    if !members.is_empty() {
        page.detail("members", &members.join(", "));
    }
    let retained = retained(&cycle.retained);
    if !retained.is_empty() {
        page.detail("retains", &format!("{retained}{}", if cycle.count > 1 { " each" } else { "" }));
    }
}

/// `1. sample.Node .children -> 2`, with what else matters of the member.
fn member(page: &mut Lines, number: usize, step: &Step, closes: bool, all: usize) {
    let arrow = if step.hidden { "~>" } else { "->" };
    let mut notes = notes(step);
    notes.insert(0, bytes(step.bytes));
    if step.hidden {
        notes.push("a reference that the collector does not see".into());
    }
    let mark = if closes { "*" } else { " " };
    let text = format!(
        "{} {} {arrow} {} ({})",
        visible(&plain(&step.what), CELL),
        visible(&step.by, 60),
        if number + 1 == all { 1 } else { number + 2 },
        notes.join(", ")
    );
    page.wrap_after(&format!("{INDENT}{mark}{:>2}. ", number + 1), &format!("{INDENT}      "), &text);
}

fn kept(kept: &Kept) -> String {
    format!("{} x {} ({})", grouped(kept.count), visible(&kept.type_name, CELL), bytes(kept.bytes))
}

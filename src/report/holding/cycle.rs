//! A reference cycle as the HTML template is given it.

use super::super::pieces::{Prose, breakable, prose};
use super::super::stacks::Stacks;
use super::super::visible::{CELL, NAME, SENTENCE, bytes, count, grouped, visible};
use super::cycle_picture::{self, MOST};
use super::cycle_text::in_words;
use super::picture::Picture;
use super::words::{fate, how_many, retained};
use crate::document::{Cycle, Document, Step};
use serde::Serialize;
use std::cmp::Reverse;

/// Types of members that are shown.
const MOST_MEMBERS: usize = 12;
/// Stacks of birth of a cycle.
const MOST_STACKS: usize = 4;

#[derive(Serialize)]
pub(in crate::report) struct CycleView {
    fate: &'static str,
    class: &'static str,
    becomes: &'static str,
    reason: Prose,
    count: String,
    message: Prose,
    subject: Vec<String>,
    picture: Picture,
    hidden: bool,
    closed_by: Vec<String>,
    steps: Vec<StepView>,
    steps_left_out: usize,
    members: Vec<[String; 3]>,
    members_left_out: usize,
    retained: String,
    stacks: Stacks,
    fingerprint: String,
}

#[derive(Serialize)]
struct StepView {
    what: Vec<String>,
    by: String,
    hidden: bool,
    closes: bool,
    bytes: String,
    /// Generation, finalizer and weak references in words.
    notes: String,
    at: String,
}

impl CycleView {
    pub(in crate::report) fn of(cycle: &Cycle) -> Self {
        let (word, class, becomes) = fate(cycle.fate);
        let closer = cycle.steps.get(cycle.closed_by as usize);
        let members = cycle.members.iter().take(MOST_MEMBERS);
        Self {
            fate: word,
            class,
            becomes,
            reason: if cycle.reason.is_empty() { vec![] } else { prose(&cycle.reason, SENTENCE) },
            count: how_many(cycle.count),
            message: prose(&cycle.message, SENTENCE),
            subject: breakable(&visible(&cycle.subject, NAME)),
            picture: cycle_picture::picture(cycle, visible(&in_words(cycle), SENTENCE)),
            hidden: cycle.steps.iter().any(|step| step.hidden),
            closed_by: closer.map_or_else(Vec::new, |step| breakable(&visible(&step.type_name, CELL))),
            steps: steps(cycle),
            steps_left_out: cycle.steps.len().saturating_sub(MOST),
            members: members.map(|m| [visible(&m.type_name, CELL), grouped(m.count), bytes(m.bytes)]).collect(),
            members_left_out: cycle.members.len().saturating_sub(MOST_MEMBERS),
            retained: retained(&cycle.retained),
            stacks: Stacks::of_births(&births(cycle), MOST_STACKS),
            fingerprint: visible(&cycle.fingerprint, 40),
        }
    }
}

/// What was born where: each stack once, with the member that it is of.
pub(super) fn births(cycle: &Cycle) -> Vec<(&str, &Step)> {
    let mut found: Vec<(&str, &Step)> = Vec::new();
    for step in cycle.steps.iter().filter(|step| step.trace.is_some()) {
        let known = |(_, other): &(&str, &Step)| {
            other.type_name == step.type_name
                && other.trace.as_ref().map(|t| &t.frames) == step.trace.as_ref().map(|t| &t.frames)
        };
        if !found.iter().any(known) {
            found.push((&step.what, step));
        }
    }
    found
}

fn steps(cycle: &Cycle) -> Vec<StepView> {
    let step = |(number, step): (usize, &Step)| StepView {
        what: breakable(&visible(&super::chain::plain(&step.what), CELL)),
        by: visible(&step.by, 60),
        hidden: step.hidden,
        closes: number == cycle.closed_by as usize,
        bytes: bytes(step.bytes),
        notes: notes(step).join(", "),
        at: step.site.as_ref().map_or_else(String::new, |site| super::super::stacks::place(&site.frame, true)),
    };
    cycle.steps.iter().enumerate().take(MOST).map(step).collect()
}

/// What else matters of a member.
pub(super) fn notes(step: &Step) -> Vec<String> {
    let generation = step.generation.map(|number| format!("generation {number}"));
    let finalizer = (!step.finalizer.is_empty()).then(|| format!("finalizer {}", visible(&step.finalizer, 40)));
    let weak =
        (step.weak_references > 0).then(|| count(step.weak_references.into(), "weak reference", "weak references"));
    [generation, finalizer, weak].into_iter().flatten().collect()
}

/// The cycles of a document: the worst fate first, then the most costly, whatever the document's order.
pub(in crate::report) fn cycles(doc: &Document) -> Vec<&Cycle> {
    let mut cycles: Vec<&Cycle> = doc.cycles.iter().collect();
    cycles.sort_by_key(|cycle| {
        let cost = cycle.retained.bytes.saturating_mul(cycle.count);
        (cycle.fate, Reverse(cost), &cycle.subject, &cycle.fingerprint)
    });
    cycles
}

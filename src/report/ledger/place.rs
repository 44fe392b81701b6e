//! Places of a ledger in words, and the source around them with what is taken and given back in the margin.

use super::super::stacks;
use super::super::visible::{CELL, NAME, count, visible};
use crate::document::{Frame, Ledger, LedgerPlace, Site};
use serde::Serialize;
use std::collections::BTreeMap;

/// A place that may be to blame.
#[derive(Serialize)]
pub(in crate::report) struct PlaceView {
    /// `1.`, or nothing where there is only one.
    pub(super) rank: String,
    pub(super) name: String,
    pub(super) place: String,
    pub(super) by: String,
    pub(super) amount: String,
    /// The chain of calls in the extension, outwards.
    pub(super) callers: Vec<String>,
    pub(super) source: Vec<Margin>,
}

/// A line of source and what happens to references in it.
#[derive(Serialize)]
pub(in crate::report) struct Margin {
    pub(super) mark: String,
    pub(super) number: u32,
    pub(super) text: String,
    pub(super) blamed: bool,
}

impl PlaceView {
    pub(super) fn all(ledger: &Ledger) -> Vec<Self> {
        let several = ledger.places.len() > 1;
        let view = |(number, place): (usize, &LedgerPlace)| Self {
            rank: if several { format!("{}. ", number + 1) } else { String::new() },
            name: name(&place.frame),
            place: stacks::place(&place.frame, true),
            by: visible(&place.function, CELL),
            amount: amount(place),
            callers: callers(place),
            source: margin(ledger, place),
        };
        ledger.places.iter().enumerate().map(view).collect()
    }
}

/// The function's name; marked where it is only the nearest symbol.
pub(super) fn name(frame: &Frame) -> String {
    let near = if frame.guess && !frame.function.is_empty() { "near " } else { "" };
    format!("{near}{}", stacks::name(frame, CELL))
}

/// `native.c:42`, or `native.so+0x1a2b`.
pub(super) fn at(frame: &Frame) -> String {
    if frame.line > 0 {
        let file = frame.file.rsplit('/').next().unwrap_or_default();
        return format!("{}:{}", visible(file, CELL), frame.line);
    }
    stacks::place(frame, true)
}

fn amount(place: &LedgerPlace) -> String {
    let taken = (place.taken > 0).then(|| format!("{} taken", count(place.taken, "reference", "references")));
    let released =
        (place.released > 0).then(|| format!("{} given back", count(place.released, "reference", "references")));
    let left = match place.unpaired {
        0 => None,
        left if left > 0 => Some(format!("{left} without a release")),
        left => Some(format!("{} without having been taken", left.unsigned_abs())),
    };
    [taken, released, left].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn callers(place: &LedgerPlace) -> Vec<String> {
    let mut inlined = place.frame.inlined;
    let mut words = Vec::new();
    for frame in &place.callers {
        let how = if inlined { "inlined into" } else { "called by" };
        words.push(visible(&format!("{how} {} {}", name(frame), at(frame)), NAME));
        inlined = frame.inlined;
    }
    words
}

/// The source around a place; what the history shown does in each line stands in the margin.
fn margin(ledger: &Ledger, place: &LedgerPlace) -> Vec<Margin> {
    let changes = changes(ledger, &place.frame.file);
    let site = Site { frame: place.frame.clone(), source: place.source.clone() };
    let line = |(number, text): (u32, String)| Margin {
        mark: changes.get(&number).map_or_else(String::new, |(taken, given)| marks(*taken, *given)),
        blamed: number == place.frame.line,
        number,
        text,
    };
    stacks::excerpt(&site).into_iter().map(line).collect()
}

fn marks(taken: i64, given: i64) -> String {
    match (taken, given) {
        (taken, 0) => format!("+{taken}"),
        (0, given) => format!("-{given}"),
        (taken, given) => format!("+{taken}-{given}"),
    }
}

/// References taken and given back by line of one file, transients left out.
fn changes(ledger: &Ledger, file: &str) -> BTreeMap<u32, (i64, i64)> {
    let mut lines: BTreeMap<u32, (i64, i64)> = BTreeMap::new();
    for entry in ledger.history.iter().filter(|entry| entry.rule != "same-call") {
        let Some(frame) = frame_of(ledger, entry) else { continue };
        if frame.file == file && frame.line > 0 {
            let line = lines.entry(frame.line).or_default();
            line.0 = line.0.saturating_add(entry.change.max(0));
            line.1 = line.1.saturating_add(entry.change.min(0).saturating_neg());
        }
    }
    lines
}

/// The frame that made an entry.
pub(super) fn frame_of<'a>(ledger: &'a Ledger, entry: &crate::document::Entry) -> Option<&'a Frame> {
    ledger.stacks.get(entry.stack as usize)?.get(entry.frame as usize)
}

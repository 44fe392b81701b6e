//! A site and its stacks as the HTML template is given them.

use super::super::pieces::breakable;
use super::super::visible::{CELL, NAME, count, visible};
use super::excerpt::excerpt;
use super::fold::{Entry, entries};
use super::frame::{class, in_library, library, marks, name, place};
use super::weight::Weight;
use crate::document::{Finding, Frame, Site, Step, Trace};
use serde::Serialize;

/// Frames that one fold lists.
const MOST_FOLDED: usize = 40;
/// Why a stack may not be true.
pub(super) const STALE: &str = "This stack may be of an object that lived in the same memory before: Python before 3.13 \
    tells nobody when memory is used again through a free list.";

/// The frame that is blamed.
#[derive(Serialize)]
pub(in crate::report) struct SiteView {
    name: String,
    /// Whole, in pieces between which a line may break.
    place: Vec<String>,
    short_place: String,
    /// `module+0x1a2b`, where the place is a line of source.
    address: String,
    marks: Vec<&'static str>,
    source: Vec<SourceView>,
}

#[derive(Serialize)]
struct SourceView {
    number: u32,
    text: String,
    blamed: bool,
}

/// The stacks of a finding.
#[derive(Serialize)]
pub(in crate::report) struct Stacks {
    traces: Vec<TraceView>,
    /// Stacks that are not shown, in words; empty when all are.
    left_out: String,
}

#[derive(Serialize)]
struct TraceView {
    amount: String,
    entries: Vec<EntryView>,
    stale: &'static str,
    truncated: bool,
}

/// A frame, or a fold with its frames.
#[derive(Serialize)]
struct EntryView {
    fold: String,
    frames: Vec<FrameView>,
    left_out: usize,
}

#[derive(Serialize)]
struct FrameView {
    class: &'static str,
    blamed: bool,
    name: String,
    place: String,
    whole_place: String,
    library: String,
    marks: Vec<&'static str>,
}

impl SiteView {
    pub(in crate::report) fn of(site: &Site) -> Self {
        let frame = &site.frame;
        let source =
            excerpt(site).into_iter().map(|(number, text)| SourceView { number, text, blamed: number == frame.line });
        Self {
            name: name(frame, NAME),
            place: breakable(&place(frame, false)),
            short_place: place(frame, true),
            address: if frame.line > 0 && !frame.module.is_empty() { in_library(frame) } else { String::new() },
            marks: marks(frame),
            source: source.collect(),
        }
    }
}

impl Stacks {
    /// The first `most` stacks of a finding; the others are counted.
    pub(in crate::report) fn of(finding: &Finding, unit: (&str, &str), most: usize) -> Self {
        let traces = finding.traces.iter().take(most);
        let left_out = finding.traces.len().saturating_sub(most) as u64;
        Self {
            traces: traces.map(|trace| trace_view(trace, finding.site.as_ref(), unit)).collect(),
            left_out: more(left_out),
        }
    }
}

impl Stacks {
    /// The stacks of a cycle's members, each with the name of its member.
    pub(in crate::report) fn of_births(births: &[(&str, &Step)], most: usize) -> Self {
        let views = births.iter().filter_map(|(what, step)| {
            let trace = trace_view(step.trace.as_ref()?, step.site.as_ref(), ("object", "objects"));
            Some(TraceView { amount: visible(&what.replace('`', ""), CELL), ..trace })
        });
        let left_out = births.len().saturating_sub(most) as u64;
        Self { traces: views.take(most).collect(), left_out: more(left_out) }
    }
}

fn more(left_out: u64) -> String {
    if left_out > 0 { count(left_out, "more stack", "more stacks") } else { String::new() }
}

fn trace_view(trace: &Trace, site: Option<&Site>, unit: (&str, &str)) -> TraceView {
    let entries = entries(trace, site).into_iter().map(|entry| match entry {
        Entry::Frame { frame, blamed } => {
            EntryView { fold: String::new(), frames: vec![frame_view(frame, blamed)], left_out: 0 }
        }
        Entry::Fold { frames, words } => EntryView {
            fold: words,
            frames: frames.iter().take(MOST_FOLDED).map(|frame| frame_view(frame, false)).collect(),
            left_out: frames.len().saturating_sub(MOST_FOLDED),
        },
    });
    TraceView {
        amount: Weight { bytes: trace.bytes, blocks: trace.blocks }.in_words(unit),
        entries: entries.collect(),
        stale: if trace.stale { STALE } else { "" },
        truncated: trace.truncated,
    }
}

fn frame_view(frame: &Frame, blamed: bool) -> FrameView {
    let (place, whole_place) = (place(frame, true), place(frame, false));
    FrameView {
        class: class(frame.origin),
        blamed,
        name: name(frame, CELL),
        whole_place: if whole_place == place { String::new() } else { whole_place },
        place,
        library: library(frame, true),
        marks: marks(frame),
    }
}

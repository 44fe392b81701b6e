//! A site and its stacks as lines of plain text.

use super::super::lines::{Lines, WIDTH, clipped};
use super::super::visible::count;
use super::excerpt::excerpt;
use super::fold::{Entry, entries};
use super::frame::{MISSING, in_library, marks, whole};
use super::view::STALE;
use super::weight::Weight;
use crate::document::{Finding, Frame, Origin, Site, Step, Trace};

/// Where the text of details begins, and where their marks stand.
const INDENT: usize = 18;
const DEEPER: &str = "                      ";

/// The site with its source: the blamed line is marked with `>`.
pub(in crate::report) fn site_lines(page: &mut Lines, site: &Site) {
    let frame = &site.frame;
    page.detail("site", &marked(frame, false));
    if frame.line > 0 && !frame.module.is_empty() && !frame.offset.is_empty() {
        page.detail("", &format!("at {}", in_library(frame)));
    }
    source_lines(page, site);
}

/// The source around a site.
pub(in crate::report) fn source_lines(page: &mut Lines, site: &Site) {
    let frame = &site.frame;
    let lines = excerpt(site);
    let digits = lines.iter().map(|(number, _)| number.to_string().len()).max().unwrap_or(0);
    for (number, text) in lines {
        let mark = if number == frame.line { '>' } else { ' ' };
        let text = format!("{:INDENT$}{mark} {number:>digits$} | {text}", "");
        page.raw(&clipped(text.trim_end(), WIDTH));
    }
}

/// The most costly stack whole, the others counted.
pub(in crate::report) fn stack_lines(page: &mut Lines, finding: &Finding, unit: (&str, &str)) {
    let Some((first, rest)) = finding.traces.split_first() else { return };
    let mut others = Weight::default();
    rest.iter().for_each(|trace| others.add(trace));
    page.detail("stack", &Weight { bytes: first.bytes, blocks: first.blocks }.in_words(unit));
    trace_lines(page, first, finding.site.as_ref());
    if !rest.is_empty() {
        let stacks = count(rest.len() as u64, "more stack", "more stacks");
        page.detail("", &format!("and {stacks}: {}", others.in_words(unit)));
    }
}

/// Where a member of a cycle was born.
pub(in crate::report) fn birth_lines(page: &mut Lines, what: &str, step: &Step) {
    if let Some(trace) = &step.trace {
        page.detail("born", what);
        trace_lines(page, trace, step.site.as_ref());
    }
}

fn trace_lines(page: &mut Lines, trace: &Trace, site: Option<&Site>) {
    for entry in entries(trace, site) {
        let (mark, text) = match entry {
            Entry::Fold { words, .. } => (' ', format!("[{words}]")),
            Entry::Frame { frame, blamed: true } => ('>', marked(frame, true)),
            Entry::Frame { frame, .. } if frame.origin == Origin::Extension => ('*', marked(frame, true)),
            Entry::Frame { frame, .. } => (' ', marked(frame, true)),
        };
        page.wrap_after(&format!("{:INDENT$}{mark} ", ""), DEEPER, &text);
    }
    if trace.truncated {
        page.wrap_after(&format!("{:INDENT$}  ", ""), DEEPER, MISSING);
    }
    if trace.stale {
        page.detail("", STALE);
    }
}

/// A frame with its marks.
fn marked(frame: &Frame, shortened: bool) -> String {
    let mut text = whole(frame, shortened);
    for mark in marks(frame) {
        text.push_str(&format!(", {mark}"));
    }
    text
}

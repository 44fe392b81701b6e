//! What is still alive by stack, as collapsed stacks: `outer;inner weight`, a line for each.
//!
//! Format: Brendan Gregg's, <https://github.com/brendangregg/FlameGraph>; `_[i]` marks an inlined frame.
//! The weight is in bytes, or in objects and blocks where no stack has bytes.

use super::stacks::{MISSING, name, place, weight_of};
use super::visible::{SENTENCE, visible};
use crate::document::{Document, Frame, Trace};
use std::collections::BTreeMap;

pub(super) fn render(doc: &Document) -> String {
    let (_, unit) = weight_of(&doc.findings);
    let mut stacks: BTreeMap<String, u64> = BTreeMap::new();
    for trace in doc.findings.iter().flat_map(|finding| &finding.traces) {
        let sum = stacks.entry(stack(trace)).or_default();
        *sum = sum.saturating_add(unit.of_trace(trace));
    }
    // A stack without frames has no name, and one without weight no width.
    let lines = stacks.iter().filter(|(stack, weight)| !stack.is_empty() && **weight > 0);
    lines.map(|(stack, weight)| format!("{stack} {weight}\n")).collect()
}

fn stack(trace: &Trace) -> String {
    let missing = trace.truncated.then(|| MISSING.to_owned());
    missing.into_iter().chain(trace.frames.iter().rev().map(label)).collect::<Vec<_>>().join(";")
}

/// `function (file.c:34)`, with nothing in it that the format has a meaning for.
fn label(frame: &Frame) -> String {
    let mut label = name(frame, SENTENCE);
    if frame.guess {
        label.push('?');
    }
    let place = place(frame, false);
    if !place.is_empty() {
        label.push_str(&format!(" ({place})"));
    }
    if frame.inlined {
        label.push_str("_[i]");
    }
    visible(&label.replace(';', ":"), SENTENCE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn lines_are_stacks_outermost_first_and_weights_add_up() {
        let mut doc = sample::leaks();
        let (all, _) = weight_of(&doc.findings);
        let text = render(&doc);
        let weight = |line: &str| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap();
        assert_eq!(text.lines().map(weight).sum::<u64>(), all.bytes);
        assert!(text.contains("_[i];"), "{text}");
        doc.findings.iter_mut().flat_map(|f| &mut f.traces).for_each(|t| t.bytes = 0);
        let text = render(&doc);
        assert_eq!(text.lines().map(weight).sum::<u64>(), all.blocks);
        assert!(text.contains("? (libsamplecodec.so.2+0x2a4f) ") && text.contains(MISSING), "{text}");
    }

    #[test]
    fn names_cannot_make_frames_or_lines() {
        let mut doc = sample::leaks();
        doc.findings.retain(|f| !f.traces.is_empty());
        doc.findings.truncate(1);
        let trace = &mut doc.findings[0].traces[0];
        trace.frames.truncate(2);
        trace.frames[0].function = "a;b\nc 7".into();
        trace.bytes = 5;
        let trace = trace.clone();
        doc.findings[0].traces = vec![trace];
        let text = render(&doc);
        assert_eq!((text.lines().count(), text.matches(';').count()), (1, 1), "{text}");
        assert!(text.contains("a:b\\nc 7") && text.ends_with(" 5\n"));
    }
}

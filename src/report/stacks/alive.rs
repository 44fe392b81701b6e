//! What is still alive, by line of source.
//!
//! A line has for *total* all that was born while it was on the stack, and for *self* what was born
//! with no deeper line of its language, where functions that were inlined are not counted: as with the
//! site, what a container's header does is its caller's. A line that is on a stack twice counts once.

use super::weight::Weight;
use crate::document::{Finding, Frame, Origin};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;

/// Whose lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Language {
    Python,
    /// C, C++, Cython or Rust lines of extensions; the interpreter's own are nobody's to mend.
    Native,
}

impl Language {
    fn has(self, frame: &Frame) -> bool {
        let wanted = match self {
            Self::Python => Origin::Python,
            Self::Native => Origin::Extension,
        };
        frame.origin == wanted && frame.line > 0
    }
}

/// A line of source and what is alive of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::report) struct Alive<'a> {
    pub(in crate::report) file: &'a str,
    pub(in crate::report) line: u32,
    /// The function that it is in; the first by name where several were compiled from it.
    pub(in crate::report) function: &'a str,
    /// Born with no deeper line of the language that was not inlined.
    pub(in crate::report) own: Weight,
    pub(in crate::report) total: Weight,
}

/// The lines of a language, most of their own first, then most in all, then by name.
pub(in crate::report) fn alive(findings: &[Finding], language: Language) -> Vec<Alive<'_>> {
    let mut lines: Vec<Alive<'_>> = Vec::new();
    let mut places = Places::default();
    let mut seen = Vec::new();
    for trace in findings.iter().flat_map(|finding| &finding.traces) {
        seen.clear();
        let frames = trace.frames.iter().filter(|frame| language.has(frame));
        let own = frames.clone().position(|frame| !frame.inlined).unwrap_or(0);
        let own = frames.clone().nth(own).map(|frame| (frame.file.as_str(), frame.line));
        for frame in frames {
            let (file, line, function) = (frame.file.as_str(), frame.line, frame.function.as_str());
            let place = places.of(file, line, lines.len());
            if seen.contains(&place) {
                continue;
            }
            seen.push(place);
            let nothing = Weight::default();
            if place == lines.len() {
                lines.push(Alive { file, line, function, own: nothing, total: nothing });
            }
            let alive = &mut lines[place];
            alive.function = alive.function.min(function);
            alive.total.add(trace);
            if own == Some((file, line)) {
                alive.own.add(trace);
            }
        }
    }
    lines.retain(|line| !line.total.is_nothing());
    lines.sort_unstable_by_key(|line| (Reverse((line.own, line.total)), line.file, line.line));
    lines
}

/// Numbers of lines, by file and line. A document can have a million of them, in few files.
#[derive(Default)]
struct Places<'a> {
    files: FxHashMap<&'a str, u32>,
    lines: FxHashMap<(u32, u32), u32>,
}

impl<'a> Places<'a> {
    /// The number of a line; `next` when it is new.
    fn of(&mut self, file: &'a str, line: u32, next: usize) -> usize {
        let number = self.files.len() as u32;
        let file = *self.files.entry(file).or_insert(number);
        *self.lines.entry((file, line)).or_insert(next as u32) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Trace;
    use crate::report::sample;

    fn trace(lines: &[(Origin, u32)], bytes: u64) -> Trace {
        let frame = |&(origin, line): &(Origin, u32)| Frame {
            origin,
            function: format!("f{line}"),
            file: "x".into(),
            line,
            module: String::new(),
            offset: String::new(),
            inlined: false,
            guess: false,
        };
        Trace { frames: lines.iter().map(frame).collect(), blocks: 1, bytes, stale: false, truncated: false }
    }

    fn finding(traces: Vec<Trace>) -> Finding {
        Finding { traces, ..sample::leaks().findings[0].clone() }
    }

    #[test]
    fn own_is_the_innermost_line_of_the_language_and_recursion_counts_once() {
        use Origin::{Extension as E, Interpreter as I, Python as P};
        let findings = [
            finding(vec![trace(&[(I, 90), (E, 0), (E, 1), (E, 2), (I, 91), (P, 5), (P, 6), (P, 5)], 100)]),
            finding(vec![trace(&[(E, 2), (P, 6)], 7), trace(&[(P, 5)], 0)]),
        ];
        let mut inlined = trace(&[(E, 1), (E, 2)], 9);
        inlined.frames[0].inlined = true;
        let lines = [finding(vec![inlined])];
        let lines = alive(&lines, Language::Native);
        assert_eq!(
            lines.iter().map(|l| (l.line, l.own.bytes, l.total.bytes)).collect::<Vec<_>>(),
            [(2, 9, 9), (1, 0, 9)]
        );
        let figures = |language| -> Vec<_> {
            let lines = alive(&findings, language);
            lines.iter().map(|l| (l.line, l.own.bytes, l.own.blocks, l.total.bytes, l.total.blocks)).collect()
        };
        assert_eq!(figures(Language::Native), [(1, 100, 1, 100, 1), (2, 7, 1, 107, 2)]);
        assert_eq!(figures(Language::Python), [(5, 100, 2, 100, 2), (6, 7, 1, 107, 2)]);
    }

    #[test]
    fn own_bytes_add_up_to_no_more_than_all() {
        let doc = sample::leaks();
        let (all, _) = super::super::weight_of(&doc.findings);
        for language in [Language::Python, Language::Native] {
            let lines = alive(&doc.findings, language);
            let own: u64 = lines.iter().map(|line| line.own.bytes).sum();
            assert!(!lines.is_empty() && own > 0 && own <= all.bytes, "{own} of {}", all.bytes);
            assert!(lines.iter().all(|line| line.own.bytes <= line.total.bytes));
        }
    }
}

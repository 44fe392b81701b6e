//! The icicle graph: what is still alive, by stack, as boxes hanging from their callers.
//!
//! Only geometry and texts; the template draws it and escapes the texts. Widths are in hundredths of
//! the whole, so that the drawing is as wide as its place.

use super::super::visible::{bytes, count, grouped};
use super::calls::{Calls, Node};
use super::weight::{Unit, Weight, weight_of};
use crate::document::Finding;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Boxes that are drawn at most, and rows of them.
const MOST_BOXES: usize = 600;
const MOST_ROWS: usize = 60;
/// Texts of all boxes may take this many bytes of the page.
const MOST_TEXT: usize = 300_000;
/// About three pixels of a page of full width: what is narrower is not drawn by itself.
const NARROWEST: f64 = 0.27;
/// A narrower box has its name in the tooltip alone.
const LABELLED: f64 = 2.5;
/// Height of a row, the gap included.
const ROW: usize = 19;

/// The drawing.
#[derive(Serialize)]
pub(in crate::report) struct Icicle {
    height: usize,
    title: String,
    boxes: Vec<Shape>,
    /// Frames that have no box of their own, in words; empty when there are none.
    left_out: String,
    by_blocks: bool,
}

/// A box.
#[derive(Serialize)]
struct Shape {
    x: String,
    y: usize,
    width: String,
    class: &'static str,
    label: String,
    title: String,
}

/// A node that is wide enough to be drawn, and where.
struct Place {
    node: usize,
    row: usize,
    x: f64,
    width: f64,
}

struct Painter<'a> {
    calls: &'a Calls<'a>,
    unit: Unit,
    boxes: Vec<Shape>,
    places: Vec<Place>,
    /// The heaviest is drawn first, then the one nearest to the root, then the leftmost.
    waiting: BinaryHeap<(u64, Reverse<usize>, Reverse<usize>)>,
    drawn: usize,
    text: usize,
}

/// The icicle of the stacks of all findings; nothing when no stack weighs anything.
pub(in crate::report) fn icicle(findings: &[Finding]) -> Option<Icicle> {
    let (all, unit) = weight_of(findings);
    if unit.of(all) == 0 {
        return None;
    }
    let mut calls = Calls::of(findings, unit);
    let common = calls.without_common();
    let reachable = calls.nodes.len() - common;
    let title = format!("{} in {}", amount(all, unit), count(calls.stacks, "stack", "stacks"));
    let (boxes, waiting, places) = (vec![], BinaryHeap::new(), vec![]);
    let mut painter = Painter { calls: &calls, unit, boxes, places, waiting, drawn: 0, text: 0 };
    painter.draw(&title, common);
    let rows = painter.boxes.iter().map(|b| b.y / ROW + 1).max().unwrap_or(0);
    let left_out = (reachable - painter.drawn) as u64;
    Some(Icicle {
        height: rows * ROW,
        title,
        boxes: painter.boxes,
        left_out: if left_out > 0 { count(left_out, "frame", "frames") } else { String::new() },
        by_blocks: unit == Unit::Blocks,
    })
}

impl Painter<'_> {
    fn draw(&mut self, title: &str, common: usize) {
        self.put(0, (0.0, 100.0), "all", format!("all: {title}"), format!("all: {title}"));
        self.drawn = 1;
        let mut row = 1;
        if common > 0 {
            let words = format!("{common} outer frames that all stacks share");
            self.put(row, (0.0, 100.0), "all", words.clone(), words);
            row += 1;
        }
        self.place_children(0, 0.0, row);
        while let Some((_, _, Reverse(next))) = self.waiting.pop() {
            if self.boxes.len() >= MOST_BOXES || self.text >= MOST_TEXT {
                break;
            }
            let &Place { node, row, x, width } = &self.places[next];
            let Node { call, weight, .. } = &self.calls.nodes[node];
            let title = format!("{}: {}", call.whole(), amount(*weight, self.unit));
            self.put(row, (x, width), call.class(), call.name(), title);
            self.drawn += 1;
            self.place_children(node, x, row + 1);
        }
    }

    /// Side by side under their caller, from its left edge on; the narrow ones are one box together.
    fn place_children(&mut self, node: usize, mut x: f64, row: usize) {
        if row >= MOST_ROWS {
            return;
        }
        let whole = self.unit.of(self.calls.nodes[0].weight) as f64;
        let (mut narrow, mut narrow_width) = (0u64, 0.0);
        for node in self.calls.children(node, self.unit) {
            let weight = self.unit.of(self.calls.nodes[node].weight);
            // Sums that stopped at the largest number could be too wide for their caller.
            let width = (weight as f64 / whole * 100.0).min(100.0 - x - narrow_width);
            if width < NARROWEST {
                narrow += 1;
                narrow_width += width.max(0.0);
                continue;
            }
            self.waiting.push((weight, Reverse(row), Reverse(self.places.len())));
            self.places.push(Place { node, row, x, width });
            x += width;
        }
        if narrow_width >= NARROWEST {
            let words = format!("{} narrower", grouped(narrow));
            self.put(row, (x, narrow_width), "narrow", words.clone(), format!("{words} frames side by side"));
        }
    }

    fn put(&mut self, row: usize, (x, width): (f64, f64), class: &'static str, label: String, title: String) {
        let label = if width < LABELLED { String::new() } else { label };
        self.text += escaped(&label) + escaped(&title);
        self.boxes.push(Shape {
            x: format!("{x:.2}"),
            y: row * ROW,
            width: format!("{width:.2}"),
            class,
            label,
            title,
        });
    }
}

fn amount(weight: Weight, unit: Unit) -> String {
    let blocks = count(weight.blocks, "object or block", "objects and blocks");
    match unit {
        Unit::Bytes => format!("{}, {blocks}", bytes(weight.bytes)),
        Unit::Blocks => blocks,
    }
}

/// Bytes of a text once the template has escaped it.
fn escaped(text: &str) -> usize {
    text.bytes().map(|byte| if b"<>&\"'/".contains(&byte) { 6 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Frame, Origin, Trace};
    use crate::report::sample;

    fn trace(path: &[&str], bytes: u64) -> Trace {
        let frame = |name: &&str| Frame {
            origin: Origin::Python,
            function: (*name).into(),
            file: "a.py".into(),
            line: 1,
            module: String::new(),
            offset: String::new(),
            inlined: false,
            guess: false,
        };
        Trace { frames: path.iter().rev().map(frame).collect(), blocks: 1, bytes, stale: false, truncated: false }
    }

    fn of(traces: Vec<Trace>) -> Icicle {
        icicle(&[Finding { traces, ..sample::leaks().findings[0].clone() }]).unwrap()
    }

    fn find(icicle: &Icicle, label: &str) -> (f64, f64, usize) {
        let found = icicle.boxes.iter().find(|b| b.label == label).unwrap_or_else(|| panic!("no box {label}"));
        (found.x.parse().unwrap(), found.width.parse().unwrap(), found.y / ROW)
    }

    #[test]
    fn width_is_bytes_and_callees_hang_from_their_callers() {
        let icicle = of(vec![trace(&["main", "a", "x"], 300), trace(&["main", "b"], 600), trace(&["main", "a"], 100)]);
        assert_eq!(find(&icicle, "main"), (0.0, 100.0, 1));
        assert_eq!((find(&icicle, "b"), find(&icicle, "a")), ((0.0, 60.0, 2), (60.0, 40.0, 2)));
        assert_eq!(find(&icicle, "x"), (60.0, 30.0, 3));
        assert_eq!((icicle.height, icicle.left_out.as_str()), (4 * ROW, ""));
        assert_eq!(icicle.title, "1000 B, 3 objects and blocks in 3 stacks");
    }

    #[test]
    fn without_bytes_blocks_are_weighed_and_without_both_nothing_is_drawn() {
        let icicle = of(vec![trace(&["main", "a"], 0), trace(&["main", "b"], 0)]);
        assert!(icicle.by_blocks && find(&icicle, "b").1 == 50.0);
        assert!(super::icicle(&sample::clean().findings).is_none());
    }

    #[test]
    fn narrow_frames_are_one_box_and_are_counted() {
        let mut traces: Vec<Trace> = (0..50).map(|n| trace(&["main", &format!("f{n}"), "leaf"], 1)).collect();
        traces.push(trace(&["main", "big"], 950));
        let icicle = of(traces);
        assert_eq!(find(&icicle, "50 narrower"), (95.0, 5.0, 2));
        assert_eq!(icicle.left_out, "100 frames");
    }

    #[test]
    fn drawing_is_bounded_whatever_the_stacks() {
        let names: Vec<String> = (0..5_000).map(|n| format!("<{}{n}", "&".repeat(400))).collect();
        let deep: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut traces: Vec<Trace> = (0..300).map(|n| trace(&deep[n..n + 30], u64::MAX)).collect();
        traces.push(trace(&deep, u64::MAX));
        let icicle = of(traces);
        assert!(
            icicle.boxes.len() <= 2 * MOST_BOXES && icicle.height <= MOST_ROWS * ROW && !icicle.left_out.is_empty()
        );
        let text: usize = icicle.boxes.iter().map(|b| escaped(&b.label) + escaped(&b.title)).sum();
        assert!(text < MOST_TEXT + 10_000, "{text}");
        for b in &icicle.boxes {
            assert!(b.x.parse::<f64>().unwrap() + b.width.parse::<f64>().unwrap() <= 100.02);
        }
    }

    #[test]
    fn outer_frames_that_all_share_are_one_row() {
        let path = |leaf| ["run", "session", "item", "call", "test", leaf];
        let icicle = of(vec![trace(&path("a"), 1), trace(&path("b"), 1)]);
        assert_eq!(find(&icicle, "4 outer frames that all stacks share").2, 1);
        assert_eq!((find(&icicle, "test").2, find(&icicle, "b").2), (2, 3));
        assert_eq!(icicle.left_out, "");
        let alone = of(vec![trace(&path("a"), 1)]);
        assert_eq!(find(&alone, "a").2, 6, "a single stack is drawn whole");
    }
}

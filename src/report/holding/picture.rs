//! A drawing of things and references, as the template of inline SVG is given it.
//!
//! No library lays it out: a path is a line and a cycle a ring, whose places are known; a library for general
//! graphs would add its dependencies to every wheel, and measure text no better. Texts are escaped by the
//! template, and all else is numbers.

use super::super::lines::columns;
use super::super::visible::visible;
use serde::Serialize;

/// Width of a character of the font that drawings use, in their units.
pub(super) const CHARACTER: f64 = 7.3;
/// Height of a box.
pub(super) const BOX: f64 = 28.0;
/// Room around the drawing, for the width of lines.
pub(super) const MARGIN: f64 = 3.0;

/// A whole drawing.
#[derive(Serialize, Default)]
pub(in crate::report) struct Picture {
    width: f64,
    height: f64,
    title: String,
    /// The drawing in words.
    words: String,
    boxes: Vec<Box>,
    lines: Vec<Line>,
    labels: Vec<Label>,
}

#[derive(Serialize)]
struct Box {
    class: &'static str,
    x: f64,
    y: f64,
    width: f64,
    title: String,
    text: String,
}

#[derive(Serialize)]
struct Line {
    class: &'static str,
    path: String,
    /// The head of the arrow.
    head: String,
}

#[derive(Serialize)]
struct Label {
    class: &'static str,
    x: f64,
    y: f64,
    /// `start`, `middle` or `end`.
    anchor: &'static str,
    text: String,
}

/// A point of a drawing.
pub(super) type Point = (f64, f64);

impl Picture {
    pub(super) fn new(title: &str, words: String) -> Self {
        Self { title: title.into(), words, ..Self::default() }
    }

    /// A thing, as wide as is wanted; what does not fit is in its title.
    pub(super) fn thing(&mut self, class: &'static str, (x, y): Point, width: f64, name: &str) {
        let text = clip(name, ((width - 20.0) / CHARACTER) as usize);
        let (x, y) = (x + MARGIN, y + MARGIN);
        self.reach(x + width, y + BOX);
        self.boxes.push(Box { class, x, y, width, title: visible(name, super::super::visible::CELL), text });
    }

    /// A straight arrow.
    pub(super) fn arrow(&mut self, class: &'static str, from: Point, to: Point) {
        let length = (to.0 - from.0).hypot(to.1 - from.1).max(1.0);
        let (dx, dy) = ((to.0 - from.0) / length, (to.1 - from.1) / length);
        let path = format!("M{} {}L{} {}", at(from.0), at(from.1), at(to.0 - 7.0 * dx), at(to.1 - 7.0 * dy));
        self.lines.push(Line { class, path, head: head(to, (dx, dy)) });
        self.reach(from.0.max(to.0) + MARGIN, from.1.max(to.1) + MARGIN);
    }

    /// An arrow from the right side of a box out and back to it.
    pub(super) fn loop_arrow(&mut self, class: &'static str, (x, y): Point) {
        let (x, y) = (x + MARGIN, y + MARGIN);
        let path = format!("M{} {}h30a5 5 0 0 1 5 5v4a5 5 0 0 1 -5 5h-23", at(x), at(y - 7.0));
        self.lines.push(Line { class, path, head: head((x - MARGIN, y + 7.0 - MARGIN), (-1.0, 0.0)) });
        self.reach(x + 40.0, y + BOX);
    }

    /// The name of a reference, in at most so many characters.
    pub(super) fn label(&mut self, class: &'static str, (x, y): Point, anchor: &'static str, name: &str, most: usize) {
        let text = clip(name, most);
        let width = columns(&text) as f64 * CHARACTER;
        self.reach(x + MARGIN + if anchor == "start" { width } else { 0.0 }, y + 8.0);
        self.labels.push(Label { class, x: x + MARGIN, y: y + MARGIN, anchor, text });
    }

    fn reach(&mut self, x: f64, y: f64) {
        self.width = self.width.max((x + MARGIN).ceil());
        self.height = self.height.max((y + MARGIN).ceil());
    }
}

/// A triangle at `to`, pointing along a direction of length 1.
fn head(to: Point, (dx, dy): Point) -> String {
    let (back, half) = (8.0, 4.5);
    let (left, right) = ((-dy * half, dx * half), (dy * half, -dx * half));
    let foot = (to.0 - dx * back, to.1 - dy * back);
    format!(
        "M{} {}L{} {}L{} {}Z",
        at(to.0),
        at(to.1),
        at(foot.0 + left.0),
        at(foot.1 + left.1),
        at(foot.0 + right.0),
        at(foot.1 + right.1)
    )
}

/// A coordinate of a path, with the margin and without needless digits.
fn at(number: f64) -> String {
    let text = format!("{:.1}", number + MARGIN);
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// A text that fits into so many characters; one that is cut loses its middle, for both ends tell much.
pub(super) fn clip(name: &str, most: usize) -> String {
    let shown = visible(name, 4 * most);
    if columns(&shown) <= most {
        return shown;
    }
    let tail = most / 3;
    let kept: Vec<char> = shown.chars().collect();
    let mut out: String = kept[..(most - tail).saturating_sub(1).min(kept.len())].iter().collect();
    out.push('\u{2026}');
    out.extend(&kept[kept.len() - tail.min(kept.len())..]);
    super::super::lines::clipped(&out, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_keeps_both_ends() {
        assert_eq!(clip("short", 9), "short");
        assert_eq!(clip("sample.cpython-312.so:_cache", 13), "sample.c\u{2026}ache");
        assert!(columns(&clip(&"名".repeat(900), 20)) <= 20);
        assert!(!clip("\u{202e}\x1b[2J", 30).contains(['\u{202e}', '\x1b']));
    }

    #[test]
    fn a_drawing_is_as_large_as_what_is_in_it() {
        let mut picture = Picture::new("x", String::new());
        picture.thing("", (10.0, 20.0), 100.0, "x");
        picture.label("", (120.0, 90.0), "start", "abc", 20);
        assert!(picture.width >= 120.0 + 3.0 * CHARACTER && picture.height >= 90.0);
    }
}

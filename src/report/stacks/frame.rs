//! One frame in words.
//!
//! Python: `function  file.py:12`. Native with a line: `function  file.c:34  (module.so)`; without:
//! `function  module.so+0x1a2b`; nothing but the address known: `module.so+0x1a2b`.

use super::super::visible::{CELL, NAME, visible};
use crate::document::{Frame, Origin, Site};

/// Stands for the frames that a truncated stack lacks.
pub(in crate::report) const MISSING: &str = "(outer frames not recorded)";
/// Components of a path that are shown where there is little room.
const COMPONENTS: usize = 3;

/// What a frame is called: its function, or its place in the library when that is all there is.
pub(in crate::report) fn name(frame: &Frame, limit: usize) -> String {
    if !frame.function.is_empty() {
        visible(&frame.function, limit)
    } else if !frame.module.is_empty() {
        in_library(frame)
    } else {
        "unknown function".into()
    }
}

/// Where a frame is: `file:line`, or `module+offset`; empty when [`name`] has said it already.
pub(in crate::report) fn place(frame: &Frame, shortened: bool) -> String {
    if frame.line > 0 || (frame.module.is_empty() && !frame.file.is_empty()) {
        let file = visible(&frame.file, NAME);
        let file = if shortened { visible(&short(&file), CELL) } else { file };
        return if frame.line > 0 { format!("{file}:{}", frame.line) } else { file };
    }
    if frame.function.is_empty() || frame.module.is_empty() { String::new() } else { in_library(frame) }
}

/// The library of a frame whose place is a line of source; empty otherwise. Shortened, it lacks the
/// tag of the interpreter that it was built for: `tree.so`.
pub(super) fn library(frame: &Frame, shortened: bool) -> String {
    if frame.line == 0 {
        return String::new();
    }
    match frame.module.split_once(".cpython-") {
        Some((module, tag)) if shortened && tag.ends_with(".so") => format!("{}.so", visible(module, CELL)),
        _ => visible(&frame.module, CELL),
    }
}

/// `module+0x1a2b`.
pub(super) fn in_library(frame: &Frame) -> String {
    let module = visible(&frame.module, CELL);
    if frame.offset.is_empty() { module } else { format!("{module}+{}", visible(&frame.offset, 40)) }
}

/// What else a reader has to know of a frame.
pub(super) fn marks(frame: &Frame) -> Vec<&'static str> {
    let marks = [(frame.inlined, "inlined"), (frame.guess, "nearest exported name")];
    marks.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| words).collect()
}

/// The whole frame: name, place and library with two spaces between.
pub(in crate::report) fn whole(frame: &Frame, shortened: bool) -> String {
    let mut text = name(frame, NAME);
    let (place, library) = (place(frame, shortened), library(frame, shortened));
    if !place.is_empty() {
        text.push_str(&format!("  {place}"));
    }
    if !library.is_empty() {
        text.push_str(&format!("  ({library})"));
    }
    text
}

/// The last three components of a path: `…/src/tree/node.c`.
pub(in crate::report) fn short(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.len().checked_sub(COMPONENTS) {
        Some(cut) if cut > 0 && parts[..cut].iter().any(|part| !part.is_empty()) => {
            format!("\u{2026}/{}", parts[cut..].join("/"))
        }
        _ => path.to_owned(),
    }
}

/// The class of the style sheet that shows whose code it is.
pub(super) fn class(origin: Origin) -> &'static str {
    match origin {
        Origin::Python => "python",
        Origin::Extension => "extension",
        Origin::Interpreter => "interpreter",
        Origin::System => "system",
    }
}

/// Whether nobody looks for the fault here.
pub(super) fn in_between(frame: &Frame) -> bool {
    matches!(frame.origin, Origin::Interpreter | Origin::System)
}

/// The frame of a stack that is blamed: the innermost one that is the site, whatever its offset.
pub(super) fn blamed(frames: &[Frame], site: Option<&Site>) -> Option<usize> {
    let wanted = &site?.frame;
    let same = |frame: &Frame| {
        (frame.origin, &frame.function, &frame.file, frame.line, &frame.module)
            == (wanted.origin, &wanted.function, &wanted.file, wanted.line, &wanted.module)
            && (frame.line > 0 || frame.offset == wanted.offset)
    };
    frames.iter().position(|frame| frame == wanted).or_else(|| frames.iter().position(same))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn frame(origin: Origin, function: &str, file: &str, line: u32, module: &str, offset: &str) -> Frame {
        let [function, file, module, offset] = [function, file, module, offset].map(str::to_owned);
        Frame { origin, function, file, line, module, offset, inlined: false, guess: false }
    }

    #[test]
    fn every_kind_of_frame_has_its_form() {
        for (given, shown) in [
            (frame(Origin::Python, "load", "/srv/app/pkg/io/load.py", 12, "", ""), "load  \u{2026}/pkg/io/load.py:12"),
            (frame(Origin::Extension, "f", "src/a.c", 34, "a.so", "0x1a"), "f  src/a.c:34  (a.so)"),
            (frame(Origin::Extension, "f", "", 0, "a.so", "0x1a2b"), "f  a.so+0x1a2b"),
            (frame(Origin::System, "", "", 0, "libc.so.6", "0x1"), "libc.so.6+0x1"),
            (frame(Origin::Python, "", "", 0, "", ""), "unknown function"),
            (frame(Origin::Python, "<module>", "a.py", 0, "", ""), "<module>  a.py"),
        ] {
            assert_eq!(whole(&given, true), shown);
        }
    }

    #[test]
    fn paths_keep_their_last_three_components() {
        for (given, shown) in [
            ("/a/b/c/d.py", "\u{2026}/b/c/d.py"),
            ("/b/c/d.py", "/b/c/d.py"),
            ("d.py", "d.py"),
            ("<string>", "<string>"),
            ("", ""),
        ] {
            assert_eq!(short(given), shown);
        }
    }

    #[test]
    fn blame_falls_on_the_innermost_frame_of_the_site_at_any_offset() {
        let native = |line, offset| frame(Origin::Extension, "f", "a.c", line, "a.so", offset);
        let site = |frame| Site { frame, source: vec![] };
        let stack = [native(9, "0x9"), native(4, "0x3"), native(4, "0x4")];
        assert_eq!(blamed(&stack, Some(&site(native(4, "0x4")))), Some(2), "the very frame first");
        assert_eq!(blamed(&stack, Some(&site(native(4, "0x8")))), Some(1));
        assert_eq!(blamed(&stack, Some(&site(native(0, "0x8")))), None);
        assert_eq!(blamed(&stack, None), None);
    }
}

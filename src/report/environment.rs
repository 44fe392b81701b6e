//! What the audit ran on, as the HTML template is given it. No value of an environment variable is
//! in a document, and none is shown.

use super::visible::{CELL, NAME, grouped, visible};
use crate::document::{Document, Frame, Origin};
use serde::Serialize;
use std::collections::BTreeMap;

/// Libraries that are named.
const MOST_LIBRARIES: usize = 60;

/// The section about the environment.
#[derive(Serialize)]
pub(super) struct Surroundings {
    rows: Vec<(&'static str, String)>,
    /// Extension modules that are on a stack, with the tag of the interpreter that they were built for.
    libraries: Vec<[String; 2]>,
    libraries_left_out: usize,
}

impl Surroundings {
    pub(super) fn of(doc: &Document) -> Self {
        let (python, tool) = (&doc.interpreter, &doc.tool);
        let libraries = libraries(doc);
        let line = |words: [&str; 2]| visible(&words.join(" "), NAME);
        Self {
            rows: vec![
                ("Interpreter", line([&python.implementation, &python.version])),
                ("Build", visible(&python.build, CELL)),
                ("Platform", visible(&python.platform, CELL)),
                ("Written by", line([&tool.name, &tool.version])),
                ("Document", format!("{} {}", visible(&doc.format, CELL), doc.version)),
                ("Tests audited", grouped(doc.tests.len() as u64)),
            ],
            libraries: libraries
                .iter()
                .take(MOST_LIBRARIES)
                .map(|(name, tag)| [visible(name, CELL), visible(tag, 60)])
                .collect(),
            libraries_left_out: libraries.len().saturating_sub(MOST_LIBRARIES),
        }
    }
}

/// Libraries of extensions on the stacks, by name.
fn libraries(doc: &Document) -> BTreeMap<&str, &str> {
    let mut found = BTreeMap::new();
    let mut last = "";
    let frames = doc.findings.iter().flat_map(|finding| {
        let site = finding.site.iter().map(|site| &site.frame);
        site.chain(finding.traces.iter().flat_map(|trace| &trace.frames))
    });
    let ours = |frame: &&Frame| frame.origin == Origin::Extension && !frame.module.is_empty();
    for frame in frames.filter(ours) {
        // Most frames in a row are of one library.
        if frame.module != last {
            last = &frame.module;
            let (name, tag) = last.split_once('.').unwrap_or((last, ""));
            found.entry(name).or_insert(tag);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn libraries_are_named_once() {
        let view = Surroundings::of(&sample::leaks());
        assert!(!view.libraries.is_empty() && view.libraries_left_out == 0);
        assert!(view.rows.iter().any(|(label, text)| *label == "Interpreter" && text.starts_with("CPython 3.")));
    }
}

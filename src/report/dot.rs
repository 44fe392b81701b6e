//! Paths and cycles as a graph in Graphviz's language.
//!
//! Format: <https://graphviz.org/doc/info/lang.html>. Labels are quoted strings, in which `"` and `\` are escaped.

use super::holding::ChainView;
use super::visible::{CELL, NAME, visible};
use crate::document::{Chain, Cycle, Document, ModuleDocument};

/// Paths and cycles beyond this number of nodes are counted.
const MOST_NODES: usize = 4_000;

#[derive(Default)]
struct Graph {
    body: String,
    nodes: usize,
    clusters: usize,
    left_out: usize,
}

/// Paths of the findings, their cycles, and the cycles that were asked for.
pub(super) fn render(doc: &Document) -> String {
    let mut graph = Graph::default();
    for finding in super::shown::sorted(doc) {
        let title = visible(&format!("{} {} in {}", finding.rule, finding.type_name, finding.subject), NAME);
        for (number, chain) in finding.paths.iter().enumerate() {
            graph.path(&title, number, chain);
        }
        if let Some(cycle) = finding.cycle.as_deref() {
            graph.cycle(&title, cycle);
        }
    }
    for cycle in &doc.cycles {
        graph.cycle(&visible(&cycle.message, NAME), cycle);
    }
    graph.done(&visible(&doc.subject, NAME))
}

/// Who holds each module.
pub(super) fn render_module(doc: &ModuleDocument) -> String {
    let mut graph = Graph::default();
    for member in &doc.judged.members {
        for (number, chain) in member.observed.holders.iter().enumerate() {
            graph.path(&visible(&member.observed.name, NAME), number, chain);
        }
    }
    graph.done(&visible(&doc.judged.observed.name, NAME))
}

impl Graph {
    fn path(&mut self, title: &str, number: usize, chain: &Chain) {
        let view = ChainView::of(number, chain);
        let nodes: Vec<(String, &str)> = view.links.iter().map(|link| (link.words(), link.by.as_str())).collect();
        let place = if view.place.is_empty() { String::new() } else { format!(", {}", view.place) };
        self.cluster(&format!("{title}: {}{place}", view.root), &nodes, false, |at| {
            if at == 0 {
                ", shape=box"
            } else if at + 1 == nodes.len() {
                ", style=bold"
            } else {
                ""
            }
        });
    }

    fn cycle(&mut self, title: &str, cycle: &Cycle) {
        let what: Vec<(String, String)> = cycle
            .steps
            .iter()
            .map(|step| {
                let by = if step.hidden { format!("{} (hidden)", step.by) } else { step.by.clone() };
                (visible(&step.what.replace('`', ""), CELL), visible(&by, 60))
            })
            .collect();
        let nodes: Vec<(String, &str)> = what.iter().map(|(what, by)| (what.clone(), by.as_str())).collect();
        let closed_by = cycle.closed_by as usize;
        self.cluster(title, &nodes, true, |at| if at == closed_by { ", style=bold" } else { "" });
    }

    /// A box with one node for each thing, and an arrow from each to the next; in a ring the last one to the first.
    fn cluster(&mut self, title: &str, things: &[(String, &str)], ring: bool, look: impl Fn(usize) -> &'static str) {
        if self.nodes + things.len() > MOST_NODES {
            self.left_out += 1;
            return;
        }
        let first = self.nodes;
        self.body.push_str(&format!("  subgraph cluster_{} {{\n    label={};\n", self.clusters, quoted(title)));
        for (at, (what, _)) in things.iter().enumerate() {
            self.body.push_str(&format!("    n{} [label={}{}];\n", first + at, quoted(what), look(at)));
        }
        for (at, (_, by)) in things.iter().enumerate() {
            let next = if at + 1 < things.len() { at + 1 } else { 0 };
            if next > at || ring {
                self.body.push_str(&format!("    n{} -> n{} [label={}];\n", first + at, first + next, quoted(by)));
            }
        }
        self.body.push_str("  }\n");
        self.clusters += 1;
        self.nodes += things.len();
    }

    fn done(self, subject: &str) -> String {
        let title = match (self.clusters, self.left_out) {
            (0, 0) => format!("{subject}: the document has no paths and no cycles"),
            (_, 0) => subject.to_owned(),
            (_, more) => format!("{subject} ({more} more paths and cycles are left out)"),
        };
        format!(
            "digraph refaudit {{\n  label={};\n  labelloc=t;\n  node [shape=ellipse, fontname=\"monospace\"];\n  \
             edge [fontname=\"monospace\"];\n{}}}\n",
            quoted(&title),
            self.body
        )
    }
}

/// A quoted string that Graphviz shows as it is.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_link_is_a_node_and_every_reference_an_arrow() {
        let doc = sample::leaks();
        let text = render(&doc);
        let paths = doc.findings.iter().flat_map(|finding| &finding.paths);
        let in_paths: usize = paths.map(|chain| ChainView::of(0, chain).links.len()).sum();
        let cycles = doc.cycles.iter().chain(doc.findings.iter().filter_map(|finding| finding.cycle.as_deref()));
        let in_cycles: usize = cycles.map(|cycle| cycle.steps.len()).sum();
        assert!(in_paths > 0 && in_cycles > 0);
        assert_eq!(
            text.lines().filter(|line| line.starts_with("    n") && !line.contains(" -> ")).count(),
            in_paths + in_cycles
        );
    }

    #[test]
    fn a_document_without_any_says_so_and_a_large_one_is_cut() {
        let mut doc = sample::clean();
        doc.cycles.clear();
        assert!(render(&doc).contains("no paths and no cycles"));
        let text = render(&sample::many(20_000));
        assert!(text.contains("more paths and cycles are left out") && text.len() < 2_000_000);
    }

    #[test]
    fn quotes_and_backslashes_end_nothing() {
        assert_eq!(quoted("a\\\"];x"), "\"a\\\\\\\"];x\"");
    }
}

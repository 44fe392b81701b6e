//! A path from a root as lines of plain text.

use super::super::lines::Lines;
use super::super::stacks::source_lines;
use super::chain::{ChainView, plain};
use super::path::declaration;
use crate::document::Chain;

/// Where the links stand.
const INDENT: &str = "                  ";

/// One path: who holds it, the expression, each link below the one that holds it, and the source.
pub(in crate::report) fn path_lines(page: &mut Lines, label: &str, number: usize, chain: &Chain) {
    let view = ChainView::of(number, chain);
    let place = if view.place.is_empty() { String::new() } else { format!(" ({})", view.place) };
    page.detail(label, &format!("{}{place}", view.root));
    let expression = chain.expression().unwrap_or_default();
    if !expression.is_empty() {
        page.detail("", &expression);
    }
    let mut by = String::new();
    for (depth, link) in view.links.iter().enumerate() {
        let indent = format!("{INDENT}{}", "  ".repeat(depth));
        let arrow = if depth == 0 { String::new() } else { format!("{by} -> ") };
        page.wrap_after(&indent, &format!("{indent}    "), &format!("{arrow}{}", link.words()));
        by = if link.gap.is_empty() { plain(&link.by) } else { "...".into() };
    }
    if !chain.source.is_empty() {
        source_lines(page, &declaration(chain));
    }
}

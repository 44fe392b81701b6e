//! Where memory went, as plain text: layers and lines of source.

use super::layers::{growth, layers};
use super::lines::Lines;
use super::stacks::{Alive, Language, Weight, alive, short};
use super::visible::{CELL, bytes, count, grouped, visible};
use crate::document::Document;

/// Lines of source that are listed of each language.
const MOST_LINES: usize = 5;
/// Where the figures of a line stand.
const DEEPER: &str = "          ";

/// The section about memory; nothing where nothing was measured and no stack was recorded.
pub(super) fn memory(page: &mut Lines, doc: &Document) {
    if let Some(measured) = &doc.layers {
        page.title("MEMORY BY LAYER");
        for layer in layers(measured) {
            let growth = format!("{:>15}  ", growth(layer.growth));
            page.wrap_after(&growth, "                 ", &format!("{}: {}", layer.name, layer.what));
        }
    }
    for (title, language) in [("PYTHON", Language::Python), ("NATIVE", Language::Native)] {
        let lines = alive(&doc.findings, language);
        if lines.is_empty() {
            continue;
        }
        page.title(&format!("STILL ALIVE BY {title} LINE"));
        lines.iter().take(MOST_LINES).for_each(|line| one_line(page, line));
        if lines.len() > MOST_LINES {
            page.wrap("     ", &format!("and {}", count((lines.len() - MOST_LINES) as u64, "more line", "more lines")));
        }
    }
}

fn one_line(page: &mut Lines, line: &Alive<'_>) {
    let place = format!("{}:{}", visible(&short(line.file), CELL), line.line);
    page.wrap_after("     ", DEEPER, &format!("{}  {place}", visible(line.function, CELL)));
    let amount = |weight: Weight| format!("{}, {} alive", bytes(weight.bytes), grouped(weight.blocks));
    page.wrap_after(DEEPER, DEEPER, &format!("self {}; total {}", amount(line.own), amount(line.total)));
}

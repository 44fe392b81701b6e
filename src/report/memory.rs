//! Where memory went, as the HTML template is given it: layers, icicle graph, lines of source.

use super::growth::{Leaked, sentence};
use super::layers::{growth, layers};
use super::pieces::breakable;
use super::stacks::{Alive, Icicle, Language, Weight, alive, icicle, short};
use super::visible::{CELL, NAME, bytes, count, grouped, visible};
use crate::document::{Document, Finding, Layers};
use serde::Serialize;

/// Lines of source that are listed of each language.
const MOST_LINES: usize = 15;

/// The section about memory, and the sentence about it.
#[derive(Serialize)]
pub(super) struct Memory {
    /// Empty when no layer was measured.
    sentence: String,
    layers: Vec<LayerRow>,
    icicle: Option<Icicle>,
    lines: Vec<LineTable>,
}

#[derive(Serialize)]
struct LayerRow {
    name: &'static str,
    what: &'static str,
    growth: String,
    shrank: bool,
    /// Hundredths of the layer that moved most.
    width: String,
}

#[derive(Serialize)]
struct LineTable {
    title: &'static str,
    rows: Vec<LineRow>,
    left_out: String,
}

#[derive(Serialize)]
struct LineRow {
    place: Vec<String>,
    whole_place: String,
    function: String,
    own: [String; 2],
    total: [String; 2],
}

impl Memory {
    pub(super) fn of(doc: &Document) -> Self {
        let measured = doc.layers.as_ref();
        Self {
            sentence: if measured.is_some() { sentence(measured, Leaked::of(doc)) } else { String::new() },
            layers: measured.map_or(vec![], layer_rows),
            icicle: icicle(&doc.findings),
            lines: [("Python lines", Language::Python), ("Native lines", Language::Native)]
                .into_iter()
                .filter_map(|(title, language)| table(title, &doc.findings, language))
                .collect(),
        }
    }
}

fn layer_rows(measured: &Layers) -> Vec<LayerRow> {
    let layers = layers(measured);
    let most = layers.iter().map(|layer| layer.growth.unsigned_abs()).max().unwrap_or(0).max(1);
    let row = |layer: &super::layers::Layer| LayerRow {
        name: layer.name,
        what: layer.what,
        growth: growth(layer.growth),
        shrank: layer.growth < 0,
        width: format!("{:.1}", layer.growth.unsigned_abs() as f64 / most as f64 * 100.0),
    };
    layers.iter().map(row).collect()
}

fn table(title: &'static str, findings: &[Finding], language: Language) -> Option<LineTable> {
    let lines = alive(findings, language);
    if lines.is_empty() {
        return None;
    }
    let left_out = lines.len().saturating_sub(MOST_LINES) as u64;
    Some(LineTable {
        title,
        rows: lines.iter().take(MOST_LINES).map(line_row).collect(),
        left_out: if left_out > 0 { count(left_out, "more line", "more lines") } else { String::new() },
    })
}

fn line_row(alive: &Alive<'_>) -> LineRow {
    let figures = |weight: Weight| [bytes(weight.bytes), grouped(weight.blocks)];
    let whole = visible(alive.file, NAME);
    LineRow {
        place: breakable(&format!("{}:{}", visible(&short(&whole), CELL), alive.line)),
        whole_place: whole,
        function: visible(alive.function, CELL),
        own: figures(alive.own),
        total: figures(alive.total),
    }
}

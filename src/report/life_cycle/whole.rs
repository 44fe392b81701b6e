//! What was seen of the whole audit: residue, reload, sub-interpreters, cost, steps.

use super::super::pieces::{Prose, breakable, prose};
use super::super::stacks::SiteView;
use super::super::svg;
use super::super::visible::{CELL, SENTENCE, bytes, grouped, visible};
use super::cost::cost_rows;
use super::reload::{ReloadView, reload};
use super::words::{amount, outcome};
use crate::document::ModuleDocument;
use crate::document::module::{InterpreterRun, Residue, ResidueRow};
use minijinja::Value;
use serde::Serialize;

/// Rows of any list on a page.
const MOST_ROWS: usize = 40;

/// Everything that is told once, not for each member.
#[derive(Serialize)]
pub(super) struct Whole {
    residue: Option<ResidueView>,
    reload: Option<ReloadView>,
    interpreters: Vec<InterpreterView>,
    cost: Vec<(&'static str, String)>,
    steps: Vec<StepView>,
    notes: Vec<Prose>,
    notes_left_out: usize,
}

#[derive(Serialize)]
struct ResidueView {
    nothing: bool,
    sentence: String,
    rows: Vec<ResidueLine>,
    left_out: usize,
}

#[derive(Serialize)]
struct ResidueLine {
    type_name: Vec<String>,
    count: String,
    bytes: String,
    /// Part of the largest row, in percent.
    width: f64,
    site: Option<SiteView>,
}

#[derive(Serialize)]
struct InterpreterView {
    kind: String,
    what: &'static str,
    outcome: String,
    bad: bool,
    detail: Prose,
    shared: Vec<String>,
    shared_left_out: usize,
    bytes: String,
    bars: Option<Value>,
}

#[derive(Serialize)]
struct StepView {
    name: String,
    outcome: &'static str,
    seconds: String,
    detail: Prose,
}

impl Whole {
    pub(super) fn of(doc: &ModuleDocument) -> Self {
        let seen = &doc.judged.observed;
        Self {
            residue: seen.residue.as_ref().map(residue),
            reload: seen.reload.as_ref().map(reload),
            interpreters: seen.interpreters.iter().take(MOST_ROWS).enumerate().map(interpreter).collect(),
            cost: seen.cost.as_ref().map(cost_rows).unwrap_or_default(),
            steps: seen
                .steps
                .iter()
                .take(MOST_ROWS)
                .map(|step| StepView {
                    name: visible(&step.name, 40),
                    outcome: outcome(step),
                    seconds: format!("{:.2} s", step.seconds),
                    detail: told(&step.detail),
                })
                .collect(),
            notes: seen.notes.iter().take(MOST_ROWS).map(|note| prose(note, SENTENCE)).collect(),
            notes_left_out: seen.notes.len().saturating_sub(MOST_ROWS),
        }
    }
}

/// A sentence that may be missing; then there is no piece of it.
pub(super) fn told(sentence: &str) -> Prose {
    if sentence.is_empty() { vec![] } else { prose(sentence, SENTENCE) }
}

fn residue(rest: &Residue) -> ResidueView {
    let most = rest.rows.iter().map(|row| row.bytes).max().unwrap_or(0).max(1);
    let line = |row: &ResidueRow| ResidueLine {
        type_name: breakable(&visible(&row.type_name, CELL)),
        count: grouped(row.count),
        bytes: bytes(row.bytes),
        width: (row.bytes as f64 / most as f64 * 1000.0).round() / 10.0,
        site: row.site.as_ref().map(SiteView::of),
    };
    ResidueView {
        nothing: rest.objects == 0 && rest.blocks == 0 && rest.native_blocks == 0,
        sentence: amount(rest),
        rows: rest.rows.iter().take(MOST_ROWS).map(line).collect(),
        left_out: rest.rows.len().saturating_sub(MOST_ROWS),
    }
}

fn interpreter((index, run): (usize, &InterpreterRun)) -> InterpreterView {
    let what = match run.kind.as_str() {
        "legacy" => "shares the GIL",
        "isolated" => "has its own GIL",
        _ => "",
    };
    InterpreterView {
        kind: visible(&run.kind, 60),
        what,
        outcome: in_interpreter(run),
        bad: matches!(run.outcome.as_str(), "failed" | "died") || !run.shared.is_empty(),
        detail: told(&run.detail),
        shared: run.shared.iter().take(MOST_ROWS).map(|name| visible(name, CELL)).collect(),
        shared_left_out: run.shared.len().saturating_sub(MOST_ROWS),
        bytes: if run.bytes.is_empty() { String::new() } else { svg::in_words(&run.bytes) },
        bars: (!run.bytes.is_empty())
            .then(|| Value::from_safe_string(svg::bars(&run.bytes, &format!("interpreter-{index}")))),
    }
}

/// The outcome in words: one that loads is no success when it shares objects.
pub(super) fn in_interpreter(run: &InterpreterRun) -> String {
    match run.outcome.as_str() {
        "loads" if !run.shared.is_empty() => "loads, but shares objects".into(),
        other => visible(other, 60),
    }
}

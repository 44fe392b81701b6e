//! What was seen of the whole audit: residue, reload, sub-interpreters, cost, steps.

use super::super::pieces::{Prose, breakable, prose};
use super::super::stacks::SiteView;
use super::super::svg;
use super::super::visible::{CELL, NAME, SENTENCE, bytes, grouped, visible};
use super::words::{amount, milliseconds, outcome};
use crate::document::ModuleDocument;
use crate::document::module::{Cost, InterpreterRun, Reload, Residue};
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
struct ReloadView {
    refused: Prose,
    cycles: String,
    rows: Vec<GrowthLine>,
    findings: Vec<FindingView>,
    left_out: usize,
}

#[derive(Serialize)]
struct GrowthLine {
    name: &'static str,
    words: String,
    bars: Value,
}

#[derive(Serialize)]
struct FindingView {
    rule: String,
    message: Prose,
    bytes: String,
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
                    detail: prose(&step.detail, SENTENCE),
                })
                .collect(),
            notes: seen.notes.iter().take(MOST_ROWS).map(|note| prose(note, SENTENCE)).collect(),
            notes_left_out: seen.notes.len().saturating_sub(MOST_ROWS),
        }
    }
}

fn residue(rest: &Residue) -> ResidueView {
    let most = rest.rows.iter().map(|row| row.bytes).max().unwrap_or(0).max(1);
    let line = |row: &crate::document::module::ResidueRow| ResidueLine {
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

/// Counts as the drawing takes them.
pub(super) fn by_cycle(grown: &[u64]) -> Vec<i64> {
    grown.iter().map(|number| i64::try_from(*number).unwrap_or(i64::MAX)).collect()
}

/// What grew in a reload, and by how much in each cycle.
pub(super) fn growth_rows(reload: &Reload) -> [(&'static str, &[u64]); 4] {
    [
        ("objects", &reload.objects[..]),
        ("other blocks", &reload.blocks),
        ("heap types", &reload.types),
        ("bytes", &reload.bytes),
    ]
}

fn reload(reload: &Reload) -> ReloadView {
    let row = |(index, (name, grown)): (usize, (&'static str, &[u64]))| {
        let grown = by_cycle(grown);
        GrowthLine {
            name,
            words: svg::in_words(&grown),
            bars: Value::from_safe_string(svg::bars(&grown, &format!("reload-{index}"))),
        }
    };
    let findings = reload.findings.iter().take(MOST_ROWS).map(|finding| FindingView {
        rule: visible(&finding.rule, 40),
        message: prose(&finding.message, SENTENCE),
        bytes: bytes(finding.bytes),
        site: finding.site.as_ref().map(SiteView::of),
    });
    ReloadView {
        refused: if reload.refused.is_empty() { vec![] } else { prose(&reload.refused, SENTENCE) },
        cycles: grouped(reload.cycles),
        rows: growth_rows(reload).into_iter().enumerate().map(row).collect(),
        findings: findings.collect(),
        left_out: reload.findings.len().saturating_sub(MOST_ROWS),
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
        detail: prose(&run.detail, SENTENCE),
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

/// What importing costs, as labels and texts.
pub(super) fn cost_rows(cost: &Cost) -> Vec<(&'static str, String)> {
    let named: Vec<String> = cost.dependencies.iter().take(MOST_ROWS).map(|name| visible(name, NAME)).collect();
    let more = cost.dependencies.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let dependencies = if named.is_empty() {
        "none that were not there already".to_owned()
    } else {
        format!("{}: {}{more}", grouped(cost.dependencies.len() as u64), named.join(", "))
    };
    vec![
        ("time", format!("{} in all", milliseconds(cost.milliseconds))),
        ("own time", format!("{}, its dependencies apart", milliseconds(cost.own_milliseconds))),
        (
            "memory",
            format!(
                "{} in {} objects and {} other blocks",
                bytes(cost.bytes),
                grouped(cost.objects),
                grouped(cost.blocks)
            ),
        ),
        ("shallow", format!("{}: its module objects and their dicts alone", bytes(cost.shallow_bytes))),
        ("retained", format!("{}: what only its modules keep alive", bytes(cost.retained_bytes))),
        ("depends on", dependencies),
    ]
}

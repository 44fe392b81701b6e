//! What repeated imports do not give back.

use super::super::pieces::{Prose, prose};
use super::super::stacks::SiteView;
use super::super::svg;
use super::super::visible::{SENTENCE, bytes, grouped, visible};
use super::whole::told;
use crate::document::module::Reload;
use minijinja::Value;
use serde::Serialize;

/// Findings that are shown.
const MOST_FINDINGS: usize = 40;

#[derive(Serialize)]
pub(super) struct ReloadView {
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

pub(super) fn reload(reload: &Reload) -> ReloadView {
    let row = |(index, (name, grown)): (usize, (&'static str, &[u64]))| {
        let grown = by_cycle(grown);
        GrowthLine {
            name,
            words: svg::in_words(&grown),
            bars: Value::from_safe_string(svg::bars(&grown, &format!("reload-{index}"))),
        }
    };
    let findings = reload.findings.iter().take(MOST_FINDINGS).map(|finding| FindingView {
        rule: visible(&finding.rule, 40),
        message: prose(&finding.message, SENTENCE),
        bytes: bytes(finding.bytes),
        site: finding.site.as_ref().map(SiteView::of),
    });
    ReloadView {
        refused: told(&reload.refused),
        cycles: grouped(reload.cycles),
        rows: growth_rows(reload).into_iter().enumerate().map(row).collect(),
        findings: findings.collect(),
        left_out: reload.findings.len().saturating_sub(MOST_FINDINGS),
    }
}

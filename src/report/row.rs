//! One finding as the HTML template is given it.

use super::baseline::known;
use super::holding::{CycleView, PathView, reach, retained};
use super::ledger::LedgerView;
use super::names::{born, path_label, unit, verdict};
use super::pieces::{Prose, breakable, prose};
use super::room::Room;
use super::stacks::{SiteView, Stacks};
use super::suppress::suppression;
use super::svg;
use super::visible::{CELL, NAME, SENTENCE, bytes, count, grouped, signed, visible};
use crate::document::Finding;
use minijinja::Value;
use serde::Serialize;
use std::collections::HashSet;

/// Types that a finding keeps alive, shown by name.
const MOST_KEPT: usize = 12;

/// Paths of a finding that are shown.
const MOST_PATHS: usize = 4;

/// A finding: a row of the table, and an article of its own.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) anchor: String,
    rule: String,
    /// Where the page says what to do about the rule, if it does.
    rule_anchor: String,
    rule_name: String,
    verdict: &'static str,
    type_name: Vec<String>,
    cell_type: Vec<String>,
    cell_label: String,
    cell_subject: Vec<String>,
    label: String,
    address: String,
    per_run: String,
    bars: Value,
    bars_again: Value,
    /// Numbers to sort by.
    most: i64,
    exact_total: i64,
    size: u64,
    total: String,
    unit: &'static str,
    since_run: u32,
    bytes: String,
    exact_bytes: String,
    /// By run; empty where no memory is counted.
    bytes_per_run: String,
    site: Option<SiteView>,
    stacks: Stacks,
    reach: String,
    retained: String,
    path_label: &'static str,
    paths: Vec<PathView>,
    /// The first of them in words, where there is no room to draw it.
    path: String,
    paths_left_out: usize,
    cycle: Option<CycleView>,
    ledger: Option<LedgerView>,
    own_bytes: bool,
    subject: Vec<String>,
    holder: Prose,
    held: bool,
    keeps: Vec<[String; 3]>,
    keeps_left_out: usize,
    message: Prose,
    fingerprint: String,
    /// `new`, `known` or `grown`; empty without a baseline.
    known: &'static str,
    known_since: String,
    /// A line for a configuration file.
    suppression: String,
}

/// The rows of the findings, each with an anchor of its own, and with stacks while there is room.
pub(super) fn rows(findings: &[&Finding], room: Room) -> Vec<Row> {
    let mut taken = HashSet::new();
    let (mut left, mut pictures, mut ledgers) = (room.stacks, room.pictures, room.ledgers);
    let row = |(index, finding): (usize, &&Finding)| {
        let traces = if left > 0 { room.traces } else { 0 };
        left -= usize::from(traces > 0 && !finding.traces.is_empty());
        let has_picture = !finding.paths.is_empty() || finding.cycle.is_some() || finding.ledger.is_some();
        let drawn = has_picture && pictures > 0;
        pictures -= usize::from(drawn);
        let explained = finding.ledger.is_some() && ledgers > 0;
        ledgers -= usize::from(explained);
        row(finding, index, anchor(finding, &mut taken), Shown { traces, drawn, explained })
    };
    findings.iter().enumerate().map(row).collect()
}

/// What of a finding there is room for.
#[derive(Clone, Copy)]
struct Shown {
    /// Stacks.
    traces: usize,
    /// Pictures.
    drawn: bool,
    /// The ledger.
    explained: bool,
}

fn row(finding: &Finding, index: usize, anchor: String, Shown { traces, drawn, explained }: Shown) -> Row {
    let (one, many) = unit(finding);
    let name = if finding.type_name.is_empty() { "block" } else { &finding.type_name };
    let paths = finding.paths.iter().take(if drawn { MOST_PATHS } else { 0 }).enumerate();
    let keeps = finding.keeps.iter().take(MOST_KEPT);
    let (known, known_since) = known(finding);
    Row {
        bars: Value::from_safe_string(svg::bars(&finding.per_run, &format!("bars-{index}"))),
        bars_again: Value::from_safe_string(svg::bars_again(&finding.per_run, &format!("bars-{index}"))),
        most: finding.per_run.iter().copied().max().unwrap_or(0),
        exact_total: finding.total,
        size: finding.bytes,
        anchor,
        rule_anchor: rule_anchor(&finding.rule),
        rule: visible(&finding.rule, 40),
        rule_name: visible(&finding.rule_name, 60),
        verdict: verdict(finding.verdict),
        type_name: breakable(&visible(name, NAME)),
        cell_type: breakable(&visible(name, CELL)),
        cell_label: visible(&finding.object_label, CELL),
        cell_subject: breakable(&visible(&finding.subject, CELL)),
        label: visible(&finding.object_label, NAME),
        address: visible(&finding.address, 40),
        per_run: svg::in_words(&finding.per_run),
        total: signed(finding.total),
        unit: if finding.total.unsigned_abs() == 1 { one } else { many },
        since_run: finding.since_run,
        bytes: if finding.bytes == 0 { "\u{2013}".into() } else { bytes(finding.bytes) },
        own_bytes: finding.bytes > 0 || !matches!(unit(finding).0, "reference"),
        bytes_per_run: svg::bytes_in_words(&finding.bytes_per_run),
        site: finding.site.as_ref().map(SiteView::of),
        stacks: Stacks::of(finding, born(finding), traces),
        reach: reach(finding),
        retained: retained(&finding.retained),
        path_label: path_label(finding),
        paths: paths.map(|(number, chain)| PathView::of(number, chain)).collect(),
        path: finding.paths.first().filter(|_| !drawn).map_or_else(String::new, PathView::in_words),
        paths_left_out: finding.paths.len().saturating_sub(MOST_PATHS),
        cycle: finding.cycle.as_deref().filter(|_| drawn).map(CycleView::of),
        ledger: if explained { LedgerView::of(finding, drawn) } else { None },
        exact_bytes: count(finding.bytes, "byte", "bytes"),
        subject: breakable(&visible(&finding.subject, NAME)),
        held: finding.holder.as_ref().is_some_and(|h| h.kind != "nothing"),
        holder: finding.holder.as_ref().map_or_else(|| prose("not known", NAME), |h| prose(&h.text, NAME)),
        keeps: keeps.map(|k| [visible(&k.type_name, 120), grouped(k.count), bytes(k.bytes)]).collect(),
        keeps_left_out: finding.keeps.len().saturating_sub(MOST_KEPT),
        message: prose(&finding.message, SENTENCE),
        fingerprint: visible(&finding.fingerprint, 40),
        known,
        known_since,
        suppression: suppression(finding),
    }
}

/// `rule-RA103`, with nothing in it that an address could not hold.
pub(super) fn rule_anchor(rule: &str) -> String {
    format!("rule-{}", plain(rule))
}

fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}

/// `RA101-<fingerprint>`, with nothing in it that an address could not hold, and never twice.
fn anchor(finding: &Finding, taken: &mut HashSet<String>) -> String {
    let wanted = format!("{}-{}", plain(&finding.rule), plain(&finding.fingerprint));
    let mut anchor = wanted.clone();
    let mut number = 2;
    while !taken.insert(anchor.clone()) {
        anchor = format!("{wanted}-{number}");
        number += 1;
    }
    anchor
}

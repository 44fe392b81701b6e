//! What the HTML template is given: every text ready to be read, every list short enough.

use super::holding::{CycleView, DominatorRow, cycles, dominator_rows};
use super::names::{advice, outcome, verdict};
use super::pieces::{Prose, breakable, prose};
use super::room::Room;
use super::row::{Row, rows};
use super::shown;
use super::trust::{TrustBlock, trust_block};
use super::visible::{NAME, SENTENCE, bytes, count, grouped, visible};
use super::words::{State, headline, of_verdict, trust_line};
use crate::document::{Document, Finding, Outcome, Verdict};
use serde::Serialize;
use std::collections::BTreeSet;

/// Up to this many tests all are listed; beyond it the clean ones are only counted.
const MOST_TESTS: usize = 12;

/// The whole page.
#[derive(Serialize)]
pub(super) struct Page {
    state: &'static str,
    headline: String,
    trust_line: String,
    subject: String,
    interpreter: String,
    tool: String,
    /// What to look at first, in a sentence; empty when there is no verdict.
    urgent: Prose,
    figures: Vec<Figure>,
    advice: Vec<Advice>,
    findings: Vec<Row>,
    has_stacks: bool,
    all_findings: String,
    cycles: Vec<CycleView>,
    cycles_left_out: usize,
    dominators: Vec<DominatorRow>,
    left_out: Vec<LeftOut>,
    tests: Vec<TestRow>,
    tests_clean: String,
    tests_left_out: usize,
    trust: TrustBlock,
}

#[derive(Serialize)]
struct Figure {
    class: &'static str,
    number: String,
    label: &'static str,
}

#[derive(Serialize)]
struct Advice {
    rule: String,
    name: String,
    text: &'static str,
}

#[derive(Serialize)]
struct LeftOut {
    rule: String,
    verdict: &'static str,
    number: String,
}

#[derive(Serialize)]
struct TestRow {
    id: Vec<String>,
    outcome: &'static str,
    warmup: u32,
    runs: u32,
    findings: u32,
}

impl Page {
    /// The page of a document with the findings that there is room for, and lists of like length.
    pub(super) fn of(doc: &Document, findings: &[&Finding], room: Room) -> Self {
        let most = room.findings;
        let (here, left_out) = findings.split_at(most.min(findings.len()));
        let python = &doc.interpreter;
        // What an invalid audit recorded is listed, but nothing is concluded from it.
        let valid = State::of(doc) != State::Invalid;
        let cycles = cycles(doc);
        let (tests, tests_left_out) = test_rows(doc, most);
        let clean = doc.tests.iter().filter(|t| t.outcome == Outcome::Clean).count() as u64;
        Self {
            state: State::of(doc).name(),
            headline: headline(doc),
            trust_line: trust_line(doc),
            subject: visible(&doc.subject, NAME),
            interpreter: visible(
                &format!("{} {} ({}) on {}", python.implementation, python.version, python.build, python.platform),
                NAME,
            ),
            tool: visible(&format!("{} {}", doc.tool.name, doc.tool.version), NAME),
            urgent: here.first().filter(|_| valid).map_or(vec![], |f| prose(&f.message, SENTENCE)),
            figures: if valid { figures(doc) } else { vec![] },
            advice: if valid { advices(here) } else { vec![] },
            findings: rows(here, room),
            has_stacks: here.iter().any(|finding| !finding.traces.is_empty()),
            cycles: cycles.iter().take(room.pictures).map(|cycle| CycleView::of(cycle)).collect(),
            cycles_left_out: cycles.len().saturating_sub(room.pictures),
            dominators: dominator_rows(doc),
            all_findings: count(findings.len() as u64, "finding", "findings"),
            left_out: left_out_rows(left_out),
            tests,
            tests_clean: if clean > 0 { count(clean, "test", "tests") } else { String::new() },
            tests_left_out,
            trust: trust_block(doc, most),
        }
    }
}

fn figures(doc: &Document) -> Vec<Figure> {
    let figure = |class, number, label| Figure { class, number, label };
    let mut figures: Vec<Figure> = [
        (Verdict::OverReleased, "over-released", "over-released"),
        (Verdict::Leak, "leak", "leaking"),
        (Verdict::Maybe, "maybe", "maybe"),
    ]
    .into_iter()
    .map(|(verdict, class, label)| (of_verdict(doc, verdict), class, label))
    .filter(|(number, ..)| *number > 0)
    .map(|(number, class, label)| figure(class, grouped(number), label))
    .collect();
    let lost = doc.findings.iter().fold(0u64, |sum, f| sum.saturating_add(f.bytes));
    if lost > 0 {
        figures.push(figure("plain", bytes(lost), "lost in all"));
    }
    let tests = doc.tests.len() as u64;
    figures.push(figure("plain", grouped(tests), if tests == 1 { "test audited" } else { "tests audited" }));
    figures
}

fn advices(findings: &[&Finding]) -> Vec<Advice> {
    let mut seen = BTreeSet::new();
    let first = findings.iter().filter(|f| seen.insert(f.rule.as_str()));
    // Beyond the known rules the advice is always the same.
    first
        .take(12)
        .map(|f| Advice { rule: visible(&f.rule, 40), name: visible(&f.rule_name, 60), text: advice(&f.rule) })
        .collect()
}

fn left_out_rows(left_out: &[&Finding]) -> Vec<LeftOut> {
    let rows = shown::summary(left_out).into_iter().take(40);
    rows.map(|(rule, kind, n)| LeftOut { rule: visible(&rule, 40), verdict: verdict(kind), number: grouped(n) })
        .collect()
}

/// The tests that are not clean, or all of a few; and how many of these are left out.
fn test_rows(doc: &Document, most: usize) -> (Vec<TestRow>, usize) {
    let all = doc.tests.len() <= MOST_TESTS;
    let valid = State::of(doc) != State::Invalid;
    let wanted: Vec<_> = doc.tests.iter().filter(|t| all || t.outcome != Outcome::Clean).collect();
    let rows = wanted.iter().take(most).map(|test| TestRow {
        id: breakable(&visible(&test.id, NAME)),
        outcome: outcome(test.outcome, valid),
        warmup: test.warmup,
        runs: test.runs,
        findings: test.findings,
    });
    (rows.collect(), wanted.len().saturating_sub(most))
}

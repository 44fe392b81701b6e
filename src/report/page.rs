//! What the HTML template is given: every text ready to be read, every list short enough.

use super::group::{Group, Sites};
use super::holding::{CycleView, DominatorRow, cycles, dominator_rows};
use super::names::{advice, outcome, verdict};
use super::pieces::{Prose, breakable, prose};
use super::place::key;
use super::room::Room;
use super::row::{Row, rows, rule_anchor};
use super::shown;
use super::suspects;
use super::trust::{TrustBlock, trust_block};
use super::visible::{CELL, NAME, SENTENCE, bytes, count, grouped, visible};
use super::words::{State, headline, of_verdict, trust_line};
use crate::document::{Document, Finding, Outcome, Verdict};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use std::collections::BTreeSet;

/// Up to this many tests all are listed; beyond it the clean ones are only counted.
const MOST_TESTS: usize = 300;
/// What could not be seen, on the first screen.
const MOST_UNSEEN: usize = 3;

/// The whole page.
#[derive(Serialize)]
pub(super) struct Page {
    state: &'static str,
    headline: String,
    trust_line: String,
    subject: String,
    interpreter: String,
    tool: String,
    /// What to look at first; empty when there is no verdict.
    suspects: Vec<SuspectRow>,
    /// Where the others are, in words; empty when there are none.
    suspects_more: String,
    /// What to do about the first of them.
    todo: &'static str,
    /// The first things that could not be seen.
    unseen: Vec<Prose>,
    figures: Vec<Figure>,
    advice: Vec<Advice>,
    findings: Vec<Row>,
    groups: Vec<Group>,
    /// Anchors of the rules that have advice.
    rules: Vec<String>,
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
struct SuspectRow {
    class: &'static str,
    sentence: Prose,
    anchor: String,
    rule: String,
    rule_name: String,
    subject: Vec<String>,
}

#[derive(Serialize)]
struct Advice {
    anchor: String,
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
    /// Its first finding on the page; empty when it has none.
    anchor: String,
    outcome: &'static str,
    warmup: u32,
    runs: u32,
    findings: u32,
}

impl Page {
    /// The page of a document with the findings that there is room for, and lists of like length.
    pub(super) fn of(doc: &Document, findings: &[&Finding], sites: &Sites<'_>, room: Room) -> Self {
        let most = room.findings;
        let (here, left_out) = findings.split_at(most.min(findings.len()));
        let python = &doc.interpreter;
        // What an invalid audit recorded is listed, but nothing is concluded from it.
        let valid = State::of(doc) != State::Invalid;
        let cycles = cycles(doc);
        let rows = rows(here, room);
        let (tests, tests_left_out) = test_rows(doc, most, here, &rows);
        let advice = if valid { advices(here) } else { vec![] };
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
            suspects: if valid { suspect_rows(here, &rows) } else { vec![] },
            suspects_more: match findings.len() {
                all if valid && all > suspects::MOST => format!("All {}", count(all as u64, "finding", "findings")),
                _ => String::new(),
            },
            todo: here.first().filter(|_| valid).map_or("", |finding| super::names::advice(&finding.rule)),
            unseen: doc.trust.unseen.iter().take(MOST_UNSEEN).map(|sentence| prose(sentence, NAME)).collect(),
            figures: if valid { figures(doc) } else { vec![] },
            rules: advice.iter().map(|row| row.anchor.clone()).collect(),
            advice,
            groups: sites.groups(here),
            findings: rows,
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
        .map(|f| Advice {
            anchor: rule_anchor(&f.rule),
            rule: visible(&f.rule, 40),
            name: visible(&f.rule_name, 60),
            text: advice(&f.rule),
        })
        .collect()
}

/// The most urgent findings, one of each site, with the anchors of their rows.
fn suspect_rows(findings: &[&Finding], rows: &[Row]) -> Vec<SuspectRow> {
    let row = |(finding, row): (&&Finding, &Row)| SuspectRow {
        class: verdict(finding.verdict),
        sentence: prose(&suspects::sentence(finding), SENTENCE),
        anchor: row.anchor.clone(),
        rule: visible(&finding.rule, 40),
        rule_name: visible(&finding.rule_name, 60),
        subject: breakable(&visible(&finding.subject, CELL)),
    };
    let mut sites = FxHashSet::default();
    let first = findings.iter().zip(rows).filter(|(finding, _)| sites.insert(key(finding)));
    first.take(suspects::MOST).map(row).collect()
}

fn left_out_rows(left_out: &[&Finding]) -> Vec<LeftOut> {
    let rows = shown::summary(left_out).into_iter().take(40);
    rows.map(|(rule, kind, n)| LeftOut { rule: visible(&rule, 40), verdict: verdict(kind), number: grouped(n) })
        .collect()
}

/// The tests that are not clean, or all of a few; and how many of these are left out.
fn test_rows(doc: &Document, most: usize, findings: &[&Finding], rows: &[Row]) -> (Vec<TestRow>, usize) {
    let mut anchors: FxHashMap<&str, &str> = FxHashMap::default();
    for (finding, row) in findings.iter().zip(rows) {
        anchors.entry(&finding.subject).or_insert(&row.anchor);
    }
    let all = doc.tests.len() <= MOST_TESTS;
    let valid = State::of(doc) != State::Invalid;
    let wanted: Vec<_> = doc.tests.iter().filter(|t| all || t.outcome != Outcome::Clean).collect();
    let rows = wanted.iter().take(most).map(|test| TestRow {
        id: breakable(&visible(&test.id, NAME)),
        anchor: anchors.get(test.id.as_str()).map_or_else(String::new, |anchor| (*anchor).to_owned()),
        outcome: outcome(test.outcome, valid),
        warmup: test.warmup,
        runs: test.runs,
        findings: test.findings,
    });
    (rows.collect(), wanted.len().saturating_sub(most))
}

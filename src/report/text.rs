//! The report as plain text: at most 80 columns, readable without colour.

use super::growth::{Leaked, sentence};
use super::holding::{cycle_lines, cycles_text, dominators_text, path_lines, reach, retained};
use super::ledger::ledger_lines;
use super::lines::Lines;
use super::names::{advice, born, outcome, path_label, unit, verdict};
use super::stacks::{site_lines, stack_lines};
use super::text_known::{known, known_line};
use super::text_memory::memory;
use super::visible::{NAME, SENTENCE, bytes, count, grouped, signed, visible};
use super::words::{State, headline, trust_line};
use super::{shown, svg};
use crate::document::{Document, Finding, Outcome};
use std::collections::BTreeSet;

/// Paths of one finding that are shown.
const MOST_PATHS: usize = 4;
/// How to read a stack.
const LEGEND: &str = "Stacks begin with the innermost call; each frame was called by the one below it. > marks \
    the frame to blame, * other frames of extensions.";

pub(super) fn render(doc: &Document) -> String {
    let mut page = Lines::default();
    page.wrap("", &headline(doc));
    page.wrap("", &trust_line(doc));
    if doc.layers.is_some() {
        page.wrap("", &sentence(doc.layers.as_ref(), Leaked::of(doc)));
    }
    let findings = shown::sorted(doc);
    if !findings.is_empty() {
        let invalid = State::of(doc) == State::Invalid;
        page.title(if invalid { "RECORDED ANYWAY (NOT A VERDICT)" } else { "FINDINGS" });
        if findings.iter().any(|finding| !finding.traces.is_empty()) {
            page.wrap("", LEGEND);
        }
    }
    for (index, finding) in findings.iter().enumerate() {
        if index > 0 {
            page.blank();
        }
        one_finding(&mut page, index + 1, finding);
    }
    what_to_do(&mut page, doc, &findings);
    cycles_text(&mut page, doc);
    dominators_text(&mut page, doc);
    memory(&mut page, doc);
    known(&mut page, doc);
    tests(&mut page, doc);
    trust(&mut page, doc);
    page.done()
}

/// Advice once for each rule, most urgent first. What an invalid audit recorded may not be there.
fn what_to_do(page: &mut Lines, doc: &Document, findings: &[&Finding]) {
    if State::of(doc) == State::Invalid || findings.is_empty() {
        return;
    }
    page.title("WHAT TO DO");
    let mut seen = BTreeSet::new();
    for finding in findings.iter().filter(|f| seen.insert(f.rule.as_str())) {
        page.detail(&visible(&finding.rule, 40), advice(&finding.rule));
    }
}

fn one_finding(page: &mut Lines, number: usize, finding: &Finding) {
    let kind = verdict(finding.verdict).to_uppercase();
    let (one, many) = unit(finding);
    let rule = visible(&format!("{} {}", finding.rule, finding.rule_name), 60);
    page.wrap_after(&format!("{number:>3}. "), "     ", &format!("{kind}  {rule}"));
    if !finding.message.is_empty() {
        page.wrap_after("     ", "     ", &visible(&finding.message, SENTENCE));
    }
    let name = if finding.type_name.is_empty() { "block" } else { &finding.type_name };
    let label = visible(&finding.object_label, NAME);
    let address = visible(&finding.address, 40);
    page.detail("type", &visible(name, NAME));
    page.detail("object", &if address.is_empty() { label } else { format!("{label} at {address}") });
    let since = if finding.since_run > 1 { format!(", since run {}", finding.since_run) } else { String::new() };
    let total = if finding.total.unsigned_abs() == 1 { one } else { many };
    page.detail(
        "per run",
        &format!("{}  (total {} {total}{since})", svg::in_words(&finding.per_run), signed(finding.total)),
    );
    let by_run = svg::bytes_in_words(&finding.bytes_per_run);
    if finding.bytes > 0 {
        let by_run = if by_run.is_empty() { by_run } else { format!("  ({by_run})") };
        page.detail("bytes", &format!("{}{by_run}", bytes(finding.bytes)));
    }
    if let Some(site) = &finding.site {
        site_lines(page, site);
    }
    ledger_lines(page, finding);
    page.detail("test", &visible(&finding.subject, NAME));
    page.detail("held by", &finding.holder.as_ref().map_or("not known".into(), |h| visible(&h.text, NAME)));
    let reach = reach(finding);
    if !reach.is_empty() {
        page.detail("reach", &reach);
    }
    let retained = retained(&finding.retained);
    if !retained.is_empty() {
        page.detail("retains", &retained);
    }
    let keeps: Vec<String> = finding.keeps.iter().map(kept).collect();
    if !keeps.is_empty() {
        page.detail("keeps alive", &keeps.join(", "));
    }
    for (number, chain) in finding.paths.iter().take(MOST_PATHS).enumerate() {
        path_lines(page, path_label(finding), number, chain);
    }
    if finding.paths.len() > MOST_PATHS {
        page.detail("", &format!("and {} more", count((finding.paths.len() - MOST_PATHS) as u64, "path", "paths")));
    }
    if let Some(cycle) = &finding.cycle {
        cycle_lines(page, cycle);
    }
    stack_lines(page, finding, born(finding));
    known_line(page, finding);
    page.detail("fingerprint", &visible(&finding.fingerprint, 40));
}

fn kept(kept: &crate::document::Kept) -> String {
    format!("{} x {} ({})", grouped(kept.count), visible(&kept.type_name, NAME), bytes(kept.bytes))
}

fn tests(page: &mut Lines, doc: &Document) {
    let clean = doc.tests.iter().filter(|t| t.outcome == Outcome::Clean).count() as u64;
    page.title("TESTS");
    let valid = State::of(doc) != State::Invalid;
    page.detail(outcome(Outcome::Clean, valid), &count(clean, "test", "tests"));
    for test in doc.tests.iter().filter(|t| t.outcome != Outcome::Clean) {
        let findings = count(test.findings.into(), "finding", "findings");
        page.detail(
            outcome(test.outcome, valid),
            &format!(
                "{} ({findings}, {} after {} warm-up)",
                visible(&test.id, NAME),
                count(test.runs.into(), "run", "runs"),
                test.warmup
            ),
        );
    }
}

fn trust(page: &mut Lines, doc: &Document) {
    let trust = &doc.trust;
    page.title("HOW FAR TO TRUST THIS");
    page.detail("valid", if trust.valid { "yes" } else { "no" });
    page.detail("canary", &visible(&trust.canary, SENTENCE));
    for hook in &trust.hooks {
        let name = visible(&hook.name, 60);
        let detail = visible(&hook.detail, SENTENCE);
        let why = if detail.is_empty() { String::new() } else { format!(": {detail}") };
        page.detail("hook", &format!("{name} is {}{why}", visible(&hook.state, 60)));
    }
    page.detail("dropped", &count(trust.dropped, "event", "events"));
    for (label, sentences) in [("not seen", &trust.unseen), ("also there", &trust.others), ("note", &trust.notes)] {
        for sentence in sentences {
            page.detail(label, &visible(sentence, SENTENCE));
        }
    }
    let (python, tool) = (&doc.interpreter, &doc.tool);
    let name = format!("{} {} {}, {}", python.implementation, python.version, python.build, python.platform);
    page.detail("interpreter", &visible(&name, NAME));
    page.detail("written by", &visible(&format!("{} {}", tool.name, tool.version), NAME));
    page.detail("subject", &visible(&doc.subject, NAME));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::lines::{WIDTH, columns};
    use crate::report::sample;

    fn assert_fits(text: &str) {
        for line in text.lines() {
            assert!(columns(line) <= WIDTH, "{} columns: {line}", columns(line));
        }
    }

    #[test]
    fn verdict_first_and_80_columns() {
        let text = render(&sample::leaks());
        assert!(text.starts_with(
            "1 over-released reference, 3 leaks and 1 possible leak in 4 of 42 tests, besides\n3 that the baseline knows.\n"
        ));
        assert!(text.contains("per run      4, 4, 4  (total 12 objects)"), "{text}");
        assert_fits(&text);
    }

    #[test]
    fn hostile_names_neither_break_lines_nor_reach_the_terminal() {
        let mut doc = sample::leaks();
        let name = format!("\x1b[2J\u{202e}\n{}", "名".repeat(9_000));
        doc.findings[0].type_name.clone_from(&name);
        doc.findings[0].message.clone_from(&name);
        doc.findings[0].fingerprint.clone_from(&name);
        doc.findings[0].rule.clone_from(&name);
        doc.trust.notes.push(name);
        let text = render(&doc);
        assert_fits(&text);
        assert!(!text.contains(['\x1b', '\u{202e}']) && text.contains("[9,006 characters in all]"), "{text}");
    }

    #[test]
    fn invalid_is_no_verdict() {
        let text = render(&sample::invalid());
        assert!(text.starts_with("No verdict: this audit cannot be trusted.\nThe leak made on purpose"));
        assert!(!text.contains("Nothing leaks") && !text.contains("clean"));
    }
}

//! The digest of an audit document.

use super::super::holding::ChainView;
use super::super::ledger::{history_steps, in_words};
use super::super::names::{outcome, path_label, unit, verdict};
use super::super::shown::sorted;
use super::super::stacks::whole;
use super::super::svg;
use super::super::visible::{NAME, SENTENCE, bytes, count, signed, visible};
use super::super::words::{State as Session, headline, trust_line};
use super::digest::{Call, Case, Digest, Ending, Flow, Item, Level, Stack, Step};
use super::place::Place;
use super::rules::{Rule, rule};
use crate::document::{Account, Chain, Document, Finding, Outcome, State, Suppression, Trace, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// Findings whose flows and stacks are told.
const MOST_DETAILED: usize = 2_000;
/// Paths, stacks, and calls of a stack that are told of one finding.
const MOST_PATHS: usize = 4;
const MOST_STACKS: usize = 3;
const MOST_CALLS: usize = 60;
/// Notes that are told.
const MOST_NOTES: usize = 100;

/// The digest of a document whose sources lie in `root`.
pub(in crate::report) fn digest<'a>(doc: &'a Document, root: &str) -> Digest<'a> {
    let invalid = Session::of(doc) == Session::Invalid;
    let mut findings = sorted(doc);
    // What is known is told last, whatever it costs.
    findings.sort_by_key(|finding| level(finding, invalid));
    let item = |(number, finding): (usize, &&Finding)| item(finding, number, invalid, root);
    let items: Vec<Item> = findings.iter().enumerate().map(item).collect();
    let trust = trust_line(doc);
    let reason = match Session::of(doc) {
        Session::Invalid => Some(trust.clone()),
        Session::Empty => Some("No test ran under the audit.".into()),
        _ => None,
    };
    Digest {
        headline: headline(doc),
        cases: cases(doc, &findings, &items, reason.is_some()),
        invalid: reason,
        trust,
        rules: rules(&findings),
        items,
        notes: notes(doc),
        settings: doc.suppressions.iter().filter_map(setting).collect(),
        subject: visible(&doc.subject, NAME),
        tool: &doc.tool,
        interpreter: &doc.interpreter,
    }
}

fn item(finding: &Finding, number: usize, invalid: bool, root: &str) -> Item {
    let known = finding.known.as_ref().map(|known| (known.state, visible(&known.first_seen, 40)));
    let (place, related) = places(finding, root);
    let detailed = number < MOST_DETAILED;
    Item {
        rule: visible(&finding.rule, 40),
        rule_name: visible(&finding.rule_name, 60),
        level: level(finding, invalid),
        message: visible(&finding.message, SENTENCE),
        subject: visible(&finding.subject, NAME),
        place,
        related,
        details: details(finding),
        flows: if detailed { flows(finding, root) } else { vec![] },
        stacks: finding
            .traces
            .iter()
            .take(if detailed { MOST_STACKS } else { 0 })
            .map(|t| stack(finding, t, root))
            .collect(),
        fingerprint: visible(&finding.fingerprint, 40),
        known,
    }
}

fn level(finding: &Finding, invalid: bool) -> Level {
    let unchanged = finding.known.as_ref().is_some_and(|known| known.state == State::Unchanged);
    match finding.verdict {
        _ if invalid => Level::Open,
        _ if unchanged => Level::Note,
        Verdict::OverReleased => Level::Crash,
        Verdict::Leak => Level::Error,
        Verdict::Maybe => Level::Warning,
    }
}

/// Where to show a finding, and what else has to do with it. The line that took the reference goes first, if one
/// is named, then the site, then other guesses, and then the test.
fn places(finding: &Finding, root: &str) -> (Option<Place>, Vec<(String, Place)>) {
    let mut all: Vec<(String, Place)> = Vec::new();
    let mut add = |words: &str, place: Option<Place>| {
        if let Some(place) = place.filter(|place| all.iter().all(|(_, known)| known != place)) {
            all.push((words.to_owned(), place));
        }
    };
    let ledger = finding.ledger.as_deref();
    let suspects = ledger.map_or(&[][..], |ledger| &ledger.places);
    if ledger.is_some_and(|ledger| ledger.account == Account::Named) {
        add("where the reference is taken", suspects.first().and_then(|place| Place::of_frame(&place.frame, root)));
    }
    add("where it is made", finding.site.as_ref().and_then(|site| Place::of_frame(&site.frame, root)));
    for place in suspects {
        add("where a reference is taken", Place::of_frame(&place.frame, root));
    }
    for chain in finding.paths.iter().take(MOST_PATHS) {
        add("what holds it", Place::of(&chain.file, chain.line, root).filter(|place| place.line > 0));
    }
    add("the test", Place::of_test(&finding.subject));
    let shown = all.iter().position(|(_, place)| place.is_inside(root));
    (shown.map(|at| all.remove(at).1), all)
}

fn details(finding: &Finding) -> Vec<(&'static str, String)> {
    let (one, many) = unit(finding);
    let total = if finding.total.unsigned_abs() == 1 { one } else { many };
    let mut all = vec![
        ("verdict", verdict(finding.verdict).to_owned()),
        ("per run", format!("{} (total {} {total})", svg::in_words(&finding.per_run), signed(finding.total))),
    ];
    let mut add = |label, text: String| {
        if !text.is_empty() {
            all.push((label, text));
        }
    };
    add("bytes", if finding.bytes == 0 { String::new() } else { bytes(finding.bytes) });
    add("site", finding.site.as_ref().map_or_else(String::new, |site| whole(&site.frame, false)));
    add("explained", finding.ledger.as_deref().map_or_else(String::new, |ledger| in_words(finding, ledger)));
    add("held by", finding.holder.as_ref().map_or_else(String::new, |holder| visible(&holder.text, NAME)));
    let path = finding.paths.first().map_or_else(String::new, |chain| visible(&chain.end(), NAME));
    add(path_label(finding), path);
    add("test", visible(&finding.subject, NAME));
    let first = finding.known.as_ref().map_or("", |known| known.first_seen.as_str());
    add("first seen", visible(first, 40));
    add("fingerprint", visible(&finding.fingerprint, 40));
    all
}

fn flows(finding: &Finding, root: &str) -> Vec<Flow> {
    let history = finding.ledger.as_deref().filter(|ledger| !ledger.history.is_empty()).map(|ledger| Flow {
        title: "History of one such object: each change of its reference count.".into(),
        steps: history_steps(ledger)
            .into_iter()
            .map(|(text, frame, guilty)| Step {
                text,
                place: frame.and_then(|frame| Place::of_frame(frame, root)),
                essential: guilty,
            })
            .collect(),
    });
    let paths = finding.paths.iter().take(MOST_PATHS).enumerate();
    history.into_iter().chain(paths.map(|(number, chain)| path(number, chain, root))).collect()
}

fn path(number: usize, chain: &Chain, root: &str) -> Flow {
    let view = ChainView::of(number, chain);
    let last = view.links.len().saturating_sub(1);
    let step = |(at, link): (usize, &super::super::holding::LinkView)| Step {
        text: if link.by.is_empty() { link.words() } else { format!("{} {}", link.words(), link.by) },
        place: if at == 0 { Place::of(&chain.file, chain.line, root) } else { None },
        essential: at == 0 || at == last,
    };
    Flow {
        title: format!("Path from a root: {}.", view.root),
        steps: view.links.iter().enumerate().map(step).collect(),
    }
}

fn stack(finding: &Finding, trace: &Trace, root: &str) -> Stack {
    let amount = count(trace.blocks, super::super::names::born(finding).0, super::super::names::born(finding).1);
    let call = |frame: &crate::document::Frame| Call {
        name: super::super::stacks::name(frame, NAME),
        module: visible(&frame.module, 120),
        place: Place::of_frame(frame, root),
    };
    Stack {
        title: format!("Born here and still alive: {amount}, {}.", bytes(trace.bytes)),
        calls: trace.frames.iter().take(MOST_CALLS).map(call).collect(),
    }
}

fn rules(findings: &[&Finding]) -> Vec<Rule> {
    let names: BTreeMap<&str, &str> = findings.iter().map(|f| (f.rule.as_str(), f.rule_name.as_str())).collect();
    names.into_iter().map(|(code, name)| rule(code, name)).collect()
}

/// Every audited test in its order, then what belongs to none of them.
fn cases(doc: &Document, findings: &[&Finding], items: &[Item], no_verdict: bool) -> Vec<Case> {
    let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, finding) in findings.iter().enumerate() {
        of.entry(&finding.subject).or_default().push(number);
    }
    let mut seen = BTreeSet::new();
    let mut all: Vec<Case> = Vec::new();
    for test in &doc.tests {
        let mine = if seen.insert(test.id.as_str()) { of.remove(test.id.as_str()).unwrap_or_default() } else { vec![] };
        let ending = match test.outcome {
            _ if no_verdict => Ending::NoVerdict("the audit has no verdict".into()),
            Outcome::Invalid => Ending::NoVerdict(outcome(Outcome::Invalid, true).into()),
            // What a test is said to leak fails it even where the findings themselves are missing.
            Outcome::Leak if mine.is_empty() => Ending::Failed,
            _ => ending(&mine, items),
        };
        all.push(Case { id: visible(&test.id, NAME), ending, items: mine });
    }
    for (subject, mine) in of {
        let ending =
            if no_verdict { Ending::NoVerdict("the audit has no verdict".into()) } else { ending(&mine, items) };
        all.push(Case { id: visible(subject, NAME), ending, items: mine });
    }
    all
}

fn ending(mine: &[usize], items: &[Item]) -> Ending {
    if mine.iter().any(|number| items[*number].fails()) { Ending::Failed } else { Ending::Passed }
}

fn notes(doc: &Document) -> Vec<String> {
    let trust = &doc.trust;
    let hooks = trust.hooks.iter().filter(|hook| hook.state != "active");
    let hooks = hooks.map(|hook| format!("The hook {} is {}: {}", hook.name, hook.state, hook.detail));
    let dropped = (trust.dropped > 0).then(|| format!("{} dropped.", count(trust.dropped, "event was", "events were")));
    let unseen = trust.unseen.iter().map(|text| format!("Not seen: {text}"));
    let gone = doc.baseline.iter().flat_map(|baseline| {
        let words = |gone: &crate::document::Gone| {
            format!("Gone since the baseline {}: {} {} in {}", baseline.name, gone.rule, gone.message, gone.subject)
        };
        baseline.gone.iter().map(words)
    });
    let all = hooks.chain(dropped).chain(unseen).chain(trust.others.iter().cloned()).chain(trust.notes.iter().cloned());
    all.chain(gone).take(MOST_NOTES).map(|text| visible(&text, SENTENCE)).collect()
}

/// What there is to do about a suppression; `None` for one that is in use.
fn setting(one: &Suppression) -> Option<String> {
    let words = if one.expired {
        format!("The suppression `{}` ({}) is over since {}: it suppresses nothing.", one.name, one.source, one.expires)
    } else if one.findings == 0 {
        format!("The suppression `{}` ({}) is not needed any more.", one.name, one.source)
    } else {
        return None;
    };
    Some(visible(&words, SENTENCE))
}

//! The sentences that every report shares: the verdict, and how far it goes.

use super::visible::{count, grouped, visible};
use crate::document::{Document, Finding, Outcome, State as Baselined, Verdict};
use std::collections::BTreeSet;

/// What a report says about a whole session. Never better than the document's own outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The audit cannot be trusted.
    Invalid,
    /// No test ran under the audit: nothing is known.
    Empty,
    Leak,
    Maybe,
    /// All findings are in the baseline, and none is worse.
    Known,
    Clean,
}

impl State {
    /// Unknown never means clean: an invalid audit is no verdict, and a document that calls itself
    /// clean but lists findings is judged by its findings.
    pub(super) fn of(doc: &Document) -> Self {
        let certain = doc.findings.iter().any(|f| f.verdict != Verdict::Maybe);
        match doc.outcome {
            _ if !doc.trust.valid => Self::Invalid,
            Outcome::Invalid => Self::Invalid,
            Outcome::Leak => Self::Leak,
            Outcome::Known if doc.findings.iter().all(is_known) => Self::Known,
            _ if certain => Self::Leak,
            Outcome::Maybe | Outcome::Known => Self::Maybe,
            Outcome::Clean if !doc.findings.is_empty() => Self::Maybe,
            Outcome::Clean if doc.tests.is_empty() => Self::Empty,
            Outcome::Clean => Self::Clean,
        }
    }

    /// Name for style sheets and tests.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Empty => "empty",
            Self::Leak => "leak",
            Self::Maybe => "maybe",
            Self::Known => "known",
            Self::Clean => "clean",
        }
    }
}

/// How many findings there are of one verdict.
pub(super) fn of_verdict(doc: &Document, verdict: Verdict) -> u64 {
    doc.findings.iter().filter(|f| f.verdict == verdict).count() as u64
}

/// Whether the baseline has it, and it is not worse.
fn is_known(finding: &Finding) -> bool {
    finding.known.as_ref().is_some_and(|known| known.state == Baselined::Unchanged)
}

/// The findings that the verdict is about: those that the baseline does not know as they are, unless it knows all.
fn deciding(doc: &Document) -> Vec<&Finding> {
    let new: Vec<&Finding> = doc.findings.iter().filter(|finding| !is_known(finding)).collect();
    if new.is_empty() { doc.findings.iter().collect() } else { new }
}

/// The verdict in one sentence: the first thing that any report says.
pub(super) fn headline(doc: &Document) -> String {
    match State::of(doc) {
        State::Invalid => "No verdict: this audit cannot be trusted.".into(),
        State::Empty => "No verdict: no test ran under the audit.".into(),
        State::Clean if doc.tests.len() == 1 => {
            format!("Nothing leaks in {}, as far as could be seen.", visible(&doc.tests[0].id, 80))
        }
        State::Clean => {
            format!("Nothing leaks in {} tests, as far as could be seen.", doc.tests.len())
        }
        _ if doc.findings.is_empty() => "A leak was recorded, but the document lists no finding.".into(),
        State::Leak => format!("{}{}.", what_and_where(doc), besides(doc)),
        State::Known => format!("Nothing new: {}, all known to the baseline.", what_and_where(doc)),
        State::Maybe => format!("{}{}: only a repetition can tell.", what_and_where(doc), besides(doc)),
    }
}

fn what_and_where(doc: &Document) -> String {
    let findings = deciding(doc);
    tally(&findings) + &place(doc, &findings)
}

/// `, besides 2 that the baseline knows`.
fn besides(doc: &Document) -> String {
    match doc.findings.len() - deciding(doc).len() {
        0 => String::new(),
        known => format!(", besides {} that the baseline knows", grouped(known as u64)),
    }
}

/// `1 over-released reference, 2 leaks and 1 possible leak`.
fn tally(findings: &[&Finding]) -> String {
    let parts: Vec<String> = [
        (Verdict::OverReleased, "over-released reference", "over-released references"),
        (Verdict::Leak, "leak", "leaks"),
        (Verdict::Maybe, "possible leak", "possible leaks"),
    ]
    .into_iter()
    .map(|(verdict, one, many)| (findings.iter().filter(|f| f.verdict == verdict).count() as u64, one, many))
    .filter(|(number, ..)| *number > 0)
    .map(|(number, one, many)| count(number, one, many))
    .collect();
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// ` in 3 of 14 tests`, or the name when there is only one.
fn place(doc: &Document, findings: &[&Finding]) -> String {
    let subjects: BTreeSet<&str> = findings.iter().map(|f| f.subject.as_str()).collect();
    match (subjects.first(), doc.tests.len()) {
        (Some(subject), 0 | 1) if subjects.len() == 1 && !subject.is_empty() => {
            format!(" in {}", visible(subject, 80))
        }
        (_, tests) if tests >= subjects.len() && tests > 0 => {
            format!(" in {} of {}", grouped(subjects.len() as u64), count(tests as u64, "test", "tests"))
        }
        _ => String::new(),
    }
}

/// How far the verdict goes, in one sentence.
pub(super) fn trust_line(doc: &Document) -> String {
    let trust = &doc.trust;
    if State::of(doc) == State::Invalid {
        let reason = visible(&trust.reason, super::visible::SENTENCE);
        return if reason.is_empty() { "The document gives no reason.".into() } else { reason };
    }
    let lost = trust.hooks.iter().filter(|h| h.state == "lost").count() as u64;
    let mut limits = Vec::new();
    if trust.dropped > 0 {
        limits.push(format!("{} dropped", count(trust.dropped, "event was", "events were")));
    }
    if lost > 0 {
        limits.push(format!("{} lost", count(lost, "hook was", "hooks were")));
    }
    if !trust.unseen.is_empty() {
        limits.push(count(trust.unseen.len() as u64, "thing could not be seen", "things could not be seen"));
    }
    let proof = match trust.canary.as_str() {
        "found" => "The audit proved itself on a leak made on purpose".to_owned(),
        other => format!("The leak made on purpose: {}", visible(other, 200)),
    };
    if limits.is_empty() { format!("{proof}.") } else { format!("{proof}; {}.", limits.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn verdict_sentences() {
        let mut doc = sample::leaks();
        assert_eq!(
            headline(&doc),
            "1 over-released reference, 3 leaks and 1 possible leak in 4 of 42 tests, besides 3 that the baseline knows."
        );
        doc.findings.iter_mut().for_each(|finding| finding.known = None);
        assert_eq!(headline(&doc), "1 over-released reference, 6 leaks and 1 possible leak in 6 of 42 tests.");
        doc.findings.retain(|f| f.verdict == Verdict::Maybe);
        doc.outcome = Outcome::Maybe;
        assert_eq!(headline(&doc), "1 possible leak in 1 of 42 tests: only a repetition can tell.");
        assert_eq!(headline(&sample::clean()), "Nothing leaks in 36 tests, as far as could be seen.");
    }

    #[test]
    fn unknown_is_never_clean() {
        let clean = sample::clean();
        assert_eq!(State::of(&clean), State::Clean);
        let mut doc = clean.clone();
        doc.trust.valid = false;
        assert_eq!(State::of(&doc), State::Invalid);
        let mut doc = clean.clone();
        doc.outcome = Outcome::Invalid;
        assert!(headline(&doc).starts_with("No verdict"));
        let mut doc = clean.clone();
        doc.tests.clear();
        assert_eq!(State::of(&doc), State::Empty);
        let mut doc = clean;
        doc.findings = sample::leaks().findings;
        assert_eq!(State::of(&doc), State::Leak);
    }
}

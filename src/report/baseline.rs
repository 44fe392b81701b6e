//! What was known before, as the HTML template is given it: the baseline, the suppressions.

use super::pieces::{Prose, breakable, prose};
use super::visible::{CELL, NAME, SENTENCE, count, grouped, visible};
use crate::document::{Document, Finding, State, Suppression};
use serde::Serialize;

/// Rows of each table.
const MOST_ROWS: usize = 200;

/// The section about the baseline and the suppressions.
#[derive(Serialize)]
pub(super) struct Before {
    /// Name of the baseline; empty without one.
    name: String,
    sentence: String,
    gone: Vec<GoneRow>,
    gone_left_out: usize,
    suppressions: Vec<SuppressionRow>,
    suppressions_left_out: usize,
    /// Suppressions that are over, or that nothing needs any more.
    stale: String,
}

#[derive(Serialize)]
struct GoneRow {
    rule: String,
    message: Prose,
    subject: Vec<String>,
    fingerprint: String,
}

#[derive(Serialize)]
struct SuppressionRow {
    name: String,
    reason: String,
    source: String,
    expires: String,
    state: &'static str,
    class: &'static str,
    findings: String,
}

impl Before {
    /// Nothing when there is neither a baseline nor a suppression.
    pub(super) fn of(doc: &Document, most: usize) -> Option<Self> {
        if doc.baseline.is_none() && doc.suppressions.is_empty() {
            return None;
        }
        let most = most.min(MOST_ROWS);
        let gone = doc.baseline.as_ref().map_or(&[][..], |baseline| &baseline.gone);
        Some(Self {
            name: doc.baseline.as_ref().map_or_else(String::new, |baseline| visible(&baseline.name, CELL)),
            sentence: in_words(doc),
            gone: gone.iter().take(most).map(gone_row).collect(),
            gone_left_out: gone.len().saturating_sub(most),
            suppressions: doc.suppressions.iter().take(most).map(suppression_row).collect(),
            suppressions_left_out: doc.suppressions.len().saturating_sub(most),
            stale: stale(&doc.suppressions),
        })
    }
}

/// How this session compares: `2 findings are new, 1 has grown and 4 are as before; 3 are gone.`
fn in_words(doc: &Document) -> String {
    let Some(baseline) = &doc.baseline else { return String::new() };
    let of = |state| doc.findings.iter().filter(|f| state_of(f) == Some(state)).count() as u64;
    let is = |number: u64| if number == 1 { "is" } else { "are" };
    let (new, grown, same) = (of(State::New), of(State::Grown), of(State::Unchanged));
    let gone = baseline.gone.len() as u64;
    let mut text = format!(
        "{} {} new, {} {} grown, {} {} as before; {} {} gone.",
        count(new, "finding", "findings"),
        is(new),
        grouped(grown),
        if grown == 1 { "has" } else { "have" },
        grouped(same),
        is(same),
        count(gone, "entry", "entries"),
        is(gone),
    );
    if baseline.not_run > 0 {
        let entries = count(baseline.not_run, "entry", "entries");
        text.push_str(&format!(" Of {entries} nothing is known: the test did not run."));
    }
    text
}

fn state_of(finding: &Finding) -> Option<State> {
    finding.known.as_ref().map(|known| known.state)
}

/// What a finding says of itself: word, class, and the day on which the baseline took it in.
pub(super) fn known(finding: &Finding) -> (&'static str, String) {
    let Some(known) = &finding.known else { return ("", String::new()) };
    let day = visible(&known.first_seen, 20);
    let since = if day.is_empty() { String::new() } else { format!(" since {day}") };
    match known.state {
        State::New => ("new", "not in the baseline".into()),
        State::Unchanged => ("known", format!("in the baseline{since}, and not worse")),
        State::Grown => ("grown", format!("in the baseline{since}, and worse now")),
    }
}

fn gone_row(gone: &crate::document::Gone) -> GoneRow {
    GoneRow {
        rule: visible(&gone.rule, 40),
        message: prose(&gone.message, SENTENCE),
        subject: breakable(&visible(&gone.subject, CELL)),
        fingerprint: visible(&gone.fingerprint, 40),
    }
}

fn suppression_row(one: &Suppression) -> SuppressionRow {
    let (state, class) = match (one.expired, one.findings) {
        (true, _) => ("expired", "leak"),
        (false, 0) => ("unused", "maybe"),
        (false, _) => ("in use", "clean"),
    };
    SuppressionRow {
        name: visible(&one.name, NAME),
        reason: visible(&one.reason, SENTENCE),
        source: visible(&one.source, CELL),
        expires: visible(&one.expires, 20),
        findings: grouped(one.findings),
        state,
        class,
    }
}

fn stale(suppressions: &[Suppression]) -> String {
    let expired = suppressions.iter().filter(|one| one.expired).count() as u64;
    let unused = suppressions.iter().filter(|one| !one.expired && one.findings == 0).count() as u64;
    let parts = [(expired, "over: it suppresses nothing any more"), (unused, "not needed any more")];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, words)| format!("{} {words}", count(*number, "suppression is", "suppressions are")))
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("{}.", parts.join("; ").replace("are over: it suppresses", "are over: they suppress"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Baseline, Gone, Known};
    use crate::report::sample;

    fn suppression(expired: bool, findings: u64) -> Suppression {
        let (name, source, expires) = ("x".into(), "pyproject.toml".into(), "2026-01-31".into());
        Suppression { name, reason: String::new(), source, expires, expired, findings }
    }

    #[test]
    fn nothing_known_is_nothing_said() {
        let mut doc = sample::leaks();
        (doc.baseline, doc.suppressions) = (None, vec![]);
        assert!(Before::of(&doc, 9).is_none());
    }

    #[test]
    fn the_baseline_is_summed_up_and_stale_suppressions_are_said() {
        let mut doc = sample::leaks();
        doc.findings.iter_mut().for_each(|finding| finding.known = None);
        for (finding, state) in doc.findings.iter_mut().zip([State::New, State::Grown, State::Unchanged]) {
            finding.known = Some(Known { state, first_seen: "2026-01-01".into() });
        }
        let text = || "t".to_owned();
        let gone = vec![Gone { fingerprint: text(), rule: text(), subject: text(), message: text() }; 2];
        doc.baseline = Some(Baseline { name: "b.json".into(), gone, not_run: 1 });
        doc.suppressions = vec![suppression(true, 0), suppression(false, 0), suppression(false, 4)];
        let before = Before::of(&doc, 1).unwrap();
        assert_eq!(
            before.sentence,
            "1 finding is new, 1 has grown, 1 is as before; 2 entries are gone. Of 1 entry nothing is known: the test \
             did not run."
        );
        assert_eq!((before.gone.len(), before.gone_left_out, before.suppressions_left_out), (1, 1, 2));
        assert!(before.stale.contains("1 suppression is over: it suppresses") && before.stale.contains("not needed"));
        assert_eq!(known(&doc.findings[1]).1, "in the baseline since 2026-01-01, and worse now");
    }
}

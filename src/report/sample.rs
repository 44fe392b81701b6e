//! Documents for the tests of this room, made from the committed sample.

use crate::document::{Document, Outcome};

/// The committed sample: several findings, a valid trust block.
pub(super) fn leaks() -> Document {
    let text = include_str!("../../tests/report/sample.json");
    Document::from_json(text).expect("the committed sample is a valid document")
}

/// A session in which nothing leaks.
pub(super) fn clean() -> Document {
    let mut doc = leaks();
    doc.findings.clear();
    doc.tests.retain(|test| test.outcome == Outcome::Clean);
    doc.outcome = Outcome::Clean;
    doc
}

/// A session that found its canary not.
pub(super) fn invalid() -> Document {
    let mut doc = clean();
    doc.outcome = Outcome::Invalid;
    doc.trust.valid = false;
    doc.trust.reason = "The leak made on purpose at start was not found.".into();
    doc.trust.canary = "missing: the leaked block was not seen".into();
    doc
}

/// A document with `count` findings like those of the sample.
pub(super) fn many(count: usize) -> Document {
    let mut doc = leaks();
    let models = std::mem::take(&mut doc.findings);
    doc.findings = models.into_iter().cycle().take(count).collect();
    for (index, finding) in doc.findings.iter_mut().enumerate() {
        finding.fingerprint = format!("{index:016x}");
    }
    doc
}

//! Which findings a report shows, and in which order.

use crate::document::{Document, Finding, Verdict};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Findings in order of urgency: most certain first, then most costly. Ties are broken by name, so
/// that the order does not hang on the document's.
pub(super) fn sorted(doc: &Document) -> Vec<&Finding> {
    let mut findings: Vec<&Finding> = doc.findings.iter().collect();
    findings.sort_by_key(|f| {
        (
            f.verdict,
            Reverse(f.bytes),
            Reverse(f.total.unsigned_abs()),
            (&f.rule, &f.type_name, &f.subject, &f.fingerprint),
        )
    });
    findings
}

/// Findings that are not shown, counted by rule and verdict, in order of rule.
pub(super) fn summary(left_out: &[&Finding]) -> Vec<(String, Verdict, u64)> {
    let mut counts: BTreeMap<(&str, Verdict), u64> = BTreeMap::new();
    for finding in left_out {
        *counts.entry((&finding.rule, finding.verdict)).or_default() += 1;
    }
    counts.into_iter().map(|((rule, verdict), n)| (rule.to_owned(), verdict, n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn most_urgent_first_whatever_the_order_of_the_document() {
        let doc = sample::leaks();
        let mut turned = doc.clone();
        turned.findings.reverse();
        assert_eq!(sorted(&doc), sorted(&turned));
        let order = sorted(&doc);
        assert_eq!(order[0].verdict, Verdict::OverReleased);
        assert_eq!(order.last().unwrap().verdict, Verdict::Maybe);
        assert!(order[1].bytes >= order[2].bytes);
    }

    #[test]
    fn summary_counts_everything_once() {
        let doc = sample::many(70);
        let total: u64 = summary(&sorted(&doc)[10..]).iter().map(|(.., n)| n).sum();
        assert_eq!(total, 60);
    }
}

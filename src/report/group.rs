//! Findings by site: which of them a page shows, and what those of one site have in common.

use super::pieces::breakable;
use super::place::{Place, key};
use super::visible::{CELL, bytes, count, visible};
use crate::document::Finding;
use rustc_hash::FxHashMap;
use serde::Serialize;

/// Of each site so many findings are shown before the next so many of any.
const TIER: usize = 12;

/// A site with the findings that blame it.
#[derive(Serialize)]
pub(super) struct Group {
    anchor: String,
    function: Vec<String>,
    line: Vec<String>,
    /// From the ledger, which guesses.
    guessed: bool,
    /// What is told where no line is known.
    type_name: Vec<String>,
    /// Positions in the page's list.
    rows: Vec<usize>,
    amount: String,
    /// Findings of the site that are not shown, in words; empty when all are.
    more: String,
}

/// Findings and bytes of one site.
#[derive(Default, Clone, Copy)]
struct Sum {
    findings: u64,
    bytes: u64,
}

/// The sites of a document's findings, with the sums of all findings, shown or not.
pub(super) struct Sites<'a> {
    sums: FxHashMap<Key<'a>, Sum>,
}

type Key<'a> = (&'a str, &'a str, u32, &'a str);

impl<'a> Sites<'a> {
    /// Adds up the sites, and moves findings beyond the first few of each site behind the others, so
    /// that a line that leaks in every test does not hide all other lines. The order is else kept.
    pub(super) fn of(findings: &mut [&'a Finding]) -> Self {
        let mut sums: FxHashMap<Key<'a>, Sum> = FxHashMap::default();
        let mut tiers: Vec<(usize, &'a Finding)> = Vec::with_capacity(findings.len());
        for finding in findings.iter() {
            let sum = sums.entry(key(finding)).or_default();
            tiers.push((sum.findings as usize / TIER, finding));
            sum.findings += 1;
            sum.bytes = sum.bytes.saturating_add(finding.bytes);
        }
        tiers.sort_by_key(|(tier, _)| *tier);
        findings.iter_mut().zip(tiers).for_each(|(place, (_, finding))| *place = finding);
        Self { sums }
    }

    /// The groups of what is shown, in order of their first finding.
    pub(super) fn groups(&self, shown: &[&Finding]) -> Vec<Group> {
        let mut order: Vec<(Key<'_>, Vec<usize>)> = Vec::new();
        let mut places: FxHashMap<Key<'_>, usize> = FxHashMap::default();
        for (index, finding) in shown.iter().enumerate() {
            let key = key(finding);
            let place = *places.entry(key).or_insert_with(|| {
                order.push((key, Vec::new()));
                order.len() - 1
            });
            order[place].1.push(index);
        }
        let group = |(number, (key, rows)): (usize, (Key<'_>, Vec<usize>))| {
            let sum = self.sums.get(&key).copied().unwrap_or_default();
            group(number, shown[rows[0]], rows, sum)
        };
        order.into_iter().enumerate().map(group).collect()
    }

    /// How many sites there are in all.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.sums.len()
    }
}

fn group(number: usize, first: &Finding, rows: Vec<usize>, sum: Sum) -> Group {
    let place = Place::of(first);
    let size = if sum.bytes > 0 { format!(", {}", bytes(sum.bytes)) } else { String::new() };
    let more = sum.findings.saturating_sub(rows.len() as u64);
    let type_name = if first.type_name.is_empty() { "block" } else { &first.type_name };
    Group {
        anchor: format!("site-{}", number + 1),
        function: breakable(&place.function),
        line: breakable(&place.line),
        guessed: place.guessed,
        type_name: breakable(&visible(type_name, CELL)),
        amount: format!("{}{size}", count(sum.findings, "finding", "findings")),
        more: if more > 0 { count(more, "more finding", "more findings") } else { String::new() },
        rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::report::shown::sorted;

    #[test]
    fn a_line_that_leaks_everywhere_does_not_hide_the_others() {
        let doc = sample::many(400);
        let mut findings = sorted(&doc);
        let sites = Sites::of(&mut findings);
        assert_eq!(findings.len(), 400);
        let groups = sites.groups(&findings[..100]);
        assert_eq!(groups.len(), sites.count(), "every site has a place among the first hundred");
        let shown: usize = groups.iter().map(|group| group.rows.len()).sum();
        assert_eq!(shown, 100);
        assert!(groups.iter().all(|group| group.more.contains("more finding")));
    }

    #[test]
    fn few_findings_keep_their_order() {
        let doc = sample::leaks();
        let (before, mut after) = (sorted(&doc), sorted(&doc));
        let sites = Sites::of(&mut after);
        assert_eq!(before, after);
        assert!(sites.groups(&after).iter().all(|group| group.more.is_empty()));
    }
}

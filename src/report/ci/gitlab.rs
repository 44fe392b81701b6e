//! GitLab's code quality report, which a merge request shows beside its changes.
//!
//! Format: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>, a list of issues. Each needs
//! a path, and a fingerprint that no other has.

use super::digest::{Digest, Item, Level};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Issues beyond this number are counted in the last.
const MOST: usize = 10_000;

/// The digest as a list of issues; an audit without a verdict is one issue that blocks.
pub(in crate::report) fn gitlab(digest: &Digest<'_>) -> String {
    let mut issues: Vec<Value> = Vec::new();
    if let Some(reason) = &digest.invalid {
        let text = format!("refaudit could not audit: {reason}");
        issues.push(issue(&text, "invalid-audit", "invalid-audit", "blocker", (".", 1)));
    } else {
        let mut taken: BTreeMap<String, u32> = BTreeMap::new();
        issues.extend(digest.items.iter().take(MOST).map(|item| of_item(item, &mut taken)));
        if digest.items.len() > MOST {
            let text = format!("{} more findings of refaudit are left out here.", digest.items.len() - MOST);
            issues.push(issue(&text, "more", "more-findings", "major", (".", 1)));
        }
    }
    format!("{:#}\n", Value::from(issues))
}

fn of_item(item: &Item, taken: &mut BTreeMap<String, u32>) -> Value {
    let severity = match item.level {
        Level::Crash => "critical",
        Level::Error => "major",
        Level::Warning => "minor",
        Level::Note | Level::Open => "info",
    };
    let wanted = format!("{}:{}", item.rule, item.fingerprint);
    let number = taken.entry(wanted.clone()).or_default();
    *number += 1;
    let fingerprint = if *number == 1 { wanted } else { format!("{wanted}:{number}") };
    let site = item.details.iter().find(|(label, _)| *label == "site");
    let site = site.map_or_else(String::new, |(_, text)| format!(" ({text})"));
    let text = format!("{} {}: {}{site}", item.rule, item.rule_name, item.message);
    let place = item.place.as_ref().map(|place| (super::shown(&place.path), place.line.max(1)));
    let (path, line) = place.unwrap_or_else(|| (".".into(), 1));
    issue(&text, &item.rule, &fingerprint, severity, (&path, line))
}

fn issue(text: &str, rule: &str, fingerprint: &str, severity: &str, (path, line): (&str, u32)) -> Value {
    json!({
        "description": text,
        "check_name": rule,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": { "path": path, "lines": { "begin": line } },
    })
}

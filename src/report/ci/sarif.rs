//! SARIF 2.1.0, for code scanning and editors.
//!
//! Format: OASIS, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>. The bounds are those of GitHub's
//! code scanning, <https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support>: at most
//! 25,000 results, and 10 MB when compressed.

use super::digest::{Digest, Flow, Item, Level, Stack, Step};
use super::place::Place;
use super::rules::Rule;
use crate::document::State;
use serde_json::{Map, Value, json};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Results beyond this number are summarised.
const MOST_RESULTS: usize = 25_000;
/// Bytes of results with flows and stacks, and of all results, before compression.
const DETAILED_BYTES: usize = 12_000_000;
const MOST_BYTES: usize = 24_000_000;
/// Name of the root of the sources: whoever reads the file knows where that is.
const ROOT: &str = "SRCROOT";

/// The digest as one SARIF log with one run.
pub(in crate::report) fn sarif(digest: &Digest<'_>) -> String {
    let mut results = Vec::new();
    let (mut bytes, mut bare) = (0, 0);
    for item in digest.items.iter().take(MOST_RESULTS) {
        let detailed = bytes < DETAILED_BYTES;
        let one = result(digest, item, detailed);
        bytes += one.to_string().len();
        if bytes > MOST_BYTES {
            break;
        }
        let has_details = !item.flows.is_empty() || !item.stacks.is_empty();
        bare += usize::from(has_details && !detailed);
        results.push(one);
    }
    let left_out = digest.items.len() - results.len();
    let tool = json!({
        "driver": {
            "name": digest.tool.name,
            "version": digest.tool.version,
            "rules": digest.rules.iter().map(rule).collect::<Vec<_>>(),
        }
    });
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": tool,
            "invocations": [invocation(digest, left_out, bare)],
            "originalUriBaseIds": { ROOT: { "description": { "text": "The root of the sources." } } },
            "columnKind": "unicodeCodePoints",
            "results": results,
            "properties": {
                "verdict": digest.headline,
                "trust": digest.trust,
                "interpreter": format!("{} {}", digest.interpreter.implementation, digest.interpreter.version),
                "platform": digest.interpreter.platform,
            },
        }],
    });
    format!("{log}\n")
}

/// What went wrong is said where consumers look for it: an audit without a verdict did not succeed.
fn invocation(digest: &Digest<'_>, left_out: usize, bare: usize) -> Value {
    let note = |level: &str, text: &str| json!({ "level": level, "message": { "text": text } });
    let mut told: Vec<Value> = digest.invalid.iter().map(|reason| note("error", reason)).collect();
    if left_out > 0 {
        let text =
            format!("{left_out} more findings are left out: the file would be too large. The JSON document has all.");
        told.push(note("warning", &text));
    }
    if bare > 0 {
        told.push(note(
            "warning",
            &format!("{bare} findings are told without their paths and stacks: the file would be too large."),
        ));
    }
    told.extend(digest.notes.iter().map(|text| note("note", text)));
    json!({
        "executionSuccessful": digest.invalid.is_none(),
        "toolExecutionNotifications": told,
        "toolConfigurationNotifications": digest.settings.iter().map(|text| note("warning", text)).collect::<Vec<_>>(),
    })
}

fn rule(rule: &Rule) -> Value {
    let mut help = json!({ "text": rule.help });
    if !rule.page.is_empty() {
        help["markdown"] = rule.page.as_str().into();
    }
    json!({
        "id": rule.id,
        "name": rule.name,
        "shortDescription": { "text": rule.short },
        "fullDescription": { "text": rule.help },
        "help": help,
        "defaultConfiguration": { "level": "error" },
        "properties": { "tags": ["memory", "reference-counting"], "precision": "high" },
    })
}

fn result(digest: &Digest<'_>, item: &Item, detailed: bool) -> Value {
    let (level, kind) = match item.level {
        Level::Crash | Level::Error => ("error", "fail"),
        Level::Warning => ("warning", "fail"),
        Level::Note => ("note", "fail"),
        Level::Open => ("none", "open"),
    };
    let mut one = Map::new();
    one.insert("ruleId".into(), item.rule.as_str().into());
    if let Some(index) = digest.rules.iter().position(|rule| rule.id == item.rule) {
        one.insert("ruleIndex".into(), index.into());
    }
    one.insert("level".into(), level.into());
    one.insert("kind".into(), kind.into());
    one.insert("message".into(), json!({ "text": message(item) }));
    one.insert("locations".into(), json!([primary(item)]));
    let related = item.related.iter().enumerate();
    let related: Vec<Value> = related
        .map(|(id, (words, place))| {
            json!({
                "id": id, "physicalLocation": physical(place), "message": { "text": words },
            })
        })
        .collect();
    if !related.is_empty() {
        one.insert("relatedLocations".into(), related.into());
    }
    one.insert("partialFingerprints".into(), json!({ "refaudit/v1": item.fingerprint }));
    if detailed && !item.flows.is_empty() {
        one.insert("codeFlows".into(), item.flows.iter().map(|flow| code_flow(flow, item)).collect());
    }
    if detailed && !item.stacks.is_empty() {
        one.insert("stacks".into(), item.stacks.iter().map(stack).collect());
    }
    if let Some((state, first_seen)) = &item.known {
        baseline(&mut one, *state, first_seen);
    }
    one.into()
}

/// A finding that the baseline has is accepted by whoever keeps the baseline.
fn baseline(one: &mut Map<String, Value>, state: State, first_seen: &str) {
    let word = match state {
        State::New => "new",
        State::Unchanged => "unchanged",
        State::Grown => "updated",
    };
    one.insert("baselineState".into(), word.into());
    if state == State::Unchanged {
        let why = format!("In the baseline since {first_seen}, and not worse.");
        one.insert("suppressions".into(), json!([{ "kind": "external", "status": "accepted", "justification": why }]));
    }
}

/// The sentence, then each detail in a line.
fn message(item: &Item) -> String {
    let details = item.details.iter().map(|(label, text)| format!("\n{label}: {text}"));
    std::iter::once(item.message.clone()).chain(details).collect()
}

/// The place of a finding; of one without a file, the root of the sources, since consumers want a place.
fn primary(item: &Item) -> Value {
    let place =
        item.place.as_ref().map_or_else(|| json!({ "artifactLocation": { "uri": ".", "uriBaseId": ROOT } }), physical);
    json!({
        "physicalLocation": place,
        "logicalLocations": [{ "fullyQualifiedName": item.subject }],
    })
}

fn physical(place: &Place) -> Value {
    let mut location = json!({ "uri": place.uri() });
    if !place.path.starts_with('/') {
        location["uriBaseId"] = ROOT.into();
    }
    let mut physical = json!({ "artifactLocation": location });
    if place.line > 0 {
        physical["region"] = json!({ "startLine": place.line });
    }
    physical
}

fn code_flow(flow: &Flow, item: &Item) -> Value {
    let steps: Vec<Value> = flow.steps.iter().map(|step| flow_step(step, item)).collect();
    json!({ "message": { "text": flow.title }, "threadFlows": [{ "locations": steps }] })
}

/// A step that is at no line of source is told at the place of its finding: consumers want a place for each.
fn flow_step(step: &Step, item: &Item) -> Value {
    let place = step.place.as_ref().map(physical);
    let place = place.unwrap_or_else(|| primary(item)["physicalLocation"].clone());
    json!({
        "location": { "physicalLocation": place, "message": { "text": step.text } },
        "importance": if step.essential { "essential" } else { "important" },
    })
}

fn stack(stack: &Stack) -> Value {
    let frame = |call: &super::digest::Call| {
        let mut location = json!({ "logicalLocations": [{ "fullyQualifiedName": call.name }] });
        if let Some(place) = &call.place {
            location["physicalLocation"] = physical(place);
        }
        let mut frame = json!({ "location": location });
        if !call.module.is_empty() {
            frame["module"] = call.module.as_str().into();
        }
        frame
    };
    json!({ "message": { "text": stack.title }, "frames": stack.calls.iter().map(frame).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::super::audit::digest;
    use super::*;

    fn run(doc: &crate::document::Document, root: &str) -> Value {
        let log: Value = serde_json::from_str(&sarif(&digest(doc, root))).unwrap();
        log["runs"][0].clone()
    }

    #[test]
    fn an_audit_without_a_verdict_did_not_succeed() {
        let mut doc = sample::invalid();
        doc.findings = sample::leaks().findings;
        let run = run(&doc, "");
        let invocation = &run["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        assert_eq!(invocation["toolExecutionNotifications"][0]["level"], "error");
        assert!(run["results"].as_array().unwrap().iter().all(|one| one["kind"] == "open" && one["level"] == "none"));
    }

    #[test]
    fn too_many_findings_are_summarised() {
        let run = run(&sample::many(26_000), "");
        let results = run["results"].as_array().unwrap();
        assert!(results.len() <= MOST_RESULTS && results.len() > 5_000, "{}", results.len());
        let text = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
        assert!(text.starts_with(&format!("{} more findings", 26_000 - results.len())), "{text}");
    }
}

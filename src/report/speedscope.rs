//! What is still alive by stack, for speedscope: one profile by bytes and one by objects and blocks.
//!
//! Format: `https://www.speedscope.app/file-format-schema.json`, profiles of type `sampled`.

use super::stacks::{MISSING, name, place};
use super::visible::{NAME, SENTENCE, visible};
use crate::document::{Document, Frame, Trace};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SCHEMA: &str = "https://www.speedscope.app/file-format-schema.json";

/// Frames are shared by the profiles, each once, in the order in which they are met.
#[derive(Default)]
struct Frames {
    all: Vec<Value>,
    index: BTreeMap<(String, String, u32), usize>,
}

pub(super) fn render(doc: &Document) -> String {
    let mut frames = Frames::default();
    let mut samples: Vec<(Vec<usize>, &Trace)> = Vec::new();
    for trace in doc.findings.iter().flat_map(|finding| &finding.traces) {
        samples.push((frames.stack(trace), trace));
    }
    let profiles = [
        profile("Bytes still alive", "bytes", &samples, |trace| trace.bytes),
        profile("Objects and blocks still alive", "none", &samples, |trace| trace.blocks),
    ];
    let file = json!({
        "$schema": SCHEMA,
        "name": visible(&doc.subject, NAME),
        "exporter": visible(&format!("{}@{}", doc.tool.name, doc.tool.version), NAME),
        "activeProfileIndex": 0,
        "shared": { "frames": frames.all },
        "profiles": profiles,
    });
    format!("{file:#}\n")
}

/// Stacks that weigh nothing are no samples.
fn profile(name: &str, unit: &str, samples: &[(Vec<usize>, &Trace)], weight: fn(&Trace) -> u64) -> Value {
    let samples: Vec<_> = samples.iter().filter(|(_, trace)| weight(trace) > 0).collect();
    let weights: Vec<u64> = samples.iter().map(|(_, trace)| weight(trace)).collect();
    json!({
        "type": "sampled",
        "name": name,
        "unit": unit,
        "startValue": 0,
        "endValue": weights.iter().fold(0u64, |sum, weight| sum.saturating_add(*weight)),
        "samples": samples.iter().map(|(stack, _)| stack).collect::<Vec<_>>(),
        "weights": weights,
    })
}

impl Frames {
    /// The numbers of a stack's frames, outermost first.
    fn stack(&mut self, trace: &Trace) -> Vec<usize> {
        let missing = trace.truncated.then(|| self.number((MISSING.into(), String::new(), 0)));
        let frames = trace.frames.iter().rev().map(|frame| self.number(key(frame)));
        missing.into_iter().chain(frames).collect()
    }

    fn number(&mut self, key: (String, String, u32)) -> usize {
        let next = self.all.len();
        let number = *self.index.entry(key.clone()).or_insert(next);
        if number == next {
            let (name, file, line) = key;
            let mut frame = json!({ "name": name });
            if !file.is_empty() {
                frame["file"] = file.into();
            }
            if line > 0 {
                frame["line"] = line.into();
            }
            self.all.push(frame);
        }
        number
    }
}

/// Name, file and line. A frame without a line has its library for file.
fn key(frame: &Frame) -> (String, String, u32) {
    let mark = if frame.guess { " (nearest exported name)" } else { "" };
    let name = format!("{}{mark}", name(frame, SENTENCE));
    if frame.line > 0 { (name, visible(&frame.file, SENTENCE), frame.line) } else { (name, place(frame, false), 0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn profiles_are_whole_and_share_their_frames() {
        let doc = sample::leaks();
        let file: Value = serde_json::from_str(&render(&doc)).unwrap();
        let traces: Vec<&Trace> = doc.findings.iter().flat_map(|f| &f.traces).collect();
        let frames = file["shared"]["frames"].as_array().unwrap();
        for (profile, unit, sum) in [
            (0, "bytes", traces.iter().map(|t| t.bytes).sum::<u64>()),
            (1, "none", traces.iter().map(|t| t.blocks).sum::<u64>()),
        ] {
            let profile = &file["profiles"][profile];
            let (samples, weights) = (profile["samples"].as_array().unwrap(), profile["weights"].as_array().unwrap());
            assert_eq!((profile["unit"].as_str().unwrap(), profile["type"].as_str().unwrap()), (unit, "sampled"));
            assert_eq!(profile["endValue"].as_u64().unwrap(), sum);
            assert_eq!(weights.iter().map(|w| w.as_u64().unwrap()).sum::<u64>(), sum);
            assert!(samples.len() == weights.len() && sum > 0);
            let numbers = samples.iter().flat_map(|s| s.as_array().unwrap()).map(|n| n.as_u64().unwrap() as usize);
            assert!(numbers.max().unwrap() < frames.len());
        }
        let mut distinct: Vec<String> = frames.iter().map(Value::to_string).collect();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), frames.len());
        let outermost = file["profiles"][0]["samples"][0][0].as_u64().unwrap() as usize;
        assert!(frames[outermost]["file"].as_str().unwrap().ends_with(".py"), "{}", frames[outermost]);
    }

    #[test]
    fn without_stacks_the_profiles_are_empty() {
        let file: Value = serde_json::from_str(&render(&sample::clean())).unwrap();
        assert_eq!(file["profiles"][0]["samples"], json!([]));
        assert_eq!(file["profiles"][1]["endValue"], 0);
    }
}

//! The page of an audit document, with what it took.
//!
//! Arguments: a document, and where to write the page; `many FINDINGS FRAMES` before them makes the
//! findings of the document that many, with that many distinct frames. Standard output: one JSON line
//! `{"findings", "frames", "seconds", "page_bytes", "before_kb", "peak_rss_kb"}`. The seconds are of the
//! rendering alone, `before_kb` is what the process had before it: the document.

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use refaudit::document::Document;
use refaudit::report::{Format, render};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let mut many = None;
    if arguments.peek().is_some_and(|first| first == "many") {
        arguments.next();
        let mut number =
            || arguments.next().ok_or("many wants two numbers")?.parse::<usize>().map_err(Box::<dyn Error>::from);
        many = Some((number()?, number()?));
    }
    let (document, page) = (arguments.next().ok_or("no document")?, arguments.next().ok_or("no page")?);
    let mut document = Document::from_json(&std::fs::read_to_string(document)?)?;
    if let Some((findings, frames)) = many {
        multiply(&mut document, findings, frames);
    }
    let frames: usize =
        document.findings.iter().flat_map(|finding| &finding.traces).map(|trace| trace.frames.len()).sum();
    let before = status("VmHWM:").unwrap_or_default();
    let start = Instant::now();
    let html = render(&document, Format::Html, "")?;
    let seconds = start.elapsed().as_secs_f64();
    std::fs::write(page, &html)?;
    let summary = json!({
        "findings": document.findings.len(), "frames": frames, "seconds": seconds, "page_bytes": html.len(),
        "before_kb": before, "peak_rss_kb": status("VmHWM:").unwrap_or_default(),
    });
    writeln!(std::io::stdout(), "{summary}")?;
    Ok(())
}

/// As many findings as are wanted, each with a stack of frames that no other has.
fn multiply(document: &mut Document, findings: usize, frames: usize) {
    let models: Vec<_> = document.findings.iter().filter(|finding| !finding.traces.is_empty()).cloned().collect();
    let each = frames.div_ceil(findings.max(1));
    let mut line = 0;
    document.findings = models.iter().cycle().take(findings).cloned().collect();
    for (index, finding) in document.findings.iter_mut().enumerate() {
        finding.fingerprint = format!("{index:016x}");
        finding.subject = format!("tests/test_many.py::test_{index}");
        finding.ledger = None;
        finding.traces.truncate(1);
        let model = finding.traces[0].frames.clone();
        let frames = model.into_iter().cycle().take(each);
        finding.traces[0].frames = frames
            .map(|mut frame| {
                line += 1;
                frame.line = line;
                frame.function = format!("{}_{line}", frame.function.chars().take(24).collect::<String>());
                frame
            })
            .collect();
    }
}

/// A field of this process's status, in KiB.
fn status(field: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with(field))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

//! Markdown: the summary of a CI job, or a comment.
//!
//! Dialect: GitHub's (CommonMark with tables); GitLab and Jenkins read it as well. Names from audited code stand in
//! code spans, and whatever means something in other text is escaped. GitHub takes 1 MiB for a step's summary.

use super::super::visible::count;
use super::digest::{Digest, Ending, Item, Level};

/// Bytes of the whole; the least important findings beyond it are counted.
const MOST_BYTES: usize = 900_000;
/// Findings that are told with their details.
const MOST_DETAILED: usize = 50;
/// Notes that are told.
const MOST_NOTES: usize = 20;

/// The digest as a page.
pub(in crate::report) fn markdown(digest: &Digest<'_>) -> String {
    let mut out = format!("## refaudit: {}\n\n", prose(&digest.headline));
    if !digest.trust.is_empty() {
        out.push_str(&format!("{}\n\n", prose(&digest.trust)));
    }
    if !digest.items.is_empty() && digest.invalid.is_some() {
        out.push_str("What was recorded anyway is no verdict:\n\n");
    }
    let mut told = 0;
    for (number, item) in digest.items.iter().enumerate() {
        let text = finding(item, number < MOST_DETAILED);
        if out.len() + text.len() > MOST_BYTES {
            break;
        }
        out.push_str(&text);
        told += 1;
    }
    if told < digest.items.len() {
        let more = count((digest.items.len() - told) as u64, "more finding", "more findings");
        out.push_str(&format!("- and {more}, in the JSON document and the HTML page\n"));
    }
    if !digest.items.is_empty() {
        out.push('\n');
    }
    tests(&mut out, digest);
    notes(&mut out, digest);
    let (python, tool) = (&digest.interpreter, &digest.tool);
    let by =
        format!("{} {} on {} {}, {}", tool.name, tool.version, python.implementation, python.version, python.platform);
    out.push_str(&format!("{}\n", prose(&by)));
    out
}

/// A list item: level and rule, the sentence, where; then the details, folded by their indentation alone.
fn finding(item: &Item, detailed: bool) -> String {
    let word = match item.level {
        Level::Crash => "Over-released",
        Level::Error => "Leak",
        Level::Warning => "Maybe",
        Level::Note => "Known",
        Level::Open => "No verdict",
    };
    let mut out = format!("- **{word}** {} {}: {}", code(&item.rule), prose(&item.rule_name), prose(&item.message));
    if let Some(place) = &item.place {
        let line = if place.line > 0 { format!(":{}", place.line) } else { String::new() };
        out.push_str(&format!(" {}", code(&format!("{}{line}", super::shown(&place.path)))));
    }
    out.push('\n');
    for (label, text) in item.details.iter().filter(|_| detailed) {
        let sentence = matches!(*label, "explained" | "advice" | "not reached") || text.contains('`');
        let text = if sentence { prose(text) } else { code(text) };
        out.push_str(&format!("  - {label}: {text}\n"));
    }
    out
}

/// How many cases ended how.
fn tests(out: &mut String, digest: &Digest<'_>) {
    let number = |wanted: fn(&Ending) -> bool| digest.cases.iter().filter(|case| wanted(&case.ending)).count();
    let failed = number(|ending| matches!(ending, Ending::Failed));
    let unknown = number(|ending| matches!(ending, Ending::NoVerdict(_)));
    let passed = digest.cases.len() - failed - unknown;
    out.push_str("| audited | without failure | with failure | no verdict |\n|---:|---:|---:|---:|\n");
    out.push_str(&format!("| {} | {passed} | {failed} | {unknown} |\n\n", digest.cases.len()));
}

fn notes(out: &mut String, digest: &Digest<'_>) {
    let all: Vec<&String> = digest.settings.iter().chain(&digest.notes).collect();
    if all.is_empty() {
        return;
    }
    out.push_str("What was not seen, and what else is to know:\n\n");
    for note in all.iter().take(MOST_NOTES) {
        out.push_str(&format!("- {}\n", prose(note)));
    }
    if all.len() > MOST_NOTES {
        out.push_str(&format!("- and {} more\n", all.len() - MOST_NOTES));
    }
    out.push('\n');
}

/// A sentence: what stands between backticks becomes code, the rest is text.
fn prose(sentence: &str) -> String {
    if sentence.matches('`').count() % 2 == 1 {
        return escaped(sentence);
    }
    let pieces = sentence.split('`').enumerate();
    pieces.map(|(number, piece)| if number % 2 == 1 { code(piece) } else { escaped(piece) }).collect()
}

/// A code span, with a fence longer than any run of backticks in it (CommonMark 0.31, section 6.1).
fn code(text: &str) -> String {
    if text.trim().is_empty() {
        return escaped(text);
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A space at both ends is taken away again; it keeps backticks and spaces of the text apart from the fence.
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Text in which nothing is markup: no emphasis, link, tag, mention, address or table.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    // Addresses are made links without any markup.
    out.replace("://", ":&#47;/").replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_spans_hold_backticks() {
        assert_eq!(code("a_b"), "`a_b`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`x"), "`` `x ``");
        assert_eq!(prose("the `a_b` of c_d"), "the `a_b` of c\\_d");
        assert_eq!(prose("one ` alone"), "one \\` alone");
    }
}

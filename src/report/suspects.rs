//! The most costly suspects, each in one sentence: what a reader is told first.

use super::names::unit;
use super::place::Place;
use super::visible::{CELL, bytes, grouped, visible};
use crate::document::{Finding, Reach, Verdict};

/// Suspects on the first screen.
pub(super) const MOST: usize = 3;

/// `` `sum_bytes` (_leaky.c:113) keeps one block per run, 1000 B: nothing points to it any more. ``
pub(super) fn sentence(finding: &Finding) -> String {
    let place = Place::of(finding);
    let subject = match (place.function.is_empty(), place.line.is_empty()) {
        (false, false) => format!("{} ({})", code(&place.function), place.line),
        (false, true) => code(&place.function),
        _ => code(&finding.subject),
    };
    let probably = if place.guessed { "Probably " } else { "" };
    format!("{probably}{subject} {}{}.", deed(finding), fate(finding))
}

/// What it does, how much of it, and how often.
fn deed(finding: &Finding) -> String {
    let (verb, too_many) = match finding.verdict {
        Verdict::OverReleased => ("gives back", " too many"),
        Verdict::Leak => ("keeps", ""),
        Verdict::Maybe => ("may keep", ""),
    };
    let (number, how_often) = often(finding);
    let size = match finding.bytes_per_run.first().filter(|_| finding.per_run.len() > 1) {
        Some(first) if *first > 0 && finding.bytes_per_run.iter().all(|size| size == first) => bytes(*first),
        _ if finding.bytes > 0 => format!("{} in all", bytes(finding.bytes)),
        _ => String::new(),
    };
    let size = if size.is_empty() { size } else { format!(", {size}") };
    format!("{verb} {}{too_many} {how_often}{size}", what(finding, number))
}

/// The number of a run, and `per run`; the sum and `in all` where runs differ.
fn often(finding: &Finding) -> (u64, &'static str) {
    match finding.per_run.as_slice() {
        [first, rest @ ..] if *first != 0 && rest.iter().all(|count| count == first) => {
            (first.unsigned_abs(), "per run")
        }
        _ => (finding.total.unsigned_abs(), "in all"),
    }
}

/// `2 references to a dict`.
fn what(finding: &Finding, number: u64) -> String {
    let (one, many) = unit(finding);
    let amount = |word: &str| if number == 1 { "one".into() } else { format!("{}{word}", grouped(number)) };
    let type_name = if finding.type_name.is_empty() { "block" } else { &finding.type_name };
    let noun = if number == 1 { one } else { many };
    match finding.kind.as_str() {
        "type-reference" => format!("{} {noun} to the type {}", amount(""), code(&finding.object_label)),
        "block" | "native-block" => format!("{} {noun}", amount("")),
        _ if one == "object" => format!("{} {}", amount(" \u{d7}"), code(type_name)),
        _ => format!("{} {noun} to a {}", amount(""), code(type_name)),
    }
}

/// Whether anything can still get at it, where that was looked at.
fn fate(finding: &Finding) -> String {
    if finding.verdict == Verdict::OverReleased {
        return ": it will be freed while in use".into();
    }
    if matches!(unit(finding).0, "reference") {
        return String::new();
    }
    let holder = finding.holder.as_ref().filter(|holder| holder.kind != "nothing");
    match (finding.reach, holder) {
        (Some(Reach::DefinitelyLost), _) => ": nothing points to it any more".into(),
        (Some(Reach::IndirectlyLost), _) => ": only lost things point to it".into(),
        (_, Some(holder)) => format!(": held by {}", visible(&holder.text, CELL)),
        _ => String::new(),
    }
}

/// A name, marked for [`super::pieces::prose`].
fn code(text: &str) -> String {
    format!("`{}`", visible(&text.replace('`', "'"), CELL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::report::shown::sorted;

    #[test]
    fn a_suspect_is_told_with_place_amount_and_fate() {
        let doc = sample::leaks();
        let sentences: Vec<String> = sorted(&doc).into_iter().map(sentence).collect();
        assert!(sentences[0].contains("gives back one reference to a") && sentences[0].contains("freed while in use"));
        assert!(sentences.iter().any(|told| told.contains("per run") && told.contains(".c:")), "{sentences:#?}");
        assert!(sentences.iter().all(|told| told.ends_with('.') && told.matches('`').count() % 2 == 0));
    }

    #[test]
    fn runs_that_differ_are_summed_and_names_cannot_end_their_marks() {
        let mut finding = sample::leaks().findings.into_iter().find(|f| f.kind == "object").unwrap();
        (finding.per_run, finding.total, finding.type_name) = (vec![1, 2], 3, "a`b".into());
        let told = sentence(&finding);
        assert!(told.contains("3 \u{d7} `a'b` in all"), "{told}");
    }
}

//! A type audit as one self-contained HTML page, under the same rules as the audit's.

use super::ReportError;
use super::assets::{Assets, Placement};
use super::html::{MOST_BYTES, engine};
use super::pieces::{Prose, breakable, prose};
use super::visible::{CELL, NAME, SENTENCE, visible};
use crate::document::TypesDocument;
use crate::document::types::{Check, CheckAnswer, Protocol, Source, TypeVerdict, TypesVerdict};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

/// The page, after the macros that it uses.
const TEMPLATE: &str = concat!(
    include_str!("templates/head.html"),
    include_str!("templates/pieces.html"),
    include_str!("templates/types.html")
);
/// What this page has besides the style of all reports.
const OWN_STYLE: &str = include_str!("static/types.css");
/// Types with a section of their own, to begin with; and child processes that are told.
const MOST_TYPES: usize = 1_500;
const MOST_STEPS: usize = 40;

/// The whole page.
#[derive(Serialize)]
struct Page {
    state: &'static str,
    sentence: Prose,
    name: String,
    figures: Vec<(&'static str, usize, &'static str)>,
    types: Vec<TypeView>,
    left_out: usize,
    steps: Vec<[String; 4]>,
    notes: Vec<Prose>,
    interpreter: String,
    tool: String,
}

/// One type: a row, and a section where it has anything to say.
#[derive(Serialize)]
struct TypeView {
    anchor: String,
    name: Vec<String>,
    library: String,
    badge: &'static str,
    verdict: &'static str,
    sentence: Prose,
    heap: bool,
    gc: bool,
    /// `ok`, `defect`, ... by check, for the row.
    signs: Vec<(&'static str, &'static str, String)>,
    checks: Vec<CheckView>,
    instance: String,
    ended: Vec<String>,
    open: bool,
}

#[derive(Serialize)]
struct CheckView {
    name: String,
    class: &'static str,
    sign: &'static str,
    answer: &'static str,
    detail: Prose,
}

pub(super) fn render(doc: &TypesDocument) -> Result<String, ReportError> {
    let engine = engine(TEMPLATE)?;
    let template = engine.get_template("report.html")?;
    let assets = Value::from(Serde(Assets::of(OWN_STYLE, Placement::Inside)));
    let mut most = doc.judged.types.len().min(MOST_TYPES);
    loop {
        let page = Value::from(Serde(Page::of(doc, most)));
        let html = template.render(context! { page, assets => assets.clone() })?;
        if html.len() <= MOST_BYTES || most == 0 {
            return Ok(html);
        }
        most = (most as f64 * (MOST_BYTES as f64 / html.len() as f64).min(0.9)) as usize;
    }
}

impl Page {
    fn of(doc: &TypesDocument, most: usize) -> Self {
        let judged = &doc.judged;
        let python = &doc.interpreter;
        let python = format!("{} {} ({}) on {}", python.implementation, python.version, python.build, python.platform);
        let steps = judged.observed.steps.iter().take(MOST_STEPS);
        Self {
            state: match judged.verdict {
                TypesVerdict::Defects => "leak",
                TypesVerdict::Clean => "clean",
                TypesVerdict::NoTypes => "empty",
                TypesVerdict::NotAudited => "invalid",
            },
            sentence: prose(&judged.sentence, SENTENCE),
            name: visible(&judged.observed.name, NAME),
            figures: figures(&judged.types),
            types: judged.types.iter().take(most).enumerate().map(type_view).collect(),
            left_out: judged.types.len().saturating_sub(most),
            steps: steps
                .map(|s| {
                    let seconds = format!("{:.2} s", s.seconds);
                    [visible(&s.name, CELL), visible(&s.outcome, 40), seconds, visible(&s.detail, SENTENCE)]
                })
                .collect(),
            notes: judged.observed.notes.iter().take(MOST_STEPS).map(|note| prose(note, SENTENCE)).collect(),
            interpreter: visible(&python, NAME),
            tool: visible(&format!("{} {}", doc.tool.name, doc.tool.version), NAME),
        }
    }
}

/// How many types there are of each verdict.
fn figures(types: &[Protocol]) -> Vec<(&'static str, usize, &'static str)> {
    let of = |verdict| types.iter().filter(|one| one.verdict == verdict).count();
    [
        ("leak", of(TypeVerdict::Defect), "with a defect"),
        ("plain", of(TypeVerdict::PartlySeen), "seen in part"),
        ("plain", of(TypeVerdict::NotSeen), "not seen"),
        ("plain", of(TypeVerdict::Ok), "keep the protocol"),
    ]
    .into_iter()
    .filter(|(_, number, _)| *number > 0)
    .collect()
}

fn type_view((index, one): (usize, &Protocol)) -> TypeView {
    let (badge, verdict) = match one.verdict {
        TypeVerdict::Defect => ("leak", "defect"),
        TypeVerdict::NotSeen => ("unseen", "not seen"),
        TypeVerdict::PartlySeen => ("maybe", "seen in part"),
        TypeVerdict::Ok => ("clean", "ok"),
    };
    let facts = &one.observed.facts;
    let library = facts.library.rsplit('/').next().unwrap_or_default();
    let ended = one.observed.ended.iter().take(12);
    TypeView {
        anchor: format!("type-{}", index + 1),
        name: breakable(&visible(&one.observed.key, NAME)),
        library: visible(library, CELL),
        badge,
        verdict,
        sentence: prose(&one.sentence, SENTENCE),
        heap: facts.heap,
        gc: facts.gc,
        signs: one.checks.iter().map(|check| (answer(check).0, answer(check).1, visible(&check.name, 60))).collect(),
        checks: one.checks.iter().map(check_view).collect(),
        instance: instance(one),
        ended: ended.map(|end| visible(&format!("in {}: {}", end.phase, end.detail), SENTENCE)).collect(),
        open: one.verdict == TypeVerdict::Defect,
    }
}

fn check_view(check: &Check) -> CheckView {
    let (class, sign, words) = answer(check);
    CheckView { name: visible(&check.name, 60), class, sign, answer: words, detail: prose(&check.detail, SENTENCE) }
}

/// Class, sign and words of an answer; the sign says the same as the colour.
fn answer(check: &Check) -> (&'static str, &'static str, &'static str) {
    match check.answer {
        CheckAnswer::Ok => ("ok", "\u{2713}", "kept"),
        CheckAnswer::Defect => ("defect", "\u{2715}", "broken"),
        CheckAnswer::Advice => ("advice", "!", "advice"),
        CheckAnswer::NotApplicable => ("none", "\u{2013}", "does not apply"),
        CheckAnswer::NotSeen => ("unseen", "?", "not seen"),
    }
}

/// Where the instance came from that was looked at.
fn instance(one: &Protocol) -> String {
    match one.observed.source {
        Source::None if one.observed.refused.is_empty() => "none: there is none, and the type was not called".into(),
        Source::None => format!("none: {}", visible(&one.observed.refused, SENTENCE)),
        Source::Called => "the type was called without arguments".into(),
        Source::Factory => "made by a factory".into(),
        Source::Found => format!("one that was there{}", if one.observed.done { "" } else { ", in part" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::types::{Observed, ObservedType};
    use crate::document::{Interpreter, Tool};

    fn document(types: usize, name: &str) -> TypesDocument {
        let one = |index: usize| {
            let mut one = ObservedType { key: format!("{name}{index}"), done: true, ..ObservedType::default() };
            one.facts.heap = index.is_multiple_of(2);
            one.facts.gc = true;
            one
        };
        let text = || name.to_owned();
        let observed = Observed {
            name: text(),
            imported: true,
            complete: true,
            types: (0..types).map(one).collect(),
            notes: vec![text(); 3],
            ..Observed::default()
        };
        let interpreter = Interpreter { implementation: text(), version: text(), platform: text(), build: text() };
        TypesDocument::of(observed, Tool { name: text(), version: text() }, interpreter)
    }

    #[test]
    fn names_are_data_and_the_page_is_always_the_same() {
        let doc = document(5, "</script><img src=x onerror=alert(1)>\u{202e}");
        let page = render(&doc).unwrap();
        assert_eq!(page, render(&doc.clone()).unwrap());
        assert!(!page.contains("<img") && !page.contains('\u{202e}') && page.contains("&lt;img src=x"));
        assert_eq!(page.matches("<script").count(), 1);
        assert_eq!(page.matches("<details class=\"type").count(), 5);
    }

    #[test]
    fn a_library_of_many_types_has_a_page_that_says_what_is_missing() {
        let page = render(&document(4_000, &"n".repeat(200))).unwrap();
        assert!(page.len() <= MOST_BYTES, "{}", page.len());
        let shown = page.matches("<details class=\"type").count();
        assert!(shown > 100 && page.contains(&format!("{} more types are", 4_000 - shown)), "{shown}");
    }

    #[test]
    fn what_was_not_seen_is_never_ok() {
        let page = render(&document(1, "m.T")).unwrap();
        assert!(page.contains("not seen") && !page.contains("badge clean"), "{page}");
    }
}

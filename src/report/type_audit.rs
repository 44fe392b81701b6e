//! A type audit as plain text of at most 80 columns.

use super::lines::Lines;
use super::visible::{NAME, SENTENCE, visible};
use crate::document::TypesDocument;
use crate::document::types::{Check, CheckAnswer, Protocol, Source, TypeVerdict};

/// Types that keep the protocol and are listed by name, and child processes that are told.
const MOST_LISTED: usize = 200;
const MOST_STEPS: usize = 12;

pub(super) fn text(doc: &TypesDocument) -> String {
    let judged = &doc.judged;
    let mut page = Lines::default();
    page.wrap("", &visible(&judged.sentence, SENTENCE));
    for one in judged.types.iter().filter(|one| one.verdict == TypeVerdict::Defect) {
        defect(&mut page, one);
    }
    list(&mut page, "SEEN IN PART", judged.types.iter().filter(|one| one.verdict == TypeVerdict::PartlySeen), unseen);
    list(&mut page, "NOT SEEN", judged.types.iter().filter(|one| one.verdict == TypeVerdict::NotSeen), why);
    list(&mut page, "OK", judged.types.iter().filter(|one| one.verdict == TypeVerdict::Ok), |_| String::new());
    surroundings(&mut page, doc);
    page.done()
}

fn defect(page: &mut Lines, one: &Protocol) {
    let seen = &one.observed;
    page.blank();
    let file = seen.facts.library.rsplit('/').next().unwrap_or_default();
    page.wrap("", &format!("TYPE {} ({})", visible(&seen.key, NAME), visible(file, NAME)));
    page.detail("kind", &kind(one));
    let quiet = [CheckAnswer::Ok, CheckAnswer::NotApplicable];
    one.checks.iter().filter(|check| !quiet.contains(&check.answer)).for_each(|check| row(page, check));
    let kept: Vec<&str> =
        one.checks.iter().filter(|check| check.answer == CheckAnswer::Ok).map(|check| check.name.as_str()).collect();
    page.wrap_after("  ok       ", "           ", &kept.join(", "));
    for ending in &seen.ended {
        page.detail("died", &visible(&format!("in `{}`: {}", ending.phase, ending.detail), SENTENCE));
    }
}

fn kind(one: &Protocol) -> String {
    let facts = &one.observed.facts;
    let instance = match one.observed.source {
        Source::None => "no instance",
        Source::Called => "called without arguments",
        Source::Factory => "made by a factory",
        Source::Found => "an instance that was there",
    };
    let heap = if facts.heap { "heap type" } else { "static type" };
    let gc = if facts.gc { "with" } else { "without" };
    format!("{heap} {gc} HAVE_GC; {instance}")
}

/// `  DEFECT fields: tp_traverse does not visit ...`
fn row(page: &mut Lines, check: &Check) {
    let word = match check.answer {
        CheckAnswer::Defect => "DEFECT",
        CheckAnswer::Advice => "advice",
        CheckAnswer::Ok | CheckAnswer::NotApplicable => "",
        CheckAnswer::NotSeen => "?",
    };
    let text = format!("{}: {}", check.name, visible(&check.detail, SENTENCE));
    page.wrap_after(&format!("  {word:<7}"), "           ", &text);
}

fn list<'a>(
    page: &mut Lines,
    title: &str,
    types: impl Iterator<Item = &'a Protocol>,
    more: impl Fn(&Protocol) -> String,
) {
    let types: Vec<&Protocol> = types.collect();
    if types.is_empty() {
        return;
    }
    page.title(title);
    for one in types.iter().take(MOST_LISTED) {
        let advice = one.checks.iter().filter(|check| check.answer == CheckAnswer::Advice);
        let advice: Vec<&str> = advice.map(|check| check.name.as_str()).collect();
        let mut text = visible(&one.observed.key, NAME);
        let rest =
            [more(one), if advice.is_empty() { String::new() } else { format!("advice: {}", advice.join(", ")) }];
        let rest: Vec<String> = rest.into_iter().filter(|part| !part.is_empty()).collect();
        if !rest.is_empty() {
            text.push_str(&format!(": {}", visible(&rest.join("; "), SENTENCE)));
        }
        page.wrap_after("     ", "       ", &text);
    }
    if types.len() > MOST_LISTED {
        page.wrap("     ", &format!("and {} more, in the JSON document", types.len() - MOST_LISTED));
    }
}

fn unseen(one: &Protocol) -> String {
    let names = one.checks.iter().filter(|check| check.answer == CheckAnswer::NotSeen);
    let died = one.observed.ended.iter().map(|ending| format!("died in `{}`: {}", ending.phase, ending.detail));
    names.map(|check| check.name.clone()).chain(died).collect::<Vec<_>>().join(", ")
}

fn why(one: &Protocol) -> String {
    let refused = &one.observed.refused;
    if refused.is_empty() { "there is none, and the type was not called".into() } else { refused.clone() }
}

fn surroundings(page: &mut Lines, doc: &TypesDocument) {
    let observed = &doc.judged.observed;
    page.title("HOW THIS WAS SEEN");
    for step in observed.steps.iter().take(MOST_STEPS) {
        let why = if step.detail.is_empty() { String::new() } else { format!(": {}", visible(&step.detail, SENTENCE)) };
        page.detail("process", &format!("{} after {:.2} s{why}", visible(&step.outcome, 40), step.seconds));
    }
    if observed.steps.len() > MOST_STEPS {
        page.detail("", &format!("and {} more", observed.steps.len() - MOST_STEPS));
    }
    for note in &observed.notes {
        page.detail("note", &visible(note, SENTENCE));
    }
    let (python, tool) = (&doc.interpreter, &doc.tool);
    let name = format!("{} {} {}, {}", python.implementation, python.version, python.build, python.platform);
    page.detail("interpreter", &visible(&name, NAME));
    page.detail("written by", &visible(&format!("{} {}", tool.name, tool.version), NAME));
}

//! One extension module as plain text.

use super::super::holding::ChainView;
use super::super::lines::Lines;
use super::super::visible::{NAME, SENTENCE, visible};
use super::facts::fact_rows;
use super::what_if::what_if_text;
use super::words::{kind, predicted, reimport, verdict};
use crate::document::module::{Answer, Chain, JudgedMember, Level};

/// Chains of one member that are shown.
const MOST_CHAINS: usize = 12;

pub(super) fn member(page: &mut Lines, member: &JudgedMember, several: bool) {
    let seen = &member.observed;
    page.blank();
    page.wrap("", &format!("MODULE {}", visible(&seen.name, NAME)));
    if several {
        page.wrap("     ", &visible(&member.sentence, SENTENCE));
    }
    page.detail("verdict", verdict(member.verdict));
    page.detail("predicted", &format!("{}: {}", predicted(member.predicted), visible(&member.prediction, SENTENCE)));
    page.detail("kind", kind(member.kind));
    page.blank();
    member.levels.iter().enumerate().for_each(|(number, one)| level(page, number, one));
    holders(page, &seen.holders);
    page.blank();
    if let Some(what_if) = &seen.what_if {
        page.detail("if let go", &what_if_text(what_if));
    }
    if let Some(again) = &seen.reimport {
        let detail = visible(&again.detail, SENTENCE);
        let why = if detail.is_empty() { detail } else { format!(": {detail}") };
        page.detail("re-import", &format!("{}{why}", reimport(&again.outcome)));
    }
    fact_rows(seen).into_iter().for_each(|(label, text)| page.detail(label, &text));
    member.readiness.iter().for_each(|row| {
        let text = format!("{}: {} ({})", word(row.ready).trim(), row.change, row.title);
        page.detail(&visible(&row.pep, 12), &visible(&text, SENTENCE));
    });
    for advice in &member.advice {
        page.detail("advice", &visible(&advice.text, SENTENCE));
        if !advice.link.is_empty() {
            page.detail("", &visible(&advice.link, NAME));
        }
    }
}

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "yes",
        Answer::No => "NO ",
        Answer::NotApplicable => " - ",
        Answer::NotSeen => " ? ",
    }
}

/// `  2. NO   Module object freed: the module object is alive. [1, 2]`
fn level(page: &mut Lines, number: usize, level: &Level) {
    let holders: Vec<String> = level.holders.iter().take(MOST_CHAINS).map(|index| (index + 1).to_string()).collect();
    let held = if holders.is_empty() { String::new() } else { format!(" [holder {}]", holders.join(", ")) };
    let text = format!("{}: {}{held}", visible(&level.title, 60), visible(&level.detail, SENTENCE));
    page.wrap_after(&format!("{:>4}. {:<4} ", number + 1, word(level.answer)), "           ", &text);
}

fn holders(page: &mut Lines, chains: &[Chain]) {
    if chains.is_empty() {
        return;
    }
    page.blank();
    page.wrap("     ", "Holders, from the root to what is held:");
    for (index, chain) in chains.iter().take(MOST_CHAINS).enumerate() {
        let view = ChainView::of(index, chain);
        let place = if view.place.is_empty() { String::new() } else { format!(" ({})", view.place) };
        page.wrap_after(&format!("{:>4}. ", view.number), "           ", &format!("{}{place}", view.root));
        let mut text = String::new();
        for (at, link) in view.links.iter().enumerate() {
            if at > 0 {
                text.push_str(" -> ");
            }
            text.push_str(&link.words());
            if !link.by.is_empty() {
                text.push_str(&format!(" ({})", link.by));
            }
        }
        page.wrap_after("           ", "             ", &text);
    }
    if chains.len() > MOST_CHAINS {
        page.wrap("      ", &format!("and {} more, in the JSON document", chains.len() - MOST_CHAINS));
    }
}

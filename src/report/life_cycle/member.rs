//! One extension module as the page's template is given it.

use super::super::holding::ChainView;
use super::super::pieces::{Prose, breakable, prose};
use super::super::visible::{CELL, NAME, SENTENCE, visible};
use super::facts::fact_rows;
use super::link::Link;
use super::what_if::{confirmed, what_if_text};
use super::words::{answer, kind, predicted, reimport, state, verdict};
use crate::document::module::{Answer, JudgedMember, Level, ModuleVerdict, ReadinessRow};
use serde::Serialize;

/// Chains of one member that are drawn.
const MOST_CHAINS: usize = 12;
/// Advice and rows of readiness that are listed.
const MOST_ROWS: usize = 30;

/// A section of the page, or a folded one.
#[derive(Serialize)]
pub(super) struct MemberView {
    /// Begins the ids of this member, so that they are unique.
    anchor: String,
    name: Vec<String>,
    file: Vec<String>,
    state: &'static str,
    verdict: &'static str,
    sentence: Prose,
    kind: &'static str,
    predicted: &'static str,
    prediction: Prose,
    /// Whether that was seen; empty where there is no verdict to compare.
    agrees: &'static str,
    /// Where the ladder ends: title of the first rung that is not reached; empty when all are.
    stopped: String,
    rungs: Vec<Rung>,
    chains: Vec<ChainView>,
    chains_left_out: usize,
    what_if: Prose,
    confirmed: &'static str,
    reimport: Prose,
    facts: Vec<(&'static str, String)>,
    advice: Vec<AdviceView>,
    readiness: Vec<ReadinessView>,
}

/// One rung of the ladder.
#[derive(Serialize)]
struct Rung {
    title: String,
    answer: &'static str,
    sign: &'static str,
    class: &'static str,
    detail: Prose,
    /// Numbers of the chains that stop it, as they are shown.
    holders: Vec<usize>,
    /// The first rung that is not reached.
    stop: bool,
}

#[derive(Serialize)]
struct AdviceView {
    text: Prose,
    link: Link,
}

#[derive(Serialize)]
struct ReadinessView {
    pep: String,
    title: String,
    answer: &'static str,
    sign: &'static str,
    class: &'static str,
    change: Prose,
    link: Link,
}

impl MemberView {
    pub(super) fn of(number: usize, judged: &JudgedMember, said: &str) -> Self {
        let member = &judged.observed;
        let stop = judged.levels.iter().position(|level| level.answer == Answer::No);
        let chains = member.holders.iter().take(MOST_CHAINS).enumerate();
        let again = member.reimport.as_ref();
        Self {
            anchor: format!("m{number}"),
            name: breakable(&visible(&member.name, NAME)),
            file: breakable(&visible(&member.file, NAME)),
            state: state(judged.verdict),
            verdict: verdict(judged.verdict),
            // Of the member that speaks for all the page has said it.
            sentence: if said.ends_with(&judged.sentence) { vec![] } else { prose(&judged.sentence, SENTENCE) },
            kind: kind(judged.kind),
            predicted: predicted(judged.predicted),
            prediction: prose(&judged.prediction, SENTENCE),
            agrees: agreement(judged),
            stopped: stop.map_or_else(String::new, |index| visible(&judged.levels[index].title, 60)),
            rungs: judged.levels.iter().enumerate().map(|(index, level)| rung(level, Some(index) == stop)).collect(),
            chains: chains.map(|(index, chain)| ChainView::of(index, chain)).collect(),
            chains_left_out: member.holders.len().saturating_sub(MOST_CHAINS),
            what_if: member.what_if.as_ref().map_or_else(Vec::new, |asked| prose(&what_if_text(asked), SENTENCE)),
            confirmed: member.what_if.as_ref().map_or("", |asked| confirmed(asked).0),
            reimport: again.map_or_else(Vec::new, |again| {
                let why = if again.detail.is_empty() { String::new() } else { format!(": {}", again.detail) };
                prose(&format!("{}{why}", reimport(&again.outcome)), SENTENCE)
            }),
            facts: fact_rows(member),
            advice: judged
                .advice
                .iter()
                .take(MOST_ROWS)
                .map(|one| AdviceView { text: prose(&one.text, SENTENCE), link: Link::to(&one.link) })
                .collect(),
            readiness: judged.readiness.iter().take(MOST_ROWS).map(readiness).collect(),
        }
    }
}

/// Prediction and observation side by side.
fn agreement(judged: &JudgedMember) -> &'static str {
    match (judged.predicted, judged.verdict) {
        (ModuleVerdict::NotAudited, _) | (_, ModuleVerdict::NotAudited) => "",
        (predicted, seen) if predicted == seen => ", as it was seen",
        // The model knows the import caches and what a kind of module does, not who else refers to it.
        _ => ", which is not what was seen",
    }
}

fn rung(level: &Level, stop: bool) -> Rung {
    let (word, sign, class) = answer(level.answer);
    let shown = level.holders.iter().filter(|index| **index < MOST_CHAINS).map(|index| index + 1);
    Rung {
        title: visible(&level.title, 60),
        answer: word,
        sign,
        class,
        detail: prose(&level.detail, SENTENCE),
        holders: shown.collect(),
        stop,
    }
}

fn readiness(row: &ReadinessRow) -> ReadinessView {
    let (word, sign, class) = answer(row.ready);
    ReadinessView {
        pep: visible(&row.pep, 40),
        title: visible(&row.title, CELL),
        answer: word,
        sign,
        class,
        change: prose(&row.change, SENTENCE),
        link: Link::to(&row.link),
    }
}

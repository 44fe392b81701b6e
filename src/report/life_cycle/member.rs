//! One extension module as the page's template is given it.

use super::super::pieces::{Prose, breakable, prose};
use super::super::visible::{CELL, NAME, SENTENCE, count, grouped, visible};
use super::chain::ChainView;
use super::words::{answer, kind, predicted, reimport, seen, state, verdict};
use crate::document::module::{Answer, JudgedMember, Level, Member, ModuleVerdict, ReadinessRow, WhatIf};
use serde::Serialize;

/// Chains of one member that are drawn.
const MOST_CHAINS: usize = 12;
/// Names of types and slots that are listed.
const MOST_NAMES: usize = 30;

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

/// An address that may be followed; where it is none, only its text is shown.
#[derive(Serialize)]
struct Link {
    href: String,
    text: String,
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
                .take(MOST_NAMES)
                .map(|one| AdviceView { text: prose(&one.text, SENTENCE), link: Link::to(&one.link) })
                .collect(),
            readiness: judged.readiness.iter().take(MOST_NAMES).map(readiness).collect(),
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

impl Link {
    /// A document is data: only plain addresses on the web are followed, never `javascript:` or a file.
    fn to(address: &str) -> Self {
        let host = address.strip_prefix("https://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~/#?=&:%".contains(c));
        if host.is_empty() || address.len() > NAME || !plain(address) {
            return Self { href: String::new(), text: visible(address, NAME) };
        }
        Self { href: address.into(), text: host.into() }
    }
}

/// Whether a child process agrees with the model.
fn confirmed(asked: &WhatIf) -> (&'static str, &'static str) {
    match asked.confirmed {
        None => ("untried", "not tried in a child process"),
        Some(went) if went == asked.unloads => ("confirmed", "a child process in which they were cleared agrees"),
        Some(true) => ("contradicted", "but in a child process in which they were cleared, it did unload"),
        Some(false) => ("contradicted", "but in a child process in which they were cleared, it did not"),
    }
}

/// The answer of the model, and of the child process that tried it.
pub(super) fn what_if_text(asked: &WhatIf) -> String {
    let would = match (asked.unloads, asked.remaining.is_empty()) {
        (true, _) => "if CPython's caches let go, it would unload".to_owned(),
        (false, true) => "even if CPython's caches let go, it would stay".to_owned(),
        (false, false) => {
            format!("even if CPython's caches let go, it would stay: {} holds it", visible(&asked.remaining, NAME))
        }
    };
    let detail = visible(&asked.detail, NAME);
    let detail = if detail.is_empty() { detail } else { format!(" ({})", detail.trim_end_matches('.')) };
    format!("{would}; {}{detail}.", confirmed(asked).1)
}

/// What the definition says, as labels and texts.
pub(super) fn fact_rows(member: &Member) -> Vec<(&'static str, String)> {
    let facts = &member.facts;
    let or = |text: &str, none: &str| if text.is_empty() { none.to_owned() } else { visible(text, NAME) };
    let names = |all: &[String]| match all {
        [] => "none".to_owned(),
        _ => {
            let shown: Vec<String> = all.iter().take(MOST_NAMES).map(|name| visible(name, CELL)).collect();
            let more = all.len() - shown.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{}{more}", shown.join(", "))
        }
    };
    let there = |there: bool| if there { "yes" } else { "no" };
    let calls = |number: Option<u64>| number.map_or("not counted".into(), |number| count(number, "time", "times"));
    vec![
        ("init", or(&facts.init, "not seen")),
        ("m_size", facts.m_size.map_or("not seen".into(), |size| size.to_string())),
        ("slots", names(&facts.slots)),
        ("interpreters", or(&facts.multiple_interpreters, "not declared")),
        ("GIL", or(&facts.gil, "not declared")),
        (
            "hooks",
            format!(
                "m_traverse {}, m_clear {}, m_free {}",
                there(facts.traverse),
                there(facts.clear),
                there(facts.free)
            ),
        ),
        ("functions", format!("{}; {} made", there(facts.has_methods), grouped(member.functions.made))),
        ("static types", names(&facts.static_types)),
        ("stable ABI", format!("{}; exports slots: {}", there(facts.abi3), there(facts.exports_slots))),
        ("framework", or(&facts.framework, "none that is known")),
        ("init calls", calls(member.init_calls)),
        ("m_free calls", calls(member.free_calls)),
        ("in caches", format!("m_copy {}, modules_by_index {}", seen(member.copy_alive), seen(member.index_alive))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_are_links() {
        assert_eq!(Link::to("https://docs.python.org/3/c-api/module.html#c.x").text, "docs.python.org");
        for bad in ["javascript:alert(1)", "http://x/", "https://", "file:///etc", "https://x/\"onload=a", ""] {
            assert_eq!(Link::to(bad).href, "", "{bad}");
        }
    }

    #[test]
    fn model_and_child_process_are_compared() {
        let text = |unloads, confirmed| {
            what_if_text(&WhatIf { unloads, confirmed, remaining: "x.so:c".into(), ..WhatIf::default() })
        };
        assert!(text(true, Some(true)).contains("agrees"));
        assert!(text(false, Some(false)).contains("x.so:c holds it; a child process"));
        assert!(text(false, Some(true)).contains("but in a child process"));
        assert!(text(true, None).contains("not tried"));
    }
}

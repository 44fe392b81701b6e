//! The digests of a module audit and of a type audit.

use super::super::holding::ChainView;
use super::super::visible::{NAME, SENTENCE, visible};
use super::digest::{Case, Digest, Ending, Flow, Item, Level, Step};
use super::place::Place;
use super::rules::Rule;
use crate::document::module::{Answer, JudgedMember, ModuleVerdict};
use crate::document::types::{Check, CheckAnswer, Protocol, TypeVerdict, TypesVerdict};
use crate::document::{Chain, ModuleDocument, TypesDocument};
use std::collections::BTreeMap;

/// Holders of a module that are told.
const MOST_HOLDERS: usize = 8;
/// Notes that are told.
const MOST_NOTES: usize = 100;

/// Id, sentence and advice of each way to stay.
const KEPT: [(&str, &str, &str); 3] = [
    (
        "module-kept-by-module",
        "A static, a hidden field or a framework's cache keeps the module.",
        "Keep state in the module (PEP 489, PEP 630), and give it back in m_clear and m_free.",
    ),
    (
        "module-kept-by-caches",
        "CPython's import caches keep the module, and nothing else.",
        "Single-phase initialisation does that; multi-phase initialisation (PEP 489) ends it.",
    ),
    (
        "module-kept-by-program",
        "The program that imported the module keeps it: no fault of the module.",
        "See the path for what refers to it.",
    ),
];

/// The digest of a module audit.
pub(in crate::report) fn module_digest<'a>(doc: &'a ModuleDocument, root: &str) -> Digest<'a> {
    let judged = &doc.judged;
    let mut items = Vec::new();
    let mut cases = Vec::new();
    for member in &judged.members {
        let (item, ending) = member_item(member, root);
        let mine: Vec<usize> = item
            .map(|item| {
                items.push(item);
                items.len() - 1
            })
            .into_iter()
            .collect();
        cases.push(Case { id: visible(&member.observed.name, NAME), ending, items: mine });
    }
    let failed = |step: &&crate::document::module::Step| step.outcome != "ok";
    let steps = judged.observed.steps.iter().filter(failed);
    let steps = steps.map(|step| format!("Step {}: {} {}", step.name, step.outcome, step.detail));
    let sentence = visible(&judged.sentence, SENTENCE);
    let rules = KEPT.iter().filter(|(id, ..)| items.iter().any(|item: &Item| item.rule == *id));
    Digest {
        invalid: (judged.verdict == ModuleVerdict::NotAudited).then(|| sentence.clone()),
        headline: sentence,
        trust: String::new(),
        rules: rules.map(|(id, short, help)| plain_rule(id, short, help)).collect(),
        cases,
        items,
        notes: steps
            .chain(judged.observed.notes.iter().cloned())
            .take(MOST_NOTES)
            .map(|n| visible(&n, SENTENCE))
            .collect(),
        settings: vec![],
        subject: visible(&judged.observed.name, NAME),
        tool: &doc.tool,
        interpreter: &doc.interpreter,
    }
}

fn member_item(member: &JudgedMember, root: &str) -> (Option<Item>, Ending) {
    let (kept, level, ending) = match member.verdict {
        ModuleVerdict::NotApplicable | ModuleVerdict::Unloads => return (None, Ending::Passed),
        ModuleVerdict::NotAudited => return (None, Ending::NoVerdict(visible(&member.sentence, SENTENCE))),
        ModuleVerdict::KeptByModule => (KEPT[0], Level::Error, Ending::Failed),
        ModuleVerdict::KeptByCaches => (KEPT[1], Level::Error, Ending::Failed),
        ModuleVerdict::KeptByProgram => (KEPT[2], Level::Error, Ending::Failed),
    };
    let seen = &member.observed;
    let holders: Vec<&Chain> = seen.holders.iter().take(MOST_HOLDERS).collect();
    let at = |chain: &&Chain| Place::of(&chain.file, chain.line, root).filter(|place| place.line > 0);
    let mut places: Vec<Place> = holders.iter().filter_map(at).collect();
    places.dedup();
    let shown = places.iter().position(|place| place.is_inside(root));
    let place = shown.map(|at| places.remove(at));
    let not_reached = member.levels.iter().filter(|level| level.answer == Answer::No);
    let levels =
        not_reached.map(|level| ("not reached", visible(&format!("{}: {}", level.title, level.detail), SENTENCE)));
    let advice = member.advice.iter().map(|advice| ("advice", visible(&advice.text, SENTENCE)));
    let flows = holders.iter().enumerate().map(|(number, chain)| holder_flow(number, chain, root));
    let item = Item {
        rule: kept.0.into(),
        rule_name: kept.0.into(),
        level,
        message: visible(&member.sentence, SENTENCE),
        subject: visible(&seen.name, NAME),
        place,
        related: places.into_iter().map(|place| ("what holds it".to_owned(), place)).collect(),
        details: levels.chain(advice).collect(),
        flows: flows.collect(),
        stacks: vec![],
        fingerprint: visible(&format!("{}:{}", kept.0, seen.name), NAME),
        known: None,
    };
    (Some(item), ending)
}

fn holder_flow(number: usize, chain: &Chain, root: &str) -> Flow {
    let view = ChainView::of(number, chain);
    let steps = view.links.iter().enumerate().map(|(at, link)| Step {
        text: if link.by.is_empty() { link.words() } else { format!("{} {}", link.words(), link.by) },
        place: if at == 0 { Place::of(&chain.file, chain.line, root) } else { None },
        essential: at == 0,
    });
    Flow { title: format!("{} is held: {}.", view.held, view.root), steps: steps.collect() }
}

/// The digest of a type audit.
pub(in crate::report) fn types_digest(doc: &TypesDocument) -> Digest<'_> {
    let judged = &doc.judged;
    let mut items = Vec::new();
    let mut cases = Vec::new();
    let mut rules: BTreeMap<String, Rule> = BTreeMap::new();
    for one in &judged.types {
        let first = items.len();
        let told = [CheckAnswer::Defect, CheckAnswer::Advice];
        items
            .extend(one.checks.iter().filter(|check| told.contains(&check.answer)).map(|check| check_item(one, check)));
        for item in &items[first..] {
            let rule = || plain_rule(&item.rule, &format!("The collector's protocol: {}.", item.rule_name), TYPES_HELP);
            rules.entry(item.rule.clone()).or_insert_with(rule);
        }
        let ending = match one.verdict {
            TypeVerdict::Defect => Ending::Failed,
            TypeVerdict::NotSeen => Ending::NoVerdict("no instance of it was seen".into()),
            TypeVerdict::PartlySeen | TypeVerdict::Ok => Ending::Passed,
        };
        cases.push(Case { id: visible(&one.observed.key, NAME), ending, items: (first..items.len()).collect() });
    }
    let sentence = visible(&judged.sentence, SENTENCE);
    let part = judged.types.iter().filter(|one| one.verdict == TypeVerdict::PartlySeen);
    let part = part.map(|one| format!("{}: seen in part", one.observed.key));
    let notes = judged.observed.notes.iter().cloned().chain(part).take(MOST_NOTES);
    Digest {
        invalid: (judged.verdict == TypesVerdict::NotAudited).then(|| sentence.clone()),
        headline: sentence,
        trust: String::new(),
        rules: rules.into_values().collect(),
        items,
        cases,
        notes: notes.map(|note| visible(&note, SENTENCE)).collect(),
        settings: vec![],
        subject: visible(&judged.observed.name, NAME),
        tool: &doc.tool,
        interpreter: &doc.interpreter,
    }
}

const TYPES_HELP: &str = "See the page on auditing types: what tp_traverse, tp_clear and tp_dealloc owe the collector.";

fn check_item(one: &Protocol, check: &Check) -> Item {
    let name = visible(&check.name, 40);
    let detail = visible(&check.detail, SENTENCE);
    Item {
        rule: format!("type-{name}"),
        level: if check.answer == CheckAnswer::Defect { Level::Error } else { Level::Note },
        message: format!("{}: {detail}", visible(&one.observed.key, NAME)),
        subject: visible(&one.observed.key, NAME),
        place: None,
        related: vec![],
        details: vec![("library", visible(&one.observed.facts.library, NAME))],
        flows: vec![],
        stacks: vec![],
        fingerprint: visible(&format!("type-{name}:{}", one.observed.key), NAME),
        known: None,
        rule_name: name,
    }
}

fn plain_rule(id: &str, short: &str, help: &str) -> Rule {
    Rule { id: id.into(), name: id.into(), short: short.into(), help: help.into(), page: String::new() }
}

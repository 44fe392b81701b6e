//! From an observation to verdicts.

use super::observed::{Observed, ObservedType, Source};
use super::verdict::{Check, CheckAnswer, JudgedTypes, Protocol, TypeVerdict, TypesVerdict};
use super::words::count;
use super::{collector, dealloc, traversal};

/// What follows from an observation.
#[must_use]
pub fn judge_types(mut observed: Observed) -> JudgedTypes {
    let mut types: Vec<Protocol> = std::mem::take(&mut observed.types).into_iter().map(judged).collect();
    types.sort_by(|a, b| (a.verdict, &a.observed.key).cmp(&(b.verdict, &b.observed.key)));
    let verdict = whole(&observed, &types);
    let sentence = sentence(&observed, &types, verdict);
    JudgedTypes { observed, verdict, sentence, types }
}

fn judged(observed: ObservedType) -> Protocol {
    let checks = vec![
        collector::collector(&observed),
        traversal::traversal(&observed),
        traversal::fields(&observed),
        traversal::borrowed(&observed),
        traversal::type_visit(&observed),
        collector::clear(&observed),
        dealloc::fields(&observed),
        dealloc::type_reference(&observed),
        dealloc::free_list(&observed),
        collector::tracked(&observed),
    ];
    let verdict = verdict(&observed, &checks);
    let sentence = of_type(&observed, &checks, verdict);
    Protocol { observed, verdict, sentence, checks }
}

fn verdict(one: &ObservedType, checks: &[Check]) -> TypeVerdict {
    let has = |answer| checks.iter().any(|check| check.answer == answer);
    if has(CheckAnswer::Defect) {
        TypeVerdict::Defect
    } else if one.source == Source::None {
        TypeVerdict::NotSeen
    } else if has(CheckAnswer::NotSeen) || !one.done || !one.ended.is_empty() {
        TypeVerdict::PartlySeen
    } else {
        TypeVerdict::Ok
    }
}

fn of_type(one: &ObservedType, checks: &[Check], verdict: TypeVerdict) -> String {
    let of = |answer| checks.iter().filter(move |check: &&Check| check.answer == answer);
    let name = &one.key;
    match verdict {
        TypeVerdict::Defect => {
            let defects: Vec<&str> = of(CheckAnswer::Defect).map(|check| check.detail.as_str()).collect();
            format!("`{name}`: {}.", defects.join(". "))
        }
        TypeVerdict::NotSeen => format!("`{name}`: {}.", one.why_unseen()),
        TypeVerdict::PartlySeen => {
            let unseen = of(CheckAnswer::NotSeen).map(|check| check.name.clone());
            let died = one.ended.iter().map(|ending| format!("a process died in `{}`", ending.phase));
            let unseen: Vec<String> = unseen.chain(died).collect();
            format!("`{name}`: nothing is wrong in what was seen; not seen: {}.", unseen.join(", "))
        }
        TypeVerdict::Ok => format!("`{name}` keeps the collector's protocol."),
    }
}

fn whole(observed: &Observed, types: &[Protocol]) -> TypesVerdict {
    let any = |verdict| types.iter().any(|one| one.verdict == verdict);
    if any(TypeVerdict::Defect) {
        TypesVerdict::Defects
    } else if !observed.imported || !observed.complete {
        TypesVerdict::NotAudited
    } else if types.is_empty() {
        TypesVerdict::NoTypes
    } else if any(TypeVerdict::Ok) || any(TypeVerdict::PartlySeen) {
        TypesVerdict::Clean
    } else {
        TypesVerdict::NotAudited
    }
}

fn sentence(observed: &Observed, types: &[Protocol], verdict: TypesVerdict) -> String {
    let name = &observed.name;
    let number = |verdict| types.iter().filter(|one| one.verdict == verdict).count() as u64;
    let parts: Vec<String> = [
        (number(TypeVerdict::Defect), "with defects"),
        (number(TypeVerdict::Ok), "without"),
        (number(TypeVerdict::PartlySeen), "seen in part"),
        (number(TypeVerdict::NotSeen), "not seen"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{number} {what}"))
    .collect();
    let all = format!("{}: {}", count(types.len() as u64, "type", "types"), parts.join(", "));
    let why = observed.steps.last().map_or("", |step| step.detail.trim_end_matches('.'));
    match verdict {
        TypesVerdict::NoTypes => format!("`{name}`: its extension modules define no type."),
        TypesVerdict::NotAudited if !observed.imported => format!("`{name}` could not be audited: {why}."),
        TypesVerdict::NotAudited if !observed.complete => format!("`{name}` was not audited to the end: {why}. {all}."),
        TypesVerdict::NotAudited => format!("`{name}` could not be audited: no instance of any type was seen. {all}."),
        TypesVerdict::Defects if !observed.complete => format!("`{name}`: {all}. Not audited to the end: {why}."),
        TypesVerdict::Defects | TypesVerdict::Clean => format!("`{name}`: {all}."),
    }
}

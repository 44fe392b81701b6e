//! The ladder from "name gone" to "library unmapped", one answer a rung.

use super::held::{Survivor, chains};
use super::judge::Audit;
use super::observed::{Member, Population};
use super::verdict::{Answer, Kind, Level};
use super::words::{amount, count, listed};
use crate::findings::holding::{Chain, Root};

/// The eight levels of a member, in order.
pub(super) fn levels(member: &Member, kind: Kind, audit: &Audit<'_>) -> Vec<Level> {
    vec![
        name(member),
        module(member),
        state(member),
        types(member),
        functions(member),
        caches(member, kind),
        residue(member, audit),
        library(member),
    ]
}

fn level(name: &str, title: &str, answer: Answer, detail: String, holders: Vec<usize>) -> Level {
    let holders = if answer == Answer::No { holders } else { vec![] };
    Level { name: name.into(), title: title.into(), answer, detail, holders }
}

/// A thing that is still there is a level not reached; one that was not seen is not taken for gone.
fn gone(alive: Option<bool>) -> Answer {
    match alive {
        Some(false) => Answer::Yes,
        Some(true) => Answer::No,
        None => Answer::NotSeen,
    }
}

fn numbers(member: &Member, wanted: &[Survivor]) -> Vec<usize> {
    chains(member, wanted).map(|(number, _)| number).collect()
}

const NOT_SEEN: &str = "This could not be seen.";

fn name(member: &Member) -> Level {
    let answer = gone(member.named);
    let detail = match answer {
        Answer::Yes => "It is gone from `sys.modules`, with its whole package.",
        Answer::No => "It came back: something put it into `sys.modules`, or its parent, again.",
        _ => NOT_SEEN,
    };
    level("name", "Name gone", answer, detail.into(), vec![])
}

fn module(member: &Member) -> Level {
    let answer = gone(member.module_alive);
    let detail = match answer {
        Answer::Yes => "The module object is freed.",
        Answer::No => "The module object is alive.",
        _ => NOT_SEEN,
    };
    level("module", "Module object freed", answer, detail.into(), numbers(member, &[Survivor::Module]))
}

/// The dict, and the memory of `m_size` bytes, whose end `m_free` announces.
fn state(member: &Member) -> Level {
    let counted = match (member.facts.free, member.free_calls) {
        (false, _) => "it has no `m_free`".to_owned(),
        (true, None) => "calls of `m_free` could not be counted".to_owned(),
        (true, Some(0)) => "`m_free` was not called".to_owned(),
        (true, Some(calls)) => format!("`m_free` was called {}", count(calls, "time", "times")),
    };
    let (answer, detail) = match (member.dict_alive, member.module_alive) {
        (None, _) => (Answer::NotSeen, NOT_SEEN.to_owned()),
        (Some(true), _) => (Answer::No, format!("The dict is alive; {counted}.")),
        // The state goes with the module object.
        (Some(false), None) => {
            (Answer::NotSeen, format!("The dict is freed; whether the module is was not seen; {counted}."))
        }
        (Some(false), Some(true)) => (Answer::No, format!("The dict is freed, the module's state is not; {counted}.")),
        (Some(false), _) if member.facts.free && member.free_calls == Some(0) => {
            (Answer::NotSeen, format!("The dict is freed, but {counted}: the state may be alive."))
        }
        (Some(false), _) => (Answer::Yes, format!("The dict is freed; {counted}.")),
    };
    let holders = numbers(member, &[Survivor::Dict, Survivor::Module]);
    level("state", "Dict and module state freed", answer, detail, holders)
}

fn types(member: &Member) -> Level {
    population(member, &member.types, ("types", "Heap types freed"), ("heap type", "heap types"), Survivor::Type)
}

fn functions(member: &Member) -> Level {
    let nouns = ("function", "functions");
    population(member, &member.functions, ("functions", "Functions freed"), nouns, Survivor::Function)
}

fn population(
    member: &Member,
    made: &Population,
    (name, title): (&str, &str),
    (one, many): (&str, &str),
    survivor: Survivor,
) -> Level {
    let (answer, detail) = if member.module_alive.is_none() && made.made == 0 {
        (Answer::NotSeen, NOT_SEEN.to_owned())
    } else if made.made == 0 {
        (Answer::NotApplicable, format!("It makes no {many}."))
    } else if made.alive == 0 {
        (Answer::Yes, format!("All of its {} freed.", count(made.made, &format!("{one} is"), &format!("{many} are"))))
    } else {
        let names = listed(&made.names, made.alive as usize);
        let names = if names.is_empty() { String::new() } else { format!(": {names}") };
        let be = if made.alive == 1 { "is" } else { "are" };
        (Answer::No, format!("{} of {} {be} alive{names}.", made.alive, count(made.made, one, many)))
    };
    let mut holders = numbers(member, &[survivor]);
    if answer == Answer::No && holders.is_empty() {
        // What goes through the module is explained with the module.
        holders = numbers(member, &[Survivor::Module, Survivor::Dict]);
    }
    level(name, title, answer, detail, holders)
}

/// Which caches a kind has: `m_copy`, and an entry in `modules_by_index`.
fn has_caches(kind: Kind) -> Option<(bool, bool)> {
    match kind {
        Kind::Basic | Kind::BasicWithoutMethods => Some((true, true)),
        Kind::Reinit | Kind::ReinitCached => Some((false, true)),
        Kind::MultiPhase | Kind::MultiPhaseCached | Kind::MultiPhaseFramework | Kind::ExportSlots => {
            Some((false, false))
        }
        Kind::Unknown => None,
    }
}

fn caches(member: &Member, kind: Kind) -> Level {
    let (copy, index) = (member.copy_alive, member.index_alive);
    let expected = has_caches(kind);
    let unseen = match expected {
        Some((has_copy, has_index)) => (has_copy && copy.is_none()) || (has_index && index.is_none()),
        None => copy.is_none() || index.is_none(),
    };
    let (answer, detail) = match (copy == Some(true), index == Some(true)) {
        (true, true) => (Answer::No, "`m_copy` and an entry in `modules_by_index` are there.".to_owned()),
        (true, false) => (Answer::No, "The backup copy `m_copy` is there.".to_owned()),
        (false, true) => (Answer::No, "An entry in `modules_by_index` is there.".to_owned()),
        _ if unseen => (Answer::NotSeen, NOT_SEEN.to_owned()),
        _ if expected == Some((false, false)) => {
            (Answer::NotApplicable, "CPython keeps none for multi-phase init.".to_owned())
        }
        _ => (Answer::Yes, "Nothing of it is in CPython's import caches.".to_owned()),
    };
    let of_caches = |(number, chain): (usize, &Chain)| (chain.root == Root::ImportCache).then_some(number);
    let holders = member.holders.iter().enumerate().filter_map(of_caches).collect();
    level("caches", "Backup copy and index entry gone", answer, detail, holders)
}

/// Residue is measured over the whole audit: with several members it cannot be told apart.
fn residue(member: &Member, audit: &Audit<'_>) -> Level {
    let whose = if audit.members > 1 { " of the whole package" } else { "" };
    let (answer, detail) = match &audit.observed.residue {
        None => (Answer::NotSeen, NOT_SEEN.to_owned()),
        Some(rest) if rest.objects + rest.blocks + rest.native_blocks == 0 => {
            (Answer::Yes, format!("Nothing that importing made is left{whose}."))
        }
        Some(rest) => (Answer::No, format!("{} are left{whose}.", amount(rest))),
    };
    level("residue", "Residue freed", answer, detail, numbers(member, &[Survivor::Other, Survivor::Copy]))
}

fn library(member: &Member) -> Level {
    let detail = if member.file.is_empty() {
        "It is compiled into the interpreter."
    } else {
        "CPython never unmaps a shared library; this is not counted against the module."
    };
    level("library", "Library unmapped", Answer::NotApplicable, detail.into(), vec![])
}

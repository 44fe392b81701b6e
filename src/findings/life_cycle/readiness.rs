//! How ready a module is for the PEPs on isolated modules.

use super::gil::{no_gil, own_gil};
use super::judge::Audit;
use super::links;
use super::observed::{Facts, Member};
use super::verdict::{Answer, ReadinessRow};
use super::words::{capital, count, listed};
use crate::findings::holding::Root;

pub(super) fn readiness(member: &Member, audit: &Audit<'_>) -> Vec<ReadinessRow> {
    let facts = &member.facts;
    let runs = &audit.observed.interpreters;
    vec![
        row("PEP 489", "Multi-phase initialization", links::PEP_489, multi_phase(facts)),
        row("PEP 630", "Isolated module state", links::PEP_630, isolated(member)),
        row("PEP 684", "A GIL for each interpreter", links::PEP_684, own_gil(facts, runs, audit.minor)),
        row("PEP 703", "No GIL at all", free_threading_link(facts), no_gil(facts, audit.minor)),
        row("PEP 793", "Exported slots", links::PEP_793, exported(facts, audit.minor)),
    ]
}

fn row(pep: &str, title: &str, link: &str, (ready, change): (Answer, String)) -> ReadinessRow {
    ReadinessRow { pep: pep.into(), title: title.into(), ready, change, link: link.into() }
}

pub(super) const NO_DEFINITION: &str = "Its definition was not seen.";

fn multi_phase(facts: &Facts) -> (Answer, String) {
    match facts.init.as_str() {
        "multi-phase" => (Answer::Yes, "It returns its definition; nothing is to be changed.".into()),
        "export-slots" => (Answer::Yes, "Exported slots are multi-phase init; nothing is to be changed.".into()),
        "single-phase" => {
            let how = match facts.framework.as_str() {
                "cython" => "Compile with Cython 3, which uses multi-phase init.",
                "pyo3" => "Build with a PyO3 that uses multi-phase init.",
                "pybind11" => "Build with pybind11 3, which uses multi-phase init.",
                "nanobind" => "Build with a nanobind that uses multi-phase init.",
                "mypyc" => "mypyc generates the init function; see whether a newer one uses multi-phase init.",
                _ => "Return the definition with `PyModuleDef_Init`, and do the work of init in a `Py_mod_exec` slot.",
            };
            (Answer::No, how.into())
        }
        _ => (Answer::NotSeen, NO_DEFINITION.into()),
    }
}

/// Static types are shared by all interpreters, statics by all copies of a module.
fn isolated(member: &Member) -> (Answer, String) {
    let facts = &member.facts;
    if multi_phase(facts).0 == Answer::NotSeen {
        return (Answer::NotSeen, NO_DEFINITION.into());
    }
    let mut changes = Vec::new();
    if facts.m_size.is_some_and(|size| size < 0) {
        changes.push("set `m_size` to the size of the module's state, 0 for none".to_owned());
    }
    if !facts.static_types.is_empty() {
        changes.push(heap_types(facts));
    }
    if member.holders.iter().any(|chain| matches!(chain.root, Root::Static | Root::Framework)) {
        changes.push("move into module state what statics keep".to_owned());
    }
    if facts.m_size.is_some_and(|size| size > 0) {
        let slots = [("`m_traverse`", facts.traverse), ("`m_clear`", facts.clear), ("`m_free`", facts.free)];
        let missing: Vec<&str> = slots.iter().filter(|(_, there)| !there).map(|(name, _)| *name).collect();
        if !missing.is_empty() {
            changes.push(format!("the state needs {} if it holds references or memory", missing.join(", ")));
        }
    }
    match (multi_phase(facts).0, changes.as_slice()) {
        (Answer::Yes, []) if member.module_alive != Some(false) && member.holders.is_empty() => {
            (Answer::NotSeen, "No static types; what keeps the module was not seen.".into())
        }
        (Answer::Yes, []) if member.holders.iter().any(|chain| matches!(chain.root, Root::Hidden | Root::Unknown)) => {
            (Answer::NotSeen, "No static types; what keeps something of it is out of sight.".into())
        }
        (Answer::Yes, []) => (Answer::Yes, "No static types, and no static keeps anything of it.".into()),
        (_, []) => (Answer::No, "Use multi-phase init first (PEP 489).".into()),
        (_, changes) => (Answer::No, capital(&format!("{}.", changes.join("; ")))),
    }
}

pub(super) fn heap_types(facts: &Facts) -> String {
    let number = facts.static_types.len();
    let names = listed(&facts.static_types, number);
    format!(
        "make {} heap types with `PyType_FromModuleAndSpec` ({names})",
        count(number as u64, "static type", "static types")
    )
}

fn free_threading_link(facts: &Facts) -> &'static str {
    match facts.framework.as_str() {
        "cython" => links::CYTHON_FREE_THREADING,
        "pyo3" => links::PYO3_FREE_THREADING,
        "pybind11" => links::PYBIND11,
        "nanobind" => links::NANOBIND_FREE_THREADING,
        "" => links::FREE_THREADING,
        _ => links::PEP_703,
    }
}

fn exported(facts: &Facts, minor: u32) -> (Answer, String) {
    if facts.exports_slots {
        return (Answer::Yes, "It exports `PyModExport_` of its name.".into());
    }
    let how = match facts.framework.as_str() {
        "" => "export a `PyModExport_` function of its name that returns the slots; keep `PyInit_` for older versions",
        _ => "its framework generates the entry point; see whether a newer one exports slots",
    };
    if minor < 15 {
        return (Answer::NotApplicable, format!("It comes with Python 3.15, this is 3.{minor}; then {how}."));
    }
    if facts.init.is_empty() || facts.init == "unknown" {
        return (Answer::NotSeen, NO_DEFINITION.into());
    }
    (Answer::No, format!("Optional: {how}. `PyInit_` goes on working."))
}

//! How ready a module is for the PEPs on isolated modules.

use super::held::keeping;
use super::holding::Root;
use super::judge::Audit;
use super::links;
use super::observed::{Facts, InterpreterRun, Member};
use super::verdict::{Answer, ReadinessRow};
use super::words::{capital, count, listed};

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

const NO_DEFINITION: &str = "Its definition was not seen.";

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
    if keeping(member).any(|(_, chain)| matches!(chain.root, Root::Static | Root::Framework)) {
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
        (Answer::Yes, []) => (Answer::Yes, "No static types, and no static keeps the module.".into()),
        (_, []) => (Answer::No, "Use multi-phase init first (PEP 489).".into()),
        (_, changes) => (Answer::No, capital(&format!("{}.", changes.join("; ")))),
    }
}

fn heap_types(facts: &Facts) -> String {
    let number = facts.static_types.len();
    let names = listed(&facts.static_types, number);
    format!(
        "make {} heap types with `PyType_FromModuleAndSpec` ({names})",
        count(number as u64, "static type", "static types")
    )
}

fn own_gil(facts: &Facts, runs: &[InterpreterRun], minor: u32) -> (Answer, String) {
    let slot = match facts.framework.as_str() {
        "cython" => "put `# cython: subinterpreters_compatible = own_gil` at the top of the source",
        "pybind11" => "add `py::multiple_interpreters::per_interpreter_gil()` to `PYBIND11_MODULE`",
        "pyo3" => "PyO3 does not support sub-interpreters",
        "nanobind" => "nanobind does not support sub-interpreters",
        _ => "set the slot `Py_mod_multiple_interpreters` to `Py_MOD_PER_INTERPRETER_GIL_SUPPORTED`",
    };
    if minor < 12 {
        return (Answer::NotApplicable, format!("It comes with Python 3.12, this is 3.{minor}; then {slot}."));
    }
    let isolated = runs.iter().find(|run| run.kind == "isolated");
    let bad = isolated.filter(|run| !run.shared.is_empty() || matches!(&*run.outcome, "failed" | "died"));
    match (facts.multiple_interpreters.as_str(), bad) {
        ("per-interpreter-gil", Some(run)) if run.shared.is_empty() => (
            Answer::No,
            format!(
                "It says that it is ready, but it {} in an interpreter of its own: {}.",
                run.outcome,
                run.detail.trim_end_matches('.')
            ),
        ),
        ("per-interpreter-gil", Some(run)) => (
            Answer::No,
            format!(
                "It says that it is ready, but interpreters have objects in common: {}.",
                listed(&run.shared, run.shared.len())
            ),
        ),
        ("per-interpreter-gil", None) if facts.static_types.is_empty() => {
            (Answer::Yes, "The slot says so, and nothing speaks against it.".into())
        }
        ("per-interpreter-gil", None) => (Answer::No, format!("The slot says so, but {}.", heap_types(facts))),
        _ if facts.init.is_empty() || facts.init == "unknown" => (Answer::NotSeen, NO_DEFINITION.into()),
        ("not-supported", _) => {
            (Answer::No, format!("It refuses sub-interpreters: remove what is shared, then {slot}."))
        }
        ("supported", _) => (Answer::No, format!("It allows only interpreters that share the GIL: {slot}.")),
        _ if facts.init == "single-phase" => {
            (Answer::No, format!("Use multi-phase init first (PEP 489), then {slot}."))
        }
        _ => (Answer::No, format!("Isolate its state (PEP 630), then {slot}.")),
    }
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

fn no_gil(facts: &Facts, minor: u32) -> (Answer, String) {
    let slot = match facts.framework.as_str() {
        "cython" => "put `# cython: freethreading_compatible = True` at the top of the source",
        "pybind11" => "add `py::mod_gil_not_used()` to `PYBIND11_MODULE`",
        "pyo3" => "declare `#[pymodule(gil_used = false)]`",
        "nanobind" => "pass `FREE_THREADED` to `nanobind_add_module`",
        _ => "set the slot `Py_mod_gil` to `Py_MOD_GIL_NOT_USED`",
    };
    if minor < 13 {
        return (
            Answer::NotApplicable,
            format!("It comes with Python 3.13, this is 3.{minor}; once it is thread-safe, {slot}."),
        );
    }
    match (facts.gil.as_str(), facts.init.as_str()) {
        ("not-used", _) => {
            (Answer::Yes, "The slot says that it does not need the GIL; this audit does not test that.".into())
        }
        ("used", _) => (Answer::No, format!("The slot says that it needs the GIL; once it is thread-safe, {slot}.")),
        (_, "single-phase") => (
            Answer::NotSeen,
            "A single-phase module calls `PyUnstable_Module_SetGIL`, which only free-threaded builds have: this build \
             cannot tell."
                .into(),
        ),
        (_, "multi-phase" | "export-slots") => {
            (Answer::No, format!("Importing it turns the GIL on again; once it is thread-safe, {slot}."))
        }
        _ => (Answer::NotSeen, NO_DEFINITION.into()),
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

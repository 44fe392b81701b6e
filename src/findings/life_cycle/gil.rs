//! Readiness for interpreters with a GIL of their own (PEP 684), and without any (PEP 703).

use super::observed::{Facts, InterpreterRun};
use super::readiness::{NO_DEFINITION, heap_types};
use super::verdict::Answer;
use super::words::listed;

pub(super) fn own_gil(facts: &Facts, runs: &[InterpreterRun], minor: u32) -> (Answer, String) {
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
    let bad = isolated.filter(|run| !run.shared.is_empty() || matches!(&*run.outcome, "refused" | "failed" | "died"));
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
        ("per-interpreter-gil", None)
            if facts.static_types.is_empty() && isolated.is_none_or(|run| run.outcome != "loads") =>
        {
            (Answer::NotSeen, "The slot says so; it was not tried.".into())
        }
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

pub(super) fn no_gil(facts: &Facts, minor: u32) -> (Answer, String) {
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

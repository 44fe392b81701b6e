//! What to do about a module that does not go, or not wholly.

use super::held::{Answerable, answerable, keeping};
use super::judge::Audit;
use super::links;
use super::observed::Member;
use super::verdict::{Advice, Kind, ModuleVerdict};
use super::words::{capital, listed, root};
use crate::findings::holding::Root;

pub(super) fn advice(member: &Member, kind: Kind, verdict: ModuleVerdict, audit: &Audit<'_>) -> Vec<Advice> {
    let mut list = Vec::new();
    let mut add = |text: String, link: &str| list.push(Advice { text, link: link.into() });
    if verdict == ModuleVerdict::NotAudited {
        return list;
    }
    if let Some((text, link)) = framework(member, kind, verdict) {
        add(text.into(), link);
    } else if single_phase(kind) {
        add(
            "Return the definition with `PyModuleDef_Init` and move the work into a `Py_mod_exec` slot: CPython keeps \
             no copy and no index entry of a multi-phase module."
                .into(),
            links::PEP_489,
        );
    }
    holders(member, &mut add);
    left_alive(member, verdict, &mut add);
    if audit.observed.reload.as_ref().is_some_and(|reload| reload.findings.iter().any(|one| one.bytes > 0)) {
        add(
            "Importing it again and again leaks: give back in `m_free`, or in `tp_dealloc`, what init took; the \
             findings of the reload name the places."
                .into(),
            links::MEMORY,
        );
    }
    let shares = audit.observed.interpreters.iter().any(|run| !run.shared.is_empty());
    if shares && !single_phase(kind) {
        add(
            "Interpreters have mutable objects in common: create them in `Py_mod_exec` and keep them in module state."
                .into(),
            links::ISOLATING,
        );
    }
    list
}

fn single_phase(kind: Kind) -> bool {
    matches!(kind, Kind::Basic | Kind::BasicWithoutMethods | Kind::Reinit | Kind::ReinitCached)
}

/// What users of a framework can do: they do not write the init function.
fn framework(member: &Member, kind: Kind, verdict: ModuleVerdict) -> Option<(&'static str, &'static str)> {
    let kept = matches!(verdict, ModuleVerdict::KeptByModule | ModuleVerdict::KeptByCaches);
    match member.facts.framework.as_str() {
        "cython" if kept && single_phase(kind) => Some((
            "Compile with Cython 3 and without `CYTHON_PEP489_MULTI_PHASE_INIT=0`: it then uses multi-phase init.",
            links::CYTHON,
        )),
        "cython" if kept => Some((
            "Cython keeps the module in a C static and creates it once in a process. Compiling with the C macro \
             `CYTHON_USE_MODULE_STATE=1` moves its globals into module state; Cython calls that experimental.",
            links::CYTHON,
        )),
        "pybind11" if kept => Some((
            "pybind11 caches the module in the interpreter, so that it is created once. There is nothing to change in \
             your code; do not count on importing it afresh.",
            links::PYBIND11,
        )),
        "nanobind" if kept => Some((
            "nanobind keeps its types and functions in tables of the process. There is nothing to change in your code; \
             do not count on importing it afresh.",
            links::NANOBIND,
        )),
        "pyo3" if kept && single_phase(kind) => Some((
            "Build with a PyO3 that uses multi-phase init: older ones keep the module in a Rust static.",
            links::PYO3,
        )),
        "pyo3" if kept => Some((
            "Sub-modules of `#[pymodule]` and objects in `PyOnceLock` or `GILOnceCell` statics live as long as the \
             process: keep them as attributes of the module instead.",
            links::PYO3,
        )),
        "mypyc" if kept => Some((
            "mypyc gives out a module that it keeps in a C static: it is created once in a process.",
            links::MYPYC,
        )),
        _ => None,
    }
}

/// One advice for each kind of root that keeps the module.
fn holders(member: &Member, add: &mut impl FnMut(String, &str)) {
    let mut seen = Vec::new();
    for (_, chain) in keeping(member) {
        if seen.contains(&chain.root) {
            continue;
        }
        seen.push(chain.root);
        let holder = root(chain);
        match chain.root {
            Root::Static if member.facts.framework.is_empty() => add(
                format!(
                    "Keep in module state what {holder} keeps, and visit, clear and free it in `m_traverse`, `m_clear` and `m_free`."
                ),
                links::ISOLATING,
            ),
            Root::Hidden => add(
                format!(
                    "{} holds the module: visit every reference in `tp_traverse` and release it in `tp_clear`.",
                    capital(&holder)
                ),
                links::HEAP_TYPES,
            ),
            Root::Unknown => add(
                "Look for a reference in a static, in C++ or Rust memory, or a missing `Py_DECREF` on the module."
                    .into(),
                links::ISOLATING,
            ),
            other if answerable(other) == Answerable::Program => add(
                format!(
                    "Nothing is to be changed in the module: {holder} uses it, and lets it go when it goes itself."
                ),
                "",
            ),
            _ => {}
        }
    }
}

/// What stays of a module that goes.
fn left_alive(member: &Member, verdict: ModuleVerdict, add: &mut impl FnMut(String, &str)) {
    if verdict != ModuleVerdict::Unloads {
        return;
    }
    if member.types.alive > 0 && member.facts.framework == "pyo3" {
        add("PyO3 keeps the type object of each `#[pyclass]` in a static for the whole process.".into(), links::PYO3);
    } else if member.types.alive > 0 {
        let names = listed(&member.types.names, member.types.alive as usize);
        let names = if names.is_empty() { "the heap types".to_owned() } else { names };
        add(
            format!("Release {names} with the module: hold each type in module state and give it back in `m_clear`."),
            links::HEAP_TYPES,
        );
    }
    if member.facts.m_size.is_some_and(|size| size > 0) && !(member.facts.traverse && member.facts.clear) {
        add(
            "It has module state, but not both of `m_traverse` and `m_clear`: references in it are hidden from the \
             cyclic collector."
                .into(),
            links::MODULE,
        );
    }
}

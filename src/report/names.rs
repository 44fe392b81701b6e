//! What every report calls a verdict, an outcome, a count, and what to do about a rule.

use crate::document::{Finding, Outcome, Verdict};

/// What the counts of a finding count.
pub(super) fn unit(finding: &Finding) -> (&'static str, &'static str) {
    match finding.kind.as_str() {
        "object" | "growth" => ("object", "objects"),
        "block" | "native-block" => ("block", "blocks"),
        _ => ("reference", "references"),
    }
}

/// What the stacks of a finding count: references are taken to objects that were born somewhere.
pub(super) fn born(finding: &Finding) -> (&'static str, &'static str) {
    match unit(finding) {
        ("reference", _) => ("object", "objects"),
        unit => unit,
    }
}

/// What a path of a finding tells: of an over-release, who will be left with freed memory.
pub(super) fn path_label(finding: &Finding) -> &'static str {
    if finding.verdict == Verdict::OverReleased { "points to it" } else { "path" }
}

/// A verdict in words for a person.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::OverReleased => "over-released",
        Verdict::Leak => "leak",
        Verdict::Maybe => "maybe",
    }
}

/// An outcome of one test in words. Where the session has no verdict, no test is clean.
pub(super) fn outcome(outcome: Outcome, session_is_valid: bool) -> &'static str {
    match outcome {
        Outcome::Clean if !session_is_valid => "no verdict",
        Outcome::Clean => "clean",
        Outcome::Known => "known",
        Outcome::Maybe => "maybe",
        Outcome::Leak => "leak",
        Outcome::Invalid => "no verdict",
    }
}

/// What to look for in the source, by rule.
pub(super) fn advice(rule: &str) -> &'static str {
    match rule {
        "RA101" => {
            "Some path takes a new reference to an object that was there before and does not \
            give it back. Look for a missing Py_DECREF, first on error paths and early returns."
        }
        "RA102" => {
            "Every instance keeps a reference to its heap type. Its tp_dealloc must end with \
            Py_DECREF(type) after tp_free."
        }
        "RA103" => {
            "An object is created and never released. Look for a result that is not given back: \
            \"O\" where Py_BuildValue needs \"N\", or a container that takes its own reference."
        }
        "RA104" => {
            "Something that outlives the call grows in every run. Bound it, clear it, or \
            confirm that it is meant to grow."
        }
        "RA105" => {
            "Memory from PyMem_Malloc, PyMem_RawMalloc or PyObject_Malloc is never freed. Look \
            for the missing free of the same family."
        }
        "RA106" => {
            "Memory that the module takes from malloc, operator new or mmap is never given back. Look \
            for the path on which its free, delete or munmap is not reached, and for a tp_dealloc \
            that forgets it."
        }
        "RA201" => {
            "Fix this first: a reference is given back that was never taken, and the object \
            will be freed while in use. Look for a Py_DECREF on a borrowed or already stolen reference."
        }
        _ => "See the page of this rule in the reference documentation.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_rule_has_its_own_advice() {
        let mut all: Vec<_> = sample::leaks().findings.iter().map(|f| advice(&f.rule)).collect();
        all.push(advice("RA999"));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 8, "seven rules in the sample and the unknown one");
    }
}

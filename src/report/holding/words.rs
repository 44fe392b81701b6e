//! What reports call reachability, the fate of a cycle, and what is retained.

use super::super::visible::{bytes, count, grouped};
use crate::document::{Fate, Finding, Reach, Retained};

/// Valgrind's word and what it means, with the numbers where a finding's things differ; empty when nobody looked.
pub(in crate::report) fn reach(finding: &Finding) -> String {
    let Some(reach) = finding.reach else { return String::new() };
    let (word, meaning) = in_words(reach);
    let reached = &finding.reached;
    let counts: Vec<String> = [
        (reached.definitely_lost, Reach::DefinitelyLost),
        (reached.indirectly_lost, Reach::IndirectlyLost),
        (reached.possibly_lost, Reach::PossiblyLost),
        (reached.still_reachable, Reach::StillReachable),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, reach)| format!("{} {}", grouped(number), in_words(reach).0))
    .collect();
    let counts = if counts.len() > 1 { format!(" ({})", counts.join(", ")) } else { String::new() };
    format!("{word}: {meaning}{counts}")
}

fn in_words(reach: Reach) -> (&'static str, &'static str) {
    match reach {
        Reach::DefinitelyLost => ("definitely lost", "nothing in the process points to it any more"),
        Reach::IndirectlyLost => ("indirectly lost", "only lost things point to it"),
        Reach::PossiblyLost => ("possibly lost", "only memory points to it that may just borrow"),
        Reach::StillReachable => ("still reachable", "something holds it that a root reaches"),
    }
}

/// `75 objects and blocks, 18.0 KiB`; empty for nothing.
pub(in crate::report) fn retained(retained: &Retained) -> String {
    match retained {
        Retained { objects: 0, .. } => String::new(),
        Retained { objects: 1, bytes: size } => bytes(*size),
        Retained { objects, bytes: size } => format!("{} objects and blocks, {}", grouped(*objects), bytes(*size)),
    }
}

/// Word, class, and what becomes of a cycle.
pub(super) fn fate(fate: Fate) -> (&'static str, &'static str, &'static str) {
    match fate {
        Fate::Invisible => ("invisible", "leak", "the collector cannot see it: it is never freed"),
        Fate::Uncollectable => ("uncollectable", "leak", "the collector finds it and gives up: it is never freed"),
        Fate::Resurrected => ("resurrected", "leak", "the collector finds it, and a finalizer brings it back"),
        Fate::Collectable => ("collectable", "maybe", "it is freed when the collector runs: latency, not a leak"),
    }
}

/// `12 cycles like this`.
pub(super) fn how_many(number: u64) -> String {
    if number == 1 { "1 cycle".into() } else { format!("{} like this", count(number, "cycle", "cycles")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn reach_is_told_once_and_numbers_only_where_they_differ() {
        let findings = sample::leaks().findings;
        let said: Vec<String> = findings.iter().map(reach).filter(|said| !said.is_empty()).collect();
        assert!(said.contains(&"definitely lost: nothing in the process points to it any more".to_owned()), "{said:?}");
        assert!(said.iter().any(|said| said.ends_with("(1 definitely lost, 5 possibly lost)")), "{said:?}");
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        assert_eq!(retained(&Retained::default()), "");
        assert_eq!(retained(&Retained { objects: 1, bytes: 64 }), "64 B");
        assert_eq!(retained(&Retained { objects: 2, bytes: 2048 }), "2 objects and blocks, 2.0 KiB");
    }
}

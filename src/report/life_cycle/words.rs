//! What reports of module audits call a verdict, an answer, a root.

use super::super::visible::{bytes, count, visible};
use crate::document::ModuleDocument;
use crate::document::module::{Answer, Kind, ModuleVerdict, Residue, Step};

/// Longest module name in a headline.
const IN_HEADLINE: usize = 80;

/// The verdict on the whole as the first thing that a page says.
pub(super) fn headline(doc: &ModuleDocument) -> String {
    let name = visible(&doc.judged.observed.name, IN_HEADLINE);
    match doc.judged.verdict {
        ModuleVerdict::Unloads => format!("{name} unloads."),
        ModuleVerdict::KeptByCaches => format!("{name} does not unload: CPython's caches keep it."),
        ModuleVerdict::KeptByModule => format!("{name} does not unload: it keeps itself alive."),
        ModuleVerdict::KeptByProgram => format!("{name} stays: the program keeps it."),
        ModuleVerdict::NotApplicable => format!("{name}: no extension module to unload."),
        ModuleVerdict::NotAudited => format!("No verdict on {name}: it could not be audited."),
    }
}

/// Class of a verdict in the style sheet: green, amber, red or none.
pub(super) fn state(verdict: ModuleVerdict) -> &'static str {
    match verdict {
        ModuleVerdict::Unloads => "clean",
        ModuleVerdict::KeptByCaches | ModuleVerdict::KeptByProgram => "maybe",
        ModuleVerdict::KeptByModule => "leak",
        ModuleVerdict::NotApplicable => "empty",
        ModuleVerdict::NotAudited => "invalid",
    }
}

pub(super) fn verdict(verdict: ModuleVerdict) -> &'static str {
    match verdict {
        ModuleVerdict::Unloads => "unloads",
        ModuleVerdict::KeptByCaches => "kept by CPython's caches only",
        ModuleVerdict::KeptByModule => "kept by the module itself",
        ModuleVerdict::KeptByProgram => "kept by the program",
        ModuleVerdict::NotApplicable => "not applicable",
        ModuleVerdict::NotAudited => "not audited",
    }
}

/// A prediction in words: of an unknown kind there is none.
pub(super) fn predicted(predicted: ModuleVerdict) -> &'static str {
    if predicted == ModuleVerdict::NotAudited { "nothing" } else { verdict(predicted) }
}

pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Basic => "single-phase init, m_size -1, with functions",
        Kind::BasicWithoutMethods => "single-phase init, m_size -1, without functions",
        Kind::Reinit => "single-phase init, m_size 0 or more",
        Kind::ReinitCached => "single-phase init that gives out a cached object",
        Kind::MultiPhase => "multi-phase init",
        Kind::MultiPhaseCached => "multi-phase init, cached in a C static",
        Kind::MultiPhaseFramework => "multi-phase init, cached by its framework",
        Kind::ExportSlots => "exported slots",
        Kind::Unknown => "not known",
    }
}

/// Word, sign and class of an answer.
pub(super) fn answer(answer: Answer) -> (&'static str, &'static str, &'static str) {
    match answer {
        Answer::Yes => ("yes", "\u{2713}", "yes"),
        Answer::No => ("no", "\u{2715}", "no"),
        Answer::NotApplicable => ("does not apply", "\u{2013}", "none"),
        Answer::NotSeen => ("not seen", "?", "unseen"),
    }
}

/// What a second import gave.
pub(super) fn reimport(outcome: &str) -> String {
    let words = match outcome {
        "fresh" => "a fresh module",
        "shared" => "a new module object with the old contents",
        "same" => "the same module object",
        "refused" => "refused",
        "died" => "the process did not survive it",
        other => return visible(other, 60),
    };
    words.into()
}

pub(super) fn outcome(step: &Step) -> &'static str {
    match step.outcome.as_str() {
        "ok" => "ok",
        "failed" => "raised",
        "exited" => "exited",
        "died" => "died",
        "timeout" => "timed out",
        "skipped" => "skipped",
        _ => "not known",
    }
}

/// `3 objects and 2 blocks, 4.5 KiB; 1 native block, 64 B`.
pub(super) fn amount(rest: &Residue) -> String {
    let python = format!(
        "{}{} and {}, {}",
        count(rest.objects, "object", "objects"),
        if rest.types > 0 { format!(" ({})", count(rest.types, "heap type", "heap types")) } else { String::new() },
        count(rest.blocks, "other block", "other blocks"),
        bytes(rest.bytes)
    );
    if rest.native_blocks == 0 {
        return python;
    }
    format!("{python}; {}, {}", count(rest.native_blocks, "native block", "native blocks"), bytes(rest.native_bytes))
}

/// Milliseconds with a digit where it matters.
pub(super) fn milliseconds(time: f64) -> String {
    if time < 10.0 { format!("{time:.1} ms") } else { format!("{time:.0} ms") }
}

/// `yes`, `no` or `not counted`, of something that may not have been seen.
pub(super) fn seen(value: Option<bool>) -> &'static str {
    match value {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not seen",
    }
}

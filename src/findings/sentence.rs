//! The one sentence that a person reads.

use super::evidence::{Suspect, Thing};
use super::finding::Verdict;
use super::judge::Rule;

pub(super) fn sentence(suspect: &Suspect, rule: Rule, verdict: Verdict) -> String {
    let what = match (rule.kind, suspect.thing) {
        ("over-release", _) => format!(
            "{} of `{}` {} released once too often: a crash in waiting",
            count(suspect, "reference", "to an object"),
            suspect.type_name,
            if only_one(suspect) { "is" } else { "are" },
        ),
        ("type-reference", _) => format!(
            "each instance seems to leak a reference to its type {}: {}",
            suspect.object_label,
            count(suspect, "reference", "")
        ),
        ("reference", _) => {
            format!(
                "{} to `{}` {} not given back",
                count(suspect, "reference", ""),
                suspect.type_name,
                suspect.object_label
            )
        }
        ("growth", _) => format!(
            "{} of type `{}` {} kept by {}",
            count(suspect, "object", ""),
            suspect.type_name,
            if only_one(suspect) { "is" } else { "are" },
            suspect.holder.text
        ),
        (_, Thing::Block) => format!("{} never freed: {}", count(suspect, "block", ""), suspect.type_name),
        _ => format!(
            "{} of type `{}` {} never freed{}",
            count(suspect, "object", ""),
            suspect.type_name,
            if only_one(suspect) { "is" } else { "are" },
            if suspect.holder.kind == "cycle" { ": a cycle that the collector does not free" } else { "" },
        ),
    };
    let kept: u64 = suspect.keeps.iter().map(|kept| kept.count).sum();
    let keeps = if kept > 0 { format!(" (keeps {kept} more alive)") } else { String::new() };
    let doubt = if verdict == Verdict::Maybe { "; only more runs could tell whether it is a cache" } else { "" };
    capitalise(format!("{what}{keeps}{doubt}"))
}

fn only_one(suspect: &Suspect) -> bool {
    suspect.per_run.iter().all(|count| count.abs() == 1)
}

/// `1 object per run`, `about 2.5 blocks per run`, `3 references in one run`.
fn count(suspect: &Suspect, noun: &str, more: &str) -> String {
    let runs = &suspect.per_run;
    let total: i64 = runs.iter().map(|count| count.abs()).sum();
    let more = if more.is_empty() { String::new() } else { format!(" {more}") };
    let plural = |one: bool| if one { "" } else { "s" };
    if runs.len() == 1 {
        return format!("{total} {noun}{}{more} in one run", plural(total == 1));
    }
    if runs.iter().all(|&count| count == runs[0]) {
        let each = runs[0].abs();
        return format!("{each} {noun}{}{more} per run", plural(each == 1));
    }
    format!("about {:.1} {noun}s{more} per run", total as f64 / runs.len() as f64)
}

fn capitalise(text: String) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

//! The one sentence that a person reads.

use super::evidence::{Suspect, Thing};
use super::finding::Verdict;
use super::judge::Rule;
use super::trace::Frame;

pub(super) fn sentence(suspect: &Suspect, rule: Rule, verdict: Verdict) -> String {
    let Suspect { type_name, object_label, holder, .. } = suspect;
    let be = if only_one(suspect) { "is" } else { "are" };
    let things = |noun: &str| count(suspect, noun);
    let what = match (rule.kind, suspect.thing) {
        ("over-release", _) => {
            format!(
                "{} to `{type_name}` {object_label} {be} released once too often: a crash in waiting",
                things("reference")
            )
        }
        ("type-reference", _) => {
            format!("each instance seems to leak a reference to its type {object_label}: {}", things("reference"))
        }
        ("reference", _) => format!("{} to `{type_name}` {object_label} {be} not given back", things("reference")),
        ("growth", _) => format!("{} of type `{type_name}` {be} kept by {}", things("object"), holder.text),
        (_, Thing::Block) => format!("{} {be} never freed: {type_name}", things("block")),
        (_, Thing::NativeBlock) => {
            format!(
                "{} {be} never freed: {object_label} from `{}`",
                things("block"),
                type_name.trim_end_matches(" block")
            )
        }
        _ => {
            let cycle = if holder.kind == "cycle" { ": a cycle that the collector does not free" } else { "" };
            format!("{} of type `{type_name}` {be} never freed{cycle}", things("object"))
        }
    };
    let kept: u64 = suspect.keeps.iter().map(|kept| kept.count).sum();
    let keeps = if kept > 0 { format!(" (keeps {kept} more alive)") } else { String::new() };
    let doubt = if verdict == Verdict::Maybe { "; only more runs could tell whether it is a cache" } else { "" };
    let place =
        suspect.site.as_ref().map_or_else(String::new, |site| format!(", {} in {}", born(suspect), at(&site.frame)));
    capitalise(format!("{what}{place}{keeps}{doubt}"))
}

fn born(suspect: &Suspect) -> &'static str {
    if matches!(suspect.thing, Thing::Block | Thing::NativeBlock) { "taken" } else { "made" }
}

/// `leak` (leaky.c:12), or as much of it as is known.
fn at(frame: &Frame) -> String {
    let file = frame.file.rsplit('/').next().unwrap_or_default();
    match (frame.function.is_empty(), frame.line) {
        (false, 0) => format!("`{}` ({}+{})", frame.function, frame.module, frame.offset),
        (false, line) => format!("`{}` ({file}:{line})", frame.function),
        (true, 0) => format!("{}+{}", frame.module, frame.offset),
        (true, line) => format!("{file}:{line}"),
    }
}

fn only_one(suspect: &Suspect) -> bool {
    suspect.per_run.iter().all(|count| count.abs() == 1)
}

/// `1 object per run`, `about 2.5 blocks per run`, `3 references in one run`.
fn count(suspect: &Suspect, noun: &str) -> String {
    let runs = &suspect.per_run;
    let total: i64 = runs.iter().map(|count| count.abs()).sum();
    let plural = |count: i64| if count == 1 { "" } else { "s" };
    match runs.as_slice() {
        [_] => format!("{total} {noun}{} in one run", plural(total)),
        [first, rest @ ..] if rest.iter().all(|count| count == first) => {
            format!("{} {noun}{} per run", first.abs(), plural(first.abs()))
        }
        _ => format!("about {:.1} {noun}s per run", total as f64 / runs.len() as f64),
    }
}

fn capitalise(text: String) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Evidence, Holder, judge};

    fn said(thing: Thing, per_run: &[i64]) -> String {
        let suspect = Suspect {
            thing,
            type_name: "dict".into(),
            object_label: "<dict of 1>".into(),
            address: 0x10,
            members: vec![],
            per_run: per_run.to_vec(),
            bytes: 64,
            bytes_per_run: Vec::new(),
            site: None,
            traces: Vec::new(),
            holder: Holder { kind: "nothing".into(), text: "nothing that could be seen".into() },
            keeps: Vec::new(),
            exact: true,
        };
        judge(&Evidence { subject: "f".into(), suspects: vec![suspect] }).remove(0).message
    }

    #[test]
    fn one_sentence_with_its_grammar() {
        assert_eq!(said(Thing::Reference, &[1, 1]), "1 reference per run to `dict` <dict of 1> is not given back");
        assert_eq!(said(Thing::Object, &[2, 2]), "2 objects per run of type `dict` are never freed");
        assert_eq!(said(Thing::Object, &[2, 1]), "About 1.5 objects per run of type `dict` are never freed");
        assert_eq!(said(Thing::Block, &[1, 1]), "1 block per run is never freed: dict");
        assert_eq!(
            said(Thing::Reference, &[-1, -1]),
            "1 reference per run to `dict` <dict of 1> is released once too often: a crash in waiting"
        );
    }
}

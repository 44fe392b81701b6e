//! Workflow commands of GitHub Actions, which are shown as annotations beside the sources.
//!
//! Format: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>, with the escapes of
//! `@actions/core`. A step may have ten errors and ten warnings; what is beyond them is counted in the last.

use super::digest::{Digest, Item, Level};
use super::place::Place;
use std::collections::BTreeMap;

/// Annotations of one kind that GitHub keeps of a step.
const MOST: usize = 10;

/// A finding as it is annotated: the same one in several tests is one annotation.
struct Annotation<'a> {
    item: &'a Item,
    others: usize,
}

/// The digest as commands, one in a line; nothing for an audit that found nothing.
pub(in crate::report) fn github(digest: &Digest<'_>) -> String {
    let mut out = String::new();
    if let Some(reason) = &digest.invalid {
        out.push_str(&command("error", None, "refaudit could not audit", reason));
        return out;
    }
    for (name, wanted) in [("error", &[Level::Crash, Level::Error][..]), ("warning", &[Level::Warning][..])] {
        let all = grouped(digest, wanted);
        let room = if all.len() > MOST { MOST - 1 } else { MOST };
        for one in all.iter().take(room) {
            let title = format!("{} {}", one.item.rule, one.item.rule_name);
            out.push_str(&command(name, one.item.place.as_ref(), &title, &message(one)));
        }
        if all.len() > MOST {
            let more = format!("{} more findings: see the job summary or the report.", all.len() - room);
            out.push_str(&command(name, None, "refaudit", &more));
        }
    }
    out
}

fn grouped<'a>(digest: &'a Digest<'_>, wanted: &[Level]) -> Vec<Annotation<'a>> {
    let mut all: Vec<Annotation<'a>> = Vec::new();
    let mut index: BTreeMap<(&str, Option<&Place>, &str), usize> = BTreeMap::new();
    for item in digest.items.iter().filter(|item| wanted.contains(&item.level)) {
        let next = all.len();
        let at = *index.entry((&item.rule, item.place.as_ref(), &item.message)).or_insert(next);
        match all.get_mut(at) {
            Some(known) => known.others += 1,
            None => all.push(Annotation { item, others: 0 }),
        }
    }
    all
}

/// The sentence, then what helps to find it.
fn message(one: &Annotation<'_>) -> String {
    let more = match one.others {
        0 => String::new(),
        1 => " (and in 1 other test)".into(),
        others => format!(" (and in {others} other tests)"),
    };
    let mut lines = vec![format!("{}{more}", one.item.message)];
    let told = ["site", "explained", "held by", "not reached", "test"];
    let details = one.item.details.iter().filter(|(label, _)| told.contains(label));
    lines.extend(details.map(|(label, text)| format!("{label}: {text}")));
    lines.join("\n")
}

/// `::error file=src/a.c,line=3,title=RA101 leaked-reference::message`
fn command(name: &str, place: Option<&Place>, title: &str, message: &str) -> String {
    let mut properties = String::new();
    if let Some(place) = place {
        properties.push_str(&format!("file={},", property(&place.path)));
        if place.line > 0 {
            properties.push_str(&format!("line={},", place.line));
        }
    }
    format!("::{name} {properties}title={}::{}\n", property(title), data(message))
}

/// A message: percent first, since it is what the others are written with.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::super::audit::digest;
    use super::*;

    #[test]
    fn at_most_ten_of_a_kind_and_the_last_counts_the_rest() {
        let mut doc = sample::many(400);
        for (number, finding) in doc.findings.iter_mut().enumerate() {
            finding.message = format!("finding {number}");
        }
        let text = github(&digest(&doc, ""));
        let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("::error ")).collect();
        assert_eq!(errors.len(), 10);
        assert!(errors[9].contains(" more findings"), "{}", errors[9]);
    }

    #[test]
    fn an_invalid_audit_is_one_error_and_a_clean_one_is_silent() {
        let mut doc = sample::invalid();
        doc.findings = sample::leaks().findings;
        assert!(github(&digest(&doc, "")).starts_with("::error title=refaudit could not audit::The leak made"));
        assert_eq!(github(&digest(&sample::clean(), "")), "");
    }

    #[test]
    fn the_same_finding_in_several_tests_is_one_annotation() {
        let mut doc = sample::leaks();
        let one = doc.findings[0].clone();
        doc.findings = vec![one.clone(), one];
        assert_eq!(github(&digest(&doc, "")).lines().count(), 1);
        assert!(github(&digest(&doc, "")).contains("(and in 1 other test)"));
    }
}

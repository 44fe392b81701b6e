//! What is said of a cycle: one sentence, and the name that stays the same.

use super::cycle::{Cycle, Fate};
use super::fingerprint::{fingerprint, subject_of};

impl Cycle {
    /// The cycle with its sentence and its fingerprint, which follow from the rest.
    #[must_use]
    pub fn told(mut self) -> Self {
        self.message = self.sentence();
        let fate = format!("{:?}", self.fate);
        let steps = self
            .steps
            .iter()
            .flat_map(|step| [known_as(&step.what, &step.type_name).to_owned(), without_number(&step.by)]);
        let parts: Vec<String> = [fate, subject_of(&self.subject)].into_iter().chain(steps).collect();
        self.fingerprint = fingerprint(&parts.iter().map(String::as_str).collect::<Vec<_>>());
        self
    }

    fn sentence(&self) -> String {
        let times = if self.count == 1 { "A reference cycle".into() } else { format!("{} equal cycles", self.count) };
        let names: Vec<String> =
            self.steps.iter().map(|step| format!("`{}`", known_as(&step.what, &step.type_name))).collect();
        let way = match names.as_slice() {
            [] => String::new(),
            [one] => format!("of {one} with itself"),
            [first, rest @ ..] if rest.len() < 4 => format!("{first} → {} → {first}", rest.join(" → ")),
            [first, second, ..] => format!("{first} → {second} → … ({} steps) → {first}", names.len()),
        };
        let objects: u64 = self.members.iter().map(|kept| kept.count).sum();
        let plural = if objects == 1 { "" } else { "s" };
        let each = if self.count == 1 { "" } else { " each" };
        let size = format!("{objects} object{plural}, {} bytes{each}", self.retained.bytes);
        let fate = match self.fate {
            Fate::Invisible => format!("the collector cannot see it: {}", self.reason),
            Fate::Uncollectable => format!("the collector gives it up: {}", self.reason),
            Fate::Resurrected => format!("it came back: {}", self.reason),
            Fate::Collectable => "the collector frees it when it runs".into(),
        };
        format!("{times} {way} ({size}): {fate}")
    }
}

/// What makes a member equal to those of other cycles: its type, or its name where people know it by that.
#[must_use]
pub fn known_as<'s>(what: &'s str, type_name: &'s str) -> &'s str {
    const NAMED: [&str; 4] = ["function ", "builtin function ", "type ", "module "];
    if NAMED.iter().any(|kind| what.starts_with(kind)) { what } else { type_name }
}

/// How a member refers to the next one, without the number of an item, which equal cycles may differ in.
#[must_use]
pub fn without_number(by: &str) -> String {
    match by.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(number) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => "[…]".into(),
        _ => by.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Kept, Retained, Step};

    fn cycle(names: &[(&str, &str)], count: u64) -> Cycle {
        let step = |&(type_name, by): &(&str, &str)| Step {
            what: type_name.into(),
            type_name: type_name.into(),
            by: by.into(),
            hidden: false,
            bytes: 48,
            generation: Some(0),
            finalizer: String::new(),
            weak_references: 0,
            site: None,
            trace: None,
        };
        Cycle {
            subject: "f".into(),
            fate: Fate::Collectable,
            reason: String::new(),
            count,
            steps: names.iter().map(step).collect(),
            closed_by: 0,
            members: vec![Kept { type_name: names[0].0.into(), count: names.len() as u64, bytes: 96 }],
            retained: Retained { objects: 2, bytes: 96 },
            message: String::new(),
            fingerprint: String::new(),
        }
        .told()
    }

    #[test]
    fn the_sentence_draws_the_cycle() {
        assert_eq!(
            cycle(&[("Node", ".next"), ("list", "[0]")], 1000).message,
            "1000 equal cycles `Node` → `list` → `Node` (2 objects, 96 bytes each): the collector frees it when it runs"
        );
        assert!(
            cycle(&[("dict", "['self']")], 1).message.starts_with("A reference cycle of `dict` with itself (1 object,")
        );
    }

    #[test]
    fn items_are_told_apart_by_name_and_not_by_number() {
        let print = |by| cycle(&[("Node", ".next"), ("list", by)], 1).fingerprint;
        assert_eq!(print("[0]"), print("[17]"));
        assert_ne!(print("['a']"), print("['b']"));
        assert_eq!(without_number("[]"), "[]");
    }
}

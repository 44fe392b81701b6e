//! The verdict: which suspects are findings, under which rule, and how certain.

use super::dominator::Retained;
use super::evidence::{Evidence, Suspect, Thing};
use super::finding::{Finding, Verdict};
use super::fingerprint::{of_suspect, tell_apart};
use super::reach::Reached;
use super::sentence::sentence;
use crate::analysis::{Pattern, pattern};

/// Rule code, name, and kind of the findings it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
}

const LEAKED_REFERENCE: Rule = Rule { code: "RA101", name: "leaked-reference", kind: "reference" };
const LEAKED_TYPE_REFERENCE: Rule = Rule { code: "RA102", name: "leaked-type-reference", kind: "type-reference" };
const LEAKED_OBJECT: Rule = Rule { code: "RA103", name: "leaked-object", kind: "object" };
const GROWING_HOLDER: Rule = Rule { code: "RA104", name: "growing-holder", kind: "growth" };
const LEAKED_BLOCK: Rule = Rule { code: "RA105", name: "leaked-block", kind: "block" };
const LEAKED_NATIVE_BLOCK: Rule = Rule { code: "RA106", name: "leaked-native-block", kind: "native-block" };
const OVER_RELEASED: Rule = Rule { code: "RA201", name: "over-released-reference", kind: "over-release" };

fn rule(suspect: &Suspect) -> Rule {
    let lost = suspect.per_run.iter().sum::<i64>() < 0;
    match suspect.thing {
        Thing::Reference | Thing::TypeReference if lost => OVER_RELEASED,
        Thing::Reference => LEAKED_REFERENCE,
        Thing::TypeReference => LEAKED_TYPE_REFERENCE,
        // Native memory may only borrow.
        Thing::Object if matches!(suspect.holder.kind.as_str(), "nothing" | "cycle" | "native") => LEAKED_OBJECT,
        Thing::Object => GROWING_HOLDER,
        Thing::Block => LEAKED_BLOCK,
        Thing::NativeBlock => LEAKED_NATIVE_BLOCK,
    }
}

/// How certain a suspect is; `None` for a cache or a slot for the last value.
fn verdict(suspect: &Suspect) -> Option<Verdict> {
    let repeated = suspect.per_run.len() > 1;
    if (!repeated && is_in_plain_sight(suspect)) || is_buffer_in_use(suspect) {
        return None;
    }
    let certain = match pattern(&suspect.per_run) {
        Pattern::EveryRun => repeated || suspect.exact,
        Pattern::Sometimes if returns(&suspect.per_run) => false,
        _ => return None,
    };
    let lost = suspect.per_run.iter().sum::<i64>() < 0;
    Some(match (certain, lost) {
        (false, _) => Verdict::Maybe,
        (true, true) => Verdict::OverReleased,
        (true, false) => Verdict::Leak,
    })
}

/// Whether something that was kept once is kept by an ordinary object: a variable, a registry. Only
/// a repetition could make that suspicious.
fn is_in_plain_sight(suspect: &Suspect) -> bool {
    matches!(suspect.thing, Thing::Object | Thing::Block | Thing::NativeBlock) && suspect.holder.kind == "container"
}

/// Whether a block is the buffer of an object that was there before: it has one at a time, and takes
/// another when it grows.
fn is_buffer_in_use(suspect: &Suspect) -> bool {
    matches!(suspect.thing, Thing::Block | Thing::NativeBlock) && suspect.holder.kind == "field"
}

/// Whether an uneven series comes back often enough, and always with one sign, to be worth a word.
fn returns(per_run: &[i64]) -> bool {
    let shown = per_run.iter().filter(|&&count| count != 0).count();
    shown * 2 > per_run.len() && (per_run.iter().all(|&c| c >= 0) || per_run.iter().all(|&c| c <= 0))
}

/// Whether a suspect will be a finding.
#[must_use]
pub fn is_finding(suspect: &Suspect) -> bool {
    verdict(suspect).is_some()
}

/// The findings of a measurement, each with its suspect: most certain first, then most costly.
#[must_use]
pub fn judge(evidence: &Evidence) -> Vec<(Finding, &Suspect)> {
    let mut findings: Vec<(Finding, &Suspect)> = evidence
        .suspects
        .iter()
        .filter_map(|suspect| Some((finding(suspect, verdict(suspect)?, &evidence.subject), suspect)))
        .collect();
    tell_apart(&mut findings.iter_mut().map(|(finding, _)| finding).collect::<Vec<_>>());
    findings.sort_by(|(a, _), (b, _)| {
        (a.verdict, b.bytes, b.total.abs(), &a.rule, &a.type_name, &a.address).cmp(&(
            b.verdict,
            a.bytes,
            a.total.abs(),
            &b.rule,
            &b.type_name,
            &b.address,
        ))
    });
    findings
}

fn finding(suspect: &Suspect, verdict: Verdict, subject: &str) -> Finding {
    let rule = rule(suspect);
    let first = suspect.per_run.iter().position(|&count| count != 0).unwrap_or(0);
    Finding {
        rule: rule.code.into(),
        rule_name: rule.name.into(),
        verdict,
        kind: rule.kind.into(),
        type_name: suspect.type_name.clone(),
        object_label: suspect.object_label.clone(),
        address: format!("{:#x}", suspect.address),
        subject: subject.into(),
        per_run: suspect.per_run.clone(),
        total: suspect.per_run.iter().sum(),
        since_run: first as u32 + 1,
        bytes: suspect.bytes,
        bytes_per_run: suspect.bytes_per_run.clone(),
        site: suspect.site.clone(),
        traces: suspect.traces.clone(),
        holder: Some(suspect.holder.clone()),
        reach: None,
        reached: Reached::default(),
        paths: Vec::new(),
        cycle: None,
        ledger: None,
        keeps: suspect.keeps.clone(),
        retained: Retained::default(),
        known: None,
        message: sentence(suspect, rule, verdict),
        fingerprint: of_suspect(suspect, subject),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Holder;

    fn suspect(thing: Thing, per_run: &[i64], exact: bool) -> Suspect {
        Suspect {
            thing,
            type_name: "str".into(),
            object_label: "'x'".into(),
            address: 0x10,
            per_run: per_run.to_vec(),
            bytes: 50,
            bytes_per_run: Vec::new(),
            site: None,
            traces: Vec::new(),
            holder: Holder { kind: "nothing".into(), text: "nothing that could be seen".into() },
            place: None,
            members: Vec::new(),
            keeps: Vec::new(),
            exact,
        }
    }

    fn verdicts(suspect: Suspect) -> Vec<(String, Verdict)> {
        let evidence = Evidence { subject: "f".into(), suspects: vec![suspect] };
        judge(&evidence).into_iter().map(|(finding, _)| (finding.rule, finding.verdict)).collect()
    }

    #[test]
    fn one_run_is_enough_only_for_exact_evidence() {
        assert_eq!(verdicts(suspect(Thing::Reference, &[1], true)), [("RA101".into(), Verdict::Leak)]);
        assert_eq!(verdicts(suspect(Thing::Reference, &[1], false)), [("RA101".into(), Verdict::Maybe)]);
    }

    #[test]
    fn caches_and_last_value_slots_are_silent() {
        assert_eq!(verdicts(suspect(Thing::Object, &[1, 0, 0], true)), []);
        assert_eq!(verdicts(suspect(Thing::Object, &[0, 0, 1], true)), []);
    }

    #[test]
    fn findings_of_one_fingerprint_are_told_apart_by_what_they_are_not_by_where() {
        let held = |kind: &str, address| {
            let mut suspect = suspect(Thing::Object, &[1, 1], true);
            suspect.address = address;
            suspect.holder.kind = kind.into();
            suspect
        };
        let prints = |suspects| {
            let evidence = Evidence { subject: "f".into(), suspects };
            let found = judge(&evidence);
            let mut both: Vec<_> = found.iter().map(|(f, s)| (s.holder.kind.clone(), f.fingerprint.clone())).collect();
            both.sort();
            both
        };
        let first = prints(vec![held("nothing", 1), held("static", 2)]);
        assert_ne!(first[0].1, first[1].1);
        assert_eq!(first, prints(vec![held("static", 1), held("nothing", 2)]));
        // The first of them is called as if it were alone.
        assert_eq!(first[0], prints(vec![held("nothing", 9)])[0]);
    }

    #[test]
    fn a_loss_in_every_run_is_an_over_release() {
        assert_eq!(verdicts(suspect(Thing::Reference, &[-1, -1], false)), [("RA201".into(), Verdict::OverReleased)]);
    }
}

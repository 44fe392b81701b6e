//! Rules of `tp_traverse`: it comes back, visits every field once, its heap type once, and nothing else.

use super::observed::{Instance, ObservedType, Source, Target};
use super::verdict::{Check, CheckAnswer};
use super::words::{count, listed, times};

/// It returns, calls no Python code, allocates nothing, and visits live objects only.
pub(super) fn traversal(one: &ObservedType) -> Check {
    let check = |answer, detail: String| Check::new("traversal", answer, detail);
    if !one.facts.gc {
        return check(CheckAnswer::NotApplicable, "the collector does not know its instances".into());
    }
    if !one.facts.traverse {
        return check(CheckAnswer::Defect, "it has `Py_TPFLAGS_HAVE_GC` and no `tp_traverse`".into());
    }
    let place = if one.facts.traverse_at.is_empty() { String::new() } else { format!(" ({})", one.facts.traverse_at) };
    if let Some(ending) = one.end_in("traverse") {
        let what = if ending.outcome == "timeout" { "does not return" } else { "kills the process" };
        return check(CheckAnswer::Defect, format!("`tp_traverse`{place} {what}: {}", ending.detail));
    }
    let Some(instance) = &one.instance else { return check(CheckAnswer::NotSeen, one.why_unseen()) };
    let wrong = misdeeds(instance);
    if wrong.is_empty() {
        return check(CheckAnswer::Ok, "`tp_traverse` returns, and visits live objects only".into());
    }
    check(CheckAnswer::Defect, format!("`tp_traverse`{place} {}", listed(&wrong)))
}

fn misdeeds(instance: &Instance) -> Vec<String> {
    let mut wrong = Vec::new();
    if !instance.python_calls.is_empty() {
        wrong.push(format!(
            "runs Python code (`{}`), which may do anything in the middle of a collection",
            instance.python_calls.join("`, `")
        ));
    }
    if !instance.dead.is_empty() {
        wrong.push(format!(
            "visits {} where no object lives",
            count(instance.dead.len() as u64, "address", "addresses")
        ));
    }
    if instance.born > 0 && instance.python_calls.is_empty() {
        wrong.push(format!("allocates ({}), which may start a collection", count(instance.born, "block", "blocks")));
    }
    wrong
}

/// Every reference that the collector could follow is visited exactly once.
pub(super) fn fields(one: &ObservedType) -> Check {
    let check = |answer, detail: String| Check::new("fields", answer, detail);
    let Some(instance) = seen(one) else { return unseen(one, "fields") };
    let mut wrong: Vec<String> = instance.targets.iter().filter_map(|target| misvisited(one, target)).collect();
    if instance.dict_visited == Some(false) {
        wrong.push("does not visit the dict of an instance".into());
    }
    if !wrong.is_empty() {
        return check(CheckAnswer::Defect, format!("`tp_traverse` {}", listed(&wrong)));
    }
    let owned = instance
        .targets
        .iter()
        .filter(|target| target.visited > 0 && owns(target).is_some_and(|owned| owned > 0))
        .count() as u64;
    if owned == 0 {
        return check(CheckAnswer::NotSeen, "no instance that was seen held a reference in a field".into());
    }
    check(CheckAnswer::Ok, format!("{} visited once for each reference", count(owned, "object is", "objects are")))
}

/// References that an instance has to a target; `None` when that is not known.
fn owns(target: &Target) -> Option<u64> {
    let owned = if target.is_probe() { target.gained } else { target.released };
    owned.map(|number| number.max(0) as u64)
}

fn misvisited(one: &ObservedType, target: &Target) -> Option<String> {
    if target.role == "__dict__" {
        return None;
    }
    let declared = one.facts.members.iter().find(|member| target.offsets.contains(&member.offset));
    let owned = match owns(target) {
        // What a declared member refers to is owned by definition.
        None if one.source == Source::Found && target.count.is_some() => u64::from(declared.is_some()),
        owned => owned?,
    };
    if target.visited < owned && target.gc {
        let what = if target.visited == 0 { "does not visit" } else { "visits too seldom" };
        return Some(format!("{what} {}", target.name()));
    }
    let is_known = owns(target).is_some() && owned > 0;
    (is_known && target.visited > owned)
        .then(|| format!("visits {} {}, for {}", target.name(), times(target.visited), references(owned)))
}

fn references(number: u64) -> String {
    count(number, "reference", "references")
}

/// Nothing is visited that the instance has no reference to.
pub(super) fn borrowed(one: &ObservedType) -> Check {
    let check = |answer, detail: String| Check::new("borrowed", answer, detail);
    let Some(instance) = seen(one) else { return unseen(one, "borrowed") };
    let wrong: Vec<String> = instance.targets.iter().filter(|t| is_borrowed(t)).map(|t| t.name()).collect();
    if !wrong.is_empty() {
        let text = format!(
            "`tp_traverse` visits what the instance has no reference to, so that the collector counts more references \
             than there are, and may free what is in use: {}",
            listed(&wrong)
        );
        return check(CheckAnswer::Defect, text);
    }
    if instance.targets.iter().all(|target| target.visited == 0) {
        return check(CheckAnswer::NotApplicable, "it visited nothing but its type".into());
    }
    let of_own = instance.dropped || one.source != Source::Found;
    let text = if of_own { "it gave back what it visited" } else { "nothing was visited more often than counted" };
    check(CheckAnswer::Ok, text.into())
}

fn is_borrowed(target: &Target) -> bool {
    let over_explained = target.count.is_some_and(|count| target.visited > count);
    let never_owned = target.released == Some(0) && target.gained.is_none_or(|gained| gained <= 0);
    target.visited > 0 && target.role != "__dict__" && (over_explained || never_owned)
}

/// The heap type is visited once. Static types are exempt: nobody counts references to them.
pub(super) fn type_visit(one: &ObservedType) -> Check {
    let check = |answer, detail: String| Check::new("type-visit", answer, detail);
    if !one.facts.heap {
        let derived = of_subclass(one);
        let exempt = check(CheckAnswer::NotApplicable, "the type is static".into());
        return if derived.answer == CheckAnswer::Defect { derived } else { exempt };
    }
    if !one.facts.gc {
        let text = "a heap type without `Py_TPFLAGS_HAVE_GC`: the collector cannot see that its instances hold it, \
                    which matters as soon as the type refers to one of them (a rule since 3.9)";
        return check(CheckAnswer::Advice, text.into());
    }
    let Some(instance) = seen(one) else { return unseen(one, "type-visit") };
    match instance.visits_type {
        0 => check(
            CheckAnswer::Defect,
            format!(
                "`tp_traverse`{} does not visit the heap type (`Py_VISIT(Py_TYPE(self))`, a rule since 3.9): a type \
                 that refers to an instance is never freed",
                if one.facts.inherits_traverse() { ", which is that of its base," } else { "" }
            ),
        ),
        1 => of_subclass(one),
        more => check(CheckAnswer::Defect, format!("`tp_traverse` visits the heap type {}", times(more))),
    }
}

fn of_subclass(one: &ObservedType) -> Check {
    let visits = one.subclass.as_ref().filter(|derived| derived.gc).and_then(|derived| derived.visits_type);
    match visits {
        Some(number) if number != 1 => Check::new(
            "type-visit",
            CheckAnswer::Defect,
            format!("an instance of a Python subclass visits its class {}", times(number).replace("0 times", "never")),
        ),
        _ => Check::new("type-visit", CheckAnswer::Ok, "`tp_traverse` visits the heap type once"),
    }
}

fn seen(one: &ObservedType) -> Option<&Instance> {
    one.instance.as_ref().filter(|_| one.facts.gc)
}

fn unseen(one: &ObservedType, name: &str) -> Check {
    if !one.facts.gc {
        return Check::new(name, CheckAnswer::NotApplicable, "the collector does not know its instances");
    }
    if one.end_in("traverse").is_some() {
        return Check::new(name, CheckAnswer::NotSeen, "`tp_traverse` does not come back");
    }
    Check::new(name, CheckAnswer::NotSeen, one.why_unseen())
}

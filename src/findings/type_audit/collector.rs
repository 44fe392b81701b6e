//! Rules of the flags and slots: `HAVE_GC`, `tp_clear`, and whether instances are tracked.

use super::observed::ObservedType;
use super::verdict::{Check, CheckAnswer};
use super::words::listed;

/// `HAVE_GC` where instances hold references to objects that the collector could free.
pub(super) fn collector(one: &ObservedType) -> Check {
    let check = |answer, detail: String| Check::new("collector", answer, detail);
    if one.facts.gc {
        return check(CheckAnswer::Ok, "it has `Py_TPFLAGS_HAVE_GC`".into());
    }
    let held = held(one);
    if !held.is_empty() {
        let text = format!(
            "instances hold references and the type has no `Py_TPFLAGS_HAVE_GC`, so that a cycle through them is \
             never freed: {}",
            listed(&held)
        );
        return check(CheckAnswer::Defect, text);
    }
    let readonly: Vec<String> = one.facts.members.iter().map(|member| format!("`{}`", member.name)).collect();
    if !readonly.is_empty() {
        let text = format!(
            "{} can hold objects, but the type has no `Py_TPFLAGS_HAVE_GC`: right only if they never are containers",
            readonly.join(", ")
        );
        return check(CheckAnswer::Advice, text);
    }
    if one.instance.is_none() {
        return check(CheckAnswer::NotSeen, one.why_unseen());
    }
    check(CheckAnswer::Ok, "no reference was seen that the collector would have to know".into())
}

/// What a type without the collector holds, by evidence.
fn held(one: &ObservedType) -> Vec<String> {
    let mut held: Vec<String> = one.stores().map(|target| format!("{} holds any object", target.name())).collect();
    if held.is_empty() {
        let writable = one.facts.members.iter().filter(|member| !member.readonly);
        held.extend(writable.map(|member| format!("`{}` at offset {} can be set", member.name, member.offset)));
    }
    if one.facts.dict {
        held.push("every instance has a dict".into());
    }
    let targets = one.instance.iter().flat_map(|instance| &instance.targets);
    let owned = targets.filter(|target| target.role.is_empty() && target.gc && target.released.is_some_and(|n| n > 0));
    held.extend(owned.map(|target| format!("{} is owned", target.name())));
    held
}

/// `tp_clear` where instances are mutable: without it the collector cannot break a cycle of them alone. A cycle
/// through the dict of an instance can be broken there.
pub(super) fn clear(one: &ObservedType) -> Check {
    let check = |answer, detail: String| Check::new("clear", answer, detail);
    if !one.facts.gc {
        return check(CheckAnswer::NotApplicable, "the collector does not know its instances".into());
    }
    if one.facts.clear {
        return check(CheckAnswer::Ok, "it has `tp_clear`".into());
    }
    let mut stores: Vec<String> = one.stores().map(|target| target.name()).collect();
    if stores.is_empty() {
        let writable = one.facts.members.iter().filter(|member| !member.readonly);
        stores.extend(writable.map(|member| format!("`{}`", member.name)));
    }
    if stores.is_empty() {
        let text = "it has no `tp_clear`, and nothing was found that could be stored in an instance later";
        return check(CheckAnswer::NotApplicable, text.into());
    }
    let text = format!(
        "it has no `tp_clear`, though objects can be stored in instances ({}): a cycle of them alone is never freed",
        stores.join(", ")
    );
    check(CheckAnswer::Defect, text)
}

/// Instances that hold references are tracked.
pub(super) fn tracked(one: &ObservedType) -> Check {
    let check = |answer, detail: &str| Check::new("tracked", answer, detail);
    if !one.facts.gc {
        return check(CheckAnswer::NotApplicable, "the collector does not know its instances");
    }
    let Some(instance) = &one.instance else { return check(CheckAnswer::NotSeen, &one.why_unseen()) };
    let untracked = one.ledger.as_ref().map_or(0, |ledger| ledger.untracked);
    if instance.tracked && untracked == 0 {
        return check(CheckAnswer::Ok, "new instances are tracked by the collector");
    }
    let owns = |target: &super::Target| target.gc && target.released.is_some_and(|released| released > 0);
    if one.stores().next().is_some() || instance.targets.iter().any(owns) {
        let made = if instance.tracked { "some new instances, as from a free list, are" } else { "an instance is" };
        return check(
            CheckAnswer::Defect,
            &format!("{made} not tracked (`PyObject_GC_Track`), so that the collector never looks at what it holds"),
        );
    }
    check(CheckAnswer::Ok, "instances are not tracked, and hold nothing that would need it")
}

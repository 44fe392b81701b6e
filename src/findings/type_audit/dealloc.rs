//! Rules of `tp_dealloc`: it gives back the fields and the type, and what it parks keeps neither.

use super::observed::{Ledger, ObservedType};
use super::verdict::{Check, CheckAnswer};
use super::words::{count, listed};

/// What was stored in an instance is given back with it.
pub(super) fn fields(one: &ObservedType) -> Check {
    let check = |answer, detail: String| Check::new("fields-given-back", answer, detail);
    if let Some(ending) = one.end_in("drop").or_else(|| one.end_in("ledger")) {
        return check(CheckAnswer::Defect, format!("dropping an instance ends the process: {}", ending.detail));
    }
    let Some(instance) = one.instance.as_ref().filter(|instance| instance.dropped) else {
        let why = if one.instance.is_some() { "no instance could be dropped".into() } else { one.why_unseen() };
        return check(CheckAnswer::NotSeen, why);
    };
    let kept = |gained: Option<i64>, released: Option<i64>| {
        gained.is_some_and(|gained| gained > 0) && released.is_some_and(|released| released < 1)
    };
    let wrong: Vec<String> = instance
        .targets
        .iter()
        .filter(|t| t.role != "__dict__" && kept(t.gained, t.released))
        .map(|t| t.name())
        .collect();
    if !wrong.is_empty() {
        return check(CheckAnswer::Defect, format!("`tp_dealloc` does not give back {}", listed(&wrong)));
    }
    let released = instance.targets.iter().filter(|t| t.released.is_some_and(|released| released > 0)).count();
    if released == 0 {
        return check(CheckAnswer::NotApplicable, "no reference was seen in a field".into());
    }
    check(CheckAnswer::Ok, format!("{} given back", count(released as u64, "reference was", "references were")))
}

/// Instances give back the reference to their type.
pub(super) fn type_reference(one: &ObservedType) -> Check {
    let check = |answer, detail: String| Check::new("type-reference", answer, detail);
    let released = one.instance.as_ref().and_then(|instance| instance.type_released).unwrap_or(0);
    if released > i64::from(one.facts.heap) {
        let text = format!(
            "dropping one instance gives back {} to the type",
            count(released as u64, "reference", "references")
        );
        return check(CheckAnswer::Defect, text);
    }
    let Some(ledger) = &one.ledger else {
        let why = if one.same_instance { "it hands out one instance again and again".into() } else { one.why_unseen() };
        return check(CheckAnswer::NotSeen, why);
    };
    let whole = of_ledger(ledger, "type", one.facts.heap);
    let derived = one.subclass.as_ref().and_then(|derived| {
        let ledger = derived.ledger.as_ref()?;
        let base = derived.base_left.filter(|left| left.unsigned_abs() >= ledger.made);
        Some((of_ledger(ledger, "Python subclass", true), base, ledger.made))
    });
    match (&whole, derived) {
        (Err(wrong), _) => check(CheckAnswer::Defect, wrong.clone()),
        (_, Some((Err(wrong), ..))) => check(CheckAnswer::Defect, wrong),
        (_, Some((_, Some(left), made))) => check(
            CheckAnswer::Defect,
            format!(
                "{made} instances of a Python subclass, made and dropped twice, change the count of the type by {left}"
            ),
        ),
        (Ok((answer, detail)), _) => check(*answer, detail.clone()),
    }
}

/// What one ledger says; an error is a defect.
fn of_ledger(ledger: &Ledger, what: &str, owned: bool) -> Result<(CheckAnswer, String), String> {
    let made = ledger.made as i64;
    if ledger.immortal {
        return Ok((CheckAnswer::NotApplicable, "the type is immortal: nobody counts references to it".into()));
    }
    let (Some(gained), Some(left), Some(again)) = (ledger.gained, ledger.left, ledger.left_again) else {
        return Ok((CheckAnswer::NotSeen, "the count of the type could not be read".into()));
    };
    if ledger.survivors > 0 {
        return Ok((CheckAnswer::NotSeen, format!("{} of {made} dropped instances stay alive", ledger.survivors)));
    }
    let all = made - made / 10;
    if again >= all {
        return Err(format!(
            "{made} instances made and dropped leave {left} references to the {what} behind, and {again} \
             more the second time"
        ));
    }
    if again <= -all {
        return Err(format!(
            "{made} instances made and dropped take {} references to the {what} that are not theirs",
            -again
        ));
    }
    if owned && gained + (ledger.parked as i64) < all && left <= 0 {
        return Err(format!(
            "{made} instances hold {} to the {what} only",
            count(gained.max(0) as u64, "reference", "references")
        ));
    }
    let text = match left {
        0 => format!("{made} instances made and dropped leave no reference to the {what} behind"),
        left => format!(
            "{made} instances made and dropped leave {left} references to the {what} behind, and {again} the second time"
        ),
    };
    Ok((CheckAnswer::Ok, text))
}

/// What lies in a free list holds no reference to its heap type, and is not tracked.
pub(super) fn free_list(one: &ObservedType) -> Check {
    let check = |answer, detail: String| Check::new("free-list", answer, detail);
    let Some(ledger) = &one.ledger else { return check(CheckAnswer::NotSeen, one.why_unseen()) };
    if ledger.parked == 0 {
        return check(CheckAnswer::NotApplicable, "the memory of dropped instances is given back".into());
    }
    let parked = count(ledger.parked, "dropped instance lies", "dropped instances lie");
    if ledger.parked_tracked > 0 {
        return check(
            CheckAnswer::Defect,
            format!("{parked} in a free list and {} still tracked", ledger.parked_tracked),
        );
    }
    let left = ledger.left.unwrap_or(0);
    if one.facts.heap && left > 0 && ledger.left_again.is_some_and(|again| again < left.max(1)) {
        let text = format!(
            "{parked} in a free list with {} to the heap type, which is never freed for that",
            count(left as u64, "reference", "references")
        );
        return check(CheckAnswer::Defect, text);
    }
    check(CheckAnswer::Ok, format!("{parked} in a free list, and hold nothing"))
}

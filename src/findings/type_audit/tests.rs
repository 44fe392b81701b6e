//! Observations that no sample type gives: what is missing never counts as fine.

use super::*;

/// A clean heap type of which everything was seen.
fn whole() -> ObservedType {
    let target = Target {
        type_name: "list".into(),
        gc: true,
        visited: 1,
        offsets: vec![16],
        role: "value".into(),
        gained: Some(1),
        count: Some(2),
        released: Some(1),
        ..Target::default()
    };
    let instance = Instance {
        tracked: true,
        visits_type: 1,
        targets: vec![target],
        dropped: true,
        type_released: Some(1),
        ..Instance::default()
    };
    let ledger = Ledger { made: 100, gained: Some(100), left: Some(0), left_again: Some(0), ..Ledger::default() };
    ObservedType {
        key: "m.T".into(),
        facts: Facts { name: "m.T".into(), heap: true, gc: true, traverse: true, clear: true, ..Facts::default() },
        source: Source::Called,
        instance: Some(instance),
        ledger: Some(ledger),
        done: true,
        ..ObservedType::default()
    }
}

fn judged(one: ObservedType) -> JudgedTypes {
    judge_types(Observed { name: "m".into(), imported: true, complete: true, types: vec![one], ..Observed::default() })
}

fn answer(one: &ObservedType, name: &str) -> CheckAnswer {
    let judged = judged(one.clone());
    judged.types[0].checks.iter().find(|check| check.name == name).expect("every check is made").answer
}

#[test]
fn a_whole_type_is_ok_and_the_audit_clean() {
    let judged = judged(whole());
    assert_eq!((judged.verdict, judged.types[0].verdict), (TypesVerdict::Clean, TypeVerdict::Ok));
}

#[test]
fn without_an_instance_it_is_not_seen_and_nothing_was_audited() {
    let judged = judged(ObservedType { source: Source::None, instance: None, ledger: None, ..whole() });
    assert_eq!((judged.verdict, judged.types[0].verdict), (TypesVerdict::NotAudited, TypeVerdict::NotSeen));
}

#[test]
fn what_was_not_asked_is_not_seen() {
    let without = [
        ObservedType { ledger: None, ..whole() },
        ObservedType { done: false, ..whole() },
        ObservedType { instance: None, ..whole() },
    ];
    for one in without {
        assert_eq!(judged(one).types[0].verdict, TypeVerdict::PartlySeen);
    }
}

#[test]
fn an_audit_that_came_to_no_end_is_none() {
    let observed = Observed { imported: true, types: vec![whole()], ..Observed::default() };
    assert_eq!(judge_types(observed).verdict, TypesVerdict::NotAudited);
    assert_eq!(judge_types(Observed::default()).verdict, TypesVerdict::NotAudited);
    let nothing = Observed { imported: true, complete: true, ..Observed::default() };
    assert_eq!(judge_types(nothing).verdict, TypesVerdict::NoTypes);
}

#[test]
fn a_field_that_only_holds_what_cannot_be_in_a_cycle_may_be_left_out() {
    let mut one = whole();
    let targets = &mut one.instance.as_mut().unwrap().targets;
    let text = Target { type_name: "str".into(), gc: false, visited: 0, role: String::new(), ..targets[0].clone() };
    targets.push(text);
    assert_eq!(answer(&one, "fields"), CheckAnswer::Ok);
    one.instance.as_mut().unwrap().targets[1].gc = true;
    assert_eq!(answer(&one, "fields"), CheckAnswer::Defect);
}

#[test]
fn an_instance_that_was_there_is_over_explained_by_its_count_alone() {
    let mut one = ObservedType { source: Source::Found, ledger: None, ..whole() };
    let instance = one.instance.as_mut().unwrap();
    instance.dropped = false;
    let target = &mut instance.targets[0];
    (target.role, target.released, target.gained, target.visited) = (String::new(), None, None, 2);
    assert_eq!(answer(&one, "borrowed"), CheckAnswer::Ok);
    one.instance.as_mut().unwrap().targets[0].visited = 3;
    assert_eq!(answer(&one, "borrowed"), CheckAnswer::Defect);
}

#[test]
fn the_ledger_tells_a_leak_from_a_free_list_and_from_immortal_types() {
    let with = |ledger: Ledger| answer(&ObservedType { ledger: Some(ledger), ..whole() }, "type-reference");
    let ledger = whole().ledger.unwrap();
    let left = |left, left_again| Ledger { left: Some(left), left_again: Some(left_again), ..ledger.clone() };
    assert_eq!(with(left(100, 100)), CheckAnswer::Defect);
    assert_eq!(with(left(200, 200)), CheckAnswer::Defect);
    assert_eq!(with(left(-100, -100)), CheckAnswer::Defect);
    assert_eq!(with(left(8, 0)), CheckAnswer::Ok);
    assert_eq!(with(Ledger { survivors: 100, ..left(100, 100) }), CheckAnswer::NotSeen);
    assert_eq!(with(Ledger { immortal: true, gained: None, ..left(0, 0) }), CheckAnswer::NotApplicable);
    let parked = Ledger { parked: 8, ..left(8, 0) };
    assert_eq!(answer(&ObservedType { ledger: Some(parked), ..whole() }, "free-list"), CheckAnswer::Defect);
}

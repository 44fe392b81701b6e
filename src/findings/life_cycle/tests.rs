//! The judge: every verdict, every answer of every level, every step that can fail.

use super::sample::{basic, chain, cython, multi_phase, observed};
use super::*;

fn judge(members: Vec<Member>) -> Judged {
    judge_module(observed(members), 12)
}

fn one(member: Member) -> JudgedMember {
    judge(vec![member]).members.remove(0)
}

fn answers(member: Member) -> Vec<Answer> {
    one(member).levels.iter().map(|level| level.answer).collect()
}

use Answer::{No, NotApplicable, NotSeen, Yes};

#[test]
fn the_sentence_of_the_issue() {
    let mut member = basic();
    let mut held = chain(Root::Static, "module `mypkg._native`", "_native.so:cache");
    (held.file, held.line) = ("native.c".into(), 41);
    member.holders.push(held);
    let judged = judge(vec![member]);
    assert_eq!(judged.verdict, ModuleVerdict::KeptByModule);
    assert_eq!(
        judged.sentence,
        "`mypkg._native` never unloads: single-phase init with m_size = -1, so CPython keeps a backup copy of its \
         dict (`m_copy`) and an entry in `modules_by_index`; re-import gives a new module object that shares the old \
         contents. Besides, the static `_native.so:cache` (native.c:41) holds it."
    );
}

#[test]
fn every_verdict_by_its_roots() {
    assert_eq!(one(multi_phase()).verdict, ModuleVerdict::Unloads);
    assert_eq!(one(basic()).verdict, ModuleVerdict::KeptByCaches);
    for (root, verdict) in [
        (Root::ImportCache, ModuleVerdict::KeptByCaches),
        (Root::Static, ModuleVerdict::KeptByModule),
        (Root::Framework, ModuleVerdict::KeptByModule),
        (Root::Hidden, ModuleVerdict::KeptByModule),
        (Root::Unknown, ModuleVerdict::KeptByModule),
        (Root::Program, ModuleVerdict::KeptByProgram),
        (Root::Registry, ModuleVerdict::KeptByProgram),
        (Root::Exception, ModuleVerdict::KeptByProgram),
        (Root::Thread, ModuleVerdict::KeptByProgram),
        (Root::Interpreter, ModuleVerdict::KeptByProgram),
    ] {
        let mut member = basic();
        member.holders.push(chain(root, "module `mypkg._native`", "there"));
        let judged = one(member);
        assert_eq!(judged.verdict, verdict, "{root:?}");
        assert!(judged.sentence.contains("m_copy"), "{root:?}: {}", judged.sentence);
    }
}

#[test]
fn a_holder_of_a_type_alone_does_not_accuse_the_module() {
    let mut member = basic();
    member.holders.push(chain(Root::Static, "type mypkg._native.T", "_native.so:T"));
    assert_eq!(one(member).verdict, ModuleVerdict::KeptByCaches);
}

#[test]
fn holders_to_answer_for_come_first() {
    let mut member = basic();
    member.holders.push(chain(Root::Program, "module `mypkg._native`", "app"));
    let mut held = chain(Root::Static, "module `mypkg._native`", "_native.so:cache");
    held.links.insert(1, Link { what: "list".into(), by: "[0]".into() });
    member.holders.push(held);
    let judged = one(member);
    let roots: Vec<Root> = judged.observed.holders.iter().map(|chain| chain.root).collect();
    assert_eq!(roots[..3], [Root::Static, Root::Program, Root::ImportCache]);
    assert_eq!(judged.levels[1].holders, [0, 1, 2, 3]);
    assert!(judged.sentence.ends_with("the static `_native.so:cache` holds it through `list`."), "{}", judged.sentence);
}

#[test]
fn a_module_without_chains_is_kept_by_what_the_model_says() {
    let mut member = basic();
    member.holders.clear();
    assert_eq!(one(member.clone()).verdict, ModuleVerdict::KeptByCaches);
    member.what_if = None;
    let judged = one(member);
    assert_eq!(judged.verdict, ModuleVerdict::KeptByModule);
    assert!(judged.sentence.contains("out of sight"), "{}", judged.sentence);
}

#[test]
fn what_is_not_seen_is_never_taken_for_freed() {
    let mut member = multi_phase();
    member.dict_alive = None;
    assert_eq!(one(member).verdict, ModuleVerdict::NotAudited);
    let blank = Member { name: "x".into(), file: "x.so".into(), ..Member::default() };
    let judged = one(blank.clone());
    assert_eq!((judged.verdict, judged.predicted), (ModuleVerdict::NotAudited, ModuleVerdict::NotAudited));
    assert_eq!(answers(blank), [NotSeen, NotSeen, NotSeen, NotSeen, NotSeen, NotSeen, NotSeen, NotApplicable]);
}

#[test]
fn ladder_of_a_module_that_goes_and_of_one_that_stays() {
    assert_eq!(answers(multi_phase()), [Yes, Yes, Yes, Yes, Yes, NotApplicable, NotSeen, NotApplicable]);
    assert_eq!(answers(basic()), [Yes, No, No, No, No, No, NotSeen, NotApplicable]);
    let judged = one(basic());
    let holders: Vec<_> = judged.levels.iter().map(|level| level.holders.clone()).collect();
    assert_eq!(holders[1], [0, 1], "by the copy and by the index");
    assert_eq!(holders[3], [2]);
    assert_eq!(holders[5], [0, 1, 2]);
    let names: Vec<_> = judged.levels.iter().map(|level| level.name.as_str()).collect();
    assert_eq!(names, ["name", "module", "state", "types", "functions", "caches", "residue", "library"]);
    assert!(judged.levels.iter().all(|level| !level.detail.is_empty()));
}

#[test]
fn each_level_has_every_answer_that_it_can_have() {
    let answer = |index: usize, change: &dyn Fn(&mut Member)| {
        let mut member = multi_phase();
        change(&mut member);
        answers(member)[index]
    };
    assert_eq!(answer(0, &|m| m.named = Some(true)), No);
    assert_eq!(answer(0, &|m| m.named = None), NotSeen);
    assert_eq!(answer(1, &|m| m.module_alive = None), NotSeen);
    assert_eq!(answer(2, &|m| m.free_calls = Some(0)), NotSeen);
    assert_eq!(answer(2, &|m| m.free_calls = None), Yes);
    assert_eq!(answer(2, &|m| m.module_alive = Some(true)), No);
    assert_eq!(answer(3, &|m| m.types = Population::default()), NotApplicable);
    assert_eq!(answer(4, &|m| m.functions.alive = 1), No);
    let reinit = |m: &mut Member| m.facts.init = "single-phase".into();
    assert_eq!(answer(5, &|m| reinit(m)), NotSeen);
    assert_eq!(answer(5, &|m| (reinit(m), m.index_alive = Some(false)).1), Yes);
    assert_eq!(answer(5, &|m| (reinit(m), m.index_alive = Some(true)).1), No);
    assert_eq!(answer(5, &|m| m.copy_alive = Some(true)), No);
}

#[test]
fn residue_is_told_and_nothing_is_taken_for_nothing() {
    let mut seen = observed(vec![multi_phase()]);
    seen.residue = Some(Residue::default());
    let judged = judge_module(seen.clone(), 12);
    assert_eq!(judged.members[0].levels[6].answer, Yes);
    assert!(!judged.sentence.contains("leaves"), "{}", judged.sentence);
    seen.residue = Some(Residue { objects: 3, bytes: 400, ..Residue::default() });
    let judged = judge_module(seen, 12);
    assert_eq!(judged.verdict, ModuleVerdict::Unloads);
    assert_eq!(judged.members[0].levels[6].answer, No);
    assert_eq!(judged.members[0].levels[6].detail, "3 objects (400 bytes) are left.");
    assert!(judged.sentence.ends_with("It leaves behind 3 objects (400 bytes)."), "{}", judged.sentence);
}

#[test]
fn a_module_that_leaves_types_behind_says_so() {
    let mut member = multi_phase();
    member.facts.framework = "pyo3".into();
    member.types = Population { made: 2, alive: 1, names: vec!["Map".into()] };
    let judged = one(member);
    assert_eq!(judged.verdict, ModuleVerdict::Unloads);
    assert!(judged.sentence.ends_with("It leaves behind 1 heap type (`Map`)."), "{}", judged.sentence);
    assert!(judged.advice.iter().any(|advice| advice.text.contains("#[pyclass]")));
}

#[test]
fn each_vital_step_that_fails_leaves_no_verdict() {
    for (outcome, words) in
        [("failed", "raised an exception"), ("exited", "exited"), ("died", "died"), ("timeout", "took more than")]
    {
        let unseen = Member { name: "good".into(), ..Member::default() };
        let mut seen = observed(vec![unseen]);
        seen.steps[1] = Step { name: "life".into(), outcome: outcome.into(), seconds: 20.0, detail: "SIGSEGV.".into() };
        let judged = judge_module(seen.clone(), 12);
        assert_eq!(judged.verdict, ModuleVerdict::NotAudited, "{outcome}");
        assert!(judged.sentence.contains(words) && judged.sentence.contains("SIGSEGV"), "{}", judged.sentence);
        seen.members.clear();
        seen.steps[0].outcome = outcome.into();
        assert!(judge_module(seen, 12).sentence.contains("`good`"), "{outcome}");
        for other in ["reload", "confirm", "interpreters"] {
            let mut seen = observed(vec![multi_phase()]);
            seen.steps.push(Step { name: other.into(), outcome: outcome.into(), seconds: 1.0, detail: String::new() });
            assert_eq!(judge_module(seen, 12).verdict, ModuleVerdict::Unloads, "{other} {outcome}");
        }
    }
}

#[test]
fn a_death_after_everything_was_seen_takes_no_verdict_away() {
    let mut member = multi_phase();
    member.reimport = Some(Reimport { outcome: "died".into(), detail: "SIGSEGV".into(), ..Reimport::default() });
    let mut seen = observed(vec![member]);
    seen.steps[1] = Step { name: "life".into(), outcome: "died".into(), seconds: 1.0, detail: "SIGSEGV".into() };
    let judged = judge_module(seen, 12);
    assert_eq!(judged.verdict, ModuleVerdict::Unloads);
    assert!(judged.sentence.contains("did not survive its re-import (SIGSEGV)"), "{}", judged.sentence);
}

#[test]
fn what_is_still_imported_is_kept_by_the_program_whatever_else_holds_it() {
    let mut member = basic();
    member.named = Some(true);
    let judged = one(member);
    assert_eq!(judged.verdict, ModuleVerdict::KeptByProgram);
    assert!(judged.sentence.contains("kept by the program"), "{}", judged.sentence);
}

#[test]
fn caches_that_are_not_all_that_holds_a_module_are_not_blamed_alone() {
    let mut member = basic();
    member.what_if = Some(WhatIf { unloads: false, remaining: "something".into(), ..WhatIf::default() });
    assert_eq!(one(member).verdict, ModuleVerdict::KeptByModule);
}

#[test]
fn names_that_are_no_extension_modules_are_answered_as_such() {
    for (subject, verdict, words) in [
        (Subject::Python, ModuleVerdict::NotApplicable, "Python source"),
        (Subject::Package, ModuleVerdict::NotApplicable, "is a package"),
        (Subject::NamespacePackage, ModuleVerdict::NotApplicable, "namespace package"),
        (Subject::Builtin, ModuleVerdict::NotApplicable, "compiled into the interpreter"),
        (Subject::Frozen, ModuleVerdict::NotApplicable, "frozen"),
        (Subject::NotAModule, ModuleVerdict::NotAudited, "not a module"),
        (Subject::Extension, ModuleVerdict::NotAudited, "nothing was observed"),
        (Subject::Unknown, ModuleVerdict::NotAudited, "could not be imported"),
    ] {
        let mut seen = observed(vec![]);
        seen.subject = subject;
        let judged = judge_module(seen, 12);
        assert_eq!(judged.verdict, verdict, "{subject:?}");
        assert!(judged.sentence.contains(words), "{}", judged.sentence);
    }
}

#[test]
fn of_several_the_one_asked_for_comes_first_and_the_worst_speaks() {
    let mut seen = observed(vec![multi_phase(), basic(), cython()]);
    seen.name = "lxml.etree".into();
    let judged = judge_module(seen, 12);
    let names: Vec<_> = judged.members.iter().map(|member| member.observed.name.as_str()).collect();
    assert_eq!(names, ["lxml.etree", "good", "mypkg._native"]);
    assert!(judged.observed.members.is_empty());
    assert_eq!(judged.verdict, ModuleVerdict::KeptByModule);
    assert!(
        judged.sentence.contains("1 is kept by itself, 1 is kept by CPython's caches only, 1 is freed"),
        "{}",
        judged.sentence
    );
    let mut all = observed(vec![multi_phase(), multi_phase()]);
    all.name = "pkg".into();
    assert!(judge_module(all, 12).sentence.starts_with("`pkg` unloads: all of its 2 extension modules"));
}

#[test]
fn what_is_predicted_of_each_kind_is_what_is_seen_of_it() {
    for member in [basic(), multi_phase(), cython()] {
        let judged = one(member);
        assert_eq!(judged.predicted, judged.verdict, "{}", judged.prediction);
        assert!(!judged.prediction.is_empty());
    }
}

#[test]
fn readiness_follows_the_version_and_the_slots() {
    let ready = |member: Member, minor| -> Vec<Answer> {
        judge_module(observed(vec![member]), minor).members[0].readiness.iter().map(|row| row.ready).collect()
    };
    assert_eq!(ready(multi_phase(), 11), [Yes, Yes, NotApplicable, NotApplicable, NotApplicable]);
    assert_eq!(ready(multi_phase(), 15), [Yes, Yes, No, No, No]);
    assert_eq!(ready(basic(), 13), [No, No, No, NotSeen, NotApplicable]);
    let mut member = multi_phase();
    member.facts.multiple_interpreters = "per-interpreter-gil".into();
    member.facts.gil = "not-used".into();
    member.facts.exports_slots = true;
    assert_eq!(ready(member.clone(), 15), [Yes, Yes, NotSeen, Yes, Yes], "nobody tried");
    let mut tried = observed(vec![member.clone()]);
    let loads = |kind: &str| InterpreterRun { kind: kind.into(), outcome: "loads".into(), ..InterpreterRun::default() };
    tried.interpreters = vec![loads("legacy"), loads("isolated")];
    assert!(judge_module(tried, 15).members[0].readiness.iter().all(|row| row.ready == Yes));
    member.facts.static_types = vec!["good.T".into()];
    assert_eq!(ready(member, 15), [Yes, No, No, Yes, Yes]);
    assert_eq!(ready(Member { name: "x".into(), ..Member::default() }, 15), [NotSeen; 5]);
}

#[test]
fn every_row_of_readiness_says_what_to_do_and_where() {
    for framework in ["", "cython", "pyo3", "pybind11", "nanobind", "mypyc", "cffi"] {
        for minor in 10..=15 {
            let mut member = basic();
            member.facts.framework = framework.into();
            let judged = judge_module(observed(vec![member]), minor);
            for row in &judged.members[0].readiness {
                assert!(!row.change.is_empty() && row.link.starts_with("https://"), "{row:?}");
            }
            for advice in &judged.members[0].advice {
                assert!(advice.link.is_empty() || advice.link.starts_with("https://"), "{advice:?}");
            }
        }
    }
}

#[test]
fn an_interpreter_that_contradicts_the_slot_is_believed() {
    let mut member = multi_phase();
    member.facts.multiple_interpreters = "per-interpreter-gil".into();
    let mut seen = observed(vec![member]);
    seen.interpreters = vec![InterpreterRun {
        kind: "isolated".into(),
        outcome: "loads".into(),
        shared: vec!["list good.L".into()],
        ..InterpreterRun::default()
    }];
    let judged = judge_module(seen, 13);
    assert_eq!(judged.members[0].readiness[2].ready, No);
    assert!(judged.members[0].advice.iter().any(|advice| advice.text.contains("in common")));
}

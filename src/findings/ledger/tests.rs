//! Histories with stacks in words, as a watch would have recorded them.

use super::*;
use crate::event::{Mechanism, Origin, RefEvent, RunId, StackId};
use crate::heap::{History, histories};
use std::cell::RefCell;

/// Stacks by their text, innermost first: `origin function file:line`, `+` for code put into the next frame.
#[derive(Default)]
struct Watch {
    stacks: RefCell<Vec<String>>,
    events: Vec<RefEvent>,
}

impl Watch {
    fn change(&mut self, object: u64, (before, after): (i64, i64), stack: &str) {
        let mut stacks = self.stacks.borrow_mut();
        let place = stacks.iter().position(|known| known == stack).unwrap_or_else(|| {
            stacks.push(stack.into());
            stacks.len() - 1
        });
        let (stack, mechanism) = (StackId(place as u32 + 1), Mechanism::GuardPage);
        self.events.push(RefEvent { object, before, after, thread: 7, run: RunId(1), stack, mechanism });
    }

    fn ledger(&self, kept: i64, leaks: impl Fn(&History) -> bool) -> Ledger {
        let (leaking, innocent): (Vec<_>, Vec<_>) = histories(&self.events).into_iter().partition(leaks);
        let stacks = self.stacks.borrow();
        build(Given {
            leaking: &leaking,
            innocent: &innocent,
            others: &innocent,
            kept,
            of: 3,
            dropped: 0,
            stack: &|id| frames(&stacks[id.0 as usize - 1]),
            source: &|frame| vec![SourceLine { number: frame.line, text: "source".into() }],
            notes: vec![],
        })
    }
}

fn frames(text: &str) -> (Vec<Frame>, Vec<bool>) {
    let frame = |words: &str| {
        let words: Vec<&str> = words.split_whitespace().collect();
        let (kind, inlined) = words[0].strip_prefix('+').map_or((words[0], false), |kind| (kind, true));
        let origin = match kind {
            "py" => Origin::Python,
            "ext" => Origin::Extension,
            _ => Origin::Interpreter,
        };
        let (file, line) = words.get(2).and_then(|place| place.split_once(':')).unwrap_or(("", "0"));
        let module = if origin == Origin::Python { "" } else { "a.so" };
        Frame {
            origin,
            function: words[1].into(),
            file: file.into(),
            line: line.parse().unwrap(),
            module: module.into(),
            offset: if module.is_empty() { String::new() } else { format!("0x{line}") },
            inlined,
            guess: false,
        }
    };
    let frames: Vec<Frame> = text.split('|').map(frame).collect();
    let audited = frames.iter().map(|frame| frame.origin == Origin::Extension).collect();
    (frames, audited)
}

#[test]
fn incref_in_a_header_of_cpython_is_named_by_the_authors_line_and_its_inline_chain() {
    let mut watch = Watch::default();
    watch.change(1, (0, 1), "int PyDict_New|ext parse_all native.c:40|py test t.py:3");
    let inlined =
        "+ext Py_INCREF /usr/include/python3.11/object.h:500|+ext parse_item native.c:42|ext parse_all native.c:88";
    watch.change(1, (1, 2), &format!("{inlined}|py test t.py:3"));
    let item = "int insertdict|int PyDict_SetItemString|ext parse_all native.c:90|py test t.py:3";
    watch.change(1, (2, 3), item);
    watch.change(1, (3, 2), item);
    watch.change(1, (2, 1), "ext parse_all native.c:99|py test t.py:3");
    let ledger = watch.ledger(1, |_| true);
    assert_eq!(ledger.account, Account::Named, "{}", ledger.reason);
    let place = &ledger.places[0];
    assert_eq!(
        (place.frame.function.as_str(), place.frame.line, place.function.as_str()),
        ("parse_item", 42, "Py_INCREF")
    );
    assert_eq!(place.callers.iter().map(|frame| frame.line).collect::<Vec<_>>(), [88]);
    assert_eq!(ledger.last_seen.as_ref().map(|frame| frame.line), Some(99));
    let rules: Vec<&str> = ledger.history.iter().map(|entry| entry.rule.as_str()).collect();
    assert_eq!(rules, ["same-function", "", "same-call", "same-call", "same-function"]);
    let shown: Vec<(&str, u32, u64, u64)> = ledger
        .balance
        .iter()
        .map(|row| (row.frame.function.as_str(), row.frame.line, row.taken, row.released))
        .collect();
    assert_eq!(shown[..2], [("test", 0, 3, 2), ("parse_all", 0, 3, 2)]);
    assert!(shown.contains(&("parse_item", 42, 1, 0)));
}

#[test]
fn function_that_takes_for_its_callers_is_passed_over() {
    let mut watch = Watch::default();
    let take = |line| format!("ext get native.c:5|ext caller{line} native.c:{line}|py test t.py:3");
    for object in [1, 2] {
        watch.change(object, (0, 1), "py test t.py:1");
        watch.change(object, (1, 2), &take(20));
        watch.change(object, (2, 1), "ext caller20 native.c:22|py test t.py:3");
        watch.change(object, (1, 0), "py test t.py:4");
    }
    watch.change(3, (0, 1), "py test t.py:1");
    watch.change(3, (1, 2), &take(30));
    watch.change(3, (2, 1), "py test t.py:4");
    let ledger = watch.ledger(1, |history| !history.ended);
    let place = &ledger.places[0];
    assert_eq!(
        (ledger.account, place.frame.line, place.function.as_str()),
        (Account::Named, 30, "get"),
        "{}",
        ledger.reason
    );
}

#[test]
fn glue_of_binding_libraries_is_not_named() {
    let mut watch = Watch::default();
    watch.change(1, (0, 1), "py test t.py:1");
    let glue = "ext pybind11::handle::inc_ref() /x/pybind11/pytypes.h:270|ext keep own.cpp:12";
    watch.change(1, (1, 2), &format!("{glue}|int cfunction_call|py test t.py:3"));
    watch.change(1, (2, 1), "py test t.py:4");
    let ledger = watch.ledger(1, |_| true);
    assert_eq!((ledger.places[0].frame.function.as_str(), ledger.places[0].frame.line), ("keep", 12));
}

#[test]
fn immortal_objects_are_said_to_be_immortal() {
    let mut watch = Watch::default();
    watch.change(1, (999_999_999, 1_000_000_000), "ext f a.c:1|py test t.py:1");
    let ledger = watch.ledger(1, |_| true);
    assert_eq!((ledger.account, ledger.places.len(), ledger.history.len()), (Account::Unseen, 0, 1));
    assert!(ledger.reason.contains("immortal"));
}

#[test]
fn operations_alone_make_a_ledger_without_counts() {
    let mut watch = Watch::default();
    watch.change(1, (0, 1), "int Py_IncRef|ext f a.rs:5|py test t.py:1");
    watch.change(1, (0, 1), "int Py_IncRef|ext f a.rs:6|py test t.py:1");
    watch.change(1, (0, -1), "int Py_DecRef|ext f a.rs:9|py test t.py:1");
    watch.events.iter_mut().for_each(|event| event.mechanism = Mechanism::ImportTable);
    let ledger = watch.ledger(1, |_| true);
    assert_eq!((ledger.places[0].frame.line, ledger.places[0].function.as_str()), (5, "Py_IncRef"));
    assert!(ledger.history.iter().all(|entry| entry.count.is_none() && entry.action == Action::Inlined));
}

/// Calls that were seen: one that made the object, one that returned it again, one that took a reference over.
fn calls(watch: &mut Watch) {
    watch.change(1, (0, 1), "int PyBytes_FromStringAndSize|ext f a.c:5|py test t.py:1");
    watch.change(1, (1, 2), "int PyObject_GetAttrString|ext f a.c:6|py test t.py:1");
    watch.change(1, (1, 1), "int PyList_GetItem|ext g a.c:7|py test t.py:1");
    watch.change(1, (2, 1), "int PyList_SetItem|ext f a.c:8|py test t.py:1");
    watch.events.iter_mut().for_each(|event| event.mechanism = Mechanism::CallEffect);
}

#[test]
fn calls_alone_make_candidates_and_no_verdict() {
    let mut watch = Watch::default();
    calls(&mut watch);
    let ledger = watch.ledger(1, |_| true);
    assert_eq!((ledger.account, ledger.sampled.watched), (Account::Ambiguous, 0), "{}", ledger.reason);
    let actions: Vec<Action> = ledger.history.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [Action::Born, Action::NewReference, Action::Released]);
    assert!(ledger.history.iter().all(|entry| entry.count.is_none()));
    assert_eq!(ledger.places[0].function, "PyBytes_FromStringAndSize", "the other one was given away");
    for part in [
        "Candidates only: no watch covered these objects.",
        "New references to them were returned to f (a.c:5) by PyBytes_FromStringAndSize, once; f (a.c:6) by \
        PyObject_GetAttrString, once (of 1 object).",
        "Given away: f (a.c:8) to PyList_SetItem, once",
    ] {
        assert!(ledger.reason.contains(part), "{}", ledger.reason);
    }
    assert!(!ledger.reason.contains("Borrowed"));
    assert!(watch.ledger(-1, |_| true).reason.contains("returned to g (a.c:7) by PyList_GetItem, once"));
}

#[test]
fn calls_do_not_count_beside_what_was_seen_of_the_count() {
    let mut watch = Watch::default();
    watch.change(1, (0, 1), "int PyBytes_FromStringAndSize|ext f a.c:5|py test t.py:1");
    watch.change(1, (1, 2), "ext f a.c:9|py test t.py:1");
    let alone = watch.ledger(2, |_| true);
    let seen = core::mem::take(&mut watch.events);
    calls(&mut watch);
    watch.events.splice(0..0, seen);
    // As they come from the log: without a birth of their own.
    watch.events.retain(|event| event.mechanism != Mechanism::CallEffect || event.before != 0);
    assert_eq!(watch.ledger(2, |_| true), alone);
}

#[test]
fn change_without_a_stack_harms_nothing() {
    let mut watch = Watch::default();
    watch.change(1, (1, 2), "ext f a.c:1");
    let given = Given {
        leaking: &histories(&watch.events),
        innocent: &[],
        others: &[],
        kept: 1,
        of: 1,
        dropped: 2,
        stack: &|_| (vec![], vec![]),
        source: &|_| vec![],
        notes: vec!["a note".into()],
    };
    let ledger = build(given);
    assert_eq!((ledger.sampled.dropped, ledger.notes.len(), ledger.history.len()), (2, 1, 1));
}

#[test]
fn functions_of_c_in_headers_are_functions_like_any_other() {
    let mut watch = Watch::default();
    let rest = "ext update multi.h:1106|ext extend multi.c:83|py test t.py:3";
    watch.change(1, (0, 1), &format!("int PyLong_FromSsize_t|+ext set_number multi.h:1010|{rest}"));
    watch.change(1, (1, 2), &format!("int PyDict_SetItem|+ext set_number multi.h:1015|{rest}"));
    // A function of a later CPython that python/pythoncapi-compat has inline is the C API's and nobody's own.
    let compat = "+ext Py_NewRef python3.12/object.h:814|+ext PyDict_GetItemRef x/pythoncapi_compat.h:824";
    watch.change(1, (2, 3), &format!("{compat}|{rest}"));
    watch.change(1, (3, 2), &format!("+ext Py_DECREF /usr/include/python3.12/object.h:704|{rest}"));
    watch.change(1, (2, 1), "int insertdict|int PyDict_SetItem|ext update multi.h:1120|py test t.py:3");
    let ledger = watch.ledger(1, |_| true);
    let place = &ledger.places[0];
    assert_eq!((place.frame.function.as_str(), place.frame.line), ("set_number", 1010), "{}", ledger.reason);
    assert_eq!(ledger.history[2].pair, Some(3), "what the compat header took and its caller gave back is one pair");
}

#[test]
fn functions_of_c_in_headers_that_only_count_in_one_direction_are_helpers() {
    let take = "+ext Py_INCREF /usr/include/python3.12/object.h:641|ext retained own.h:28|ext exchange own.c:40";
    let mut watch = Watch::default();
    watch.change(1, (0, 1), "py test t.py:1");
    watch.change(1, (1, 2), &format!("{take}|py test t.py:3"));
    watch.change(1, (2, 1), "py test t.py:4");
    let named = |watch: &Watch| {
        let place = watch.ledger(1, |_| true).places[0].frame.clone();
        (place.function, place.line)
    };
    assert_eq!(named(&watch), ("exchange".into(), 40));
    // One that gives back as well is a function that works with the object.
    let mut watch = Watch::default();
    watch.change(1, (0, 1), "py test t.py:1");
    watch.change(1, (1, 2), &format!("{take}|py test t.py:3"));
    watch.change(1, (2, 3), "ext retained own.h:30|ext exchange own.c:40|py test t.py:3");
    watch.change(1, (3, 2), "ext retained own.h:32|ext exchange own.c:40|py test t.py:3");
    watch.change(1, (2, 1), "py test t.py:4");
    assert_eq!(named(&watch), ("retained".into(), 28));
}

#[test]
fn classes_of_cpp_in_headers_hold_references_for_others() {
    let mut watch = Watch::default();
    watch.change(1, (0, 1), "py test t.py:1");
    watch.change(1, (1, 2), "+ext Ref::Ref(_object*) own.h:12|ext keep(_object*) own.cpp:40|py test t.py:3");
    watch.change(1, (2, 1), "py test t.py:4");
    let ledger = watch.ledger(1, |_| true);
    assert_eq!((ledger.places[0].frame.function.as_str(), ledger.places[0].frame.line), ("keep(_object*)", 40));
}

/// A constructor that makes two fields of which the destructor releases `released`; objects 1 to 3 leak.
fn fields(watch: &mut Watch, releases: &[&str]) {
    for run in 0..3_u64 {
        watch.change(1 + run, (0, 1), "int PyTuple_New|ext make native.c:10|py test t.py:3");
        watch.change(1 + run, (1, 2), "int PyDict_SetItemString|ext make native.c:12|py test t.py:3");
        watch.change(1 + run, (2, 1), "int dict_dealloc|py test t.py:4");
        for (number, by) in releases.iter().enumerate() {
            let other = 10 * (number as u64 + 1) + run;
            watch.change(other, (0, 1), &format!("int PyTuple_New|ext make native.c:{}|py test t.py:3", 20 + number));
            watch.change(other, (1, 0), by);
        }
    }
}

const CLEAR: &str = "ext clear native.c:90|int subtype_dealloc|py test t.py:4";

#[test]
fn release_is_missing_where_the_others_of_the_function_are_given_back() {
    let mut watch = Watch::default();
    fields(&mut watch, &[CLEAR, "ext clear native.c:91|int subtype_dealloc|py test t.py:4"]);
    let ledger = watch.ledger(1, |history| !history.ended);
    assert_eq!((ledger.places[0].frame.function.as_str(), ledger.places[0].frame.line), ("make", 10));
    let missing = ledger.missing.expect("the others are given back by one function");
    assert_eq!(missing.function, "clear");
}

#[test]
fn two_functions_that_give_the_others_back_leave_it_open() {
    let mut watch = Watch::default();
    fields(&mut watch, &[CLEAR, "ext reset native.c:120|py test t.py:4"]);
    assert_eq!(watch.ledger(1, |history| !history.ended).missing, None);
}

#[test]
fn others_that_the_function_gives_back_itself_tell_nothing() {
    let mut watch = Watch::default();
    fields(&mut watch, &["ext make native.c:30|py test t.py:3", "py test t.py:5"]);
    assert_eq!(watch.ledger(1, |history| !history.ended).missing, None);
}

/// A constructor that counts an object for as many fields, and lets go of it.
fn counted(watch: &mut Watch, object: u64, fields: i64) {
    watch.change(object, (0, 1), "int PyTuple_New|ext make native.c:10|py test t.py:3");
    for field in 1..=fields {
        watch.change(object, (field, field + 1), &format!("ext make native.c:{}|py test t.py:3", 11 + field));
    }
    watch.change(object, (fields + 1, fields), "ext make native.c:18|py test t.py:3");
}

#[test]
fn release_is_missing_where_other_references_to_the_same_object_are_given_back() {
    let mut watch = Watch::default();
    for object in 1..4 {
        counted(&mut watch, object, 3);
        watch.change(object, (3, 2), CLEAR);
        watch.change(object, (2, 1), "ext clear native.c:91|int subtype_dealloc|py test t.py:4");
    }
    let missing = watch.ledger(1, |history| !history.ended).missing;
    assert_eq!(missing.map(|frame| frame.function), Some("clear".into()));
}

#[test]
fn one_release_of_what_was_counted_twice_tells_nothing() {
    let mut watch = Watch::default();
    for object in 1..4 {
        counted(&mut watch, object, 2);
        watch.change(object, (2, 1), CLEAR);
    }
    assert_eq!(watch.ledger(1, |history| !history.ended).missing, None);
}

#[test]
fn one_count_too_many_beside_a_birth_is_missing_nowhere() {
    let mut watch = Watch::default();
    for object in 1..4 {
        watch.change(object, (0, 1), "int PyBytes_FromStringAndSize|ext copy native.c:10|py test t.py:3");
        watch.change(object, (1, 2), "ext copy native.c:12|py test t.py:3");
        watch.change(object, (2, 1), CLEAR);
    }
    let ledger = watch.ledger(1, |history| !history.ended);
    assert_eq!((ledger.places[0].frame.line, ledger.missing), (12, None));
}

#[test]
fn caller_that_gives_back_what_it_was_returned_is_not_where_another_one_lacks_a_release() {
    let mut watch = Watch::default();
    for object in 1..5 {
        watch.change(object, (0, 1), "int PyTuple_New|ext get native.c:10|ext first native.c:50|py test t.py:3");
        watch.change(object, (1, 0), "ext first native.c:52|py test t.py:3");
    }
    watch.change(9, (0, 1), "int PyTuple_New|ext get native.c:10|ext second native.c:60|py test t.py:3");
    assert_eq!(watch.ledger(1, |history| !history.ended).missing, None);
}

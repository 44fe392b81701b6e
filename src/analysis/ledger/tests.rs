//! Recorded histories as tables, one or more for each rule.
//!
//! A line is a change, how it was done, and the calls outwards-in: `test:3>f:12` with the function of the C API
//! behind it. `f/g:12` is `g` that the compiler put into `f`.

use super::*;
use rustc_hash::FxHashMap;

#[derive(Default)]
struct World {
    tree: Activations,
    names: Vec<String>,
    numbers: FxHashMap<String, u32>,
}

impl World {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), self.names.len() as u32 - 1);
        self.names.len() as u32 - 1
    }

    fn step(&mut self, line: &str) -> Step {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (change, how, path) = (words[0].parse().unwrap(), words[1], words[2]);
        let api = words.get(3).copied().unwrap_or("");
        let mut caller = None;
        let mut function = "";
        for call in path.split('>') {
            let (names, line) = call.split_once(':').unwrap();
            let outer = names.split('/').next().unwrap();
            function = names;
            let outer = self.number(outer);
            let activation = self.tree.enter(outer, caller);
            caller = Some((self.number(line), activation));
        }
        let (_, activation) = caller.unwrap();
        let (action, extension) = match how {
            "born" => (Action::Born, true),
            "pyborn" => (Action::Born, false),
            "inc" | "dec" | "glue" => (Action::Inlined, true),
            "new" => (Action::NewReference, true),
            "store" => (Action::Stored, true),
            "give" => (Action::Released, true),
            "free" => (Action::Deallocated, true),
            "pyfree" => (Action::Deallocated, false),
            "py" => (Action::Python, false),
            _ => panic!("{how}"),
        };
        let place = path.rsplit('>').next().unwrap().to_owned();
        let call = (!api.is_empty()).then(|| self.number(&format!("{path} {api}")));
        Step {
            change,
            action,
            extension,
            glue: how == "glue",
            activation,
            function: self.number(function),
            site: self.number(&place),
            call,
            thread: 1,
        }
    }

    fn history(&mut self, table: &str) -> Vec<Step> {
        table.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| self.step(line)).collect()
    }
}

fn guessed(leaking: &[&str], innocent: &[&str], kept: i64) -> (Guess, Vec<String>, Vec<Paired>) {
    let mut world = World::default();
    let mut habits = Habits::default();
    for table in innocent {
        let steps = world.history(table);
        let paired = pair(&steps, &world.tree, &Habits::default(), 0);
        habits.add(&steps, &paired);
    }
    let histories: Vec<Vec<Step>> = leaking.iter().map(|table| world.history(table)).collect();
    let paired: Vec<Paired> = histories.iter().map(|steps| pair(steps, &world.tree, &habits, kept)).collect();
    let both: Vec<(&[Step], &Paired)> = histories.iter().map(Vec::as_slice).zip(&paired).collect();
    let guess = guess(&both, &habits, kept);
    let names = guess.blames.iter().map(|blame| world.names[blame.site as usize].clone()).collect();
    (guess, names, paired)
}

#[track_caller]
fn named(table: &str, expected: &str) -> Vec<Paired> {
    let (guess, places, paired) = guessed(&[table], &[], 1);
    assert_eq!(
        (guess.account, places.first().map(String::as_str)),
        (Account::Named, Some(expected)),
        "{places:?} {paired:?}"
    );
    paired
}

#[track_caller]
fn first(table: &str, expected: &str) {
    let (guess, places, paired) = guessed(&[table], &[], 1);
    assert_eq!(
        (guess.account, places.first().map(String::as_str)),
        (Account::Ambiguous, Some(expected)),
        "{places:?} {paired:?}"
    );
}

fn rules(paired: &Paired) -> Vec<&'static str> {
    paired.pairs.iter().map(|pair| pair.map_or("", |(_, rule)| rule.name())).collect()
}

/// What Python does around a call of `f(o)`, with `o` a local variable that goes at the end.
fn called(inside: &str) -> String {
    format!("+1 pyborn test:1\n+1 py test:2\n{inside}\n-1 py test:2\n-1 py test:3")
}

#[test]
fn append_after_an_extra_incref_leaves_the_incref() {
    let paired = named(
        &called("+1 inc test:2>b:10\n+1 store test:2>b:11 PyList_Append\n-1 free test:2>b:12 _Py_Dealloc"),
        "b:10",
    );
    assert_eq!(rules(&paired[0]), ["python", "python", "", "container", "container", "python", "python"]);
}

#[test]
fn what_glue_took_is_never_what_is_lost() {
    // Cython and PyO3 count the arguments of a function; what the author wrote is given back by the same line.
    let paired = named(&called("+1 glue test:2>b:9\n+1 inc test:2>b:10\n-1 dec test:2>b:14"), "b:10");
    assert_eq!(rules(&paired[0])[2..5], ["glue", "", "glue"]);
}

#[test]
fn of_an_over_release_glue_keeps_its_own() {
    let table = called("+1 glue test:2>b:9\n-1 dec test:2>b:11\n-1 glue test:2>b:14");
    let (guess, places, _) = guessed(&[&table], &[], -1);
    assert_eq!((guess.account, places.first().map(String::as_str)), (Account::Named, Some("b:11")), "{places:?}");
}

#[test]
fn error_path_without_a_decref() {
    let table = called(
        "+1 inc test:2>b:10\n+1 new test:2>b:11 PyObject_GetAttrString\n-1 give test:2>b:11 PyObject_GetAttrString",
    );
    let paired = named(&table, "b:10");
    assert_eq!(rules(&paired[0])[3..5], ["same-call", "same-call"]);
}

#[test]
fn built_tuple_that_python_frees() {
    named(&called("+1 inc test:2>b:10\n+1 store test:2>b:11 Py_BuildValue\n-1 pyfree test:2"), "b:10");
}

#[test]
fn built_value_of_a_single_object_is_the_object() {
    named(&called("+1 inc test:2>b:10\n+1 store test:2>b:11 Py_BuildValue\n-1 py test:2"), "b:10");
}

#[test]
fn a_stealing_function_leaves_no_trace_but_the_death_of_its_container() {
    let stolen = "+1 inc test:2>b:10\n+1 new test:2>b:12 PySequence_GetItem\n-1 free test:2>b:14 _Py_Dealloc";
    let paired = named_or_first(&called(stolen), "b:12");
    assert_eq!(rules(&paired)[2..5], ["stolen", "", "stolen"]);
}

#[track_caller]
fn named_or_first(table: &str, expected: &str) -> Paired {
    let (_, places, paired) = guessed(&[table], &[], 1);
    assert_eq!(places.first().map(String::as_str), Some(expected), "{places:?} {paired:?}");
    paired.into_iter().next().unwrap()
}

#[test]
fn two_increfs_around_a_stealing_call_are_both_shown() {
    let table = called("+1 inc test:2>b:10\n+1 inc test:2>b:12\n-1 free test:2>b:14 _Py_Dealloc");
    let (guess, mut places, _) = guessed(&[&table], &[], 1);
    places.sort();
    assert_eq!((guess.account, places), (Account::Ambiguous, vec!["b:10".to_owned(), "b:12".to_owned()]));
}

#[test]
fn incref_on_what_a_container_lends() {
    named(
        &called("+1 store test:2>b:9 PyDict_SetItemString\n+1 inc test:2>b:11\n-1 free test:2>b:14 _Py_Dealloc"),
        "b:11",
    );
}

#[test]
fn loop_that_forgets_one_round() {
    let round = "+1 inc test:2>b:10\n+1 new test:2>b:11 PyObject_Str\n-1 give test:2>b:11 PyObject_Str\n";
    let table = called(&format!("{round}-1 dec test:2>b:12\n{round}{round}-1 dec test:2>b:12"));
    named(&table, "b:10");
}

#[test]
fn iterator_whose_items_are_not_given_back() {
    let table = called(
        "+1 store test:2>b:9 PyTuple_Pack\n+1 new test:2>b:11 PyIter_Next\n+1 new test:2>b:12 PyObject_Str\n\
         -1 give test:2>b:12 PyObject_Str\n-1 free test:2>b:15 _Py_Dealloc",
    );
    named(&table, "b:11");
}

#[test]
fn new_object_that_is_appended_and_never_given_back() {
    named("+1 born test:2>f:10 PyDict_New\n+1 store test:2>f:12 PyList_Append\n-1 pyfree test:3", "f:10");
}

#[test]
fn new_object_that_is_lost_at_once() {
    named("+1 born test:2>f:10 PyDict_New", "f:10");
}

#[test]
fn extra_incref_before_a_new_object_is_returned() {
    first("+1 born test:2>f:10 PyDict_New\n+1 inc test:2>f:12\n-1 py test:2", "f:12");
}

#[test]
fn last_release_of_a_function_gives_back_what_the_object_was_made_with() {
    first("+1 born test:2>f:10 PyDict_New\n+1 inc test:2>f:12\n-1 dec test:2>f:19", "f:12");
    let paired = named_or_first(
        "+1 born test:2>f:10 PyDict_New\n+1 inc test:2>f:12\n-1 dec test:2>f:13\n+1 store test:2>f:15 PyList_Append\n-1 pyfree test:3",
        "f:10",
    );
    assert_eq!(rules(&paired), ["", "same-function", "same-function", "container", "container"]);
}

#[test]
fn function_that_was_compiled_into_another_keeps_its_references_apart() {
    named("+1 born test:2>all:10 PyDict_New\n+1 inc test:2>all/item:42\n-1 dec test:2>all:20", "all/item:42")
        .iter()
        .for_each(|paired| assert_eq!(rules(paired), ["same-function", "", "same-function"]));
}

#[test]
fn objects_that_do_not_leak_tell_which_release_is_missing() {
    let innocent = "+1 born t:2>f:10 PyDict_New\n+1 inc t:2>f:42\n+1 store t:2>f:43 PySet_Add\n-1 dec t:2>f:97\n-1 dec t:2>f:99\n-1 pyfree t:4";
    let leaking =
        "+1 born t:2>f:10 PyDict_New\n+1 inc t:2>f:42\n+1 store t:2>f:43 PySet_Add\n-1 dec t:2>f:99\n-1 pyfree t:4";
    let (guess, places, _) = guessed(&[leaking, leaking], &[innocent, innocent], 1);
    assert_eq!((guess.account, places), (Account::Named, vec!["f:42".to_owned()]));
    let other =
        "+1 born t:2>f:10 PyDict_New\n+1 inc t:2>f:42\n+1 store t:2>f:43 PySet_Add\n-1 dec t:2>f:97\n-1 pyfree t:4";
    let (guess, places, _) = guessed(&[other], &[innocent], 1);
    assert_eq!((guess.account, places), (Account::Named, vec!["f:10".to_owned()]));
}

#[test]
fn path_that_only_leaking_objects_take() {
    let innocent = "+1 born t:2>f:10 PyDict_New\n+1 inc t:2>f:20\n-1 py t:2\n-1 dec t:5>g:9";
    let leaking = "+1 born t:2>f:10 PyDict_New\n+1 inc t:2>f:20\n+1 inc t:2>f:31\n-1 py t:2\n-1 dec t:5>g:9";
    let (_, places, _) = guessed(&[leaking], &[innocent, innocent], 1);
    assert_eq!(places[0], "f:31");
}

#[test]
fn constructor_takes_and_destructor_gives_back() {
    let paired = pair_of("+1 pyborn t:1\n+1 inc t:2>init:10\n-1 dec t:3>dealloc:20\n-1 py t:4", 0);
    assert_eq!(rules(&paired), ["python", "elsewhere", "elsewhere", "python"]);
    first("+1 pyborn t:1\n+1 inc t:2>init:10\n+1 inc t:2>get:15\n-1 dec t:3>dealloc:20\n-1 py t:4", "get:15");
}

#[track_caller]
fn pair_of(table: &str, kept: i64) -> Paired {
    let mut world = World::default();
    let steps = world.history(table);
    let paired = pair(&steps, &world.tree, &Habits::default(), kept);
    if kept == 0 {
        assert_eq!(paired.left.iter().filter(|left| **left != 0).count(), 0, "{paired:?}");
    }
    paired
}

#[test]
fn callee_takes_for_its_caller_and_caller_for_its_callee() {
    let paired = pair_of("+1 pyborn t:1\n+1 inc t:2>f:5>get:10\n-1 dec t:2>f:7\n-1 py t:4", 0);
    assert_eq!(rules(&paired)[1..3], ["returned", "returned"]);
    let paired = pair_of("+1 pyborn t:1\n+1 inc t:2>f:5\n-1 dec t:2>f:7>take:10\n-1 py t:4", 0);
    assert_eq!(rules(&paired)[1..3], ["handed-down", "handed-down"]);
    named("+1 pyborn t:1\n+1 inc t:2>f:5>get:10\n-1 py t:4", "get:10");
}

#[test]
fn reference_that_python_gave_to_the_extension() {
    let paired = pair_of("+1 pyborn t:1\n+1 py t:9\n-1 dec t:2>f:7\n-1 py t:1", 0);
    assert_eq!(rules(&paired)[2], "python-gave");
}

#[test]
fn what_is_returned_to_python_is_not_accused() {
    let table = "+1 pyborn t:1\n+1 py t:2\n+1 inc t:2>f:10\n+1 inc t:2>f:20\n-1 py t:2\n-1 py t:2\n-1 py t:3";
    first(table, "f:10");
}

#[test]
fn static_that_is_overwritten_leaks_what_it_held() {
    named(
        &called("+1 inc test:2>keep:8\n+1 new test:2>keep:9 PyObject_Str\n-1 give test:2>keep:9 PyObject_Str"),
        "keep:8",
    );
}

#[test]
fn releasing_a_borrowed_reference_is_named() {
    let table = "+1 pyborn t:1\n+1 store t:2>f:5 PyDict_SetItem\n-1 dec t:2>f:8\n-1 free t:2>f:9 _Py_Dealloc";
    let (guess, places, _) = guessed(&[table], &[], -1);
    assert_eq!((guess.account, places), (Account::Named, vec!["f:8".to_owned()]));
    assert!(guess.reason.contains("was not taken before"));
}

#[test]
fn history_without_a_birth_can_be_over_released() {
    let table = "+1 inc t:2>f:5\n-1 dec t:2>f:8\n-1 dec t:2>f:9\n+1 py t:2\n-1 py t:2";
    let (guess, places, _) = guessed(&[table, table], &[], -1);
    assert_eq!((guess.account, places), (Account::Named, vec!["f:9".to_owned()]));
}

#[test]
fn borrowed_reference_returned_as_new_shows_where_python_gives_it_back() {
    let table = "+1 py t:2\n-1 py t:2\n-1 py t:2";
    let (guess, places, _) = guessed(&[table], &[], -1);
    assert_eq!((guess.account, places), (Account::Ambiguous, vec!["t:2".to_owned()]));
    assert!(guess.reason.contains("returned a borrowed reference"));
}

#[test]
fn object_watched_over_several_runs_counts_each() {
    let run = "+1 inc t:2>f:5\n+1 inc t:2>f:6\n-1 dec t:2>f:9\n".repeat(3);
    let (_, places, _) = guessed(&[&run], &[], 3);
    assert_eq!(places[0], "f:5");
}

#[test]
fn stored_in_a_container_that_stays() {
    let table = "+1 born t:2>f:5 PyDict_New\n+1 store t:2>f:6 PyList_Append\n-1 dec t:2>f:7";
    let (guess, places, _) = guessed(&[table], &[], 1);
    assert_eq!((guess.account, places), (Account::Named, vec!["f:6".to_owned()]));
    assert!(guess.reason.contains("stored"));
}

#[test]
fn buffers_are_given_back_by_the_function_that_asked() {
    let paired =
        pair_of("+1 pyborn t:1\n+1 new t:2>f:5 PyObject_GetBuffer\n-1 give t:2>f:9 PyBuffer_Release\n-1 py t:3", 0);
    assert_eq!(rules(&paired)[1], "same-function");
}

#[test]
fn nothing_seen_is_said() {
    let (guess, places, _) = guessed(&[], &[], 1);
    assert_eq!((guess.account, places.len()), (Account::Unseen, 0));
    let (guess, ..) = guessed(&["+1 inc t:1>f:2\n-1 dec t:1>f:3"], &[], 1);
    assert_eq!(guess.account, Account::Unseen);
    assert!(guess.reason.contains("taken unseen"));
}

#[test]
fn every_rule_has_a_paragraph() {
    let page = include_str!("../../../docs/explanation/reference-ledger.md");
    for rule in Rule::ALL {
        assert!(page.contains(&format!("### `{}`", rule.name())), "{}", rule.name());
    }
}

//! The views of the committed sample's ledger.

use super::super::assets::Placement;
use super::super::{html, sample, text};
use super::history::Rows;
use super::sentence::{guess, sentence};
use super::{LedgerView, balance};
use crate::document::{Account, Document, Finding};

fn finding() -> Finding {
    sample::leaks().findings.swap_remove(1)
}

fn of(finding: Finding) -> Document {
    let mut doc = sample::leaks();
    doc.findings = vec![finding];
    doc
}

#[test]
fn sentence_says_what_where_by_what_and_how_it_went() {
    let finding = finding();
    let said = sentence(&finding, finding.ledger.as_deref().expect("the sample has one"));
    assert_eq!(
        said,
        "`sample.Node` leaked 4 times per run. Taken at `sample::Parser::attach(sample::Node*)` (parser.cpp:61, inlined \
         into `sample::Parser::element(std::string_view)` parser.cpp:91) by `Py_INCREF`; nothing gives it back after \
         parser.cpp:97. History of one such object: +1 born by _PyObject_New sample::Parser::element(std::string_view) \
         parser.cpp:88 \u{b7} +1 Py_INCREF sample::Parser::attach(sample::Node*) parser.cpp:61 \u{b7} +1/-1 stored by \
         PyDict_SetItemString sample::Parser::element(std::string_view) parser.cpp:93 \u{b7} -1 Py_DECREF \
         sample::Parser::element(std::string_view) parser.cpp:97."
    );
    assert!(guess(finding.ledger.as_deref().expect("a ledger")).contains("A guess: "));
}

#[test]
fn release_that_is_missing_elsewhere_is_said_in_the_same_sentence() {
    let mut finding = finding();
    let ledger = finding.ledger.as_deref_mut().expect("a ledger");
    ledger.missing = ledger.last_seen.clone();
    let ledger = finding.ledger.as_deref().expect("a ledger");
    let said = sentence(&finding, ledger);
    let wanted = "; the matching release is, perhaps, missing in `sample::Parser::element(std::string_view)` \
                  (parser.cpp:97), which gives back other references that are taken there. History";
    assert!(said.contains(wanted), "{said}");
}

#[test]
fn transients_are_one_row_and_balanced_subtrees_are_folded() {
    let finding = finding();
    let ledger = finding.ledger.as_deref().expect("a ledger");
    let rows = Rows::of(ledger).rows;
    let marks: Vec<(&str, i64, bool)> = rows.iter().map(|row| (row.mark.as_str(), row.count, row.guilty)).collect();
    assert_eq!(marks, [("+1", 1, false), ("+1", 2, true), ("+1/-1", 2, false), ("-1", 1, false)]);
    let mut folded = ledger.clone();
    folded.balance[2].released = 36;
    let (rows, _) = balance::rows(&folded);
    assert_eq!((rows.len(), rows[2].folded.as_str(), rows[2].kept.as_str()), (3, "5 rows folded", "balanced"));
    assert_eq!(balance::rows(ledger).0.len(), ledger.balance.len());
}

#[test]
fn page_draws_the_history_and_marks_the_guilty_entry() {
    let page = html::render(&of(finding()), Placement::Inside).expect("a page");
    assert_eq!(page.matches("<svg class=\"timeline\"").count(), 1);
    assert_eq!(page.matches("<path class=\"guilty\"").count(), 1);
    assert!(page.contains("<span class=\"change\">+1</span><span class=\"line\">\u{25b6} 61</span>"));
    assert!(page.contains("<tr class=\"guilty\">") && page.contains("A guess: "));
}

#[test]
fn text_has_the_history_with_runs_and_the_margin() {
    let shown = text::render(&of(finding()));
    for line in
        ["                  > ", "!  2    +1   2  Py_INCREF", "run 1", "+1/-1   2  stored by PyDict_SetItemString"]
    {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
}

#[test]
fn what_is_missing_or_hostile_harms_no_view() {
    let evil = "<script>`\u{202e}\u{0}\x1b[2J".repeat(90);
    let mut finding = finding();
    let ledger = finding.ledger.as_deref_mut().expect("a ledger");
    ledger.reason.clone_from(&evil);
    ledger.notes = vec![evil.clone(); 99];
    for frame in ledger.stacks.iter_mut().flatten().chain(ledger.places.iter_mut().map(|place| &mut place.frame)) {
        [&mut frame.function, &mut frame.file].into_iter().for_each(|text| text.clone_from(&evil));
    }
    ledger.places[0].source[0].text.clone_from(&evil);
    ledger.missing = ledger.places.first().map(|place| place.frame.clone());
    for entry in &mut ledger.history {
        [&mut entry.function, &mut entry.rule].into_iter().for_each(|text| text.clone_from(&evil));
        (entry.stack, entry.pair) = (entry.stack * 7, Some(u32::MAX));
    }
    let doc = of(finding.clone());
    let page = html::render(&doc, Placement::Inside).expect("a page");
    assert_eq!(page.matches("<script").count(), 1, "the page has a script of its own");
    assert!(!page.contains(['\u{202e}', '\u{0}', '\x1b']));
    assert!(!text::render(&doc).contains(['\u{202e}', '\x1b']));

    let ledger = finding.ledger.as_deref_mut().expect("a ledger");
    (ledger.history, ledger.places, ledger.balance, ledger.stacks) = (vec![], vec![], vec![], vec![]);
    (ledger.account, ledger.last_seen) = (Account::Unseen, None);
    assert!(LedgerView::of(&finding, true).is_some());
    let page = html::render(&of(finding), Placement::Inside).expect("a page");
    assert!(page.contains("Nothing is named.") && !page.contains("<svg class=\"timeline\""));
}

#[test]
fn without_debug_information_the_library_and_the_nearest_symbol_are_told() {
    let mut finding = finding();
    let ledger = finding.ledger.as_deref_mut().expect("a ledger");
    let frame = &mut ledger.places[0].frame;
    (frame.line, frame.guess, frame.file) = (0, true, String::new());
    "PyInit_sample".clone_into(&mut frame.function);
    let said = sentence(&finding, finding.ledger.as_deref().expect("a ledger"));
    assert!(said.contains("at `near PyInit_sample` (sample.cpython-312-x86_64-linux-gnu.so+0x5b60"), "{said}");
}

#[test]
fn long_histories_show_what_is_blamed_and_count_the_rest() {
    let mut finding = finding();
    let ledger = finding.ledger.as_deref_mut().expect("a ledger");
    let (balanced, guilty) = (ledger.history[0].clone(), ledger.history[1].clone());
    ledger.history = vec![balanced; 500];
    ledger.history[300] = guilty;
    let rows = Rows::of(ledger);
    assert_eq!((rows.before, rows.rows.len(), rows.after), (280, 60, 160));
    assert!(rows.rows[20].guilty && rows.rows[20].number == 301);
    let said = sentence(&finding, finding.ledger.as_deref().expect("a ledger"));
    assert!(said.contains("of one such object: \u{2026} \u{b7} ") && said.ends_with(" \u{b7} \u{2026}."));
}

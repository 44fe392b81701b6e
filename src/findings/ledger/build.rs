//! From histories to what a finding says of them.

use rustc_hash::FxHashMap;

use super::super::trace::{Frame, Origin, SourceLine};
use super::books::{Books, Page};
use super::calls;
use super::companions::missing;
use super::own::is_own;
use super::reading::{Reading, Stack};
use super::tree::tree;
use super::{Account, Action, Entry, Ledger, Place, Sampled};
use crate::analysis::ledger::{Blame, Guess, guess};
use crate::event::StackId;
use crate::heap::History;

/// Places beyond this number are left out.
const MOST_PLACES: usize = 6;
/// Callers of a place beyond this number are left out.
const MOST_CALLERS: usize = 12;
/// Entries of a history that a document has room for.
const MOST_ENTRIES: usize = 4_000;
/// More references than this are no count: 3.11 starts its static objects at 999 999 999, later versions beyond.
const IMMORTAL: i64 = 100_000_000;

/// What is known of a finding's references.
pub struct Given<'a> {
    /// Histories of objects that leak.
    pub leaking: &'a [History],
    /// Histories of objects of the same birth that do not.
    pub innocent: &'a [History],
    /// Histories of other objects that died in the same audit.
    pub others: &'a [History],
    /// References that one of the objects has too many (negative: too few).
    pub kept: i64,
    /// Objects that the finding is about.
    pub of: u64,
    /// Changes that found no room in the record.
    pub dropped: u64,
    /// A stack with names, innermost first; for each frame whether it is code of an audited extension.
    pub stack: &'a dyn Fn(StackId) -> (Vec<Frame>, Vec<bool>),
    /// The source around a frame's line; empty where it is not there.
    pub source: &'a dyn Fn(&Frame) -> Vec<SourceLine>,
    /// What could not be seen.
    pub notes: Vec<String>,
}

/// What the histories of a finding's objects say about the reference that is not given back.
#[must_use]
pub fn build(given: Given<'_>) -> Ledger {
    let stacks = named_stacks(given.stack, given.leaking.iter().chain(given.innocent));
    let books = Books::new(&stacks, (given.leaking, given.innocent), given.kept);
    let pages: Vec<_> = books.leaking.iter().map(|page| (page.steps.as_slice(), &page.paired)).collect();
    let mut guess = guess(&pages, &books.habits, given.kept);
    if calls::alone(given.leaking) {
        calls::qualify(&mut guess, &books, given.leaking, given.kept);
    }
    let mut notes = given.notes.clone();
    if is_immortal(given.leaking) {
        guess.account = Account::Unseen;
        guess.reason = "Nothing can be named: the object is immortal, its count says nothing.".into();
        guess.blames.clear();
    }
    let (history, stack_list) = history(&books, guess.example, &mut notes);
    let watched = if calls::alone(given.leaking) { 0 } else { given.leaking.len() as u64 };
    let events = books.leaking.iter().map(|page| page.events.len() as u64).sum();
    Ledger {
        account: guess.account,
        reason: guess.reason.clone(),
        places: guess.blames.iter().take(MOST_PLACES).map(|blame| place(&books, blame, &given)).collect(),
        missing: missing(&books, &guess, &given),
        last_seen: last_seen(&books, &guess),
        history,
        stacks: stack_list,
        balance: tree(&books),
        sampled: Sampled { watched, of: given.of, events, dropped: given.dropped },
        notes,
    }
}

/// The stacks of histories, with names.
pub(super) fn named_stacks<'a>(
    stack: &dyn Fn(StackId) -> (Vec<Frame>, Vec<bool>),
    histories: impl IntoIterator<Item = &'a History>,
) -> FxHashMap<StackId, Stack> {
    let mut stacks = FxHashMap::default();
    for event in histories.into_iter().flat_map(|history| &history.events) {
        stacks.entry(event.stack).or_insert_with(|| {
            let (frames, audited) = stack(event.stack);
            Stack { frames, audited }
        });
    }
    stacks
}

fn is_immortal(histories: &[History]) -> bool {
    let mut events = histories.iter().flat_map(|history| &history.events);
    events.any(|event| event.before.max(event.after) > IMMORTAL)
}

/// One history as a document keeps it, and the stacks of its entries.
fn history(books: &Books<'_>, number: usize, notes: &mut Vec<String>) -> (Vec<Entry>, Vec<Vec<Frame>>) {
    let Some(page) = books.leaking.get(number) else { return (vec![], vec![]) };
    if page.events.len() > MOST_ENTRIES {
        notes.push(format!(
            "the history shown has {} changes, of which the first {MOST_ENTRIES} are kept",
            page.events.len()
        ));
    }
    let (mut threads, mut numbers, mut list) = (Vec::new(), FxHashMap::default(), Vec::new());
    let mut entries = Vec::new();
    for number in 0..page.events.len().min(MOST_ENTRIES) {
        let event = &page.events[number];
        let stack = *numbers.entry(event.stack).or_insert_with(|| {
            list.push(books.stacks[&event.stack].frames.clone());
            list.len() as u32 - 1
        });
        let thread = threads.iter().position(|known| *known == event.thread).unwrap_or_else(|| {
            threads.push(event.thread);
            threads.len() - 1
        });
        entries.push(entry(books, page, number, (stack, thread as u32 + 1)));
    }
    (entries, list)
}

fn entry(books: &Books<'_>, page: &Page, number: usize, (stack, thread): (u32, u32)) -> Entry {
    let (event, step) = (&page.events[number], &page.steps[number]);
    let pair = page.paired.pairs[number].filter(|_| page.paired.left[number] == 0);
    let pair = pair.filter(|(other, _)| *other < MOST_ENTRIES);
    Entry {
        run: event.run.0,
        thread,
        change: step.change,
        count: event.mechanism.sees_counts().then_some(event.after),
        mechanism: event.mechanism,
        action: step.action,
        function: function(&books.readings[&event.stack], step.change, step.action),
        stack,
        frame: books.readings[&event.stack].named as u32,
        pair: pair.map(|(other, _)| other as u32),
        rule: pair.map_or_else(String::new, |(_, rule)| rule.name().into()),
    }
}

/// What took or gave back: the function of the C API, or the counting itself.
fn function(reading: &Reading, change: i64, action: Action) -> String {
    match (reading.extension, reading.api.is_empty(), reading.counted_by.is_empty()) {
        (false, ..) => String::new(),
        (_, false, _) => reading.api.clone(),
        (_, _, false) => reading.counted_by.clone(),
        _ if action == Action::Born => String::new(),
        _ => (if change > 0 { "Py_INCREF" } else { "Py_DECREF" }).into(),
    }
}

fn place(books: &Books<'_>, blame: &Blame, given: &Given<'_>) -> Place {
    let (history, step) = blame.example;
    let page = &books.leaking[history];
    let stack = page.events[step].stack;
    let (frames, reading) = (&books.stacks[&stack].frames, &books.readings[&stack]);
    let frame = frames.get(reading.named).cloned().unwrap_or_else(nowhere);
    let outer = frames.iter().skip(reading.named + 1).take_while(|frame| frame.origin != Origin::Python);
    Place {
        callers: outer.filter(|frame| is_own(frame)).take(MOST_CALLERS).cloned().collect(),
        function: function(reading, page.steps[step].change, page.steps[step].action),
        taken: blame.taken,
        released: blame.released,
        unpaired: blame.unpaired,
        source: (given.source)(&frame),
        frame,
    }
}

/// A change whose stack could not be recorded.
fn nowhere() -> Frame {
    Frame {
        origin: Origin::System,
        function: String::new(),
        file: String::new(),
        line: 0,
        module: String::new(),
        offset: String::new(),
        inlined: false,
        guess: false,
    }
}

/// The last that was seen of the call which took it.
fn last_seen(books: &Books<'_>, guess: &Guess) -> Option<Frame> {
    let site = guess.blames.first()?.site;
    let page = books.leaking.get(guess.example)?;
    let is_it = |number: &usize| page.steps[*number].site == site && page.paired.left[*number] > 0;
    let taken = (0..page.steps.len()).find(is_it)?;
    let activation = page.steps[taken].activation;
    let later = (taken + 1..page.steps.len()).rev().find(|&later| page.steps[later].activation == activation)?;
    let stack = page.events[later].stack;
    books.stacks[&stack].frames.get(books.readings[&stack].named).cloned()
}

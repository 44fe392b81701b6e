//! All histories of a finding, understood and paired.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::trace::Frame;
use super::reading::{Known, Reader, Reading, Stack, counters, function_key};
use crate::analysis::ledger::{Action, Habits, Paired, Rule, Step, pair};
use crate::event::{RefEvent, StackId};
use crate::heap::History;

/// One history: what was seen, what it means, how it is paired.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) events: Vec<RefEvent>,
    pub(super) steps: Vec<Step>,
    pub(super) paired: Paired,
}

impl Page {
    fn steps_that_take(&self) -> impl Iterator<Item = usize> {
        let is_one = |(_, step): &(usize, &Step)| step.change > 0 && step.extension;
        self.steps.iter().enumerate().filter(is_one).map(|(number, _)| number)
    }

    /// Whether a reference came with the object, or from a function of the C API, rather than from a `Py_INCREF`.
    pub(super) fn is_made(&self, step: usize) -> bool {
        self.steps[step].action != Action::Inlined
    }

    /// References that one function of an extension took and another gave back that has nothing to do with the call of
    /// the first, as the steps that did: what the first leaves to the second, in a field of some object's.
    pub(super) fn left_to_others(&self) -> impl Iterator<Item = (usize, usize)> {
        self.steps_that_take().filter_map(|taken| {
            let (given, rule) = self.paired.pairs[taken]?;
            let release = &self.steps[given];
            let is_one = matches!(rule, Rule::Elsewhere | Rule::Container)
                && release.extension
                && release.action == Action::Inlined;
            is_one.then_some((taken, given))
        })
    }
}

/// Every history of a finding.
pub(super) struct Books<'a> {
    pub(super) stacks: &'a FxHashMap<StackId, Stack>,
    pub(super) readings: FxHashMap<StackId, Reading>,
    pub(super) leaking: Vec<Page>,
    pub(super) habits: Habits,
}

impl<'a> Books<'a> {
    pub(super) fn new(
        stacks: &'a FxHashMap<StackId, Stack>,
        (leaking, innocent): (&[History], &[History]),
        kept: i64,
    ) -> Self {
        let events = leaking.iter().chain(innocent).flat_map(|history| &history.events);
        let mut known = Known { counters: counters(events, stacks), ..Known::default() };
        let (books, innocents) = Self::with(stacks, (leaking, innocent), kept, known.clone());
        known.givers = books.givers(&innocents);
        if known.givers.is_empty() { books } else { Self::with(stacks, (leaking, innocent), kept, known).0 }
    }

    fn with(
        stacks: &'a FxHashMap<StackId, Stack>,
        (leaking, innocent): (&[History], &[History]),
        kept: i64,
        known: Known,
    ) -> (Self, Vec<Page>) {
        let mut reader = Reader::knowing(known);
        let readings = stacks.iter().map(|(id, stack)| (*id, reader.read(stack))).collect();
        let mut books = Self { stacks, readings, leaking: vec![], habits: Habits::default() };
        let none = Habits::default();
        let innocent: Vec<Page> = innocent.iter().map(|one| books.page(&mut reader, one, &none, 0)).collect();
        for page in &innocent {
            books.habits.add(&page.steps, &page.paired);
        }
        books.leaking = leaking.iter().map(|one| books.page(&mut reader, one, &books.habits, kept)).collect();
        (books, innocent)
    }

    /// The extension's function that made a change, and its frame.
    pub(super) fn actor(&self, event: &RefEvent) -> Option<(String, &Frame)> {
        let reading = self.readings.get(&event.stack).filter(|reading| reading.extension)?;
        let frame = self.stacks[&event.stack].frames.get(reading.named)?;
        Some((function_key(frame), frame))
    }

    fn page(&self, reader: &mut Reader, history: &History, habits: &Habits, kept: i64) -> Page {
        let events: Vec<RefEvent> = history.events.iter().filter(|event| event.change() != 0).copied().collect();
        let nowhere = Reading::default();
        let reading = |event: &RefEvent| self.readings.get(&event.stack).unwrap_or(&nowhere);
        let steps: Vec<Step> = events.iter().map(|event| reader.step(event, reading(event))).collect();
        let paired = pair(&steps, &reader.tree, habits, kept);
        Page { events, steps, paired }
    }

    /// Functions that took a reference for their caller in one history or another, and never for themselves.
    fn givers(&self, innocent: &[Page]) -> FxHashSet<String> {
        let (mut givers, mut keepers) = (FxHashSet::default(), FxHashSet::default());
        for page in self.leaking.iter().chain(innocent) {
            for number in page.steps_that_take() {
                let Some((_, rule)) = page.paired.pairs[number] else { continue };
                let stack = page.events[number].stack;
                let frame = &self.stacks[&stack].frames[self.readings[&stack].named];
                match rule {
                    Rule::Returned => givers.insert(function_key(frame)),
                    Rule::SameFunction | Rule::Habit | Rule::Elsewhere => keepers.insert(function_key(frame)),
                    _ => false,
                };
            }
        }
        givers.retain(|giver| !keepers.contains(giver));
        givers
    }
}

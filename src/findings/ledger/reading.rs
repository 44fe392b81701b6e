//! A stack of frames as what the rules need of it: who acted, in which call of which function, at which place.

use core::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::trace::{Frame, Origin};
use super::own::{is_counting, is_glue, is_helper, is_own, may_be_helper};
use crate::analysis::ledger::{Action, Activations, Step, action_inside, counts_for_caller, puts_in, takes_apart};
use crate::event::{RefEvent, StackId};

/// A stack with names, innermost first.
#[derive(Debug, Clone, Default)]
pub(super) struct Stack {
    pub(super) frames: Vec<Frame>,
    /// For each frame: code of an extension that is audited.
    pub(super) audited: Vec<bool>,
}

/// A stack as it was understood.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    /// Code of an audited extension acted, itself or through a function that it called.
    pub(super) extension: bool,
    /// The frame of it that is the author's own; of Python code where there is no extension.
    pub(super) named: usize,
    /// The function of the C API that the extension called; empty when it counted itself.
    pub(super) api: String,
    /// What counted, when the extension did: a function that was compiled in, as `Py_INCREF`.
    pub(super) counted_by: String,
    /// Code that nobody wrote for this place took it: a wrapper that parses arguments, the inside of a binding library.
    glue: bool,
    died: bool,
    stored: bool,
    inside_giver: bool,
    activation: u32,
    function: u32,
    place: u32,
    call: Option<u32>,
}

/// Numbers for names, calls and places.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) tree: Activations,
    numbers: FxHashMap<String, u32>,
    known: Known,
}

/// What all histories of a finding together tell of functions.
#[derive(Debug, Default, Clone)]
pub(super) struct Known {
    /// Functions that take a reference for their caller.
    pub(super) givers: FxHashSet<String>,
    /// Functions of C in headers that do nothing but count, in one direction.
    pub(super) counters: FxHashSet<String>,
}

impl Reader {
    pub(super) fn knowing(known: Known) -> Self {
        Self { known, ..Self::default() }
    }

    fn number(&mut self, name: String) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(name).or_insert(next)
    }

    /// Understands a stack.
    pub(super) fn read(&mut self, stack: &Stack) -> Reading {
        let groups = groups(&stack.frames);
        let audited = |group: &Range<usize>| stack.audited[group.clone()].contains(&true);
        let mut reading = Reading::default();
        let actor = groups.iter().position(audited);
        if let Some(inner) = actor {
            reading.extension = true;
            let own = self.own(stack, &groups, inner);
            let (group, named) = own.unwrap_or((inner, groups[inner].end - 1));
            reading.glue = own.is_none() || stack.frames[groups[inner].start..=named].iter().any(is_glue);
            reading.inside_giver = (groups[inner].start..named).any(|at| self.is_giver(&stack.frames[at]));
            reading.named = named;
            self.called(&mut reading, stack, (&groups[inner], inner.checked_sub(1).map(|at| &groups[at])));
            self.activate(&mut reading, stack, &groups[group..]);
            if !reading.api.is_empty() && !counts_for_caller(&reading.api) {
                let at = |number: usize| format!("{} {}", stack.frames[number].module, stack.frames[number].offset);
                let (inner, outer) = (at(groups[inner].start), at(groups[group].start));
                reading.call = Some(self.number(format!("call {} {inner} {outer}", reading.activation)));
            }
        } else {
            let python = groups.iter().position(|group| stack.frames[group.start].origin == Origin::Python);
            let first = python.unwrap_or(0);
            reading.named = groups.get(first).map_or(0, |group| group.start);
            self.activate(&mut reading, stack, groups.get(first..).unwrap_or_default());
        }
        // Of Python code that the extension called, names say nothing about containers.
        let is_python = |group: &Range<usize>| stack.frames[group.start].origin == Origin::Python;
        let inside = groups.iter().position(|group| audited(group) || is_python(group));
        let inner = &groups[..inside.unwrap_or(groups.len())];
        let frames = || inner.iter().flat_map(|group| &stack.frames[group.clone()]);
        reading.died = frames().any(|frame| takes_apart(&frame.function));
        reading.stored = frames().any(|frame| puts_in(&frame.function));
        reading
    }

    /// The innermost frame that its author wrote, with its group: rather a function that needed a reference than a
    /// helper that held it, and not one that only takes references for its callers.
    fn own(&self, stack: &Stack, groups: &[Range<usize>], inner: usize) -> Option<(usize, usize)> {
        let audited = |group: &Range<usize>| stack.audited[group.clone()].contains(&true);
        let here = groups.iter().enumerate().skip(inner).take_while(|(_, group)| audited(group));
        let frames: Vec<(usize, usize)> =
            here.flat_map(|(number, group)| group.clone().map(move |frame| (number, frame))).collect();
        let find = |wanted: &dyn Fn(&Frame) -> bool| frames.iter().copied().find(|(_, at)| wanted(&stack.frames[*at]));
        let is_helper = |frame: &Frame| is_helper(frame) || self.is_counter(frame);
        find(&|frame| is_own(frame) && !is_helper(frame) && !self.is_giver(frame))
            .or_else(|| find(&|frame| is_own(frame) && !is_helper(frame)))
            .or_else(|| find(&is_own))
    }

    /// Whom the extension called, or what counted for it.
    fn called(&self, reading: &mut Reading, stack: &Stack, (inner, below): (&Range<usize>, Option<&Range<usize>>)) {
        if let Some(below) = below {
            let frame = &stack.frames[below.end - 1];
            reading.api = match frame.function.is_empty() {
                true => format!("{}+{}", frame.module, frame.offset),
                false => frame.function.clone(),
            };
            return;
        }
        let inside = &stack.frames[inner.start..reading.named.max(inner.start)];
        let counting = inside.iter().find(|frame| is_counting(&frame.function));
        if let Some(frame) = counting.or(inside.last()) {
            reading.counted_by = frame.function.trim_start_matches('_').to_owned();
        }
    }

    fn is_giver(&self, frame: &Frame) -> bool {
        !self.known.givers.is_empty() && self.known.givers.contains(&function_key(frame))
    }

    fn is_counter(&self, frame: &Frame) -> bool {
        !self.known.counters.is_empty() && may_be_helper(frame) && self.known.counters.contains(&function_key(frame))
    }

    /// The call in which it happened, told from others by its callers.
    fn activate(&mut self, reading: &mut Reading, stack: &Stack, outwards: &[Range<usize>]) {
        let mut caller = None;
        for group in outwards.iter().rev() {
            let (inner, outer) = (&stack.frames[group.start], &stack.frames[group.end - 1]);
            let function = self.number(function_key(outer));
            let activation = self.tree.enter(function, caller);
            reading.activation = activation;
            caller = Some((self.number(format!("line {}", place_key(inner))), activation));
        }
        let Some(named) = stack.frames.get(reading.named) else { return };
        reading.function = self.number(format!("written {}", function_key(named)));
        let by = if reading.api.is_empty() { &reading.counted_by } else { &reading.api };
        reading.place = self.number(format!("place {} {by}", line_key(named)));
    }

    /// One event as a step.
    pub(super) fn step(&mut self, event: &RefEvent, reading: &Reading) -> Step {
        let change = event.change();
        let action = match (event.is_birth(), reading.extension, reading.api.is_empty()) {
            (true, ..) => Action::Born,
            (_, true, true) if reading.inside_giver && change > 0 => Action::NewReference,
            (_, true, true) => Action::Inlined,
            (_, true, false) => {
                action_inside(&reading.api, change, if change < 0 { reading.died } else { reading.stored })
            }
            (_, false, _) if change < 0 && reading.died => Action::Deallocated,
            (_, false, _) => Action::Python,
        };
        let sign = if change < 0 { "-" } else { "+" };
        Step {
            change,
            action,
            extension: reading.extension,
            glue: reading.glue,
            activation: reading.activation,
            function: reading.function,
            site: self.number(format!("site {sign}{}", reading.place)),
            call: reading.call,
            thread: event.thread,
        }
    }
}

/// Functions of C in headers that are only seen to count, and in one direction: helpers of those that they count for.
/// One that calls the C API, or both takes and gives back, does work of its own.
pub(super) fn counters<'a>(
    events: impl Iterator<Item = &'a RefEvent>,
    stacks: &FxHashMap<StackId, Stack>,
) -> FxHashSet<String> {
    let (mut counters, mut workers) = (FxHashMap::<String, bool>::default(), FxHashSet::default());
    for event in events.filter(|event| event.change() != 0) {
        let stack = &stacks[&event.stack];
        let Some(actor) = stack.audited.iter().position(|audited| *audited) else { continue };
        let here = stack.frames.iter().zip(&stack.audited).skip(actor).take_while(|(_, audited)| **audited);
        let own = here.map(|(frame, _)| frame).find(|frame| is_own(frame));
        let Some(frame) = own.filter(|frame| may_be_helper(frame)) else { continue };
        let by_itself = actor == 0 || counts_for_caller(&stack.frames[actor - 1].function);
        let takes = event.change() > 0;
        let other = *counters.entry(function_key(frame)).or_insert(takes) != takes;
        if !by_itself || event.is_birth() || other {
            workers.insert(function_key(frame));
        }
    }
    counters.into_keys().filter(|function| !workers.contains(function)).collect()
}

/// Frames that are one call: functions compiled into each other, and the one that they were compiled into.
fn groups(frames: &[Frame]) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut start = 0;
    for (number, frame) in frames.iter().enumerate() {
        if !frame.inlined || number + 1 == frames.len() {
            groups.push(start..number + 1);
            start = number + 1;
        }
    }
    groups
}

pub(super) fn function_key(frame: &Frame) -> String {
    let file = if frame.origin == Origin::Python { &frame.file } else { &frame.module };
    format!("{} {file}", frame.function)
}

/// A call of a function: the very instruction where there is one.
fn place_key(frame: &Frame) -> String {
    format!("{} {} {}", function_key(frame), frame.offset, frame.line)
}

/// A line of source, or the instruction where no line is known.
fn line_key(frame: &Frame) -> String {
    if frame.line > 0 { format!("{} {}:{}", function_key(frame), frame.file, frame.line) } else { place_key(frame) }
}

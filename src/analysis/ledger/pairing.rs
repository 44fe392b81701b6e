//! Pairs the changes of one object's count.

use super::activation::Activations;
use super::candidates::{Rivals, Tokens};
use super::habits::Habits;
use super::rule::Rule;
use super::step::{Action, Step};

/// A history whose entries are paired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paired {
    /// For each step the one that it is paired with, and why.
    pub pairs: Vec<Option<(usize, Rule)>>,
    /// For each step how much of its change nothing is paired with: positive taken, negative given back.
    pub left: Vec<i64>,
    /// Pairs that could as well have been made otherwise: what was taken in the pair, and instead of which.
    pub rivals: Vec<(usize, usize)>,
}

impl Paired {
    /// The steps that took references which nothing gives back.
    pub fn taken(&self) -> impl Iterator<Item = usize> {
        self.left.iter().enumerate().filter(|(_, left)| **left > 0).map(|(number, _)| number)
    }

    /// The steps that gave back what nothing had taken.
    pub fn given(&self) -> impl Iterator<Item = usize> {
        self.left.iter().enumerate().filter(|(_, left)| **left < 0).map(|(number, _)| number)
    }
}

/// Pairs the steps of one history. `kept` is how many references the object has too many (negative: too few):
/// rules that only suppose something stop where they would explain away what is known to be wrong.
#[must_use]
pub fn pair(steps: &[Step], tree: &Activations, habits: &Habits, kept: i64) -> Paired {
    let mut ledger = Pairing { tokens: Tokens::new(steps, tree, habits), kept };
    ledger.same_call();
    ledger.certain();
    for rule in [
        Rule::Returned,
        Rule::HandedDown,
        Rule::Stolen,
        Rule::ReturnedToPython,
        Rule::Container,
        Rule::Elsewhere,
        Rule::PythonGave,
    ] {
        ledger.supposed(rule);
    }
    ledger.exchange();
    let Tokens { pairs, left, rivals, .. } = ledger.tokens;
    Paired { pairs, left, rivals }
}

struct Pairing<'a> {
    tokens: Tokens<'a>,
    kept: i64,
}

impl Pairing<'_> {
    /// Transients: a call of the C API that gives back what the same call took.
    fn same_call(&mut self) {
        let steps = self.tokens.steps;
        for (number, step) in steps.iter().enumerate().filter(|(_, step)| step.change < 0 && step.call.is_some()) {
            let before = || (0..number).rev().map(|earlier| (earlier, &steps[earlier]));
            let is_other = |other: &Step| other.activation == step.activation && other.call != step.call;
            let inside = before()
                .filter(|(_, other)| other.thread == step.thread)
                .take_while(|(_, other)| !is_other(other))
                .filter(|(earlier, other)| other.call == step.call && self.tokens.left[*earlier] > 0);
            let taken: Vec<usize> =
                inside.filter(|(_, other)| other.action != Action::Born).map(|(at, _)| at).collect();
            for taken in taken {
                self.tokens.join(taken, number, Rule::SameCall);
            }
        }
    }

    /// Rules that follow from who did it, in order of time.
    fn certain(&mut self) {
        for number in 0..self.tokens.steps.len() {
            while self.tokens.left[number] < 0 {
                let found = match self.tokens.steps[number].action {
                    Action::Python | Action::Unknown | Action::Born => self.python(number),
                    Action::Deallocated | Action::Released => self.container(number),
                    Action::Inlined | Action::NewReference | Action::Stored => self.own(number),
                };
                let Some((taken, rule, rivals)) = found else { break };
                self.tokens.join_with_rivals(taken, number, rule, rivals);
            }
        }
    }

    fn own(&self, number: usize) -> Option<(usize, Rule, Rivals)> {
        let me = &self.tokens.steps[number];
        // Of an over-release it is the other way round: the author's release is the one too many.
        if self.kept >= 0 {
            let glue =
                self.tokens.before(number, |step| step.is_taken() && step.glue && step.action == Action::Inlined);
            if let Some(taken) = glue.last() {
                return Some((*taken, Rule::Glue, vec![]));
            }
        }
        let spoken_for = !me.glue && self.kept < 0 && self.tokens.glue_gives_later(number);
        let mine = self
            .tokens
            .before(number, |step| step.is_taken() && step.activation == me.activation && !(spoken_for && step.glue));
        if let Some(habit) = self.tokens.by_habit(&mine, number) {
            return Some((habit, Rule::Habit, vec![]));
        }
        let function = |taken: &&usize| self.tokens.steps[**taken].function == me.function;
        let same: Vec<usize> = mine.iter().filter(function).copied().collect();
        let from = if same.is_empty() { &mine } else { &same };
        // The last thing that a function does is to give back the reference which it made the object with.
        let born = from.iter().copied().find(|&taken| self.tokens.steps[taken].action == Action::Born);
        let chosen = born.filter(|_| self.tokens.is_last_of_activation(number)).or(from.last().copied())?;
        Some((chosen, Rule::SameFunction, from.clone()))
    }

    fn container(&self, number: usize) -> Option<(usize, Rule, Rivals)> {
        let me = &self.tokens.steps[number];
        let stored = self.tokens.before(number, Step::is_stored);
        let here = |taken: &&usize| self.tokens.steps[**taken].activation == me.activation;
        if let Some(habit) = self.tokens.by_habit(&stored, number) {
            return Some((habit, Rule::Container, vec![]));
        }
        if let Some(taken) = stored.iter().rfind(here).or(stored.last()) {
            return Some((*taken, Rule::Container, vec![]));
        }
        let mine = self.tokens.before(number, |step| step.is_taken() && step.activation == me.activation);
        if me.action == Action::Released
            && let Some(taken) = mine.iter().rfind(|taken| self.tokens.steps[**taken].action == Action::NewReference)
        {
            return Some((*taken, Rule::SameFunction, vec![]));
        }
        if let Some(taken) = self.tokens.by_habit(&mine, number).or(mine.first().copied()) {
            return Some((taken, Rule::Stolen, mine));
        }
        // A container of Python's own.
        if me.extension { None } else { self.python(number) }
    }

    fn python(&self, number: usize) -> Option<(usize, Rule, Rivals)> {
        let me = &self.tokens.steps[number];
        let theirs = self.tokens.before(number, Step::is_pythons);
        let here = theirs.iter().rfind(|taken| self.tokens.steps[**taken].activation == me.activation);
        here.or(theirs.last()).map(|taken| (*taken, Rule::Python, vec![]))
    }

    /// One of the rules that suppose something, for all that is still without a partner.
    fn supposed(&mut self, rule: Rule) {
        for number in 0..self.tokens.steps.len() {
            while self.tokens.left[number] < 0 && self.too_few() {
                let Some((taken, rivals)) = self.tokens.supposed(number, rule, self.spare()) else { break };
                self.tokens.join_with_rivals(taken, number, rule, rivals);
            }
        }
    }

    /// More was given back without a partner than is known to be too much.
    fn too_few(&self) -> bool {
        let given: i64 = self.tokens.left.iter().filter(|left| **left < 0).sum();
        -given > (-self.kept).max(0)
    }

    /// More of the extension's references are without a partner than are known to be too many.
    fn spare(&self) -> bool {
        self.tokens.taken_left() > self.kept.max(0)
    }

    /// What Python code gave back may have been the extension's, where more of these are left than is wrong.
    fn exchange(&mut self) {
        while self.kept > 0 && self.spare() {
            let Some((taken, given, rivals)) = self.tokens.returned_instead() else { return };
            self.tokens.part(given);
            self.tokens.join_with_rivals(taken, given, Rule::ReturnedToPython, rivals);
        }
    }
}

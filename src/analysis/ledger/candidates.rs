//! References that were taken and are still without a partner, and who may have given them back.

use super::activation::Activations;
use super::habits::Habits;
use super::rule::Rule;
use super::step::{Action, Step};

/// What else could have been chosen.
pub(super) type Rivals = Vec<usize>;

/// The state of a pairing.
pub(super) struct Tokens<'a> {
    pub(super) steps: &'a [Step],
    tree: &'a Activations,
    habits: &'a Habits,
    pub(super) pairs: Vec<Option<(usize, Rule)>>,
    pub(super) left: Vec<i64>,
    pub(super) rivals: Vec<(usize, usize)>,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(steps: &'a [Step], tree: &'a Activations, habits: &'a Habits) -> Self {
        let left = steps.iter().map(|step| step.change).collect();
        Self { steps, tree, habits, pairs: vec![None; steps.len()], left, rivals: vec![] }
    }

    /// Pairs as much of two steps as both have left.
    pub(super) fn join(&mut self, taken: usize, given: usize, rule: Rule) {
        let amount = self.left[taken].min(-self.left[given]);
        if amount > 0 {
            self.left[taken] -= amount;
            self.left[given] += amount;
            self.pairs[taken] = Some((given, rule));
            self.pairs[given] = Some((taken, rule));
        }
    }

    pub(super) fn join_with_rivals(&mut self, taken: usize, given: usize, rule: Rule, rivals: Rivals) {
        self.join(taken, given, rule);
        self.rivals.extend(rivals.into_iter().filter(|rival| *rival != taken).map(|rival| (taken, rival)));
    }

    /// Takes a pair of single references apart.
    pub(super) fn part(&mut self, given: usize) {
        if let Some((taken, _)) = self.pairs[given].take() {
            self.pairs[taken] = None;
            self.left[taken] += 1;
            self.left[given] -= 1;
        }
    }

    /// What is still without a partner and came before a step, in order of time.
    pub(super) fn before(&self, number: usize, wanted: impl Fn(&Step) -> bool) -> Vec<usize> {
        (0..number).filter(|&earlier| self.left[earlier] > 0 && wanted(&self.steps[earlier])).collect()
    }

    /// References of the extension's own that nothing gives back so far.
    pub(super) fn taken_left(&self) -> i64 {
        let taken = self.steps.iter().zip(&self.left).filter(|(step, _)| step.is_taken());
        taken.map(|(_, left)| (*left).max(0)).sum()
    }

    /// The one that objects which do not leak give back at a step's place; the last of equals.
    pub(super) fn by_habit(&self, from: &[usize], number: usize) -> Option<usize> {
        let given = self.steps[number].site;
        let often = |taken: usize| self.habits.pairs(self.steps[taken].site, given);
        from.iter().copied().filter(|&taken| often(taken) > 0).max_by_key(|&taken| (often(taken), taken))
    }

    /// Whether the call of a step does nothing to the object afterwards.
    pub(super) fn is_last_of_activation(&self, number: usize) -> bool {
        let activation = self.steps[number].activation;
        let is_real = |later: &usize| !matches!(self.pairs[*later], Some((_, Rule::SameCall)));
        !(number + 1..self.steps.len()).filter(is_real).any(|later| self.steps[later].activation == activation)
    }

    /// Whether generated code gives back something after a step: what it took before is its own.
    pub(super) fn glue_gives_later(&self, number: usize) -> bool {
        self.steps.iter().zip(&self.left).skip(number + 1).any(|(step, left)| step.glue && *left < 0)
    }

    /// Whom a rule that supposes something pairs a step with. `spare`: the extension's references outnumber
    /// those that are known to be too many, so Python may have got one of them.
    pub(super) fn supposed(&self, number: usize, rule: Rule, spare: bool) -> Option<(usize, Rivals)> {
        let me = &self.steps[number];
        let inlined = me.extension && me.action == Action::Inlined;
        let died = matches!(me.action, Action::Deallocated | Action::Released);
        let from = match rule {
            Rule::Returned if inlined => {
                self.before(number, |step| step.is_taken() && self.tree.within(step.activation, me.activation))
            }
            Rule::HandedDown if inlined => {
                self.before(number, |step| step.is_taken() && self.tree.within(me.activation, step.activation))
            }
            Rule::Stolen if died && (me.extension || spare) => self.before(number, Step::is_taken),
            Rule::ReturnedToPython if !me.extension && !died && spare => self.before(number, Step::is_taken),
            Rule::Container => self.before(number, Step::is_stored),
            Rule::Elsewhere if inlined => self.before(number, Step::is_taken),
            Rule::PythonGave => self.before(number, Step::is_pythons),
            _ => return None,
        };
        let chosen = match rule {
            _ if self.by_habit(&from, number).is_some() => return Some((self.by_habit(&from, number)?, vec![])),
            Rule::Returned | Rule::HandedDown | Rule::Container | Rule::PythonGave => from.last().copied()?,
            Rule::Elsewhere => self.earliest(&from)?,
            _ => self.handed_over(&from)?,
        };
        // What stands in containers, or is Python's, is no rival to be named.
        let rivals = if matches!(rule, Rule::Container | Rule::PythonGave) { vec![] } else { from };
        Some((chosen, rivals))
    }

    /// Of the earliest call: the reference that the object was made with, else the first.
    fn earliest(&self, from: &[usize]) -> Option<usize> {
        let activation = self.steps[*from.first()?].activation;
        let here: Vec<usize> = from.iter().copied().filter(|&at| self.steps[at].activation == activation).collect();
        here.iter().copied().find(|&at| self.steps[at].action == Action::Born).or(here.first().copied())
    }

    /// What a function hands over: the reference that the object came with, else the one taken last.
    fn handed_over(&self, from: &[usize]) -> Option<usize> {
        let of = |action| from.iter().copied().rfind(|&at| self.steps[at].action == action);
        of(Action::Born).or_else(|| of(Action::NewReference)).or_else(|| from.last().copied())
    }

    /// A reference of the extension's and a step of Python's, paired otherwise so far, that may belong together.
    pub(super) fn returned_instead(&self) -> Option<(usize, usize, Rivals)> {
        let is_pythons = |&given: &usize| {
            self.steps[given].change == -1
                && !self.steps[given].extension
                && matches!(self.pairs[given], Some((_, Rule::Python)))
        };
        let given = (0..self.steps.len()).rev().find(is_pythons)?;
        let from = self.before(given, Step::is_taken);
        Some((self.handed_over(&from)?, given, from))
    }
}

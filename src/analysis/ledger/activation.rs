//! Calls of functions, told apart by their callers.

use rustc_hash::FxHashMap;

/// An activation as its function, the line of the caller that called it, and the caller's activation.
type Key = (u32, Option<(u32, u32)>);

/// A tree of calls. A stack does not tell two calls of one function apart when all of their callers are the same:
/// they count as one, which the rules survive because such calls come one after the other.
#[derive(Debug, Clone, Default)]
pub struct Activations {
    numbers: FxHashMap<Key, u32>,
    callers: Vec<Option<u32>>,
}

impl Activations {
    /// The call of a function from a line of an activation, `(line, activation)`; `None` for the outermost.
    pub fn enter(&mut self, function: u32, caller: Option<(u32, u32)>) -> u32 {
        let next = self.callers.len() as u32;
        let number = *self.numbers.entry((function, caller)).or_insert(next);
        if number == next {
            self.callers.push(caller.map(|(_, activation)| activation));
        }
        number
    }

    /// Whether one call was made, directly or not, by another one. Nothing is within itself.
    #[must_use]
    pub fn within(&self, inner: u32, outer: u32) -> bool {
        let caller = |number: &u32| self.callers.get(*number as usize).copied().flatten();
        std::iter::successors(caller(&inner), caller).any(|number| number == outer)
    }
}

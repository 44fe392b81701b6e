//! What becomes of the other references that a function takes: where these are given back, one is missing.

use rustc_hash::FxHashMap;

use super::super::trace::Frame;
use super::books::Books;
use super::build::{Given, named_stacks};
use crate::analysis::ledger::Guess;

/// Other objects that are looked at.
const MOST_OTHERS: usize = 400;
/// So many of them must agree.
const ENOUGH: usize = 2;

/// Where a release is missing: the one function that gives back other references, to these objects or to others, which
/// the blamed function takes and leaves to somebody else. Like is compared with like: a function that makes an object and
/// leaves it to a field, and counts it once more, has counted once too often.
pub(super) fn missing(books: &Books<'_>, guess: &Guess, given: &Given<'_>) -> Option<Frame> {
    let (history, step) = guess.blames.first().filter(|_| given.kept > 0)?.example;
    let page = &books.leaking[history];
    let ((taker, _), made) = (books.actor(&page.events[step])?, page.is_made(step));
    let others = &given.others[..given.others.len().min(MOST_OTHERS)];
    let stacks = named_stacks(given.stack, others);
    let theirs = Books::new(&stacks, (others, &[]), 0);
    let mut givers: FxHashMap<String, (usize, Frame)> = FxHashMap::default();
    for books in [books, &theirs] {
        for page in &books.leaking {
            // An object counts once, however often it is taken.
            let mut by: Vec<(String, &Frame)> = Vec::new();
            for (taken, given) in page.left_to_others(made) {
                let is_takers = books.actor(taken).is_some_and(|(function, _)| function == taker);
                by.extend(books.actor(given).filter(|(function, _)| is_takers && *function != taker));
            }
            by.sort_by(|a, b| a.0.cmp(&b.0));
            by.dedup_by(|a, b| a.0 == b.0);
            for (function, frame) in by {
                givers.entry(function).or_insert_with(|| (0, frame.clone())).0 += 1;
            }
        }
    }
    // Two functions that give such references back leave open which one ought to.
    let mut givers = givers.into_values();
    let (count, frame) = givers.next().filter(|_| givers.next().is_none())?;
    (count >= ENOUGH).then_some(frame)
}

//! What becomes of the other references that a function takes: where these are given back, one is missing.

use rustc_hash::FxHashMap;

use super::super::trace::Frame;
use super::books::{Books, Page};
use super::build::{Given, named_stacks};
use crate::analysis::ledger::Guess;

/// Other objects that are looked at.
const MOST_OTHERS: usize = 400;
/// So many of them must agree.
const ENOUGH: usize = 2;

/// Where a release is missing: the one function that gives back other references, to these objects or to others, which
/// the blamed function takes and leaves to somebody else.
///
/// Like is compared with like: a function that makes an object and leaves it to a field, and counts it once more, has
/// counted once too often. For the same reason one release of the very objects that leak tells nothing: only a function
/// that gives back several of them may have forgotten one.
pub(super) fn missing(books: &Books<'_>, guess: &Guess, given: &Given<'_>) -> Option<Frame> {
    let (history, step) = guess.blames.first().filter(|_| given.kept > 0)?.example;
    let page = &books.leaking[history];
    let ((taker, _), made) = (books.actor(&page.events[step])?, page.is_made(step));
    let others = &given.others[..given.others.len().min(MOST_OTHERS)];
    let stacks = named_stacks(given.stack, others);
    let theirs = Books::new(&stacks, (others, &[]), 0);
    let mut givers: FxHashMap<String, (usize, Frame)> = FxHashMap::default();
    for (books, least) in [(books, 2), (&theirs, 1)] {
        for page in &books.leaking {
            for (function, frame) in enders(books, page, (&taker, made), least) {
                givers.entry(function).or_insert_with(|| (0, frame.clone())).0 += 1;
            }
        }
    }
    // Two functions that give such references back leave open which one ought to.
    let mut givers = givers.into_values();
    let (count, frame) = givers.next().filter(|_| givers.next().is_none())?;
    (count >= ENOUGH).then_some(frame)
}

/// Functions that give back at least so many of one object's references which a function left to them, one of the kind
/// at least.
fn enders<'a>(
    books: &'a Books<'_>,
    page: &Page,
    (taker, made): (&str, bool),
    least: usize,
) -> impl Iterator<Item = (String, &'a Frame)> {
    let mut ends: FxHashMap<String, (usize, bool, &Frame)> = FxHashMap::default();
    for (taken, given) in page.left_to_others() {
        let is_takers = books.actor(&page.events[taken]).is_some_and(|(function, _)| function == taker);
        let Some((function, frame)) = books.actor(&page.events[given]).filter(|(it, _)| is_takers && it != taker)
        else {
            continue;
        };
        let end = ends.entry(function).or_insert((0, false, frame));
        end.0 += 1;
        end.1 |= page.is_made(taken) == made;
    }
    let enough = move |(count, alike, _): &(usize, bool, &Frame)| *count >= least && *alike;
    ends.into_iter().filter(move |(_, end)| enough(end)).map(|(function, (.., frame))| (function, frame))
}

//! What calls alone say of objects that no watch covered: candidates, never more.

use rustc_hash::FxHashMap;

use super::super::trace::Frame;
use super::books::Books;
use crate::analysis::ledger::{Account, Guess};
use crate::event::{Mechanism, RefEvent};
use crate::heap::History;

/// Places that the sentence has room for, of each kind.
const MOST: usize = 4;

/// Whether all that is known of some objects is what functions of the C API did with them, and at least one of these
/// returned a reference or took one over.
pub(super) fn alone(histories: &[History]) -> bool {
    any(histories, |event| event.mechanism == Mechanism::CallEffect) && !histories.iter().any(History::sees_counts)
}

fn any(histories: &[History], wanted: impl Fn(&RefEvent) -> bool) -> bool {
    histories.iter().flat_map(|history| &history.events).any(wanted)
}

/// Makes a guess what it can be here: with places, a choice among several, unless the extension counts by imported
/// functions, too, which were seen then.
pub(super) fn qualify(guess: &mut Guess, books: &Books<'_>, histories: &[History], kept: i64) {
    let counted = any(histories, |event| event.mechanism == Mechanism::ImportTable && !event.is_death());
    if !counted && guess.account == Account::Named {
        guess.account = Account::Ambiguous;
    }
    let unseen = if counted { "" } else { "what code compiled into the extension counts, nor " };
    let mut words = format!(
        "Candidates only: no watch covered these objects. Calls do not tell {unseen}what the interpreter does."
    );
    let told = |change: i64| places(books, histories, change);
    words.push_str(&list(" New references to them were returned to", "by", &told(1), histories.len()));
    words.push_str(&list(" Given away:", "to", &told(-1), histories.len()));
    if kept < 0 {
        words.push_str(&list(
            " Borrowed references, not to be given back, were returned to",
            "by",
            &told(0),
            histories.len(),
        ));
    }
    guess.reason = words;
}

/// A line of the extension's, the function called there, and how often.
type Called = (String, String, u64);

/// Where calls changed what the extension owns, the most frequent first.
fn places(books: &Books<'_>, histories: &[History], change: i64) -> Vec<Called> {
    let mut places: Vec<Called> = Vec::new();
    let mut known: FxHashMap<(String, String), usize> = FxHashMap::default();
    let events = histories.iter().flat_map(|history| &history.events);
    for event in events.filter(|event| event.mechanism == Mechanism::CallEffect && event.change() == change) {
        let Some(reading) = books.readings.get(&event.stack) else { continue };
        let Some(frame) = books.stacks[&event.stack].frames.get(reading.named) else { continue };
        let key = (at(frame), reading.api.clone());
        let place = *known.entry(key.clone()).or_insert_with(|| {
            places.push((key.0, key.1, 0));
            places.len() - 1
        });
        places[place].2 += 1;
    }
    places.sort_by_key(|(.., times)| core::cmp::Reverse(*times));
    places
}

fn at(frame: &Frame) -> String {
    let file = frame.file.rsplit('/').next().unwrap_or_default();
    let place =
        if frame.line > 0 { format!("{file}:{}", frame.line) } else { format!("{}+{}", frame.module, frame.offset) };
    if frame.function.is_empty() { place } else { format!("{} ({place})", frame.function) }
}

fn list(what: &str, how: &str, places: &[Called], objects: usize) -> String {
    if places.is_empty() {
        return String::new();
    }
    let of = if objects == 1 { "1 object".into() } else { format!("{objects} objects") };
    let word = |(place, function, times): &Called| {
        let often = if *times == 1 { "once".into() } else { format!("{times} times") };
        format!(" {place} {how} {function}, {often}")
    };
    let mut words: Vec<String> = places.iter().take(MOST).map(word).collect();
    if places.len() > MOST {
        words.push(format!(" and {} more places", places.len() - MOST));
    }
    format!("{what}{} (of {of}).", words.join(";"))
}

//! What the ledger says, in one sentence for a person. Names stand between backticks.

use super::super::visible::{CELL, SENTENCE, visible};
use super::history::Rows;
use super::place::{at, name};
use crate::document::{Account, Finding, Ledger, LedgerPlace, Mechanism};

/// Entries that the sentence has room for.
const MOST: usize = 8;

/// What, where, by what, and how it went with one such object.
pub(super) fn sentence(finding: &Finding, ledger: &Ledger) -> String {
    let mut words = how_often(finding);
    if let Some(place) = ledger.places.first() {
        words.push_str(&where_taken(ledger, place));
    }
    let history = in_short(ledger);
    if !history.is_empty() {
        words.push_str(&format!(" History of one such object: {history}."));
    }
    words
}

/// What the ledger says and how sure that is, in words.
pub(in crate::report) fn in_words(finding: &Finding, ledger: &Ledger) -> String {
    visible(&format!("{} {}", sentence(finding, ledger), guess(ledger)), SENTENCE)
}

/// The guess in words, with its reason.
pub(super) fn guess(ledger: &Ledger) -> String {
    let sure = match ledger.account {
        Account::Named => "One place is named.",
        Account::Ambiguous => "Ambiguous: more than one place could be it.",
        Account::Unseen => "Nothing is named.",
    };
    format!("{sure} {}", ledger.reason)
}

fn code(text: &str) -> String {
    format!("`{}`", visible(&text.replace('`', "'"), CELL))
}

fn how_often(finding: &Finding) -> String {
    let name = if finding.type_name.is_empty() { "block" } else { &finding.type_name };
    let over = finding.total < 0;
    let verb = if over { "given back too often," } else { "leaked" };
    let times = match finding.per_run.as_slice() {
        [first, rest @ ..] if rest.iter().all(|count| count == first) && *first != 0 => {
            format!("{} per run", times(first.unsigned_abs()))
        }
        _ => format!("{} in all", times(finding.total.unsigned_abs())),
    };
    format!("{} {verb} {times}.", code(name))
}

fn times(number: u64) -> String {
    match number {
        1 => "once".into(),
        2 => "twice".into(),
        number => format!("{number} times"),
    }
}

fn where_taken(ledger: &Ledger, place: &LedgerPlace) -> String {
    if place.function == "tp_dealloc" {
        let (by, at_place) = (code(&name(&place.frame)), at(&place.frame));
        return format!(
            " Taken when instances are allocated; {by} ({at_place}), their `tp_dealloc`, does not give it back."
        );
    }
    let over = place.unpaired < 0;
    let chain = place.callers.first().map_or_else(String::new, |caller| {
        let how = if place.frame.inlined { "inlined into" } else { "called by" };
        format!(", {how} {} {}", code(&name(caller)), visible(&at(caller), CELL))
    });
    let verb = if over { "Given back" } else { "Taken" };
    let perhaps = if ledger.account == Account::Ambiguous { ", perhaps," } else { "" };
    let by = if place.function.is_empty() { String::new() } else { format!(" by {}", code(&place.function)) };
    let at_place = at(&place.frame);
    let mut words = format!(" {verb}{perhaps} at {} ({at_place}{chain}){by}", code(&name(&place.frame)));
    if ledger.history.iter().any(|entry| entry.mechanism == Mechanism::CallEffect) {
        words.push_str(", as far as calls tell.");
        return words;
    }
    words.push_str(match (over, &ledger.last_seen) {
        (true, _) => "; nothing had taken it before",
        (false, Some(_)) => "; nothing gives it back after ",
        (false, None) => "; nothing gives it back, and nothing is seen of the object after that in this call",
    });
    if let (false, Some(last)) = (over, &ledger.last_seen) {
        words.push_str(&at(last));
    }
    if let (false, Some(missing)) = (over, &ledger.missing) {
        words.push_str(&format!(
            "; the matching release is, perhaps, missing in {} ({}), which gives back other references that are taken there",
            code(&name(missing)),
            visible(&at(missing), CELL),
        ));
    }
    words.push('.');
    words
}

/// `+1 PyDict_New native.c:40 · +1 native.c:42 · +1/-1 PyDict_SetItemString · -1 native.c:99`
fn in_short(ledger: &Ledger) -> String {
    let rows = Rows::of(ledger);
    let guilty = rows.rows.iter().position(|row| row.guilty).unwrap_or(0);
    let start = if rows.rows.len() <= MOST { 0 } else { guilty.saturating_sub(2).min(rows.rows.len() - MOST) };
    let shown = rows.rows.iter().skip(start).take(MOST);
    let mut words: Vec<String> =
        shown.map(|row| format!("{} {} {}", row.mark, row.what, row.place).replace('`', "'")).collect();
    if rows.before + start > 0 {
        words.insert(0, "\u{2026}".into());
    }
    if rows.after + rows.rows.len() > start + MOST {
        words.push("\u{2026}".into());
    }
    words.join(" \u{b7} ")
}

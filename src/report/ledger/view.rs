//! A ledger as the HTML template is given it.

use super::super::pieces::{Prose, prose};
use super::super::visible::{SENTENCE, count};
use super::balance::{BalanceRow, rows};
use super::history::Rows;
use super::picture::Timeline;
use super::place::PlaceView;
use super::sentence::{guess, sentence};
use crate::document::{Account, Finding, Ledger};
use serde::Serialize;

/// Notes that are shown.
const MOST_NOTES: usize = 12;

#[derive(Serialize)]
pub(in crate::report) struct LedgerView {
    class: &'static str,
    sentence: Prose,
    guess: Prose,
    places: Vec<PlaceView>,
    history: Rows,
    timeline: Option<Timeline>,
    balance: Vec<BalanceRow>,
    balance_left_out: usize,
    sampled: String,
    notes: Vec<Prose>,
}

impl LedgerView {
    pub(in crate::report) fn of(finding: &Finding, drawn: bool) -> Option<Self> {
        let ledger = finding.ledger.as_deref()?;
        let history = Rows::of(ledger);
        let (balance, balance_left_out) = rows(ledger);
        Some(Self {
            class: class(ledger.account),
            sentence: prose(&sentence(finding, ledger), SENTENCE),
            guess: prose(&guess(ledger), SENTENCE),
            places: PlaceView::all(ledger),
            timeline: Timeline::of(&history).filter(|_| drawn),
            history,
            balance,
            balance_left_out,
            sampled: sampled(ledger),
            notes: ledger.notes.iter().take(MOST_NOTES).map(|note| prose(note, SENTENCE)).collect(),
        })
    }
}

fn class(account: Account) -> &'static str {
    match account {
        Account::Named => "named",
        Account::Ambiguous => "ambiguous",
        Account::Unseen => "unseen",
    }
}

/// How much was watched.
pub(super) fn sampled(ledger: &Ledger) -> String {
    let sampled = &ledger.sampled;
    let watched = if sampled.watched >= sampled.of {
        format!("{} watched", count(sampled.watched, "object", "objects"))
    } else {
        format!("{} of {} watched", sampled.watched, count(sampled.of, "object", "objects"))
    };
    let dropped = match sampled.dropped {
        0 => String::new(),
        dropped => format!("; {} found no room, so histories have gaps", count(dropped, "change", "changes")),
    };
    format!("{watched}, {} recorded{dropped}.", count(sampled.events, "change", "changes"))
}

//! The reference ledger of a finding: one sentence, the history of one object, what each function took and gave back.

mod balance;
mod history;
mod picture;
mod place;
mod sentence;
#[cfg(test)]
mod tests;
mod text;
mod view;

pub(super) use history::history_steps;
pub(super) use sentence::in_words;
pub(super) use text::{history_text, ledger_lines};
pub(super) use view::LedgerView;

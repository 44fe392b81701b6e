//! From recorded changes of counts to the ledger of a finding.

use super::stacks;
use crate::findings::{Given, Ledger, build};
use crate::heap::History;

/// What is known of a finding's references.
pub(super) struct Accounts<'a> {
    /// Histories of its objects.
    pub(super) leaking: &'a [History],
    /// Histories of objects of the same births that died: evidence against which the others are held.
    pub(super) innocent: &'a [History],
    /// Histories of others that died: what became of what the same functions took.
    pub(super) others: &'a [History],
    /// References that one of the objects has too many (negative: too few).
    pub(super) kept: i64,
    /// Objects that the finding is about.
    pub(super) of: u64,
    /// Changes that found no room in the record.
    pub(super) dropped: u64,
}

/// What the histories of a finding's objects say about the reference that is not given back.
pub(super) fn ledger(accounts: &Accounts<'_>, scope: &[String], notes: Vec<String>) -> Ledger {
    build(Given {
        leaking: accounts.leaking,
        innocent: accounts.innocent,
        others: accounts.others,
        kept: accounts.kept,
        of: accounts.of,
        dropped: accounts.dropped,
        stack: &|stack| stacks::audited(stack, scope),
        source: &|frame| stacks::source(&frame.file, frame.line, scope),
        notes,
    })
}

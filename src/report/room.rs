//! How much of a document has room on a page.

use crate::document::Finding;

/// A page that is too large loses stacks before it loses findings, but the stacks of these never.
const FEWEST_STACKS: usize = 40;

/// Pictures repeat what is there in words: the least urgent ones go first of all.
const MOST_PICTURES: usize = 40;
const FEWEST_PICTURES: usize = 5;

/// Ledgers are long, and whole in the JSON document.
const FEWEST_LEDGERS: usize = 5;

/// What is shown of each kind; the least urgent is left out first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) findings: usize,
    /// Findings that have their stacks shown.
    pub(super) stacks: usize,
    /// Stacks of each of these.
    pub(super) traces: usize,
    /// Findings, and cycles, that have their pictures shown.
    pub(super) pictures: usize,
    /// Findings that have their reference ledger shown.
    pub(super) ledgers: usize,
}

impl Room {
    pub(super) fn for_findings(findings: usize) -> Self {
        Self { findings, stacks: findings, traces: Finding::MOST_TRACES, pictures: MOST_PICTURES, ledgers: findings }
    }

    /// The next smaller page: first fewer pictures, whose text stays; then fewer ledgers; then only the most costly stack of each finding, then stacks of the
    /// most urgent findings alone, then fewer findings. `fits` is the part of the page that was not
    /// too much, so that one far too large does not shrink in many steps.
    pub(super) fn less(self, fits: f64) -> Self {
        let part = |number: usize, most: f64| (number as f64 * fits.min(most)) as usize;
        if self.pictures > FEWEST_PICTURES {
            Self { pictures: FEWEST_PICTURES, ..self }
        } else if self.ledgers > FEWEST_LEDGERS {
            Self { ledgers: FEWEST_LEDGERS, ..self }
        } else if self.traces > 1 {
            Self { traces: 1, ..self }
        } else if self.stacks > FEWEST_STACKS {
            Self { stacks: part(self.stacks, 0.7).max(FEWEST_STACKS), ..self }
        } else {
            let findings = part(self.findings, 0.5);
            Self { findings, stacks: self.stacks.min(findings), ..self }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_shrinks_to_nothing_and_stacks_go_first() {
        let mut room = Room::for_findings(500);
        let mut steps = 0;
        while room.findings > 0 {
            let less = room.less(0.9);
            assert!(less != room && less.findings <= room.findings && less.stacks <= room.stacks);
            assert!(less.findings == room.findings || room.stacks <= FEWEST_STACKS);
            room = less;
            steps += 1;
        }
        assert!(steps < 20, "{steps} pages to render");
    }
}

//! What the template of a module audit is given.

use super::super::pieces::{Prose, prose};
use super::super::visible::{NAME, SENTENCE, bytes, grouped, visible};
use super::member::MemberView;
use super::words::{headline, milliseconds, state, verdict};
use crate::document::ModuleDocument;
use crate::document::module::ModuleVerdict;
use serde::Serialize;

/// The whole page, apart from what is told once of all members.
#[derive(Serialize)]
pub(super) struct Page {
    state: &'static str,
    headline: String,
    verdict: &'static str,
    name: String,
    sentence: Prose,
    figures: Vec<(&'static str, String, &'static str)>,
    members: Vec<MemberView>,
    members_left_out: usize,
    interpreter: String,
    tool: String,
}

impl Page {
    /// The page with at most `most` members.
    pub(super) fn of(doc: &ModuleDocument, most: usize) -> Self {
        let judged = &doc.judged;
        let python = &doc.interpreter;
        let python = format!("{} {} ({}) on {}", python.implementation, python.version, python.build, python.platform);
        let members = judged.members.iter().take(most).enumerate();
        Self {
            state: state(judged.verdict),
            headline: headline(doc),
            verdict: verdict(judged.verdict),
            name: visible(&judged.observed.name, NAME),
            sentence: prose(&judged.sentence, SENTENCE),
            figures: figures(doc),
            members: members.map(|(number, member)| MemberView::of(number, member, &judged.sentence)).collect(),
            members_left_out: judged.members.len().saturating_sub(most),
            interpreter: visible(&python, NAME),
            tool: visible(&format!("{} {}", doc.tool.name, doc.tool.version), NAME),
        }
    }
}

/// Class, number and label of what is to be seen at once.
fn figures(doc: &ModuleDocument) -> Vec<(&'static str, String, &'static str)> {
    let judged = &doc.judged;
    let mut figures = Vec::new();
    let all = judged.members.len() as u64;
    if all > 1 {
        let gone = judged.members.iter().filter(|one| one.verdict == ModuleVerdict::Unloads).count() as u64;
        figures.push(("verdict", format!("{} of {}", grouped(gone), grouped(all)), "modules unload"));
    }
    if let Some(rest) = &judged.observed.residue {
        figures.push(("plain", bytes(rest.bytes.saturating_add(rest.native_bytes)), "left behind after the drop"));
    }
    if let Some(reload) = judged.observed.reload.as_ref().filter(|reload| !reload.bytes.is_empty()) {
        let mean = reload.bytes.iter().fold(0u64, |sum, one| sum.saturating_add(*one)) / reload.bytes.len() as u64;
        figures.push(("plain", bytes(mean), "lost in each reload"));
    }
    if let Some(cost) = &judged.observed.cost {
        figures.push(("plain", milliseconds(cost.milliseconds), "to import"));
    }
    if figures.len() == 1 && all == 1 {
        let holders = judged.members[0].observed.holders.len() as u64;
        figures.push(("plain", grouped(holders), if holders == 1 { "holder" } else { "holders" }));
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn members_that_have_no_room_are_counted() {
        let page = Page::of(&sample::numpy(), 2);
        assert_eq!(page.members.len(), 2);
        assert_eq!(page.members_left_out, sample::numpy().judged.members.len() - 2);
    }
}

//! The trust block as the HTML template is given it.

use super::pieces::{Prose, prose};
use super::visible::{SENTENCE, grouped, visible};
use super::words::State;
use crate::document::Document;
use serde::Serialize;

/// Sentences of the trust block, of each kind.
const MOST_NOTES: usize = 100;

/// What the audit could and could not see.
#[derive(Serialize)]
pub(super) struct TrustBlock {
    valid: bool,
    canary: String,
    hooks: Vec<[String; 3]>,
    dropped: String,
    lists: Vec<Notes>,
}

#[derive(Serialize)]
struct Notes {
    title: &'static str,
    none: &'static str,
    sentences: Vec<Prose>,
    left_out: usize,
}

/// The trust block with lists of at most `most` sentences.
pub(super) fn trust_block(doc: &Document, most: usize) -> TrustBlock {
    let trust = &doc.trust;
    let most = most.min(MOST_NOTES);
    let notes = |title, none, sentences: &[String]| Notes {
        title,
        none,
        sentences: sentences.iter().take(most).map(|s| prose(s, SENTENCE)).collect(),
        left_out: sentences.len().saturating_sub(most),
    };
    let hooks = trust.hooks.iter().take(most);
    TrustBlock {
        valid: State::of(doc) != State::Invalid,
        canary: visible(&trust.canary, SENTENCE),
        hooks: hooks.map(|h| [visible(&h.name, 60), visible(&h.state, 60), visible(&h.detail, SENTENCE)]).collect(),
        dropped: grouped(trust.dropped),
        lists: vec![
            notes("What could not be seen", "Nothing is known to be out of sight.", &trust.unseen),
            notes("Who else was there", "Nobody else.", &trust.others),
            notes("Notes", "None.", &trust.notes),
        ],
    }
}

//! Reports for programs that run other programs: code scanning, test results, annotations, summaries.
//!
//! A document of any kind becomes a [`digest::Digest`], and each format is a function of that.

mod audit;
mod digest;
mod github;
mod gitlab;
mod junit;
mod markdown;
mod other;
mod place;
mod rules;
mod sarif;

pub(super) use audit::digest as audit_digest;
pub(super) use github::github;
pub(super) use gitlab::gitlab;
pub(super) use junit::junit;
pub(super) use markdown::markdown;
pub(super) use other::{module_digest, types_digest};
pub(super) use sarif::sarif;

use super::visible::{NAME, visible};

/// A path as text for people.
fn shown(path: &str) -> String {
    visible(path, NAME)
}

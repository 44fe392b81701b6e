//! One finding: a thing that is not given back.

use serde::{Deserialize, Serialize};

use super::cycle::Cycle;
use super::dominator::Retained;
use super::holding::Chain;
use super::known::Known;
use super::ledger::Ledger;
use super::reach::{Reach, Reached};
use super::trace::{Site, Trace};

/// How certain a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Given back once too often: a crash in waiting.
    OverReleased,
    /// Not given back, on exact evidence or in every run.
    Leak,
    /// Only a repetition could tell, and there was none or it was not conclusive.
    Maybe,
}

/// What keeps a thing alive, as far as could be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// `static`, `field` (hidden from the collector), `block`, `native` (may only borrow), `container`,
    /// `cycle` or `nothing`.
    pub kind: String,
    /// In words: `static in leaky.so+0x4010 (cache)`, `field at offset 16 of mod.T`.
    pub text: String,
}

/// What a leaked thing keeps alive besides itself, by type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Type name, or `block` for memory that is no Python object.
    pub type_name: String,
    /// How many of them.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A thing that is not given back, grouped by rule and type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Rule code, `RA101`; its page is `docs/reference/rules/<rule>.md`.
    pub rule: String,
    /// The rule's name, `leaked-reference`.
    pub rule_name: String,
    /// How certain it is.
    pub verdict: Verdict,
    /// `reference`, `type-reference`, `object`, `growth`, `block`, `native-block` or `over-release`.
    pub kind: String,
    /// Qualified type of the leaked object; empty for a plain block.
    pub type_name: String,
    /// What `repr` would roughly say, made without calling it.
    pub object_label: String,
    /// Address of one such object or block, as `0x…`.
    pub address: String,
    /// Test or call it belongs to: a [`crate::document::Test::id`].
    pub subject: String,
    /// References (or objects, or blocks) not given back, for each counted run.
    pub per_run: Vec<i64>,
    /// Sum of `per_run`.
    pub total: i64,
    /// First counted run in which it shows, from 1.
    pub since_run: u32,
    /// Bytes not given back over all runs, what it keeps alive included; 0 for references to an
    /// object that was there before.
    pub bytes: u64,
    /// The same for each counted run; empty where no memory is counted.
    #[serde(default)]
    pub bytes_per_run: Vec<u64>,
    /// The frame to blame; `None` when no extension in scope was on the stack, or none was recorded.
    #[serde(default)]
    pub site: Option<Site>,
    /// Distinct stacks of birth, the most costly first, at most [`Finding::MOST_TRACES`] of them.
    #[serde(default)]
    pub traces: Vec<Trace>,
    /// What keeps it alive.
    pub holder: Option<Holder>,
    /// Whether anything still reaches it, decided for all things of the site together; `None` in
    /// documents that do not tell.
    #[serde(default)]
    pub reach: Option<Reach>,
    /// The same for each of them, counted.
    #[serde(default)]
    pub reached: Reached,
    /// Who holds one of them (for an over-release, who still points to it): chains from roots, the most
    /// telling first.
    #[serde(default)]
    pub paths: Vec<Chain>,
    /// The reference cycle that it is in, when that is why it stays.
    #[serde(default)]
    pub cycle: Option<Box<Cycle>>,
    /// Which line took the reference; `None` when nobody asked, or nothing of it was watched.
    #[serde(default)]
    pub ledger: Option<Box<Ledger>>,
    /// What it keeps alive besides itself.
    pub keeps: Vec<Kept>,
    /// What would go with all of them.
    #[serde(default)]
    pub retained: Retained,
    /// What the baseline says of it; `None` without a baseline.
    #[serde(default)]
    pub known: Option<Known>,
    /// One sentence for a person.
    pub message: String,
    /// Stable across runs, builds and machines: hash of kind, type, subject and blamed function, and of a
    /// number for the second of its kind.
    pub fingerprint: String,
}

impl Finding {
    /// Stacks beyond this number are left out: the first ones have nearly all the bytes.
    pub const MOST_TRACES: usize = 8;
}

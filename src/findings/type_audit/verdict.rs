//! What is concluded of types.

use serde::{Deserialize, Serialize};

use super::observed::{Observed, ObservedType};

/// The answer of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckAnswer {
    /// The rule is kept, as far as was seen.
    Ok,
    /// It is broken.
    Defect,
    /// It is not followed, which does no harm yet.
    Advice,
    /// It does not apply to this type.
    NotApplicable,
    /// Could not be seen. Never to be shown as kept.
    NotSeen,
}

/// One rule of the protocol, asked of one type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Stable name: `collector`, `traversal`, `fields`, `borrowed`, `type-visit`, `clear`, `fields-given-back`,
    /// `type-reference`, `free-list`, `tracked`.
    pub name: String,
    /// Kept or not.
    pub answer: CheckAnswer,
    /// Why, in a sentence.
    pub detail: String,
}

/// The verdict on one type, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TypeVerdict {
    /// At least one rule is broken.
    Defect,
    /// No instance was seen.
    NotSeen,
    /// Nothing is wrong in what was seen, and something was not seen.
    PartlySeen,
    /// Every rule that applies is kept.
    Ok,
}

/// A type with what was concluded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protocol {
    /// What was seen.
    pub observed: ObservedType,
    /// The verdict.
    pub verdict: TypeVerdict,
    /// In plain words.
    pub sentence: String,
    /// Rule by rule.
    pub checks: Vec<Check>,
}

/// The verdict on a module or package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TypesVerdict {
    /// At least one type has a defect.
    Defects,
    /// No type has, and at least one was seen.
    Clean,
    /// Its libraries define no type.
    NoTypes,
    /// It could not be imported, no instance of any type was seen, or the audit came to no end.
    NotAudited,
}

/// A whole audit with what was concluded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedTypes {
    /// What was seen of the whole; its `types` are empty, they are in [`Self::types`].
    pub observed: Observed,
    /// The verdict.
    pub verdict: TypesVerdict,
    /// In plain words.
    pub sentence: String,
    /// The types, those with defects first.
    pub types: Vec<Protocol>,
}

impl Check {
    pub(super) fn new(name: &str, answer: CheckAnswer, detail: impl Into<String>) -> Self {
        Self { name: name.into(), answer, detail: detail.into() }
    }
}

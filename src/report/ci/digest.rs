//! What a document says to other programs: findings with a level and a place, and cases that pass or fail.
//!
//! Every text in it is fit to be read ([`super::super::visible`]): it holds no line break and nothing invisible.

use super::place::Place;
use super::rules::Rule;
use crate::document::{Interpreter, State, Tool};

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::report) enum Level {
    /// A use of freed memory in waiting.
    Crash,
    /// It fails the audit.
    Error,
    /// Only a repetition can tell, or it does no harm yet.
    Warning,
    /// Known and accepted.
    Note,
    /// Recorded by an audit that has no verdict.
    Open,
}

/// One step of a flow: what happens there.
pub(in crate::report) struct Step {
    pub(in crate::report) text: String,
    pub(in crate::report) place: Option<Place>,
    /// The one to look at.
    pub(in crate::report) essential: bool,
}

/// Steps in order: a path from its root, or the history of an object.
pub(in crate::report) struct Flow {
    pub(in crate::report) title: String,
    pub(in crate::report) steps: Vec<Step>,
}

/// A call in a stack.
pub(in crate::report) struct Call {
    pub(in crate::report) name: String,
    /// Library, as far as it is one.
    pub(in crate::report) module: String,
    pub(in crate::report) place: Option<Place>,
}

/// A stack, innermost call first.
pub(in crate::report) struct Stack {
    pub(in crate::report) title: String,
    pub(in crate::report) calls: Vec<Call>,
}

/// One finding.
pub(in crate::report) struct Item {
    pub(in crate::report) rule: String,
    pub(in crate::report) rule_name: String,
    pub(in crate::report) level: Level,
    /// In a sentence.
    pub(in crate::report) message: String,
    /// Test, call, module or type that it belongs to.
    pub(in crate::report) subject: String,
    /// Where to show it; `None` when no file is to blame.
    pub(in crate::report) place: Option<Place>,
    /// Other places that have to do with it, with what they are.
    pub(in crate::report) related: Vec<(String, Place)>,
    /// What else there is to say, with labels.
    pub(in crate::report) details: Vec<(&'static str, String)>,
    pub(in crate::report) flows: Vec<Flow>,
    pub(in crate::report) stacks: Vec<Stack>,
    pub(in crate::report) fingerprint: String,
    /// Compared with the baseline, and the day on which it was taken in.
    pub(in crate::report) known: Option<(State, String)>,
}

impl Item {
    /// Whether it fails the test that it belongs to.
    pub(in crate::report) fn fails(&self) -> bool {
        matches!(self.level, Level::Crash | Level::Error)
    }
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::report) enum Ending {
    Passed,
    Failed,
    /// Nothing can be said of it, and why.
    NoVerdict(String),
}

/// What was audited: a test, a module, a type.
pub(in crate::report) struct Case {
    pub(in crate::report) id: String,
    pub(in crate::report) ending: Ending,
    /// Numbers of its findings.
    pub(in crate::report) items: Vec<usize>,
}

/// A whole document.
pub(in crate::report) struct Digest<'a> {
    /// The verdict in a sentence.
    pub(in crate::report) headline: String,
    /// How far it goes.
    pub(in crate::report) trust: String,
    /// Why there is no verdict; `None` for an audit that can be trusted.
    pub(in crate::report) invalid: Option<String>,
    pub(in crate::report) rules: Vec<Rule>,
    /// The gravest first.
    pub(in crate::report) items: Vec<Item>,
    pub(in crate::report) cases: Vec<Case>,
    /// What was not seen, and what else is to know.
    pub(in crate::report) notes: Vec<String>,
    /// What calls for a change of the settings: a suppression that is over or not needed.
    pub(in crate::report) settings: Vec<String>,
    pub(in crate::report) subject: String,
    pub(in crate::report) tool: &'a Tool,
    pub(in crate::report) interpreter: &'a Interpreter,
}

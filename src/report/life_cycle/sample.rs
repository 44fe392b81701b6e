//! Documents for the tests of this room, judged from the committed observations.

use crate::document::{Interpreter, ModuleDocument, Tool};

fn judged(observed: &str) -> ModuleDocument {
    let tool = Tool { name: "refaudit".into(), version: "0.1.0".into() };
    let interpreter = Interpreter {
        implementation: "CPython".into(),
        version: "3.13.0".into(),
        platform: "linux-x86_64".into(),
        build: "release".into(),
    };
    let observed = serde_json::from_str(observed).expect("the committed sample is an observation");
    ModuleDocument::of(observed, tool, interpreter)
}

/// One module with `m_size` -1, kept by CPython's caches.
pub(super) fn regex() -> ModuleDocument {
    judged(include_str!("../../../tests/report/modules/regex.observed.json"))
}

/// A package of several modules, of which some refuse to be imported again.
pub(super) fn numpy() -> ModuleDocument {
    judged(include_str!("../../../tests/report/modules/numpy.observed.json"))
}

/// A module whose import ends the child process.
pub(super) fn died() -> ModuleDocument {
    judged(include_str!("../../../tests/report/modules/died.observed.json"))
}

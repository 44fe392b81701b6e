//! The trust block: what was hooked, what could not be seen, and who else was there.

use crate::document::{Hook, Trust};
use crate::event::Domain;
use crate::sys::{self, HookState};

/// What happened to the hooks while a process was audited.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Result of the canary; `None` before it was let out.
    pub(crate) canary: Option<Result<(), String>>,
    /// Domains whose hook was lost, with words on how.
    lost: Vec<(Domain, String)>,
    others: Vec<String>,
    notes: Vec<String>,
}

impl Watch {
    /// Looks at every hook; one that was lost is put back, and the interval stays marked.
    pub(crate) fn check(&mut self, tracemalloc_is_tracing: bool) {
        for domain in Domain::ALL {
            if sys::state(domain) == HookState::Lost {
                let who = "tracemalloc.stop(), or another tool that restored an allocator it had saved";
                self.lost.push((domain, who.into()));
                sys::reinstall(domain);
            }
        }
        if tracemalloc_is_tracing {
            self.other("tracemalloc is tracing: it takes the reference tracer and slows everything down");
        }
        self.tracer();
    }

    #[cfg(Py_3_13)]
    fn tracer(&mut self) {
        if sys::tracer_is_foreign() {
            self.other("the reference tracer belongs to somebody else: births from free lists keep their old run");
        }
    }

    #[cfg(not(Py_3_13))]
    fn tracer(&self) {}

    /// Begins anew, with the canary's word kept.
    pub(crate) fn forget(&mut self) {
        *self = Self { canary: self.canary.take(), ..Self::default() };
    }

    /// Notes that somebody else is there, once.
    pub(crate) fn other(&mut self, text: &str) {
        if !self.others.iter().any(|known| known == text) {
            self.others.push(text.into());
        }
    }

    /// Adds a note, once.
    pub(crate) fn note(&mut self, text: &str) {
        if !self.notes.iter().any(|known| known == text) {
            self.notes.push(text.into());
        }
    }
}

/// The trust block as of now.
pub(crate) fn trust(watch: &Watch) -> Trust {
    let canary = match &watch.canary {
        None => Err("the canary was not let out".to_owned()),
        Some(result) => result.clone(),
    };
    let reason = match (&canary, watch.lost.first()) {
        (Err(reason), _) => format!("the canary failed: {reason}"),
        (Ok(()), Some((domain, who))) => {
            format!("the hook on the {} domain was lost to {who}; survivors of that time were not seen", domain.name())
        }
        (Ok(()), None) => String::new(),
    };
    Trust {
        valid: reason.is_empty(),
        reason,
        canary: canary.map_or_else(|error| error, |()| "found".into()),
        hooks: Domain::ALL.into_iter().map(|domain| hook(domain, watch)).chain([tracer_hook()]).collect(),
        dropped: sys::dropped(),
        unseen: unseen(),
        others: watch.others.clone(),
        notes: watch.notes.clone(),
    }
}

fn hook(domain: Domain, watch: &Watch) -> Hook {
    let lost = watch.lost.iter().find(|(lost, _)| *lost == domain);
    let (state, detail) = match (lost, sys::state(domain)) {
        (Some((_, who)), _) => ("lost", who.clone()),
        (None, HookState::Lost) => ("lost", String::new()),
        (None, HookState::Wrapped) => ("wrapped", "another tool hooked after us and calls us".into()),
        (None, HookState::Active) => ("active", String::new()),
    };
    Hook { name: domain.name().into(), state: state.into(), detail }
}

#[cfg(Py_3_13)]
fn tracer_hook() -> Hook {
    let (state, detail) = if sys::tracer_is_active() {
        ("active", "")
    } else {
        ("absent", "not needed: free lists are empty at the start of each measured run")
    };
    Hook { name: "reference-tracer".into(), state: state.into(), detail: detail.into() }
}

#[cfg(not(Py_3_13))]
fn tracer_hook() -> Hook {
    let detail = "this Python has none (3.13 and newer do)".into();
    Hook { name: "reference-tracer".into(), state: "absent".into(), detail }
}

fn unseen() -> Vec<String> {
    [
        "memory that an extension takes from malloc, new or its own allocator",
        "references held in such memory: a cache there looks like nothing holds it until it is repeated",
        "which line took a reference (not recorded in this version)",
        "objects born before the hooks were installed, unless the collector tracks them or something it tracks refers to them",
    ]
    .map(String::from)
    .to_vec()
}

//! The trust block: what was hooked, what could not be seen, and who else was there.

use super::budget::{Shortage, forget_shortage, shortage};
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
    /// Events dropped before this audit.
    dropped_before: u64,
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
        forget_shortage();
        *self = Self { canary: self.canary.take(), dropped_before: dropped(), ..Self::default() };
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

/// The trust block as of now. `found` says whether there are findings: without any, things that survived and
/// could not be judged must not pass for clean.
pub(crate) fn trust(watch: &Watch, found: bool) -> Trust {
    let canary = match &watch.canary {
        None => Err("the canary was not let out".to_owned()),
        Some(result) => result.clone(),
    };
    let dropped = dropped().saturating_sub(watch.dropped_before);
    let shortage = shortage();
    let reason = match (&canary, watch.lost.first()) {
        _ if sys::native::forked() => "this process was forked from an audited one, in which recording stopped; \
            audit in a process of its own"
            .to_owned(),
        (Err(reason), _) => format!("the canary failed: {reason}"),
        (Ok(()), Some((domain, who))) => {
            format!("the hook on the {} domain was lost to {who}; survivors of that time were not seen", domain.name())
        }
        (Ok(()), None) if dropped > 0 => "blocks or their stacks could not be recorded for want of room".into(),
        (Ok(()), None) => match &shortage {
            Shortage::Snapshot(reason) => reason.clone(),
            Shortage::Holders(what) if !found => format!("something survived, and it could not be seen {what}"),
            _ => String::new(),
        },
    };
    let left_out = match shortage {
        Shortage::Holders(what) => Some(what),
        _ => None,
    };
    Trust {
        valid: reason.is_empty(),
        reason,
        canary: canary.map_or_else(|error| error, |()| "found".into()),
        hooks: Domain::ALL
            .into_iter()
            .map(|domain| hook(domain, watch))
            .chain([tracer_hook(), native_hook(), stacks_hook()])
            .collect(),
        dropped,
        unseen: unseen().into_iter().chain(left_out).collect(),
        others: watch.others.clone(),
        notes: watch.notes.clone(),
    }
}

/// Blocks and stacks that could not be recorded since the process began.
fn dropped() -> u64 {
    sys::dropped() + sys::dropped_stacks()
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
    let (state, detail) =
        if sys::tracer_is_active() { ("active", "") } else { ("absent", "on during measured runs only") };
    Hook { name: "reference-tracer".into(), state: state.into(), detail: detail.into() }
}

#[cfg(not(Py_3_13))]
fn tracer_hook() -> Hook {
    let detail = "this Python has none (3.13 and newer do)".into();
    Hook { name: "reference-tracer".into(), state: "absent".into(), detail }
}

/// The import tables of extensions.
fn native_hook() -> Hook {
    let (state, detail) = match sys::native::watched() {
        0 => ("absent", "no extension in scope is loaded".to_owned()),
        count => ("active", format!("in {count} {}", if count == 1 { "library" } else { "libraries" })),
    };
    Hook { name: "import-tables".into(), state: state.into(), detail }
}

fn stacks_hook() -> Hook {
    let reason = sys::why_no_native();
    let state = if reason.is_empty() { "active" } else { "absent" };
    let detail = if reason.is_empty() { reason } else { format!("{reason}; stacks are of Python frames only") };
    Hook { name: "native-stacks".into(), state: state.into(), detail }
}

fn unseen() -> Vec<String> {
    let always = [
        "memory that an extension takes by other ways than its import table: its own allocator, pointers from dlsym, \
         what the C library allocates for it (getline, asprintf)",
        "what the constructors of a module allocate while it is being loaded",
        "which line took a reference, where nobody asks (explain)",
        "objects born before the hooks were installed, unless the collector tracks them or something it tracks refers to them",
    ];
    always.map(String::from).into_iter().chain(sys::native::notes()).collect()
}
